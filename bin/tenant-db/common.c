/* Opening, boxing and reading lines, for all subcommands. */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/box.h"
#include "store/status.h"
#include "tenant-db.h"

void
place_open(
    struct place *place, const char *root, const char *slug, enum sql_mode mode)
{
	struct failure why;

	*place = (struct place){ root, NULL, NULL };
	if (slug == NULL) {
		place->sql = core_open(root, mode, &why);
	} else {
		place->tenant = tenant_open(root, slug, mode, &why);
		if (place->tenant != NULL)
			place->sql = tenant_sql(place->tenant);
	}
	if (place->sql == NULL)
		die_failure(&why);
	if (place->tenant != NULL && mode != SQL_READ &&
	    status_look(place->tenant, STATUS_CHANGE, &why) != 1) {
		why.status =
		    why.status == EXIT_REFUSED ? EXIT_WRONG : why.status;
		die_failure(&why);
	}
}

void
place_close(struct place *place)
{
	if (place->tenant != NULL)
		tenant_close(place->tenant);
	else
		sql_close(place->sql);
}

void
box_paths(const struct box_path *paths, size_t count)
{
	struct arena arena = { 0 };
	struct box_path *all = arena_alloc(&arena, (count + 2) * sizeof(*all));
	struct failure why;

	for (size_t i = 0; i < count; i++)
		all[i] = paths[i];
	all[count] = (struct box_path){ "/usr/share/zoneinfo", BOX_READ };
	all[count + 1] = (struct box_path){ "/dev/urandom", BOX_READ };
	if (box_enter(all, count + 2, BOX_NET_NONE, false, NULL, 0, &why) == -1)
		die_failure(&why);
	arena_free(&arena);
}

void
box_tenants(const char *root, const char *const *slugs, size_t count, bool core)
{
	box_tenants_and(root, slugs, count, core, NULL, 0);
}

void
box_tenants_and(const char *root, const char *const *slugs, size_t count,
    bool core, const struct box_path *more, size_t more_count)
{
	struct arena arena = { 0 };
	struct box_path *paths =
	    arena_alloc(&arena, (count + more_count + 7) * sizeof(*paths));
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		paths[n++] = (struct box_path){
			arena_print(&arena, "%s/tenants/%s", root, slugs[i]),
			BOX_WRITE
		};
	if (core) {
		static const char *const files[] = { "core.db", "core.db-wal",
			"core.db-shm", "access.db", "access.db-wal",
			"access.db-shm" };

		for (size_t i = 0; i < 6; i++)
			paths[n++] = (struct box_path){
				arena_print(&arena, "%s/%s", root, files[i]),
				BOX_WRITE
			};
	}
	for (size_t i = 0; i < more_count; i++)
		paths[n++] = more[i];
	box_paths(paths, n);
	arena_free(&arena);
}

void
box_root(const char *root, const char *share)
{
	const struct box_path paths[] = { { root, BOX_WRITE },
		{ share, BOX_READ } };
	struct failure why;

	if (io_mkdirs(root, 0711, &why) == -1)
		die_failure(&why);
	box_paths(paths, sizeof(paths) / sizeof(*paths));
}

void
tenants_resolve(
    struct arg_tenants *tenants, const char *root, struct arena *arena)
{
	struct failure why;
	char **slugs;
	size_t count;

	arg_tenants_check(tenants);
	if (!tenants->all)
		return;
	if (tenant_list(root, arena, &slugs, &count, &why) == -1)
		die_failure(&why);
	for (size_t i = 0; i < count; i++)
		arg_tenant_add(tenants, slugs[i]);
}

void
common_option(struct common *common, int option, const char *synopsis)
{
	switch (option) {
	case 'a':
		common->tenants.all = true;
		break;
	case 'r':
		common->root = optarg;
		break;
	case 't':
		arg_tenant_add(&common->tenants, optarg);
		break;
	case 'v':
		common->verbose = true;
		break;
	case 'V':
		arg_version();
	default:
		arg_usage(synopsis, option == 'h');
	}
}

void
one_option(
    const char **root, const char **slug, int option, const char *synopsis)
{
	switch (option) {
	case 'r':
		*root = optarg;
		break;
	case 't':
		*slug = optarg;
		break;
	case 'V':
		arg_version();
	default:
		arg_usage(synopsis, option == 'h');
	}
}

void
common_end(struct common *common, int argc, const char *synopsis)
{
	if (argc > optind)
		arg_usage(synopsis, false);
	common->root = arg_root(common->root);
}

/* ---- lines ------------------------------------------------------------ */

void
lines_open(struct lines *lines, char **files)
{
	size_t count = 0;

	while (files[count] != NULL)
		count++;
	*lines = (struct lines){ .file = files };
	lines->fd = mem_alloc((count + 1) * sizeof(*lines->fd));
	for (size_t i = 0; i < count; i++) {
		lines->fd[i] = strcmp(files[i], "-") == 0
		    ? STDIN_FILENO
		    : open(files[i], O_RDONLY | O_CLOEXEC);
		if (lines->fd[i] < 0)
			die(EXIT_WRONG, "%s:", files[i]);
	}
	lines->count = count;
	if (count > 0)
		return;
	lines->fd[0] = STDIN_FILENO;
	lines->count = 1;
}

static void
open_next(struct lines *lines)
{
	int fd = lines->fd[lines->next];

	io_reader_open(&lines->reader, fd,
	    fd == STDIN_FILENO ? "stdin" : lines->file[lines->next]);
	lines->next++;
	lines->open = true;
}

static void
close_this(struct lines *lines)
{
	if (lines->reader.fd != STDIN_FILENO)
		close(lines->reader.fd);
	io_reader_close(&lines->reader);
	lines->open = false;
}

enum io_result
lines_next(struct lines *lines, char **line, size_t *size)
{
	for (;;) {
		enum io_result result;

		if (!lines->open && lines->next == lines->count)
			return IO_END;
		if (!lines->open)
			open_next(lines);
		result = io_reader_next(&lines->reader, line, size);
		if (result != IO_END)
			return result;
		close_this(lines);
	}
}

void
lines_close(struct lines *lines)
{
	if (lines->open)
		close_this(lines);
	free(lines->fd);
}

void
line_out(struct buf *line)
{
	if (io_write_all(STDOUT_FILENO, line->data, line->size) == -1)
		die_output();
	buf_free(line);
}

void
reject_open(struct refusals *refusals, const char *path)
{
	if (refusals_open(refusals, path) == -1)
		die(EXIT_AGAIN, "%s:", path);
}
