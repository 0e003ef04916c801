/*
 * bms-normalize: frames in, readings out. What a device said is decoded by
 * its profile into the field's terms; lines of other kinds pass through.
 * It keeps nothing from line to line and has no clock: the same line
 * always gives the same reading. It may read its profiles and its input,
 * which are open before the first line is.
 */
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/refusals.h"
#include "profile/check.h"
#include "profile/explain.h"
#include "profile/profile.h"
#include "record/line.h"

#define PROFILES_MAX 4096

struct normalize {
	struct profile **profiles;
	size_t count;
	struct io_writer out;
	struct refusals refusals;
	bool explaining; /* for people, in place of readings */
	struct arena arena;
	struct buf line; /* as it came, for --reject */
	const char *file;
	uint64_t number;
	uint64_t vectors; /* of the profile that is checked */
};

static const char synopsis[] =
    "usage: bms-normalize [-hV] [-p name] [--profiles dir] [--reject file]\n"
    "                     [--share dir] [file ...]\n"
    "       bms-normalize --check-profiles [-p name] [--profiles dir]\n"
    "                     [--share dir]\n"
    "       bms-normalize --explain [-p name] [--profiles dir] [--reject "
    "file]\n"
    "                     [--share dir] [file ...]\n"
    "       bms-normalize --list-profiles [-p name] [--profiles dir]\n"
    "                     [--share dir]\n";

enum {
	OPTION_PROFILES = 256,
	OPTION_REJECT,
	OPTION_SHARE,
	OPTION_CHECK,
	OPTION_EXPLAIN,
	OPTION_LIST
};

static const struct option options[] = { { "check-profiles", no_argument, NULL,
					     OPTION_CHECK },
	{ "explain", no_argument, NULL, OPTION_EXPLAIN },
	{ "help", no_argument, NULL, 'h' },
	{ "list-profiles", no_argument, NULL, OPTION_LIST },
	{ "profile", required_argument, NULL, 'p' },
	{ "profiles", required_argument, NULL, OPTION_PROFILES },
	{ "reject", required_argument, NULL, OPTION_REJECT },
	{ "share", required_argument, NULL, OPTION_SHARE },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static void
open_profile(struct normalize *n, const char *dir, const char *name)
{
	struct failure why;
	struct profile *profile = profile_open(dir, name, &why);

	if (profile == NULL)
		die_failure(&why);
	if (n->count >= PROFILES_MAX)
		die(EXIT_WRONG, "%s: too many profiles", dir);
	n->profiles = mem_grow(n->profiles, n->count + 1, sizeof(*n->profiles));
	n->profiles[n->count++] = profile;
}

static int
is_profile(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > 5 &&
	    strcmp(entry->d_name + size - 5, ".json") == 0;
}

/* Every profile of the directory, in the order of their names. */
static void
open_directory(struct normalize *n, const char *dir)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, is_profile, alphasort);

	if (count < 0)
		die(EXIT_WRONG, "%s:", dir);
	for (int i = 0; i < count; i++) {
		entries[i]->d_name[strlen(entries[i]->d_name) - 5] = '\0';
		open_profile(n, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (n->count == 0)
		die(EXIT_WRONG, "%s: no profiles in it", dir);
}

/* One that is found moves forward: those in use are soon the first. */
static const struct profile *
find(struct normalize *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++) {
		struct profile *profile = n->profiles[i];

		if (strcmp(profile_name(profile), name) != 0)
			continue;
		n->profiles[i] = n->profiles[i / 2];
		n->profiles[i / 2] = profile;
		return profile;
	}
	return NULL;
}

/* A line that is refused: say why, count it, and keep it but for one that
 * was too long to be read (NULL). */
static void
refuse(struct normalize *n, const char *line, size_t size, const char *why)
{
	refusals_line(&n->refusals, n->file, n->number, line, size, why);
}

static void
frame(struct normalize *n, char *line, size_t size)
{
	const struct profile *profile;
	struct reading reading;
	struct failure why;
	struct frame frame;
	int status;

	buf_clear(&n->line);
	if (n->refusals.path != NULL)
		buf_put(&n->line, line, size);
	arena_reset(&n->arena);
	if (frame_parse(line, size, &n->arena, &frame, &why) != 0) {
		refuse(n, n->line.data, n->line.size, why.message);
		return;
	}
	profile = find(n, frame.profile);
	if (profile == NULL) {
		(void)failure_set(&why, EXIT_REFUSED, "there is no profile %s",
		    frame.profile);
		refuse(n, n->line.data, n->line.size, why.message);
		return;
	}
	if (n->explaining)
		status = profile_explain(
		    profile, &frame, &n->arena, &n->out.buf, &why);
	else
		status =
		    profile_decode(profile, &frame, &n->arena, &reading, &why);
	if (status != 0)
		refuse(n, n->line.data, n->line.size, why.message);
	else if (!n->explaining)
		reading_print(&reading, &n->out.buf);
}

static void
record(struct normalize *n, char *line, size_t size)
{
	enum line_kind kind = line_kind(line, size);

	if (kind == LINE_FRAME) {
		frame(n, line, size);
	} else if (kind == LINE_BAD) {
		refuse(n, line, size, "no JSON object with a kind");
	} else if (!n->explaining) {
		io_writer_put(&n->out, line, size);
		io_writer_put(&n->out, "\n", 1);
	}
	if (kind != LINE_MARK) {
		io_writer_check(&n->out);
		return;
	}
	if (refusals_flush(&n->refusals) != 0)
		die(EXIT_AGAIN, "%s:", n->refusals.path);
	(void)io_writer_flush(&n->out);
}

/* One input to its end; false when it is time to stop. */
static bool
input(struct normalize *n, int fd, const char *name)
{
	struct io_reader reader;
	enum io_result result;
	size_t size;
	char *line;

	io_reader_open(&reader, fd, name);
	n->file = name;
	for (;;) {
		if (n->out.buf.size > 0 && io_reader_would_block(&reader))
			(void)io_writer_flush(&n->out);
		result = io_reader_next(&reader, &line, &size);
		n->number = reader.line;
		if (result == IO_LONG)
			refuse(n, NULL, 0, "longer than a line may be");
		else if (result == IO_LINE || result == IO_CUT)
			record(n, line, size);
		else
			break;
		if (n->out.error != 0)
			break;
	}
	if (result == IO_ERROR)
		die(io_read_status(), "%s:", name);
	io_reader_close(&reader);
	return result == IO_END;
}

static void
report(void *context, size_t number, const char *wrong)
{
	struct normalize *n = context;

	printf("%s %s: vector %zu%s%s\n", wrong == NULL ? "ok" : "not ok",
	    n->file, number, wrong == NULL ? "" : ": ",
	    wrong == NULL ? "" : wrong);
	n->refusals.count += wrong != NULL;
	n->vectors++;
}

static int
check_profiles(struct normalize *n, const char *dir)
{
	struct failure why;

	for (size_t i = 0; i < n->count; i++) {
		n->file = profile_name(n->profiles[i]);
		n->vectors = 0;
		if (profile_check(dir, n->profiles[i], report, n, &why) != 0)
			die_failure(&why);
		if (n->vectors == 0)
			printf("none %s: it has no vectors\n", n->file);
	}
	if (fflush(stdout) != 0)
		die_output();
	return n->refusals.count > 0 ? EXIT_REFUSED : EXIT_OK;
}

/* Names and what they are, with tabs between, for people and cut(1). */
static int
list_profiles(const struct normalize *n)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct profile *profile = n->profiles[i];

		printf("%s\t%s\t%s\t%s\t%s\n", profile_name(profile),
		    profile_maker(profile), profile_model(profile),
		    frame_protocol_names[profile_protocol(profile)],
		    profile_kind(profile) == READING_BATTERY ? "battery"
							     : "energy");
	}
	if (fflush(stdout) != 0)
		die_output();
	return EXIT_OK;
}

static void
give_up_rights(void)
{
	struct failure why;

	if (box_enter(NULL, 0, BOX_NET_NONE, false, NULL, 0, &why) != 0)
		die_failure(&why);
}

/* All inputs, one after the other; the exit status. */
static int
run(struct normalize *n, char **names, int count)
{
	int *fds = mem_alloc((size_t)(count + 1) * sizeof(*fds));

	for (int i = 0; i < count; i++) {
		fds[i] = strcmp(names[i], "-") == 0
		    ? STDIN_FILENO
		    : open(names[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			die(EXIT_WRONG, "%s:", names[i]);
	}
	io_writer_open(&n->out, STDOUT_FILENO, "standard output");
	io_stop_on_signals();
	give_up_rights();
	if (count == 0)
		(void)input(n, STDIN_FILENO, "standard input");
	for (int i = 0; i < count; i++)
		if (!input(n, fds[i], names[i]))
			break;
	free(fds);
	if (refusals_close(&n->refusals) != 0)
		die(EXIT_AGAIN, "%s:", n->refusals.path);
	if (io_writer_close(&n->out) != 0)
		die_output();
	return n->refusals.count > 0 ? EXIT_REFUSED : EXIT_OK;
}

static void
forget(struct normalize *n, struct buf *path)
{
	for (size_t i = 0; i < n->count; i++)
		profile_free(n->profiles[i]);
	free(n->profiles);
	arena_free(&n->arena);
	buf_free(&n->line);
	buf_free(path);
}

int
main(int argc, char **argv)
{
	const char *dir = NULL, *share = NULL, *reject = NULL;
	const char *named[PROFILES_MAX];
	struct normalize n = { 0 };
	struct buf path = { 0 };
	bool check = false, list = false;
	int option, status, names = 0;

	err_name_set("bms-normalize");
	while ((option = getopt_long(argc, argv, "hp:V", options, NULL)) != -1)
		switch (option) {
		case 'h':
			arg_usage(synopsis, true);
		case 'p':
			if (names < PROFILES_MAX)
				named[names++] = optarg;
			break;
		case 'V':
			arg_version();
		case OPTION_PROFILES:
			dir = optarg;
			break;
		case OPTION_REJECT:
			reject = optarg;
			break;
		case OPTION_SHARE:
			share = optarg;
			break;
		case OPTION_CHECK:
			check = true;
			break;
		case OPTION_EXPLAIN:
			n.explaining = true;
			break;
		case OPTION_LIST:
			list = true;
			break;
		default:
			arg_usage(synopsis, false);
		}
	if (dir == NULL) {
		buf_print(&path, "%s/profiles", arg_share(share));
		dir = path.data;
	}
	for (int i = 0; i < names; i++)
		open_profile(&n, dir, named[i]);
	if (names == 0)
		open_directory(&n, dir);
	if (reject != NULL && !check && !list &&
	    refusals_open(&n.refusals, reject) != 0)
		die(EXIT_WRONG, "%s:", reject);
	status = check ? check_profiles(&n, dir)
	    : list     ? list_profiles(&n)
		       : run(&n, argv + optind, argc - optind);
	forget(&n, &path);
	return status;
}
