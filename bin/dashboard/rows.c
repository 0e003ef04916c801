/* Parts that stand for several batteries: table, ribbon, counts, sums. */
#include <math.h>
#include <string.h>

#include "dashboard.h"

/* Most urgent first, as the states are numbered; maintenance behind. */
void
put_counts(struct page *page, const size_t *count)
{
	static const enum state shown[] = { STATE_FAULT, STATE_ATTENTION,
		STATE_SILENT, STATE_MAINTENANCE, STATE_OK };

	html_put(page->out, "<ul class=\"counts\" aria-label=\"%s\">",
	    word(page, "home.counts"));
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		enum state state = shown[i];
		const char *name = state_word(state);

		if (state == STATE_MAINTENANCE && count[state] == 0)
			continue;
		html_put(page->out,
		    "<li><a class=\"count st-%s%s\""
		    " href=\"%sbatteries/index.html?st=%s\">",
		    name, count[state] == 0 ? " zero" : "", page_up(page),
		    name);
		put_mark(page, name);
		html_put(page->out,
		    "<span class=\"big\" data-count=\"%s\">"
		    "%zu</span><span class=\"lab\">%s</span></a></li>",
		    name, count[state], some_of(page, state, count[state]));
	}
	html_put(page->out, "</ul>");
}

static void
put_bar(struct page *page, const struct battery *b, size_t k)
{
	double soc = value_of(b, MEASUREMENT_soc_percent);
	int x = 12 * (int)k, h = isfinite(soc) ? (int)lround(soc * .48) : 0;
	const char *name = state_word(b->state);

	html_put(page->out,
	    "<g class=\"rb st-%s\" data-b=\"%s\">"
	    "<rect class=\"rb-o\" x=\"%d.5\" y=\"14.5\" width=\"8\""
	    " height=\"49\" rx=\"2\"/>",
	    name, b->slug, x + 1);
	if (b->state == STATE_SILENT)
		html_put(page->out,
		    "<path class=\"rb-x\" d=\"M%d 50l7-7m-7 0"
		    " 7 7\"/>",
		    x + 2);
	else
		html_put(page->out,
		    "<rect class=\"rb-f\" x=\"%d\" y=\"%d\""
		    " width=\"7\" height=\"%d\"/>",
		    x + 2, 63 - h, h);
	if (b->state != STATE_OK && b->state != STATE_SILENT)
		html_put(page->out,
		    "<use href=\"#%s\" x=\"%d\" y=\"0\""
		    " width=\"11\" height=\"11\" class=\"mark m-%s\"/>",
		    name, x, name);
	html_put(page->out, "<title>%s</title></g>", b->name);
}

#define RIBBON_MAX 400 /* more are drawn as 20 bins of charge */
#define BINS 20

/* How many batteries have this much charge, tallest bin full. */
static void
put_bins(struct page *page, struct battery *const *battery, size_t count)
{
	size_t bin[BINS] = { 0 }, most = 1;

	for (size_t i = 0; i < count; i++) {
		double soc = value_of(battery[i], MEASUREMENT_soc_percent);

		if (battery[i]->state != STATE_SILENT && isfinite(soc))
			bin[(int)fmin(BINS - 1, fmax(0, soc / 5))]++;
	}
	for (int i = 0; i < BINS; i++)
		most = bin[i] > most ? bin[i] : most;
	for (int i = 0; i < BINS; i++) {
		int h = (int)lround(48.0 * (double)bin[i] / (double)most);

		html_put(page->out,
		    "<g class=\"rb st-ok\"><rect class=\"rb-o\""
		    " x=\"%d.5\" y=\"14.5\" width=\"8\" height=\"49\" "
		    "rx=\"2\"/>"
		    "<rect class=\"rb-f\" x=\"%d\" y=\"%d\" width=\"7\""
		    " height=\"%d\"/><title>%d\xe2\x80\x93%d %%: %zu</title>"
		    "</g>",
		    12 * i + 1, 12 * i + 2, 63 - h, h, 5 * i, 5 * i + 5,
		    bin[i]);
	}
}

void
put_ribbon(struct page *page, struct battery *const *battery, size_t count,
    const char *label)
{
	size_t width = 12 * (count > RIBBON_MAX ? BINS : count);

	html_put(page->out,
	    "<svg class=\"ribbon\" width=\"%zu\""
	    " height=\"65\" viewBox=\"0 0 %zu 65\" role=\"img\""
	    " aria-label=\"%s\">",
	    width, width, label);
	if (count > RIBBON_MAX)
		put_bins(page, battery, count);
	else
		for (size_t i = 0; i < count; i++)
			put_bar(page, battery[i], i);
	html_put(page->out, "</svg>");
}

/* ---- table ------------------------------------------------------------ */

static const struct {
	unsigned bit;
	const char *name, *key;
	bool number;
} columns_of_table[] = { { COLUMN_SITE, "site", "l.site", false },
	{ COLUMN_TYPE, "type", "l.type", false },
	{ COLUMN_SOC, "soc", "m.soc", true },
	{ COLUMN_POWER, "power", "m.power", true },
	{ COLUMN_SOH, "soh", "m.soh", true },
	{ COLUMN_AGE, "age", "m.age", false } };
#define COLUMNS (sizeof(columns_of_table) / sizeof(*columns_of_table))

static void
put_cell(struct page *page, const struct battery *b, size_t column)
{
	unsigned bit = columns_of_table[column].bit;
	bool fades = bit == COLUMN_SOC || bit == COLUMN_POWER;

	html_put(page->out, "<td class=\"%sc-%s%s\" data-l=\"%s\">",
	    columns_of_table[column].number ? "n " : "",
	    columns_of_table[column].name,
	    fades && b->state == STATE_SILENT ? " old" : "",
	    word(page, columns_of_table[column].key));
	if (bit == COLUMN_SITE) {
		html_text(page->out, b->place->site->name);
	} else if (bit == COLUMN_TYPE) {
		html_text(page->out, b->type->name);
	} else if (bit == COLUMN_SOC) {
		put_level(page, value_of(b, MEASUREMENT_soc_percent), b->state);
		put_value(
		    page, value_of(b, MEASUREMENT_soc_percent), 0, "%", false);
	} else if (bit == COLUMN_POWER) {
		put_power(page, value_of(b, MEASUREMENT_pack_power));
	} else if (bit == COLUMN_SOH) {
		put_value(
		    page, value_of(b, MEASUREMENT_soh_percent), 1, "%", false);
	} else {
		put_age(page, b);
	}
	html_put(page->out, "</td>");
}

static void
put_row(struct page *page, const struct battery *b, unsigned columns)
{
	const char *why = why_of(page, b);

	html_put(page->out,
	    "<tr class=\"st-%s s-%s t-%s\" data-b=\"%s\">"
	    "<td class=\"c-st\">",
	    state_word(b->state), b->place->site->slug, b->type->slug, b->slug);
	put_state(page, b->state);
	html_put(page->out,
	    "</td><th scope=\"row\" class=\"c-name\">"
	    "<a href=\"%sbatteries/%s.html\">%s</a>"
	    "<span class=\"why%s\">%s</span></th>",
	    page_up(page), b->slug, b->name, *why == '\0' ? " id" : "",
	    *why == '\0' ? (b->internal == NULL ? b->serial : b->internal)
			 : capital(page->arena, why));
	for (size_t i = 0; i < COLUMNS; i++)
		if ((columns & columns_of_table[i].bit) != 0)
			put_cell(page, b, i);
	html_put(page->out, "</tr>\n");
}

void
put_table(struct page *page, struct battery *const *battery, size_t count,
    unsigned columns, const char *caption, const char *id)
{
	html_put(page->out, "<table class=\"rows\"");
	if (id != NULL)
		html_put(page->out, " id=\"%s\"", id);
	html_put(page->out,
	    "><caption class=\"vh\">%s</caption><thead><tr>"
	    "<th scope=\"col\">%s</th><th scope=\"col\">%s</th>",
	    caption, word(page, "l.status"), word(page, "l.battery"));
	for (size_t i = 0; i < COLUMNS; i++)
		if ((columns & columns_of_table[i].bit) != 0)
			html_put(page->out,
			    "<th scope=\"col\" class=\"%sc-%s\">"
			    "%s</th>",
			    columns_of_table[i].number ? "n " : "",
			    columns_of_table[i].name,
			    word(page, columns_of_table[i].key));
	html_put(page->out, "</tr></thead><tbody>");
	for (size_t i = 0; i < count; i++)
		put_row(page, battery[i], columns);
	html_put(page->out, "</tbody></table>");
}

/* ---- sums ------------------------------------------------------------- */

/* Power and stored energy, two figures of a now3 section. */
void
put_sums(struct page *page, struct battery *const *battery, size_t count,
    size_t silent)
{
	struct sums sums = sums_of(battery, count);
	char number[24];

	snprintf(number, sizeof(number), "%zu", silent);
	/* the live file has the sum of the view; scripts add up a group's */
	html_put(page->out,
	    "<div class=\"fig\"><h2 class=\"lab\">%s</h2>"
	    "<p class=\"huge\" data-fleet=\"power\">",
	    word(page, "home.power"));
	put_power(page, sums.any ? sums.power : NAN);
	html_put(page->out,
	    "</p><p class=\"sub\">"
	    "<span data-fleet=\"powerword\">%s</span>",
	    !sums.any            ? ""
		: sums.power > 0 ? word(page, "home.net.c")
		: sums.power < 0 ? word(page, "home.net.d")
				 : word(page, "mode.idle"));
	if (silent > 0)
		html_put(page->out, " \xc2\xb7 %s",
		    silent == 1 ? word(page, "home.excl.1")
				: fill(page, "home.excl", "n", number));
	html_put(page->out,
	    "</p></div>\n<div class=\"fig\">"
	    "<h2 class=\"lab\">%s</h2><p class=\"huge\" data-%s=\"stored\">",
	    word(page, "home.energy"),
	    strcmp(page->kind, "home") == 0 ? "fleet" : "group");
	put_energy(page, sums.capacity > 0 ? sums.stored : NAN);
	html_put(page->out, "</p><p class=\"sub\">");
	put_before(page, "home.ofcap");
	put_energy(page, sums.capacity > 0 ? sums.capacity : NAN);
	put_after(page, "home.ofcap");
	html_put(page->out, " ");
	put_level(page,
	    sums.capacity > 0 ? 100 * sums.stored / sums.capacity : 0,
	    STATE_OK);
	html_put(page->out, "</p></div>\n");
}
