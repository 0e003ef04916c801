/* "modbus" of a profile: what holds for all its registers. */
#include "profile/load.h"

/* "models": [1, [802, 62], …] in the order of the device's chain; the
 * length of those that do not tell it is what their rules need. */
static int
sunspec_models(struct loader *l, const json_t *modbus)
{
	const json_t *models = json_object_get(modbus, "models"), *one;
	struct profile *p = l->profile;
	size_t i;

	if (models == NULL)
		return 0;
	p->sunspec = true;
	p->models = arena_alloc(
	    &p->arena, (json_array_size(models) + 1) * sizeof(*p->models));
	json_array_foreach(models, i, one)
	{
		bool pair = json_is_array(one) && json_array_size(one) == 2;
		json_int_t id =
		    json_integer_value(pair ? json_array_get(one, 0) : one);
		json_int_t size =
		    pair ? json_integer_value(json_array_get(one, 1)) : 0;

		if ((!pair && !json_is_integer(one)) || id < 1 || id > 65534 ||
		    size < 0 || size > SUNSPEC_LENGTH_MAX)
			break;
		p->models[i].id = (uint16_t)id;
		p->models[i].size = (uint16_t)size;
		p->model_count++;
	}
	if (i == 0 || i != json_array_size(models))
		return failure_set(l->why, EXIT_WRONG,
		    "modbus: models: not [id or [id, length], ...]");
	return 0;
}

/* "no_join": [[first, last], …]: addresses that must not be read. */
static int
gaps(struct loader *l, const json_t *modbus)
{
	const json_t *list = json_object_get(modbus, "no_join"), *one;
	struct profile *p = l->profile;
	size_t i;

	if (list == NULL)
		return 0;
	p->no_join = arena_alloc(
	    &p->arena, (json_array_size(list) + 1) * sizeof(*p->no_join));
	json_array_foreach(list, i, one)
	{
		json_int_t first = json_integer_value(json_array_get(one, 0));
		json_int_t last = json_integer_value(json_array_get(one, 1));

		if (json_array_size(one) != 2 || first < 0 || last < first ||
		    last - first >= UINT16_MAX || last > UINT16_MAX)
			return failure_set(l->why, EXIT_WRONG,
			    "modbus: no_join: not [[first, last], ...]");
		p->no_join[i].address = (uint16_t)first;
		p->no_join[i].count = (uint16_t)(last - first + 1);
		p->no_join_count++;
	}
	return 0;
}

int
load_modbus(struct loader *l, const json_t *modbus)
{
	static const char *const members[] = { "function", "limit", "hole",
		"order", "base", "models", "no_join", "byte_addresses", "reply",
		NULL };
	struct profile *p = l->profile;
	int64_t function = 3, limit = 100, hole = 8, base = 40000, reply = 0;
	const char *order = "ABCD";

	if (modbus != NULL &&
	    (json_members_known(modbus, members, l->why) != 0 ||
		json_member_integer(
		    modbus, "function", false, 1, 4, &function, l->why) != 0 ||
		json_member_integer(
		    modbus, "limit", false, 2, 125, &limit, l->why) != 0 ||
		json_member_integer(
		    modbus, "hole", false, 0, 125, &hole, l->why) != 0 ||
		json_member_integer(
		    modbus, "reply", false, 1, 247, &reply, l->why) != 0 ||
		load_address(l, modbus, "base", UINT16_MAX, &base) != 0 ||
		json_member_text(modbus, "order", false, &order, l->why) != 0 ||
		json_member_bool(modbus, "byte_addresses", &p->byte_addresses,
		    l->why) != 0 ||
		sunspec_models(l, modbus) != 0 || gaps(l, modbus) != 0))
		return -1;
	p->function = (uint8_t)function;
	p->limit = (uint16_t)limit;
	p->hole = (uint16_t)hole;
	p->base = (uint16_t)base;
	p->reply = (uint8_t)reply;
	if (!load_order_name(order, &p->swap_bytes, &p->swap_words))
		return failure_set(l->why, EXIT_WRONG,
		    "modbus: order: %s is no order of bytes", order);
	return 0;
}
