/*
 * The cells of a battery. Up to 32: bars from the median; more: one heat row
 * per module. The weakest and the strongest are always named, and all
 * voltages stand in a table. battery.js follows the same rules.
 */
#include <math.h>
#include <stdlib.h>

#include "dashboard.h"

#define BARS_MAX 32
#define BARS_WIDTH 352
#define UNKNOWN INT32_MIN /* distance of a cell that gave nothing */

struct cells {
	const int32_t *mv; /* voltages, READING_ITEM_UNKNOWN possible */
	int count, known;
	double median; /* mV */
	int low, high; /* indices */
	int *away; /* rounded mV from the median, or UNKNOWN */
	bool *balancing;
	int module; /* cells in a row of the heat map */
};

static int
order(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return x < y ? -1 : x > y;
}

static void
find_median(struct cells *c, struct arena *arena)
{
	int32_t *sorted =
	    arena_alloc(arena, (size_t)(c->count + 1) * sizeof(*sorted));

	for (int i = 0; i < c->count; i++)
		if (c->mv[i] != READING_ITEM_UNKNOWN)
			sorted[c->known++] = c->mv[i];
	if (c->known == 0)
		return;
	qsort(sorted, (size_t)c->known, sizeof(*sorted), order);
	c->median = c->known % 2 == 1
	    ? sorted[c->known / 2]
	    : (sorted[c->known / 2 - 1] + sorted[c->known / 2]) / 2.0;
}

/* The width of a module is not known: the widest row that divides. */
static int
module_of(int count)
{
	static const int widths[] = { 12, 16, 24, 18, 14, 15 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++)
		if (count % widths[i] == 0)
			return widths[i];
	return 12;
}

static void
judge(struct cells *c, const struct reading *r, struct arena *arena)
{
	const union reading_value *balancing =
	    &r->value[MEASUREMENT_balancing_cells];

	c->mv = r->value[MEASUREMENT_cell_voltages].list.item;
	c->count = (int)r->value[MEASUREMENT_cell_voltages].list.count;
	c->away = arena_alloc(arena, (size_t)(c->count + 1) * sizeof(int));
	c->balancing = arena_alloc(arena, (size_t)c->count + 1);
	c->low = c->high = -1;
	c->module = module_of(c->count);
	find_median(c, arena);
	for (int i = 0; i < c->count; i++) {
		c->balancing[i] = false;
		c->away[i] = UNKNOWN;
		if (c->mv[i] == READING_ITEM_UNKNOWN)
			continue;
		c->away[i] = (int)lround(c->mv[i] - c->median);
		if (c->low == -1 || c->mv[i] < c->mv[c->low])
			c->low = i;
		if (c->high == -1 || c->mv[i] > c->mv[c->high])
			c->high = i;
	}
	if (!reading_has(r, MEASUREMENT_balancing_cells))
		return;
	for (uint32_t i = 0; i < balancing->list.count; i++) {
		int32_t cell = balancing->list.item[i];

		if (cell >= 1 && cell <= c->count)
			c->balancing[cell - 1] = true;
	}
}

/* Five steps each way: "l0" to "l4" below, "h0" to "h4" above. */
static const char *
step(int away)
{
	static const char *const low[] = { "l0", "l1", "l2", "l3", "l4" };
	static const char *const high[] = { "h0", "h1", "h2", "h3", "h4" };
	int d = abs(away), n;

	if (away == UNKNOWN)
		return "none";
	n = d < 4 ? 0 : d < 10 ? 1 : d < 25 ? 2 : d < 60 ? 3 : 4;
	return away < 0 ? low[n] : high[n];
}

static const char *
number(struct page *page, double value, int decimals, bool sign)
{
	return i18n_number(page->arena, page->words, value, decimals, sign);
}

static const char *
cell_name(struct page *page, int i)
{
	return fill(page, "b.cell", "n", arena_print(page->arena, "%d", i + 1));
}

static void
put_extreme(struct page *page, const struct cells *c, const char *class,
    const char *key, const char *sign, int i)
{
	html_put(page->out,
	    "<div class=\"%s\"><dt>%s</dt><dd>"
	    "<span class=\"big\">%s<span class=\"u\">" NB "V</span></span> "
	    "<span class=\"sub\"><span aria-hidden=\"true\">%s </span>%s, "
	    "%s" NB "mV</span></dd></div>\n",
	    class, word(page, key), number(page, c->mv[i] / 1000.0, 3, false),
	    sign, cell_name(page, i), number(page, c->away[i], 0, true));
}

static void
put_facts(struct page *page, const struct cells *c)
{
	html_put(page->out, "<dl class=\"facts cellfacts\">\n");
	put_extreme(page, c, "lo", "b.weak", "\xe2\x96\xbc", c->low);
	put_extreme(page, c, "hi", "b.strong", "\xe2\x96\xb2", c->high);
	html_put(page->out,
	    "<div class=\"sp\"><dt>%s</dt><dd>"
	    "<span class=\"big\">%s<span class=\"u\">" NB "mV</span></span> "
	    "<span class=\"sub\">%s %s" NB "V</span></dd></div>\n</dl>",
	    word(page, "b.spread"),
	    number(page, c->mv[c->high] - c->mv[c->low], 0, false),
	    word(page, "b.median"), number(page, c->median / 1000, 3, false));
}

static const char *
spoken(struct page *page, const struct cells *c)
{
	const char *colon = word(page, "lang.colon");

	return arena_print(page->arena, "%s%s%s, %s V. %s%s%s, %s V. %s %s mV.",
	    word(page, "b.weak"), colon, cell_name(page, c->low),
	    number(page, c->mv[c->low] / 1000.0, 3, false),
	    word(page, "b.strong"), colon, cell_name(page, c->high),
	    number(page, c->mv[c->high] / 1000.0, 3, false),
	    word(page, "b.spread"),
	    number(page, c->mv[c->high] - c->mv[c->low], 0, false));
}

static bool
extreme(const struct cells *c, int i)
{
	return i == c->low || i == c->high;
}

/* One bar with its number and its balancing dot. */
static void
put_bar(struct page *page, const struct cells *c, int i, double w, double scale)
{
	double x = i * w,
	       y = c->away[i] == UNKNOWN ? 70 : 70 - c->away[i] * scale,
	       h = fabs(y - 70);
	struct buf *out = page->out;

	html_put(out,
	    "<rect class=\"kt\" x=\"%.1f\" y=\"18\" width=\"%.1f\""
	    " height=\"104\" rx=\"2.5\"/><rect class=\"k k-%s%s\" x=\"%.1f\""
	    " y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1.5\"/>",
	    x + w * .14, w * .72, step(c->away[i]), extreme(c, i) ? " ex" : "",
	    x + w * .14, h >= 1.5 ? fmin(70, y) : 69, w * .72, fmax(2, h));
	if (c->count <= 16 || i % 4 == 0 || extreme(c, i))
		html_put(out,
		    "<text class=\"%s\" x=\"%.1f\" y=\"136\""
		    " text-anchor=\"middle\">%d</text>",
		    extreme(c, i) ? "kb" : "kn", x + w / 2, i + 1);
	if (c->balancing[i])
		html_put(out,
		    "<circle class=\"kbal\" cx=\"%.1f\" cy=\"115\""
		    " r=\"2.4\"/>",
		    x + w / 2);
}

static void
put_bars(struct page *page, const struct cells *c)
{
	int width = c->count * (c->count <= 16 ? 22 : 14), most = 0;
	double scale, w;

	if (width < BARS_WIDTH) /* few cells: wider bars, but not huge */
		width = BARS_WIDTH;
	w = fmin(44, (double)width / c->count);
	for (int i = 0; i < c->count; i++)
		if (c->away[i] != UNKNOWN && abs(c->away[i]) > most)
			most = abs(c->away[i]);
	scale = 46 / fmax(10, most * 1.1);
	html_put(page->out,
	    "<svg class=\"cellbars\" viewBox=\"0 0 %d 140\""
	    " role=\"img\" aria-label=\"%s\">",
	    width, spoken(page, c));
	for (int i = 0; i < c->count; i++)
		put_bar(page, c, i, w, scale);
	html_put(page->out,
	    "<text class=\"kx\" x=\"%.1f\" y=\"%.1f\""
	    " text-anchor=\"middle\">\xe2\x96\xbc</text><text class=\"kx\""
	    " x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">\xe2\x96\xb2"
	    "</text><path class=\"kz\" d=\"M0 70H%d\"/></svg>",
	    (c->low + .5) * w, 70 - c->away[c->low] * scale + 12,
	    (c->high + .5) * w, 70 - c->away[c->high] * scale - 4, width);
}

static void
put_heat(struct page *page, const struct cells *c, int i, int column)
{
	html_put(page->out,
	    "<rect class=\"k k-%s%s\" x=\"%d\" y=\"1\""
	    " width=\"20\" height=\"24\" rx=\"2.5\"/>",
	    step(c->away[i]), extreme(c, i) ? " ex" : "", column * 22 + 1);
	if (extreme(c, i))
		html_put(page->out,
		    "<text class=\"kx2\" x=\"%d\" y=\"18\""
		    " text-anchor=\"middle\">%s</text>",
		    column * 22 + 11,
		    i == c->low ? "\xe2\x96\xbc" : "\xe2\x96\xb2");
	else if (c->balancing[i])
		html_put(page->out,
		    "<circle class=\"kbal\" cx=\"%d\""
		    " cy=\"13\" r=\"2.4\"/>",
		    column * 22 + 11);
}

static void
put_modules(struct page *page, const struct cells *c)
{
	html_put(page->out,
	    "<div role=\"img\" aria-label=\"%s\">"
	    "<ul class=\"mods mods-%d\" aria-hidden=\"true\">",
	    spoken(page, c), c->module);
	for (int m = 0; m < c->count; m += c->module) {
		int end = m + c->module < c->count ? m + c->module : c->count;

		html_put(page->out,
		    "<li class=\"mod%s\">"
		    "<span class=\"mod-n\">%s <span class=\"sub\">%d"
		    "\xe2\x80\x93%d</span></span><svg viewBox=\"0 0 %d 26\""
		    " aria-hidden=\"true\">",
		    (c->low >= m && c->low < end) ||
			    (c->high >= m && c->high < end)
			? " has"
			: "",
		    fill(page, "b.module", "n",
			arena_print(page->arena, "%d", m / c->module + 1)),
		    m + 1, end, c->module * 22);
		for (int i = m; i < end; i++)
			put_heat(page, c, i, i - m);
		html_put(page->out, "</svg></li>");
	}
	html_put(page->out, "</ul></div>");
}

static void
put_key(struct page *page)
{
	static const char *const steps[] = { "l4", "l3", "l2", "l1", "l0", "h1",
		"h2", "h3", "h4" };

	html_put(page->out,
	    "<p class=\"key\"><span class=\"kk\">"
	    "<svg viewBox=\"0 0 152 14\" aria-hidden=\"true\">");
	for (int i = 0; i < 9; i++)
		html_put(page->out,
		    "<rect class=\"k k-%s\" x=\"%d\" y=\"1\""
		    " width=\"15\" height=\"12\" rx=\"2\"/>",
		    steps[i], i * 17);
	html_put(page->out,
	    "</svg></span> \xe2\x88\x92"
	    "60 \xc2\xb7 "
	    "\xe2\x88\x92"
	    "25 \xc2\xb7 \xe2\x88\x92"
	    "10 \xc2\xb7 0 \xc2\xb7 "
	    "+10 \xc2\xb7 +25 \xc2\xb7 +60" NB "mV</p>");
}

static void
put_all(struct page *page, const struct cells *c)
{
	const char *title = fill(
	    page, "b.allcells", "n", arena_print(page->arena, "%d", c->count));
	int columns = c->count < 12 ? c->count : 12;

	html_put(page->out,
	    "<details class=\"more\"><summary>%s</summary>"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\""
	    " aria-label=\"%s\"><table class=\"grid\"><caption class=\"vh\">"
	    "%s (V)</caption><thead><tr><th scope=\"col\">V</th>",
	    title, title, title);
	for (int i = 0; i < columns; i++)
		html_put(page->out, "<th scope=\"col\">+%d</th>", i);
	html_put(page->out, "</tr></thead><tbody>");
	for (int m = 0; m < c->count; m += 12) {
		int end = m + 12 < c->count ? m + 12 : c->count;

		html_put(page->out,
		    "<tr><th scope=\"row\">%d\xe2\x80\x93%d"
		    "</th>",
		    m + 1, end);
		for (int i = m; i < end; i++)
			html_put(page->out, "<td class=\"%s\">%s</td>",
			    extreme(c, i) ? "ex" : "",
			    number(page,
				c->away[i] == UNKNOWN ? NAN : c->mv[i] / 1000.0,
				3, false));
		html_put(page->out, "</tr>");
	}
	html_put(page->out, "</tbody></table></div></details>");
}

void
put_cells(struct page *page, const struct battery *battery)
{
	struct cells c = { .count = 0 };

	if (battery->has_newest &&
	    reading_has(&battery->newest, MEASUREMENT_cell_voltages))
		judge(&c, &battery->newest, page->arena);
	if (c.known == 0) {
		html_put(page->out, "<p class=\"sub\">%s</p>",
		    word(page, "b.nocells"));
		return;
	}
	html_put(
	    page->out, "<figure class=\"cells\" data-cells=\"%d\">", c.count);
	put_facts(page, &c);
	html_put(page->out, "<figcaption class=\"sub\">%s</figcaption>",
	    word(page, "b.cellcap"));
	if (c.count <= BARS_MAX)
		put_bars(page, &c);
	else
		put_modules(page, &c);
	put_key(page);
	put_all(page, &c);
	html_put(page->out, "</figure>");
}
