/* bms-poll --status: how the devices stand, for people and programs. */
#ifndef BMS_POLL_STATUS_H
#define BMS_POLL_STATUS_H

#include <stdbool.h>

/* Print what the state file says, as a table or as its lines. The exit
 * status: 1 where a device fails. */
int status_print(const char *path, bool json);

#endif
