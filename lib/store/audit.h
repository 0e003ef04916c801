/*
 * The tamper-evident log of a database: what a person did, when and with
 * what result, in the table audit_logs (tenant(5)), one chain per database.
 *
 * A line is one JSON object, its members in this order, without blanks:
 * v seq time tenant actor source session event object result reason before
 * after request prev; what is absent is left out. Its hash is the SHA-256
 * of "tbms-audit-1\n", prev and "\n", and the line; the first prev is 64
 * zeros. seq is the row's id, from 1 without a gap.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdint.h>

#include "base/err.h"
#include "json/json.h"
#include "store/sql.h"

#define AUDIT_TEXT_MAX 1024 /* bytes of a text; what is longer is cut */

enum audit_result { AUDIT_DONE, AUDIT_FAILED, AUDIT_ERROR };

/*
 * What happened. Texts are not owned and may be NULL but for `event`, which
 * is "room.verb": auth data export config key backup tenant session share
 * user role grant view audit breakglass input ("data.annul"). Nothing
 * secret goes in here: no password, no token, no key, no sealed column.
 */
struct audit_event {
	const char *tenant; /* slug; in core.db, where one is meant */
	const char *actor; /* who: "unix:root", or a login */
	const char *source; /* from where: address or program */
	const char *session;
	const char *event;
	const char *object; /* "readings/rack-1/2026-01-02T03:04:05.000Z" */
	enum audit_result result;
	const char *reason; /* why it was done, or why it was refused */
	/* Objects or NULL, borrowed. Numbers that are no integers are
	 * written as texts. */
	const json_t *before, *after, *request;
};

/*
 * Append a line in the transaction that is open (sql_begin): the change it
 * tells of and the line are there together or not at all, so commit with
 * full durability. 0, or -1 with a failure: roll back.
 */
int audit_append(
    struct sql *sql, const struct audit_event *event, struct failure *why);

/* The same in a transaction of its own, durable. */
int audit_write(
    struct sql *sql, const struct audit_event *event, struct failure *why);

/*
 * Walk the chain. 0 when it holds; 1 with the first seq that is wrong in
 * *bad and what is wrong in `why`; -1 with a failure.
 */
int audit_verify(struct sql *sql, int64_t *bad, struct failure *why);

#endif
