/*
 * bms-poll probe: reads a range of registers of one Modbus device and prints
 * what each may mean, where known values stand, and the SunSpec models; on
 * request it writes a draft of a profile. It never writes to the device.
 */
#include "probe.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/io.h"
#include "base/num.h"
#include "record/measurement.h"
#include "rights.h"

#define COUNT_USUAL 100
#define LIMIT_USUAL 50
#define BITS_LIMIT 512

const char probe_synopsis[] =
    "usage: bms-poll probe [-c COUNT] [-D NAME] [-f FUNCTION] [-l LIMIT]\n"
    "       [-m [NAME=]VALUE]... [-t DURATION] [-u UNIT] [--from REGISTER]\n"
    "       [--require-box] ADDRESS\n"
    "       bms-poll probe [-bn] [-t DURATION] [-u UNIT] [--require-box]\n"
    "       thingset+ADDRESS\n";

/* What the command line says beside what is in `probe`. */
struct asked {
	bool range; /* a range was named */
	bool require_box;
};

static void
add_match(struct probe *probe, const char *text)
{
	const char *equals = strchr(text, '=');
	struct probe_match *match;
	int id;

	if (probe->match_count == PROBE_MATCHES_MAX)
		die(EXIT_WRONG, "--match: more than %d", PROBE_MATCHES_MAX);
	match = &probe->matches[probe->match_count++];
	match->name = "";
	match->text = equals == NULL ? text : equals + 1;
	if (!decimal_parse(match->text, strlen(match->text), &match->value))
		die(EXIT_WRONG, "--match: %s is no number", match->text);
	if (equals == NULL)
		return;
	id = measurement_find(text, (size_t)(equals - text));
	if (id >= 0 && measurement_table[id].shape == SHAPE_NUMBER)
		match->name = measurement_table[id].name;
	else
		die(EXIT_WRONG,
		    "--match: %.*s is no measurement of one number in "
		    "reading(5)",
		    (int)(equals - text), text);
}

static uint32_t
register_of(const char *text)
{
	char *end;
	unsigned long number;

	if (text[0] != '0' || text[1] != 'x')
		return (uint32_t)arg_integer("--from", text, 0, UINT16_MAX);
	number = strtoul(text + 2, &end, 16);
	if (text[2] == '\0' || *end != '\0' || number > UINT16_MAX)
		die(EXIT_WRONG, "--from: %s is no register", text);
	return (uint32_t)number;
}

static void
set_draft(struct probe *probe, const char *name)
{
	if (!io_slug_ok(name))
		die(EXIT_WRONG, "--draft: %s is no name of a profile", name);
	probe->draft = name;
}

enum { OPT_FROM = 256, OPT_BOX, OPT_VERSION };

static const struct option table[] = { { "count", required_argument, NULL,
					   'c' },
	{ "draft", required_argument, NULL, 'D' },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "function", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "limit", required_argument, NULL, 'l' },
	{ "match", required_argument, NULL, 'm' },
	{ "require-box", no_argument, NULL, OPT_BOX },
	{ "timeout", required_argument, NULL, 't' },
	{ "unit", required_argument, NULL, 'u' },
	{ "version", no_argument, NULL, OPT_VERSION }, { NULL, 0, NULL, 0 } };

/* One option; false where it is none. */
static bool
take_option(struct probe *probe, struct asked *asked, int c)
{
	if (c == 'c')
		probe->count =
		    (uint32_t)arg_integer("--count", optarg, 1, 65536);
	else if (c == 'D')
		set_draft(probe, optarg);
	else if (c == OPT_FROM)
		probe->from = register_of(optarg);
	else if (c == 'f')
		probe->function =
		    (uint8_t)arg_integer("--function", optarg, 1, 4);
	else if (c == 'l')
		probe->limit = (unsigned)arg_integer("--limit", optarg, 1, 125);
	else if (c == 'm')
		add_match(probe, optarg);
	else if (c == OPT_BOX)
		asked->require_box = true;
	else if (c == 't')
		probe->timeout_ms =
		    arg_duration_ms("--timeout", optarg, 10, 600000);
	else if (c == 'u')
		probe->device.unit =
		    (uint8_t)arg_integer("--unit", optarg, 0, 255);
	else
		return false;
	asked->range |= c == 'c' || c == OPT_FROM || c == 'f';
	return true;
}

static void
take_options(struct probe *probe, struct asked *asked, int argc, char **argv)
{
	static struct arena arena;
	struct failure why;
	int c;

	while ((c = getopt_long(argc, argv, "c:D:f:hl:m:t:u:", table, NULL)) !=
	    -1) {
		if (c == OPT_VERSION)
			arg_version();
		if (!take_option(probe, asked, c))
			arg_usage(probe_synopsis, c == 'h');
	}
	if (optind + 1 != argc)
		arg_usage(probe_synopsis, false);
	if (device_address(argv[optind], &arena, &probe->device, &why) != 0)
		die(EXIT_WRONG, "%s: %s", argv[optind], why.message);
	if (probe->device.link != LINK_TCP && probe->device.link != LINK_SERIAL)
		die(EXIT_WRONG, "%s: Modbus does not go over it", argv[optind]);
	if (probe->from + probe->count > 65536)
		probe->count = 65536 - probe->from;
	if (probe->device.limit > 0 && probe->device.limit < probe->limit)
		probe->limit = probe->device.limit;
}

/* The names of the draft's file, and that it is not there yet. */
static const char *
draft_path(const struct probe *probe)
{
	static char path[128];
	struct stat status;

	if (probe->draft == NULL)
		return NULL;
	if (probe->match_count == 0)
		die(EXIT_WRONG,
		    "--draft: name values with --match, as the device's "
		    "display shows them");
	snprintf(path, sizeof(path), "%s.json", probe->draft);
	if (lstat(path, &status) == 0)
		die(EXIT_WRONG, "%s: is there already", path);
	return path;
}

/* Write the draft, and see that it is a profile. */
static void
write_draft(const struct probe *probe, const char *path)
{
	struct profile *profile;
	struct buf text = { 0 };
	struct failure why;

	if (probe_draft(probe, &text, &why) != 0 ||
	    io_file_replace(path, text.data, text.size, 0644, true, &why) != 0)
		die_failure(&why);
	profile = profile_open(".", probe->draft, &why);
	if (profile == NULL)
		die_failure(&why);
	profile_free(profile);
	buf_free(&text);
}

static void
find_matches(struct probe *probe)
{
	struct guess_registers registers = probe_registers(probe);

	for (size_t i = 0; i < probe->match_count; i++) {
		struct probe_match *match = &probe->matches[i];

		match->count = guess_find(
		    &registers, &match->value, match->guesses, PROBE_GUESSES);
	}
}

/* Tables of what there is. True where all that was looked for was found. */
static bool
show(struct probe *probe, const struct asked *asked, struct buf *out)
{
	struct modbus_chain *chain = mem_zero(1, sizeof(*chain));
	struct failure why;
	bool found, all = true;

	if (probe_chain(probe, chain, &why) != 0)
		die_failure(&why);
	found = chain->state == CHAIN_FOUND;
	if (found) {
		probe_identity(probe, chain, out);
		probe_print_chain(chain, out);
	}
	free(chain);
	if (found && !asked->range && probe->match_count == 0)
		return true;
	if (found)
		buf_char(out, '\n');
	if (probe_read(probe, &why) != 0)
		die_failure(&why);
	if (probe->function > 2)
		find_matches(probe);
	probe_print(probe, out);
	probe_print_matches(probe, out);
	for (size_t i = 0; i < probe->match_count; i++)
		all = all && probe->matches[i].count > 0;
	return all;
}

int
probe_main(int argc, char **argv)
{
	struct probe probe = { .function = 3,
		.count = COUNT_USUAL,
		.limit = LIMIT_USUAL,
		.timeout_ms = 1000,
		.device = { .unit = 1 } };
	struct devices devices = { .item = &probe.device, .count = 1 };
	struct asked asked = { false, false };
	struct io_writer out;
	struct failure why;
	const char *path;
	bool all;

	take_options(&probe, &asked, argc, argv);
	path = draft_path(&probe);
	io_stop_on_signals();
	io_writer_open(&out, STDOUT_FILENO, "standard output");
	rights_give_up(
	    &(struct rights){ "", "-", path, asked.require_box }, &devices);
	if (probe.function <= 2)
		probe.limit = BITS_LIMIT;
	if (probe_open(&probe, &why) != 0)
		die_failure(&why);
	all = show(&probe, &asked, &out.buf);
	probe_close(&probe);
	if (path != NULL)
		write_draft(&probe, path);
	if (io_writer_close(&out) < 0)
		die_output();
	free(probe.data);
	free(probe.known);
	free(probe.refused);
	return all ? EXIT_OK : EXIT_REFUSED;
}
