/*
 * Rows of a block that are alike, column by column: what bucket_add does
 * with each of them, to the last bit. The first row of each hour goes its
 * way, as do rows that have something odd; all stretches between the others
 * lie whole in one bucket.
 */
#include <string.h>

#include "store/bucket_chunk.h"

#define GROUP 8 /* items of a list at a time */

/* ---- adding them ------------------------------------------------------ */

static uint32_t
place(const struct chunk *chunk, size_t i)
{
	return (uint32_t)(chunk->block->time_ms[chunk->from + i] -
	    chunk->here->start_ms);
}

static void
note_extremes(
    const struct chunk *chunk, struct bucket_line *line, const int64_t *value)
{
	int64_t least = line->least, most = line->most;
	size_t least_at = CHUNK_ROWS, most_at = CHUNK_ROWS;

	for (size_t i = 0; i < chunk->count; i++) {
		if (value[i] < least) {
			least = value[i];
			least_at = i;
		}
		if (value[i] > most) {
			most = value[i];
			most_at = i;
		}
	}
	if (least_at < CHUNK_ROWS) {
		line->least = least;
		line->least_at = place(chunk, least_at);
	}
	if (most_at < CHUNK_ROWS) {
		line->most = most;
		line->most_at = place(chunk, most_at);
	}
	line->last = value[chunk->count - 1];
}

static void
sum_flow(const struct chunk *chunk, struct bucket_flow *flow,
    const int64_t *value, int64_t before)
{
	for (size_t i = 0; i < chunk->count; i++) {
		int64_t length = chunk->length[i];
		int64_t area = (before + value[i]) * length;

		if (length > 0 && (before >= 0) != (value[i] >= 0))
			bucket_cross(flow, length, before, value[i]);
		else if (value[i] >= 0)
			flow->in2 += area;
		else
			flow->out2 -= area;
		before = value[i];
	}
	flow->any = flow->any || chunk->covered_ms > 0;
}

static void
sum_line(const struct chunk *chunk, int id)
{
	size_t n = chunk->plan->line[id];
	struct bucket_line *line = &chunk->here->line[n];
	struct bucket_point *point = &chunk->track->line[n];
	const int64_t *value = chunk->value[id];
	int64_t before = point->value, area2 = 0;

	for (size_t i = 0; i < chunk->count; i++) {
		area2 += (before + value[i]) * chunk->length[i];
		before = value[i];
	}
	line->area2 += area2;
	line->covered_ms += chunk->covered_ms;
	note_extremes(chunk, line, value);
	if (id == MEASUREMENT_pack_power)
		sum_flow(chunk, &chunk->here->power, value, point->value);
	else if (id == MEASUREMENT_pack_current)
		sum_flow(chunk, &chunk->here->current, value, point->value);
	point->value = value[chunk->count - 1];
	point->time_ms = chunk->block->time_ms[chunk->from + chunk->count - 1];
}

/* Items from `at` on, GROUP of them or as many as there are. */
struct group {
	double area2[GROUP];
	int32_t least[GROUP], most[GROUP], before[GROUP];
};

static void
sum_row(struct group *group, const int32_t *item, double length)
{
	for (int k = 0; k < GROUP; k++) {
		int32_t now = item[k];

		group->area2[k] += (double)(now + group->before[k]) * length;
		group->least[k] = now < group->least[k] ? now : group->least[k];
		group->most[k] = now > group->most[k] ? now : group->most[k];
		group->before[k] = now;
	}
}

static void
sum_group(const struct chunk *chunk, size_t n, size_t at)
{
	const struct column *column = &chunk->block->column[bucket_list_ids[n]];
	struct bucket_item *items = &chunk->here->list[n].item[at];
	struct bucket_point *points = &chunk->track->list[n].item[at];
	size_t count = chunk->here->list[n].count - at;
	int32_t rest[GROUP] = { 0 };
	struct group group;

	count = count < GROUP ? count : GROUP;
	memset(&group, 0, sizeof(group));
	for (size_t k = 0; k < count; k++) {
		group.least[k] = items[k].least;
		group.most[k] = items[k].most;
		group.before[k] = (int32_t)points[k].value;
	}
	for (size_t i = 0; i < chunk->count; i++) {
		const int32_t *item = column->item[chunk->from + i] + at;

		if (count < GROUP) {
			memcpy(rest, item, count * sizeof(*item));
			item = rest;
		}
		sum_row(&group, item, (double)chunk->length[i]);
	}
	for (size_t k = 0; k < count; k++) {
		items[k].area2 += group.area2[k];
		items[k].covered_ms += chunk->covered_ms;
		items[k].least = group.least[k];
		items[k].most = group.most[k];
		points[k].value = group.before[k];
		points[k].time_ms =
		    chunk->block->time_ms[chunk->from + chunk->count - 1];
	}
}

static void
sum_mode(const struct chunk *chunk)
{
	struct bucket_point *point = &chunk->track->mode;
	const int64_t *mode = chunk->value[MEASUREMENT_operation_mode];
	int64_t before = point->value;

	if (mode == NULL)
		return;
	for (size_t i = 0; i < chunk->count; i++) {
		if ((uint64_t)before < BUCKET_MODES)
			chunk->here->mode_ms[before] += chunk->length[i];
		before = mode[i];
	}
	point->value = before;
	point->time_ms = chunk->block->time_ms[chunk->from + chunk->count - 1];
}

static void
sum_points(const struct chunk *chunk)
{
	const uint64_t *quality = chunk->block->quality + chunk->from;
	const int64_t *errors = chunk->value[MEASUREMENT_communication_errors];
	const int64_t *full = chunk->value[MEASUREMENT_full_capacity_ah];
	struct bucket *here = chunk->here;

	for (size_t i = 0; i < chunk->count; i++)
		if (quality[i] <= QUALITY_INVALID) {
			here->quality_sum +=
			    QUALITY_INVALID - (int64_t)quality[i];
			here->quality_count++;
		}
	for (size_t i = 0; errors != NULL && i < chunk->count; i++)
		here->errors += errors[i];
	if (full != NULL)
		here->full_capacity = full[chunk->count - 1];
	here->points += (int64_t)chunk->count;
	here->covered_ms += chunk->covered_ms;
	chunk->track->any.time_ms =
	    chunk->block->time_ms[chunk->from + chunk->count - 1];
}

/* ---- counters --------------------------------------------------------- */

/* Does it only count, and little at a time? Then each step is believed. */
static bool
counts_calmly(const struct chunk *chunk, const int64_t *value, size_t n)
{
	const struct counter *counter = &chunk->track->counter[n];
	int64_t before = counter->value, small;
	bool calm = counter_is_plain(counter);

	small = counter_small(counter, &chunk->track->limits[n]);
	for (size_t i = 0; calm && i < chunk->count; i++) {
		calm = value[i] >= before && value[i] - before <= small;
		before = value[i];
	}
	return calm;
}

/* All of them, which count calmly, as one. */
static void
climb(const struct chunk *chunk, const int64_t *value, size_t n)
{
	struct counter *counter = &chunk->track->counter[n];
	size_t last = chunk->count - 1;

	chunk->here->has_counter[n] = true;
	chunk->here->counted[n] += value[last] - counter->value;
	counter->value = value[last];
	counter->time_ms = chunk->block->time_ms[chunk->from + last];
}

static int64_t
flow_at(const struct chunk *chunk, const struct bucket_meter *meter, size_t i)
{
	return meter->flow >= 0 && chunk->value[meter->flow] != NULL
	    ? chunk->value[meter->flow][i] * meter->sign
	    : 0;
}

static void
sum_counter(const struct chunk *chunk, size_t n)
{
	const struct bucket_meter *meter = &bucket_meters[n];
	const int64_t *value = chunk->value[meter->id];
	const int64_t *time_ms = chunk->block->time_ms + chunk->from;
	struct counter *counter = &chunk->track->counter[n];
	bool calm;

	if (value == NULL)
		return;
	calm = counts_calmly(chunk, value, n);
	for (size_t i = 0; i < chunk->count; i++) {
		int64_t flow = flow_at(chunk, meter, i);

		if (flow > counter->peak)
			counter->peak = flow;
		if (!calm)
			bucket_count(
			    chunk->track, chunk->here, n, time_ms[i], value[i]);
	}
	if (calm)
		climb(chunk, value, n);
}

/* ---- rows ------------------------------------------------------------- */

static void
add_chunk(struct chunk *chunk)
{
	sum_points(chunk);
	for (size_t n = 0; n < BUCKET_ENERGY; n++)
		sum_counter(chunk, n);
	for (uint64_t left = chunk->plan->mask; left != 0; left &= left - 1)
		if (chunk->value[__builtin_ctzll(left)] != NULL)
			sum_line(chunk, __builtin_ctzll(left));
	for (size_t n = 0; n < BUCKET_LISTS; n++)
		if (chunk_keeps(chunk, bucket_list_ids[n]))
			for (size_t at = 0; at < chunk->here->list[n].count;
			     at += GROUP)
				sum_group(chunk, n, at);
	sum_mode(chunk);
}

/* How many of the next rows lie in this bucket. */
static size_t
rows_in(const struct block *block, size_t from, size_t to,
    const struct bucket *bucket)
{
	size_t count = 0;

	while (from + count < to && count < CHUNK_ROWS &&
	    block->time_ms[from + count] < bucket->end_ms)
		count++;
	return count;
}

static void
add_row(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, const struct block *block, size_t i)
{
	struct reading reading;

	block_reading(block, i, false, &reading);
	bucket_add(plan, track, buckets, count, &reading);
}

/* The bucket in hand, which this time lies in, or NULL. */
static struct bucket *
begun_at(const struct bucket_track *track, int64_t time_ms)
{
	struct bucket *begun = track->begun;

	return begun != NULL && begun->start_ms <= time_ms &&
		begun->end_ms > time_ms
	    ? begun
	    : NULL;
}

void
bucket_add_run(const struct bucket_plan *plan, struct bucket_track *track,
    struct bucket *buckets, size_t count, const struct block *block,
    size_t from, size_t to)
{
	struct chunk chunk = { .plan = plan, .track = track, .block = block };
	bool odd = block->kind[from] != READING_BATTERY;

	for (size_t i = from; i < to;) {
		chunk.before_ms = track->any.time_ms;
		chunk.here = odd ? NULL : begun_at(track, chunk.before_ms);
		chunk.from = i;
		chunk.count =
		    chunk.here == NULL ? 0 : rows_in(block, i, to, chunk.here);
		if (chunk.count > 0 && chunk_prepare(&chunk)) {
			add_chunk(&chunk);
			i += chunk.count;
			continue;
		}
		add_row(plan, track, buckets, count, block, i++);
	}
}
