/* A tenant leaves a spool for good. */
#ifndef SPOOL_FORGET_H
#define SPOOL_FORGET_H

#include "base/err.h"

/*
 * Remove the archive of this tenant, its waiting lines, and its lines from
 * the segments that are closed. 0, also where there is no spool; -1 with a
 * failure: EXIT_AGAIN where spool each is at work, then its archive and
 * waiting lines are gone and the segments are as they were.
 */
int spool_forget(const char *path, const char *tenant, struct failure *why);

#endif
