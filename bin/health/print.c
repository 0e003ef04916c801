/* The same findings as Prometheus text (format 0.0.4) and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "health.h"
#include "json/json.h"

/* ---- Prometheus ------------------------------------------------------- */

static void
head(struct buf *out, const char *name, const char *help)
{
	buf_print(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
plain(struct buf *out, const char *name, const char *help, double value)
{
	head(out, name, help);
	buf_print(out, "%s %.15g\n", name, value);
}

/* Label values: tenants' slugs and names of jobs need no escapes. */
static void
labelled(struct buf *out, const char *name, const char *label,
    const char *label_value, double value)
{
	buf_print(
	    out, "%s{%s=\"%s\"} %.15g\n", name, label, label_value, value);
}

static double
seconds(int64_t ms)
{
	return ms < 0 ? -1 : (double)ms / 1000;
}

static void
print_spool(const struct health *health, struct buf *out)
{
	if (!health->spool)
		return;
	plain(out, "tbms_spool_oldest_seconds",
	    "Age of the oldest segment that is not fed, -1 for none.",
	    seconds(health->oldest_ms));
	plain(out, "tbms_spool_mark_age_seconds",
	    "Time since the last mark came back, -1 for never.",
	    seconds(health->mark_ms));
	head(out, "tbms_spool_bytes", "Size of the segments.");
	labelled(out, "tbms_spool_bytes", "part", "new",
	    (double)health->fresh_bytes);
	labelled(
	    out, "tbms_spool_bytes", "part", "fed", (double)health->fed_bytes);
	plain(out, "tbms_spool_tenants_waiting",
	    "Tenants that cannot be written.", (double)health->waiting);
	plain(out, "tbms_spool_refused", "Lines that killed a stage.",
	    (double)health->refused);
}

/* One family of a value per tenant. */
static void
per_tenant(const struct health *health, struct buf *out, const char *name,
    const char *help, double (*value)(const struct pulse *pulse))
{
	size_t i;

	head(out, name, help);
	for (i = 0; i < health->tenants; i++)
		if (health->tenant[i].open)
			labelled(out, name, "tenant", health->tenant[i].slug,
			    value(&health->tenant[i].pulse));
}

static double
devices(const struct pulse *pulse)
{
	return (double)pulse->devices;
}

static double
silent(const struct pulse *pulse)
{
	return (double)pulse->silent;
}

static double
never(const struct pulse *pulse)
{
	return (double)pulse->never;
}

static double
last_data(const struct pulse *pulse)
{
	return seconds(pulse->last_data_ms);
}

static void
print_tenants(const struct health *health, struct buf *out)
{
	size_t i;

	head(out, "tbms_tenant_up", "1 where the database can be read.");
	for (i = 0; i < health->tenants; i++)
		labelled(out, "tbms_tenant_up", "tenant",
		    health->tenant[i].slug, health->tenant[i].open);
	per_tenant(health, out, "tbms_devices", "Active devices.", devices);
	per_tenant(health, out, "tbms_devices_silent",
	    "Devices without an answer for too long, or ever.", silent);
	per_tenant(health, out, "tbms_devices_never",
	    "Devices that never answered.", never);
	per_tenant(health, out, "tbms_last_data_timestamp_seconds",
	    "Time of the newest reading, 0 for none.", last_data);
	head(out, "tbms_tenant_storage_bytes", "Used of a database's file.");
	for (i = 0; i < health->tenants; i++)
		if (health->tenant[i].open)
			labelled(out, "tbms_tenant_storage_bytes", "tenant",
			    health->tenant[i].slug,
			    (double)health->tenant[i].space.used);
	head(out, "tbms_tenant_storage_limit_bytes",
	    "What it may use (max_storage_gb), 0 for any.");
	for (i = 0; i < health->tenants; i++)
		if (health->tenant[i].open)
			labelled(out, "tbms_tenant_storage_limit_bytes",
			    "tenant", health->tenant[i].slug,
			    (double)health->tenant[i].space.limit);
}

static void
print_jobs(const struct health *health, struct buf *out)
{
	const struct job_state *job = health->job;
	size_t i;

	head(out, "tbms_job_failures", "Runs that failed in a row.");
	for (i = 0; i < health->jobs; i++)
		labelled(out, "tbms_job_failures", "job", job[i].job,
		    job[i].failures);
	head(out, "tbms_job_end_timestamp_seconds",
	    "When the last run ended, 0 for never.");
	for (i = 0; i < health->jobs; i++)
		labelled(out, "tbms_job_end_timestamp_seconds", "job",
		    job[i].job, seconds(job[i].ended_ms));
	head(out, "tbms_job_duration_seconds", "How long the last run took.");
	for (i = 0; i < health->jobs; i++)
		labelled(out, "tbms_job_duration_seconds", "job", job[i].job,
		    seconds(job[i].duration_ms));
}

void
health_prometheus(const struct health *health, struct buf *out)
{
	size_t i;

	plain(out, "tbms_healthy", "1 where nothing is wrong.",
	    health->problems == 0);
	print_spool(health, out);
	print_tenants(health, out);
	print_jobs(health, out);
	head(out, "tbms_database_bytes", "Size of a database with its log.");
	for (i = 0; i < health->files; i++)
		labelled(out, "tbms_database_bytes", "database",
		    health->file[i].name, (double)health->file[i].bytes);
	plain(out, "tbms_disk_free_bytes", "Free on the disk of the root.",
	    (double)health->disk_free_bytes);
	plain(out, "tbms_disk_free_ratio", "Free part of that disk.",
	    health->disk_free_percent / 100);
	plain(out, "tbms_disk_inodes_free_ratio", "Free part of its inodes.",
	    health->inode_free_percent / 100);
}

/* ---- JSON ------------------------------------------------------------- */

static void
put_text(struct buf *out, const char *name, const char *text)
{
	json_put_name(out, name);
	json_put_text(out, text, strlen(text));
}

static void
put_number(struct buf *out, const char *name, int64_t number)
{
	json_put_name(out, name);
	buf_integer(out, number);
}

/* A time or an age that may be unknown is absent. */
static void
put_time(struct buf *out, const char *name, int64_t time_ms)
{
	if (time_ms <= 0)
		return;
	json_put_name(out, name);
	buf_char(out, '"');
	buf_time(out, time_ms);
	buf_char(out, '"');
}

static void
put_age(struct buf *out, const char *name, int64_t age_ms)
{
	if (age_ms < 0)
		return;
	json_put_name(out, name);
	buf_scaled(out, age_ms, 3);
}

static void
json_spool(const struct health *health, struct buf *out)
{
	if (!health->spool)
		return;
	json_put_name(out, "spool");
	buf_char(out, '{');
	put_age(out, "oldest_seconds", health->oldest_ms);
	put_age(out, "mark_age_seconds", health->mark_ms);
	put_number(out, "new_bytes", health->fresh_bytes);
	put_number(out, "fed_bytes", health->fed_bytes);
	put_number(out, "tenants_waiting", health->waiting);
	put_number(out, "refused", health->refused);
	buf_char(out, '}');
}

static void
json_tenant(const struct health_tenant *tenant, struct buf *out)
{
	buf_char(out, '{');
	put_text(out, "tenant", tenant->slug);
	if (tenant->open) {
		put_number(out, "devices", tenant->pulse.devices);
		put_number(out, "silent", tenant->pulse.silent);
		put_number(out, "never", tenant->pulse.never);
		put_time(out, "last_data", tenant->pulse.last_data_ms);
	}
	buf_char(out, '}');
}

static void
json_job(const struct job_state *job, struct buf *out)
{
	buf_char(out, '{');
	put_text(out, "job", job->job);
	put_number(out, "failures", job->failures);
	if (job->ended_ms > 0) {
		put_text(out, "outcome", job_outcome_word(job->outcome));
		put_time(out, "ended", job->ended_ms);
		put_age(out, "duration_seconds", job->duration_ms);
	}
	put_time(out, "running_since", job->running_ms);
	buf_char(out, '}');
}

static void
json_lists(const struct health *health, struct buf *out)
{
	size_t i;

	json_put_name(out, "tenants");
	buf_char(out, '[');
	for (i = 0; i < health->tenants; i++) {
		buf_text(out, i > 0 ? "," : "");
		json_tenant(&health->tenant[i], out);
	}
	buf_char(out, ']');
	json_put_name(out, "jobs");
	buf_char(out, '[');
	for (i = 0; i < health->jobs; i++) {
		buf_text(out, i > 0 ? "," : "");
		json_job(&health->job[i], out);
	}
	buf_char(out, ']');
	json_put_name(out, "databases");
	buf_char(out, '{');
	for (i = 0; i < health->files; i++)
		put_number(out, health->file[i].name, health->file[i].bytes);
	buf_char(out, '}');
}

void
health_json(const struct health *health, struct buf *out)
{
	size_t i;

	buf_char(out, '{');
	json_put_name(out, "healthy");
	buf_text(out, health->problems == 0 ? "true" : "false");
	put_time(out, "time", health->now_ms);
	json_put_name(out, "problems");
	buf_char(out, '[');
	for (i = 0; i < health->problems; i++) {
		buf_text(out, i > 0 ? "," : "");
		json_put_text(
		    out, health->problem[i], strlen(health->problem[i]));
	}
	buf_char(out, ']');
	json_spool(health, out);
	json_lists(health, out);
	json_put_name(out, "disk");
	buf_char(out, '{');
	put_number(out, "bytes", health->disk_bytes);
	put_number(out, "free_bytes", health->disk_free_bytes);
	buf_text(out, "}}\n");
}
