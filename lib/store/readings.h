/* Stored readings of a tenant: append, walk, and what has changed. */
#ifndef STORE_READINGS_H
#define STORE_READINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "record/line.h"
#include "record/reading.h"
#include "store/tenant.h"

/* ---- writing: between sql_begin and sql_commit of the tenant ---------- */

/* Rows of `cursors` that follow nothing: the last replay and its end. */
#define READINGS_REPLAY "replay"
#define READINGS_REPLAY_TO "replay-to"

struct readings_writer;
/* The tenant must outlive it. NULL with a failure. */
struct readings_writer *readings_writer_open(
    struct tenant *tenant, struct failure *why);
void readings_writer_close(struct readings_writer *writer);

enum readings_put {
	READINGS_STORED, /* new, or won over what was there */
	READINGS_SAME, /* the same content was there */
	READINGS_LOST, /* what is there wins: gen, quality, size */
	READINGS_FAILED
};
/* Store a reading of a battery and note (battery, hour) in `touched`. */
enum readings_put readings_put(struct readings_writer *writer,
    int64_t battery_id, const struct reading *reading, struct failure *why);

/* The same for a reading that was packed before (store/pack.h). */
struct readings_row {
	int64_t battery_id, time_ms, gen;
	enum reading_kind kind;
	int64_t quality; /* pack_quality */
	const void *packed;
	size_t size;
	bool made; /* from a frame, not imported */
	int64_t device_id; /* that said it; 0 not known */
};
/* Bind it as ?1 to ?8: time, battery_id, kind, gen, quality, packed, made and
 * device_id. Its bytes must live until the query is reset. */
void readings_bind(struct sql_query *query, const struct readings_row *row);
enum readings_put readings_put_row(struct readings_writer *writer,
    const struct readings_row *row, struct failure *why);

/*
 * A replay begins, in the transaction that is open: readings of its range
 * that are stored another way from now on, and were not there, get its gen, so
 * that its end does not remove what it cannot have seen. 0 or -1.
 */
int readings_open_replay(struct tenant *tenant,
    const struct mark_replay *replay, struct failure *why);
/*
 * A replay is complete: remove what it did not make again. That is what was
 * made from frames of its devices, of its range and of a lower gen; where it
 * is not known what device said it, of a battery that only devices of the
 * replay measured at that time. (battery, hour) of each is
 * noted in `touched`. Not within a transaction: it has several of its own,
 * durable where `full`; one that ended early is done again as a whole. 0, or
 * -1 with a failure.
 */
int readings_close_replay(struct tenant *tenant,
    const struct mark_replay *replay, bool full, struct failure *why);

/* ---- walking ---------------------------------------------------------- */

struct readings_walk;
struct block;
/* Readings of one battery (0: of all) with from <= time < to, in order of
 * time. Holds no transaction for longer than one batch of rows. */
struct readings_walk *readings_walk_open(struct tenant *tenant,
    int64_t battery_id, int64_t from_ms, int64_t to_ms, struct failure *why);
/* Before the first readings_walk_next: only those that `want` says yes to,
 * as stored, without what is laid over (store/suspects.h) or derived. */
void readings_walk_bare(struct readings_walk *walk,
    bool (*want)(void *context, int64_t battery_id, int64_t time_ms),
    void *context);
/* Before it as well: what came when and from whom (gen, made, device) is not
 * asked for, which is faster. 0, or -1 with a failure. */
int readings_walk_lean(struct readings_walk *walk, struct failure *why);
/* 1 a reading, 0 the end, -1 with a failure. It is whole (derived values
 * filled) and lives until the next call. `device` and such are "". */
int readings_walk_next(struct readings_walk *walk, int64_t *battery_id,
    struct reading *reading, struct failure *why);
/* Rows of a sealed block that are alike (block_alike), of which none has
 * anything laid over it. */
struct readings_run {
	const struct block *block;
	size_t from, to;
};
/* The same, but 2 where the next readings are a run of two or more: then
 * `run` has them, until the next call, and not `reading`. */
int readings_walk_run(struct readings_walk *walk, int64_t *battery_id,
    struct reading *reading, struct readings_run *run, struct failure *why);
void readings_walk_close(struct readings_walk *walk);
/* The newest reading with measurements of a battery before a time, as a
 * wrong clock may have stored the future; as walk_next. */
int readings_latest_before(struct tenant *tenant, int64_t battery_id,
    int64_t before_ms, struct arena *arena, struct reading *reading,
    struct failure *why);

/* ---- what has changed ------------------------------------------------- */

struct touched {
	int64_t seq;
	int64_t battery_id;
	int64_t hour_ms; /* start of the UTC hour */
};
/*
 * What all followers have seen, of hours before a time that must have no
 * fresh rows any more, is forgotten: else `touched` grows by each hour of
 * each battery for ever. 0, or -1 with a failure.
 */
int touched_forget(struct sql *sql, int64_t before_ms, bool (*stop)(void),
    struct failure *why);
/* Before it is followed: where this one has to begin anew, all hours that
 * were forgotten and have readings are there again. 0 or -1. */
int touched_recall(
    struct tenant *tenant, const char *follower, struct failure *why);
/* For qsort: by battery, then by hour. */
int touched_compare(const void *a, const void *b);
/* Up to `room` entries with seq > after, in order of seq; the count or -1. */
int readings_touched(struct tenant *tenant, int64_t after, struct touched *out,
    int room, struct failure *why);
/* Each follower's own cursor; set it in the transaction of its result. */
int64_t cursor_get(
    struct tenant *tenant, const char *follower, struct failure *why);
int cursor_set(struct tenant *tenant, const char *follower, int64_t seq,
    struct failure *why);

#endif
