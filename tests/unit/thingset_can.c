/* ThingSet on CAN and on streams; the frames are those of the protocol note
 * (specification v0.6 and the SDK's tests). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/isotp.h"
#include "wire/thingset_binary.h"
#include "wire/thingset_can.h"
#include "wire/thingset_cbor.h"

static struct frame_can
frame_of(const char *text, uint8_t data[FRAME_CAN_MAX])
{
	struct frame_can can;

	assert_true(frame_can_parse(text, strlen(text), &can, data));
	return can;
}

static void
same_frame(const char *want, uint32_t id, const uint8_t *data, size_t size)
{
	struct frame_can can = {
		.id = id, .extended = true, .size = (uint8_t)size, .data = data
	};
	struct buf text = { 0 };

	frame_can_print(&can, &text);
	assert_string_equal(text.data, want);
	buf_free(&text);
}

static void
test_identifiers(void **state)
{
	uint8_t data[FRAME_CAN_MAX];
	struct thingset_can head;
	struct frame_can can;

	(void)state;
	can = frame_of("180001CC#040119028C", data);
	assert_true(thingset_can_read(&can, &head));
	assert_int_equal(head.type, THINGSET_CAN_REQUEST);
	assert_int_equal(head.target, 1);
	assert_int_equal(head.source, 0xCC);
	assert_int_equal(thingset_can_request(1, 0xCC), 0x180001CC);
	can = frame_of("1E123402#F6", data);
	assert_true(thingset_can_read(&can, &head));
	assert_int_equal(head.type, THINGSET_CAN_ITEM);
	assert_int_equal(head.id, 0x1234);
	assert_int_equal(head.source, 2);
	assert_int_equal(thingset_can_item(0x1234, 2), 0x1E123402);
	can = frame_of("135A01FE#", data);
	assert_true(thingset_can_read(&can, &head));
	assert_int_equal(head.type, THINGSET_CAN_NETWORK);
	assert_int_equal(thingset_can_call(), 0x135AFFFE);
	assert_int_equal(thingset_can_claim(1), 0x1300FF01);
	can = frame_of("0A123402#F6", data);
	assert_true(thingset_can_read(&can, &head));
	assert_int_equal(head.type, THINGSET_CAN_CONTROL);
	can = frame_of("123#F6", data);
	assert_false(thingset_can_read(&can, &head));
}

/* FETCH 0x07 [0x71, 0x73, 0x7C] and its answer, frame by frame. */
static void
test_request(void **state)
{
	static const char *const answer[] = { "18000001#101285F683FA4154",
		"18000001#210000FAC048F5C3", "18000001#22FA42A30000" };
	struct isotp_out out = { 0 };
	struct isotp_in in = { 0 };
	struct thingset_message message;
	struct buf request = { 0 }, json = { 0 };
	uint8_t frame[ISOTP_FRAME], data[FRAME_CAN_MAX];
	json_t *wanted = json_pack("[iii]", 0x71, 0x73, 0x7c);
	struct frame_can can;

	(void)state;
	thingset_fetch_put("0x7", wanted, &request);
	assert_true(isotp_begin(&out, request.data, request.size));
	assert_int_equal(isotp_next(&out, frame), 8);
	same_frame(
	    "18000100#1009050783187118", thingset_can_request(1, 0), frame, 8);
	assert_int_equal(isotp_next(&out, frame), 0);
	can = frame_of("18000001#300801", data);
	assert_int_equal(isotp_take(&in, can.data, can.size), ISOTP_FLOW);
	assert_true(isotp_flow(&out, can.data, can.size));
	assert_int_equal(out.gap_ms, 1);
	assert_int_equal(isotp_next(&out, frame), 4);
	same_frame("18000100#2173187C", thingset_can_request(1, 0), frame, 4);
	assert_true(isotp_sent(&out));
	can = frame_of(answer[0], data);
	assert_int_equal(isotp_take(&in, can.data, can.size), ISOTP_BEGUN);
	assert_int_equal(isotp_go_on(frame), 3);
	same_frame("18000100#300000", thingset_can_request(1, 0), frame, 3);
	can = frame_of(answer[1], data);
	assert_int_equal(isotp_take(&in, can.data, can.size), ISOTP_MORE);
	can = frame_of(answer[2], data);
	assert_int_equal(isotp_take(&in, can.data, can.size), ISOTP_WHOLE);
	thingset_message_read(
	    (const uint8_t *)in.message.data, in.message.size, &message);
	assert_int_equal(message.kind, THINGSET_ANSWER);
	thingset_json_put(message.payload, &json);
	assert_string_equal(json.data, "[13.25,-3.14,81.5]");
	thingset_message_clear(&message);
	json_decref(wanted);
	buf_free(&out.message);
	buf_free(&in.message);
	buf_free(&request);
	buf_free(&json);
}

static void
test_lost_frame(void **state)
{
	static const uint8_t first[8] = { 0x10, 20, 1, 2, 3, 4, 5, 6 };
	static const uint8_t third[8] = { 0x22, 1, 2, 3, 4, 5, 6, 7 };
	static const uint8_t single[3] = { 0x02, 0x84, 0xF6 };
	static const uint8_t lies[3] = { 0x07, 0x84, 0xF6 };
	struct isotp_in in = { 0 };

	(void)state;
	assert_int_equal(isotp_take(&in, third, 8), ISOTP_NONE);
	assert_int_equal(isotp_take(&in, first, 8), ISOTP_BEGUN);
	assert_int_equal(isotp_take(&in, third, 8), ISOTP_DAMAGED);
	assert_int_equal(isotp_take(&in, third, 8), ISOTP_NONE);
	assert_int_equal(isotp_take(&in, single, 3), ISOTP_WHOLE);
	assert_int_equal(in.message.size, 2);
	assert_int_equal(isotp_take(&in, lies, 3), ISOTP_DAMAGED);
	buf_free(&in.message);
}

/* Block size and a message longer than a block, against ourselves. */
static void
test_blocks(void **state)
{
	static const uint8_t leave[3] = { 0x30, 2, 0xF5 };
	static const uint8_t wait[3] = { 0x31, 0, 0 };
	static const uint8_t no[3] = { 0x32, 0, 0 };
	struct isotp_out out = { 0 };
	struct isotp_in in = { 0 };
	char message[1000];
	uint8_t frame[ISOTP_FRAME];
	enum isotp_result result = ISOTP_NONE;
	unsigned leaves = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (char)(i * 7);
	assert_true(isotp_begin(&out, message, sizeof(message)));
	while (result != ISOTP_WHOLE) {
		size_t size = isotp_next(&out, frame);

		if (size > 0) {
			result = isotp_take(&in, frame, size);
			continue;
		}
		assert_true(isotp_flow(&out, wait, 3));
		assert_int_equal(isotp_next(&out, frame), 0);
		assert_true(isotp_flow(&out, leave, 3));
		assert_int_equal(out.gap_ms, 1);
		leaves++;
	}
	assert_int_equal(leaves, 71); /* 142 frames in pairs */
	assert_int_equal(in.message.size, sizeof(message));
	assert_memory_equal(in.message.data, message, sizeof(message));
	assert_true(isotp_begin(&out, message, 100));
	isotp_next(&out, frame);
	assert_false(isotp_flow(&out, no, 3));
	assert_false(isotp_begin(&out, message, 0));
	buf_free(&out.message);
	buf_free(&in.message);
}

static void
test_reports(void **state)
{
	static const char *const frames[] = { "1D004001#1F1831A31871FA41",
		"1D005101#5400001873FAC048", "1D005201#F5C3187CFA42A300",
		"1D006301#00" };
	struct thingset_parts parts = { 0 };
	struct thingset_message message;
	struct buf json = { 0 };
	uint8_t data[FRAME_CAN_MAX];
	struct thingset_can head;
	struct frame_can can;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		can = frame_of(frames[i], data);
		assert_true(thingset_can_read(&can, &head));
		assert_int_equal(head.type, THINGSET_CAN_PART);
		assert_int_equal(can.id,
		    thingset_can_part(1, (unsigned)i, i == 0, i == 3, 1));
		assert_int_equal(
		    thingset_part_add(&parts, &head, &can), i == 3);
	}
	assert_int_equal(parts.data.size, 25);
	thingset_message_read(
	    (const uint8_t *)parts.data.data, parts.data.size, &message);
	assert_int_equal(message.kind, THINGSET_REPORT);
	assert_int_equal(json_integer_value(message.endpoint), 0x31);
	thingset_json_put(message.payload, &json);
	assert_string_equal(
	    json.data, "{\"0x71\":13.25,\"0x73\":-3.14,\"0x7C\":81.5}");
	thingset_message_clear(&message);
	/* one that lacks a part is none */
	for (size_t i = 0; i < 4; i++) {
		can = frame_of(frames[i], data);
		thingset_can_read(&can, &head);
		if (i != 2)
			assert_false(thingset_part_add(&parts, &head, &can));
	}
	buf_free(&parts.data);
	buf_free(&json);
}

/* Bluetooth's way to set messages apart, also used on serial lines. */
static void
test_stream(void **state)
{
	static const struct {
		const char *message, *stream;
		size_t size, stream_size;
	} cases[] = { { "?Bat", "\n?Bat\n", 4, 6 },
		{ "\x1F\x00\xA1\x18\x40\x0D",
		    "\n\x1F\x00\xA1\x18\x40\xCE\xCD\n", 6, 9 },
		{ "\x85\xF6\x0A", "\n\x85\xF6\xCE\xCA\n", 3, 6 },
		{ "\x85\xF6\x18\xCE", "\n\x85\xF6\x18\xCE\xCF\n", 4, 7 } };
	struct buf stream = { 0 }, message = { 0 };
	size_t used;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		buf_clear(&stream);
		thingset_stream_put(cases[i].message, cases[i].size, &stream);
		assert_int_equal(stream.size, cases[i].stream_size);
		assert_memory_equal(stream.data, cases[i].stream, stream.size);
		for (size_t size = 0; size < stream.size; size++)
			assert_false(
			    thingset_stream_take((const uint8_t *)stream.data,
				size, &used, &message));
		assert_true(thingset_stream_take((const uint8_t *)stream.data,
		    stream.size, &used, &message));
		assert_int_equal(used, stream.size);
		assert_int_equal(message.size, cases[i].size);
		assert_memory_equal(
		    message.data, cases[i].message, message.size);
	}
	buf_free(&stream);
	buf_free(&message);
}

/* What hostile CBOR does: it is refused, and nothing else. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = { { "", 0 }, { "\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9 },
		{ "\x9A\x00\x10\x00\x00\x01", 6 },
		{ "\xBB\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9 },
		{ "\x7B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx", 10 },
		{ "\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01", 10 },
		{ "\xC6\xC6\xC6\xC6\xC6\xC6\xC6\xC6\xC6\x01", 10 },
		{ "\xA2\x61x\x01\x61x\x02", 7 }, /* twice the same name */
		{ "\xA1\x81\x01\x02", 4 }, { "\xA1\x01", 2 },
		{ "\x62\xFF\xFE", 3 }, /* no UTF-8 */
		{ "\x63x\0y", 4 }, { "\xFF", 1 }, { "\x9F\x01\xFF", 3 },
		{ "\x1C", 1 }, { "\xFA\x41\x54", 3 } };
	struct failure why;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *value =
		    thingset_cbor_read((const uint8_t *)cases[i].bytes,
			cases[i].size, &used, &why);

		if (value != NULL)
			print_message("case %zu was taken\n", i);
		assert_null(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_lost_frame),
		cmocka_unit_test(test_blocks), cmocka_unit_test(test_reports),
		cmocka_unit_test(test_stream), cmocka_unit_test(test_hostile) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
