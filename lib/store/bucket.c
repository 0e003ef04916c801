/* One pass, no allocation: each reading is looked at once. */
#include "store/bucket.h"

#define NEVER (INT64_MIN / 2)

/* A straight line over a stretch of time. */
struct stretch {
	int64_t from_ms, to_ms;
	double from, to;
};

/* The buckets that a reading can reach. */
struct reach {
	struct bucket *first;
	size_t count;
	int64_t gap_ms;
};

void
bucket_plan_fill(struct bucket_plan *plan)
{
	*plan = (struct bucket_plan){ .mask = 0 };
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		const struct measurement *row = &measurement_table[id];

		if ((row->roll & ~ROLL_SUM) == 0 || plan->count == BUCKET_LINES)
			continue;
		plan->mask |= UINT64_C(1) << id;
		plan->line[id] = (uint8_t)plan->count++;
	}
}

void
bucket_track_start(struct bucket_track *track)
{
	const struct bucket_point never = { .time_ms = NEVER };

	for (size_t i = 0; i < BUCKET_LINES; i++)
		track->line[i] = never;
	for (size_t i = 0; i < BUCKET_SOURCES; i++)
		track->source[i] = never;
	track->mode = track->kind[0] = track->kind[1] = never;
	track->at = 0;
}

/* The part of a stretch that lies in a bucket; false if none does. */
static bool
cut(const struct stretch *whole, const struct bucket *bucket,
    struct stretch *part)
{
	double slope =
	    (whole->to - whole->from) / (double)(whole->to_ms - whole->from_ms);

	*part = *whole;
	if (part->from_ms < bucket->start_ms) {
		part->from +=
		    slope * (double)(bucket->start_ms - part->from_ms);
		part->from_ms = bucket->start_ms;
	}
	if (part->to_ms > bucket->end_ms) {
		part->to -= slope * (double)(part->to_ms - bucket->end_ms);
		part->to_ms = bucket->end_ms;
	}
	return part->from_ms < part->to_ms;
}

static double
area(const struct stretch *part)
{
	return (part->from + part->to) / 2 *
	    (double)(part->to_ms - part->from_ms);
}

/* The area above and the area below zero, each as a positive number. */
static void
split(const struct stretch *part, double *above, double *below)
{
	double length = (double)(part->to_ms - part->from_ms), zero;
	double head, tail;

	if ((part->from >= 0) == (part->to >= 0)) {
		head = area(part);
		*(head >= 0 ? above : below) += head >= 0 ? head : -head;
		return;
	}
	zero = length * part->from / (part->from - part->to);
	head = part->from * zero / 2;
	tail = part->to * (length - zero) / 2;
	*(head >= 0 ? above : below) += head >= 0 ? head : -head;
	*(tail >= 0 ? above : below) += tail >= 0 ? tail : -tail;
}

/*
 * The stretch from the point before to this one; the point moves on. False
 * where there is none: the first point, or a gap.
 */
static bool
extend(struct bucket_point *point, int64_t time_ms, int64_t value,
    int64_t gap_ms, struct stretch *stretch)
{
	int64_t length = time_ms - point->time_ms;

	*stretch = (struct stretch){ .from_ms = point->time_ms,
		.to_ms = time_ms,
		.from = (double)point->value,
		.to = (double)value };
	*point = (struct bucket_point){ .time_ms = time_ms, .value = value };
	return length > 0 && length <= gap_ms;
}

static struct bucket *
bucket_at(const struct reach *reach, int64_t time_ms)
{
	for (size_t i = 0; i < reach->count; i++)
		if (time_ms >= reach->first[i].start_ms &&
		    time_ms < reach->first[i].end_ms)
			return &reach->first[i];
	return NULL;
}

static void
note(struct bucket_line *line, int64_t value, uint32_t at)
{
	if (!line->seen) {
		line->least = line->most = line->first = value;
		line->least_at = line->most_at = at;
		line->seen = true;
	}
	if (value < line->least) {
		line->least = value;
		line->least_at = at;
	}
	if (value > line->most) {
		line->most = value;
		line->most_at = at;
	}
	line->last = value;
}

/* Energy and charge come with the lines of power and current. */
static void
add_flow(struct bucket *bucket, int id, const struct stretch *part)
{
	if (id == MEASUREMENT_pack_power) {
		split(part, &bucket->charged, &bucket->discharged);
		bucket->has_power = true;
	} else if (id == MEASUREMENT_pack_current) {
		split(part, &bucket->charge, &bucket->discharge);
	}
}

static void
add_line(const struct bucket_plan *plan, struct bucket_track *track,
    const struct reach *reach, int id, const struct reading *reading)
{
	size_t n = plan->line[id];
	int64_t value = reading->value[id].number;
	struct bucket *here = bucket_at(reach, reading->time_ms);
	struct stretch whole, part;

	if (here != NULL)
		note(&here->line[n], value,
		    (uint32_t)(reading->time_ms - here->start_ms));
	if (!extend(&track->line[n], reading->time_ms, value, reach->gap_ms,
		&whole))
		return;
	for (size_t i = 0; i < reach->count; i++) {
		struct bucket *bucket = &reach->first[i];

		if (!cut(&whole, bucket, &part))
			continue;
		bucket->line[n].area += area(&part);
		bucket->line[n].covered_ms += part.to_ms - part.from_ms;
		add_flow(bucket, id, &part);
	}
}

static void
add_source(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading)
{
	struct stretch whole, part;
	size_t source;

	if (!reading_has(reading, MEASUREMENT_source_type) ||
	    !reading_has(reading, MEASUREMENT_power_w))
		return;
	source = (size_t)reading->value[MEASUREMENT_source_type].number;
	if (source >= BUCKET_SOURCES ||
	    !extend(&track->source[source], reading->time_ms,
		reading->value[MEASUREMENT_power_w].number, reach->gap_ms,
		&whole))
		return;
	for (size_t i = 0; i < reach->count; i++) {
		if (!cut(&whole, &reach->first[i], &part))
			continue;
		reach->first[i].source[source] += area(&part);
		reach->first[i].has_source[source] = true;
	}
}

static void
add_mode(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading)
{
	size_t mode = (size_t)track->mode.value;
	struct stretch whole, part;

	if (!reading_has(reading, MEASUREMENT_operation_mode) ||
	    (reading->suspect >> MEASUREMENT_operation_mode & 1) != 0 ||
	    !extend(&track->mode, reading->time_ms,
		reading->value[MEASUREMENT_operation_mode].number,
		reach->gap_ms, &whole) ||
	    mode >= BUCKET_MODES)
		return;
	for (size_t i = 0; i < reach->count; i++)
		if (cut(&whole, &reach->first[i], &part))
			reach->first[i].mode_ms[mode] +=
			    part.to_ms - part.from_ms;
}

static void
add_cover(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading)
{
	size_t kind = reading->kind == READING_ENERGY;
	struct stretch whole, part;

	if (!extend(
		&track->kind[kind], reading->time_ms, 0, reach->gap_ms, &whole))
		return;
	for (size_t i = 0; i < reach->count; i++)
		if (cut(&whole, &reach->first[i], &part))
			reach->first[i].covered_ms[kind] +=
			    part.to_ms - part.from_ms;
}

/* What counts of a reading whatever its quality. */
static void
add_point(struct bucket *here, const struct reading *reading)
{
	here->points++;
	if (reading_has(reading, MEASUREMENT_data_quality)) {
		here->quality_sum += QUALITY_INVALID -
		    reading->value[MEASUREMENT_data_quality].number;
		here->quality_count++;
	}
	if (reading_has(reading, MEASUREMENT_communication_errors))
		here->errors +=
		    reading->value[MEASUREMENT_communication_errors].number;
}

/* Good enough for the sums? */
static bool
counts(const struct reading *reading)
{
	if (reading->suspect != 0) /* the rest of it counts */
		return (reading->suspect & READING_POOR) == 0;
	return !reading_has(reading, MEASUREMENT_data_quality) ||
	    reading->value[MEASUREMENT_data_quality].number < QUALITY_POOR;
}

static void
add_capacity(struct bucket *here, const struct reading *reading)
{
	if (reading_has(reading, MEASUREMENT_full_capacity_ah))
		here->full_capacity =
		    reading->value[MEASUREMENT_full_capacity_ah].number;
}

void
bucket_add(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, int64_t gap_ms,
    const struct reading *reading)
{
	struct reach reach = { .gap_ms = gap_ms };
	struct bucket *here;

	while (track->at < count &&
	    buckets[track->at].end_ms <= reading->time_ms - gap_ms)
		track->at++;
	reach.first = &buckets[track->at];
	while (track->at + reach.count < count &&
	    reach.first[reach.count].start_ms <= reading->time_ms)
		reach.count++;
	here = bucket_at(&reach, reading->time_ms);
	if (reading->kind == READING_STATUS)
		return;
	if (here != NULL)
		add_point(here, reading);
	if (!counts(reading))
		return;
	if (here != NULL)
		add_capacity(here, reading);
	for (uint64_t left = reading->present & plan->mask & ~reading->suspect;
	     left != 0; left &= left - 1)
		add_line(plan, track, &reach, __builtin_ctzll(left), reading);
	add_source(track, &reach, reading);
	add_mode(track, &reach, reading);
	add_cover(track, &reach, reading);
}

bool
bucket_empty(const struct bucket *bucket)
{
	return bucket->points == 0 && bucket->covered_ms[0] == 0 &&
	    bucket->covered_ms[1] == 0;
}
