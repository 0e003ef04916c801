/* Alerts of the view by what has been done about them. */
#include <string.h>

#include "dashboard.h"

static const char *const groups[] = { "active", "acknowledged", "silenced",
	"resolved" };
#define GROUPS (sizeof(groups) / sizeof(*groups))

static size_t
count_in(const struct page *page, const char *group)
{
	size_t count = 0;

	for (size_t i = 0; i < page->site->alert_count; i++)
		count += strcmp(alert_class(page->site->alert[i]), group) == 0;
	return count;
}

static void
put_choice(struct page *page, const char *value, bool checked,
    const char *label, size_t count)
{
	html_put(page->out,
	    "<label><input type=\"radio\" name=\"al\""
	    " value=\"%s\"%s><span>%s <span class=\"cnt\">%zu</span></span>"
	    "</label>",
	    value, checked ? " checked" : "", label, count);
}

static void
put_choices(struct page *page)
{
	html_put(page->out,
	    "<form class=\"filter\"><fieldset class=\"chips\""
	    " data-facet=\"al\"><legend>%s</legend>",
	    word(page, "l.status"));
	for (size_t i = 0; i < GROUPS; i++)
		put_choice(page, groups[i], i == 0,
		    word(page, arena_print(page->arena, "al.%s.n", groups[i])),
		    count_in(page, groups[i]));
	put_choice(
	    page, "all", false, word(page, "l.any"), page->site->alert_count);
	html_put(page->out, "</fieldset></form>\n");
}

static void
put_alert(struct page *page, const struct alert *a)
{
	const struct place *place = a->battery->place;
	struct buf *out = page->out;

	html_put(out,
	    "<li class=\"alert sv-%s al-%s\" id=\"a%lld\">\n"
	    "<div class=\"al-h\">",
	    severity_word(a->severity), alert_class(a), (long long)a->id);
	put_severity(page, a->severity);
	html_put(out,
	    "<span class=\"al-s\">%s</span></div>\n"
	    "<div class=\"al-b\"><h3><a href=\"batteries/%s.html\">%s</a>"
	    "</h3><p class=\"what\">%s</p>",
	    word_of(page, "al.", alert_class(a)), a->battery->slug,
	    a->battery->name, capital(page->arena, alert_text(page, a)));
	if (strcmp(a->message, a->title) != 0)
		html_put(out, "<p class=\"sub\" lang=\"%s\">%s</p>",
		    page->fleet->language, a->message);
	if (a->by != NULL || a->notes != NULL)
		html_put(out,
		    "<p class=\"note\">%s %s%s<q lang=\"%s\">%s</q>"
		    "</p>",
		    word_of(page, "al.", alert_class(a)),
		    a->by == NULL ? "" : fill(page, "al.by", "x", a->by),
		    a->notes == NULL ? "" : ". ", page->fleet->language,
		    a->notes == NULL ? "" : a->notes);
	html_put(out, "</div>\n<div class=\"al-w\"><p>");
	put_stamp(page, place->zone, a->first_ms);
	if (a->ended_ms > 0) {
		html_put(out, " \xe2\x80\x93 ");
		put_stamp(page, place->zone, a->ended_ms);
	}
	html_put(out, "</p><p class=\"sub\">");
	if (a->ended_ms == 0)
		html_put(out, "<span data-since=\"%lld\"></span>",
		    (long long)(a->first_ms / 1000));
	html_put(out,
	    "%s \xc2\xb7 <a class=\"quiet\""
	    " href=\"sites/%s.html\">%s</a></p></div>\n</li>",
	    i18n_zone(page->arena, page->words, place->zone, a->first_ms),
	    place->site->slug, place->site->name);
}

static void
put_group(struct page *page, const char *group)
{
	html_put(page->out,
	    "<section class=\"als als-%s\""
	    " aria-labelledby=\"h-%s\"><h2 id=\"h-%s\">%s</h2>",
	    group, group, group,
	    word(page, arena_print(page->arena, "al.%s.n", group)));
	if (count_in(page, group) == 0) {
		html_put(page->out, "<p class=\"sub\">%s</p></section>\n",
		    word(page, "al.no"));
		return;
	}
	html_put(page->out, "<ul class=\"alerts\">");
	for (size_t i = 0; i < page->site->alert_count; i++)
		if (strcmp(alert_class(page->site->alert[i]), group) == 0)
			put_alert(page, page->site->alert[i]);
	html_put(page->out, "</ul></section>\n");
}

int
page_alerts(struct page *page, struct failure *why)
{
	size_t active = page->site->active;

	page->path = "alerts.html";
	page->title = word(page, "nav.alerts");
	page->kind = "alerts";
	page->tab = "alerts";
	page->live = "fleet";
	page->class = "p-alerts";
	page_begin(page);
	html_put(page->out,
	    "<div class=\"lead small\"><p class=\"over\">%s"
	    "</p><h1>%s</h1></div>\n",
	    word(page, "nav.alerts"),
	    active == 0       ? word(page, "al.h1.0")
		: active == 1 ? word(page, "al.h1.1")
			      : fill(page, "al.h1", "n",
				    arena_print(page->arena, "%zu", active)));
	put_choices(page);
	for (size_t i = 0; i < GROUPS; i++)
		put_group(page, groups[i]);
	return page_end(page, why);
}
