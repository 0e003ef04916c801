/* How the archive stays exact over a power cut; used by the archive only. */
#ifndef SPOOL_JOURNAL_H
#define SPOOL_JOURNAL_H

#include "spool/spool.h"

/*
 * The journal is text: "F size path" for each file of the archive before
 * it is appended to, "S name" for each segment of fed/ that goes there. It
 * lies in archive/.journal while files grow (undone: cut to their size) and
 * is renamed .done when all are safe (finished: segments removed).
 */
int journal_begin(
    const struct spool *spool, const struct buf *text, struct failure *why);
int journal_finish(const struct spool *spool, struct failure *why);
int journal_undo(const struct spool *spool, struct failure *why);
/* LOCK_EX while files grow, LOCK_SH while their size is looked at. */
int journal_lock(
    const struct spool *spool, int how, int *lock, struct failure *why);
void journal_unlock(int lock);
/* Finish or undo, whichever is due; under the lock. */
int journal_recover(const struct spool *spool, struct failure *why);

#endif
