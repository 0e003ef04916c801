/* The audit log: its canonical line, its chain, and what breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/audit.h"
#include "store/audit_parts.h"

static char path[64];

static const char schema[] =
    "CREATE TABLE audit_logs (id INTEGER PRIMARY KEY, line TEXT NOT NULL,"
    " hash TEXT NOT NULL, timestamp INTEGER NOT NULL, actor TEXT,"
    " event TEXT NOT NULL, event_type TEXT NOT NULL, action TEXT NOT NULL,"
    " resource_type TEXT, resource_id TEXT, ip_address TEXT,"
    " request_data TEXT, status TEXT NOT NULL, error_message TEXT) STRICT";

static int
setup(void **data)
{
	struct failure why;
	struct sql *sql;
	int fd;

	strcpy(path, "/tmp/tbms-audit-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	sql = sql_open(path, SQL_CREATE, &why);
	assert_non_null(sql);
	assert_int_equal(sql_run(sql, schema, &why), 0);
	*data = sql;
	return 0;
}

static int
teardown(void **data)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char name[80];

	sql_close(*data);
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		remove(name);
	}
	return 0;
}

static void
add(struct sql *sql, const struct audit_event *event)
{
	struct failure why = { EXIT_OK, "" };

	assert_int_equal(sql_begin(sql, &why), 0);
	assert_int_equal(audit_append(sql, event, &why), 0);
	assert_int_equal(sql_commit(sql, true, &why), 0);
}

/* SHA-256 by coreutils: sha256sum of the three parts. */
static void
line_is_canonical(void **data)
{
	static const char sly[] = "a\"\\\n\x1b[1m\xe2\x80\xae\xe2\x80\xa8\xc2"
				  "\x85\xc3\xa9\xf0\x9f\x94\x8b";
	struct audit_link last = { .seq = 0 };
	struct audit_event event = { .tenant = "eds",
		.actor = "unix:root",
		.event = "data.annul",
		.object = "readings/rack-1/2026",
		.reason = sly };
	json_t *before = json_pack("{s:i,s:f,s:[b,n]}", "soc_percent", 5,
	    "pack_voltage", 52.125, "x", 1);
	struct buf line = { 0 };
	char hash[DIGEST_HEX];

	(void)data;
	event.before = before;
	memset(last.hash, '0', DIGEST_HEX - 1);
	audit_line(&line, &event, 1700000000123, &last);
	assert_string_equal(line.data,
	    "{\"v\":1,\"seq\":1,\"time\":\"2023-11-14T22:13:20.123Z\","
	    "\"tenant\":\"eds\",\"actor\":\"unix:root\","
	    "\"event\":\"data.annul\",\"object\":\"readings/rack-1/2026\","
	    "\"result\":\"success\",\"reason\":\"a\\\"\\\\\\u000a\\u001b[1m"
	    "\\u202e\\u2028\\u0085\xc3\xa9\xf0\x9f\x94\x8b\","
	    "\"before\":{\"soc_percent\":5,\"pack_voltage\":\"52.125\","
	    "\"x\":[true,null]},\"prev\":\"00000000000000000000000000000000"
	    "00000000000000000000000000000000\"}");
	audit_hash(last.hash, "abc", 3, hash);
	assert_string_equal(hash,
	    "012e5b898936c3fd452180d9bb22dcd11668b0eaa27ac6ca480209580813e9b9");
	json_decref(before);
	buf_free(&line);
}

static void
long_text_is_cut(void **data)
{
	struct sql *sql = *data;
	char *text = malloc(5000);
	struct audit_event event = { .event = "config.put", .reason = text };
	struct failure why;
	int64_t bad;

	memset(text, 'x', 4999);
	text[1023] = '\xc3'; /* a letter that does not fit whole */
	text[1024] = '\xa9';
	text[4999] = '\0';
	event.actor = text;
	event.object = "\xff\xfe no text";
	add(sql, &event);
	assert_int_equal(audit_verify(sql, &bad, &why), 0);
	free(text);
}

static void
chain_breaks(struct sql *sql, const char *change, int64_t where)
{
	struct failure why;
	int64_t bad = 0;

	assert_int_equal(sql_begin(sql, &why), 0);
	assert_int_equal(sql_run(sql, change, &why), 0);
	assert_int_equal(audit_verify(sql, &bad, &why), 1);
	assert_int_equal(bad, where);
	sql_rollback(sql);
}

static void
chain_holds(void **data)
{
	struct sql *sql = *data;
	struct audit_event event = { .event = "tenant.create",
		.actor = "unix:me",
		.source = "tenant-db",
		.object = "clients/acme",
		.result = AUDIT_FAILED,
		.reason = "no" };
	json_t *request = json_pack("{s:s}", "slug", "acme");
	struct failure why;
	int64_t bad = 0;

	event.request = request;
	assert_int_equal(audit_verify(sql, &bad, &why), 0);
	for (int i = 0; i < 4; i++)
		add(sql, &event);
	assert_int_equal(audit_verify(sql, &bad, &why), 0);
	chain_breaks(sql, "DELETE FROM audit_logs WHERE id = 1", 1);
	chain_breaks(sql, "DELETE FROM audit_logs WHERE id = 3", 3);
	chain_breaks(sql,
	    "UPDATE audit_logs SET line = replace(line, 'acme', 'acne')"
	    " WHERE id = 2",
	    2);
	chain_breaks(sql,
	    "UPDATE audit_logs SET hash = replace(hash, substr(hash, 1, 1),"
	    " 'z') WHERE id = 2",
	    2);
	chain_breaks(
	    sql, "UPDATE audit_logs SET actor = 'unix:you' WHERE id = 4", 4);
	chain_breaks(
	    sql, "UPDATE audit_logs SET resource_id = NULL WHERE id = 4", 4);
	chain_breaks(sql,
	    "UPDATE audit_logs SET timestamp = timestamp + 1 WHERE id = 1", 1);
	json_decref(request);
}

static void
step_back_is_told(void **data)
{
	struct sql *sql = *data;
	struct audit_event event = { .event = "tenant.create" };
	struct failure why;
	int64_t bad = 0;

	assert_int_equal(sql_run(sql, "DELETE FROM audit_logs", &why), 0);
	add(sql, &event);
	/* as if it had been written in the future: a chain from another's
	 * hands, so verify minds its time, but what is added goes on */
	assert_int_equal(sql_run(sql,
			     "UPDATE audit_logs SET timestamp ="
			     " timestamp + 86400000",
			     &why),
	    0);
	add(sql, &event);
	assert_int_equal(sql_run(sql,
			     "CREATE TABLE seen AS SELECT group_concat(event)"
			     " e FROM audit_logs; CREATE TABLE one (x CHECK"
			     " (x = 'tenant.create,config.clock,"
			     "tenant.create')); INSERT INTO one SELECT e FROM"
			     " seen",
			     &why),
	    0);
	assert_int_equal(audit_verify(sql, &bad, &why), 1);
	assert_int_equal(bad, 1);
}

static void
unknown_event_is_refused(void **data)
{
	struct audit_event event = { .event = "readings.annul" };
	struct failure why;

	assert_int_equal(audit_append(*data, &event, &why), -1);
	assert_int_equal(why.status, EXIT_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    line_is_canonical, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    long_text_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    step_back_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    unknown_event_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(chain_holds, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
