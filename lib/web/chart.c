/*
 * gnuplot's SVG is taken as untrusted text: shapes are read out of it into
 * numbers and written anew. The colours are sentinels; each becomes a
 * class, so that one picture serves light, dark, print and forced colours.
 */
#include "web/chart.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/html.h"

#define LABEL_MAX 32
#define LINE_MIN 12 /* a shorter path is a stray point */

static const char *const classes[] = { NULL, "g-zero", "g-grid", "g-line",
	"g-band", "g-in", "g-out", "g-text", "g-gap", "g-cov", "g-line2",
	"g-band2" };
#define CLASSES (sizeof(classes) / sizeof(*classes))

/* Where we are: what is read and what was written last. */
struct filter {
	const char *at, *end;
	struct buf *out;
	const char *path_class; /* of the <path> that is open, or NULL */
};

void
chart_head(struct buf *commands, int width, int height)
{
	buf_print(commands,
	    "reset\n"
	    "set terminal svg size %d,%d dynamic font \"sans,15\" noenhanced\n"
	    "set border 0\nset tics scale 0\nunset key\n"
	    "set style fill solid 1 noborder\n"
	    "set xtics textcolor rgb \"#000007\"\n"
	    "set ytics textcolor rgb \"#000007\" offset 0.4,0\n"
	    "set grid ytics lt 1 lc rgb \"#000002\" lw 1\n"
	    "set lmargin 8\nset rmargin 1.5\nset format x \"\"\n",
	    width, height);
}

const char *
chart_nth(const struct buf *svg, size_t n, size_t *size)
{
	const char *at = svg->data, *end;

	while (at != NULL && (at = strstr(at, "<svg")) != NULL) {
		end = strstr(at, "</svg>");
		if (end == NULL)
			return NULL;
		if (n-- == 0) {
			*size = (size_t)(end - at);
			return at;
		}
		at = end;
	}
	return NULL;
}

/* The text behind `before` within [at, end), up to `stop`; NULL if none. */
static const char *
between(const char *at, const char *end, const char *before, char stop,
    size_t *size)
{
	const char *start =
	    memmem(at, (size_t)(end - at), before, strlen(before));
	const char *last;

	if (start == NULL)
		return NULL;
	start += strlen(before);
	last = memchr(start, stop, (size_t)(end - start));
	if (last == NULL)
		return NULL;
	*size = (size_t)(last - start);
	return start;
}

/* "rgb(  0,   0,   3)" is class 3; anything else is none. */
static const char *
class_of(const char *colour, size_t size)
{
	char copy[32];
	int red, green, blue;

	snprintf(
	    copy, sizeof(copy), "%.*s", (int)(size < 31 ? size : 31), colour);
	if (sscanf(copy, "rgb( %d , %d , %d )", &red, &green, &blue) != 3 ||
	    red != 0 || green != 0 || blue < 0 || (size_t)blue >= CLASSES)
		return NULL;
	return classes[blue];
}

/* A coordinate with one decimal, "3", "3.5"; advances *at. */
static bool
put_coordinate(struct buf *out, const char **at, const char *end)
{
	char copy[24], *rest;
	size_t size = 0;
	double value;

	while (*at + size < end && size < sizeof(copy) - 1 &&
	    (isdigit((unsigned char)(*at)[size]) ||
		strchr("-.", (*at)[size]) != NULL))
		size++;
	memcpy(copy, *at, size);
	copy[size] = '\0';
	value = strtod(copy, &rest);
	if (size == 0 || rest != copy + size)
		return false;
	*at += size;
	snprintf(copy, sizeof(copy), "%.1f", value);
	size = strlen(copy);
	if (strcmp(copy + size - 2, ".0") == 0)
		copy[size - 2] = '\0';
	buf_text(out, strcmp(copy, "-0") == 0 ? "0" : copy);
	return true;
}

/* The d of a path: M, L, Z and numbers, written anew. */
static void
put_path(struct buf *out, const char *at, const char *end)
{
	bool number = false;

	while (at < end) {
		if (strchr("MLZ", *at) != NULL) {
			buf_char(out, *at++);
			number = false;
		} else if (isdigit((unsigned char)*at) || *at == '-') {
			if (number)
				buf_char(out, ' ');
			if (!put_coordinate(out, &at, end))
				return;
			number = true;
		} else {
			at++; /* spaces and commas; whatever else */
		}
	}
}

static void
open_path(struct filter *f, const char *class)
{
	if (f->path_class == class)
		return;
	if (f->path_class != NULL)
		buf_text(f->out, "\"/>");
	if (class != NULL)
		buf_print(f->out, "<path class=\"%s\" d=\"", class);
	f->path_class = class;
}

static void
take_path(struct filter *f, const char *end)
{
	size_t colour_size, size;
	const char *colour =
	    between(f->at, end, "stroke='", '\'', &colour_size);
	const char *d = between(f->at, end, " d='", '\'', &size);
	const char *class =
	    colour == NULL ? NULL : class_of(colour, colour_size);

	if (class == NULL || d == NULL || size <= LINE_MIN)
		return;
	open_path(f, class);
	put_path(f->out, d, d + size);
}

static void
take_polygon(struct filter *f, const char *end)
{
	size_t colour_size, size;
	const char *colour =
	    between(f->at, end, "fill = '", '\'', &colour_size);
	const char *points = between(f->at, end, "points = '", '\'', &size);
	const char *class =
	    colour == NULL ? NULL : class_of(colour, colour_size),
		   *last;
	char join = 'M';

	if (class == NULL || points == NULL)
		return;
	open_path(f, class);
	for (last = points + size; points < last; join = 'L') {
		while (points < last && !isdigit((unsigned char)*points) &&
		    *points != '-')
			points++;
		if (points == last)
			break;
		buf_char(f->out, join);
		if (!put_coordinate(f->out, &points, last))
			break;
		points += points < last && *points == ',';
		buf_char(f->out, ' ');
		if (!put_coordinate(f->out, &points, last))
			break;
	}
	buf_char(f->out, 'Z');
}

/* "@3" is a label of the page; a number gets the language's signs. */
static void
put_label(struct buf *out, const char *text, size_t size,
    const struct chart_look *look)
{
	size_t n = 0;

	if (size > 1 && text[0] == '@') {
		for (size_t i = 1; i < size && isdigit((unsigned char)text[i]);
		     i++)
			n = n * 10 + (size_t)(text[i] - '0');
		if (n < look->label_count)
			html_text(out, look->label[n]);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '-')
			buf_text(out, "\xe2\x88\x92");
		else if (text[i] == '.')
			html_text(out, look->decimal);
		else if (isdigit((unsigned char)text[i]))
			buf_char(out, text[i]);
	}
}

/* What stands between the tags, without white space: a label is one word. */
static size_t
strip(const char *at, const char *end, char text[LABEL_MAX])
{
	size_t size = 0;
	bool tag = false;

	for (; at < end && size < LABEL_MAX; at++) {
		if (*at == '<')
			tag = true;
		else if (*at == '>')
			tag = false;
		else if (!tag && !isspace((unsigned char)*at))
			text[size++] = *at;
	}
	return size;
}

/* <g transform="translate(x,y)" … text-anchor="end"> <text>…</text> */
static void
take_text(struct filter *f, const char *end, const struct chart_look *look)
{
	size_t size, anchor_size, where_size;
	const char *where = between(f->at, end, "translate(", ')', &where_size);
	const char *anchor =
	    between(f->at, end, "text-anchor=\"", '"', &anchor_size);
	const char *inside = memmem(f->at, (size_t)(end - f->at), "<text>", 6);
	char text[LABEL_MAX];

	if (where == NULL || anchor == NULL || inside == NULL)
		return;
	size = strip(inside, end, text);
	if (size == 0)
		return;
	open_path(f, NULL);
	buf_text(f->out, "<text x=\"");
	put_coordinate(f->out, &where, where + where_size);
	where += *where == ',';
	buf_text(f->out, "\" y=\"");
	put_coordinate(f->out, &where, end);
	if (anchor_size == 3 && memcmp(anchor, "end", 3) == 0)
		buf_text(f->out, "\" text-anchor=\"end");
	if (anchor_size == 6 && memcmp(anchor, "middle", 6) == 0)
		buf_text(f->out, "\" text-anchor=\"middle");
	buf_text(f->out, "\">");
	put_label(f->out, text, size, look);
	buf_text(f->out, "</text>");
}

static bool
starts(const struct filter *f, const char *word)
{
	size_t size = strlen(word);

	return (size_t)(f->end - f->at) >= size &&
	    memcmp(f->at, word, size) == 0;
}

/* One element that begins at f->at. */
static void
take(struct filter *f, const struct chart_look *look)
{
	const char *end = memchr(f->at, '>', (size_t)(f->end - f->at));

	if (end == NULL)
		return;
	if (starts(f, "<path ")) {
		take_path(f, end);
	} else if (starts(f, "<polygon ")) {
		take_polygon(f, end);
	} else if (starts(f, "<g transform=\"translate(")) {
		const char *last =
		    memmem(f->at, (size_t)(f->end - f->at), "</text>", 7);

		if (last != NULL)
			take_text(f, last, look);
	}
}

void
chart_put(struct buf *out, const char *svg, size_t size,
    const struct chart_look *look)
{
	struct filter f = { .at = svg, .end = svg + size, .out = out };

	html_put(out,
	    "<svg class=\"still\" viewBox=\"0 0 %d %d\" role=\"img\""
	    " aria-label=\"%s\">",
	    look->width, look->height, look->caption);
	while ((f.at = memchr(f.at, '<', (size_t)(f.end - f.at))) != NULL) {
		take(&f, look);
		f.at++;
	}
	open_path(&f, NULL);
	buf_text(out, "</svg>");
}
