/* A view: a named selection of a tenant's batteries, what one may see. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "store/tenant.h"

/*
 * The selection of a view is a JSON object, kept in views.selection:
 * {"batteries":[slug …]}, {"locations":[slug …]} (with all places below
 * them), {"types":[slug …]}; with several members a battery must be in
 * each; {} is all. A slug that is unknown selects nothing. Batteries with
 * is_active = 0 are in no view.
 */
struct view {
	const char *slug; /* path element of the site */
	const char *name;
	int64_t *battery; /* ids, ascending */
	size_t count;
};

/*
 * All views of a tenant in order of slug, in the arena. A tenant without
 * a row in `views` has one, `all`. A selection that cannot be understood is
 * a failure (EXIT_WRONG): never a wider view. 0 or -1.
 */
int view_list(struct tenant *tenant, struct arena *arena, struct view **views,
    size_t *count, struct failure *why);
/* A selection by itself; slug and name of the view stay empty. */
int view_resolve(struct tenant *tenant, const char *selection,
    struct arena *arena, struct view *view, struct failure *why);
bool view_has(const struct view *view, int64_t battery_id);

#endif
