/*
 * The vectors of the reference implementation (thingset-node-c) and of the
 * protocol note: requests come out byte for byte, answers decode to what was
 * published and encode to the same bytes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "wire/thingset.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_cbor.h"

#define BYTES_MAX 512

static unsigned requests, answers, texts, values;

/* Hexadecimal with blanks anywhere. */
static size_t
bytes_of(const char *text, size_t length, uint8_t *bytes)
{
	char hex[2 * BYTES_MAX + 1];
	size_t digits = 0;
	long count;

	for (size_t i = 0; i < length && digits < 2 * BYTES_MAX; i++)
		if (text[i] != ' ')
			hex[digits++] = text[i];
	count = num_hex(hex, digits, bytes, BYTES_MAX);
	assert_true(count > 0);
	return (size_t)count;
}

static json_t *
item(const uint8_t *bytes, size_t size, size_t *used)
{
	struct failure why;
	json_t *value = thingset_cbor_read(bytes, size, used, &why);

	if (value == NULL)
		print_message("%s\n", why.message);
	assert_non_null(value);
	return value;
}

static void
same_bytes(const struct buf *out, const uint8_t *bytes, size_t size)
{
	assert_int_equal(out->size, size);
	assert_memory_equal(out->data, bytes, size);
}

/* Only GET and FETCH can be made; of others each item is encoded again. */
static void
check_request(const uint8_t *bytes, size_t size)
{
	char name[THINGSET_ID_TEXT];
	struct buf out = { 0 };
	size_t used, more;
	json_t *endpoint = item(bytes + 1, size - 1, &used);
	json_t *wanted = NULL;
	const char *path = json_string_value(endpoint);

	if (json_is_integer(endpoint)) {
		thingset_id_name((uint64_t)json_integer_value(endpoint), name);
		path = name;
	}
	if (1 + used < size)
		wanted = item(bytes + 1 + used, size - 1 - used, &more);
	if (bytes[0] == 0x01 && path != NULL) {
		thingset_get_put(path, &out);
	} else if (bytes[0] == 0x05 && path != NULL) {
		thingset_fetch_put(path, wanted, &out);
	} else {
		buf_put(&out, bytes, 1);
		thingset_cbor_put(endpoint, &out);
		if (wanted != NULL)
			thingset_cbor_put(wanted, &out);
	}
	same_bytes(&out, bytes, size);
	json_decref(endpoint);
	json_decref(wanted);
	buf_free(&out);
	requests++;
}

static void
check_answer(const uint8_t *bytes, size_t size)
{
	struct thingset_message message;
	struct buf out = { 0 };
	size_t head;

	thingset_message_read(bytes, size, &message);
	assert_int_equal(message.code, bytes[0]);
	assert_int_equal(
	    message.kind, bytes[0] < 0xA0 ? THINGSET_ANSWER : THINGSET_ERROR);
	if (message.payload == NULL) {
		assert_int_equal(bytes[size - 1], 0xF6);
	} else {
		thingset_cbor_put(message.payload, &out);
		head = size - out.size;
		/* a decimal fraction comes out as a float, what is no number
		 * as null */
		if (memchr(bytes, 0xC4, size) == NULL &&
		    memchr(bytes, 0x7F, size) == NULL)
			same_bytes(&out, bytes + head, size - head);
	}
	thingset_message_clear(&message);
	buf_free(&out);
	answers++;
}

/* Text mode: the value is what stands there, in jansson's eyes as well. */
static void
check_text(const char *answer)
{
	struct arena arena = { 0 };
	struct thingset_answer got;
	enum thingset_result result =
	    thingset_parse(answer, strlen(answer), &arena, &got);

	assert_int_equal(got.code, strtoul(answer + 1, NULL, 16));
	if (got.code >= 0xA0) {
		assert_int_equal(result, THINGSET_REFUSED);
	} else {
		assert_int_equal(result, THINGSET_VALUE);
		assert_string_equal(
		    got.json, strlen(answer) > 4 ? answer + 4 : "");
	}
	arena_free(&arena);
	texts++;
}

static void
test_node_c(void **state)
{
	const char *captures = getenv("TBMS_CAPTURES");
	uint8_t bytes[BYTES_MAX];
	struct failure why;
	char path[4096];
	json_t *list, *one;
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "%s/thingset/node-c-vectors.json",
	    captures == NULL ? "" : captures);
	list = json_file(path, &why);
	if (list == NULL) {
		printf("# SKIPPED: no %s\n", path);
		skip();
	}
	json_array_foreach(list, i, one)
	{
		const char *kind =
		    json_string_value(json_object_get(one, "kind"));
		const char *ask =
		    json_string_value(json_object_get(one, "request"));
		const char *answer =
		    json_string_value(json_object_get(one, "response"));
		struct buf out = { 0 };

		if (strcmp(kind, "hex") == 0) {
			check_request(bytes, bytes_of(ask, strlen(ask), bytes));
			check_answer(
			    bytes, bytes_of(answer, strlen(answer), bytes));
			continue;
		}
		check_text(answer);
		if (ask[0] == '?' && strpbrk(ask, " [") == NULL) {
			thingset_ask(&out, ask + 1);
			assert_int_equal(out.size, strlen(ask) + 1);
			assert_memory_equal(out.data, ask, strlen(ask));
		}
		buf_free(&out);
	}
	assert_int_equal(i, requests + texts);
	printf(
	    "# %u texts, %u requests, %u answers\n", texts, requests, answers);
	json_decref(list);
}

/* A value of the note's table against what came: numbers as numbers. */
static void
check_value(const json_t *got, const char *want, size_t size)
{
	char text[80];
	char *end;
	double number;

	memcpy(text, want, size);
	text[size] = '\0';
	number = strtod(text, &end);
	if (strcmp(text, "inf") == 0 || strcmp(text, "nan") == 0 ||
	    strcmp(text, "null") == 0) {
		assert_true(json_is_null(got));
	} else if (*end == '\0' && end > text) {
		double value = json_number_value(got);
		double off = value > number ? value - number : number - value;

		assert_true(json_is_number(got));
		/* the note rounds to six decimals */
		assert_true(off <= 5e-7 &&
		    off <= 1e-6 * (number < 0 ? -number : number));
	} else if (strncmp(text, "0x", 2) != 0 && text[0] == '"') {
		assert_memory_equal(
		    json_string_value(got), text + 1, strlen(text) - 2);
	}
	values++;
}

/* The cells of a table's line that stand in back quotes, or plain ones. */
static size_t
cells_of(const char *line, const char **cell, size_t *size, size_t most)
{
	size_t count = 0;

	while (*line == '|' && count < most) {
		const char *end = strchr(++line, '|');

		if (end == NULL)
			break;
		cell[count] = line + 1;
		size[count] = end > line + 1 ? (size_t)(end - line) - 2 : 0;
		if (size[count] > 1 && line[1] == '`') {
			cell[count]++;
			size[count] -= 2;
		}
		count++;
		line = end;
	}
	return count;
}

static bool
is(const char *text, size_t size, const char *word)
{
	return size >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static void
check_line(const char *line, int section)
{
	uint8_t bytes[BYTES_MAX];
	const char *cell[4];
	size_t size[4], length, used;
	size_t count = cells_of(line, cell, size, 4);
	json_t *value;

	if (count < 2 || is(cell[0], size[0], "--"))
		return;
	if (section == 1 && count == 2 && is(line, 3, "| `")) {
		length = bytes_of(cell[0], size[0], bytes);
		value = item(bytes, length, &used);
		assert_int_equal(used, length);
		check_value(value, cell[1], size[1]);
		json_decref(value);
	} else if (section == 2 && is(cell[0], size[0], "req")) {
		check_request(bytes, bytes_of(cell[2], size[2], bytes));
	} else if (section == 2 && is(cell[0], size[0], "rsp")) {
		check_answer(bytes, bytes_of(cell[2], size[2], bytes));
	} else if (section == 2 && is(cell[0], size[0], "report")) {
		struct thingset_message message;

		length = bytes_of(cell[2], size[2], bytes);
		thingset_message_read(bytes, length, &message);
		assert_int_equal(message.kind, THINGSET_REPORT);
		assert_true(json_is_integer(message.endpoint));
		thingset_message_clear(&message);
		values++;
	}
}

static void
test_note(void **state)
{
	const char *captures = getenv("TBMS_CAPTURES");
	char path[4096], line[4096];
	int section = 0;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path),
	    "%s/../protocols/02-thingset-libresolar.md",
	    captures == NULL ? "" : captures);
	file = fopen(path, "r");
	if (file == NULL) {
		printf("# SKIPPED: no %s\n", path);
		skip();
	}
	requests = answers = values = 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			section = 0;
		if (strncmp(line, "### 4.", 6) == 0)
			section = line[6] - '0';
		check_line(line, section);
	}
	fclose(file);
	printf("# %u values, %u requests, %u answers\n", values, requests,
	    answers);
	assert_int_equal(values, 36);
	assert_int_equal(requests, 10);
	assert_int_equal(answers, 10);
}

/* The exponent -2^63 has no counterpart above zero; it is out of range, and
 * what it stands in is no number. */
static void
exponent_out_of_range(void **state)
{
	static const uint8_t bytes[] = { 0xC4, 0x82, 0x3B, 0x7F, 0xFF, 0xFF,
		0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x05 };
	size_t used;
	json_t *value = item(bytes, sizeof(bytes), &used);

	(void)state;
	assert_int_equal(used, sizeof(bytes));
	assert_true(json_is_array(value));
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_node_c),
		cmocka_unit_test(test_note),
		cmocka_unit_test(exponent_out_of_range) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
