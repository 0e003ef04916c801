/* The word for a battery's state, by the order that pages promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/state.h"

#define SECOND INT64_C(1000)

static struct state_facts
fine(void)
{
	return (struct state_facts){
		.id = 1, .slug = "b", .every_ms = 5000, .worst = SEVERITY_NONE
	};
}

static struct reading
at(int64_t time_ms)
{
	struct reading reading = { .time_ms = time_ms };

	return reading;
}

static void
silence(void **data)
{
	struct state_facts facts = fine();
	struct reading newest = at(0);

	(void)data;
	assert_int_equal(state_silent_after_ms(5000), 300 * SECOND);
	assert_int_equal(state_silent_after_ms(60000), 900 * SECOND);
	assert_int_equal(state_silent_after_ms(3600000), 3 * 3600 * SECOND);
	assert_int_equal(state_silent_after_ms(0), 900 * SECOND);
	assert_int_equal(state_judge(&facts, &newest, 300 * SECOND), STATE_OK);
	assert_int_equal(
	    state_judge(&facts, &newest, 300 * SECOND + 1), STATE_SILENT);
	assert_int_equal(state_judge(&facts, NULL, 0), STATE_SILENT);
}

static void
fault(void **data)
{
	struct state_facts facts = fine();
	struct reading newest = at(0);

	(void)data;
	newest.present |= UINT64_C(1) << MEASUREMENT_fault_codes;
	newest.value[MEASUREMENT_fault_codes].text.json = "[]";
	newest.value[MEASUREMENT_fault_codes].text.size = 2;
	assert_int_equal(state_judge(&facts, &newest, 0), STATE_OK);
	newest.value[MEASUREMENT_fault_codes].text.json = "[\"x\"]";
	newest.value[MEASUREMENT_fault_codes].text.size = 5;
	assert_int_equal(state_judge(&facts, &newest, 0), STATE_FAULT);
	/* what a battery said long ago is not what it is now */
	assert_int_equal(
	    state_judge(&facts, &newest, 9999 * SECOND), STATE_SILENT);
	/* but an alert that nobody has seen to stays */
	facts.worst = SEVERITY_EMERGENCY;
	assert_int_equal(state_judge(&facts, NULL, 0), STATE_FAULT);
	facts.away = true;
	assert_int_equal(state_judge(&facts, NULL, 0), STATE_MAINTENANCE);
}

static void
attention(void **data)
{
	struct state_facts facts = fine();
	struct reading newest = at(0);

	(void)data;
	facts.worst = SEVERITY_INFO;
	assert_int_equal(state_judge(&facts, &newest, 0), STATE_OK);
	facts.worst = SEVERITY_WARNING;
	assert_int_equal(state_judge(&facts, &newest, 0), STATE_ATTENTION);
	newest.present |= UINT64_C(1) << MEASUREMENT_operation_mode;
	newest.value[MEASUREMENT_operation_mode].number = MODE_FAULT;
	assert_int_equal(state_judge(&facts, &newest, 0), STATE_FAULT);
}

static void
words(void **data)
{
	(void)data;
	/* the order of the site's scripts: home.js, ST */
	assert_string_equal(state_word((enum state)0), "fault");
	assert_string_equal(state_word((enum state)1), "attention");
	assert_string_equal(state_word((enum state)2), "silent");
	assert_string_equal(state_word((enum state)3), "maintenance");
	assert_string_equal(state_word((enum state)4), "ok");
	assert_int_equal(severity_find("critical"), SEVERITY_CRITICAL);
	assert_int_equal(severity_find("grave"), SEVERITY_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence),
		cmocka_unit_test(fault),
		cmocka_unit_test(attention),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
