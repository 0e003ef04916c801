/* The folder of a tenant's backups: their names, and when they go. */
#ifndef BACKUPS_H
#define BACKUPS_H

#include <stdint.h>

#include "base/err.h"

/* 20261121T173314.123Z.tbms and its NUL. */
#define BACKUPS_NAME 26

/* Names stand in order of time. */
void backups_name(char name[BACKUPS_NAME], int64_t time_ms);
/* Remove what backups that were killed left behind. 0 or -1. */
int backups_clean(int folder, struct failure *why);
/* Remove the backups from before a time, but never the newest one. */
int backups_expire(int folder, int64_t before_ms, struct failure *why);

#endif
