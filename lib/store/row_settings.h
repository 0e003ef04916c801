/* Settings that programs read by their name: a value that they would not
 * take is refused where it is put. */
#ifndef STORE_ROW_SETTINGS_H
#define STORE_ROW_SETTINGS_H

#include <stdint.h>

#include "base/err.h"
#include "json/json.h"

struct row_checks;
/*
 * `object` is a row as it was put into clients_config or system_config; what
 * it leaves out is not looked at. The others are not used: it is one of
 * row_checks.c. 0, or -1 with a failure (EXIT_REFUSED).
 */
int row_settings_own(struct row_checks *checks, const json_t *object,
    int64_t id, struct failure *why);
int row_settings_system(struct row_checks *checks, const json_t *object,
    int64_t id, struct failure *why);

#endif
