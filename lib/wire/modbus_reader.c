/* The requests of one poll, and what refusals taught us about them. */
#include "wire/modbus_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "wire/modbus.h"
#include "wire/modbus_plan.h"

/* So many refusals in one poll; what is left is cut in the next one. */
#define REFUSALS_MAX 32
/* A register that was refused is asked for again after this time. */
#define REFUSED_MS HOUR_MS

/* What the search came to, once it is over. */
static void
end_search(struct modbus_reader *r)
{
	if (r->chain.state == CHAIN_NONE) {
		snprintf(r->error, sizeof(r->error),
		    "no SunSpec marker at %u, %u or %u", r->chain.bases[0],
		    r->chain.bases[1], r->chain.bases[2]);
		return;
	}
	if (r->chain.state != CHAIN_FOUND)
		return;
	if (r->chain.cut)
		r->refused_ms = r->now_ms;
	if (!modbus_plan_chain(r)) {
		snprintf(r->error, sizeof(r->error),
		    "none of the profile's models among the %zu from %u on",
		    r->chain.count, r->chain.base);
		r->chain.state = CHAIN_NONE;
	}
}

/* The chain is not as it was: look again, once in a poll. */
static enum modbus_reader_result
lost(struct modbus_reader *r)
{
	r->at = 0;
	r->count = 0;
	if (r->sought) {
		snprintf(r->error, sizeof(r->error),
		    "SunSpec models change while they are read");
		r->chain.state = CHAIN_NONE;
		return READER_AGAIN;
	}
	r->sought = true;
	r->chain.state = CHAIN_NONE;
	modbus_chain_begin(&r->chain);
	return READER_AGAIN;
}

struct modbus_reader *
modbus_reader_open(const struct profile *profile, unsigned limit)
{
	struct modbus_reader *r = mem_zero(1, sizeof(*r));
	const struct profile_block *blocks;
	uint16_t base;

	r->profile = profile;
	r->limit = profile_limit(profile);
	if (limit > 0 && limit < r->limit)
		r->limit = limit;
	r->sunspec = profile_sunspec(profile, &base);
	if (r->sunspec) {
		if (profile_blocks(profile, &blocks) > 0)
			r->function = blocks[0].function;
		modbus_chain_open(&r->chain, base);
	} else {
		modbus_plan_registers(r);
	}
	return r;
}

void
modbus_reader_free(struct modbus_reader *reader)
{
	if (reader == NULL)
		return;
	free(reader->spans);
	free(reader->parts);
	free(reader);
}

bool
modbus_reader_searching(const struct modbus_reader *reader)
{
	return reader->sunspec && reader->chain.state != CHAIN_FOUND;
}

/* A part of a model whose beginning was not read cannot be understood. */
static bool
detached(const struct modbus_reader *r, size_t at)
{
	if (!r->sunspec ||
	    modbus_chain_begins(&r->chain, r->parts[at].span.first))
		return false;
	return at == 0 || r->parts[at - 1].refused || detached(r, at - 1);
}

static void
skip_refused(struct modbus_reader *r)
{
	while (
	    r->at < r->count && (r->parts[r->at].refused || detached(r, r->at)))
		r->at++;
}

/* After a while, and where nothing would be left, ask again. */
static void
forgive(struct modbus_reader *r)
{
	bool any = false;

	for (size_t i = 0; i < r->count; i++)
		any |= !r->parts[i].refused;
	if (any && r->now_ms < r->refused_ms + REFUSED_MS)
		return;
	for (size_t i = 0; i < r->count; i++)
		r->parts[i].refused = false;
}

void
modbus_reader_begin(struct modbus_reader *reader, int64_t now_ms)
{
	reader->now_ms = now_ms;
	reader->at = 0;
	reader->refusals = 0;
	reader->error[0] = '\0';
	if (reader->chain.cut && now_ms >= reader->refused_ms + REFUSED_MS)
		reader->chain.state = CHAIN_NONE;
	reader->sought = modbus_reader_searching(reader);
	if (reader->sought) {
		modbus_chain_begin(&reader->chain);
		end_search(reader);
	}
	forgive(reader);
	skip_refused(reader);
}

bool
modbus_reader_next(
    const struct modbus_reader *reader, struct profile_block *block)
{
	const struct modbus_span *span;
	uint32_t size;

	if (modbus_reader_searching(reader)) {
		block->function = reader->function;
		block->count = MODBUS_CHAIN_READ;
		return modbus_chain_next(&reader->chain, &block->address);
	}
	if (reader->at >= reader->count)
		return false;
	span = &reader->parts[reader->at].span;
	size = span->end - span->first;
	block->function = span->function;
	block->address = (uint16_t)span->first;
	block->count = (uint16_t)(span->function <= 2
		? size
		: size / profile_step(reader->profile));
	return true;
}

enum modbus_reader_result
modbus_reader_take(
    struct modbus_reader *reader, const uint8_t *data, size_t size)
{
	if (modbus_reader_searching(reader)) {
		modbus_chain_take(&reader->chain, data, size);
		end_search(reader);
		return READER_SKIP;
	}
	if (reader->sunspec &&
	    !modbus_chain_fits(&reader->chain,
		reader->parts[reader->at].span.first, data, size))
		return lost(reader);
	reader->at++;
	skip_refused(reader);
	return READER_KEEP;
}

/* "illegal data address (exception 2) at 3:40070+2"; the first is kept. */
static void
note(struct modbus_reader *r, unsigned exception)
{
	const char *name = modbus_exception_name(exception);
	struct profile_block block;

	if (r->error[0] != '\0' || !modbus_reader_next(r, &block))
		return;
	snprintf(r->error, sizeof(r->error), "%s (exception %u) at %u:%u+%u",
	    name == NULL ? "unknown refusal" : name, exception, block.function,
	    block.address, block.count);
}

/* The device does not have it. */
static enum modbus_reader_result
give_up(struct modbus_reader *r, unsigned exception)
{
	struct part *part = &r->parts[r->at];

	if (r->sunspec && modbus_chain_begins(&r->chain, part->span.first))
		return lost(r);
	if (!modbus_optional(r->spans, r->span_count, &part->span))
		note(r, exception);
	part->refused = true;
	r->refused_ms = r->now_ms;
	r->at++;
	skip_refused(r);
	return READER_SKIP;
}

enum modbus_reader_result
modbus_reader_refuse(struct modbus_reader *reader, unsigned exception)
{
	if (modbus_reader_searching(reader)) {
		modbus_chain_take(&reader->chain, NULL, 0);
		end_search(reader);
		return READER_SKIP;
	}
	if (++reader->refusals > REFUSALS_MAX) {
		note(reader, exception);
		reader->at++;
		skip_refused(reader);
		return READER_SKIP;
	}
	/* 3 is mostly about their number, not about a place among them */
	if (exception != 1 && modbus_plan_cut(reader, exception == 3))
		return READER_SKIP;
	return give_up(reader, exception);
}

bool
modbus_reader_whole(const struct modbus_reader *reader)
{
	if (reader->error[0] != '\0' || modbus_reader_searching(reader) ||
	    reader->at < reader->count)
		return false;
	for (size_t i = 0; i < reader->count; i++)
		if (reader->parts[i].refused &&
		    !modbus_optional(reader->spans, reader->span_count,
			&reader->parts[i].span))
			return false;
	return true;
}

const char *
modbus_reader_error(const struct modbus_reader *reader)
{
	return reader->error;
}
