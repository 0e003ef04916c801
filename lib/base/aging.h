/*
 * The time by which what is stored grows old. A clock that is set years
 * ahead, by an empty battery of the board or a hand that slips, must not
 * make all of it too old at once: this time goes with the clock of the
 * machine, but follows a leap only when the clock has run on for long enough
 * that somebody would have seen it.
 */
#ifndef BASE_AGING_H
#define BASE_AGING_H

#include <stdint.h>

#include "base/err.h"

/* Looks that lie further apart are a leap; so far it goes at once. */
#define AGING_LEAP_DAYS 8
/* So long after it a leap is believed. */
#define AGING_BELIEVE_DAYS 14

/* ms since 1970 */
struct aging {
	int64_t seen_ms; /* what the clock showed at the last look */
	int64_t leap_ms; /* ... and behind its last leap */
	int64_t aged_ms; /* this time; never ahead of the clock */
};
/* The clock shows now_ms. */
void aging_step(struct aging *aging, int64_t now_ms);

/*
 * The same with what is remembered in a file, which is written anew; without
 * it, or where it cannot be understood, this time is that of the clock. 0,
 * or -1 with a failure, and work can go on: where it cannot be written this
 * time is right even so, and where it cannot be read it is 0, by which
 * nothing is old.
 */
int aging_look(
    const char *path, int64_t now_ms, int64_t *aged_ms, struct failure *why);

#endif
