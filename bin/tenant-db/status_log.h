/* Changes of what clients may do are told in the log of core. */
#ifndef STATUS_LOG_H
#define STATUS_LOG_H

#include "base/err.h"
#include "store/sql.h"

/* In the transaction that changes clients: before, and behind the change,
 * when it writes a line tenant.status for each client whose status is now
 * another. 0 or -1 with a failure: roll back. */
int status_log_begin(struct sql *core, struct failure *why);
int status_log_end(struct sql *core, const char *actor, struct failure *why);

#endif
