/* Databases: statuses of failures, what is refused, durability's calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/sql.h"

static char path[64];

static int
setup(void **data)
{
	struct failure why;
	struct sql *sql;
	int fd;

	strcpy(path, "/tmp/tbms-sql-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	sql = sql_open(path, SQL_CREATE, &why);
	assert_non_null(sql);
	assert_int_equal(sql_run(sql,
			     "CREATE TABLE t (a INTEGER PRIMARY KEY,"
			     " b TEXT UNIQUE CHECK (length(b) < 5)) STRICT",
			     &why),
	    0);
	*data = sql;
	return 0;
}

static int
teardown(void **data)
{
	char name[80];

	sql_close(*data);
	remove(path);
	snprintf(name, sizeof(name), "%s-wal", path);
	remove(name);
	snprintf(name, sizeof(name), "%s-shm", path);
	remove(name);
	return 0;
}

static void
refused(struct sql *sql, const char *text, enum exit_status status)
{
	struct failure why = { EXIT_OK, "" };

	assert_int_equal(sql_run(sql, text, &why), -1);
	assert_int_equal(why.status, status);
	assert_non_null(strstr(why.message, path));
}

static void
statuses(void **data)
{
	struct sql *sql = *data;

	refused(sql, "INSERT INTO t (b) VALUES ('toolong')", EXIT_REFUSED);
	refused(sql, "INSERT INTO t (a) VALUES ('x')", EXIT_REFUSED);
	refused(sql, "SELECT nonsense", EXIT_WRONG);
	refused(sql, "INSERT INTO t (b) VALUES (\"x\")", EXIT_WRONG);
	refused(sql, "ATTACH 'x' AS y", EXIT_WRONG);
	refused(sql, "PRAGMA writable_schema = ON", EXIT_WRONG);
	refused(sql, "PRAGMA synchronous_off", EXIT_WRONG);
	refused(sql, "UPDATE sqlite_schema SET sql = ''", EXIT_WRONG);
	refused(sql, "SELECT load_extension('x')", EXIT_WRONG);
}

static void
no_database(void **data)
{
	struct failure why = { EXIT_OK, "" };
	struct sql *sql;
	FILE *file;

	(void)data;
	assert_null(sql_open("/nonexistent/x.db", SQL_WRITE, &why));
	assert_int_equal(why.status, EXIT_AGAIN);
	file = fopen("/tmp/tbms-sql-rubbish", "w");
	assert_non_null(file);
	for (int i = 0; i < 5000; i++)
		fputs("rubbish ", file);
	fclose(file);
	sql = sql_open("/tmp/tbms-sql-rubbish", SQL_WRITE, &why);
	remove("/tmp/tbms-sql-rubbish");
	assert_null(sql);
	assert_int_equal(why.status, EXIT_WRONG);
}

static void
locked(void **data)
{
	struct failure why = { EXIT_OK, "" };
	struct sql *other = sql_open(path, SQL_WRITE, &why);

	assert_non_null(other);
	assert_int_equal(sql_begin(*data, &why), 0);
	sql_patience(other, 20);
	assert_int_equal(sql_begin(other, &why), -1);
	assert_int_equal(why.status, EXIT_AGAIN);
	sql_rollback(*data);
	assert_int_equal(sql_begin(other, &why), 0);
	assert_int_equal(sql_transactions(other), 2);
	sql_rollback(other);
	sql_close(other);
}

static void
statements(void **data)
{
	struct failure why = { EXIT_OK, "" };
	struct sql *sql = *data;
	struct sql_query *query =
	    sql_prepare(sql, "INSERT INTO t (a, b) VALUES (:a, :b)", &why);

	assert_non_null(query);
	assert_int_equal(sql_parameter(query, ":b"), 2);
	assert_int_equal(sql_parameter(query, ":c"), 0);
	assert_int_equal(sql_begin(sql, &why), 0);
	for (int i = 1; i <= 3; i++) {
		sql_bind_integer(query, 1, i * INT64_C(10000000000));
		sql_bind_text(query, 2, i == 1 ? "é" : i == 2 ? "b" : "c");
		assert_int_equal(sql_done(query, &why), 0);
		assert_int_equal(sql_changes(sql), 1);
	}
	assert_int_equal(sql_last_id(sql), INT64_C(30000000000));
	assert_int_equal(sql_commit(sql, true, &why), 0);
	assert_int_equal(sql_sync(sql, &why), 0);
	sql_query_free(query);
	query = sql_prepare(sql,
	    "SELECT a, b, NULL, 1.5, x'00ff' FROM t"
	    " WHERE b = ?1",
	    &why);
	sql_bind_text(query, 1, "é");
	assert_int_equal(sql_step(query, &why), 1);
	assert_int_equal(sql_integer(query, 0), INT64_C(10000000000));
	assert_string_equal(sql_text(query, 1), "é");
	assert_null(sql_text(query, 2));
	assert_int_equal(sql_column_type(query, 2), SQL_TYPE_NULL);
	assert_true(sql_real(query, 3) == 1.5);
	{
		size_t size;
		const unsigned char *blob = sql_blob(query, 4, &size);

		assert_int_equal(size, 2);
		assert_int_equal(blob[1], 0xff);
	}
	assert_int_equal(sql_step(query, &why), 0);
	sql_query_free(query);
	assert_null(sql_prepare(sql, "SELECT 1; SELECT 2", &why));
	assert_null(sql_prepare(sql, " -- nothing", &why));
}

static void
guarded(void **data)
{
	struct failure why = { EXIT_OK, "" };
	struct sql *sql = sql_open(path, SQL_READ, &why);
	struct sql_query *query;

	(void)data;
	assert_non_null(sql);
	refused(sql, "INSERT INTO t (b) VALUES ('x')", EXIT_AGAIN);
	sql_guard(sql, 50);
	refused(sql, "INSERT INTO t (b) VALUES ('x')", EXIT_WRONG);
	refused(sql, "PRAGMA user_version", EXIT_WRONG);
	query =
	    sql_prepare(sql, "SELECT sum(value) FROM json_each('[1,2]')", &why);
	assert_non_null(query);
	assert_int_equal(sql_step(query, &why), 1);
	assert_int_equal(sql_integer(query, 0), 3);
	sql_query_free(query);
	query = sql_prepare(sql,
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL"
	    " SELECT x + 1 FROM c) SELECT max(x) FROM c",
	    &why);
	assert_int_equal(sql_step(query, &why), -1);
	assert_int_equal(why.status, EXIT_AGAIN);
	sql_query_free(query);
	sql_close(sql);
}

static void
copied(void **data)
{
	struct failure why = { EXIT_OK, "" };
	struct sql_query *query;
	struct sql *copy;
	char name[80];

	snprintf(name, sizeof(name), "%s.copy", path);
	assert_int_equal(
	    sql_run(*data, "INSERT INTO t (b) VALUES ('kept')", &why), 0);
	assert_int_equal(sql_copy(*data, name, &why), 0);
	assert_int_equal(sql_copy(*data, name, &why), 0);
	refused(*data, "ATTACH 'x' AS y", EXIT_WRONG);
	copy = sql_open(name, SQL_READ, &why);
	assert_non_null(copy);
	query =
	    sql_prepare(copy, "SELECT count(*) FROM t WHERE b = 'kept'", &why);
	assert_int_equal(sql_step(query, &why), 1);
	assert_int_equal(sql_integer(query, 0), 1);
	sql_query_free(query);
	sql_close(copy);
	remove(name);
	assert_int_equal(sql_copy(*data, "/nonexistent/copy", &why), -1);
	assert_int_equal(why.status, EXIT_AGAIN);
}

/* What is needed once, and what is kept in a struct. */
static void
once(void **data)
{
	static const struct pair {
		int64_t values[2];
	} pairs[] = { { { 1, 5 } }, { { 2, 7 } } };
	struct held {
		int before;
		struct sql_query *count, *odd;
	} held = { 0, NULL, NULL };
	const struct sql_text texts[] = {
		{ offsetof(struct held, count), "SELECT count(*) FROM t" },
		{ offsetof(struct held, odd), "SELECT nonsense" },
	};
	struct sql *sql = *data;
	struct failure why = { EXIT_OK, "" };

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    sql_run_with(sql, "INSERT INTO t (a, b) VALUES (?1, ?2)",
			pairs[i].values, 2, &why),
		    0);
	assert_int_equal(
	    sql_run_text(sql, "INSERT INTO t (b) VALUES (?1)", "x", &why), 0);
	assert_int_equal(sql_ask(sql, "SELECT b FROM t WHERE a = ?1",
			     pairs[1].values, 1, &why),
	    7);
	assert_int_equal(
	    sql_ask(sql, "SELECT a FROM t WHERE a > 9", NULL, 0, &why), 0);
	assert_int_equal(sql_ask(sql, "SELECT NULL", NULL, 0, &why), 0);
	assert_int_equal(sql_ask(sql, "SELECT nonsense", NULL, 0, &why), -1);
	assert_int_equal(sql_run_with(sql, "INSERT INTO t (a) VALUES (?1)",
			     pairs[0].values, 1, &why),
	    -1);
	assert_int_equal(why.status, EXIT_REFUSED);
	assert_int_equal(sql_prepare_all(sql, &held, texts, 2, &why), -1);
	assert_int_equal(sql_answer(held.count, &why), 3);
	assert_int_equal(sql_answer(held.count, &why), 3);
	assert_null(held.odd);
	sql_free_all(&held, texts, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
						statuses, setup, teardown),
		cmocka_unit_test(no_database),
		cmocka_unit_test_setup_teardown(locked, setup, teardown),
		cmocka_unit_test_setup_teardown(statements, setup, teardown),
		cmocka_unit_test_setup_teardown(once, setup, teardown),
		cmocka_unit_test_setup_teardown(guarded, setup, teardown),
		cmocka_unit_test_setup_teardown(copied, setup, teardown) };

	return cmocka_run_group_tests_name("sql", tests, NULL, NULL);
}
