/* Lines of the audit log are added here, one behind the other. */
#include "store/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/audit_parts.h"

/* Rooms of events, as the customer's schema sorts them. */
static const struct {
	const char *room, *type;
} types[] = { { "auth", "auth" }, { "data", "data" }, { "export", "data" },
	{ "config", "config" }, { "key", "security" },
	{ "session", "security" }, { "share", "security" },
	{ "user", "security" }, { "role", "security" }, { "grant", "security" },
	{ "view", "security" }, { "audit", "security" },
	{ "breakglass", "security" }, { "input", "security" },
	{ "backup", "system" }, { "tenant", "system" } };

static const char *
type_of(const char *event)
{
	size_t size = strcspn(event, ".");

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strncmp(types[i].room, event, size) == 0 &&
		    types[i].room[size] == '\0')
			return types[i].type;
	return NULL;
}

static const char *
json_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static int
read_last(struct sql *sql, struct audit_link *last, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT id, timestamp, hash FROM audit_logs"
	    " ORDER BY id DESC LIMIT 1",
	    why);
	int got;

	if (query == NULL)
		return -1;
	*last = (struct audit_link){ .seq = 0 };
	memset(last->hash, '0', DIGEST_HEX - 1);
	got = sql_step(query, why);
	if (got == 1) {
		last->seq = sql_integer(query, 0);
		last->time_ms = sql_integer(query, 1);
		snprintf(
		    last->hash, sizeof(last->hash), "%s", sql_text(query, 2));
	}
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

/* core's log has a column more; -1 with a failure. */
static int
is_core(struct sql *sql, struct failure *why)
{
	return (int)sql_ask(sql,
	    "SELECT 1 FROM pragma_table_info('audit_logs')"
	    " WHERE name = 'client_id'",
	    NULL, 0, why);
}

#define COLUMNS                                                                \
	"id, line, hash, timestamp, actor, event, event_type, action,"         \
	" resource_type, resource_id, ip_address, request_data, status,"       \
	" error_message"
#define VALUES                                                                 \
	"?1, ?2, ?3, ?4, ?5, ?6, ?7,"                                          \
	" substr(?6, instr(?6, '.') + 1),"                                     \
	" iif(instr(?8, '/'), substr(?8, 1, instr(?8, '/') - 1), ?8),"         \
	" iif(instr(?8, '/'), substr(?8, instr(?8, '/') + 1), NULL),"          \
	" ?9, ?10, ?11, ?12"

static const char insert[] =
    "INSERT INTO audit_logs (" COLUMNS ") VALUES (" VALUES ")";
static const char insert_core[] =
    "INSERT INTO audit_logs (" COLUMNS ", client_id) VALUES (" VALUES
    ", (SELECT id FROM clients WHERE slug = "
    "?13))";

/* The other columns come out of the line, so that they are what it tells. */
static void
bind(struct sql_query *query, const json_t *line, struct buf *request)
{
	static const struct {
		int n;
		const char *member;
	} texts[] = { { 5, "actor" }, { 6, "event" }, { 8, "object" },
		{ 9, "source" }, { 11, "result" } };
	const json_t *value = json_object_get(line, "request");
	const char *reason = json_text(line, "reason");

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		sql_bind_text(
		    query, texts[i].n, json_text(line, texts[i].member));
	sql_bind_text(query, 7, type_of(json_text(line, "event")));
	if (value != NULL)
		audit_value(request, value);
	sql_bind_text(query, 10, request->data);
	if (strcmp(json_text(line, "result"), "success") != 0)
		sql_bind_text(query, 12, reason);
}

static int
store_line(struct sql *sql, const struct audit_link *link, const char *text,
    const json_t *line, struct failure *why)
{
	int core = is_core(sql, why), result;
	struct sql_query *query;
	struct buf request = { 0 };

	if (core == -1)
		return -1;
	query = sql_prepare(sql, core == 1 ? insert_core : insert, why);
	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, link->seq);
	sql_bind_text(query, 2, text);
	sql_bind_text(query, 3, link->hash);
	sql_bind_integer(query, 4, link->time_ms);
	bind(query, line, &request);
	if (core == 1)
		sql_bind_text(query, 13, json_text(line, "tenant"));
	result = sql_done(query, why);
	sql_query_free(query);
	buf_free(&request);
	return result;
}

static int
store(struct sql *sql, const struct audit_event *event, int64_t time_ms,
    struct audit_link *last, struct failure *why)
{
	struct buf text = { 0 };
	json_t *line;
	int result = -1;

	audit_line(&text, event, time_ms, last);
	audit_hash(last->hash, text.data, text.size, last->hash);
	last->seq++;
	last->time_ms = time_ms;
	line = json_read(text.data, text.size, why);
	if (line != NULL)
		result = store_line(sql, last, text.data, line, why);
	json_decref(line);
	buf_free(&text);
	return result;
}

/* The clock was set back: that is a line of its own, so that a time that
 * runs back without one is seen. */
static int
note_step(struct sql *sql, int64_t time_ms, struct audit_link *last,
    struct failure *why)
{
	struct audit_event event = { .event = "config.clock" };
	struct buf text = { 0 };
	json_t *before;
	int result;

	buf_time(&text, last->time_ms);
	before = json_pack("{s:s}", "time", text.data);
	event.before = before;
	result = store(sql, &event, time_ms, last, why);
	json_decref(before);
	buf_free(&text);
	return result;
}

int
audit_append(
    struct sql *sql, const struct audit_event *event, struct failure *why)
{
	int64_t now = clock_now_ms();
	struct audit_link last;

	if (type_of(event->event) == NULL)
		return failure_set(why, EXIT_WRONG,
		    "%s: is no event of the audit log", event->event);
	if (read_last(sql, &last, why) == -1)
		return -1;
	if (now < last.time_ms && note_step(sql, now, &last, why) == -1)
		return -1;
	return store(sql, event, now, &last, why);
}

int
audit_write(
    struct sql *sql, const struct audit_event *event, struct failure *why)
{
	if (sql_begin(sql, why) == -1)
		return -1;
	if (audit_append(sql, event, why) == 0)
		return sql_commit(sql, true, why);
	sql_rollback(sql);
	return -1;
}
