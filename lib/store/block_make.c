/*
 * A block, edition 1 (also in tenant(5)):
 *
 *	byte	1, the edition
 *	varint	rows
 *	varint	size of the body
 *	zstd frame of the body, with its checksum
 *
 * The body is varints, and bytes where said:
 *	times	zigzag of the first, of the first difference, then of the
 *		differences between differences
 *	runs	of kind, gen, quality, made, device and layout: a value and how often
 *		it follows itself, until there is one for each row. A layout
 *		is a list of tags: their count and their differences, once
 *		for each new one, in front of the runs with their count
 *	columns	one for each tag of any layout, in order of the tags, with a
 *		value for each row whose layout has it:
 *		NUMBER FLAG WORD TIME	zigzag of the difference to the value
 *			before; a time counts from that of its row
 *		LIST	runs of lengths; then item by item through all rows
 *			that have it: 0 unknown, else 1 + zigzag of the
 *			difference to the same item before that was known
 *		CODES MAP TEXT	different texts: count, then size and bytes
 *			of each; runs of their places
 */
#include <string.h>

#include "store/block_parts.h"
#include "store/codes.h"
#include "store/pack.h"

struct block_maker {
	struct codes_press *press;
	const struct readings_row *rows;
	size_t count;
	struct reading *readings;
	uint64_t *keep; /* of each row */
	uint64_t *value; /* scratch: a number for each row */
	struct buf body;
	struct arena arena;
};

static void
put_times(struct block_maker *m)
{
	int64_t before = 0, step = 0;

	for (size_t i = 0; i < m->count; i++) {
		int64_t now = m->rows[i].time_ms - before;

		codes_put_difference(&m->body, now, i < 2 ? 0 : step);
		before = m->rows[i].time_ms;
		step = now;
	}
}

static void
put_heads(struct block_maker *m)
{
	for (size_t i = 0; i < m->count; i++)
		m->value[i] = (uint64_t)m->rows[i].kind;
	codes_put_runs(&m->body, m->value, m->count);
	for (size_t i = 0; i < m->count; i++)
		m->value[i] = (uint64_t)m->rows[i].gen;
	codes_put_runs(&m->body, m->value, m->count);
	for (size_t i = 0; i < m->count; i++)
		m->value[i] = (uint64_t)m->rows[i].quality;
	codes_put_runs(&m->body, m->value, m->count);
	for (size_t i = 0; i < m->count; i++)
		m->value[i] = m->rows[i].made;
	codes_put_runs(&m->body, m->value, m->count);
	for (size_t i = 0; i < m->count; i++)
		m->value[i] = (uint64_t)m->rows[i].device_id;
	codes_put_runs(&m->body, m->value, m->count);
}

static void
put_layout(struct buf *out, uint64_t keep)
{
	unsigned before = 0;

	codes_put(out, (uint64_t)__builtin_popcountll(keep));
	for (unsigned tag = 1; keep != 0; tag++) {
		int id = measurement_by_tag(tag);

		if (id < 0 || (keep >> id & 1) == 0)
			continue;
		codes_put(out, tag - before);
		before = tag;
		keep &= ~(UINT64_C(1) << id);
	}
}

static void
put_layouts(struct block_maker *m)
{
	uint64_t *known = arena_alloc(&m->arena, m->count * sizeof(*known));
	struct buf texts = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++) {
		size_t at = count;

		while (at > 0 && known[at - 1] != m->keep[i])
			at--;
		if (at == 0) {
			known[count++] = m->keep[i];
			put_layout(&texts, m->keep[i]);
			at = count;
		}
		m->value[i] = at - 1;
	}
	codes_put(&m->body, count);
	buf_put(&m->body, texts.data, texts.size);
	buf_free(&texts);
	codes_put_runs(&m->body, m->value, m->count);
}

static bool
has(const struct block_maker *m, size_t row, int id)
{
	return (m->keep[row] >> id & 1) != 0;
}

static void
put_numbers(struct block_maker *m, int id)
{
	bool is_time = measurement_table[id].shape == SHAPE_TIME;
	int64_t before = 0;

	for (size_t i = 0; i < m->count; i++) {
		int64_t now = m->readings[i].value[id].number;

		if (!has(m, i, id))
			continue;
		if (is_time)
			now -= m->rows[i].time_ms;
		codes_put_difference(&m->body, now, before);
		before = now;
	}
}

/* Item `at` of each list that is so long. */
static void
put_item(struct block_maker *m, int id, uint32_t at)
{
	int64_t before = 0;

	for (size_t i = 0; i < m->count; i++) {
		const union reading_value *value = &m->readings[i].value[id];

		if (!has(m, i, id) || value->list.count <= at)
			continue;
		if (value->list.item[at] == READING_ITEM_UNKNOWN) {
			codes_put(&m->body, 0);
			continue;
		}
		codes_put(
		    &m->body, varint_code(value->list.item[at] - before) + 1);
		before = value->list.item[at];
	}
}

static void
put_lists(struct block_maker *m, int id)
{
	uint64_t longest = 0;
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (!has(m, i, id))
			continue;
		m->value[count] = m->readings[i].value[id].list.count;
		if (m->value[count] > longest)
			longest = m->value[count];
		count++;
	}
	codes_put_runs(&m->body, m->value, count);
	for (uint32_t at = 0; at < longest; at++)
		put_item(m, id, at);
}

/* So that long texts that begin alike are not compared one by one. */
static uint32_t
hash(const union reading_value *value)
{
	uint32_t sum = UINT32_C(2166136261);

	for (size_t i = 0; i < value->text.size; i++)
		sum = (sum ^ (unsigned char)value->text.json[i]) *
		    UINT32_C(16777619);
	return sum;
}

static bool
same_text(const union reading_value *a, const union reading_value *b)
{
	return a->text.size == b->text.size &&
	    memcmp(a->text.json, b->text.json, a->text.size) == 0;
}

static void
put_texts(struct block_maker *m, int id)
{
	const union reading_value **known =
	    arena_alloc(&m->arena, m->count * sizeof(*known));
	uint32_t *sum = arena_alloc(&m->arena, m->count * sizeof(*sum));
	size_t count = 0, different = 0;

	for (size_t i = 0; i < m->count; i++) {
		const union reading_value *value = &m->readings[i].value[id];
		size_t at = different;
		uint32_t now;

		if (!has(m, i, id))
			continue;
		now = hash(value);
		while (at > 0 &&
		    (sum[at - 1] != now || !same_text(known[at - 1], value)))
			at--;
		if (at == 0) {
			sum[different] = now;
			known[different++] = value;
			at = different;
		}
		m->value[count++] = at - 1;
	}
	codes_put(&m->body, different);
	for (size_t i = 0; i < different; i++) {
		codes_put(&m->body, known[i]->text.size);
		buf_put(&m->body, known[i]->text.json, known[i]->text.size);
	}
	codes_put_runs(&m->body, m->value, count);
}

static void
put_columns(struct block_maker *m)
{
	uint64_t any = 0;

	for (size_t i = 0; i < m->count; i++)
		any |= m->keep[i];
	for (unsigned tag = 1; any != 0; tag++) {
		int id = measurement_by_tag(tag);

		if (id < 0 || (any >> id & 1) == 0)
			continue;
		any &= ~(UINT64_C(1) << id);
		switch (measurement_table[id].shape) {
		case SHAPE_LIST:
			put_lists(m, id);
			break;
		case SHAPE_CODES:
		case SHAPE_MAP:
		case SHAPE_TEXT:
			put_texts(m, id);
			break;
		default:
			put_numbers(m, id);
			break;
		}
	}
}

static int
unpack_rows(struct block_maker *m, struct failure *why)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct readings_row *row = &m->rows[i];
		struct reading *reading = &m->readings[i];

		reading_clear(reading);
		reading->time_ms = row->time_ms;
		reading->kind = row->kind;
		if (pack_read_bare(row->packed, row->size, PACK_QUALITY_UNKNOWN,
			&m->arena, reading, why) != 0)
			return -1;
		m->keep[i] = reading->present;
	}
	return 0;
}

struct block_maker *
block_maker_open(struct failure *why)
{
	struct codes_press *press = codes_press_open(why);
	struct block_maker *m;

	if (press == NULL)
		return NULL;
	m = mem_zero(1, sizeof(*m));
	m->press = press;
	return m;
}

void
block_maker_close(struct block_maker *m)
{
	if (m == NULL)
		return;
	codes_press_close(m->press);
	buf_free(&m->body);
	arena_free(&m->arena);
	mem_free(m);
}

static void
begin(struct block_maker *m, const struct readings_row *rows, size_t count)
{
	buf_clear(&m->body);
	arena_reset(&m->arena);
	m->rows = rows;
	m->count = count;
	m->readings = arena_alloc(&m->arena, count * sizeof(*m->readings));
	m->keep = arena_alloc(&m->arena, count * sizeof(*m->keep));
	m->value = arena_alloc(&m->arena, count * sizeof(*m->value));
}

int
block_make(struct block_maker *m, const struct readings_row *rows, size_t count,
    struct buf *out, struct failure *why)
{
	size_t before = out->size;

	begin(m, rows, count);
	if (unpack_rows(m, why) == -1)
		return -1;
	put_times(m);
	put_heads(m);
	put_layouts(m);
	put_columns(m);
	if (codes_seal(m->press, BLOCK_EDITION, count, &m->body, out, why) == 0)
		return 0;
	out->size = before;
	return -1;
}
