/* What bms-poll may still open once it polls. */
#ifndef BMS_POLL_RIGHTS_H
#define BMS_POLL_RIGHTS_H

#include <stdbool.h>

#include "devices.h"

struct rights {
	const char *profile_dir;
	const char *devices_path;
	const char *state_path; /* NULL: none */
	bool require_box;
};

/* From here on: only the devices, the list, the profiles, the state, and
 * what looks up names. Ends the program where that cannot be had. */
void rights_give_up(const struct rights *rights, const struct devices *devices);

#endif
