/* What the status of a client lets be done with its tenant: the table is in
 * tenant(5). */
#ifndef STORE_STATUS_H
#define STORE_STATUS_H

#include <stdbool.h>

#include "base/err.h"
#include "store/tenant.h"

enum status {
	STATUS_ACTIVE,
	STATUS_TRIAL,
	STATUS_SUSPENDED,
	STATUS_ARCHIVED,
	STATUS_COUNT
};

enum status_act {
	STATUS_POLL, /* ask its devices */
	STATUS_STORE, /* take new data */
	STATUS_WATCH, /* evaluate its rules */
	STATUS_TELL, /* let alerts go out */
	STATUS_SHOW, /* make pages and live files, let its logins in */
	STATUS_CHANGE, /* change its rows by hand, take away by age */
	STATUS_ACTS
};

const char *status_word(enum status status);
bool status_lets(enum status status, enum status_act act);
/* As its table client has it; active where that has no row. -1 with a
 * failure. */
int status_read(
    struct tenant *tenant, enum status *status, struct failure *why);
/* 1 it is let, 0 it is not, -1 with a failure. Where it is not, `why` says
 * so, with EXIT_REFUSED. */
int status_look(
    struct tenant *tenant, enum status_act act, struct failure *why);

#endif
