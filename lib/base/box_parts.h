/* The two means behind box_enter; used by box.c only. */
#ifndef BASE_BOX_PARTS_H
#define BASE_BOX_PARTS_H

#include <stddef.h>

#include "base/box.h"

#if defined(__SANITIZE_ADDRESS__)
#define BOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BOX_SANITIZED 1
#endif
#endif
#ifndef BOX_SANITIZED
#define BOX_SANITIZED 0 /* 1: the leak checker's calls stay allowed */
#endif

/* The Landlock version in force (0: the kernel has none), -1 a failure. */
int box_landlock(const struct box_path *paths, size_t count, unsigned allow,
    struct failure *why);
/* 1 in force, 0 the kernel has none, -1 a failure. */
int box_seccomp(unsigned allow, struct failure *why);

#endif
