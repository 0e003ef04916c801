/* See candump.h; the facts are those of can-utils' lib.c and canplayer.c. */
#include "wire/candump.h"

#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define INTERFACE_MAX 15
#define SECONDS_MAX INT64_C(253402300799)
#define ERROR_FLAG 0x20000000u

/* A part of the line that is still to be read. */
struct rest {
	const char *at;
	size_t size;
};

static void
skip(struct rest *rest, size_t count)
{
	rest->at += count;
	rest->size -= count;
}

static void
skip_blanks(struct rest *rest)
{
	while (rest->size > 0 && (*rest->at == ' ' || *rest->at == '\t'))
		skip(rest, 1);
}

/* Cut off the next run of non-blanks. */
static struct rest
word(struct rest *rest)
{
	struct rest found;

	skip_blanks(rest);
	found = *rest;
	found.size = 0;
	while (rest->size > 0 && *rest->at != ' ' && *rest->at != '\t') {
		skip(rest, 1);
		found.size++;
	}
	return found;
}

/* "1436509052.249713": six or nine digits behind the point. */
static bool
read_seconds(const char *text, size_t size, int64_t *time_ms)
{
	const char *point = memchr(text, '.', size);
	size_t whole = point == NULL ? size : (size_t)(point - text);
	size_t digits = size - whole;
	int64_t seconds, ms;

	if (point == NULL || (digits != 7 && digits != 10))
		return false;
	for (size_t i = 1; i < digits; i++)
		if (point[i] < '0' || point[i] > '9')
			return false;
	if (!num_integer(text, whole, 0, SECONDS_MAX, &seconds) ||
	    !num_integer(point + 1, 3, 0, 999, &ms))
		return false;
	*time_ms = seconds * 1000 + ms;
	return true;
}

/* "2024-05-01 12:00:00.123456", taken as UTC. */
static bool
read_date(const char *text, size_t size, int64_t *time_ms)
{
	char form[40];

	if (size < 19 || size > sizeof(form) - 2 || text[10] != ' ')
		return false;
	memcpy(form, text, size);
	form[10] = 'T';
	form[size] = 'Z';
	return clock_parse(form, size + 1, time_ms);
}

static bool
read_stamp(struct rest *rest, struct candump *out)
{
	const char *end = memchr(rest->at, ')', rest->size);
	const char *text = rest->at + 1;
	size_t size;

	if (end == NULL)
		return false;
	size = (size_t)(end - text);
	if (!read_seconds(text, size, &out->time_ms) &&
	    !read_date(text, size, &out->time_ms))
		return false;
	out->timed = true;
	skip(rest, size + 2);
	return true;
}

/* 8 digits with the error flag set, a remote request or CAN XL? */
static bool
carries_nothing(struct rest token)
{
	const char *mark = memchr(token.at, '#', token.size);
	size_t digits = mark == NULL ? 0 : (size_t)(mark - token.at);
	size_t behind = token.size - digits;
	uint8_t id[4];

	if (digits == 5 && memchr(mark + 1, ':', behind - 1) != NULL)
		return true;
	if (behind > 1 && (mark[1] == 'R' || mark[1] == 'r'))
		return digits == 3 || digits == 8;
	return digits == 8 && num_hex(token.at, 8, id, 4) == 4 &&
	    (id[0] & 0xE0) == ERROR_FLAG >> 24;
}

/* "[2]", or "[03]" of a CAN FD message: the number, or -1. */
static int64_t
read_length(struct rest text, bool *fd)
{
	int64_t count;

	*fd = text.size == 4;
	if ((text.size != 3 && !*fd) || text.at[0] != '[' ||
	    text.at[text.size - 1] != ']')
		return -1;
	skip(&text, *fd && text.at[1] == '0' ? 2 : 1);
	if (!num_integer(
		text.at, text.size - 1, 0, *fd ? FRAME_CAN_MAX : 8, &count))
		return -1;
	return count;
}

/* Rebuild "123#1122" from the screen form "123   [2]  11 22". */
static enum candump_result
read_screen(struct rest id, struct rest *rest, struct candump *out,
    uint8_t data[FRAME_CAN_MAX])
{
	char token[8 + 3 + 2 * FRAME_CAN_MAX];
	struct rest pair;
	size_t used = id.size;
	bool fd;
	int64_t count = read_length(word(rest), &fd);

	if ((id.size != 3 && id.size != 8) || count < 0)
		return CANDUMP_BAD;
	if (memmem(rest->at, rest->size, "remote", 6) != NULL)
		return CANDUMP_OTHER;
	memcpy(token, id.at, id.size);
	memcpy(token + used, fd ? "##1" : "#", fd ? 3 : 1);
	used += fd ? 3 : 1;
	for (int64_t i = 0; i < count; i++) {
		pair = word(rest);
		if (pair.size != 2)
			return CANDUMP_BAD;
		memcpy(token + used, pair.at, 2);
		used += 2;
	}
	if (carries_nothing((struct rest){ token, used }))
		return CANDUMP_OTHER;
	return frame_can_parse(token, used, &out->can, data) ? CANDUMP_DATA
							     : CANDUMP_BAD;
}

/* A token without what says no more than its data: points between bytes
 * and the raw length code ("_9") of a message of eight. */
static enum candump_result
read_token(struct rest token, struct candump *out, uint8_t data[FRAME_CAN_MAX])
{
	char plain[8 + 3 + 2 * FRAME_CAN_MAX];
	size_t used = 0;

	if (carries_nothing(token))
		return CANDUMP_OTHER;
	if (token.size > 2 && token.at[token.size - 2] == '_')
		token.size -= 2;
	for (size_t i = 0; i < token.size; i++) {
		if (token.at[i] == '.')
			continue;
		if (used == sizeof(plain))
			return CANDUMP_BAD;
		plain[used++] = token.at[i];
	}
	return frame_can_parse(plain, used, &out->can, data) ? CANDUMP_DATA
							     : CANDUMP_BAD;
}

/* What may follow a message: nothing, or its direction. */
static bool
end_ok(struct rest *rest)
{
	struct rest last = word(rest);

	if (last.size == 0)
		return true;
	if (last.size != 1 || (*last.at != 'R' && *last.at != 'T'))
		return false;
	return word(rest).size == 0;
}

enum candump_result
candump_parse(const char *line, size_t size, struct candump *out,
    uint8_t data[FRAME_CAN_MAX])
{
	struct rest rest = { line, size };
	struct rest name, token;

	memset(out, 0, sizeof(*out));
	while (rest.size > 0 &&
	    (line[rest.size - 1] == '\r' || line[rest.size - 1] == '\n'))
		rest.size--;
	if (rest.size == 0 || (*rest.at != '(' && *rest.at != ' '))
		return CANDUMP_OTHER;
	skip_blanks(&rest);
	if (rest.size == 0)
		return CANDUMP_OTHER;
	if (*rest.at == '(' && !read_stamp(&rest, out))
		return CANDUMP_BAD;
	name = word(&rest);
	token = word(&rest);
	if (name.size == 0 || name.size > INTERFACE_MAX || token.size == 0)
		return CANDUMP_BAD;
	out->interface = name.at;
	out->interface_size = name.size;
	if (memchr(token.at, '#', token.size) == NULL)
		return read_screen(token, &rest, out, data);
	if (!end_ok(&rest))
		return CANDUMP_BAD;
	return read_token(token, out, data);
}
