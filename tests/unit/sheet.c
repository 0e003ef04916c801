/* Sheets give back what went in, to the last bit, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/sheet.h"
#include "store/sql.h"

#define ROWS 800

static char path[] = "/tmp/tbms-sheet-XXXXXX";
static struct sql *sql;
static struct failure why;

/* SQLite's own random numbers: reals of all sizes, of few decimals, and of
 * all but one value few decimals; texts; what runs along with the first. */
static const char rows[] =
    "CREATE TABLE t (start INTEGER, late INTEGER, any INTEGER, bits REAL,"
    " milli REAL, mixed REAL, whole REAL, zone TEXT, none TEXT, bytes BLOB);"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 799)"
    "INSERT INTO t SELECT 1772323200000 + 3600000 * i,"
    " CASE WHEN i % 7 THEN 1772323200000 + 3600000 * i +"
    " abs(random() % 3600000) END,"
    " CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN -9223372036854775808"
    " WHEN 2 THEN 9223372036854775807 ELSE random() END,"
    " CASE WHEN i % 3 THEN random() * 1e-7 / 3 END,"
    " CASE WHEN i % 11 THEN (random() % 60000) / 1000.0 END,"
    " CASE i WHEN 400 THEN 1 / 3.0 ELSE (random() % 99999) / 100.0 END,"
    " CASE i % 4 WHEN 0 THEN -0.0 WHEN 1 THEN 1e300 ELSE i END,"
    " CASE WHEN i < 300 THEN 'Europe/Paris' WHEN i % 2 THEN 'Asia/Kabul'"
    " END, NULL, CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN x''"
    " ELSE randomblob(i % 40) END FROM n;";

static int
setup(void **data)
{
	(void)data;
	close(mkstemp(path));
	sql = sql_open(path, SQL_CREATE, &why);
	assert_non_null(sql);
	assert_int_equal(sql_run(sql, rows, &why), 0);
	return 0;
}

static int
teardown(void **data)
{
	(void)data;
	sql_close(sql);
	return unlink(path);
}

static void
make(const char *text, struct buf *out)
{
	struct sql_query *query = sql_prepare(sql, text, &why);
	size_t count;

	assert_non_null(query);
	assert_int_equal(sheet_make(query, out, &count, &why), 0);
	assert_int_equal(count, ROWS);
	sql_query_free(query);
}

static void
same(struct sql_query *query, int column, const struct sql_value *value)
{
	double real = sql_real(query, column);
	const void *blob;
	size_t size;

	assert_int_equal(value->type, sql_column_type(query, column));
	if (value->type == SQL_TYPE_INTEGER)
		assert_true(value->integer == sql_integer(query, column));
	else if (value->type == SQL_TYPE_REAL)
		assert_memory_equal(&value->real, &real, sizeof(real));
	else if (value->type == SQL_TYPE_TEXT)
		assert_string_equal(value->text, sql_text(query, column));
	else if (value->type == SQL_TYPE_BLOB) {
		blob = sql_blob(query, column, &size);
		assert_int_equal(value->size, size);
		if (size > 0)
			assert_memory_equal(value->blob, blob, size);
	}
}

static void
what_goes_in_comes_out(void **data)
{
	static const char text[] = "SELECT * FROM t ORDER BY start";
	struct sql_query *query = sql_prepare(sql, text, &why);
	struct buf out = { 0 };
	struct sql_value value;
	struct sheet *sheet;

	(void)data;
	make(text, &out);
	sheet = sheet_open(out.data, out.size, &why);
	assert_non_null(sheet);
	assert_int_equal(sheet_rows(sheet), ROWS);
	assert_int_equal(sheet_columns(sheet), 10);
	assert_int_equal(sheet_find(sheet, "milli"), 4);
	assert_int_equal(sheet_find(sheet, "nobody"), -1);
	for (size_t row = 0; sql_step(query, &why) == 1; row++)
		for (size_t i = 0; i < 10; i++) {
			assert_int_equal(
			    sheet_get(sheet, i, row, &value, &why), 0);
			same(query, (int)i, &value);
		}
	sheet_close(sheet);
	sql_query_free(query);
	buf_free(&out);
}

/* An hour of 60 numbers that are exact to five decimals at most: the
 * columns of history. */
static void
few_decimals_are_small(void **data)
{
	struct buf few = { 0 }, all = { 0 };

	(void)data;
	make("SELECT start, milli FROM t ORDER BY start", &few);
	make("SELECT start, bits FROM t ORDER BY start", &all);
	assert_true(few.size < ROWS * 5 / 2);
	assert_true(all.size > 2 * few.size);
	buf_free(&few);
	buf_free(&all);
}

static void
what_cannot_be_kept_is_refused(void **data)
{
	static const char *const texts[] = { "SELECT start, CASE WHEN start % 2"
					     " THEN 1 ELSE 1.5 END FROM t",
		"SELECT start, CASE WHEN late IS NULL THEN x'00' ELSE 1 END"
		" FROM t",
		"SELECT start, CASE WHEN late IS NULL THEN 1 ELSE 'a' END"
		" FROM t" };
	size_t count;

	(void)data;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct sql_query *query = sql_prepare(sql, texts[i], &why);
		struct buf out = { 0 };
		int got = sheet_make(query, &out, &count, &why);

		/* 3600000 is even: the first mixes nothing */
		assert_int_equal(got, i == 0 ? 0 : -1);
		sql_query_free(query);
		buf_free(&out);
	}
}

/* A sum over all that it says; 0 where it does not open or read. */
static uint64_t
sum_of(const char *data, size_t size)
{
	struct sheet *sheet = sheet_open(data, size, &why);
	struct sql_value value;
	uint64_t sum = 1, bits;

	for (size_t i = 0; sheet != NULL && i < sheet_columns(sheet); i++)
		for (size_t row = 0; row < sheet_rows(sheet); row++) {
			if (sheet_get(sheet, i, row, &value, &why) == -1) {
				sheet_close(sheet);
				return 0;
			}
			memcpy(&bits, &value.real, sizeof(bits));
			bits ^= (uint64_t)value.integer;
			if (value.type == SQL_TYPE_TEXT)
				bits = strlen(value.text);
			if (value.type == SQL_TYPE_BLOB)
				for (size_t at = 0; at < value.size; at++)
					bits = bits * 31 +
					    ((const uint8_t *)value.blob)[at];
			sum = (sum ^ bits) * UINT64_C(0x100000001b3);
		}
	if (sheet == NULL)
		return 0;
	sheet_close(sheet);
	return sum;
}

/* A few bits of a frame say nothing: what is read is then still the same. */
static void
damage_is_found(void **data)
{
	struct buf out = { 0 };
	uint64_t sum, now;
	size_t harmless = 0;

	(void)data;
	make("SELECT * FROM t ORDER BY start", &out);
	sum = sum_of(out.data, out.size);
	assert_true(sum != 0);
	for (size_t size = 0; size < out.size; size += 1 + size / 50)
		assert_true(sum_of(out.data, size) == 0);
	for (size_t at = 0; at < out.size; at += 1 + at / 50) {
		out.data[at] = (char)(out.data[at] ^ 0x01);
		now = sum_of(out.data, out.size);
		assert_true(now == 0 || now == sum);
		harmless += now == sum;
		out.data[at] = (char)(out.data[at] ^ 0x01);
	}
	assert_true(harmless < 10);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(few_decimals_are_small),
		cmocka_unit_test(what_cannot_be_kept_is_refused),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
