/* The data objects of a simulated ThingSet device, made from a frame. */
#ifndef WIRE_THINGSET_TREE_H
#define WIRE_THINGSET_TREE_H

#include "json/json.h"
#include "profile/profile.h"
#include "record/frame.h"

struct thingset_tree {
	json_t *root; /* groups are objects */
	const struct profile_thingset *speech;
};

void thingset_tree_open(struct thingset_tree *tree, const struct frame *frame,
    const struct profile_thingset *speech);
void thingset_tree_close(struct thingset_tree *tree);

/* Is the path a subset that the device publishes? */
bool thingset_tree_subset(const struct thingset_tree *tree, const char *path);
/* The value of a path, "" for all: items with their values, groups null.
 * A new reference, or NULL. */
json_t *thingset_tree_get(const struct thingset_tree *tree, const char *path);
/* The names of what is below a path; NULL where nothing can be. */
json_t *thingset_tree_names(const struct thingset_tree *tree, const char *path);
/* All items by their paths: {"Meas/rSOC_pct": 81.5}. Each subset has all. */
json_t *thingset_tree_items(const struct thingset_tree *tree);
/* What the device publishes of a report: a value, or the items of a subset
 * within their groups. NULL where it has none. */
json_t *thingset_tree_report(
    const struct thingset_tree *tree, const char *path);

#endif
