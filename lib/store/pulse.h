/* How alive the devices of a tenant are. */
#ifndef STORE_PULSE_H
#define STORE_PULSE_H

#include <stdint.h>

#include "store/tenant.h"

struct pulse {
	int64_t devices; /* active ones */
	int64_t silent; /* of them: no answer for too long, or ever */
	int64_t never; /* of the silent: none ever */
	int64_t last_data_ms; /* newest reading of any device, 0: none */
};

/* By state_silent_after_ms of each device's interval. */
int pulse_read(struct tenant *tenant, int64_t now_ms, struct pulse *pulse,
    struct failure *why);

#endif
