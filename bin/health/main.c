/*
 * health: the state of the machine and the pipeline, as Prometheus text or
 * JSON on standard output and the reasons on standard error. It reads the
 * spool's directory, the databases and the size of the disk, and changes
 * nothing.
 */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "health.h"

static const char synopsis[] =
    "usage: health [-hV] [-d percent] [-f format] [-j count] [-R dir]\n"
    "              [-s percent] [-w duration]\n";

static bool
parse_format(const char *text)
{
	if (strcmp(text, "json") != 0 && strcmp(text, "prometheus") != 0)
		die(EXIT_WRONG,
		    "--format: \"%s\" is neither prometheus nor "
		    "json",
		    text);
	return strcmp(text, "json") == 0;
}

static void
options(struct health *health, bool *json, int argc, char **argv)
{
	static const struct option names[] = { { "disk-free", required_argument,
						   NULL, 'd' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "job-failures", required_argument, NULL, 'j' },
		{ "root", required_argument, NULL, 'R' },
		{ "silent", required_argument, NULL, 's' },
		{ "spool-age", required_argument, NULL, 'w' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	struct health_limits *limits = &health->limits;
	int option;

	while ((option = getopt_long(
		    argc, argv, "d:f:hj:R:s:w:V", names, NULL)) != -1)
		switch (option) {
		case 'd':
			limits->disk_percent =
			    arg_integer("--disk-free", optarg, 0, 100);
			break;
		case 'f':
			*json = parse_format(optarg);
			break;
		case 'j':
			limits->job_failures =
			    arg_integer("--job-failures", optarg, 1, 100);
			break;
		case 'R':
			health->root = optarg;
			break;
		case 's':
			limits->silent_percent =
			    arg_integer("--silent", optarg, 0, 100);
			break;
		case 'w':
			limits->spool_age_ms = arg_duration_ms(
			    "--spool-age", optarg, 0, INT64_C(8640000000));
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, option == 'h');
		}
	if (optind != argc)
		arg_usage(synopsis, false);
	health->root = arg_root(health->root);
}

/* Reading a database takes writing beside it: its index of the log. A size
 * (access.db) takes no right. */
static void
enter_box(struct health *health)
{
	static const char *const names[] = { "tenants", "core.db",
		"core.db-wal", "core.db-shm" };
	struct box_path paths[5];
	struct failure why;
	size_t i;

	for (i = 0; i < 4; i++)
		paths[i] =
		    (struct box_path){ arena_print(&health->arena, "%s/%s",
					   health->root, names[i]),
			    BOX_WRITE };
	paths[4] = (struct box_path){
		arena_print(&health->arena, "%s/spool", health->root), BOX_READ
	};
	if (box_enter(paths, 5, BOX_NET_NONE, false, NULL, 0, &why) != 0)
		die_failure(&why);
}

static void
release(struct health *health)
{
	mem_free(health->tenant);
	mem_free(health->file);
	mem_free(health->problem);
	arena_free(&health->arena);
}

int
main(int argc, char **argv)
{
	struct health health = { .limits = { .spool_age_ms = 300000,
				     .silent_percent = 10,
				     .job_failures = 3,
				     .disk_percent = 5 } };
	struct io_writer out;
	bool json = false;
	size_t i, problems;

	err_name_set("health");
	options(&health, &json, argc, argv);
	if (access(health.root, R_OK | X_OK) != 0)
		die(EXIT_WRONG, "%s:", health.root);
	health.now_ms = clock_now_ms();
	health_open(&health);
	enter_box(&health);
	health_collect(&health);
	io_writer_open(&out, STDOUT_FILENO, "standard output");
	if (json)
		health_json(&health, &out.buf);
	else
		health_prometheus(&health, &out.buf);
	if (io_writer_close(&out) != 0)
		die(EXIT_AGAIN, "standard output:");
	problems = health.problems;
	for (i = 0; i < problems; i++)
		warn("%s", health.problem[i]);
	release(&health);
	return problems > 0 ? EXIT_REFUSED : EXIT_OK;
}
