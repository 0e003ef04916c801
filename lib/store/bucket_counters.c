/* What the counters of the devices say. */
#include <string.h>

#include "store/bucket_parts.h"

const struct bucket_meter bucket_meters[BUCKET_ENERGY] = {
	[BUCKET_CYCLES] = { MEASUREMENT_charge_cycles, -1, 1 },
	[BUCKET_CHARGE] = { MEASUREMENT_total_charge_ah,
	    MEASUREMENT_pack_current, 1 },
	[BUCKET_DISCHARGE] = { MEASUREMENT_total_discharge_ah,
	    MEASUREMENT_pack_current, -1 },
	[BUCKET_ENERGY_IN] = { MEASUREMENT_total_energy_charged_wh,
	    MEASUREMENT_pack_power, 1 },
	[BUCKET_ENERGY_OUT] = { MEASUREMENT_total_energy_discharged_wh,
	    MEASUREMENT_pack_power, -1 },
};

void
bucket_count(struct bucket_track *track, struct bucket *here, size_t n,
    int64_t time_ms, int64_t value)
{
	int64_t counted;
	enum counter_verdict verdict = counter_add(
	    &track->counter[n], &track->limits[n], time_ms, value, &counted);

	here->has_counter[n] = true;
	here->counted[n] += counted;
	here->resets += verdict == COUNTER_RESET || verdict == COUNTER_MOVED;
	here->wraps += verdict == COUNTER_WRAPPED;
	here->doubts += verdict == COUNTER_DOUBTED;
}

/* A flow in the direction that the counter counts. */
static int64_t
flow_in(const struct reading *reading, int id, int sign)
{
	int64_t flow;

	if (id < 0 || !reading_has(reading, id) ||
	    (reading->suspect >> id & 1) != 0)
		return 0;
	flow = reading->value[id].number * sign;
	return flow < 0 ? 0 : flow;
}

void
bucket_add_counters(struct bucket_track *track, struct bucket *here,
    const struct reading *reading)
{
	const union reading_value *value = reading->value;
	size_t source;

	if (track->limits == NULL)
		return;
	for (size_t n = 0; n < BUCKET_ENERGY; n++) {
		const struct bucket_meter *meter = &bucket_meters[n];

		if (!reading_has(reading, meter->id) ||
		    (reading->suspect >> meter->id & 1) != 0)
			continue;
		counter_flow(&track->counter[n],
		    flow_in(reading, meter->flow, meter->sign));
		bucket_count(
		    track, here, n, reading->time_ms, value[meter->id].number);
	}
	if (!reading_has(reading, MEASUREMENT_energy_wh_total) ||
	    !reading_has(reading, MEASUREMENT_source_type))
		return;
	source = (size_t)value[MEASUREMENT_source_type].number;
	if (source >= BUCKET_SOURCES)
		return;
	if (reading_has(reading, MEASUREMENT_power_w))
		counter_flow(&track->counter[BUCKET_ENERGY + source],
		    value[MEASUREMENT_power_w].number);
	bucket_count(track, here, BUCKET_ENERGY + source, reading->time_ms,
	    value[MEASUREMENT_energy_wh_total].number);
}

void
bucket_track_end(struct bucket_track *track)
{
	struct bucket *bucket = track->begun;
	struct buf packed = { NULL, 0, 0 };
	bool any = false;
	uint8_t *state;

	for (size_t n = 0; bucket != NULL && n < BUCKET_COUNTERS; n++)
		any = any || bucket->has_counter[n];
	if (!any)
		return;
	for (size_t n = 0; n < BUCKET_COUNTERS; n++)
		counter_pack(&track->counter[n], &packed);
	state = arena_alloc(track->arena, packed.size);
	memcpy(state, packed.data, packed.size);
	bucket->state = state;
	bucket->state_size = packed.size;
	buf_free(&packed);
}
