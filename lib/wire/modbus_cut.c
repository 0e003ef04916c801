/* Cutting blocks of registers between values. */
#include "wire/modbus_cut.h"

/* A place between two spans: where the left one ends, the right begins. */
struct gap {
	uint32_t end, first;
	bool there;
};

static bool
inside(const struct modbus_span *span, const struct modbus_span *block)
{
	return span->function == block->function &&
	    span->first >= block->first && span->end <= block->end;
}

static uint32_t
distance(const struct gap *gap, const struct modbus_span *block)
{
	uint32_t middle = block->first + (block->end - block->first) / 2;

	return gap->first > middle ? gap->first - middle : middle - gap->first;
}

/* Is `a` the better place to cut? */
static bool
better(const struct gap *a, const struct gap *b,
    const struct modbus_span *block, bool middle)
{
	uint32_t hole_a = a->first - a->end, hole_b = b->first - b->end;

	if (!b->there)
		return true;
	if (!middle && hole_a != hole_b)
		return hole_a > hole_b;
	return distance(a, block) < distance(b, block);
}

static void
set_parts(const struct modbus_span *block, const struct gap *gap,
    struct modbus_span parts[2])
{
	parts[0] = parts[1] = *block;
	parts[0].end = gap->end;
	parts[1].first = gap->first;
}

bool
modbus_cut(const struct modbus_span *spans, size_t count,
    const struct modbus_span *block, bool middle, struct modbus_span parts[2])
{
	struct gap best = { 0, 0, false };
	uint32_t end = 0;
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		struct gap here = { end, spans[i].first, true };

		if (!inside(&spans[i], block))
			continue;
		if (begun && here.first >= end &&
		    better(&here, &best, block, middle))
			best = here;
		if (!begun || spans[i].end > end)
			end = spans[i].end;
		begun = true;
	}
	if (best.there)
		set_parts(block, &best, parts);
	return best.there;
}

bool
modbus_cut_front(const struct modbus_span *spans, size_t count,
    const struct modbus_span *block, uint32_t size, struct modbus_span parts[2])
{
	struct gap last = { 0, 0, false };
	uint32_t end = block->first;

	for (size_t i = 0; i < count; i++) {
		if (!inside(&spans[i], block))
			continue;
		if (end > block->first && spans[i].first >= end &&
		    end - block->first <= size)
			last = (struct gap){ end, spans[i].first, true };
		if (spans[i].end > end)
			end = spans[i].end;
	}
	if (last.there)
		set_parts(block, &last, parts);
	return last.there;
}

bool
modbus_optional(const struct modbus_span *spans, size_t count,
    const struct modbus_span *block)
{
	for (size_t i = 0; i < count; i++)
		if (inside(&spans[i], block) && !spans[i].optional)
			return false;
	return true;
}
