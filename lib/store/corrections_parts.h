/* Private to corrections: those that speak of one reading. */
#ifndef STORE_CORRECTIONS_PARTS_H
#define STORE_CORRECTIONS_PARTS_H

#include "store/corrections.h"

/* Lay them over a reading that is bare; in order of id, the last counts. */
void corrections_lay(const struct correction *const *match, size_t count,
    bool bare, struct arena *arena, struct reading *reading);

#endif
