/* Which kind of line is this; and marks. */
#include <string.h>

#include "json/json.h"
#include "record/line.h"
#include "record/load.h"

#define SEGMENT_MAX INT64_C(1000000000000000)
#define GEN_MAX INT64_C(1000000000)

static const struct {
	const char *name;
	size_t size;
	enum line_kind kind;
} kinds[] = { { "battery", 7, LINE_READING }, { "frame", 5, LINE_FRAME },
	{ "energy", 6, LINE_READING }, { "status", 6, LINE_READING },
	{ "mark", 4, LINE_MARK }, { "alert", 5, LINE_ALERT },
	{ "device", 6, LINE_DEVICE } };

static enum line_kind
kind_of(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].size == size &&
		    memcmp(kinds[i].name, name, size) == 0)
			return kinds[i].kind;
	return LINE_OTHER;
}

/* Whatever the order of the members and the spaces between them. */
static enum line_kind
read_kind(const char *line, size_t size)
{
	struct failure why;
	json_t *object = load_object(line, size, &why);
	enum line_kind kind = LINE_BAD;
	const char *text = "";

	if (object != NULL &&
	    json_member_text(object, "kind", true, &text, &why) == 0)
		kind = kind_of(text, strlen(text));
	json_decref(object);
	return kind;
}

enum line_kind
line_kind(const char *line, size_t size)
{
	static const char start[] = "{\"kind\":\"";
	const size_t start_size = sizeof(start) - 1;
	const char *name = line + start_size, *end;
	enum line_kind kind;

	if (size < start_size || memcmp(line, start, start_size) != 0)
		return read_kind(line, size);
	end = memchr(name, '"', size - start_size);
	if (end == NULL)
		return LINE_BAD;
	/* of our own kinds the parser will say what is wrong with them */
	kind = kind_of(name, (size_t)(end - name));
	return kind == LINE_OTHER ? read_kind(line, size) : kind;
}

static int
load_wait(const json_t *object, struct arena *arena, struct mark *mark,
    struct failure *why)
{
	const json_t *array = json_object_get(object, "wait");
	size_t count = json_array_size(array);

	if (array == NULL)
		return 0;
	if (!json_is_array(array) || count > MARK_WAIT_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "wait: not an array of at most %d", MARK_WAIT_MAX);
	for (size_t i = 0; i < count; i++)
		if (load_tenant_value(json_array_get(array, i), arena,
			&mark->wait[i], why) != 0)
			return failure_prefix(why, "wait: item %zu", i);
	mark->wait_count = count;
	return 0;
}

static int
load_replay(const json_t *object, struct arena *arena,
    struct mark_replay *replay, struct failure *why)
{
	static const char *const names[] = { "gen", "opens", "tenant", "device",
		"profile", "from", "to", NULL };
	const json_t *value = json_object_get(object, "replay");

	*replay =
	    (struct mark_replay){ .tenant = "", .device = "", .profile = "" };
	if (value == NULL)
		return 0;
	if (!json_is_object(value))
		return failure_set(why, EXIT_REFUSED, "replay: no object");
	if (json_members_known(value, names, why) != 0 ||
	    json_member_integer(
		value, "gen", true, 1, GEN_MAX, &replay->gen, why) != 0 ||
	    json_member_bool(value, "opens", &replay->opens, why) != 0 ||
	    load_tenant(value, arena, &replay->tenant, why) != 0 ||
	    load_name(value, "device", false, arena, &replay->device, why) !=
		0 ||
	    load_name(value, "profile", false, arena, &replay->profile, why) !=
		0 ||
	    load_time(value, "from", &replay->from_ms, why) != 0 ||
	    load_time(value, "to", &replay->to_ms, why) != 0)
		return failure_prefix(why, "replay");
	return 0;
}

int
mark_parse(char *line, size_t size, struct arena *arena, struct mark *mark,
    struct failure *why)
{
	static const char *const names[] = { "kind", "segment", "sync", "wait",
		"replay", NULL };
	json_t *object = load_object(line, size, why);
	int result = -1;

	if (object == NULL)
		return -1;
	mark->segment = 0;
	mark->sync = false;
	mark->wait_count = 0;
	if (load_kind_is(object, "mark", why) == 0 &&
	    json_members_known(object, names, why) == 0 &&
	    json_member_integer(object, "segment", true, 0, SEGMENT_MAX,
		&mark->segment, why) == 0 &&
	    json_member_bool(object, "sync", &mark->sync, why) == 0 &&
	    load_replay(object, arena, &mark->replay, why) == 0)
		result = load_wait(object, arena, mark, why);
	json_decref(object);
	return result;
}

static void
print_name(struct buf *out, const char *start, const char *name)
{
	if (name == NULL || name[0] == '\0')
		return;
	buf_text(out, start);
	json_put_text(out, name, strlen(name));
}

static void
print_replay(const struct mark_replay *replay, struct buf *out)
{
	buf_text(out, ",\"replay\":{\"gen\":");
	buf_integer(out, replay->gen);
	if (replay->opens)
		buf_text(out, ",\"opens\":true");
	print_name(out, ",\"tenant\":", replay->tenant);
	print_name(out, ",\"device\":", replay->device);
	print_name(out, ",\"profile\":", replay->profile);
	buf_text(out, ",\"from\":\"");
	buf_time(out, replay->from_ms);
	buf_text(out, "\",\"to\":\"");
	buf_time(out, replay->to_ms);
	buf_text(out, "\"}");
}

void
mark_print(const struct mark *mark, struct buf *out)
{
	buf_text(out, "{\"kind\":\"mark\",\"segment\":");
	buf_integer(out, mark->segment);
	if (mark->sync)
		buf_text(out, ",\"sync\":true");
	for (size_t i = 0; i < mark->wait_count; i++) {
		buf_text(out, i == 0 ? ",\"wait\":[" : ",");
		json_put_text(out, mark->wait[i], strlen(mark->wait[i]));
	}
	if (mark->wait_count > 0)
		buf_char(out, ']');
	if (mark->replay.gen > 0)
		print_replay(&mark->replay, out);
	buf_text(out, "}\n");
}
