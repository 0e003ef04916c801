/*
 * One tenant's database as a copy to be sealed, and a copy put in its place.
 * Both hold a lock on the tenant's folder: neither runs twice at once.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/check.h"

struct backup_copy {
	int fd; /* of the copy, which has no name any more; -1: none */
	int lock;
	char uuid[37];
	int64_t schema;
	int version; /* of the key it is sealed with; 0: none */
};

/*
 * Copy the database as it is at one instant, while others may write. What
 * an earlier run left behind is removed. 0, or -1 with a failure: EXIT_AGAIN
 * where another backup of the tenant runs. In any case: backup_copy_close.
 */
int backup_copy_open(struct backup_copy *copy, const char *root,
    const char *slug, struct failure *why);
void backup_copy_close(struct backup_copy *copy);

struct restore;
/*
 * Begin to restore a tenant: one that is not there, or where `replace`, also
 * one that is. What an earlier try left behind is removed. NULL with a
 * failure: EXIT_WRONG where it is there already.
 */
struct restore *restore_open(
    const char *root, const char *slug, bool replace, struct failure *why);
/* The new file, empty, to be filled. */
int restore_fd(const struct restore *restore);
/* Bring the filled file up to our schema and check it; restore_finish does it
 * where this was not called. */
int restore_check(struct restore *restore, const char *schema_dir,
    struct check *check, struct failure *why);
/*
 * The file is filled: bring it up to our schema, check it, and put it in its
 * place, as a whole. The one before it stays beside it, as
 * tenant.db.replaced-<time>. EXIT_WRONG where the check finds something, or
 * where `uuid` is not that of the tenant that is replaced; EXIT_AGAIN where
 * others have it open. With a failure nothing has changed.
 */
int restore_finish(struct restore *restore, const char *schema_dir,
    const char *uuid, struct check *check, struct failure *why);
/* Removes what was not put in place. */
void restore_close(struct restore *restore);

#endif
