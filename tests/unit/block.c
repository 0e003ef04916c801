/* Blocks give back the very bytes that went in, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/block.h"
#include "store/pack.h"

#define ROWS 500

static struct block_maker *maker;

static int
open_maker(void **data)
{
	struct failure why;

	(void)data;
	maker = block_maker_open(&why);
	return maker == NULL;
}

static int
close_maker(void **data)
{
	(void)data;
	block_maker_close(maker);
	return 0;
}

/* Rows as different from each other as readings can be. */
struct made {
	struct readings_row row[ROWS];
	struct buf packed[ROWS];
	struct arena arena;
	uint32_t seed;
};

static uint32_t
any(struct made *made, uint32_t below)
{
	made->seed = made->seed * 1664525u + 1013904223u;
	return (made->seed >> 8) % below;
}

static void
some_numbers(struct made *made, struct reading *reading)
{
	reading_set(reading, MEASUREMENT_pack_voltage, any(made, 60000));
	reading_set(reading, MEASUREMENT_pack_current,
	    (int64_t)any(made, 400000) - 200000);
	if (any(made, 3) == 0)
		reading_set(reading, MEASUREMENT_soc_percent, any(made, 10000));
	if (any(made, 4) == 0)
		reading_set(reading, MEASUREMENT_bms_timestamp,
		    reading->time_ms - any(made, 100000));
	if (any(made, 9) == 0)
		reading_set(reading, MEASUREMENT_operation_mode, any(made, 5));
}

static void
some_list(struct made *made, struct reading *reading)
{
	uint32_t count = any(made, 20);
	int32_t *item = arena_alloc(&made->arena, 20 * sizeof(*item));

	for (uint32_t i = 0; i < count; i++)
		item[i] = any(made, 8) == 0 ? READING_ITEM_UNKNOWN
					    : (int32_t)any(made, 5000);
	reading_set_list(reading, MEASUREMENT_cell_voltages, item, count);
}

static void
some_text(struct made *made, struct reading *reading)
{
	static const char *const texts[] = { "[]", "[\"cell_overvoltage\"]",
		"[\"a\",\"b\"]" };
	const char *text = texts[any(made, 3)];

	if (any(made, 2) == 0)
		reading_set_text(
		    reading, MEASUREMENT_fault_codes, text, strlen(text));
}

static void
make_rows(struct made *made, size_t count, uint32_t seed)
{
	int64_t time_ms = 1760000000000;

	memset(made, 0, sizeof(*made));
	made->seed = seed;
	for (size_t i = 0; i < count; i++) {
		struct reading reading;

		reading_clear(&reading);
		reading.kind = READING_BATTERY;
		reading.time_ms = time_ms += 1 + any(made, 60000);
		some_numbers(made, &reading);
		some_list(made, &reading);
		some_text(made, &reading);
		reading_derive(&reading);
		pack_reading(&reading, &made->packed[i]);
		made->row[i] = (struct readings_row){ .battery_id = 1,
			.time_ms = time_ms,
			.gen = any(made, 3),
			.kind = READING_BATTERY,
			.quality = any(made, 5) == 0 ? PACK_QUALITY_UNKNOWN
						     : any(made, 5),
			.packed = made->packed[i].data,
			.size = made->packed[i].size,
			.made = any(made, 2) == 0,
			.device_id = any(made, 4) };
	}
}

static void
free_rows(struct made *made)
{
	for (size_t i = 0; i < ROWS; i++)
		buf_free(&made->packed[i]);
	arena_free(&made->arena);
}

static void
assert_same(const struct block *block, const struct made *made, size_t i)
{
	const struct readings_row *was = &made->row[i];
	struct readings_row now;
	struct buf packed = { 0 };

	block_row(block, i, &now);
	block_packed(block, i, &packed);
	assert_int_equal(now.time_ms, was->time_ms);
	assert_int_equal(now.gen, was->gen);
	assert_int_equal(now.kind, was->kind);
	assert_int_equal(now.quality, was->quality);
	assert_int_equal(now.made, was->made);
	assert_int_equal(now.device_id, was->device_id);
	assert_int_equal(packed.size, was->size);
	assert_memory_equal(packed.data, was->packed, was->size);
	buf_free(&packed);
}

static void
gives_back_each_byte(void **state)
{
	static struct made made;
	struct failure why;

	(void)state;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		size_t count = seed == 1 ? 1 : ROWS / seed;
		struct buf out = { 0 };
		struct block *block;

		make_rows(&made, count, seed);
		assert_int_equal(
		    block_make(maker, made.row, count, &out, &why), 0);
		block = block_open(out.data, out.size, &why);
		assert_non_null(block);
		assert_int_equal(block_count(block), count);
		for (size_t i = 0; i < count; i++)
			assert_same(block, &made, i);
		block_close(block);
		buf_free(&out);
		free_rows(&made);
	}
}

/* A reading out of a block is the one out of the packed row. */
static void
reads_as_rows_do(void **state)
{
	static struct made made;
	struct reading a, b;
	struct failure why;
	struct buf out = { 0 }, one = { 0 }, two = { 0 };
	struct block *block;

	(void)state;
	make_rows(&made, 100, 7);
	assert_int_equal(block_make(maker, made.row, 100, &out, &why), 0);
	block = block_open(out.data, out.size, &why);
	assert_non_null(block);
	for (size_t i = 0; i < 100; i++) {
		const struct readings_row *row = &made.row[i];

		reading_clear(&a);
		a.kind = row->kind;
		a.time_ms = row->time_ms;
		a.gen = row->gen;
		assert_int_equal(pack_read(row->packed, row->size, row->quality,
				     &made.arena, &a, &why),
		    0);
		block_reading(block, i, false, &b);
		buf_clear(&one);
		buf_clear(&two);
		reading_print(&a, &one);
		reading_print(&b, &two);
		assert_string_equal(one.data, two.data);
	}
	block_close(block);
	buf_free(&out);
	buf_free(&one);
	buf_free(&two);
	free_rows(&made);
}

/* Any bit that falls over is noticed. */
static void
refuses_damage(void **state)
{
	static struct made made;
	struct failure why;
	struct buf out = { 0 };
	struct block *block;

	(void)state;
	make_rows(&made, 50, 3);
	assert_int_equal(block_make(maker, made.row, 50, &out, &why), 0);
	for (size_t bit = 0; bit < out.size * 8; bit++) {
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		block = block_open(out.data, out.size, &why);
		if (block != NULL)
			for (size_t i = 0; i < 50; i++)
				assert_same(block, &made, i);
		block_close(block);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t size = 0; size < out.size; size++)
		assert_null(block_open(out.data, size, &why));
	buf_free(&out);
	free_rows(&made);
}

/* What could not be made is nowhere in what is made next. */
static void
goes_on_after_damage(void **state)
{
	static const char damaged[4096] = "\xff\xff\xff";
	static struct made made;
	struct buf wanted = { 0 }, out = { 0 };
	struct block_maker *fresh;
	struct failure why;
	const void *kept;

	(void)state;
	make_rows(&made, 50, 5);
	kept = made.row[30].packed;
	made.row[30].packed = damaged;
	assert_int_equal(block_make(maker, made.row, 50, &out, &why), -1);
	assert_int_equal(out.size, 0);
	made.row[30].packed = kept;
	fresh = block_maker_open(&why);
	assert_int_equal(block_make(fresh, made.row, 50, &wanted, &why), 0);
	assert_int_equal(block_make(maker, made.row, 50, &out, &why), 0);
	assert_int_equal(out.size, wanted.size);
	assert_memory_equal(out.data, wanted.data, out.size);
	block_maker_close(fresh);
	buf_free(&wanted);
	buf_free(&out);
	free_rows(&made);
}

/* Large and different texts: what was sealed must open again. */
static void
opens_the_largest(void **state)
{
	enum { COUNT = 2200 };
	static const int ids[] = { MEASUREMENT_fault_codes,
		MEASUREMENT_warning_codes, MEASUREMENT_protection_status,
		MEASUREMENT_notes };
	static char text[READING_TEXT_MAX];
	struct readings_row *row = calloc(COUNT, sizeof(*row));
	struct buf packed = { 0 }, out = { 0 };
	struct failure why;
	struct block *block;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < COUNT; i++) {
		struct reading reading;

		reading_clear(&reading);
		reading.kind = READING_BATTERY;
		snprintf(text + sizeof(text) - 8, 8, "%zu", i);
		for (size_t k = 0; k < 4; k++)
			reading_set_text(&reading, ids[k], text, sizeof(text));
		row[i].time_ms = (int64_t)i;
		row[i].size = packed.size;
		pack_reading(&reading, &packed);
		row[i].size = packed.size - row[i].size;
	}
	for (size_t i = 0, at = 0; i < COUNT; at += row[i++].size)
		row[i].packed = packed.data + at;
	assert_int_equal(block_make(maker, row, COUNT, &out, &why), 0);
	block = block_open(out.data, out.size, &why);
	assert_non_null(block);
	assert_int_equal(block_count(block), COUNT);
	block_close(block);
	buf_free(&out);
	buf_free(&packed);
	free(row);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_each_byte),
		cmocka_unit_test(reads_as_rows_do),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(goes_on_after_damage),
		cmocka_unit_test(opens_the_largest),
	};

	return cmocka_run_group_tests(tests, open_maker, close_maker);
}
