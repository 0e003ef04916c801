/* See thingset.h: ThingSet 0.4 to 0.6, text mode on serial lines and TCP. */
#include "wire/thingset.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "json/json.h"
#include "wire/thingset_binary.h"

#define CRC_TAIL 10 /* blank, eight digits, '#' */
#define PATH_MAX_BYTES 256
#define CODE_ERROR 0xA0u /* this and above: the device says no */

unsigned
thingset_crc(const char *data, size_t size)
{
	uint32_t crc = 0xFFFFFFFFu;

	for (size_t i = 0; i < size; i++) {
		crc ^= (uint8_t)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
	}
	return ~crc;
}

void
thingset_ask(struct buf *out, const char *path)
{
	buf_char(out, '?');
	buf_text(out, path);
	buf_char(out, '\n');
}

void
thingset_ask_names(struct buf *out, const char *path)
{
	buf_char(out, '?');
	buf_text(out, path);
	buf_text(out, " null\n");
}

/* Take a checksum off the end; false if it is wrong. */
static bool
drop_crc(const char *line, size_t *size)
{
	uint8_t sum[4];
	size_t message;
	unsigned wanted;

	if (*size <= CRC_TAIL || line[*size - 1] != '#' ||
	    line[*size - CRC_TAIL] != ' ')
		return true;
	message = *size - CRC_TAIL;
	if (num_hex(line + message + 1, 8, sum, 4) != 4)
		return true;
	wanted = (unsigned)sum[0] << 24 | (unsigned)sum[1] << 16 |
	    (unsigned)sum[2] << 8 | sum[3];
	*size = message;
	return thingset_crc(line, message) == wanted;
}

/* Skip what stands between code and value: "/node", " ", "Content. " */
static size_t
value_start(const char *line, size_t size)
{
	size_t at = 3;

	if (at < size && line[at] == '/')
		while (at < size && line[at] != ' ')
			at++;
	if (at < size && line[at] == ' ')
		at++;
	if (at < size &&
	    ((line[at] >= 'A' && line[at] <= 'Z') || line[at] == '.')) {
		while (at < size && line[at] != '.')
			at++;
		if (at < size)
			at++;
		if (at < size && line[at] == ' ')
			at++;
	}
	return at;
}

static enum thingset_result
take_value(const char *text, size_t size, struct arena *arena,
    struct thingset_answer *answer)
{
	struct failure why;
	json_t *value;

	answer->json = "";
	if (size == 0)
		return THINGSET_VALUE;
	value = json_read(text, size, &why);
	if (value == NULL) {
		snprintf(answer->why, sizeof(answer->why),
		    "answer is no JSON: %.120s", why.message);
		return THINGSET_BAD;
	}
	json_decref(value);
	answer->json = json_compact(arena, text, size, &answer->size);
	return THINGSET_VALUE;
}

enum thingset_result
thingset_parse(const char *line, size_t size, struct arena *arena,
    struct thingset_answer *answer)
{
	uint8_t code;
	size_t at;

	memset(answer, 0, sizeof(*answer));
	if (size < 3 || line[0] != ':' || num_hex(line + 1, 2, &code, 1) != 1 ||
	    code < 0x80)
		return THINGSET_NONE;
	answer->code = code;
	if (!drop_crc(line, &size)) {
		snprintf(answer->why, sizeof(answer->why),
		    "answer with a wrong checksum");
		return THINGSET_BAD;
	}
	if (code >= CODE_ERROR) {
		snprintf(answer->why, sizeof(answer->why), "%s (%02X)",
		    thingset_code_name(code), code);
		return THINGSET_REFUSED;
	}
	at = value_start(line, size);
	return take_value(line + at, size - at, arena, answer);
}

bool
thingset_report(const char *line, size_t size, struct arena *arena,
    const char **path, struct thingset_answer *values)
{
	size_t end = 1;

	memset(values, 0, sizeof(*values));
	if (size < 2 || line[0] != '#' || !drop_crc(line, &size))
		return false;
	while (end < size && strchr(" {[", line[end]) == NULL)
		end++;
	if (end - 1 > PATH_MAX_BYTES || memchr(line, '\0', end) != NULL)
		return false;
	*path = arena_text(arena, line + 1, end - 1);
	return take_value(line + end, size - end, arena, values) ==
	    THINGSET_VALUE &&
	    values->size > 0;
}
