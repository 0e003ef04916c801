/* The devices that bms-poll was told to read. */
#ifndef BMS_POLL_DEVICES_H
#define BMS_POLL_DEVICES_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "record/device.h"

struct devices {
	struct arena texts;
	struct device *item;
	size_t *line; /* where each one stood */
	size_t count;
};

/*
 * Read device lines from a file or, for "-", standard input; other kinds
 * of lines are left out. Of several lines for one device the one counts
 * that is valid now. 0, or -1 with a failure that names the line.
 */
int devices_read(
    const char *path, struct devices *devices, struct failure *why);
void devices_free(struct devices *devices);

#endif
