/* Running the vectors that a profile carries. */
#ifndef PROFILE_CHECK_H
#define PROFILE_CHECK_H

#include <stddef.h>

#include "profile/profile.h"

/* Called with each vector's number and, where it fails, what is wrong. */
typedef void profile_check_fn(void *context, size_t number, const char *wrong);

/*
 * Decode each frame of "vectors" and compare it with the reading beside
 * it: members of "reading" must come out so, null means absent. 0, or -1
 * with a failure (EXIT_WRONG) where the file cannot be used.
 */
int profile_check(const char *dir, const struct profile *profile,
    profile_check_fn *report, void *context, struct failure *why);

#endif
