/*
 * The rules, in this order. A value is believed that is as large as the one
 * before or larger by no more than the counter can have counted since. One
 * that is a little smaller is a dip. One that continues what stood before a
 * reset takes the reset back. One that is small where the one before stood
 * near the end of a register went round. All others are doubted until the
 * next readings go on from them: two for a reset, which is less than what
 * the counter can count in a day, three for another level.
 */
#include "store/counter.h"

#include "base/clock.h"

/* Clocks and registers are not that exact. */
#define SLACK_MS 300000.0
/* A register of which nobody told the size is large against what goes into
 * it between two readings. */
#define MODULUS_LEAST 10
/* A dip is at most this part of the value or of the day's most. */
#define DIP_VALUE 100
#define DIP_DAY 1000
#define RESET_HELD 2
#define MOVE_HELD 3

/* The most in a day: as was told, or as its flow was seen to be. */
static double
day_most(const struct counter *counter, const struct counter_limits *limits)
{
	double seen = (double)counter->peak * 24;

	return seen > limits->day ? seen : limits->day;
}

/* The most that can be counted in so long. */
static double
most(const struct counter *counter, const struct counter_limits *limits,
    int64_t length_ms)
{
	return day_most(counter, limits) * ((double)length_ms + SLACK_MS) /
	    DAY_MS +
	    (double)limits->unit;
}

int64_t
counter_small(
    const struct counter *counter, const struct counter_limits *limits)
{
	return (int64_t)most(counter, limits, 0);
}

/* Can it have come from one value to the other by counting? */
static bool
follows(const struct counter *counter, const struct counter_limits *limits,
    int64_t from, int64_t from_ms, int64_t to, int64_t to_ms)
{
	return to >= from &&
	    (double)(to - from) <= most(counter, limits, to_ms - from_ms);
}

static bool
is_dip(const struct counter *counter, const struct counter_limits *limits,
    int64_t value)
{
	double apart = (double)counter->value - (double)value;

	return apart > 0 && value > counter->value / 2 &&
	    (apart <= (double)counter->value / DIP_VALUE ||
		apart <= day_most(counter, limits) / DIP_DAY);
}

/* Round the end of a register of this size: what was counted, or -1. */
static int64_t
round_of(const struct counter *counter, const struct counter_limits *limits,
    int64_t modulus, int64_t time_ms, int64_t value)
{
	double limit = most(counter, limits, time_ms - counter->time_ms);
	int64_t counted = modulus - counter->value + value;

	if (counter->value >= modulus || value >= modulus ||
	    (double)counted > limit ||
	    (limits->modulus == 0 && (double)modulus < MODULUS_LEAST * limit))
		return -1;
	return counted;
}

/* Registers count hundredths to thousands of the unit. */
static int64_t
wrapped(const struct counter *counter, const struct counter_limits *limits,
    int64_t time_ms, int64_t value)
{
	static const int64_t ends[] = { INT64_C(1) << 16, INT64_C(1) << 32 };
	int64_t least = -1;

	if (value >= counter->value)
		return -1;
	if (limits->modulus > 0)
		return round_of(
		    counter, limits, limits->modulus, time_ms, value);
	for (int i = 0; i < 2; i++)
		for (int64_t grain = 1; grain <= limits->unit * 1000;
		     grain *= 10) {
			int64_t counted = round_of(
			    counter, limits, ends[i] * grain, time_ms, value);

			if (counted >= 0 && (least < 0 || counted < least))
				least = counted;
		}
	return least;
}

static void
believe(struct counter *counter, int64_t time_ms, int64_t value)
{
	counter->known = true;
	counter->value = value;
	counter->time_ms = time_ms;
	counter->held = counter->doubted = counter->doubted_ms = 0;
}

static void
forget_old(struct counter *counter)
{
	counter->old = counter->old_ms = counter->since = 0;
}

/* From zero again, as two readings say. */
static enum counter_verdict
start_anew(
    struct counter *counter, int64_t time_ms, int64_t value, int64_t *counted)
{
	counter->old = counter->value;
	counter->old_ms = counter->time_ms;
	counter->since = *counted = value;
	believe(counter, time_ms, value);
	return COUNTER_RESET;
}

/* None of the rules for one value: what do those before it say? */
static enum counter_verdict
doubt(struct counter *counter, const struct counter_limits *limits,
    int64_t time_ms, int64_t value, int64_t *counted)
{
	bool goes_on = counter->held > 0 &&
	    follows(counter, limits, counter->doubted, counter->doubted_ms,
		value, time_ms);

	counter->held = goes_on ? counter->held + 1 : 1;
	counter->doubted = value;
	counter->doubted_ms = time_ms;
	if (value < counter->value &&
	    (double)value <= day_most(counter, limits)) {
		if (counter->held >= RESET_HELD)
			return start_anew(counter, time_ms, value, counted);
	} else if (counter->held >= MOVE_HELD) {
		forget_old(counter);
		believe(counter, time_ms, value);
		return COUNTER_MOVED;
	}
	return COUNTER_DOUBTED;
}

static bool
returns(const struct counter *counter, const struct counter_limits *limits,
    int64_t time_ms, int64_t value)
{
	return counter->old_ms != 0 &&
	    follows(
		counter, limits, counter->old, counter->old_ms, value, time_ms);
}

enum counter_verdict
counter_add(struct counter *counter, const struct counter_limits *limits,
    int64_t time_ms, int64_t value, int64_t *counted)
{
	int64_t round;

	*counted = 0;
	if (counter->old_ms != 0 && time_ms - counter->old_ms > 24 * HOUR_MS)
		forget_old(counter);
	if (!counter->known ||
	    follows(counter, limits, counter->value, counter->time_ms, value,
		time_ms)) {
		*counted = counter->known ? value - counter->value : 0;
		if (counter->old_ms != 0)
			counter->since += *counted;
		believe(counter, time_ms, value);
		return COUNTER_COUNTED;
	}
	if (is_dip(counter, limits, value)) {
		believe(counter, time_ms, counter->value);
		return COUNTER_DIPPED;
	}
	if (returns(counter, limits, time_ms, value)) {
		*counted = value - counter->old - counter->since;
		*counted = *counted < 0 ? 0 : *counted;
		forget_old(counter);
		believe(counter, time_ms, value);
		return COUNTER_RETURNED;
	}
	round = wrapped(counter, limits, time_ms, value);
	if (round < 0)
		return doubt(counter, limits, time_ms, value, counted);
	*counted = round;
	forget_old(counter);
	believe(counter, time_ms, value);
	return COUNTER_WRAPPED;
}

/* ---- kept from hour to hour ------------------------------------------- */

void
counter_pack(const struct counter *counter, struct buf *out)
{
	const int64_t values[] = { counter->known, counter->value,
		counter->time_ms, counter->peak, counter->old, counter->old_ms,
		counter->since, counter->doubted, counter->doubted_ms,
		counter->held };
	size_t count = sizeof(values) / sizeof(values[0]), last = count;
	uint8_t *start = (uint8_t *)buf_reserve(out, (count + 1) * VARINT_MAX);
	uint8_t *end;

	while (last > 0 && values[last - 1] == 0)
		last--;
	end = varint_put(start, last);
	for (size_t i = 0; i < last; i++)
		end = varint_put(end, varint_code(values[i]));
	out->size += (size_t)(end - start);
}

void
counter_unpack(struct varint_reader *in, struct counter *counter)
{
	int64_t values[10] = { 0 };
	uint64_t count = varint_get(in);

	for (uint64_t i = 0; i < count; i++) {
		int64_t value = varint_signed(varint_get(in));

		if (i < 10)
			values[i] = value;
	}
	*counter = (struct counter){ values[0] != 0, values[1], values[2],
		values[3], values[4], values[5], values[6], values[7],
		values[8], values[9] };
}
