/*
 * A language is a file. What its words cannot say (how thousands are set
 * apart, in which order a date goes) stands there too, under lang.*.
 */
#include "web/i18n.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

#define NB "\xc2\xa0" /* no-break space */
#define MINUS "\xe2\x88\x92"

struct i18n {
	json_t *words;
	char lang[3];
};

static int
check(const json_t *words, const char *path, struct failure *why)
{
	const char *key;
	json_t *word;

	json_object_foreach(
	    (json_t *)words, key, word) if (!json_is_string(word) ||
	    strchr(key, '%') != NULL) return failure_set(why, EXIT_WRONG,
	    "%s: %s: no text", path, key);
	return json_is_object(words)
	    ? 0
	    : failure_set(why, EXIT_WRONG, "%s: no object", path);
}

struct i18n *
i18n_open(const char *share, const char *lang, struct failure *why)
{
	struct i18n *words;
	char path[4096];

	if (strlen(lang) != 2 || !islower((unsigned char)lang[0]) ||
	    !islower((unsigned char)lang[1])) {
		failure_set(why, EXIT_WRONG, "%s: no language", lang);
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/i18n/%s.json", share, lang);
	words = mem_zero(1, sizeof(*words));
	memcpy(words->lang, lang, 2);
	words->words = json_file(path, why);
	if (words->words == NULL || check(words->words, path, why) == -1) {
		i18n_free(words);
		return NULL;
	}
	return words;
}

void
i18n_free(struct i18n *words)
{
	if (words == NULL)
		return;
	json_decref(words->words);
	free(words);
}

const char *
i18n_lang(const struct i18n *words)
{
	return words->lang;
}

const char *
i18n_find(const struct i18n *words, const char *key)
{
	return json_string_value(json_object_get(words->words, key));
}

const char *
i18n_word(const struct i18n *words, const char *key)
{
	const char *word = i18n_find(words, key);

	return word == NULL ? key : word;
}

/* What the hole {name} of `size` bytes is filled with. */
static const char *
hole_value(const char *name, size_t size, va_list pairs)
{
	const char *key, *value = "";

	while ((key = va_arg(pairs, const char *)) != NULL) {
		value = va_arg(pairs, const char *);
		if (strlen(key) == size && memcmp(key, name, size) == 0)
			return value;
	}
	return "";
}

const char *
i18n_fill(struct arena *arena, const struct i18n *words, const char *key, ...)
{
	const char *word = i18n_word(words, key), *open;
	struct buf text = { 0 };
	char *result;

	while (
	    (open = strchr(word, '{')) != NULL && strchr(open, '}') != NULL) {
		size_t size = (size_t)(strchr(open, '}') - open) - 1;
		va_list pairs;

		buf_put(&text, word, (size_t)(open - word));
		va_start(pairs, key);
		buf_text(&text, hole_value(open + 1, size, pairs));
		va_end(pairs);
		word = open + size + 2;
	}
	buf_text(&text, word);
	result = arena_text(arena, text.data, text.size);
	buf_free(&text);
	return result;
}

/* Digits with the language's separator between each three. */
static void
put_groups(
    struct buf *out, const struct i18n *words, const char *digits, size_t count)
{
	const char *between = i18n_word(words, "lang.group");
	size_t least = (size_t)atoi(i18n_word(words, "lang.group.min"));

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0 && count >= least)
			buf_text(out, between);
		buf_char(out, digits[i]);
	}
}

const char *
i18n_number(struct arena *arena, const struct i18n *words, double number,
    int decimals, bool sign)
{
	char digits[400];
	struct buf out = { 0 };
	size_t whole;
	char *result;
	bool zero;

	if (!isfinite(number))
		return "\xe2\x80\x93";
	snprintf(digits, sizeof(digits), "%.*f", decimals, fabs(number));
	zero = strspn(digits, "0.") == strlen(digits);
	if (!zero && (number < 0 || sign))
		buf_text(&out, number < 0 ? MINUS : "+");
	whole = strcspn(digits, ".");
	put_groups(&out, words, digits, whole);
	if (digits[whole] == '.') {
		buf_text(&out, i18n_word(words, "lang.decimal"));
		buf_text(&out, digits + whole + 1);
	}
	result = arena_text(arena, out.data, out.size);
	buf_free(&out);
	return result;
}

const char *
i18n_duration(struct arena *arena, const struct i18n *words, int64_t seconds)
{
	long long s = seconds < 0 ? 0 : seconds;

	if (s < 60)
		return arena_print(arena, "%lld" NB "s", s);
	if (s < 3600)
		return arena_print(arena, "%lld" NB "min", s / 60);
	if (s < 86400)
		return arena_print(
		    arena, "%lld" NB "h" NB "%02lld", s / 3600, s % 3600 / 60);
	return arena_print(arena, "%lld" NB "%s" NB "%lld" NB "h", s / 86400,
	    i18n_word(words, "lang.day"), s % 86400 / 3600);
}

const char *
i18n_date(struct arena *arena, const struct i18n *words, int year, int month,
    int day, bool with_year)
{
	char key[16], d[16], y[16];

	snprintf(key, sizeof(key), "month.%d", month);
	snprintf(d, sizeof(d), "%d", day);
	snprintf(y, sizeof(y), "%d", year);
	return i18n_fill(arena, words,
	    with_year ? "lang.date.year" : "lang.date", "d", d, "m",
	    i18n_word(words, key), "y", y, (char *)NULL);
}

const char *
i18n_clock(struct arena *arena, const struct zone *zone, int64_t time_ms)
{
	struct zone_time t;

	zone_local(zone, time_ms, &t);
	return arena_print(arena, "%02d:%02d", t.hour, t.minute);
}

const char *
i18n_stamp(struct arena *arena, const struct i18n *words,
    const struct zone *zone, int64_t time_ms)
{
	struct zone_time t;

	zone_local(zone, time_ms, &t);
	return arena_print(arena, "%s, %02d:%02d",
	    i18n_date(arena, words, t.year, t.month, t.day, false), t.hour,
	    t.minute);
}

const char *
i18n_zone(struct arena *arena, const struct i18n *words,
    const struct zone *zone, int64_t time_ms)
{
	const char *offset, *name;
	struct zone_time t;
	char key[16];
	int minutes;

	zone_local(zone, time_ms, &t);
	minutes = abs(t.offset_s) / 60;
	offset = minutes == 0 ? "UTC"
			      : arena_print(arena, "UTC%s%d",
				    t.offset_s < 0 ? MINUS : "+", minutes / 60);
	if (minutes % 60 != 0)
		offset = arena_print(arena, "%s:%02d", offset, minutes % 60);
	if (t.name[0] == '+' || t.name[0] == '-' || t.name[0] == '\0' ||
	    strcmp(t.name, "UTC") == 0)
		return offset;
	snprintf(key, sizeof(key), "zone.%s", t.name);
	name = i18n_find(words, key);
	if (name == NULL)
		name = arena_text(arena, t.name, strlen(t.name));
	return arena_print(arena, "%s (%s)", name, offset);
}

const char *
i18n_iso(struct arena *arena, const struct zone *zone, int64_t time_ms)
{
	struct zone_time t;
	int minutes;

	zone_local(zone, time_ms, &t);
	minutes = abs(t.offset_s) / 60;
	return arena_print(arena, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
	    t.year, t.month, t.day, t.hour, t.minute, t.second,
	    t.offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}
