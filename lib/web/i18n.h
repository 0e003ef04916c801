/* The fixed words of pages in one language, and how it writes numbers. */
#ifndef WEB_I18N_H
#define WEB_I18N_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/zone.h"

struct i18n;

/* Read <share>/i18n/<lang>.json: an object of texts. NULL with a failure
 * (EXIT_WRONG); `lang` must be two letters. */
struct i18n *i18n_open(
    const char *share, const char *lang, struct failure *why);
void i18n_free(struct i18n *words);
const char *i18n_lang(const struct i18n *words); /* "fr" */

/* The word of a key; the key itself where there is none. */
const char *i18n_word(const struct i18n *words, const char *key);
/* NULL where there is none. */
const char *i18n_find(const struct i18n *words, const char *key);
/* A word with its {name} holes filled: pairs of name and text, then NULL. */
const char *i18n_fill(struct arena *arena, const struct i18n *words,
    const char *key, ...) __attribute__((sentinel));

/*
 * Text (not markup) in the arena. NaN is "–". The sign: a real minus
 * always, a plus where `sign`; zero after rounding has none.
 */
const char *i18n_number(struct arena *arena, const struct i18n *words,
    double number, int decimals, bool sign);
/* A length of time in seconds: "4 s", "26 min", "3 h 12", "2 j 4 h". */
const char *i18n_duration(
    struct arena *arena, const struct i18n *words, int64_t seconds);
/* "20 nov.", "Nov 20", with the year "20 nov. 2026". Month 1 to 12. */
const char *i18n_date(struct arena *arena, const struct i18n *words, int year,
    int month, int day, bool with_year);
/* "20 nov., 14:32" local. */
const char *i18n_stamp(struct arena *arena, const struct i18n *words,
    const struct zone *zone, int64_t time_ms);
/* "14:32" local. */
const char *i18n_clock(
    struct arena *arena, const struct zone *zone, int64_t time_ms);
/* "HNE (UTC−5)": the name and offset in force at that time. */
const char *i18n_zone(struct arena *arena, const struct i18n *words,
    const struct zone *zone, int64_t time_ms);
/* For datetime attributes: "2026-11-20T14:32:05-05:00". */
const char *i18n_iso(
    struct arena *arena, const struct zone *zone, int64_t time_ms);

#endif
