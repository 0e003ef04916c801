/*
 * spool replay: the raw lines of one tenant out of the archive, and what is
 * not archived yet, to standard output, as a new generation: what comes of
 * them wins over what is stored. Closing marks name the hours of which all
 * is known. It touches that spool and nothing else.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/frame.h"
#include "record/line.h"
#include "record/reading.h"
#include "spool/archive.h"
#include "spool/keys.h"
#include "spool_main.h"

#define OPENING_MS 1000

static const char synopsis[] =
    "usage: spool replay [-hV] -t tenant [-d device] [-f time] [-g gen]\n"
    "                    [-m file] [-p profile] [-r dir] [-u time] dir\n";

struct replay {
	struct spool_range range;
	const char *device, *profile; /* NULL: any */
	const char *master, *root;
	int64_t gen;
	struct io_writer out;
	struct arena arena; /* of a line */
	struct arena names; /* of paths */
	struct buf line; /* parsing changes it */
	int64_t from_ms, to_ms; /* hours that are whole, adjacent */
	struct buf closing; /* marks for all before them */
	bool refused;
};

static void
refuse(struct replay *replay, const struct spool_key *key,
    const struct failure *why)
{
	warn("archive: device %s: %s", key->device, why->message);
	replay->refused = true;
}

static bool
wanted(const struct replay *replay, const struct spool_key *key)
{
	return (replay->device == NULL ||
		   strcmp(replay->device, key->device) == 0) &&
	    (replay->profile == NULL ||
		strcmp(replay->profile, key->profile) == 0);
}

/* One line of the archive; true ends the walk. */
static bool
record(
    void *context, const char *line, size_t size, const struct spool_key *key)
{
	struct replay *replay = context;
	struct failure why;
	struct reading reading;
	struct frame frame;
	int status = 0;

	if (!wanted(replay, key))
		return false;
	buf_clear(&replay->line);
	buf_put(&replay->line, line, size);
	arena_reset(&replay->arena);
	switch (line_kind(line, size)) {
	case LINE_FRAME:
		status = frame_parse(
		    replay->line.data, size, &replay->arena, &frame, &why);
		frame.gen = replay->gen;
		if (status == 0)
			frame_print(&frame, &replay->out.buf);
		break;
	case LINE_READING:
		status = reading_parse(
		    replay->line.data, size, &replay->arena, &reading, &why);
		reading.gen = replay->gen;
		if (status == 0)
			reading_print(&reading, &replay->out.buf);
		break;
	default:
		break;
	}
	if (status != 0)
		refuse(replay, key, &why);
	io_writer_check(&replay->out);
	return replay->out.error != 0 || io_stopping();
}

static void
damaged(void *context, const char *message)
{
	struct replay *replay = context;

	warn("%s", message);
	replay->refused = true;
}

/*
 * Who stores the replay learns of it before we look: what is put from now on
 * is stored by others, and this mark keeps it from being removed for not
 * being among our lines. Nobody answers us, so a second has to do.
 */
static int
put_opening_mark(struct replay *replay)
{
	struct mark mark = { .sync = true,
		.replay = { .gen = replay->gen,
		    .opens = true,
		    .from_ms = replay->range.from_ms,
		    .to_ms = replay->range.to_ms,
		    .tenant = replay->range.tenant,
		    .device = replay->device,
		    .profile = replay->profile } };

	mark_print(&mark, &replay->out.buf);
	if (io_writer_flush(&replay->out) != 0)
		return -1;
	clock_sleep_until(clock_monotonic_ms() + OPENING_MS);
	return 0;
}

static void
put_closing_mark(struct replay *replay)
{
	struct mark mark = { .sync = true,
		.replay = { .gen = replay->gen,
		    .from_ms = replay->from_ms,
		    .to_ms = replay->to_ms,
		    .tenant = replay->range.tenant,
		    .device = replay->device,
		    .profile = replay->profile } };

	if (replay->from_ms < replay->to_ms)
		mark_print(&mark, &replay->closing);
}

static void
whole(void *context, int64_t from_ms, int64_t to_ms)
{
	struct replay *replay = context;

	if (from_ms != replay->to_ms) {
		put_closing_mark(replay);
		replay->from_ms = from_ms;
	}
	replay->to_ms = to_ms;
}

static const char *
options(struct replay *replay, int argc, char **argv)
{
	static const struct option names[] = { { "device", required_argument,
						   NULL, 'd' },
		{ "from", required_argument, NULL, 'f' },
		{ "gen", required_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ "master", required_argument, NULL, 'm' },
		{ "profile", required_argument, NULL, 'p' },
		{ "root", required_argument, NULL, 'r' },
		{ "tenant", required_argument, NULL, 't' },
		{ "to", required_argument, NULL, 'u' },
		{ "until", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	bool told = false; /* an end */
	int option;

	while ((option = getopt_long(
		    argc, argv, "d:f:g:hm:p:r:t:u:V", names, NULL)) != -1)
		switch (option) {
		case 'd':
			replay->device = optarg;
			break;
		case 'f':
			replay->range.from_ms = arg_time_ms("--from", optarg);
			break;
		case 'g':
			replay->gen =
			    arg_integer("--gen", optarg, 1, 1000000000);
			break;
		case 'm':
			replay->master = optarg;
			break;
		case 'r':
			replay->root = optarg;
			break;
		case 'p':
			replay->profile = optarg;
			break;
		case 't':
			replay->range.tenant = optarg;
			break;
		case 'u':
			replay->range.to_ms = arg_time_ms("--to", optarg);
			told = true;
			break;
		case 'V':
			arg_version();
		default:
			arg_usage(synopsis, option == 'h');
		}
	if (replay->range.from_ms > replay->range.to_ms)
		die(EXIT_WRONG, "--from is after %s",
		    told ? "--to" : "the present");
	if (argc - optind != 1 || replay->range.tenant == NULL)
		arg_usage(synopsis, false);
	if (!io_slug_ok(replay->range.tenant))
		die(EXIT_WRONG, "--tenant: \"%s\" is no tenant's slug",
		    replay->range.tenant);
	return argv[optind];
}

static int
run(struct replay *replay, const struct spool *spool, struct failure *why)
{
	struct spool_walk walk = { record, whole, damaged, replay };

	if (spool_archive_recover(spool, why) != 0)
		return -1;
	if (replay->gen == 0)
		replay->gen =
		    spool_archive_gen(spool, replay->range.tenant, why);
	if (replay->gen < 0)
		return -1;
	if (put_opening_mark(replay) != 0)
		return 0; /* told when it is closed */
	return spool_archive_walk(spool, &replay->range, &walk, why);
}

/* The keys of the archive, where there is a master key; their folder. */
static const char *
open_keys(struct replay *replay, struct spool *spool)
{
	const char *root = arg_root(replay->root);
	const char *path = arg_master(replay->master);
	const char *folder =
	    arena_print(&replay->names, "%s/keys/archive", root);
	struct vault_secret *master;
	struct failure why;

	if (path == NULL)
		return folder;
	master = vault_master_read(path, root, &why);
	if (master != NULL)
		spool->keys = spool_keys_open(master, folder, &why);
	if (spool->keys == NULL)
		die_failure(&why);
	vault_secret_free(master);
	return folder;
}

int
replay_main(int argc, char **argv)
{
	int64_t now = clock_now_ms();
	struct replay replay = { .range = { NULL, 0, now } };
	struct spool spool;
	struct box_path paths[2];
	struct failure why;

	err_name_set("spool replay");
	paths[0] = (struct box_path){ options(&replay, argc, argv), BOX_WRITE };
	if (replay.range.to_ms > now)
		replay.range.to_ms = now; /* what comes later is live */
	if (spool_open(&spool, paths[0].path, false, &why) != 0)
		die_failure(&why);
	io_writer_open(&replay.out, STDOUT_FILENO, "standard output");
	io_stop_on_signals();
	paths[1] = (struct box_path){ open_keys(&replay, &spool), BOX_READ };
	if (box_enter(paths, spool.keys == NULL ? 1 : 2, BOX_NET_NONE, false,
		NULL, 0, &why) != 0 ||
	    run(&replay, &spool, &why) != 0)
		die_failure(&why);
	put_closing_mark(&replay);
	if (!io_stopping())
		io_writer_put(
		    &replay.out, replay.closing.data, replay.closing.size);
	if (io_writer_close(&replay.out) != 0)
		die_output();
	spool_keys_close(spool.keys);
	spool_close(&spool);
	arena_free(&replay.arena);
	arena_free(&replay.names);
	buf_free(&replay.line);
	buf_free(&replay.closing);
	return replay.refused ? EXIT_REFUSED
	    : io_stopping()   ? EXIT_AGAIN
			      : EXIT_OK;
}
