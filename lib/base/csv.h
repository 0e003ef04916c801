/* Cells of a CSV file (RFC 4180, comma, line feed), safe to open. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Append a text cell, quoted where it must be. With `guard` a text that a
 * spreadsheet would take for a formula (it begins with = + - @, a tab, a
 * carriage return, or a full-width form of those) gets an apostrophe before
 * it. Numbers are not text: append them as they are.
 */
void csv_text(struct buf *out, const char *text, size_t size, bool guard);

#endif
