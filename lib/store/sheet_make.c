/* Rows become a sheet: see sheet_parts.h. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "store/codes.h"
#include "store/sheet_parts.h"

struct column {
	enum sheet_type type;
	uint64_t *known;
	int64_t *integer; /* or the place of a text */
	double *real;
	const char **text; /* the different ones */
	size_t texts;
	struct buf blobs; /* all of them; their sizes are in `integer` */
	struct buf part;
};

struct maker {
	struct sql_query *query;
	size_t columns, rows, room;
	struct column *column;
	struct arena arena; /* the texts */
};

/* ---- taking the rows -------------------------------------------------- */

static void
make_room(struct maker *m)
{
	if (m->rows < m->room)
		return;
	m->room = m->room == 0 ? 1024 : 2 * m->room;
	for (size_t i = 0; i < m->columns; i++) {
		struct column *c = &m->column[i];

		c->known = mem_grow(c->known, m->room, sizeof(*c->known));
		c->integer = mem_grow(c->integer, m->room, sizeof(*c->integer));
		c->real = mem_grow(c->real, m->room, sizeof(*c->real));
	}
}

static int64_t
place_of(struct maker *m, struct column *c, const char *text)
{
	size_t at = c->texts;

	while (at > 0 && strcmp(c->text[at - 1], text) != 0)
		at--;
	if (at > 0)
		return (int64_t)at - 1;
	c->text = mem_grow(c->text, c->texts + 1, sizeof(*c->text));
	c->text[c->texts] = arena_text(&m->arena, text, strlen(text));
	return (int64_t)c->texts++;
}

static void
take_blob(struct maker *m, struct column *c, size_t i)
{
	size_t size;
	const void *data = sql_blob(m->query, (int)i, &size);

	c->integer[m->rows] = (int64_t)size;
	if (size > 0)
		buf_put(&c->blobs, data, size);
}

static int
take(struct maker *m, size_t i, struct failure *why)
{
	static const enum sheet_type type_of[] = { SHEET_NONE, SHEET_INTEGER,
		SHEET_REAL, SHEET_TEXT, SHEET_BLOB };
	enum sql_type is = sql_column_type(m->query, (int)i);
	struct column *c = &m->column[i];
	size_t row = m->rows;

	c->known[row] = is != SQL_TYPE_NULL;
	c->integer[row] = 0;
	c->real[row] = 0;
	if (is == SQL_TYPE_NULL)
		return 0;
	if (c->type != SHEET_NONE && c->type != type_of[is])
		return failure_set(why, EXIT_WRONG,
		    "column %s: values of two types",
		    sql_column_name(m->query, (int)i));
	c->type = type_of[is];
	if (is == SQL_TYPE_INTEGER)
		c->integer[row] = sql_integer(m->query, (int)i);
	else if (is == SQL_TYPE_REAL)
		c->real[row] = sql_real(m->query, (int)i);
	else if (is == SQL_TYPE_TEXT)
		c->integer[row] = place_of(m, c, sql_text(m->query, (int)i));
	else
		take_blob(m, c, i);
	return 0;
}

static int
take_rows(struct maker *m, struct failure *why)
{
	int got;

	while ((got = sql_step(m->query, why)) == 1) {
		if (m->rows == SHEET_ROWS_MAX)
			return failure_set(
			    why, EXIT_WRONG, "more rows than a sheet has");
		make_room(m);
		for (size_t i = 0; i < m->columns; i++)
			if (take(m, i, why) == -1)
				return -1;
		m->rows++;
	}
	return got;
}

/* ---- writing them ----------------------------------------------------- */

static void
put_way(const struct maker *m, const struct column *c, enum sheet_way way,
    struct buf *out)
{
	int64_t before = 0;

	codes_put(out, (uint64_t)way);
	for (size_t i = 0; i < m->rows; i++) {
		if (!c->known[i])
			continue;
		if (way == SHEET_ACROSS)
			before = m->column[0].integer[i];
		codes_put_difference(out, c->integer[i], before);
		before = c->integer[i];
	}
}

/* The shorter way; the first column has only one. */
static void
put_integers(struct maker *m, struct column *c)
{
	struct buf down = { 0 }, across = { 0 };

	put_way(m, c, SHEET_DOWN, &down);
	if (c != &m->column[0])
		put_way(m, c, SHEET_ACROSS, &across);
	if (across.size > 0 && across.size < down.size)
		buf_put(&c->part, across.data, across.size);
	else
		buf_put(&c->part, down.data, down.size);
	buf_free(&down);
	buf_free(&across);
}

double
sheet_real(int64_t scaled, unsigned decimals)
{
	return (double)scaled / (double)num_power10(decimals);
}

/* Is the value one of so many decimals, to the last bit? */
static bool
scale(double real, unsigned decimals, int64_t *scaled)
{
	double back;

	if (!num_scale_double(real, decimals, scaled))
		return false;
	back = sheet_real(*scaled, decimals);
	return memcmp(&back, &real, sizeof(real)) == 0;
}

static unsigned
decimals_of(const struct maker *m, struct column *c)
{
	unsigned decimals = 0;

	for (size_t i = 0; i < m->rows; i++)
		while (c->known[i] && decimals <= SHEET_DECIMALS &&
		    !scale(c->real[i], decimals, &c->integer[i]))
			decimals++;
	if (decimals <=
	    SHEET_DECIMALS) /* those of the first rows may be more */
		for (size_t i = 0; i < m->rows; i++)
			if (c->known[i] &&
			    !scale(c->real[i], decimals, &c->integer[i]))
				return SHEET_RAW;
	return decimals;
}

static void
put_reals(struct maker *m, struct column *c)
{
	unsigned decimals = decimals_of(m, c);

	codes_put(&c->part, decimals);
	if (decimals < SHEET_RAW) {
		put_integers(m, c);
		return;
	}
	for (size_t i = 0; i < m->rows; i++) {
		uint64_t bits;

		memcpy(&bits, &c->real[i], sizeof(bits));
		for (int at = 0; c->known[i] && at < 64; at += 8)
			buf_char(&c->part, (char)(bits >> at & 0xff));
	}
}

/* Runs of the places of texts, or of the sizes of blobs. */
static void
put_known(struct maker *m, struct column *c)
{
	uint64_t *known = mem_zero(m->rows, sizeof(*known));
	size_t count = 0;

	for (size_t i = 0; i < m->rows; i++)
		if (c->known[i])
			known[count++] = (uint64_t)c->integer[i];
	codes_put_runs(&c->part, known, count);
	mem_free(known);
}

static void
put_texts(struct maker *m, struct column *c)
{
	codes_put(&c->part, c->texts);
	for (size_t i = 0; i < c->texts; i++) {
		codes_put(&c->part, strlen(c->text[i]));
		buf_text(&c->part, c->text[i]);
	}
	put_known(m, c);
}

static void
put_blobs(struct maker *m, struct column *c)
{
	put_known(m, c);
	buf_put(&c->part, c->blobs.data, c->blobs.size);
}

static void
put_column(struct maker *m, struct column *c)
{
	codes_put(&c->part, (uint64_t)c->type);
	if (c->type == SHEET_NONE)
		return;
	codes_put_runs(&c->part, c->known, m->rows);
	if (c->type == SHEET_INTEGER)
		put_integers(m, c);
	else if (c->type == SHEET_REAL)
		put_reals(m, c);
	else if (c->type == SHEET_TEXT)
		put_texts(m, c);
	else
		put_blobs(m, c);
}

static void
put_body(struct maker *m, struct buf *body)
{
	codes_put(body, m->columns);
	for (size_t i = 0; i < m->columns; i++) {
		const char *name = sql_column_name(m->query, (int)i);

		put_column(m, &m->column[i]);
		codes_put(body, strlen(name));
		buf_text(body, name);
		codes_put(body, m->column[i].part.size);
	}
	for (size_t i = 0; i < m->columns; i++)
		buf_put(body, m->column[i].part.data, m->column[i].part.size);
}

static void
free_maker(struct maker *m)
{
	for (size_t i = 0; i < m->columns; i++) {
		mem_free(m->column[i].known);
		mem_free(m->column[i].integer);
		mem_free(m->column[i].real);
		mem_free(m->column[i].text);
		buf_free(&m->column[i].blobs);
		buf_free(&m->column[i].part);
	}
	mem_free(m->column);
	arena_free(&m->arena);
}

int
sheet_make(
    struct sql_query *rows, struct buf *out, size_t *count, struct failure *why)
{
	struct maker m = { .query = rows,
		.columns = (size_t)sql_columns(rows) };
	struct codes_press *press = codes_press_open(why);
	struct buf body = { 0 };
	int result;

	m.column = mem_zero(m.columns, sizeof(*m.column));
	result = press == NULL ? -1 : take_rows(&m, why);
	if (result == 0 && m.rows > 0) {
		put_body(&m, &body);
		result =
		    codes_seal(press, SHEET_EDITION, m.rows, &body, out, why);
	}
	*count = m.rows;
	sql_reset(rows);
	buf_free(&body);
	codes_press_close(press);
	free_maker(&m);
	return result;
}
