/* What a person wishes to annul or correct: is it something that can be? */
#include "store/corrections_wish.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define REASON_MAX 1000
#define BY_MAX 255

static int
refuse(struct failure *why, const char *name, const char *what)
{
	return failure_set(why, EXIT_REFUSED, "%s: %s", name, what);
}

/* ---- who and why ------------------------------------------------------ */

static int
read_text(const json_t *object, const char *name, bool must, size_t most,
    const char **text, struct failure *why)
{
	if (json_member_text(object, name, must, text, why) == -1)
		return -1;
	if (*text == NULL)
		return 0;
	if (strspn(*text, " \t") == strlen(*text))
		return refuse(why, name, "is empty");
	if (strlen(*text) > most)
		return refuse(why, name, "is too long");
	return 0;
}

/* ---- when ------------------------------------------------------------- */

/* 1 it is there, 0 not, -1 with a failure. */
static int
read_time(const json_t *object, const char *name, int64_t *time_ms,
    struct failure *why)
{
	const char *text = NULL;

	if (json_member_text(object, name, false, &text, why) == -1)
		return -1;
	if (text == NULL)
		return 0;
	if (!clock_parse(text, strlen(text), time_ms) || *time_ms < 0 ||
	    *time_ms > CLOCK_MAX_MS)
		return refuse(
		    why, name, "is no time such as 2026-01-31T12:00:00Z");
	return 1;
}

static int
read_times(const json_t *object, struct correction *one, struct failure *why)
{
	int64_t to_ms = CLOCK_MAX_MS + 1;
	int at = read_time(object, "time", &one->time_ms, why), from, to;

	if (at == -1)
		return -1;
	one->until_ms = one->time_ms;
	from = read_time(object, "from", &one->time_ms, why);
	to = from == -1 ? -1 : read_time(object, "to", &to_ms, why);
	if (to == -1)
		return -1;
	if (at == 1)
		return from + to == 0
		    ? 0
		    : refuse(why, "time", "stands beside from or to");
	if (from + to == 0)
		return failure_set(
		    why, EXIT_REFUSED, "neither time nor from nor to is given");
	if (from == 0)
		one->time_ms = 0;
	one->until_ms = to_ms - 1;
	return one->time_ms <= one->until_ms
	    ? 0
	    : refuse(why, "from", "is not before to");
}

/* ---- what ------------------------------------------------------------- */

static int
read_measurement(const json_t *object, bool correct,
    struct correction_wish *wish, struct failure *why)
{
	struct correction *one = &wish->one;
	const char *name = NULL;

	if (json_member_text(object, "measurement", true, &name, why) == -1)
		return -1;
	wish->measurement = name;
	if (strcmp(name, "all") == 0 && !correct) {
		wish->measurement = "all";
		one->measurement = CORRECTION_ALL;
		return 0;
	}
	one->measurement = measurement_find(name, strlen(name));
	if (one->measurement < 0 || one->measurement == MEASUREMENT_notes)
		return failure_set(why, EXIT_REFUSED,
		    "measurement: %.60s is none that can be %s", name,
		    correct ? "corrected" : "annulled");
	return 0;
}

static int
read_kind(const json_t *object, struct correction *one, struct failure *why)
{
	const char *word = NULL;
	int bit;

	one->kind = CORRECTION_ALL;
	if (json_member_text(object, "kind", false, &word, why) == -1)
		return -1;
	if (word == NULL)
		return 0;
	if (strcmp(word, "battery") == 0)
		one->kind = READING_BATTERY;
	else if (strcmp(word, "energy") == 0)
		one->kind = READING_ENERGY;
	else
		return refuse(why, "kind", "is neither battery nor energy");
	bit = one->kind == READING_ENERGY ? FOR_ENERGY : FOR_BATTERY;
	if (one->measurement != CORRECTION_ALL &&
	    (measurement_table[one->measurement].kinds & bit) == 0)
		return refuse(why, "kind", "has no such measurement");
	return 0;
}

static int
read_item(const json_t *object, struct correction *one, struct failure *why)
{
	if (json_member_integer(object, "item", false, 1, READING_LIST_MAX,
		&one->item, why) == -1)
		return -1;
	if (one->item != 0 && !correction_is_list(one->measurement))
		return refuse(why, "item", "the measurement is no list");
	return 0;
}

/* ---- the new value ---------------------------------------------------- */

static int
read_value(struct correction_wish *wish, struct failure *why)
{
	const struct correction *one = &wish->one;
	char *text = json_dumps(wish->value,
	    JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	struct arena arena = { 0 };
	union reading_value value;
	int result;

	buf_text(&wish->value_text, text == NULL ? "null" : text);
	free(text);
	if (json_is_null(wish->value))
		return refuse(why, "value", "is null: annul it");
	result = correction_value(one->measurement, one->item != 0,
	    wish->value_text.data, &arena, &value, why);
	arena_free(&arena);
	return result == -1 ? failure_prefix(why, "value") : 0;
}

static int
read_real(
    const json_t *object, const char *name, double *value, struct failure *why)
{
	const json_t *member = json_object_get(object, name);

	if (member == NULL)
		return 0;
	if (!json_is_number(member))
		return refuse(why, name, "is no number");
	*value = json_number_value(member);
	return 0;
}

static int
read_shift(
    const json_t *object, struct correction_wish *wish, struct failure *why)
{
	int64_t scaled;

	wish->scale = 1;
	if (!correction_can_shift(wish->one.measurement))
		return refuse(why, "scale", "the measurement is no number");
	if (read_real(object, "scale", &wish->scale, why) == -1 ||
	    read_real(object, "offset", &wish->offset, why) == -1)
		return -1;
	if (!num_scale_double(wish->offset,
		measurement_table[wish->one.measurement].decimals, &scaled))
		return refuse(why, "offset", "is too large");
	return 0;
}

static int
read_new(const json_t *object, bool correct, struct correction_wish *wish,
    struct failure *why)
{
	bool shift = json_object_get(object, "scale") != NULL ||
	    json_object_get(object, "offset") != NULL;

	wish->value = json_object_get(object, "value");
	if (!correct) {
		if (shift || wish->value != NULL)
			return failure_set(
			    why, EXIT_REFUSED, "what is annulled has no value");
		return 0;
	}
	if (shift == (wish->value != NULL))
		return failure_set(
		    why, EXIT_REFUSED, "needs a value, or scale or offset");
	wish->one.action = shift ? CORRECTION_SHIFT : CORRECTION_SET;
	return shift ? read_shift(object, wish, why) : read_value(wish, why);
}

/* ---- all of it -------------------------------------------------------- */

static int
read_battery(const json_t *object, struct tenant *tenant,
    struct correction_wish *wish, struct failure *why)
{
	if (json_member_text(object, "battery", true, &wish->battery, why) ==
	    -1)
		return -1;
	wish->one.battery_id = tenant_battery(tenant, wish->battery, why);
	if (wish->one.battery_id == 0)
		return failure_set(why, EXIT_REFUSED,
		    "battery: there is no %.60s", wish->battery);
	return wish->one.battery_id == -1 ? -1 : 0;
}

int
correction_wish_read(struct correction_wish *wish, struct tenant *tenant,
    const json_t *object, bool correct, struct failure *why)
{
	static const char *const undoing[] = { "undo", "reason", "by", NULL };
	static const char *const making[] = { "battery", "measurement", "time",
		"from", "to", "item", "kind", "value", "scale", "offset",
		"reason", "by", NULL };
	bool undo = json_object_get(object, "undo") != NULL;

	if (json_members_known(object, undo ? undoing : making, why) == -1 ||
	    read_text(object, "reason", true, REASON_MAX, &wish->reason, why) ==
		-1 ||
	    read_text(object, "by", false, BY_MAX, &wish->by, why) == -1)
		return -1;
	if (undo)
		return json_member_integer(
		    object, "undo", true, 1, INT64_MAX, &wish->undo, why);
	if (read_battery(object, tenant, wish, why) == -1 ||
	    read_measurement(object, correct, wish, why) == -1 ||
	    read_kind(object, &wish->one, why) == -1 ||
	    read_item(object, &wish->one, why) == -1 ||
	    read_times(object, &wish->one, why) == -1)
		return -1;
	return read_new(object, correct, wish, why);
}

void
correction_wish_free(struct correction_wish *wish)
{
	buf_free(&wish->value_text);
}
