/* The history of a battery as picture and as four tables. */
#include <math.h>

#include "dashboard.h"

/* Rows of each table, newest first. */
static const size_t shown[UNIT_COUNT] = { 24, 31, 12, 12 };
static const char *const unit_keys[UNIT_COUNT] = { "b.hour", "b.daily",
	"b.week", "b.month" };

/* The ISO week of a local day: the one that holds its Thursday. */
static int
iso_week(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int of_year = before[month - 1] + day + (leap && month > 2);
	int y = year - 1, first, week;

	/* weekday of 1 January, Monday 0; then of this day */
	first = (y + y / 4 - y / 100 + y / 400 + 0) % 7;
	week = (of_year - (first + of_year - 1) % 7 + 9) / 7;
	if (week == 53 && 31 - day < 3 - (first + of_year - 1) % 7)
		return 1;
	return week;
}

static const char *
period_name(struct page *page, enum unit unit, const struct period *row)
{
	struct zone_time t;
	const char *date;

	zone_local(page->zone, row->start_ms, &t);
	date =
	    i18n_date(page->arena, page->words, t.year, t.month, t.day, false);
	if (unit == UNIT_HOUR)
		return i18n_stamp(
		    page->arena, page->words, page->zone, row->start_ms);
	if (unit == UNIT_DAY)
		return date;
	if (unit == UNIT_WEEK)
		return arena_print(page->arena, "%s, %s",
		    fill(page, "lang.week", "n",
			arena_print(page->arena, "%02d",
			    iso_week(t.year, t.month, t.day))),
		    date);
	return arena_print(page->arena, "%s %d",
	    word(page, arena_print(page->arena, "month.%d", t.month)), t.year);
}

static void
put_coverage(struct page *page, double covered)
{
	html_put(
	    page->out, "<td class=\"n cov%s\">", covered < .95 ? " low" : "");
	put_value(page, 100 * covered,
	    covered > .9995 || covered < .0005 ? 0 : 1, "%", false);
	html_put(page->out,
	    "<svg class=\"covbar\" viewBox=\"0 0 40 6\""
	    " aria-hidden=\"true\"><rect class=\"lv-b\" width=\"40\""
	    " height=\"6\"/><rect class=\"lv-f\" width=\"%.0f\" height=\"6\"/>"
	    "</svg></td>",
	    40 * covered);
}

static const char *
number(struct page *page, double value, int decimals)
{
	return i18n_number(page->arena, page->words, value, decimals, false);
}

static void
put_row(struct page *page, enum unit unit, const struct period *r)
{
	html_put(page->out, "<tr><th scope=\"row\">%s</th>",
	    period_name(page, unit, r));
	if (isnan(r->in) && isnan(r->out) && isnan(r->soc_avg))
		html_put(page->out, "<td colspan=\"4\" class=\"none\">%s</td>",
		    word(page, "b.gap"));
	else
		html_put(page->out,
		    "<td class=\"n\">%s</td><td class=\"n\">%s"
		    "</td><td class=\"n\">%s \xe2\x80\x93 %s</td>"
		    "<td class=\"n\">%s \xe2\x80\x93 %s</td>",
		    number(page, r->in / 1000, 1),
		    number(page, r->out / 1000, 1), number(page, r->soc_min, 0),
		    number(page, r->soc_max, 0), number(page, r->temp_min, 0),
		    number(page, r->temp_max, 0));
	put_coverage(page, r->covered);
	html_put(page->out, "</tr>\n");
}

static void
put_table_of(
    struct page *page, enum unit unit, const struct period *row, size_t count)
{
	const char *title = arena_print(page->arena, "%s, %s",
	    word(page, "b.hist"), word(page, unit_keys[unit]));

	html_put(page->out,
	    "<div class=\"unit u-%s\"><div class=\"scroll\""
	    " tabindex=\"0\" role=\"group\" aria-label=\"%s\">"
	    "<table class=\"plain hist\"><caption class=\"vh\">%s</caption>"
	    "<thead><tr><th scope=\"col\">%s</th>",
	    unit_words[unit], title, title, word(page, unit_keys[unit]));
	html_put(page->out,
	    "<th scope=\"col\" class=\"n\">%s "
	    "<span class=\"u\">kWh</span></th><th scope=\"col\" class=\"n\">"
	    "%s <span class=\"u\">kWh</span></th><th scope=\"col\""
	    " class=\"n\">%s <span class=\"u\">%%</span></th><th scope=\"col\""
	    " class=\"n\">%s <span class=\"u\">\xc2\xb0"
	    "C</span></th>"
	    "<th scope=\"col\" class=\"n\">%s</th></tr></thead><tbody>",
	    word(page, "m.ein"), word(page, "m.eout"), word(page, "m.soc"),
	    word(page, "m.temp"), word(page, "m.cov"));
	for (size_t i = count; i > 0 && count - i < shown[unit]; i--)
		put_row(page, unit, &row[i - 1]);
	html_put(page->out, "</tbody></table></div></div>\n");
}

static void
put_units(struct page *page, const struct history *history)
{
	html_put(page->out,
	    "<fieldset class=\"seg\" data-unit>"
	    "<legend class=\"vh\">%s</legend>",
	    word(page, "r.period"));
	for (int u = 0; u < UNIT_COUNT; u++)
		if (history->count[u] > 0)
			html_put(page->out,
			    "<label><input type=\"radio\""
			    " name=\"unit\" value=\"%s\"%s><span>%s</span>"
			    "</label>",
			    unit_words[u], u == UNIT_DAY ? " checked" : "",
			    word(page, unit_keys[u]));
	html_put(page->out, "</fieldset>");
}

static void
put_picture(struct page *page, const struct battery *b,
    const struct history *history, const struct buf *svg)
{
	const char *label[PICTURE_MARKS], *picture;
	struct chart_look look = { .width = PICTURE_WIDTH,
		.height = 330,
		.label = label,
		.decimal = word(page, "lang.decimal") };
	const struct period *row;
	size_t mark[PICTURE_MARKS], size, days = picture_days(history, &row);
	struct zone_time t;

	look.label_count = (size_t)picture_dates(page->zone, row, days, mark);
	for (size_t i = 0; i < look.label_count; i++) {
		zone_local(page->zone, row[mark[i]].start_ms, &t);
		label[i] = i18n_date(
		    page->arena, page->words, t.year, t.month, t.day, false);
	}
	look.caption =
	    arena_print(page->arena, "%s, %s", b->name, word(page, "b.hist"));
	html_put(page->out,
	    "<div class=\"chart\" data-chart=\"history\""
	    " data-src=\"../../data/b/%s/history.json\">"
	    "<div class=\"plot scroll\" tabindex=\"0\" role=\"group\""
	    " aria-label=\"%s, %s\">",
	    b->slug, word(page, "b.hist"), word(page, "b.daily"));
	picture = chart_nth(svg, 1, &size);
	if (picture != NULL)
		chart_put(page->out, picture, size, &look);
	html_put(page->out, "</div></div>\n<p class=\"key2\">");
	put_key_part(page, "in", word(page, "m.ein"), "kWh");
	put_key_part(page, "out", word(page, "m.eout"), "kWh");
	put_key_part(page, "band2",
	    arena_print(page->arena, "%s, %s", word(page, "m.soc"),
		word(page, "b.minmax")),
	    "%");
	put_key_part(page, "gap", word(page, "b.gap"), "");
	html_put(page->out, "</p>\n");
}

void
put_history(struct page *page, const struct battery *b,
    const struct history *history, const struct buf *svg)
{
	html_put(page->out,
	    "<section id=\"hist\" aria-labelledby=\"h-hist\">"
	    "<div class=\"hd\"><h2 id=\"h-hist\">%s</h2>",
	    word(page, "b.hist"));
	if (history->count[UNIT_DAY] == 0) {
		html_put(page->out, "</div><p class=\"sub\">%s</p></section>\n",
		    word(page, "b.nohist"));
		return;
	}
	put_units(page, history);
	html_put(page->out, "</div>\n");
	put_picture(page, b, history, svg);
	for (int u = 0; u < UNIT_COUNT; u++)
		if (history->count[u] > 0)
			put_table_of(page, (enum unit)u, history->row[u],
			    history->count[u]);
	html_put(page->out, "</section>\n");
}
