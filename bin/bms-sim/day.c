/*
 * A day: the house lives on the battery by night, the sun fills it around
 * noon, the evening empties it. Each day has its own weather and use, taken
 * from a hash of its number; the ends of the days meet.
 */
#include <math.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/mem.h"
#include "day.h"

/* Batteries were built between 2023 and 2025. */
#define BUILT_MS INT64_C(1672531200000)
#define BUILT_SPAN_DAYS 730
/* Sums are kept for at most so many days (82 years). */
#define DAYS_MAX 30000
#define RAMP_MS (4 * HOUR_MS) /* of the charge and discharge scenarios */
#define TAU (2 * 3.14159265358979323846)

enum {
	NOISE_MIDNIGHT = 1,
	NOISE_PEAK,
	NOISE_NIGHT,
	NOISE_CLOUD,
	NOISE_PLACE,
	NOISE_BUILT
};

double
day_noise(uint64_t key, uint64_t purpose, int64_t instant)
{
	/* splitmix64 of all three */
	uint64_t z = key + purpose * UINT64_C(0xd1342543de82ef95) +
	    (uint64_t)instant * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (double)(z >> 11) * 0x1p-53;
}

/* Noise that goes smoothly from one `step` to the next. */
static double
smooth(uint64_t key, uint64_t purpose, int64_t time_ms, int64_t step)
{
	int64_t at = time_ms / step;
	double part = (double)(time_ms % step) / (double)step;
	double before = day_noise(key, purpose, at);
	double after = day_noise(key, purpose, at + 1);

	return before + (after - before) * part * part * (3 - 2 * part);
}

/* States of charge at the corners of a day. */
struct corners {
	double midnight, morning, peak, night, next;
};

static double
midnight(uint64_t key, int64_t day)
{
	return 0.38 + 0.15 * day_noise(key, NOISE_MIDNIGHT, day);
}

static struct corners
corners_of(uint64_t key, int64_t day)
{
	struct corners at;
	/* a good half of the days fill it */
	double sun = 0.78 + 0.4 * day_noise(key, NOISE_PEAK, day);

	at.midnight = midnight(key, day);
	at.morning =
	    at.midnight - 0.05 - 0.06 * day_noise(key, NOISE_NIGHT, day);
	at.peak = fmin(sun, 1);
	at.next = midnight(key, day + 1);
	at.night = at.next + 0.03;
	return at;
}

/* From `low` to `high` between two hours, evenly or as the sun goes. */
static struct day_state
move(double hour, double from_h, double to_h, double low, double high, bool sun)
{
	double span = to_h - from_h, u = (hour - from_h) / span;
	struct day_state state;
	double done = sun ? u - sin(TAU * u) / TAU : u;
	double speed = sun ? 1 - cos(TAU * u) : 1;

	state.soc = low + (high - low) * done;
	state.rate_per_h = (high - low) / span * speed;
	state.ambient = 0;
	return state;
}

static struct day_state
normal_at(uint64_t key, int64_t day, double hour)
{
	struct corners at = corners_of(key, day);

	if (hour < 6.5)
		return move(hour, 0, 6.5, at.midnight, at.morning, false);
	if (hour < 8)
		return move(hour, 6.5, 8, at.morning, at.morning, false);
	if (hour < 15.5)
		return move(hour, 8, 15.5, at.morning, at.peak, true);
	if (hour < 17)
		return move(hour, 15.5, 17, at.peak, at.peak, false);
	if (hour < 23)
		return move(hour, 17, 23, at.peak, at.night, true);
	return move(hour, 23, 24, at.night, at.next, false);
}

static struct day_state
ramp_at(int64_t sun_ms, double low, double high)
{
	double at = fmod((double)sun_ms, RAMP_MS);

	return move(at / HOUR_MS, 0, RAMP_MS / HOUR_MS, low, high, false);
}

static double
ambient_at(uint64_t key, int64_t sun_ms, double hour)
{
	double year = (double)sun_ms / ((double)DAY_MS * 365.25);

	/* coldest on 20 January and at 4 in the morning, here and there */
	return 12 + 6 * day_noise(key, NOISE_PLACE, 0) -
	    9 * cos(TAU * (year - 0.053)) - 4 * cos(TAU * (hour - 4) / 24) +
	    3 * smooth(key, NOISE_CLOUD, sun_ms, 3 * DAY_MS);
}

struct day_state
day_at(uint64_t key, enum scenario scenario, int64_t sun_ms)
{
	int64_t day = sun_ms / DAY_MS;
	double hour = (double)(sun_ms % DAY_MS) / HOUR_MS;
	struct day_state state;

	if (scenario == SCENARIO_CHARGE)
		state = ramp_at(sun_ms, 0.2, 1);
	else if (scenario == SCENARIO_DISCHARGE)
		state = ramp_at(sun_ms, 1, 0.2);
	else
		state = normal_at(key, day, hour);
	/* clouds pass and kettles boil */
	state.rate_per_h *=
	    0.85 + 0.3 * smooth(key, NOISE_CLOUD, sun_ms, 600000);
	state.ambient = ambient_at(key, sun_ms, hour);
	return state;
}

static int64_t
built_day(uint64_t key)
{
	return BUILT_MS / DAY_MS +
	    (int64_t)(BUILT_SPAN_DAYS * day_noise(key, NOISE_BUILT, 0));
}

/* Sums up to the beginning of each day from 0 to `want`. */
static void
grow(uint64_t key, int64_t want, double **charged, double **discharged,
    int64_t *days)
{
	int64_t from = *days;

	if (want < from)
		return;
	want = want + 400 < DAYS_MAX ? want + 400 : DAYS_MAX;
	*charged = mem_grow(*charged, (size_t)want + 1, sizeof(double));
	*discharged = mem_grow(*discharged, (size_t)want + 1, sizeof(double));
	if (from == 0) {
		(*charged)[0] = (*discharged)[0] = 0;
		from = 1;
	}
	for (int64_t i = from; i <= want; i++) {
		struct corners at = corners_of(key, built_day(key) + i - 1);

		(*charged)[i] = (*charged)[i - 1] + at.peak - at.morning;
		(*discharged)[i] = (*discharged)[i - 1] + at.midnight -
		    at.morning + at.peak - at.next;
	}
	*days = want + 1;
}

struct day_counters
day_counters(uint64_t key, int64_t sun_ms, double **charged,
    double **discharged, int64_t *days)
{
	struct day_counters total = { 0, 0, 0 };
	int64_t day = sun_ms / DAY_MS, age = day - built_day(key);
	double hour = (double)(sun_ms % DAY_MS) / HOUR_MS;
	struct corners at = corners_of(key, day);
	double soc = normal_at(key, day, hour).soc;

	if (age < 0)
		return total;
	total.age_ms = sun_ms - built_day(key) * DAY_MS;
	age = age < DAYS_MAX ? age : DAYS_MAX;
	grow(key, age, charged, discharged, days);
	total.charged = (*charged)[age];
	total.discharged = (*discharged)[age];
	if (hour < 8) {
		total.discharged += at.midnight - soc;
	} else if (hour < 15.5) {
		total.discharged += at.midnight - at.morning;
		total.charged += soc - at.morning;
	} else {
		total.discharged += at.midnight - at.morning + at.peak - soc;
		total.charged += at.peak - at.morning;
	}
	return total;
}
