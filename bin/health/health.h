/* What health has found, and how it is printed. */
#ifndef HEALTH_H
#define HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arg.h"
#include "base/buf.h"
#include "base/mem.h"
#include "store/jobs.h"
#include "store/pulse.h"
#include "store/space.h"

struct health_limits {
	int64_t spool_age_ms; /* of the oldest unfed segment */
	int64_t silent_percent; /* of a tenant's devices */
	int64_t job_failures; /* in a row */
	int64_t disk_percent; /* that has to be free */
};

struct health_tenant {
	const char *slug;
	bool open; /* pulse and space are known */
	struct pulse pulse;
	struct space space;
};

struct health_file {
	const char *name; /* tenant, or core, access */
	int64_t bytes; /* with its -wal */
};

struct health {
	const char *root;
	int64_t now_ms;
	struct health_limits limits;
	struct arena arena;
	/* the spool; oldest and mark: -1 for none */
	bool spool;
	int64_t oldest_ms, mark_ms;
	int64_t fresh_bytes, fed_bytes, waiting, refused;
	struct health_tenant *tenant;
	size_t tenants;
	struct sql *core; /* core.db, NULL for none; closed by collect */
	struct job_state *job;
	size_t jobs;
	struct health_file *file;
	size_t files;
	int64_t disk_bytes, disk_free_bytes;
	double disk_free_percent, inode_free_percent;
	const char **problem;
	size_t problems;
};

/* collect.c: what is wrong goes to `problem`. Open core.db, before rights are
 * given up: SQLite may have to make its index of the log beside it. */
void health_open(struct health *health);
void health_collect(struct health *health);
void health_problem(struct health *health, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* print.c */
void health_prometheus(const struct health *health, struct buf *out);
void health_json(const struct health *health, struct buf *out);

#endif
