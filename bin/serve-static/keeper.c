/*
 * The keeper: the one process that opens access.db. It does what a bug in
 * the HTTP side must not reach: password hashes, counters, sessions. It has
 * no socket but the pair to the front. Sessions are answered at once;
 * logins wait in a queue and are verified one at a time, so that at most
 * 16 hashes are owed and no session waits for more than one.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "base/box.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"

#define WINDOW_MS INT64_C(900000) /* of the counters: 15 min */
#define PAIR_LIMIT 5
#define SOURCE_LIMIT 20
#define LOOK_MS 500 /* for changes by others */
#define SWEEP_MS 60000

struct keeper {
	const struct keeper_options *options;
	struct access *access;
	int fd;
	int64_t version, looked_ms, swept_ms;
	char dummy[SECRET_HASH_TEXT]; /* same work for unknown names */
	struct ask waiting[ASK_LOGINS_MAX];
	size_t first, count;
};

static void
say(struct keeper *keeper, struct answer *answer)
{
	ssize_t n;

	do
		n = write(keeper->fd, answer, sizeof *answer);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof *answer && errno != EPIPE)
		warn("keeper: answer:");
	secret_wipe(answer->token, sizeof answer->token);
}

static void
failed(struct keeper *keeper, uint32_t id, const struct failure *why)
{
	struct answer answer = { .kind = ANSWER_FAILED, .id = id };

	warn("keeper: %s", why->message);
	say(keeper, &answer);
}

static void
session(struct keeper *keeper, const struct ask *ask)
{
	struct answer answer = { .kind = ANSWER_NO, .id = ask->id };
	struct failure why;
	int64_t login = 0;
	int got = access_session_use(keeper->access, ask->session,
	    clock_now_ms(), keeper->options->idle_ms, &login, &why);

	if (got == 1)
		got =
		    access_grants(keeper->access, login, &answer.grants, &why);
	if (got < 0) {
		failed(keeper, ask->id, &why);
		return;
	}
	if (got == 1)
		answer.kind = ANSWER_YES;
	say(keeper, &answer);
}

static void
logout(struct keeper *keeper, const struct ask *ask)
{
	struct answer answer = { .kind = ANSWER_YES, .id = ask->id };
	struct failure why;

	if (access_session_end(keeper->access, ask->session, &why) < 0)
		failed(keeper, ask->id, &why);
	else
		say(keeper, &answer);
}

/* A source is an IPv4 address or an IPv6 network of 64 bits. */
static size_t
source_size(const uint8_t source[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(source, mapped, sizeof mapped) == 0 ? 16 : 8;
}

/* The names of the two counters: of (account, source) and of the source. */
static void
counter_keys(const struct ask *ask, uint8_t pair[SECRET_SIZE],
    uint8_t source[SECRET_SIZE])
{
	uint8_t text[2 + 16 + ACCESS_NAME_MAX];
	size_t size = source_size(ask->source), n = 0;

	text[n++] = 's';
	text[n++] = (uint8_t)size;
	memcpy(text + n, ask->source, size);
	n += size;
	secret_digest(text, n, source);
	text[0] = 'p';
	for (size_t i = 0; i < ask->user_size; i++) {
		char c = ask->user[i];

		text[n++] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	secret_digest(text, n, pair);
}

/* Reserve a failure in both counters. 1 go on, 0 refused, -1. */
static int
attempt(struct keeper *keeper, const uint8_t *pair, const uint8_t *source,
    int64_t now, struct answer *answer, struct failure *why)
{
	int64_t wait = 0;
	int got = access_attempt(
	    keeper->access, source, SOURCE_LIMIT, WINDOW_MS, now, &wait, why);

	if (got == 1)
		got = access_attempt(keeper->access, pair, PAIR_LIMIT,
		    WINDOW_MS, now, &wait, why);
	if (got == 0) {
		answer->kind = ANSWER_WAIT;
		answer->wait_s = (uint32_t)((wait + 999) / 1000);
	}
	return got;
}

/* Is this the password of a login that may come in now? The same work is
 * done whether or not the name is known. */
static bool
verify(struct keeper *keeper, const struct ask *ask,
    const struct access_login *login, bool known, int64_t now)
{
	bool right = secret_verify(known ? login->hash : keeper->dummy,
	    ask->password, ask->password_size);

	return right && known && login->active &&
	    secret_password_ok(ask->password, ask->password_size) &&
	    (login->expires_ms == 0 || login->expires_ms > now);
}

/* An old hash is replaced while the password is at hand. */
static void
refresh(struct keeper *keeper, const struct ask *ask,
    const struct access_login *login)
{
	char hash[SECRET_HASH_TEXT];
	struct failure why;

	if (!secret_hash_old(login->hash) ||
	    !secret_hash(ask->password, ask->password_size, hash))
		return;
	if (access_rehash(keeper->access, login->id, hash, &why) < 0)
		warn("keeper: %s", why.message);
}

static int
admit(struct keeper *keeper, const struct ask *ask,
    const struct access_login *login, int64_t now, struct answer *answer,
    struct failure *why)
{
	struct access_session fresh = { .login_id = login->id };

	refresh(keeper, ask, login);
	secret_random(answer->token);
	secret_digest(answer->token, sizeof answer->token, fresh.hash);
	memcpy(fresh.source, ask->source, sizeof fresh.source);
	answer->kind = ANSWER_YES;
	return access_session_begin(keeper->access, &fresh,
	    ask->has_session ? ask->session : NULL, now,
	    keeper->options->lifetime_ms, why);
}

static int
login_try(struct keeper *keeper, const struct ask *ask, struct answer *answer,
    struct failure *why)
{
	struct access_login login;
	uint8_t pair[SECRET_SIZE], source[SECRET_SIZE];
	char name[ACCESS_NAME_MAX + 1];
	int64_t now = clock_now_ms();
	int got;

	counter_keys(ask, pair, source);
	got = attempt(keeper, pair, source, now, answer, why);
	if (got != 1)
		return got;
	memcpy(name, ask->user, ask->user_size);
	name[ask->user_size] = '\0';
	got = access_find(keeper->access, name, &login, why);
	if (got < 0)
		return -1;
	if (!verify(keeper, ask, &login, got == 1, now))
		return 0;
	if (access_attempt_good(keeper->access, pair, true, why) < 0 ||
	    access_attempt_good(keeper->access, source, false, why) < 0)
		return -1;
	return admit(keeper, ask, &login, now, answer, why);
}

static void
login_next(struct keeper *keeper)
{
	struct ask *ask = &keeper->waiting[keeper->first];
	struct answer answer = { .kind = ANSWER_NO, .id = ask->id };
	struct failure why;

	if (login_try(keeper, ask, &answer, &why) < 0)
		failed(keeper, ask->id, &why);
	else
		say(keeper, &answer);
	secret_wipe(ask, sizeof *ask);
	keeper->first = (keeper->first + 1) % ASK_LOGINS_MAX;
	keeper->count--;
}

static void
login_queue(struct keeper *keeper, const struct ask *ask)
{
	size_t at = (keeper->first + keeper->count) % ASK_LOGINS_MAX;

	if (ask->user_size > sizeof ask->user ||
	    ask->password_size > sizeof ask->password ||
	    memchr(ask->user, 0, ask->user_size) != NULL ||
	    keeper->count == ASK_LOGINS_MAX) {
		struct failure why = { EXIT_AGAIN, "too many logins wait" };

		failed(keeper, ask->id, &why);
		return;
	}
	keeper->waiting[at] = *ask;
	keeper->count++;
}

/* One question; false at the end of the front. */
static bool
question(struct keeper *keeper)
{
	struct ask ask;
	ssize_t n = read(keeper->fd, &ask, sizeof ask);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n != (ssize_t)sizeof ask)
		return false;
	if (ask.kind == ASK_SESSION)
		session(keeper, &ask);
	else if (ask.kind == ASK_LOGIN)
		login_queue(keeper, &ask);
	else if (ask.kind == ASK_LOGOUT)
		logout(keeper, &ask);
	secret_wipe(&ask, sizeof ask);
	return true;
}

/* Has somebody else changed the database? Then the front must forget. */
static void
look(struct keeper *keeper)
{
	struct answer forget = { .kind = ANSWER_FORGET };
	int64_t now = clock_monotonic_ms(), version;
	struct failure why;

	if (now - keeper->looked_ms >= LOOK_MS) {
		keeper->looked_ms = now;
		version = access_version(keeper->access, &why);
		if (version < 0 || version != keeper->version)
			say(keeper, &forget);
		keeper->version = version;
	}
	if (now - keeper->swept_ms < SWEEP_MS)
		return;
	keeper->swept_ms = now;
	if (access_sweep(keeper->access, clock_now_ms(),
		keeper->options->idle_ms, WINDOW_MS, &why) < 0)
		warn("keeper: %s", why.message);
}

static int
box(struct keeper *keeper, struct failure *why)
{
	static const char *const names[] = { "", "-wal", "-shm" };
	struct buf path[3] = { { 0 } };
	struct box_path paths[3];
	char report[128];
	int entered;

	for (size_t i = 0; i < 3; i++) {
		buf_print(&path[i], "%s/access.db%s", keeper->options->root,
		    names[i]);
		paths[i] = (struct box_path){ path[i].data, BOX_WRITE };
	}
	entered = box_enter(paths, 3, BOX_NET_NONE,
	    keeper->options->require_box, report, sizeof report, why);
	for (size_t i = 0; i < 3; i++)
		buf_free(&path[i]);
	if (entered == 0)
		warn("keeper: box: %s", report);
	return entered;
}

static int
start(struct keeper *keeper, struct failure *why)
{
	static const char nobody[] = "nobody has this password";
	struct answer ready = { .kind = ANSWER_READY };

	keeper->access = access_open(keeper->options->root, why);
	if (keeper->access == NULL)
		return -1;
	/* A write, so that -wal and -shm are there before the box is. */
	if (access_sweep(keeper->access, clock_now_ms(),
		keeper->options->idle_ms, WINDOW_MS, why) < 0)
		return -1;
	keeper->version = access_version(keeper->access, why);
	if (!secret_hash(nobody, sizeof nobody - 1, keeper->dummy))
		return failure_set(why, EXIT_AGAIN, "no memory for a hash");
	if (box(keeper, why) != 0)
		return -1;
	say(keeper, &ready);
	return 0;
}

int
keeper_run(int fd, const struct keeper_options *options)
{
	struct keeper keeper = {
		.options = options, .fd = fd, .swept_ms = clock_monotonic_ms()
	};
	struct failure why;
	bool going = true;

	if (start(&keeper, &why) != 0) {
		warn("%s", why.message);
		return (int)why.status;
	}
	while (going) {
		struct pollfd poller = { .fd = fd, .events = POLLIN };
		int ready = poll(&poller, 1, keeper.count > 0 ? 0 : LOOK_MS);

		if (ready > 0)
			going = question(&keeper);
		else if (ready == 0 && keeper.count > 0)
			login_next(&keeper);
		look(&keeper);
	}
	access_close(keeper.access);
	return EXIT_OK;
}
