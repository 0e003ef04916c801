/* The fleet: a sentence, counts, power and energy, the most urgent. */
#include <math.h>
#include <string.h>

#include "dashboard.h"

#define URGENT_MAX 12

static const char *
digits(struct page *page, size_t n)
{
	return arena_print(page->arena, "%zu", n);
}

/* "49 batteries sur 60 sont en ordre." and what the others are. */
static void
put_sentence(struct page *page)
{
	static const enum state bad[] = { STATE_FAULT, STATE_ATTENTION,
		STATE_SILENT, STATE_MAINTENANCE };
	const struct site *site = page->site;
	size_t ok = site->in_state[STATE_OK], told = 0;
	const char *key = ok == site->count
	    ? (ok == 1 ? "home.h1.one" : "home.h1.all")
	    : ok == 1 ? "home.h1.1"
		      : "home.h1";

	html_put(page->out,
	    "<h1><span data-say=\"ok\">%s</span> "
	    "<span class=\"lead-2\">",
	    i18n_fill(page->arena, page->words, key, "ok", digits(page, ok),
		"n", digits(page, site->count), (char *)NULL));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t count = site->in_state[bad[i]];

		if (count == 0)
			continue;
		html_put(page->out, "%s%zu %s", told++ == 0 ? "" : ", ", count,
		    some_of(page, bad[i], count));
	}
	html_put(page->out, "%s</span></h1>\n",
	    told > 0 ? "." : word(page, "home.allwell"));
}

static void
put_today(struct page *page)
{
	const struct site *site = page->site;
	double in = NAN, out = NAN;

	for (size_t i = 0; i < site->count; i++) {
		const struct battery *b = site->battery[i];

		if (isfinite(b->today_in))
			in = (isnan(in) ? 0 : in) + b->today_in;
		if (isfinite(b->today_out))
			out = (isnan(out) ? 0 : out) + b->today_out;
	}
	html_put(page->out,
	    "<div class=\"fig\"><h2 class=\"lab\">%s</h2>"
	    "<p class=\"huge pair\"><span>",
	    word(page, "home.today"));
	put_energy(page, in);
	html_put(page->out, " <span class=\"sub\">%s</span></span><span>",
	    word(page, "home.in"));
	put_energy(page, out);
	html_put(page->out, " <span class=\"sub\">%s</span></span></p></div>\n",
	    word(page, "home.out"));
}

/* "1 en défaut, 3 à surveiller" of some batteries. */
static const char *
states_text(struct page *page, struct battery *const *battery, size_t count)
{
	size_t in_state[STATE_COUNT] = { 0 };
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		in_state[battery[i]->state]++;
	for (int s = 0; s < STATE_COUNT; s++)
		if (in_state[s] > 0)
			text = arena_print(page->arena, "%s%s%zu %s", text,
			    *text == '\0' ? "" : ", ", in_state[s],
			    some_of(page, (enum state)s, in_state[s]));
	return text;
}

static void
put_site(struct page *page, const struct place *place)
{
	const struct site *site = page->site;
	struct battery **here = arena_alloc(
	    page->arena, (site->count + 1) * sizeof(struct battery *));
	const char *text;
	size_t count = 0;

	for (size_t i = 0; i < site->count; i++)
		if (site->battery[i]->place->site == place)
			here[count++] = site->battery[i];
	if (count == 0)
		return;
	text = states_text(page, here, count);
	html_put(page->out,
	    "<li><a class=\"site\" href=\"%ssites/%s.html\">"
	    "<span class=\"site-n\">%s</span><span class=\"sub\">%s</span>"
	    "</a>",
	    page_up(page), place->slug, place->name, text);
	put_ribbon(page, here, count,
	    arena_print(page->arena, "%s%s%s", place->name,
		word(page, "lang.colon"), text));
	html_put(page->out, "</li>");
}

static void
put_type(struct page *page, const struct type *type)
{
	const struct site *site = page->site;
	size_t count = 0, known = 0;
	double soh = 0;

	for (size_t i = 0; i < site->count; i++) {
		double one =
		    value_of(site->battery[i], MEASUREMENT_soh_percent);

		if (site->battery[i]->type != type)
			continue;
		count++;
		known += isfinite(one) ? 1 : 0;
		soh += isfinite(one) ? one : 0;
	}
	if (count == 0)
		return;
	html_put(page->out,
	    "<tr><th scope=\"row\"><a href=\"types/%s.html\">"
	    "%s</a></th><td class=\"n\">%zu</td><td class=\"n\">",
	    type->slug, type->name, count);
	put_energy(page, type->capacity_wh * (double)count);
	html_put(page->out, "</td><td class=\"n\">");
	put_value(page, known == 0 ? NAN : soh / (double)known, 1, "%", false);
	html_put(page->out, "</td></tr>");
}

static void
put_types(struct page *page)
{
	html_put(page->out,
	    "<section aria-labelledby=\"h-types\">"
	    "<div class=\"hd\"><h2 id=\"h-types\">%s</h2></div>"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\""
	    " aria-label=\"%s\"><table class=\"plain\">"
	    "<caption class=\"vh\">%s</caption><thead><tr><th scope=\"col\">"
	    "%s</th><th scope=\"col\" class=\"n\">%s</th><th scope=\"col\""
	    " class=\"n\">%s</th><th scope=\"col\" class=\"n\">%s</th></tr>"
	    "</thead><tbody>",
	    word(page, "home.types"), word(page, "home.types"),
	    word(page, "home.types"), word(page, "l.type"),
	    word(page, "nav.batteries"), word(page, "b.capacity"),
	    word(page, "m.soh"));
	for (size_t i = 0; i < page->fleet->type_count; i++)
		put_type(page, &page->fleet->type[i]);
	html_put(page->out, "</tbody></table></div></section>\n");
}

static void
put_urgent(struct page *page)
{
	const struct site *site = page->site;
	size_t urgent = 0;

	while (urgent < site->count &&
	    site->battery[urgent]->state < STATE_MAINTENANCE)
		urgent++;
	html_put(page->out,
	    "<section aria-labelledby=\"h-worst\">"
	    "<div class=\"hd\"><h2 id=\"h-worst\">%s</h2><a class=\"go\""
	    " href=\"batteries/index.html\">%s</a></div>\n",
	    word(page, "home.worst"), word(page, "home.all"));
	if (urgent == 0)
		html_put(page->out, "<p class=\"sub\">%s</p>",
		    word(page, "home.allwell"));
	else
		put_table(page, site->battery,
		    urgent > URGENT_MAX ? URGENT_MAX : urgent,
		    COLUMN_SITE | COLUMN_SOC | COLUMN_AGE,
		    word(page, "home.worst"), NULL);
	html_put(page->out, "</section>\n");
}

static void
put_power_day(struct page *page)
{
	size_t size;
	const char *svg = chart_nth(&page->site->fleet_svg, 0, &size);
	int64_t mark[PICTURE_MARKS];
	const char *label[PICTURE_MARKS];
	struct chart_look look = { .width = PICTURE_WIDTH,
		.height = 220,
		.caption = word(page, "home.p24"),
		.label = label,
		.decimal = word(page, "lang.decimal") };

	if (svg == NULL)
		return;
	look.label_count = (size_t)picture_hours(
	    page->fleet->zone, page->fleet->fine_from_ms, 3, mark);
	for (size_t i = 0; i < look.label_count; i++)
		label[i] = hour_label(page, page->fleet->zone, mark[i]);
	html_put(page->out,
	    "<section aria-labelledby=\"h-p24\">"
	    "<div class=\"hd\"><h2 id=\"h-p24\">%s</h2><span class=\"sub\">"
	    "%s</span></div>\n<div class=\"plot scroll\" tabindex=\"0\""
	    " role=\"group\" aria-label=\"%s\">",
	    word(page, "home.p24"),
	    fill(page, "t.zonef", "z",
		i18n_zone(page->arena, page->words, page->fleet->zone,
		    page->fleet->now_ms)),
	    word(page, "home.p24"));
	chart_put(page->out, svg, size, &look);
	html_put(page->out, "</div><p class=\"key2\">");
	put_key_part(page, "in", word(page, "mode.charging"), "kW");
	put_key_part(page, "out", word(page, "mode.discharging"), "kW");
	html_put(page->out, "</p></section>\n");
}

static void
put_fleet(struct page *page)
{
	const struct site *site = page->site;

	html_put(page->out, "<section class=\"now3\" aria-label=\"%s\">\n",
	    word(page, "b.now"));
	put_sums(
	    page, site->battery, site->count, site->in_state[STATE_SILENT]);
	put_today(page);
	html_put(page->out, "</section>\n<div class=\"two\">\n");
	put_urgent(page);
	html_put(page->out,
	    "<div><section aria-labelledby=\"h-rib\">"
	    "<div class=\"hd\"><h2 id=\"h-rib\">%s</h2></div>"
	    "<p class=\"sub\">%s</p>\n<ul class=\"ribbons\">",
	    word(page, "home.ribbon"), word(page, "home.ribbon.t"));
	for (size_t i = 0; i < page->fleet->place_count; i++)
		put_site(page, &page->fleet->place[i]);
	html_put(page->out, "</ul></section>\n");
	put_power_day(page);
	html_put(page->out, "</div>\n</div>\n");
	put_types(page);
}

int
page_home(struct page *page, struct failure *why)
{
	page->path = "index.html";
	page->title = word(page, "nav.fleet");
	page->kind = "home";
	page->tab = "fleet";
	page->live = "fleet";
	page_begin(page);
	html_put(page->out, "<section class=\"lead\">\n<p class=\"over\">%s",
	    page->fleet->name);
	if (strcmp(page->site->view->slug, "all") != 0 &&
	    *page->site->view->name != '\0')
		html_put(page->out, " \xc2\xb7 %s", page->site->view->name);
	html_put(page->out, "</p>\n");
	if (page->site->count == 0) {
		html_put(page->out, "<h1>%s</h1><p>%s</p></section>\n",
		    word(page, "x.empty"), word(page, "x.empty.h"));
		return page_end(page, why);
	}
	put_sentence(page);
	put_counts(page, page->site->in_state);
	html_put(page->out, "\n</section>\n");
	put_fleet(page);
	return page_end(page, why);
}
