/* What single tables ask for beyond what their columns say. */
#ifndef STORE_ROW_CHECKS_H
#define STORE_ROW_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/json.h"
#include "store/sql.h"

struct row_checks;
/* The database must outlive it. NULL with a failure. */
struct row_checks *row_checks_open(
    struct sql *sql, const char *table, struct failure *why);
void row_checks_close(struct row_checks *checks);
/* Is it a member that is no column but row_checks_after's business? */
bool row_checks_member(const struct row_checks *checks, const char *name);
/*
 * After the row with this id was stored: what must hold between rows, and
 * what a row stores elsewhere (the battery of a device). -1 with a failure:
 * the row is to be taken back.
 */
int row_checks_after(struct row_checks *checks, const json_t *object,
    int64_t id, struct failure *why);

#endif
