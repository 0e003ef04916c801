#include "store/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/mem.h"
#include "base/num.h"

static const char select_limits[] =
    "SELECT b.id, t.capacity_ah, t.plausibility, b.plausibility"
    " FROM batteries b JOIN battery_types t ON t.id = b.battery_type_id"
    " ORDER BY b.id";

static int
read_flag(
    const json_t *member, const char *name, bool *flag, struct failure *why)
{
	if (!json_is_boolean(member))
		return failure_set(
		    why, EXIT_REFUSED, "%s is not true or false", name);
	*flag = json_is_true(member);
	return 0;
}

/* Counters have no steps, but a most of what they count. */
static bool
is_counter(int id)
{
	return id == MEASUREMENT_charge_cycles ||
	    id == MEASUREMENT_total_charge_ah ||
	    id == MEASUREMENT_total_discharge_ah ||
	    id == MEASUREMENT_total_energy_charged_wh ||
	    id == MEASUREMENT_total_energy_discharged_wh ||
	    id == MEASUREMENT_energy_wh_total;
}

/* {"energy_wh_total":65536}: where counters go round. */
static int
read_moduli(const json_t *object, struct limits *limits, struct failure *why)
{
	const char *name;
	json_t *member;

	if (!json_is_object(object))
		return failure_set(why, EXIT_REFUSED, "modulus is no object");
	json_object_foreach((json_t *)(uintptr_t)object, name, member)
	{
		int id = measurement_find(name, strlen(name));
		double modulus =
		    json_is_number(member) ? json_number_value(member) : 0;

		if (id < 0 || !is_counter(id))
			return failure_set(why, EXIT_REFUSED,
			    "modulus: \"%.60s\" is no counter", name);
		if (!(modulus >= 1 && modulus <= 1e12))
			return failure_set(why, EXIT_REFUSED,
			    "modulus of %s is no number from 1 to 1e12", name);
		limits->modulus[id] = llround(modulus *
		    (double)num_power10(measurement_table[id].decimals));
	}
	return 0;
}

static int
read_step(const json_t *member, const char *name, struct limits *limits,
    struct failure *why)
{
	int id = measurement_find(name, strlen(name));
	const struct measurement *row;
	double step;

	if (id < 0 || (measurement_table[id].step == 0 && !is_counter(id)))
		return failure_set(why, EXIT_REFUSED,
		    "\"%.60s\" is no measurement whose steps are judged", name);
	row = &measurement_table[id];
	step = json_is_number(member) ? json_number_value(member) : -1;
	if (!(step >= 0 && step <= (is_counter(id) ? 1e9 : 1e6)))
		return failure_set(why, EXIT_REFUSED,
		    "%s is no number from 0 to %s", name,
		    is_counter(id) ? "1000000000" : "1000000");
	limits->step[id] = llround(step * (double)num_power10(row->decimals));
	return 0;
}

int
limits_read(const json_t *object, struct limits *limits, struct failure *why)
{
	const char *name;
	json_t *member;
	int result;

	if (!json_is_object(object))
		return failure_set(why, EXIT_REFUSED, "is no object");
	json_object_foreach((json_t *)(uintptr_t)object, name, member)
	{
		if (strcmp(name, "stuck") == 0)
			result = read_flag(member, name, &limits->stuck, why);
		else if (strcmp(name, "sign") == 0)
			result = read_flag(member, name, &limits->sign, why);
		else if (strcmp(name, "modulus") == 0)
			result = read_moduli(member, limits, why);
		else
			result = read_step(member, name, limits, why);
		if (result == -1)
			return -1;
	}
	return 0;
}

/* put has looked at it; what else may stand there is not ours to stop for. */
static void
read_text(const char *text, struct limits *limits)
{
	struct failure why;
	json_t *object;

	if (text == NULL)
		return;
	object = json_read(text, strlen(text), &why);
	if (object != NULL)
		(void)limits_read(object, limits, &why);
	json_decref(object);
}

static void
read_battery(struct sql_query *query, struct limits *limits)
{
	*limits = (struct limits){ .battery_id = sql_integer(query, 0),
		.capacity = llround(sql_real(query, 1) * 1000),
		.stuck = true,
		.sign = true };
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		limits->step[id] = measurement_table[id].step;
	read_text(sql_text(query, 2), limits);
	read_text(sql_text(query, 3), limits);
}

int
limits_load(
    struct tenant *tenant, struct limits_table *table, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), select_limits, why);
	size_t room = 0;
	int got = -1;

	*table = (struct limits_table){ .count = 0 };
	while (query != NULL && (got = sql_step(query, why)) == 1) {
		if (table->count == room) {
			room = room == 0 ? 64 : room * 2;
			table->one =
			    mem_grow(table->one, room, sizeof(*table->one));
		}
		read_battery(query, &table->one[table->count++]);
	}
	sql_query_free(query);
	return got;
}

const struct limits *
limits_find(const struct limits_table *table, int64_t battery_id)
{
	return ids_find(
	    table->one, table->count, sizeof(*table->one), battery_id);
}

void
limits_free(struct limits_table *table)
{
	free(table->one);
	*table = (struct limits_table){ .count = 0 };
}
