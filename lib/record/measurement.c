/* The table of measurements as data, and looking things up in it. */
#include <string.h>

#include "base/clock.h"
#include "record/measurement.h"

#define POWER10_0 1
#define POWER10_1 10
#define POWER10_2 100
#define POWER10_3 1000
/* What was stored at both ends tells what a period lost. */
#define ROLL_SOC (ROLL_ALL | ROLL_START | ROLL_END)
/* State of health changes too slowly for extremes to say anything. */
#define ROLL_SOH (ROLL_AVG | ROLL_START | ROLL_END)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const mode_words[] = { WORDS_MODE };
static const char *const quality_words[] = { WORDS_QUALITY };
static const char *const source_words[] = { WORDS_SOURCE };

/* Which list a SHAPE_WORD row has. */
#define IS(name, other) (MEASUREMENT_##name == MEASUREMENT_##other)
#define WORDS(name)                                                            \
	(IS(name, operation_mode)        ? mode_words                          \
		: IS(name, data_quality) ? quality_words                       \
		: IS(name, source_type)  ? source_words                        \
					 : NULL)
#define WORD_COUNT(name)                                                       \
	(IS(name, operation_mode)        ? COUNT(mode_words)                   \
		: IS(name, data_quality) ? COUNT(quality_words)                \
		: IS(name, source_type)  ? COUNT(source_words)                 \
					 : 0)

/* Times have the range of all times. */
#define HIGH(shape_, decimals_, high_)                                         \
	(SHAPE_##shape_ == SHAPE_TIME ? CLOCK_MAX_MS                           \
				      : INT64_C(high_) * POWER10_##decimals_)

#define ROW(tag_, name_, unit_, decimals_, shape_, kinds_, low_, high_,        \
    derived_, roll_, history_, step_, slew_, share_)                           \
	{ .name = #name_,                                                      \
		.unit = unit_,                                                 \
		.history = history_,                                           \
		.words = WORDS(name_),                                         \
		.word_count = WORD_COUNT(name_),                               \
		.low = INT64_C(low_) * POWER10_##decimals_,                    \
		.high = HIGH(shape_, decimals_, high_),                        \
		.step = step_,                                                 \
		.slew = slew_,                                                 \
		.share = share_,                                               \
		.tag = tag_,                                                   \
		.decimals = decimals_,                                         \
		.shape = SHAPE_##shape_,                                       \
		.kinds = FOR_##kinds_,                                         \
		.roll = ROLL_##roll_,                                          \
		.name_size = sizeof(#name_) - 1,                               \
		.derived = derived_ },

const struct measurement measurement_table[MEASUREMENT_COUNT] = { MEASUREMENTS(
    ROW) };

_Static_assert(MEASUREMENT_COUNT < 64, "reading.suspect has 63 bits");

int
measurement_find(const char *name, size_t size)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		const struct measurement *row = &measurement_table[id];

		if (row->name_size == size &&
		    memcmp(row->name, name, size) == 0)
			return id;
	}
	return -1;
}

int
measurement_search_tag(unsigned tag)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		if (measurement_table[id].tag == tag)
			return id;
	return -1;
}

int
measurement_word(int id, const char *word, size_t size)
{
	const struct measurement *row = &measurement_table[id];

	for (int i = 0; i < row->word_count; i++)
		if (strlen(row->words[i]) == size &&
		    memcmp(row->words[i], word, size) == 0)
			return i;
	return -1;
}
