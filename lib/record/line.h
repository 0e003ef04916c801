/* Which kind of line is this; and marks, which close a stretch of lines. */
#ifndef RECORD_LINE_H
#define RECORD_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum line_kind {
	LINE_FRAME,
	LINE_READING,
	LINE_MARK,
	LINE_DEVICE,
	LINE_ALERT,
	LINE_OTHER, /* an object with another kind: pass it on */
	LINE_BAD /* no JSON object, or without "kind" */
};

/* Cheap where "kind" comes first, as all our programs write it. Kinds
 * battery, energy and status are LINE_READING. */
enum line_kind line_kind(const char *line, size_t size);

#define MARK_WAIT_MAX 256

/*
 * The closing mark of a replay: what came before it is all that the spool
 * knows of this range, from_ms <= time < to_ms. "" for any device or
 * profile. gen 0: the mark closes no replay. With `opens` it goes first:
 * what comes another way from here on is not the replay's to remove.
 */
struct mark_replay {
	int64_t gen;
	bool opens;
	int64_t from_ms, to_ms;
	const char *tenant, *device, *profile;
};

/*
 * All that came before it is safe with whoever passed it on. `wait` names
 * the tenants that could not be written just now.
 */
struct mark {
	int64_t segment;
	bool sync; /* commit with synchronous=FULL */
	const char *wait[MARK_WAIT_MAX];
	size_t wait_count;
	struct mark_replay replay;
};

/* A mark line; texts are in the arena. 0, or -1 with EXIT_REFUSED. */
int mark_parse(char *line, size_t size, struct arena *arena, struct mark *mark,
    struct failure *why);
void mark_print(const struct mark *mark, struct buf *out);

#endif
