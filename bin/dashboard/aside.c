/* Beside a battery: what it is, what happened, upkeep, downloads. */
#include <stdio.h>

#include "dashboard.h"

#define EVENTS_MAX 20

/* A date of the database, "2026-12-01", in the language's form. */
static const char *
date_text(struct page *page, const char *date)
{
	int year, month, day;

	if (date == NULL || sscanf(date, "%d-%d-%d", &year, &month, &day) != 3)
		return NULL;
	return i18n_date(page->arena, page->words, year, month, day, true);
}

static void
put_link_row(struct page *page, const char *key, const char *folder,
    const char *slug, const char *name)
{
	html_put(page->out,
	    "<div><dt>%s</dt><dd><a href=\"../%s/%s.html\">%s"
	    "</a></dd></div>",
	    word(page, key), folder, slug, name);
}

static void
put_code_row(struct page *page, const char *key, const char *value)
{
	if (value != NULL && *value != '\0')
		html_put(page->out,
		    "<div><dt>%s</dt><dd><span class=\"code\">"
		    "%s</span></dd></div>",
		    word(page, key), value);
}

static void
put_identity(struct page *page, const struct battery *b)
{
	html_put(page->out,
	    "<section id=\"ident\""
	    " aria-labelledby=\"h-ident\"><h2 id=\"h-ident\">%s</h2>"
	    "<dl class=\"rec\">",
	    word(page, "b.ident"));
	put_link_row(page, "l.type", "types", b->type->slug, b->type->name);
	put_link_row(page, "l.site", "sites", b->place->site->slug,
	    b->place->site->name);
	if (b->place != b->place->site)
		put_record(page, word(page, "b.place"), b->place->name);
	put_code_row(page, "b.serial", b->serial);
	put_code_row(page, "b.internal", b->internal);
	put_record(page, word(page, "b.maker"), b->type->maker);
	put_record(page, word(page, "b.bms"), b->type->bms);
	html_put(page->out, "<div><dt>%s</dt><dd>", word(page, "b.capacity"));
	put_value(page, b->type->capacity_ah, 0, "Ah", false);
	html_put(page->out, " \xc2\xb7 ");
	put_energy(page, b->type->capacity_wh);
	html_put(page->out, "</dd></div>");
	put_record(page, word(page, "b.inservice"), date_text(page, b->since));
	put_record(
	    page, word(page, "b.warranty"), date_text(page, b->warranty));
	put_record(
	    page, word(page, "b.nextmaint"), date_text(page, b->next_upkeep));
	html_put(page->out, "</dl>\n");
	if (b->notes != NULL)
		html_put(page->out,
		    "<h3>%s</h3><p class=\"sub\" lang=\"%s\">"
		    "%s</p>",
		    word(page, "b.notes"), page->fleet->language, b->notes);
	put_custom(page, b->custom);
	html_put(page->out, "</section>\n");
}

static void
put_event(struct page *page, const struct alert *a, bool end)
{
	html_put(page->out, "<li><span class=\"ev-t\">");
	put_stamp(page, page->zone, end ? a->ended_ms : a->first_ms);
	html_put(page->out, "</span><div>");
	put_severity(page, end ? SEVERITY_INFO : a->severity);
	html_put(page->out, "<p>");
	if (end)
		html_put(page->out, "%s%s", word(page, "ev.back"),
		    word(page, "lang.colon"));
	html_text(page->out,
	    end ? alert_title(page, a)
		: capital(page->arena, alert_text(page, a)));
	if (!end)
		html_put(page->out, " <span class=\"sub\">%s</span>",
		    word_of(page, "al.", alert_class(a)));
	html_put(page->out, "</p></div></li>");
}

struct event {
	const struct alert *alert;
	bool end;
	int64_t time_ms;
};

/* Begin and end of each alert, the newest first. */
static size_t
collect_events(
    const struct page *page, const struct battery *b, struct event *event)
{
	size_t count = 0;

	for (size_t i = 0; i < page->site->alert_count; i++) {
		const struct alert *a = page->site->alert[i];

		if (a->battery != b)
			continue;
		event[count++] = (struct event){ a, false, a->first_ms };
		if (a->ended_ms > 0)
			event[count++] = (struct event){ a, true, a->ended_ms };
	}
	for (size_t i = 1; i < count; i++) /* few: by insertion */
		for (size_t k = i;
		     k > 0 && event[k].time_ms > event[k - 1].time_ms; k--) {
			struct event later = event[k];

			event[k] = event[k - 1];
			event[k - 1] = later;
		}
	return count;
}

static void
put_events(struct page *page, const struct battery *b)
{
	struct event *event = arena_alloc(
	    page->arena, (2 * page->site->alert_count + 1) * sizeof(*event));
	size_t count = collect_events(page, b, event);

	html_put(page->out,
	    "<section id=\"events\" aria-labelledby=\"h-ev\">"
	    "<h2 id=\"h-ev\">%s</h2>",
	    word(page, "b.events"));
	if (count == 0) {
		html_put(page->out, "<p class=\"sub\">%s</p></section>\n",
		    word(page, "b.noevent"));
		return;
	}
	html_put(page->out, "<ol class=\"tl\">");
	for (size_t i = 0; i < count && i < EVENTS_MAX; i++)
		put_event(page, event[i].alert, event[i].end);
	html_put(page->out, "</ol></section>\n");
}

static void
put_upkeep(struct page *page, const struct battery *b)
{
	struct zone_time t;

	html_put(page->out,
	    "<section id=\"maint\" aria-labelledby=\"h-mt\">"
	    "<h2 id=\"h-mt\">%s</h2>",
	    word(page, "b.maint"));
	if (b->upkeep == NULL) {
		html_put(page->out, "<p class=\"sub\">%s</p></section>\n",
		    word(page, "b.empty"));
		return;
	}
	html_put(page->out, "<ol class=\"tl\">");
	for (const struct upkeep *u = b->upkeep; u != NULL; u = u->next) {
		zone_local(page->zone, u->time_ms, &t);
		html_put(page->out,
		    "<li><span class=\"ev-t\">"
		    "<time datetime=\"%04d-%02d-%02d\">%s</time></span><div>"
		    "<p lang=\"%s\">%s%s%s</p>",
		    t.year, t.month, t.day,
		    i18n_date(
			page->arena, page->words, t.year, t.month, t.day, true),
		    page->fleet->language, u->title,
		    u->text == NULL ? "" : ". ",
		    u->text == NULL ? "" : u->text);
		if (u->who != NULL)
			html_put(page->out, "<p class=\"sub\">%s</p>", u->who);
		html_put(page->out, "</div></li>");
	}
	html_put(page->out, "</ol></section>\n");
}

static void
put_download(struct page *page, const struct battery *b, const char *file,
    const char *name, const char *sub)
{
	html_put(page->out,
	    "<li><a class=\"dl\" href=\"../../data/b/%s/%s\""
	    " download>",
	    b->slug, file);
	put_icon(page, "save");
	html_put(page->out,
	    "<span>%s<span class=\"sub\">%s</span></span></a>"
	    "</li>",
	    name, sub);
}

void
put_aside(struct page *page, const struct battery *b)
{
	put_identity(page, b);
	put_events(page, b);
	put_faults(page, b);
	put_amended(page, b);
	put_upkeep(page, b);
	html_put(page->out,
	    "<section id=\"down\" aria-labelledby=\"h-dl\">"
	    "<h2 id=\"h-dl\">%s</h2><ul class=\"dls\">",
	    word(page, "b.down"));
	put_download(page, b, "24h.json", word(page, "b.day"), "JSON");
	put_download(page, b, "day.csv",
	    arena_print(page->arena, "%s, %s", word(page, "b.hist"),
		word(page, "b.daily")),
	    arena_print(
		page->arena, "CSV \xe2\x80\x93 %s", word(page, "b.csv.h")));
	put_download(page, b, "history.json", word(page, "b.hist"), "JSON");
	html_put(page->out, "</ul></section>\n");
}
