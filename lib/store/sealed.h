/*
 * Columns that are sealed with the key of their database: what they are, and
 * how a value gets in and out. With a row in `sealing` none of them holds a
 * value in clear: it stands in sealed_values, the column is NULL, or what
 * stands for the value where NULL may not be.
 */
#ifndef STORE_SEALED_H
#define STORE_SEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sql.h"
#include "vault/ring.h"

#define SEALED_CORE "core" /* the id of core.db's key in the ring */

/*
 * Find the key of this database in root/keys and keep it with `sql`, whose
 * statements then have unsealed(). Without a master key (NULL), or where
 * nothing is sealed, there is none, and that is no failure. EXIT_WRONG where
 * the key is not there or does not open.
 */
int sealed_open(struct sql *sql, const struct vault_secret *master,
    const char *root, struct failure *why);
/*
 * Make the SQL function unsealed(value, table, column, id) known: the
 * sealed value of that row, where there is one; an empty blob where it
 * cannot be opened; else `value`. sealed_open does it as well.
 */
int sealed_register(struct sql *sql, struct failure *why);

/* Is it a column that is sealed? So is a value in it only if its row says
 * so, for system_config. */
bool sealed_table(const char *table); /* has it such columns? */
bool sealed_column(const char *table, const char *column);
/* The version of the key; 0: nothing is sealed here; -1 with a failure.
 * uuid (37 bytes or NULL) gets the id of the database in the ring. */
int sealed_version(struct sql *sql, char *uuid, struct failure *why);
/*
 * What is to stand in the column instead of this text, "" for NULL. `stand`
 * has room for SEALED_STAND bytes. -1 with a failure: EXIT_WRONG where the
 * key is not there, EXIT_REFUSED where the text is too long.
 */
#define SEALED_STAND 48
int sealed_stand(struct sql *sql, const char *table, const char *column,
    const char *text, char stand[SEALED_STAND], struct failure *why);
/* Store the sealed value of a row; NULL: none any more. */
int sealed_put(struct sql *sql, const char *table, const char *column,
    int64_t row, const char *text, struct failure *why);

/*
 * Seal with this key all that is in clear, and anew all that is sealed with
 * the key that sealed_open has found; in one transaction, in which `also`
 * (or NULL) may write as well. Then no trace of what was in clear is left in
 * the file or its log. Run it again after a failure.
 */
int sealed_all(struct sql *sql, const struct vault_secret *key,
    int (*also)(void *context, struct sql *sql, struct failure *why),
    void *context, struct failure *why);

#endif
