/* Still charts: gnuplot draws, and only shapes and texts of it are kept. */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct chart_pen; /* one gnuplot, fed by a pipe, in a box of its own */

/* Start it before this process gives up rights: it may then read nothing
 * but the system's files. NULL with a failure. */
struct chart_pen *chart_open(struct failure *why);
/*
 * Run commands and append the SVG documents that they draw, in order.
 * Commands are constants and numbers of ours; no text of anybody goes in:
 * labels are written as "@0", "@1" … and put in by chart_put.
 */
int chart_draw(struct chart_pen *pen, const struct buf *commands,
    struct buf *svg, struct failure *why);
/* End it. Safe on NULL. */
void chart_close(struct chart_pen *pen);

/* The commands that a picture begins with. */
void chart_head(struct buf *commands, int width, int height);

/* The n-th SVG document in what chart_draw gave: its start, or NULL. */
const char *chart_nth(const struct buf *svg, size_t n, size_t *size);

/* What a picture needs to be put into a page. */
struct chart_look {
	int width, height;
	const char *caption; /* read aloud; any text */
	const char *const *label; /* for @0, @1 …; any text */
	size_t label_count;
	const char *decimal; /* decimal sign of the numbers */
};

/*
 * Append the picture as inline SVG: its paths, polygons and texts, told
 * apart by the sentinel colours #000001 … which become classes (g-zero,
 * g-grid, g-line …; the style sheet colours them); nothing else gets
 * through, no other element, no other attribute.
 */
void chart_put(struct buf *out, const char *svg, size_t size,
    const struct chart_look *look);

#endif
