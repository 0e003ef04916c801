/* Which kind of line is this; and marks. */
#include <string.h>

#include "json/json.h"
#include "record/line.h"
#include "record/load.h"

#define SEGMENT_MAX INT64_C(1000000000000000)

static const struct {
	const char *name;
	size_t size;
	enum line_kind kind;
} kinds[] = {
	{ "battery", 7, LINE_READING }, { "frame", 5, LINE_FRAME },
	{ "energy", 6, LINE_READING }, { "status", 6, LINE_READING },
	{ "mark", 4, LINE_MARK }, { "alert", 5, LINE_ALERT },
	{ "device", 6, LINE_DEVICE }
};

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
	const char *text;

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

int
mark_parse(char *line, size_t size, struct arena *arena, struct mark *mark,
    struct failure *why)
{
	static const char *const names[] = {
		"kind", "segment", "sync", "wait", NULL
	};
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
	    json_member_bool(object, "sync", &mark->sync, why) == 0)
		result = load_wait(object, arena, mark, why);
	json_decref(object);
	return result;
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
	buf_text(out, mark->wait_count > 0 ? "]}\n" : "}\n");
}
