/* Making corrections and withdrawing them; nothing is ever deleted. */
#ifndef STORE_CORRECTIONS_STORE_H
#define STORE_CORRECTIONS_STORE_H

#include "json/json.h"
#include "store/corrections.h"
#include "store/tenant.h"

/* Who says it, and how he came in (for the audit: "tenant-db unix:root"). */
struct correction_author {
	const char *by, *source;
	int64_t now_ms;
};

/*
 * What a person wishes, as an object. A new one: battery, measurement (a
 * name or "all"), time or from and to (not included; absent: ever), item,
 * kind, reason, by; with `correct` value, or scale and offset. Or undo (an
 * id), reason, by. Members that are not known are refused.
 *
 * Within a transaction: stores it, notes the hours that it touches, makes
 * judge look again and adds the line to the audit log. The object that it
 * became, with the hours that it touches in "hours", is *out (the caller's).
 * 0, or -1 with a failure: EXIT_REFUSED where the wish is wrong and nothing
 * was done; else roll back.
 */
int corrections_put(struct tenant *tenant, const json_t *wish, bool correct,
    const struct correction_author *author, json_t **out, struct failure *why);

#endif
