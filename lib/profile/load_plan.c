/* The read plan: registers that rules need, joined into few requests. */
#include <stdlib.h>
#include <string.h>

#include "profile/load.h"

struct stretch {
	uint8_t function;
	bool optional;
	uint32_t first, end;
};

struct stretches {
	struct stretch *at;
	size_t count, room;
	uint32_t step; /* addresses from one register to the next */
	bool optional; /* those of the rule at hand */
};

static uint32_t
step_of(const struct profile *p)
{
	return p->byte_addresses ? 2 : 1;
}

static void
add(struct stretches *all, uint8_t function, uint32_t first, uint32_t size)
{
	if (all->count == all->room) {
		all->room = all->room * 2 + 64;
		all->at = mem_grow(all->at, all->room, sizeof(*all->at));
	}
	all->at[all->count].function = function;
	all->at[all->count].optional = all->optional;
	all->at[all->count].first = first;
	all->at[all->count++].end = first + size;
}

/* Whole registers from an address on. */
static uint32_t
span(const struct stretches *all, const struct source *source)
{
	if (source->type == SOURCE_COILS)
		return source->size;
	if (source->function <= 2)
		return source->size * 8U;
	return (source->size + 1U) / 2 * all->step;
}

static void
add_source(struct stretches *all, const struct source *source, uint32_t offset)
{
	if (source != NULL)
		add(all, source->function, source->address + offset,
		    span(all, source));
}

static void
add_rule(struct stretches *all, const struct rule *rule)
{
	if (rule->action == RULE_FIXED)
		return;
	all->optional = rule->optional;
	for (unsigned i = 0; i < rule->count; i++)
		if (rule->action == RULE_SUM)
			add_source(all, &rule->source[i], 0);
		else if (rule->stride != 0 || i == 0)
			add_source(all, rule->source, i * rule->stride);
	add_source(all, rule->counter, 0);
	add_source(all, rule->exponent, 0);
	add_source(all, rule->per, 0);
	for (size_t i = 0; i < rule->when_count; i++)
		add_source(all, &rule->when[i].source, 0);
}

static int
by_place(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;

	if (x->function != y->function)
		return x->function < y->function ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* May the registers from `first` to `end` be read in one request? */
static bool
joinable(
    const struct profile *p, uint8_t function, uint32_t first, uint32_t end)
{
	uint32_t limit = function <= 2 ? p->limit * 16U : p->limit * step_of(p);

	if (end - first > limit)
		return false;
	for (size_t i = 0; i < p->no_join_count; i++) {
		const struct profile_block *gap = &p->no_join[i];

		if (first < (uint32_t)gap->address + gap->count &&
		    end > gap->address)
			return false;
	}
	return true;
}

static void
put_block(struct profile *p, const struct stretch *stretch)
{
	struct profile_block *block = &p->blocks[p->block_count++];

	block->function = stretch->function;
	block->address = (uint16_t)stretch->first;
	block->count = (uint16_t)(stretch->end - stretch->first);
	if (block->function > 2)
		block->count = (uint16_t)(block->count / step_of(p));
}

static int
join(struct loader *l, const struct stretches *all)
{
	struct profile *p = l->profile;
	struct stretch now = { 0 };

	p->blocks = mem_zero(all->count + 1, sizeof(*p->blocks));
	for (size_t i = 0; i < all->count; i++) {
		const struct stretch *one = &all->at[i];
		uint32_t end = one->end > now.end ? one->end : now.end;
		uint32_t hole =
		    one->function <= 2 ? p->hole * 16U : p->hole * all->step;

		if (one->end > 0x10000)
			return failure_set(l->why, EXIT_WRONG,
			    "registers beyond address 65535");
		if (now.function == one->function &&
		    one->first <= now.end + hole &&
		    joinable(p, now.function, now.first, end)) {
			now.end = end;
			continue;
		}
		/* never split a value: one that overlaps starts anew */
		if (now.function != 0)
			put_block(p, &now);
		now = *one;
	}
	if (now.function != 0)
		put_block(p, &now);
	return 0;
}

/* What must not be read in parts: each stretch once. */
static void
keep_wants(struct profile *p, const struct stretches *all)
{
	p->wants = mem_zero(all->count + 1, sizeof(*p->wants));
	for (size_t i = 0; i < all->count; i++) {
		const struct stretch *one = &all->at[i];
		struct profile_want *want = &p->wants[p->want_count];

		if (p->want_count > 0 && want[-1].function == one->function &&
		    want[-1].address == one->first &&
		    want[-1].size == one->end - one->first) {
			want[-1].optional &= one->optional;
			continue;
		}
		want->function = one->function;
		want->optional = one->optional;
		want->address = one->first;
		want->size = one->end - one->first;
		p->want_count++;
	}
}

/* The length of a model as far as rules read it. */
static uint16_t
length_needed(const struct profile *p, uint16_t id)
{
	uint32_t end = 2;

	for (size_t i = 0; i < p->want_count; i++) {
		const struct profile_want *want = &p->wants[i];
		uint32_t at = SUNSPEC_REGISTER(want->address);

		if (want->address >> 12 == (uint32_t)id << 4 &&
		    end < at + want->size)
			end = at + want->size;
	}
	return (uint16_t)(end - 2);
}

/* A SunSpec chain is one stretch, cut at the limit. */
static int
cut_chain(struct loader *l)
{
	struct profile *p = l->profile;
	uint32_t at = p->base, end = at + 2;

	for (size_t i = 0; i < p->model_count; i++) {
		struct sunspec_model *model = &p->models[i];

		if (model->size == 0)
			model->size = length_needed(p, model->id);
		end += model->size + 2U;
	}
	end += 2;
	if (end > 0x10000)
		return failure_set(
		    l->why, EXIT_WRONG, "registers beyond address 65535");
	p->blocks = mem_zero((end - at) / p->limit + 1, sizeof(*p->blocks));
	for (; at < end; at += p->limit) {
		struct stretch one = { .function = p->function,
			.first = at,
			.end = end - at < p->limit ? end : at + p->limit };

		put_block(p, &one);
	}
	return 0;
}

int
load_plan(struct loader *l)
{
	struct profile *p = l->profile;
	struct stretches all = { .step = step_of(p) };
	int status;

	if (p->protocol != FRAME_MODBUS)
		return 0;
	for (size_t i = 0; i < p->rule_count; i++)
		add_rule(&all, &p->rules[i]);
	if (all.count > 0)
		qsort(all.at, all.count, sizeof(*all.at), by_place);
	keep_wants(p, &all);
	status = p->sunspec ? cut_chain(l) : join(l, &all);
	free(all.at);
	return status;
}
