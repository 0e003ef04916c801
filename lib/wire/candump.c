/* See candump.h; the facts are those of can-utils' lib.c and canplayer.c. */
#include "wire/candump.h"

#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define INTERFACE_MAX 15
#define SECONDS_MAX INT64_C(253402300799)

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
read_seconds(const char *text, size_t size, struct candump *out)
{
	const char *point = memchr(text, '.', size);
	size_t whole = point == NULL ? size : (size_t)(point - text);
	size_t digits = size - whole;
	int64_t seconds, ms, us;

	if (point == NULL || (digits != 7 && digits != 10))
		return false;
	for (size_t i = 1; i < digits; i++)
		if (point[i] < '0' || point[i] > '9')
			return false;
	if (!num_integer(text, whole, 0, SECONDS_MAX, &seconds) ||
	    !num_integer(point + 1, 3, 0, 999, &ms) ||
	    !num_integer(point + 4, 3, 0, 999, &us))
		return false;
	out->time_ms = seconds * 1000 + ms;
	out->time_us = (uint16_t)us;
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
	if (!read_seconds(text, size, out) &&
	    !read_date(text, size, &out->time_ms))
		return false;
	out->timed = true;
	skip(rest, size + 2);
	return true;
}

/* A remote request or CAN XL? */
static bool
carries_nothing(struct rest token)
{
	const char *mark = memchr(token.at, '#', token.size);
	size_t digits = mark == NULL ? 0 : (size_t)(mark - token.at);
	size_t behind = token.size - digits;

	if (digits == 5 && memchr(mark + 1, ':', behind - 1) != NULL)
		return true;
	return behind > 1 && (mark[1] == 'R' || mark[1] == 'r') &&
	    (digits == 3 || digits == 8);
}

/* A message without what says no more than its data does. With the error
 * flag in its 8 digits it is an error frame. */
static enum candump_result
read_plain(
    char *plain, size_t size, struct candump *out, uint8_t data[FRAME_CAN_MAX])
{
	bool error =
	    size > 8 && plain[8] == '#' && (plain[0] == '2' || plain[0] == '3');

	if (error)
		plain[0] = (char)(plain[0] - 2);
	if (!frame_can_parse(plain, size, &out->can, data))
		return CANDUMP_BAD;
	return error ? CANDUMP_ERROR : CANDUMP_DATA;
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
	return read_plain(token, used, out, data);
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
	return read_plain(plain, used, out, data);
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

/* "RX" or "TX" of candump -x, behind which stand two flags. */
static bool
is_direction(struct rest token)
{
	return token.size == 2 && (token.at[0] == 'R' || token.at[0] == 'T') &&
	    token.at[1] == 'X';
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
	if (is_direction(token)) {
		word(&rest);
		word(&rest);
		token = word(&rest);
	}
	if (memchr(token.at, '#', token.size) == NULL)
		return read_screen(token, &rest, out, data);
	if (!end_ok(&rest))
		return CANDUMP_BAD;
	return read_token(token, out, data);
}
