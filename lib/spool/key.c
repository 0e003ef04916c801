/* What the spool reads of a line: whose it is, and when it was taken. */
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "json/json.h"
#include "record/line.h"
#include "spool/spool.h"

bool
spool_line(const struct buf *text, size_t *at, const char **line, size_t *size)
{
	const char *start, *end;

	if (*at >= text->size)
		return false;
	start = text->data + *at;
	end = memchr(start, '\n', text->size - *at);
	if (end == NULL)
		return false;
	*line = start;
	*size = (size_t)(end - start);
	*at += *size + 1;
	return true;
}

/* A name that is too long, or no tenant's, counts as none. */
static void
set_name(char out[SPOOL_KEY_ROOM], const char *text, size_t size)
{
	if (size >= SPOOL_KEY_ROOM)
		size = 0;
	memcpy(out, text, size);
	out[size] = '\0';
}

/* `"name":"value"` at *at: past it, and the value; plain text only. */
static bool
scan(const char **at, const char *end, const char *name, size_t name_size,
    const char **value, size_t *size)
{
	const char *start = *at + name_size, *quote;

	if ((size_t)(end - *at) <= name_size ||
	    memcmp(*at, name, name_size) != 0)
		return false;
	quote = memchr(start, '"', (size_t)(end - start));
	if (quote == NULL ||
	    memchr(start, '\\', (size_t)(quote - start)) != NULL)
		return false;
	*value = start;
	*size = (size_t)(quote - start);
	*at = quote + 1;
	return true;
}

#define SCAN(name) scan(&at, end, name, sizeof(name) - 1, &value, &value_size)

/* A line as our programs print it: the members that count come first. */
static bool
key_canonical(const char *line, size_t size, struct spool_key *key)
{
	const char *at = line, *end = line + size, *value;
	size_t value_size;

	if (!SCAN("{\"kind\":\""))
		return false;
	key->frame = value_size == 5 && memcmp(value, "frame", 5) == 0;
	if (!SCAN(",\"time\":\"") ||
	    !clock_parse(value, value_size, &key->time_ms))
		return false;
	if (!SCAN(",\"tenant\":\""))
		return false;
	set_name(key->tenant, value, value_size);
	if (!SCAN(",\"device\":\""))
		return false;
	set_name(key->device, value, value_size);
	if (!SCAN(",\"profile\":\""))
		return false;
	set_name(key->profile, value, value_size);
	return true;
}

static void
member(const json_t *object, const char *name, char out[SPOOL_KEY_ROOM])
{
	const char *text = json_string_value(json_object_get(object, name));

	if (text != NULL)
		set_name(out, text, strlen(text));
}

void
spool_key(const char *line, size_t size, struct spool_key *key)
{
	struct failure why;
	const char *time;
	json_t *object;

	memset(key, 0, sizeof(*key));
	key->time_ms = -1;
	if (!key_canonical(line, size, key)) {
		memset(key, 0, sizeof(*key));
		key->time_ms = -1;
		object = json_read(line, size, &why);
		key->frame =
		    object != NULL && line_kind(line, size) == LINE_FRAME;
		member(object, "tenant", key->tenant);
		member(object, "device", key->device);
		member(object, "profile", key->profile);
		time = json_string_value(json_object_get(object, "time"));
		if (time == NULL ||
		    !clock_parse(time, strlen(time), &key->time_ms))
			key->time_ms = -1;
		json_decref(object);
	}
	if (!io_slug_ok(key->tenant))
		memcpy(key->tenant, "-", 2);
}
