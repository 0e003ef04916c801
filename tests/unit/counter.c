/* Counters, with what other systems made of the like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/counter.h"

#define MINUTE INT64_C(60000)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A meter in hundredths of a Wh, with at most 100 kWh a day. */
static const struct counter_limits meter = { 1e7, 0, 100 };

/* What is counted over these readings, a minute apart, in Wh. */
static double
count(struct counter *counter, const struct counter_limits *limits,
    const double *wh, size_t readings, enum counter_verdict *last)
{
	int64_t all = 0, counted;

	*counter = (struct counter){ .known = false };
	for (size_t i = 0; i < readings; i++) {
		*last = counter_add(counter, limits, (int64_t)(i + 1) * MINUTE,
		    (int64_t)(wh[i] * 100 + 0.5), &counted);
		assert_true(counted >= 0);
		all += counted;
	}
	return (double)all / 100;
}

static void
check(const double *wh, size_t readings, double wanted,
    enum counter_verdict verdict)
{
	struct counter counter;
	enum counter_verdict last;

	assert_float_equal(
	    count(&counter, &meter, wh, readings, &last), wanted, 1e-9);
	assert_int_equal(last, verdict);
}

static void
plain(void **data)
{
	const double wh[] = { 1000, 1000, 1010, 1025.5 };

	(void)data;
	check(wh, COUNT(wh), 25.5, COUNTER_COUNTED);
	check(wh, 1, 0, COUNTER_COUNTED);
}

/* A dip of 0.1 kWh that was summed up as 215.6 kWh (grott, issue 99). */
static void
dips(void **data)
{
	const double wh[] = { 215600, 215700, 215600, 215700, 215800 };

	(void)data;
	check(wh, 3, 100, COUNTER_DIPPED);
	check(wh, COUNT(wh), 200, COUNTER_COUNTED);
}

/* 438 kWh less, which were summed up as such (wibeee, issue 191). */
static void
falls(void **data)
{
	const double wh[] = { 1200000, 1200010, 762010, 762020, 762030,
		762040 };

	(void)data;
	check(wh, 3, 10, COUNTER_DOUBTED);
	check(wh, 5, 10, COUNTER_MOVED);
	check(wh, COUNT(wh), 20, COUNTER_COUNTED);
}

static void
restarts(void **data)
{
	const double wh[] = { 215600, 0, 12, 40 };
	/* zeros while it starts, then it knows again */
	const double back[] = { 215600, 0, 0, 0, 215620, 215630 };
	/* counted meanwhile, and not twice */
	const double more[] = { 215600, 0, 10, 10, 215620 };

	(void)data;
	check(wh, 2, 0, COUNTER_DOUBTED);
	check(wh, 3, 12, COUNTER_RESET);
	check(wh, COUNT(wh), 40, COUNTER_COUNTED);
	check(back, 5, 20, COUNTER_RETURNED);
	check(back, COUNT(back), 30, COUNTER_COUNTED);
	check(more, COUNT(more), 20, COUNTER_RETURNED);
}

static void
garbage(void **data)
{
	/* a single zero, and 0xffffffff (solplanet, pull 31) */
	const double zero[] = { 5000, 0, 5010 };
	const double high[] = { 5000, 4294967295, 5010 };
	const double other[] = { 5000, 900000, 900010, 900020, 900030 };

	(void)data;
	check(zero, COUNT(zero), 10, COUNTER_COUNTED);
	check(high, 2, 0, COUNTER_DOUBTED);
	check(high, COUNT(high), 10, COUNTER_COUNTED);
	check(other, 4, 0, COUNTER_MOVED);
	check(other, COUNT(other), 10, COUNTER_COUNTED);
}

static void
wraps(void **data)
{
	const double sixteen[] = { 65500, 65530, 3, 10 };
	const double tenths[] = { 655300, 655350, 10 }; /* register * 10 Wh */
	const double long_one[] = { 4294967290, 4294967295, 4 };
	const double told[] = { 9990, 9999, 5 };
	struct counter_limits limits = meter;
	struct counter counter;
	enum counter_verdict last;

	(void)data;
	check(sixteen, 3, 39, COUNTER_WRAPPED);
	check(sixteen, COUNT(sixteen), 46, COUNTER_COUNTED);
	check(tenths, COUNT(tenths), 70, COUNTER_WRAPPED);
	check(long_one, COUNT(long_one), 10, COUNTER_WRAPPED);
	limits.modulus = 1000000;
	limits.day = 1000000;
	assert_float_equal(
	    count(&counter, &limits, told, COUNT(told), &last), 15, 1e-9);
	assert_int_equal(last, COUNTER_WRAPPED);
}

static void
gaps(void **data)
{
	struct counter counter = { .known = false };
	int64_t counted;

	(void)data;
	counter_add(&counter, &meter, MINUTE, 100000, &counted);
	/* 120 kWh: too much for a day, not for two */
	assert_int_equal(counter_add(&counter, &meter, 1441 * MINUTE,
			     100000 + 12000000, &counted),
	    COUNTER_DOUBTED);
	assert_int_equal(counter_add(&counter, &meter, 2881 * MINUTE,
			     100000 + 12000000, &counted),
	    COUNTER_COUNTED);
	assert_int_equal(counted, 12000000);
	/* unless its power is larger than was thought: 10 kW */
	counter_flow(&counter, -1000000);
	assert_int_equal(
	    counter_add(&counter, &meter, 2881 * MINUTE + 1440 * MINUTE,
		100000 + 35000000, &counted),
	    COUNTER_COUNTED);
	assert_int_equal(counted, 23000000);
}

static void
bytes(void **data)
{
	const double wh[] = { 215600, 0, 12, 4e6 };
	struct counter counter, again;
	enum counter_verdict last;
	struct buf packed = { NULL, 0, 0 };
	struct varint_reader in;

	(void)data;
	for (size_t n = 0; n <= COUNT(wh); n++) {
		count(&counter, &meter, wh, n, &last);
		buf_clear(&packed);
		counter_pack(&counter, &packed);
		in = (struct varint_reader){ (uint8_t *)packed.data,
			(uint8_t *)packed.data + packed.size, false };
		counter_unpack(&in, &again);
		assert_false(in.bad);
		assert_ptr_equal(in.next, in.end);
		assert_int_equal(again.known, counter.known);
		assert_int_equal(again.value, counter.value);
		assert_int_equal(again.old_ms, counter.old_ms);
		assert_int_equal(again.since, counter.since);
		assert_int_equal(again.doubted, counter.doubted);
		assert_int_equal(again.held, counter.held);
	}
	buf_free(&packed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(dips),
		cmocka_unit_test(falls),
		cmocka_unit_test(restarts),
		cmocka_unit_test(garbage),
		cmocka_unit_test(wraps),
		cmocka_unit_test(gaps),
		cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
