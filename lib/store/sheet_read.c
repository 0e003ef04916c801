/* Sheets, the other way: what a damaged one says is never believed. */
#include <string.h>

#include "base/mem.h"
#include "store/codes.h"
#include "store/sheet_parts.h"

struct column {
	const char *name;
	const uint8_t *part;
	size_t size;
	bool read, bad;
	enum sheet_type type;
	unsigned decimals;
	uint64_t *known;
	int64_t *integer; /* or the place of a text */
	double *real;
	const char **text;
	const uint8_t **blob; /* within the body; its size is in `integer` */
};

struct sheet {
	size_t rows, columns;
	struct column *column;
	uint8_t *body;
	struct arena arena;
};

/* ---- the list of columns ---------------------------------------------- */

static bool
get_list(struct sheet *sheet, struct varint_reader *in)
{
	for (size_t i = 0; i < sheet->columns && !in->bad; i++) {
		struct column *c = &sheet->column[i];
		uint64_t size = varint_get(in);

		if (size > SHEET_NAME_MAX ||
		    size > (size_t)(in->end - in->next))
			return false;
		c->name = arena_text(
		    &sheet->arena, (const char *)in->next, (size_t)size);
		in->next += size;
		size = varint_get(in);
		if (size > (size_t)(in->end - in->next))
			return false;
		c->size = (size_t)size;
	}
	for (size_t i = 0; i < sheet->columns && !in->bad; i++) {
		struct column *c = &sheet->column[i];

		if (c->size > (size_t)(in->end - in->next))
			return false;
		c->part = in->next;
		in->next += c->size;
	}
	return !in->bad && in->next == in->end;
}

struct sheet *
sheet_open(const void *data, size_t size, struct failure *why)
{
	size_t rows, body_size;
	uint8_t *body = codes_open(
	    SHEET_EDITION, data, size, SHEET_ROWS_MAX, &rows, &body_size, why);
	struct varint_reader in;
	struct sheet *sheet;
	uint64_t columns;

	if (body == NULL)
		return NULL;
	in = (struct varint_reader){ body, body + body_size, false };
	sheet = mem_zero(1, sizeof(*sheet));
	sheet->rows = rows;
	sheet->body = body;
	columns = varint_get(&in);
	if (columns >= 1 && columns <= SHEET_COLUMNS_MAX) {
		sheet->columns = (size_t)columns;
		sheet->column =
		    mem_zero(sheet->columns, sizeof(*sheet->column));
		if (get_list(sheet, &in))
			return sheet;
	}
	sheet_close(sheet);
	failure_set(why, EXIT_WRONG, "a sheet's list of columns is damaged");
	return NULL;
}

void
sheet_close(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	arena_free(&sheet->arena);
	mem_free(sheet->column);
	mem_free(sheet->body);
	mem_free(sheet);
}

size_t
sheet_rows(const struct sheet *sheet)
{
	return sheet->rows;
}

size_t
sheet_columns(const struct sheet *sheet)
{
	return sheet->columns;
}

const char *
sheet_name(const struct sheet *sheet, size_t column)
{
	return sheet->column[column].name;
}

int
sheet_find(const struct sheet *sheet, const char *name)
{
	for (size_t i = 0; i < sheet->columns; i++)
		if (strcmp(sheet->column[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* ---- a column --------------------------------------------------------- */

static const struct column *first_column(struct sheet *sheet);

static void *
rows_of(struct sheet *sheet, size_t size)
{
	return arena_alloc(&sheet->arena, sheet->rows * size);
}

static void
get_integers(struct sheet *sheet, struct column *c, struct varint_reader *in)
{
	uint64_t way = varint_get(in);
	const struct column *first = NULL;
	int64_t before = 0;

	c->integer = rows_of(sheet, sizeof(*c->integer));
	if (way == SHEET_ACROSS && c != sheet->column)
		first = first_column(sheet);
	if (way != SHEET_DOWN && first == NULL) {
		in->bad = true;
		return;
	}
	for (size_t i = 0; i < sheet->rows; i++) {
		if (!c->known[i])
			continue;
		if (first != NULL)
			before = first->integer[i];
		before = codes_plus(before, varint_get(in));
		c->integer[i] = before;
	}
}

static void
get_raw(struct sheet *sheet, struct column *c, struct varint_reader *in)
{
	c->real = rows_of(sheet, sizeof(*c->real));
	for (size_t i = 0; i < sheet->rows && !in->bad; i++) {
		uint64_t bits = 0;

		if (!c->known[i])
			continue;
		if (in->end - in->next < 8) {
			in->bad = true;
			return;
		}
		for (int at = 0; at < 64; at += 8)
			bits |= (uint64_t)*in->next++ << at;
		memcpy(&c->real[i], &bits, sizeof(bits));
	}
}

/* Runs of the places of texts, or of the sizes of blobs. */
static void
get_known(struct sheet *sheet, struct column *c, struct varint_reader *in,
    uint64_t most)
{
	uint64_t *value = rows_of(sheet, sizeof(*value));
	size_t known = 0, at = 0;

	for (size_t i = 0; i < sheet->rows; i++)
		known += c->known[i] != 0;
	codes_get_runs(in, value, known, most);
	c->integer = rows_of(sheet, sizeof(*c->integer));
	for (size_t i = 0; i < sheet->rows && !in->bad; i++)
		if (c->known[i])
			c->integer[i] = (int64_t)value[at++];
}

static void
get_texts(struct sheet *sheet, struct column *c, struct varint_reader *in)
{
	uint64_t count = varint_get(in);

	if (count == 0 || count > sheet->rows) {
		in->bad = true;
		return;
	}
	c->text = rows_of(sheet, sizeof(*c->text));
	for (uint64_t i = 0; i < count; i++) {
		uint64_t size = varint_get(in);

		if (size > SHEET_TEXT_MAX ||
		    size > (size_t)(in->end - in->next)) {
			in->bad = true;
			return;
		}
		c->text[i] = arena_text(
		    &sheet->arena, (const char *)in->next, (size_t)size);
		in->next += size;
	}
	get_known(sheet, c, in, count - 1);
}

static void
get_blobs(struct sheet *sheet, struct column *c, struct varint_reader *in)
{
	get_known(sheet, c, in, (uint64_t)(in->end - in->next));
	c->blob = rows_of(sheet, sizeof(*c->blob));
	for (size_t i = 0; i < sheet->rows && !in->bad; i++) {
		if (!c->known[i])
			continue;
		if (c->integer[i] > in->end - in->next) {
			in->bad = true;
			return;
		}
		c->blob[i] = in->next;
		in->next += c->integer[i];
	}
}

static void
get_values(struct sheet *sheet, struct column *c, struct varint_reader *in)
{
	uint64_t type = varint_get(in);

	if (type > SHEET_BLOB) {
		in->bad = true;
		return;
	}
	c->type = (enum sheet_type)type;
	if (type == SHEET_NONE)
		return;
	c->known = rows_of(sheet, sizeof(*c->known));
	codes_get_runs(in, c->known, sheet->rows, 1);
	if (in->bad)
		return;
	if (type == SHEET_REAL) {
		uint64_t decimals = varint_get(in);

		in->bad |= decimals > SHEET_RAW;
		c->decimals = (unsigned)decimals;
	}
	if (in->bad)
		return;
	if (type == SHEET_TEXT)
		get_texts(sheet, c, in);
	else if (type == SHEET_BLOB)
		get_blobs(sheet, c, in);
	else if (type == SHEET_REAL && c->decimals == SHEET_RAW)
		get_raw(sheet, c, in);
	else
		get_integers(sheet, c, in);
}

static bool
read_column(struct sheet *sheet, struct column *c)
{
	struct varint_reader in = { c->part, c->part + c->size, false };

	if (!c->read) {
		c->read = true;
		get_values(sheet, c, &in);
		c->bad = in.bad || in.next != in.end;
	}
	return !c->bad;
}

/* What others count from; NULL where it cannot be. */
static const struct column *
first_column(struct sheet *sheet)
{
	struct column *c = &sheet->column[0];

	if (!read_column(sheet, c) || c->type != SHEET_INTEGER)
		return NULL;
	for (size_t i = 0; i < sheet->rows; i++)
		if (!c->known[i])
			return NULL;
	return c;
}

int
sheet_get(struct sheet *sheet, size_t column, size_t row,
    struct sql_value *value, struct failure *why)
{
	struct column *c = &sheet->column[column];

	if (!read_column(sheet, c))
		return failure_set(why, EXIT_WRONG,
		    "column %s of a sheet is damaged", c->name);
	*value = (struct sql_value){ .type = SQL_TYPE_NULL };
	if (c->type == SHEET_NONE || !c->known[row])
		return 0;
	if (c->type == SHEET_INTEGER) {
		value->type = SQL_TYPE_INTEGER;
		value->integer = c->integer[row];
	} else if (c->type == SHEET_TEXT) {
		value->type = SQL_TYPE_TEXT;
		value->text = c->text[c->integer[row]];
	} else if (c->type == SHEET_BLOB) {
		value->type = SQL_TYPE_BLOB;
		value->blob = c->blob[row];
		value->size = (size_t)c->integer[row];
	} else {
		value->type = SQL_TYPE_REAL;
		value->real = c->decimals == SHEET_RAW
		    ? c->real[row]
		    : sheet_real(c->integer[row], c->decimals);
	}
	return 0;
}
