/* Sums of small stretches that can be done in the head. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/bucket.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define GAP (15 * MINUTE)

struct world {
	struct bucket_plan plan;
	struct bucket_track track;
	struct bucket bucket[2];
};

static void
start(struct world *world)
{
	*world =
	    (struct world){ .bucket = { { .start_ms = 0, .end_ms = HOUR },
				{ .start_ms = HOUR, .end_ms = 2 * HOUR } } };
	bucket_plan_fill(&world->plan);
	bucket_track_start(&world->track);
	world->track.gap_ms = GAP;
}

/* A reading of power in W and a mode. */
static void
add(struct world *world, int64_t minute, int64_t power, int mode)
{
	struct reading reading;

	reading_clear(&reading);
	reading.time_ms = minute * MINUTE;
	reading_set(&reading, MEASUREMENT_pack_power, power * 100);
	reading_set(&reading, MEASUREMENT_operation_mode, mode);
	bucket_add(&world->plan, &world->track, world->bucket, 2, &reading);
}

static double
watt_hours(double area)
{
	return area / 100 / (double)HOUR;
}

static void
edges(void **data)
{
	struct world world;
	const struct bucket_line *line;

	(void)data;
	start(&world);
	/* 50 to 70 minutes, 100 W up to 300 W, cut at 60 minutes */
	add(&world, 50, 100, MODE_CHARGING);
	add(&world, 60, 200, MODE_CHARGING);
	add(&world, 70, 300, MODE_IDLE);
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[0].power)), 25, 1e-9);
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[1].power)), 250.0 / 6, 1e-9);
	line = &world.bucket[0].line[world.plan.line[MEASUREMENT_pack_power]];
	assert_int_equal(line->covered_ms, 10 * MINUTE);
	assert_int_equal(line->most, 10000); /* 200 W is in the next */
	assert_int_equal(world.bucket[0].points, 1);
	assert_int_equal(world.bucket[1].points, 2);
	start(&world);
	add(&world, 55, 100, MODE_CHARGING);
	add(&world, 65, 300, MODE_IDLE);
	/* 100 to 200 W before the edge, 200 to 300 W after it */
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[0].power)), 12.5, 1e-9);
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[1].power)), 250.0 / 12, 1e-9);
	assert_int_equal(world.bucket[0].mode_ms[MODE_CHARGING], 5 * MINUTE);
	assert_int_equal(world.bucket[1].mode_ms[MODE_CHARGING], 5 * MINUTE);
	assert_int_equal(world.bucket[1].mode_ms[MODE_IDLE], 0);
}

static void
signs(void **data)
{
	struct world world;

	(void)data;
	start(&world);
	/* crosses zero after a quarter of the way */
	add(&world, 0, 100, MODE_IDLE);
	add(&world, 12, -300, MODE_IDLE);
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[0].power)), 2.5, 1e-9);
	assert_float_equal(
	    watt_hours(bucket_out(&world.bucket[0].power)), 22.5, 1e-9);
}

static void
gaps(void **data)
{
	struct world world;

	(void)data;
	start(&world);
	add(&world, 0, 100, MODE_IDLE);
	add(&world, 15, 100, MODE_IDLE); /* just not a gap */
	add(&world, 31, 100, MODE_IDLE); /* a gap */
	assert_int_equal(world.bucket[0].covered_ms, 15 * MINUTE);
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[0].power)), 25, 1e-9);
	assert_false(bucket_empty(&world.bucket[0]));
	assert_true(bucket_empty(&world.bucket[1]));
}

static void
quality(void **data)
{
	struct world world;
	struct reading reading;

	(void)data;
	start(&world);
	add(&world, 0, 100, MODE_IDLE);
	reading_clear(&reading);
	reading.time_ms = 5 * MINUTE;
	reading_set(&reading, MEASUREMENT_pack_power, 99999900);
	reading_set(&reading, MEASUREMENT_data_quality, QUALITY_POOR);
	reading_set(&reading, MEASUREMENT_communication_errors, 7);
	bucket_add(&world.plan, &world.track, world.bucket, 2, &reading);
	add(&world, 10, 100, MODE_IDLE);
	assert_float_equal(
	    watt_hours(bucket_in(&world.bucket[0].power)), 100.0 / 6, 1e-9);
	assert_int_equal(world.bucket[0].points, 3);
	assert_int_equal(world.bucket[0].quality_sum, 1);
	assert_int_equal(world.bucket[0].quality_count, 1);
	assert_int_equal(world.bucket[0].errors, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(signs),
		cmocka_unit_test(gaps),
		cmocka_unit_test(quality),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
