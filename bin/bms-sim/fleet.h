/* The devices that are simulated, and what each says at an instant. */
#ifndef BMS_SIM_FLEET_H
#define BMS_SIM_FLEET_H

#include <stdint.h>

#include "fault.h"
#include "model.h"
#include "profile/profile.h"
#include "record/device.h"
#include "scenario.h"
#include "wire/isotp.h"

struct sim {
	struct device device;
	const struct profile *profile;
	struct model model;
	uint64_t answers; /* that went out, for the faults */
	/* a ThingSet node on CAN: */
	struct isotp_in coming;
	struct isotp_out sending;
	unsigned report; /* number of the next one in parts */
};

/* What holds for all batteries. */
struct fleet_options {
	const char *profile_dir;
	uint64_t seed;
	unsigned cells, temperatures;
	double capacity_ah;
	int64_t noon_ms; /* of the day in UTC */
};

struct fleet {
	struct fleet_options options;
	struct schedule schedule;
	struct faults faults;
	struct sim *sim;
	size_t count;
	struct profile **profiles;
	size_t profile_count;
	struct arena texts; /* of the devices */
	struct arena scratch; /* of the frame made last */
};

/* One more device; its texts must live. */
int fleet_add(
    struct fleet *fleet, const struct device *device, struct failure *why);
/* The devices of a file of device(5) lines; "-" is standard input. */
int fleet_load(struct fleet *fleet, const char *path, struct failure *why);
/*
 * The frame of a device; it lives until the next call. A silent one gets
 * the frame with an error that who asked it would have made.
 */
int fleet_frame(struct fleet *fleet, struct sim *sim, int64_t time_ms,
    struct frame *frame, struct failure *why);
void fleet_free(struct fleet *fleet);

#endif
