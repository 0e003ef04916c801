/* Requests out of a profile's wishes and a device's models. */
#include "wire/modbus_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
add_span(struct modbus_reader *r, const struct modbus_span *span)
{
	if (r->span_count == r->span_room) {
		r->span_room = r->span_room * 2 + 64;
		r->spans = mem_grow(r->spans, r->span_room, sizeof(*r->spans));
	}
	r->spans[r->span_count++] = *span;
}

static void
insert_part(struct modbus_reader *r, size_t at, const struct modbus_span *span)
{
	if (r->count == r->room) {
		r->room = r->room * 2 + 16;
		r->parts = mem_grow(r->parts, r->room, sizeof(*r->parts));
	}
	memmove(r->parts + at + 1, r->parts + at,
	    (r->count - at) * sizeof(*r->parts));
	r->parts[at] = (struct part){ .span = *span };
	r->count++;
}

/* Addresses in one request. */
static uint32_t
most(const struct modbus_reader *r, uint8_t function)
{
	return function <= 2 ? r->limit * 16U
			     : r->limit * profile_step(r->profile);
}

/* A stretch as one part, or as several within the limit. */
static void
add_parts(struct modbus_reader *r, const struct modbus_span *stretch)
{
	struct modbus_span rest = *stretch, parts[2];

	while (rest.end - rest.first > most(r, rest.function) &&
	    modbus_cut_front(r->spans, r->span_count, &rest,
		most(r, rest.function), parts)) {
		if (r->sunspec) /* without a hole: see framing_sunspec */
			parts[1].first = parts[0].end;
		insert_part(r, r->count, &parts[0]);
		rest = parts[1];
	}
	insert_part(r, r->count, &rest);
}

void
modbus_plan_registers(struct modbus_reader *r)
{
	const struct profile_block *blocks;
	const struct profile_want *wants;
	size_t count = profile_wants(r->profile, &wants);
	uint32_t step = profile_step(r->profile);

	for (size_t i = 0; i < count; i++)
		add_span(r,
		    &(struct modbus_span){ .function = wants[i].function,
			.optional = wants[i].optional,
			.first = wants[i].address,
			.end = wants[i].address + wants[i].size });
	count = profile_blocks(r->profile, &blocks);
	for (size_t i = 0; i < count; i++) {
		uint32_t size = blocks[i].function <= 2
		    ? blocks[i].count
		    : blocks[i].count * step;

		add_parts(r,
		    &(struct modbus_span){ .function = blocks[i].function,
			.first = blocks[i].address,
			.end = blocks[i].address + size });
	}
}

/* Which of the models with its id is it? */
static uint32_t
instance_of(const struct modbus_chain *chain, size_t model)
{
	uint32_t before = 0;

	for (size_t i = 0; i < model; i++)
		before += chain->models[i].id == chain->models[model].id;
	return before;
}

/* The spans of one model's points; how far it is to be read. */
static uint32_t
model_spans(struct modbus_reader *r, size_t index)
{
	const struct modbus_chain_model *model = &r->chain.models[index];
	uint32_t key = (uint32_t)model->id << 4 | instance_of(&r->chain, index);
	uint32_t stop = model->address + 2U + model->length, end = 0;
	const struct profile_want *wants;
	size_t count = profile_wants(r->profile, &wants);

	if (instance_of(&r->chain, index) > 15)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct modbus_span span = { .function = r->function };

		if (wants[i].address >> 12 != key)
			continue;
		span.optional = wants[i].optional;
		span.first = model->address + (wants[i].address & 0xfff);
		span.end = span.first + wants[i].size;
		if (span.end > stop)
			continue; /* a shorter model of an older device */
		add_span(r, &span);
		if (span.end > end)
			end = span.end;
	}
	return end;
}

static int
by_place(const void *a, const void *b)
{
	const struct modbus_span *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Registers between the points are read as well, so that the model stays in
 * one piece; it may be cut at each of them. */
static void
fill(struct modbus_reader *r, uint32_t first, uint32_t end)
{
	for (uint32_t at = first; at < end; at++)
		add_span(r,
		    &(struct modbus_span){ .function = r->function,
			.optional = true,
			.first = at,
			.end = at + 1 });
}

/* Read from each model that is wanted its header and on to the last point;
 * those that touch are read as one. False: none is there. */
bool
modbus_plan_chain(struct modbus_reader *r)
{
	struct modbus_span now = { .function = r->function,
		.first = r->chain.base,
		.end = r->chain.base + 2U };
	struct modbus_span *runs = mem_zero(r->chain.count + 1, sizeof(*runs));
	size_t count = 0, wanted = 0;

	r->span_count = r->count = 0;
	add_span(r, &now);
	for (size_t i = 0; i < r->chain.count; i++) {
		uint32_t first = r->chain.models[i].address;
		uint32_t end = model_spans(r, i);

		if (end == 0)
			continue;
		wanted++;
		add_span(r,
		    &(struct modbus_span){ .function = r->function,
			.first = first,
			.end = first + 2 });
		if (end < first + 2)
			end = first + 2;
		fill(r, first + 2, end);
		if (now.end == first && end - now.first <= r->limit) {
			now.end = end;
			continue;
		}
		runs[count++] = now;
		now.first = first;
		now.end = end;
	}
	runs[count++] = now;
	qsort(r->spans, r->span_count, sizeof(*r->spans), by_place);
	for (size_t i = 0; i < count; i++)
		add_parts(r, &runs[i]);
	free(runs);
	return wanted > 0;
}

bool
modbus_plan_cut(struct modbus_reader *r, bool middle)
{
	struct modbus_span parts[2];

	if (!modbus_cut(
		r->spans, r->span_count, &r->parts[r->at].span, middle, parts))
		return false;
	if (r->sunspec)
		parts[1].first = parts[0].end;
	r->parts[r->at].span = parts[0];
	insert_part(r, r->at + 1, &parts[1]);
	return true;
}
