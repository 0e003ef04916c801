/* Private to corrections: what a person wishes, checked. */
#ifndef STORE_CORRECTIONS_WISH_H
#define STORE_CORRECTIONS_WISH_H

#include "store/corrections_store.h"

/* Texts are the object's that it was read from. */
struct correction_wish {
	struct correction one; /* its value not filled */
	const char *battery, *reason, *by;
	const char *measurement; /* "all" as such */
	const json_t *value; /* or NULL */
	struct buf value_text;
	double scale, offset;
	int64_t undo; /* this one is to be withdrawn; 0 none */
};
/* `by` must be set. 0, or -1 with a failure (EXIT_REFUSED); free in both. */
int correction_wish_read(struct correction_wish *wish, struct tenant *tenant,
    const json_t *object, bool correct, struct failure *why);
void correction_wish_free(struct correction_wish *wish);

#endif
