/* access.db: passwords, sessions and counters of failures. */
#include <string.h>

#include "store/access_own.h"

static struct sql_query *
prepare(struct access *access, const char *text, struct failure *why)
{
	return sql_prepare(access->sql, text, why);
}

static int
finish(struct access *access, int done, struct failure *why)
{
	if (done == 0 && sql_commit(access->sql, true, why) == 0)
		return 1;
	sql_rollback(access->sql);
	return -1;
}

static int
password_set(struct access *access, const struct access_login *login,
    int64_t now_ms, struct failure *why)
{
	struct sql_query *query = prepare(access,
	    "UPDATE logins SET password_hash = ?2, must_change = ?3, "
	    "password_expires_at = ?4, password_changed_at = ?5 "
	    "WHERE id = ?1",
	    why);
	int done;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, login->id);
	sql_bind_text(query, 2, login->hash);
	sql_bind_integer(query, 3, login->must_change);
	if (login->expires_ms != 0)
		sql_bind_integer(query, 4, login->expires_ms);
	sql_bind_integer(query, 5, now_ms);
	done = sql_done(query, why);
	sql_query_free(query);
	return done;
}

int
access_password(struct access *access, const char *name, const char *hash,
    bool must_change, int64_t expires_ms, int64_t now_ms, struct failure *why)
{
	struct access_login login;
	int got = access_find(access, name, &login, why);

	if (got != 1)
		return got;
	if (strlen(hash) >= sizeof login.hash)
		return failure_set(why, EXIT_WRONG, "hash too long");
	memcpy(login.hash, hash, strlen(hash) + 1);
	login.must_change = must_change;
	login.expires_ms = expires_ms;
	if (sql_begin(access->sql, why) != 0)
		return -1;
	got = password_set(access, &login, now_ms, why);
	if (got == 0)
		got = sql_run_with(access->sql,
		    "DELETE FROM sessions WHERE login_id = ?1", &login.id, 1,
		    why);
	return finish(access, got, why);
}

int
access_rehash(struct access *access, int64_t login_id, const char *hash,
    struct failure *why)
{
	struct sql_query *query = prepare(
	    access, "UPDATE logins SET password_hash = ?2 WHERE id = ?1", why);

	if (query != NULL) {
		sql_bind_integer(query, 1, login_id);
		sql_bind_text(query, 2, hash);
	}
	return access_run(access, query, why);
}

static int
session_insert(struct access *access, const struct access_session *session,
    int64_t now_ms, int64_t lifetime_ms, struct failure *why)
{
	struct sql_query *query = prepare(access,
	    "INSERT INTO sessions (hash, login_id, created_at, last_used_at, "
	    "expires_at, source) VALUES (?1, ?2, ?3, ?3, ?4, ?5)",
	    why);
	int done;

	if (query == NULL)
		return -1;
	sql_bind_blob(query, 1, session->hash, sizeof session->hash);
	sql_bind_integer(query, 2, session->login_id);
	sql_bind_integer(query, 3, now_ms);
	sql_bind_integer(query, 4, now_ms + lifetime_ms);
	sql_bind_blob(query, 5, session->source, sizeof session->source);
	done = sql_done(query, why);
	sql_query_free(query);
	return done;
}

static int
session_delete(struct access *access, const uint8_t *hash, struct failure *why)
{
	struct sql_query *query =
	    prepare(access, "DELETE FROM sessions WHERE hash = ?1", why);
	int done;

	if (query == NULL)
		return -1;
	sql_bind_blob(query, 1, hash, ACCESS_KEY_SIZE);
	done = sql_done(query, why);
	sql_query_free(query);
	return done;
}

int
access_session_begin(struct access *access,
    const struct access_session *session, const uint8_t *old, int64_t now_ms,
    int64_t lifetime_ms, struct failure *why)
{
	int64_t kept[] = { session->login_id, ACCESS_SESSIONS_MAX - 1 };
	int64_t login[] = { session->login_id, now_ms };
	int done = 0;

	if (sql_begin(access->sql, why) != 0)
		return -1;
	if (old != NULL)
		done = session_delete(access, old, why);
	if (done == 0) /* room for one more */
		done = sql_run_with(access->sql,
		    "DELETE FROM sessions WHERE hash IN "
		    "(SELECT hash FROM sessions WHERE login_id = ?1 "
		    "ORDER BY created_at DESC, hash LIMIT -1 OFFSET ?2)",
		    kept, 2, why);
	if (done == 0)
		done =
		    session_insert(access, session, now_ms, lifetime_ms, why);
	if (done == 0)
		done = sql_run_with(access->sql,
		    "UPDATE logins SET last_login_at = ?2 "
		    "WHERE id = ?1",
		    login, 2, why);
	return finish(access, done, why);
}

int
access_session_use(struct access *access, const uint8_t *hash, int64_t now_ms,
    int64_t idle_ms, int64_t *login_id, struct failure *why)
{
	struct sql_query *query = prepare(access,
	    "UPDATE sessions SET last_used_at = max(last_used_at, ?2) "
	    "WHERE hash = ?1 AND expires_at > ?2 AND "
	    "last_used_at + ?3 > ?2 AND EXISTS (SELECT 1 FROM logins "
	    "WHERE id = login_id AND status = 'active' AND NOT " ACCESS_SHUT
	    ") "
	    "RETURNING login_id",
	    why);
	int got, more;

	if (query == NULL)
		return -1;
	sql_bind_blob(query, 1, hash, ACCESS_KEY_SIZE);
	sql_bind_integer(query, 2, now_ms);
	sql_bind_integer(query, 3, idle_ms);
	got = sql_step(query, why);
	if (got == 1) {
		*login_id = sql_integer(query, 0);
		more = sql_step(query, why); /* ends the statement */
		got = more < 0 ? -1 : 1;
	}
	sql_query_free(query);
	return got;
}

int
access_session_end(
    struct access *access, const uint8_t *hash, struct failure *why)
{
	struct sql_query *query =
	    prepare(access, "DELETE FROM sessions WHERE hash = ?1", why);

	if (query != NULL)
		sql_bind_blob(query, 1, hash, ACCESS_KEY_SIZE);
	return access_run(access, query, why);
}

int
access_sweep(struct access *access, int64_t now_ms, int64_t idle_ms,
    int64_t window_ms, struct failure *why)
{
	int64_t idle[] = { now_ms, now_ms - idle_ms };
	int64_t window[] = { now_ms, now_ms - window_ms };
	int done;

	if (sql_begin(access->sql, why) != 0)
		return -1;
	done = sql_run_with(access->sql,
	    "DELETE FROM sessions WHERE expires_at <= ?1 OR "
	    "last_used_at <= ?2",
	    idle, 2, why);
	if (done == 0)
		done = sql_run_with(access->sql,
		    "DELETE FROM counters WHERE until <= ?1 "
		    "AND since <= ?2",
		    window, 2, why);
	return finish(access, done, why);
}

struct counter {
	int64_t since, failures, until;
};

static int
counter_read(struct access *access, const uint8_t *key, struct counter *counter,
    struct failure *why)
{
	struct sql_query *query = prepare(access,
	    "SELECT since, failures, "
	    "until FROM counters WHERE key = ?1",
	    why);
	int got;

	memset(counter, 0, sizeof *counter);
	if (query == NULL)
		return -1;
	sql_bind_blob(query, 1, key, ACCESS_KEY_SIZE);
	got = sql_step(query, why);
	if (got == 1) {
		counter->since = sql_integer(query, 0);
		counter->failures = sql_integer(query, 1);
		counter->until = sql_integer(query, 2);
	}
	sql_query_free(query);
	return got;
}

static int
counter_write(struct access *access, const uint8_t *key,
    const struct counter *counter, struct failure *why)
{
	struct sql_query *query = prepare(access,
	    "INSERT OR REPLACE INTO "
	    "counters (key, since, failures, until) "
	    "VALUES (?1, ?2, ?3, ?4)",
	    why);

	if (query != NULL) {
		sql_bind_blob(query, 1, key, ACCESS_KEY_SIZE);
		sql_bind_integer(query, 2, counter->since);
		sql_bind_integer(query, 3, counter->failures);
		sql_bind_integer(query, 4, counter->until);
	}
	return access_run(access, query, why);
}

int
access_attempt(struct access *access, const uint8_t *key, int64_t limit,
    int64_t window_ms, int64_t now_ms, int64_t *wait_ms, struct failure *why)
{
	struct counter counter;

	*wait_ms = 0;
	if (counter_read(access, key, &counter, why) < 0)
		return -1;
	/* A clock that was set back must not lock anyone out for long. */
	if (counter.until > now_ms && counter.until <= now_ms + window_ms) {
		*wait_ms = counter.until - now_ms;
		return 0;
	}
	if (counter.until != 0 || counter.since > now_ms ||
	    counter.since + window_ms <= now_ms)
		counter = (struct counter){ .since = now_ms };
	counter.failures++;
	if (counter.failures >= limit)
		counter.until = now_ms + window_ms;
	return counter_write(access, key, &counter, why) < 0 ? -1 : 1;
}

int
access_attempt_good(
    struct access *access, const uint8_t *key, bool forget, struct failure *why)
{
	struct counter counter;
	int got = counter_read(access, key, &counter, why);

	if (got != 1)
		return got;
	counter.failures =
	    forget || counter.failures < 1 ? 0 : counter.failures - 1;
	counter.until = 0;
	return counter_write(access, key, &counter, why);
}
