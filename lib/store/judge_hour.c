/*
 * Hours. Two hours in a row with rows are looked at as one: did a value stay
 * the same while much charge flowed, or did the state of charge go one way
 * and the charge the other? What is found is said of both hours. An hour's
 * sums come from its own rows alone.
 */
#include <string.h>

#include "base/clock.h"
#include "store/judge_parts.h"

/* Percent of the capacity that must have flowed, in or out. */
#define CHARGE_SOC 5 /* for soc_percent to be stuck, or the sign wrong */
#define CHARGE_VOLTAGE 10 /* for voltages to be stuck */
#define SOC_WRONG 200 /* 0.01 %: so far the wrong way */
#define SOC_JUMP 200 /* more at once is a correction by the device */
#define SOC_FULL 9900
#define SOC_EMPTY 100
/* Rows further apart say nothing about the charge between them. */
#define GAP_MS (15 * INT64_C(60000))
#define COVERED_MS HOUR_MS /* of the two hours */
/* Charge is counted in 2 mA ms; so many are a percent of 1 mAh. */
#define PERCENT_MAH (2 * HOUR_MS / 100)

#define BIT(name) (UINT64_C(1) << MEASUREMENT_##name)

static bool
has(const struct judge_sample *sample, int id)
{
	return (sample->present >> id & 1) != 0;
}

/* ---- adding rows ------------------------------------------------------ */

static void
add_current(int64_t *sum, const struct judge_sample *sample)
{
	int64_t apart_ms = sample->time_ms - sum[SUM_LAST_CURRENT_TIME];

	if (!has(sample, MEASUREMENT_pack_current))
		return;
	if (sum[SUM_LAST_CURRENT_TIME] != 0 && apart_ms <= GAP_MS) {
		sum[SUM_CHARGE] +=
		    (sum[SUM_LAST_CURRENT] + sample->current) * apart_ms;
		sum[SUM_COVERED] += apart_ms;
	}
	sum[SUM_LAST_CURRENT] = sample->current;
	sum[SUM_LAST_CURRENT_TIME] = sample->time_ms;
}

static void
add_soc(int64_t *sum, int64_t soc)
{
	int64_t jump = soc - sum[SUM_SOC_LAST];

	if (sum[SUM_SOC_ROWS]++ == 0) {
		sum[SUM_SOC_FIRST] = sum[SUM_SOC_LOW] = soc;
		sum[SUM_SOC_HIGH] = soc;
		jump = 0;
	}
	jump = jump < 0 ? -jump : jump;
	if (jump > sum[SUM_SOC_JUMP])
		sum[SUM_SOC_JUMP] = jump;
	if (soc < sum[SUM_SOC_LOW])
		sum[SUM_SOC_LOW] = soc;
	if (soc > sum[SUM_SOC_HIGH])
		sum[SUM_SOC_HIGH] = soc;
	sum[SUM_SOC_LAST] = soc;
}

static void
add_voltages(int64_t *sum, const struct judge_sample *sample)
{
	int64_t cells;

	if (has(sample, MEASUREMENT_pack_voltage)) {
		if (sum[SUM_VOLTAGE_ROWS]++ == 0)
			sum[SUM_VOLTAGE_LOW] = sum[SUM_VOLTAGE_HIGH] =
			    sample->voltage;
		if (sample->voltage < sum[SUM_VOLTAGE_LOW])
			sum[SUM_VOLTAGE_LOW] = sample->voltage;
		if (sample->voltage > sum[SUM_VOLTAGE_HIGH])
			sum[SUM_VOLTAGE_HIGH] = sample->voltage;
	}
	if (has(sample, MEASUREMENT_cell_voltages)) {
		memcpy(&cells, &sample->cells, sizeof(cells));
		if (sum[SUM_CELLS_ROWS]++ > 0 && cells != sum[SUM_CELLS])
			sum[SUM_CELLS_CHANGED] = 1;
		sum[SUM_CELLS] = cells;
	}
}

/* ---- verdicts --------------------------------------------------------- */

/* How many hundredths of a percent of the capacity flowed, in or out? */
static bool
flowed(const int64_t *a, const int64_t *b, const struct limits *limits,
    int64_t percent, int64_t *charge)
{
	int64_t capacity = a[SUM_CAPACITY] > b[SUM_CAPACITY] ? a[SUM_CAPACITY]
							     : b[SUM_CAPACITY];
	int64_t size;

	if (capacity == 0)
		capacity = limits->capacity;
	*charge = a[SUM_CHARGE] + b[SUM_CHARGE];
	size = *charge < 0 ? -*charge : *charge;
	return capacity > 0 && a[SUM_COVERED] + b[SUM_COVERED] >= COVERED_MS &&
	    size >= percent * PERCENT_MAH * capacity;
}

static bool
same_soc(const int64_t *a, const int64_t *b, int64_t charge)
{
	int64_t soc = a[SUM_SOC_LOW];

	if (a[SUM_SOC_ROWS] < 2 || b[SUM_SOC_ROWS] < 2 ||
	    a[SUM_SOC_HIGH] != soc || b[SUM_SOC_LOW] != soc ||
	    b[SUM_SOC_HIGH] != soc)
		return false;
	/* at its end it can only stay */
	return charge > 0 ? soc < SOC_FULL : soc > SOC_EMPTY;
}

static uint64_t
find_stuck(const int64_t *a, const int64_t *b, const struct limits *limits)
{
	uint64_t stuck = 0;
	int64_t charge;

	if (!limits->stuck || !flowed(a, b, limits, CHARGE_SOC, &charge))
		return 0;
	if (same_soc(a, b, charge))
		stuck |= BIT(soc_percent);
	if (!flowed(a, b, limits, CHARGE_VOLTAGE, &charge))
		return stuck;
	if (a[SUM_VOLTAGE_ROWS] > 1 && b[SUM_VOLTAGE_ROWS] > 1 &&
	    a[SUM_VOLTAGE_LOW] == b[SUM_VOLTAGE_HIGH] &&
	    a[SUM_VOLTAGE_HIGH] == b[SUM_VOLTAGE_LOW])
		stuck |= BIT(pack_voltage);
	if (a[SUM_CELLS_ROWS] > 1 && b[SUM_CELLS_ROWS] > 1 &&
	    a[SUM_CELLS_CHANGED] == 0 && b[SUM_CELLS_CHANGED] == 0 &&
	    a[SUM_CELLS] == b[SUM_CELLS])
		stuck |= BIT(cell_voltages);
	return stuck;
}

static uint64_t
find_sign(const int64_t *a, const int64_t *b, const struct limits *limits)
{
	int64_t charge, moved = b[SUM_SOC_LAST] - a[SUM_SOC_FIRST];
	int64_t between = b[SUM_SOC_FIRST] - a[SUM_SOC_LAST];

	if (!limits->sign || a[SUM_SOC_ROWS] < 2 || b[SUM_SOC_ROWS] < 2 ||
	    a[SUM_SOC_JUMP] > SOC_JUMP || b[SUM_SOC_JUMP] > SOC_JUMP ||
	    between > SOC_JUMP || between < -SOC_JUMP ||
	    !flowed(a, b, limits, CHARGE_SOC, &charge))
		return 0;
	return (charge > 0 ? moved <= -SOC_WRONG : moved >= SOC_WRONG)
	    ? BIT(pack_current)
	    : 0;
}

static bool
follows(const int64_t *a, const int64_t *b)
{
	return a[SUM_HOUR] != 0 && b[SUM_HOUR] == a[SUM_HOUR] + HOUR_MS;
}

/* What is said of hour i, by itself and the hour before or behind it. */
static void
say(const struct judge_hours *hours, const struct limits *limits, int i,
    int64_t from_ms, struct judge_verdicts *list)
{
	struct judge_verdict verdict = { .time_ms =
					     hours->hour[i].sum[SUM_HOUR] };
	uint64_t sign = 0, stuck = 0;

	if (verdict.time_ms == 0 || verdict.time_ms < from_ms)
		return;
	for (int n = i > 0 ? i - 1 : 0; n <= i && n + 1 < JUDGE_HOURS; n++) {
		const int64_t *a = hours->hour[n].sum;
		const int64_t *b = hours->hour[n + 1].sum;

		if (!follows(a, b))
			continue;
		sign |= find_sign(a, b, limits);
		stuck |= find_stuck(a, b, limits);
	}
	verdict.until_ms = verdict.time_ms + HOUR_MS - 1;
	verdict.reason = SUSPECT_SIGN;
	verdict.measurements = sign;
	if (sign != 0)
		judge_verdict_add(list, &verdict);
	verdict.reason = SUSPECT_STUCK;
	verdict.measurements = stuck;
	if (stuck != 0)
		judge_verdict_add(list, &verdict);
}

void
judge_hours_end(struct judge_hours *hours, const struct limits *limits,
    int64_t from_ms, struct judge_verdicts *list)
{
	say(hours, limits, JUDGE_HOURS - 2, from_ms, list);
	say(hours, limits, JUDGE_HOURS - 1, from_ms, list);
}

/* Another hour begins: what its neighbours say of those before is said. */
static void
open_hour(struct judge_hours *hours, const struct limits *limits,
    int64_t hour_ms, int64_t from_ms, struct judge_verdicts *list)
{
	struct judge_hour *last = &hours->hour[JUDGE_HOURS - 1];

	if (last->sum[SUM_HOUR] != 0 &&
	    hour_ms == last->sum[SUM_HOUR] + HOUR_MS) {
		say(hours, limits, JUDGE_HOURS - 2, from_ms, list);
		memmove(hours->hour, hours->hour + 1,
		    (JUDGE_HOURS - 1) * sizeof(*hours->hour));
	} else {
		judge_hours_end(hours, limits, from_ms, list);
		memset(hours, 0, sizeof(*hours));
	}
	memset(last, 0, sizeof(*last));
	last->sum[SUM_HOUR] = hour_ms;
}

void
judge_hours_add(struct judge_hours *hours, const struct limits *limits,
    const struct judge_sample *sample, int64_t from_ms,
    struct judge_verdicts *list)
{
	int64_t hour_ms = sample->time_ms - sample->time_ms % HOUR_MS;
	int64_t *sum = hours->hour[JUDGE_HOURS - 1].sum;

	if (sum[SUM_HOUR] != hour_ms)
		open_hour(hours, limits, hour_ms, from_ms, list);
	sum[SUM_LAST_TIME] = sample->time_ms;
	add_current(sum, sample);
	if (has(sample, MEASUREMENT_soc_percent))
		add_soc(sum, sample->soc);
	add_voltages(sum, sample);
	if (has(sample, MEASUREMENT_full_capacity_ah) &&
	    sample->capacity > sum[SUM_CAPACITY])
		sum[SUM_CAPACITY] = sample->capacity;
}

/* ---- kept from run to run --------------------------------------------- */

void
judge_hours_pack(const struct judge_hours *hours, uint8_t out[JUDGE_HOURS_SIZE])
{
	for (size_t i = 0; i < JUDGE_HOURS; i++)
		for (size_t k = 0; k < SUM_COUNT; k++) {
			uint64_t value = (uint64_t)hours->hour[i].sum[k];

			for (int b = 0; b < 8; b++)
				*out++ = (uint8_t)(value >> 8 * b);
		}
}

bool
judge_hours_read(struct judge_hours *hours, const void *data, size_t size)
{
	const uint8_t *in = data;

	if (size != JUDGE_HOURS_SIZE)
		return false;
	for (size_t i = 0; i < JUDGE_HOURS; i++)
		for (size_t k = 0; k < SUM_COUNT; k++) {
			uint64_t value = 0;

			for (int b = 0; b < 8; b++)
				value |= (uint64_t)*in++ << 8 * b;
			hours->hour[i].sum[k] = (int64_t)value;
		}
	return true;
}
