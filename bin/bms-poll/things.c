/*
 * bms-poll probe thingset+ADDRESS: walks the data objects of one ThingSet
 * device and prints groups and items with their ids and values. It sends GET
 * and FETCH, and nothing that could change the device.
 */
#include "things.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/io.h"
#include "json/json.h"
#include "probe.h"
#include "rights.h"
#include "wire/thingset.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_can.h"
#include "wire/thingset_cbor.h"

#define SCHEME "thingset+"
#define DEPTH_MAX 6
#define ITEMS_MAX 2000

bool
things_asked(int argc, char **argv)
{
	return argc > 2 && strcmp(argv[1], "probe") == 0 &&
	    strncmp(argv[argc - 1], SCHEME, strlen(SCHEME)) == 0;
}

json_t *
things_value(struct walk *walk, const struct buf *answer, struct failure *why)
{
	struct thingset_message message;
	struct thingset_answer line;
	struct arena arena = { 0 };
	json_t *value = NULL;

	why->status = 0;
	if (!walk->link.binary) {
		switch (
		    thingset_parse(answer->data, answer->size, &arena, &line)) {
		case THINGSET_VALUE:
			value = json_read(line.json, line.size, why);
			break;
		case THINGSET_REFUSED:
			break;
		default:
			failure_set(why, EXIT_AGAIN, "%s", line.why);
		}
		arena_free(&arena);
		return value;
	}
	thingset_message_read(
	    (const uint8_t *)answer->data, answer->size, &message);
	if (message.kind == THINGSET_ANSWER)
		value = message.payload == NULL ? json_null()
						: json_incref(message.payload);
	else if (message.kind != THINGSET_ERROR)
		failure_set(why, EXIT_AGAIN, "%s", message.why);
	thingset_message_clear(&message);
	return value;
}

/* Ask for a path. The value in *value, NULL where it was refused. 0, or -1
 * with a failure. */
static int
get(struct walk *walk, const char *path, json_t **value, struct failure *why)
{
	struct buf request = { 0 }, answer = { 0 };
	int status;

	if (walk->link.binary)
		thingset_get_put(path, &request);
	else
		buf_print(&request, "?%s", path);
	*value = NULL;
	status = things_exchange(&walk->link, &request, &answer, why);
	if (status == 0) {
		*value = things_value(walk, &answer, why);
		if (*value == NULL && why->status != 0)
			status = -1;
	}
	buf_free(&request);
	buf_free(&answer);
	return status;
}

bool
things_group(const char *path, const json_t *value)
{
	const char *slash = strrchr(path, '/');
	char first = slash == NULL ? *path : slash[1];

	return json_is_object(value) ||
	    (json_is_null(value) && (first < 'a' || first > 'z'));
}

/* Names go to a terminal and into requests that are lines: one that could
 * move a cursor there, or end the line and begin a command, is no name. */
static bool
is_tame(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7f)
			return false;
	return true;
}

static int walk_group(
    struct walk *walk, const char *path, int depth, struct failure *why);

/* What is below a group: items, and groups that are walked in turn. */
static int
walk_members(struct walk *walk, const json_t *group, const char *above,
    int depth, struct failure *why)
{
	struct buf path = { 0 };
	const char *name;
	json_t *value;
	int status = 0;

	json_object_foreach((json_t *)(uintptr_t)group, name, value)
	{
		if (!is_tame(name))
			continue;
		buf_clear(&path);
		buf_print(
		    &path, *above == '\0' ? "%s%s" : "%s/%s", above, name);
		if (json_object_size(walk->items) >= ITEMS_MAX)
			break;
		json_object_set(walk->items, path.data, value);
		if (json_is_object(value))
			status = walk_members(
			    walk, value, path.data, depth + 1, why);
		else if (things_group(path.data, value) && depth < DEPTH_MAX)
			status = walk_group(walk, path.data, depth + 1, why);
		if (status != 0)
			break;
	}
	buf_free(&path);
	return status;
}

/* The items of a group by their names. NULL where those are refused. 0, or
 * -1 with a failure. */
static int
get_items(struct walk *walk, const char *path, const json_t *names,
    json_t **group, struct failure *why)
{
	struct buf item = { 0 };
	json_t *name, *value;
	int status = 0;
	size_t i;

	*group = json_is_array(names) ? json_object() : NULL;
	json_array_foreach(names, i, name)
	{
		const char *text = json_string_value(name);

		if (text == NULL || !is_tame(text))
			continue;
		buf_clear(&item);
		buf_print(&item, *path == '\0' ? "%s%s" : "%s/%s", path, text);
		value = json_null();
		if (!things_group(text, value))
			status = get(walk, item.data, &value, why);
		if (status != 0)
			break;
		if (value != NULL)
			json_object_set_new(*group, text, value);
	}
	buf_free(&item);
	return status;
}

/* For a group that is too large to be told at once. */
static int
get_apart(
    struct walk *walk, const char *path, json_t **group, struct failure *why)
{
	struct buf request = { 0 }, answer = { 0 };
	json_t *none = json_null(), *names = NULL;
	int status;

	if (walk->link.binary)
		thingset_fetch_put(path, none, &request);
	else
		buf_print(&request, "?%s null", path);
	status = things_exchange(&walk->link, &request, &answer, why);
	if (status == 0)
		names = things_value(walk, &answer, why);
	buf_free(&request);
	buf_free(&answer);
	if (status == 0)
		status = get_items(walk, path, names, group, why);
	json_decref(names);
	return status;
}

static int
walk_group(struct walk *walk, const char *path, int depth, struct failure *why)
{
	json_t *group;
	int status;

	if (get(walk, path, &group, why) != 0)
		return -1;
	if (group == NULL && get_apart(walk, path, &group, why) != 0) {
		json_decref(group);
		return -1;
	}
	if (group == NULL)
		walk->partly = true;
	status = walk_members(walk, group, path, depth, why);
	json_decref(group);
	return status;
}

/* What stands behind the last underscore of an item's name is its unit. */
static void
put_unit(const char *path, struct buf *out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	const char *line = strchr(name, '_');

	if (line == NULL || line == name || *name < 'a' || *name > 'z')
		return;
	if (strcmp(line, "_pct") == 0)
		buf_text(out, " %");
	else if (strcmp(line, "_degC") == 0)
		buf_text(out,
		    " \xC2\xB0"
		    "C");
	else
		for (buf_char(out, ' '); *++line != '\0';)
			buf_char(out, *line == '_' ? '/' : *line);
}

static void
print_items(const struct walk *walk, struct buf *out)
{
	const char *path;
	json_t *value;
	int width = 4;

	json_object_foreach(walk->items, path,
	    value) if ((int)strlen(path) > width) width = (int)strlen(path);
	json_object_foreach(walk->items, path, value)
	{
		const json_t *id = json_object_get(walk->ids, path);
		char name[THINGSET_ID_TEXT] = "-";

		if (id != NULL)
			thingset_id_name(
			    (uint64_t)json_integer_value(id), name);
		if (walk->link.binary)
			buf_print(out, "%-8s", name);
		if (things_group(path, value)) {
			buf_print(out, "%s/\n", path);
			continue;
		}
		buf_print(out, "%-*s  ", width, path);
		thingset_json_put(value, out);
		put_unit(path, out);
		buf_char(out, '\n');
	}
}

static void
take_options(struct walk *walk, struct buf *nodes, bool *require_box, int argc,
    char **argv)
{
	enum { OPT_BOX = 256, OPT_VERSION };
	static const struct option table[] = { { "binary", no_argument, NULL,
						   'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "nodes", no_argument, NULL, 'n' },
		{ "require-box", no_argument, NULL, OPT_BOX },
		{ "timeout", required_argument, NULL, 't' },
		{ "unit", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 } };
	struct device *device = &walk->link.device;
	static struct arena arena;
	struct failure why;
	int c;

	device->timeout_ms = 1000;
	device->unit = 1;
	while ((c = getopt_long(argc, argv, "bhnt:u:", table, NULL)) != -1) {
		if (c == 'b')
			walk->link.binary = true;
		else if (c == 'n')
			walk->link.nodes = nodes;
		else if (c == OPT_BOX)
			*require_box = true;
		else if (c == 't')
			device->timeout_ms =
			    arg_duration_ms("--timeout", optarg, 10, 600000);
		else if (c == 'u')
			device->unit = (uint8_t)arg_integer(
			    "--unit", optarg, 1, THINGSET_NODE_MAX);
		else if (c == OPT_VERSION)
			arg_version();
		else
			arg_usage(probe_synopsis, c == 'h');
	}
	if (optind + 1 != argc)
		arg_usage(probe_synopsis, false);
	if (device_address(
		argv[optind] + strlen(SCHEME), &arena, device, &why) != 0)
		die(EXIT_WRONG, "%s: %s", argv[optind], why.message);
	if (device->link > LINK_SLCAN ||
	    (walk->link.nodes != NULL && device->link < LINK_CAN))
		die(EXIT_WRONG, "%s: ThingSet is not asked over it",
		    argv[optind]);
}

int
things_main(int argc, char **argv)
{
	struct walk walk = { .link = { .fd = -1 },
		.items = json_object(),
		.ids = json_object() };
	struct devices devices = { .item = &walk.link.device, .count = 1 };
	struct rights rights = { .profile_dir = "", .devices_path = "-" };
	struct io_writer out;
	struct failure why;
	int status;

	err_name_set("bms-poll");
	io_writer_open(&out, STDOUT_FILENO, "standard output");
	take_options(&walk, &out.buf, &rights.require_box, argc, argv);
	io_stop_on_signals();
	rights_give_up(&rights, &devices);
	status = things_open(&walk.link, &why);
	if (status == 0 && walk.link.nodes != NULL)
		status = things_nodes(&walk.link, &why);
	else if (status == 0)
		status = walk_group(&walk, "", 0, &why);
	if (status == 0 && walk.link.binary && walk.link.nodes == NULL)
		status = things_ids(&walk, &why);
	things_close(&walk.link);
	/* what came before it broke off is worth seeing */
	print_items(&walk, &out.buf);
	json_decref(walk.items);
	json_decref(walk.ids);
	if (io_writer_close(&out) < 0)
		die_output();
	if (status != 0)
		die_failure(&why);
	return walk.partly ? EXIT_REFUSED : EXIT_OK;
}
