/* profile_open: a profile's file and its DBC file, read once. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "profile/framing.h"
#include "profile/load.h"

#define DBC_FILE_MAX ((size_t)4 << 20)

static const char *const top_members[] = { "maker", "model", "source",
	"licence", "notes", "kind", "protocol", "interval", "cycle", "modbus",
	"can", "thingset", "serial", "http", "measurements", "vectors", NULL };

static int
duration(struct loader *l, const json_t *object, const char *name, int64_t *out)
{
	const char *text = NULL;

	if (json_member_text(object, name, false, &text, l->why) != 0)
		return -1;
	if (text != NULL && (!clock_duration(text, out) || *out < 0))
		return failure_set(l->why, EXIT_WRONG, "%s: no duration", name);
	return 0;
}

/* A member for people: kept where it is a text. */
static const char *
said(struct loader *l, const json_t *top, const char *name)
{
	const json_t *text = json_object_get(top, name);

	if (!json_is_string(text))
		return "";
	return arena_text(&l->profile->arena, json_string_value(text),
	    json_string_length(text));
}

static int
protocol_of(struct loader *l, const json_t *top)
{
	const char *name = NULL, *kind = "battery";
	struct profile *p = l->profile;

	if (json_member_text(top, "protocol", true, &name, l->why) != 0 ||
	    json_member_text(top, "kind", false, &kind, l->why) != 0 ||
	    duration(l, top, "interval", &p->interval_ms) != 0)
		return -1;
	p->maker = said(l, top, "maker");
	p->model = said(l, top, "model");
	p->cycle_ms = 1000;
	if (duration(l, top, "cycle", &p->cycle_ms) != 0)
		return -1;
	p->protocol = FRAME_PROTOCOL_COUNT;
	for (int i = 0; i < FRAME_PROTOCOL_COUNT; i++)
		if (strcmp(frame_protocol_names[i], name) == 0)
			p->protocol = (enum frame_protocol)i;
	if (p->protocol == FRAME_PROTOCOL_COUNT)
		return failure_set(
		    l->why, EXIT_WRONG, "protocol: %s is unknown", name);
	if (strcmp(kind, "energy") == 0)
		p->kind = READING_ENERGY;
	else if (strcmp(kind, "battery") != 0)
		return failure_set(
		    l->why, EXIT_WRONG, "kind: not battery or energy");
	return 0;
}

static int
can_of(struct loader *l, const json_t *can, const char *dir)
{
	static const char *const members[] = { "dbc", "must", "requests",
		"mask", NULL };
	struct buf text = { 0 };
	const char *name = NULL;
	char path[4096];

	if (!json_is_object(can))
		return failure_set(l->why, EXIT_WRONG, "can: is missing");
	if (json_members_known(can, members, l->why) != 0 ||
	    json_member_text(can, "dbc", true, &name, l->why) != 0 ||
	    load_can(l, can) != 0)
		return -1;
	if (strchr(name, '/') != NULL || name[0] == '.')
		return failure_set(l->why, EXIT_WRONG,
		    "can: dbc: not a file beside the profile: %s", name);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (io_file_read(AT_FDCWD, path, DBC_FILE_MAX, &text, l->why) != 0) {
		l->why->status = EXIT_WRONG;
		buf_free(&text);
		return -1;
	}
	l->profile->dbc =
	    dbc_parse(text.data == NULL ? "" : text.data, text.size, l->why);
	buf_free(&text);
	if (l->profile->dbc == NULL)
		return failure_prefix(l->why, "%s", name);
	return 0;
}

int
load_requests(struct loader *l, const json_t *object)
{
	const json_t *list = json_object_get(object, "requests"), *one;
	struct profile *p = l->profile;
	size_t i;

	p->requests = arena_alloc(
	    &p->arena, (json_array_size(list) + 1) * sizeof(*p->requests));
	json_array_foreach(list, i, one)
	{
		if (!json_is_string(one))
			return failure_set(
			    l->why, EXIT_WRONG, "requests: not texts");
		if (p->framing != NULL &&
		    p->framing->ask(json_string_value(one), 1, NULL) < 0)
			return failure_set(l->why, EXIT_WRONG,
			    "requests: \"%s\" is none that %s knows",
			    json_string_value(one), p->framing->name);
		p->requests[p->request_count++].text = arena_text(
		    &p->arena, json_string_value(one), json_string_length(one));
	}
	return 0;
}

static int
text_of(struct loader *l, const json_t *object)
{
	static const char *const members[] = { "requests", "framing", "order",
		NULL };
	struct profile *p = l->profile;
	const char *framing = NULL, *order = "ABCD";

	if (!json_is_object(object))
		return failure_set(l->why, EXIT_WRONG, "serial: is missing");
	if (json_members_known(object, members, l->why) != 0 ||
	    json_member_text(object, "framing", true, &framing, l->why) != 0 ||
	    json_member_text(object, "order", false, &order, l->why) != 0)
		return -1;
	p->swap_bytes = p->swap_words = strcmp(order, "DCBA") == 0;
	p->framing = framing_find(framing);
	if (p->framing == NULL)
		return failure_set(
		    l->why, EXIT_WRONG, "framing: %s is unknown", framing);
	return load_requests(l, object);
}

static int
part_of_protocol(struct loader *l, const json_t *top, const char *dir)
{
	switch (l->profile->protocol) {
	case FRAME_MODBUS:
		return load_modbus(l, json_object_get(top, "modbus"));
	case FRAME_CAN:
		return can_of(l, json_object_get(top, "can"), dir);
	case FRAME_THINGSET:
		return load_thingset(l, json_object_get(top, "thingset"));
	case FRAME_HTTP:
		return load_http(l, json_object_get(top, "http"));
	default:
		return text_of(l, json_object_get(top, "serial"));
	}
}

static struct rule *
rule_room(struct profile *p)
{
	if (p->rule_count == p->rule_room) {
		p->rule_room = p->rule_room * 2 + 16;
		p->rules = mem_grow(p->rules, p->rule_room, sizeof(*p->rules));
	}
	return &p->rules[p->rule_count];
}

/* One member of "measurements": a rule, or one for each of its models. */
static int
rules_of_one(struct loader *l, const json_t *object)
{
	struct profile *p = l->profile;
	json_t *rules = load_model_rules(l, object);
	size_t count = json_array_size(rules);
	int status = rules == NULL ? -1 : 0;

	for (size_t i = 0; i < count && status == 0; i++) {
		if (p->rule_count == PROFILE_RULES_MAX)
			status = failure_set(l->why, EXIT_WRONG,
			    "more than %d rules", PROFILE_RULES_MAX);
		else
			status = load_rule(
			    l, json_array_get(rules, i), rule_room(p));
		p->rule_count += status == 0;
	}
	json_decref(rules);
	return status;
}

static int
rules_of(struct loader *l, const json_t *top)
{
	const json_t *list = json_object_get(top, "measurements"), *one;
	size_t count = json_array_size(list), i;

	if (count == 0 || count > PROFILE_RULES_MAX)
		return failure_set(l->why, EXIT_WRONG,
		    "measurements: not an array of 1 to %d", PROFILE_RULES_MAX);
	json_array_foreach(list, i, one)
	{
		if (rules_of_one(l, one) != 0)
			return failure_prefix(l->why, "measurements[%zu]", i);
	}
	return 0;
}

static int
whole(struct loader *l, const json_t *top, const char *dir)
{
	if (!json_is_object(top))
		return failure_set(l->why, EXIT_WRONG, "not an object");
	if (json_members_known(top, top_members, l->why) != 0 ||
	    protocol_of(l, top) != 0 || part_of_protocol(l, top, dir) != 0 ||
	    rules_of(l, top) != 0)
		return -1;
	if (load_plan(l) != 0 || load_http_items(l) != 0)
		return -1;
	if (l->profile->protocol == FRAME_CAN &&
	    load_messages(
		l, json_object_get(json_object_get(top, "can"), "must")) != 0)
		return -1;
	load_unknown_bits(l);
	load_fast(l->profile);
	return 0;
}

struct profile *
profile_open(const char *dir, const char *name, struct failure *why)
{
	struct profile *p;
	struct loader l;
	json_t *top;
	char path[4096];
	int status;

	if (!io_slug_ok(name)) {
		failure_set(why, EXIT_WRONG, "%s: not a profile's name", name);
		return NULL;
	}
	(void)snprintf(path, sizeof(path), "%s/%s.json", dir, name);
	top = json_file(path, why);
	if (top == NULL)
		return NULL;
	p = mem_zero(1, sizeof(*p));
	p->name = arena_text(&p->arena, name, strlen(name));
	l.profile = p;
	l.why = why;
	status = whole(&l, top, dir);
	json_decref(top);
	if (status != 0) {
		profile_free(p);
		failure_prefix(why, "%s", path);
		why->status = EXIT_WRONG;
		return NULL;
	}
	return p;
}
