/* One pass: each reading is looked at once. */
#include "store/bucket.h"

#include "store/bucket_parts.h"

#define BIT(name) (UINT64_C(1) << MEASUREMENT_##name)

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
	plan->all = plan->mask | BIT(operation_mode) | BIT(full_capacity_ah) |
	    BIT(communication_errors) | BIT(charge_cycles) |
	    BIT(total_charge_ah) | BIT(total_discharge_ah) |
	    BIT(total_energy_charged_wh) | BIT(total_energy_discharged_wh) |
	    BIT(cell_voltages) | BIT(temperatures);
}

void
bucket_track_start(struct bucket_track *track)
{
	const struct bucket_point never = { .time_ms = BUCKET_NEVER };

	*track = (struct bucket_track){ .at = 0 };
	for (size_t i = 0; i < BUCKET_LINES; i++)
		track->line[i] = never;
	for (size_t i = 0; i < BUCKET_SOURCES; i++)
		track->source[i] = never;
	track->mode = track->any = never;
}

/* The part of a stretch that lies in a bucket; false if none does. */
bool
bucket_cut(const struct stretch *whole, const struct bucket *bucket,
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

/* The area above and the area below zero, of a cut stretch or one that
 * changes its sign. */
static void
split(const struct stretch *part, struct bucket_flow *flow)
{
	double length = (double)(part->to_ms - part->from_ms), zero;
	double head, tail;

	if ((part->from >= 0) == (part->to >= 0)) {
		head = area(part);
		*(head >= 0 ? &flow->in : &flow->out) +=
		    head >= 0 ? head : -head;
		return;
	}
	zero = length * part->from / (part->from - part->to);
	head = part->from * zero / 2;
	tail = part->to * (length - zero) / 2;
	*(head >= 0 ? &flow->in : &flow->out) += head >= 0 ? head : -head;
	*(tail >= 0 ? &flow->in : &flow->out) += tail >= 0 ? tail : -tail;
}

void
bucket_cross(
    struct bucket_flow *flow, int64_t length_ms, int64_t from, int64_t to)
{
	split(
	    &(struct stretch){ 0, length_ms, (double)from, (double)to }, flow);
}

/* Put a part of a stretch into a flow. */
static void
add_flow(struct bucket_flow *flow, const struct stretch *whole,
    const struct stretch *part)
{
	flow->any = true;
	if (!is_whole(whole, part) || (part->from >= 0) != (part->to >= 0))
		split(part, flow);
	else if (part->from >= 0)
		flow->in2 += area2(whole);
	else
		flow->out2 -= area2(whole);
}

/*
 * The stretch from the point before to this one; the point moves on. False
 * where there is none: the first point, or a gap.
 */
bool
bucket_extend(struct bucket_point *point, int64_t time_ms, int64_t value,
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
static struct bucket_flow *
flow_of(struct bucket *bucket, int id)
{
	return id == MEASUREMENT_pack_power  ? &bucket->power
	    : id == MEASUREMENT_pack_current ? &bucket->current
					     : NULL;
}

static void
add_line(const struct bucket_plan *plan, struct bucket_track *track,
    const struct reach *reach, int id, const struct reading *reading)
{
	size_t n = plan->line[id];
	int64_t value = reading->value[id].number;
	struct stretch whole, part;

	if (reach->here != NULL)
		note(&reach->here->line[n], value,
		    (uint32_t)(reading->time_ms - reach->here->start_ms));
	if (!bucket_extend(&track->line[n], reading->time_ms, value,
		reach->gap_ms, &whole))
		return;
	for (size_t i = 0; i < reach->count; i++) {
		struct bucket *bucket = &reach->first[i];
		struct bucket_line *line = &bucket->line[n];
		struct bucket_flow *flow = flow_of(bucket, id);

		if (!bucket_cut(&whole, bucket, &part))
			continue;
		if (is_whole(&whole, &part))
			line->area2 += area2(&whole);
		else
			line->edges += area(&part);
		line->covered_ms += part.to_ms - part.from_ms;
		if (flow != NULL)
			add_flow(flow, &whole, &part);
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
	    !bucket_extend(&track->source[source], reading->time_ms,
		reading->value[MEASUREMENT_power_w].number, reach->gap_ms,
		&whole))
		return;
	for (size_t i = 0; i < reach->count; i++)
		if (bucket_cut(&whole, &reach->first[i], &part))
			add_flow(
			    &reach->first[i].source[source], &whole, &part);
}

static void
add_mode(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading)
{
	size_t mode = (size_t)track->mode.value;
	struct stretch whole, part;

	if (!reading_has(reading, MEASUREMENT_operation_mode) ||
	    (reading->suspect >> MEASUREMENT_operation_mode & 1) != 0 ||
	    !bucket_extend(&track->mode, reading->time_ms,
		reading->value[MEASUREMENT_operation_mode].number,
		reach->gap_ms, &whole) ||
	    mode >= BUCKET_MODES)
		return;
	for (size_t i = 0; i < reach->count; i++)
		if (bucket_cut(&whole, &reach->first[i], &part))
			reach->first[i].mode_ms[mode] +=
			    part.to_ms - part.from_ms;
}

static void
add_cover(struct bucket_track *track, const struct reach *reach,
    const struct reading *reading)
{
	struct stretch whole, part;

	if (!bucket_extend(
		&track->any, reading->time_ms, 0, reach->gap_ms, &whole))
		return;
	for (size_t i = 0; i < reach->count; i++)
		if (bucket_cut(&whole, &reach->first[i], &part))
			reach->first[i].covered_ms += part.to_ms - part.from_ms;
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

static void
begin(struct bucket_track *track, struct bucket *here)
{
	if (here->begun)
		return;
	bucket_track_end(track);
	if (track->begin != NULL)
		track->begin(track->context, here);
	here->begun = true;
	track->begun = here;
}

static void
add_good(const struct bucket_plan *plan, struct bucket_track *track,
    const struct reach *reach, const struct reading *reading)
{
	if (reach->here != NULL) {
		begin(track, reach->here);
		add_capacity(reach->here, reading);
		bucket_add_counters(track, reach->here, reading);
	}
	for (uint64_t left = reading->present & plan->mask & ~reading->suspect;
	     left != 0; left &= left - 1)
		add_line(plan, track, reach, __builtin_ctzll(left), reading);
	bucket_add_lists(track, reach, reading);
	add_source(track, reach, reading);
	add_mode(track, reach, reading);
	add_cover(track, reach, reading);
}

void
bucket_add(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, const struct reading *reading)
{
	struct reach reach = { .gap_ms = track->gap_ms };

	if (reading->kind == READING_STATUS)
		return;
	while (track->at < count &&
	    buckets[track->at].end_ms <= reading->time_ms - track->gap_ms)
		track->at++;
	reach.first = &buckets[track->at];
	while (track->at + reach.count < count &&
	    reach.first[reach.count].start_ms <= reading->time_ms)
		reach.count++;
	reach.here = bucket_at(&reach, reading->time_ms);
	if (reach.here != NULL)
		add_point(reach.here, reading);
	if (counts(reading))
		add_good(plan, track, &reach, reading);
}

bool
bucket_empty(const struct bucket *bucket)
{
	return bucket->points == 0 && bucket->covered_ms == 0;
}
