/* Is the audit log what was written? */
#include <string.h>

#include "store/audit_parts.h"

static const char walk[] =
    "SELECT id, line, hash, timestamp, actor, event, status, request_data,"
    " resource_type || ifnull('/' || resource_id, ''), ip_address"
    " FROM audit_logs ORDER BY id";

/* Copies that are told of in the line, by column of `walk`. */
static const struct {
	const char *member;
	int column;
} copies[] = { { "prev", -1 }, { "actor", 4 }, { "event", 5 }, { "result", 6 },
	{ "object", 8 }, { "source", 9 } };

static bool
same_text(const json_t *member, const char *text)
{
	const char *told = json_string_value(member);

	if (told == NULL || text == NULL)
		return told == text;
	return strcmp(told, text) == 0;
}

static bool
same_time(const json_t *line, int64_t time_ms)
{
	struct buf text = { 0 };
	bool same;

	buf_time(&text, time_ms);
	same = same_text(json_object_get(line, "time"), text.data);
	buf_free(&text);
	return same;
}

static bool
same_request(const json_t *line, const char *column)
{
	const json_t *request = json_object_get(line, "request");
	struct buf text = { 0 };
	bool same;

	if (request == NULL || column == NULL)
		return request == NULL && column == NULL;
	audit_value(&text, request);
	same = strcmp(text.data, column) == 0;
	buf_free(&text);
	return same;
}

/* What is wrong with a row behind `last`, or NULL. */
static const char *
look(struct sql_query *query, const json_t *line, const struct audit_link *last)
{
	if (json_integer_value(json_object_get(line, "seq")) != last->seq + 1)
		return "its number is another";
	if (!same_time(line, sql_integer(query, 3)))
		return "its time is another";
	if (sql_integer(query, 3) < last->time_ms &&
	    strcmp(sql_text(query, 5), "config.clock") != 0)
		return "its time is before that of the line before";
	for (size_t i = 0; i < sizeof(copies) / sizeof(*copies); i++) {
		const char *text = copies[i].column < 0
		    ? last->hash
		    : sql_text(query, copies[i].column);

		if (!same_text(json_object_get(line, copies[i].member), text))
			return "a column is not what the line tells";
	}
	return same_request(line, sql_text(query, 7))
	    ? NULL
	    : "a column is not what the line tells";
}

/* 0 right, 1 wrong; `last` goes on. */
static int
check_row(struct sql_query *query, struct audit_link *last, struct failure *why)
{
	const char *text = sql_text(query, 1), *wrong = NULL;
	char hash[DIGEST_HEX];
	struct failure bad;
	json_t *line;

	if (sql_integer(query, 0) != last->seq + 1) {
		failure_set(why, EXIT_REFUSED, "lines before it are missing");
		return 1;
	}
	audit_hash(last->hash, text, strlen(text), hash);
	if (strcmp(hash, sql_text(query, 2)) != 0)
		wrong = "its hash is another";
	line = wrong == NULL ? json_read(text, strlen(text), &bad) : NULL;
	if (wrong == NULL)
		wrong = line == NULL ? "is no line" : look(query, line, last);
	json_decref(line);
	if (wrong != NULL) {
		failure_set(why, EXIT_REFUSED, "%s", wrong);
		return 1;
	}
	last->seq++;
	last->time_ms = sql_integer(query, 3);
	memcpy(last->hash, hash, sizeof(last->hash));
	return 0;
}

int
audit_verify(struct sql *sql, int64_t *bad, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, walk, why);
	struct audit_link last = { .seq = 0 };
	int got, result = 0;

	if (query == NULL)
		return -1;
	memset(last.hash, '0', DIGEST_HEX - 1);
	while (result == 0 && (got = sql_step(query, why)) != 0)
		result = got == -1 ? -1 : check_row(query, &last, why);
	if (result == 1)
		*bad = last.seq + 1;
	sql_query_free(query);
	return result;
}
