/* One battery: now, cells, temperatures, the last day, history. */
#include <math.h>
#include <string.h>

#include "dashboard.h"

static void
put_tile(
    struct page *page, const char *name, const char *key, const char *class)
{
	html_put(page->out,
	    "<div class=\"tile %s\" data-m=\"%s\"><dt>%s</dt>"
	    "<dd><span class=\"val\">",
	    class, name, word(page, key));
}

static void
end_tile(struct page *page, const char *sub)
{
	html_put(page->out, "</span>");
	if (sub != NULL)
		html_put(page->out, "<span class=\"sub\">%s</span>", sub);
	html_put(page->out, "</dd></div>\n");
}

static void
put_charge(struct page *page, const struct battery *b)
{
	double soc = value_of(b, MEASUREMENT_soc_percent);

	put_tile(page, "soc", "m.soc", "t-soc");
	put_value(page, soc, 1, "%", false);
	put_level(page, soc, b->state);
	html_put(page->out, "</span>");
	if (isfinite(soc)) {
		html_put(page->out, "<span class=\"sub\">");
		put_energy(page, stored_wh(b));
		html_put(page->out, " ");
		put_before(page, "home.ofcap");
		put_energy(page, b->type->capacity_wh);
		put_after(page, "home.ofcap");
		html_put(page->out, "</span>");
	}
	html_put(page->out, "</dd></div>\n");
}

/* How long the charge lasts, or lasts to be full, as things go now. */
static const char *
time_to_go(struct page *page, const struct battery *b)
{
	double power = value_of(b, MEASUREMENT_pack_power);
	double stored = stored_wh(b), hours;

	if (!isfinite(stored) || !isfinite(power) ||
	    fabs(power) < b->type->capacity_wh / 100)
		return NULL;
	hours = power < 0 ? stored / -power
			  : (b->type->capacity_wh - stored) / power;
	return hours > 999 ? NULL
			   : fill(page, "b.togo", "x",
				 i18n_duration(page->arena, page->words,
				     (int64_t)(hours * 3600)));
}

static void
put_flow(struct page *page, const struct battery *b)
{
	static const char *const modes[] = { WORDS_MODE };
	const char *togo =
	    b->state == STATE_SILENT ? NULL : time_to_go(page, b);
	int64_t mode;

	put_tile(page, "power", "m.power", "t-pow");
	put_power(page, value_of(b, MEASUREMENT_pack_power));
	html_put(page->out, "</span>");
	if (b->has_newest &&
	    reading_has(&b->newest, MEASUREMENT_operation_mode)) {
		mode = b->newest.value[MEASUREMENT_operation_mode].number;
		html_put(page->out,
		    "<span class=\"sub\">"
		    "<span data-m=\"mode\">%s</span>%s%s</span>",
		    word_of(page, "mode.", modes[mode]),
		    togo == NULL ? "" : ", ", togo == NULL ? "" : togo);
	}
	html_put(page->out, "</dd></div>\n");
}

static const char *
quality(struct page *page, const struct battery *b)
{
	static const char *const qualities[] = { WORDS_QUALITY };

	if (!b->has_newest ||
	    !reading_has(&b->newest, MEASUREMENT_data_quality))
		return NULL;
	return arena_print(page->arena, "%s%s%s", word(page, "m.quality"),
	    word(page, "lang.colon"),
	    word_of(page, "q.",
		qualities[b->newest.value[MEASUREMENT_data_quality].number]));
}

static void
put_now(struct page *page, const struct battery *b)
{
	double cycles = value_of(b, MEASUREMENT_charge_cycles);

	html_put(page->out,
	    "<section id=\"now\" aria-labelledby=\"h-now\">"
	    "<h2 id=\"h-now\" class=\"vh\">%s</h2><dl class=\"tiles%s\">\n",
	    word(page, "b.now"), b->state == STATE_SILENT ? " old" : "");
	put_charge(page, b);
	put_flow(page, b);
	put_tile(page, "voltage", "m.voltage", "");
	put_value(page, value_of(b, MEASUREMENT_pack_voltage), 2, "V", false);
	end_tile(page, NULL);
	put_tile(page, "current", "m.current", "");
	put_value(page, value_of(b, MEASUREMENT_pack_current), 1, "A", true);
	end_tile(page, word(page, "m.sign"));
	put_tile(page, "soh", "m.soh", "");
	put_value(page, value_of(b, MEASUREMENT_soh_percent), 1, "%", false);
	end_tile(page, NULL);
	put_tile(page, "cycles", "m.cycles", "");
	html_text(
	    page->out, i18n_number(page->arena, page->words, cycles, 0, false));
	end_tile(page, quality(page, b));
	html_put(page->out, "</dl></section>\n");
}

static void
put_degrees(struct page *page, const char *key, double value, int sensor,
    const char *class)
{
	html_put(page->out,
	    "<div class=\"%s\"><dt>%s</dt><dd>"
	    "<span class=\"big\">%s<span class=\"u\">" NB "\xc2\xb0"
	    "C</span>"
	    "</span>",
	    class, word(page, key),
	    i18n_number(page->arena, page->words, value, 1, false));
	if (sensor > 0)
		html_put(page->out, " <span class=\"sub\">%s</span>",
		    fill(page, "m.sensor", "n",
			arena_print(page->arena, "%d", sensor)));
	html_put(page->out, "</dd></div>");
}

static void
put_sensors(struct page *page, const int32_t *item, uint32_t count)
{
	html_put(page->out, "<ul class=\"temps\" aria-label=\"%s\">",
	    word(page, "b.temps"));
	for (uint32_t i = 0; i < count; i++) {
		double x =
		    item[i] == READING_ITEM_UNKNOWN ? NAN : item[i] / 100.0;

		html_put(page->out,
		    "<li class=\"tt tt-%d\"><span class=\"sub\">"
		    "%u</span> %s</li>",
		    x < 0          ? 0
			: x < 15   ? 1
			: x < 30   ? 2
			: x < 45   ? 3
			: isnan(x) ? 2
				   : 4,
		    i + 1, i18n_number(page->arena, page->words, x, 1, false));
	}
	html_put(page->out, "</ul>");
}

static void
put_temperatures(struct page *page, const struct battery *b)
{
	const union reading_value *list =
	    &b->newest.value[MEASUREMENT_temperatures];
	bool any =
	    b->has_newest && reading_has(&b->newest, MEASUREMENT_temperatures);
	int low = -1, high = -1;

	for (uint32_t i = 0; any && i < list->list.count; i++) {
		int32_t x = list->list.item[i];

		if (x == READING_ITEM_UNKNOWN)
			continue;
		if (low == -1 || x < list->list.item[low])
			low = (int)i;
		if (high == -1 || x > list->list.item[high])
			high = (int)i;
	}
	if (low == -1) {
		html_put(page->out, "<p class=\"sub\">%s</p>",
		    word(page, "b.notemps"));
		return;
	}
	html_put(page->out, "<dl class=\"facts\">");
	put_degrees(page, "m.tmin", list->list.item[low] / 100.0, low + 1, "");
	put_degrees(page, "m.tmax", list->list.item[high] / 100.0, high + 1,
	    list->list.item[high] > 4500 ? "hot" : "");
	if (reading_has(&b->newest, MEASUREMENT_ambient_temp))
		put_degrees(page, "m.ambient",
		    value_of(b, MEASUREMENT_ambient_temp), 0, "");
	html_put(page->out, "</dl>\n");
	put_sensors(page, list->list.item, list->list.count);
}

static void
put_day(struct page *page, const struct battery *b, const struct buf *svg)
{
	int64_t mark[PICTURE_MARKS];
	const char *label[PICTURE_MARKS], *picture;
	struct chart_look look = { .width = PICTURE_WIDTH,
		.height = 330,
		.label = label,
		.decimal = word(page, "lang.decimal") };
	size_t size;

	html_put(page->out,
	    "<section id=\"day\" aria-labelledby=\"h-day\">"
	    "<div class=\"hd\"><h2 id=\"h-day\">%s</h2><span class=\"sub\">%s"
	    "</span></div>\n<div class=\"chart\" data-chart=\"24h\""
	    " data-src=\"../../data/b/%s/24h.json\"><div class=\"plot scroll\""
	    " tabindex=\"0\" role=\"group\" aria-label=\"%s\">",
	    word(page, "b.day"),
	    fill(page, "t.zone", "z",
		i18n_zone(
		    page->arena, page->words, page->zone, page->fleet->now_ms)),
	    b->slug, word(page, "b.day"));
	look.caption =
	    arena_print(page->arena, "%s, %s", b->name, word(page, "b.day"));
	look.label_count = (size_t)picture_hours(
	    page->zone, page->fleet->fine_from_ms, 4, mark);
	for (size_t i = 0; i < look.label_count; i++)
		label[i] = hour_label(page, page->zone, mark[i]);
	picture = chart_nth(svg, 0, &size);
	if (picture != NULL)
		chart_put(page->out, picture, size, &look);
	html_put(page->out, "</div></div>\n<p class=\"key2\">");
	put_key_part(page, "line",
	    arena_print(page->arena, "%s, %s", word(page, "m.power"),
		word(page, "b.mean")),
	    "kW");
	put_key_part(
	    page, "band", word(page, "b.minmax"), word(page, "m.sign"));
	put_key_part(page, "line2", word(page, "m.soc"), "%");
	put_key_part(page, "gap", word(page, "b.gap"), "");
	html_put(page->out, "</p></section>\n");
}

static void
put_top(struct page *page, const struct battery *b)
{
	static const struct {
		const char *id, *key;
	} sections[] = { { "now", "b.now" }, { "cells", "b.cells" },
		{ "day", "b.day" }, { "hist", "b.hist" },
		{ "events", "b.events" }, { "ident", "b.ident" } };
	const char *why = why_of(page, b), *name = state_word(b->state);

	html_put(page->out,
	    "<div class=\"lead small bat\"><div><h1>%s</h1>"
	    "<p class=\"idline\">",
	    b->name);
	put_state(page, b->state);
	html_put(page->out, " ");
	put_age(page, b);
	html_put(page->out, " <span class=\"sub\">%s</span></p></div></div>\n",
	    fill(page, "t.zone", "z",
		i18n_zone(page->arena, page->words, page->zone,
		    page->fleet->now_ms)));
	if (*why != '\0') {
		html_put(page->out, "<p class=\"whybig st-%s\">", name);
		put_mark(page, name);
		html_put(page->out,
		    "<span><strong>%s</strong>%s%s</span>"
		    "</p>\n",
		    word_of(page, "st.", name), word(page, "lang.colon"), why);
	}
	if (b->state == STATE_SILENT && b->has_newest) {
		html_put(page->out, "<p class=\"oldnote\">");
		put_mark(page, "silent");
		html_put(page->out, "%s</p>\n",
		    fill(page, "f.lastval", "x",
			i18n_stamp(page->arena, page->words, page->zone,
			    b->newest.time_ms)));
	}
	html_put(page->out, "<nav class=\"onpage\" aria-label=\"%s\"><ul>",
	    word(page, "nav.onpage"));
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		html_put(page->out, "<li><a href=\"#%s\">%s</a></li>",
		    sections[i].id, word(page, sections[i].key));
	html_put(page->out, "</ul></nav>\n");
}

static void
put_section(struct page *page, const char *id, const char *title,
    const char *sub, bool old)
{
	html_put(page->out,
	    "<section id=\"%s\" aria-labelledby=\"h-%s\">"
	    "<div class=\"hd\"><h2 id=\"h-%s\">%s <span class=\"sub\">%s"
	    "</span></h2></div><div class=\"%s\">",
	    id, id, id, title, sub, old ? "old" : "");
}

static void
put_crumbs(struct page *page, const struct battery *b)
{
	const struct place *site = b->place->site;

	page_crumbs_begin(page);
	page_crumb(page,
	    arena_print(page->arena, "types/%s.html", b->type->slug),
	    b->type->name);
	page_crumb(page, arena_print(page->arena, "sites/%s.html", site->slug),
	    site->name);
	page_crumbs_end(page, b->name);
}

int
page_battery(struct page *page, const struct battery *b,
    const struct history *history, const struct buf *svg, struct failure *why)
{
	bool old = b->state == STATE_SILENT;

	page->path = arena_print(page->arena, "batteries/%s.html", b->slug);
	page->title = b->name;
	page->kind = "battery";
	page->tab = "batteries";
	page->live = b->slug;
	page->zone = b->place->zone;
	page->zone_name = b->place->zone_name;
	page->newest_ms = b->has_newest ? b->newest.time_ms : 0;
	page_begin(page);
	put_crumbs(page, b);
	put_top(page, b);
	html_put(page->out, "<div class=\"side\"><div class=\"col\">\n");
	put_now(page, b);
	put_section(page, "cells", word(page, "b.cells"),
	    arena_print(page->arena, "%d \xc3\x97 %s", b->type->cells,
		word_of(page, "chem.", b->type->chemistry)),
	    old);
	put_cells(page, b);
	html_put(page->out, "</div></section>\n");
	put_section(page, "temps", word(page, "b.temps"), "", old);
	put_temperatures(page, b);
	html_put(page->out, "</div></section>\n");
	put_day(page, b, svg);
	put_history(page, b, history, svg);
	html_put(page->out, "</div><aside class=\"col aside\">\n");
	put_aside(page, b);
	html_put(page->out, "</aside></div>\n");
	return page_end(page, why);
}
