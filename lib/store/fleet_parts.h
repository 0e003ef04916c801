/* Private to fleet: what it holds, and the writing of its files. */
#ifndef STORE_FLEET_PARTS_H
#define STORE_FLEET_PARTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "store/fleet.h"
#include "store/serials.h"
#include "store/state.h"
#include "store/view.h"

struct fleet_battery {
	int64_t id;
	const struct state_facts *facts;
	struct buf line; /* its newest reading; empty: none ever */
	enum reading_kind kind;
	int64_t time_ms;
	bool fresh; /* newer than its file */
	/* as last looked at */
	enum state state;
	bool has_soc, has_power;
	int64_t soc, power; /* 0.01 % and 0.01 W */
};

/* A battery's slug, or a device and since when it measures a battery. */
struct fleet_name {
	bool device;
	const char *text;
	int64_t from_ms, battery_id;
	bool pinned; /* whatever serial number it tells */
};

struct fleet {
	struct tenant *tenant;
	const char *root;
	struct fleet_battery *battery; /* in order of id */
	size_t count;
	struct view *view;
	size_t views;
	uint64_t signature; /* of the views and their batteries */
	bool all_fresh; /* write everything */
	struct fleet_name *name; /* in order */
	size_t names, name_room;
	struct serials serials;
	struct arena arena[2]; /* facts and views; used in turn */
	bool turn;
	struct arena scratch;
	struct buf text;
	int64_t now_ms; /* the present, as last told */
	int64_t loaded_ms; /* monotonic */
};

/* Read devices and their batteries anew into the arena. 0 or -1. */
int fleet_names_load(
    struct fleet *fleet, struct arena *arena, struct failure *why);
/* The battery of a reading, 0 if none is known. */
int64_t fleet_battery_of(
    const struct fleet *fleet, const struct reading *reading);
/* Judge all batteries and write what is fresh. */
int fleet_files(struct fleet *fleet, int64_t now_ms, struct failure *why);

#endif
