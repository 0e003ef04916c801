/* Rules of lists: cells, temperatures, bits of what is balanced. */
#include "profile/work.h"

void
work_fill(struct work_list *list, size_t end)
{
	while (list->filled < end)
		list->item[list->filled++] = READING_ITEM_UNKNOWN;
}

void
work_put_item(struct work *work, const struct rule *rule, unsigned i,
    enum outcome outcome, int64_t value)
{
	struct work_list *list = &work->list[rule->list];
	size_t at = rule->index + i;

	if (outcome == VALUE_REFUSED)
		work_refuse(work, rule, (int)at, &value);
	else if (outcome == VALUE_TOO_LARGE)
		work_refuse(work, rule, (int)at, NULL);
	if (outcome != VALUE_FINE)
		return;
	work_fill(list, at + 1);
	list->item[at] = (int32_t)value;
	list->known = true;
	if (list->used <= at)
		list->used = at + 1;
}

/* A model of SunSpec is as long as it says: so many items are in it. */
static unsigned
items_there(struct work *work, const struct rule *rule)
{
	unsigned count = 0;
	struct raw raw;

	while (count < rule->count) {
		evidence_item(&work->evidence, rule, count, &raw);
		if (raw.kind == RAW_NONE)
			break;
		count++;
	}
	return count;
}

/* The number that the device tells; false where it tells none. */
static bool
items_told(struct work *work, const struct rule *rule, uint64_t *number)
{
	struct raw raw;

	*number = 0;
	evidence_raw(&work->evidence, rule->counter, 0, 0, &raw);
	if (raw.kind == RAW_UNSET)
		return false;
	if (raw.kind != RAW_INTEGER)
		return true;
	*number = (uint64_t)raw.number;
	if (rule->count_is_mask)
		*number = (uint64_t)__builtin_popcountll(*number);
	if (*number > rule->count) {
		work_refuse(work, rule, -1, NULL);
		*number = 0;
	}
	return true;
}

/* How many items there are: as told by the device, or all. */
static unsigned
item_count(struct work *work, const struct rule *rule)
{
	struct work_list *list = &work->list[rule->list];
	bool sunspec = work->profile->sunspec;
	unsigned there = sunspec ? items_there(work, rule) : rule->count;
	uint64_t number;

	if (rule->counter == NULL || !items_told(work, rule, &number))
		number = there;
	else if (number > there)
		number = there;
	if ((rule->counter != NULL || sunspec) && number > 0 &&
	    list->told < rule->index + number)
		list->told = rule->index + number;
	return (unsigned)number;
}

/* The items of this rule come behind those that are there. */
static void
append(const struct work *work, struct rule *rule)
{
	const struct work_list *list = &work->list[rule->list];
	size_t room = work->profile->list_size[rule->list];
	size_t first = list->told > list->used ? list->told : list->used;

	if (first + rule->count > room)
		rule->count = (uint16_t)(room - first);
	rule->index = (uint16_t)first;
}

static bool
item_valid(struct work *work, const struct rule *rule, unsigned i)
{
	struct raw raw;

	if (rule->valid == NULL)
		return true;
	evidence_raw(&work->evidence, &rule->valid[i], 0, 0, &raw);
	return raw.kind == RAW_INTEGER && raw.number == rule->valid_is;
}

void
work_list_rule(
    struct work *work, const struct rule *rule, const struct raw *power)
{
	struct rule behind;
	unsigned count;
	struct raw raw;

	if (rule->append) {
		behind = *rule;
		append(work, &behind);
		rule = &behind;
	}
	count = item_count(work, rule);
	for (unsigned i = 0; i < count; i++) {
		enum outcome outcome;
		int64_t value = 0;

		if (!item_valid(work, rule, i))
			continue;
		evidence_item(&work->evidence, rule, i, &raw);
		if (!work_known(rule, &raw))
			continue;
		outcome = work_scaled(rule, &raw, power, &value);
		work_put_item(work, rule, i, outcome, value);
	}
}

void
work_list_bits(struct work *work, const struct rule *rule)
{
	struct work_list *list = &work->list[rule->list];
	unsigned width = rule_bit_width(rule);
	struct raw raw;

	for (unsigned i = 0; i < rule->count; i++) {
		uint64_t bits;

		evidence_item(&work->evidence, rule, i, &raw);
		if (raw.kind != RAW_INTEGER || !work_known(rule, &raw))
			continue;
		list->known = true;
		for (bits = (uint64_t)raw.number; bits != 0; bits &= bits - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(bits);

			if (list->used == work->profile->list_size[rule->list])
				break;
			work_fill(list, list->used + 1);
			list->item[list->used++] =
			    (int32_t)(i * width + bit + 1);
		}
	}
}
