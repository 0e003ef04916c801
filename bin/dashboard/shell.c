/*
 * What every page has: head, header with its tabs, foot. The policy in the
 * head is for file:// and for other people's servers.
 */
#include <string.h>

#include "dashboard.h"

const char *
page_up(const struct page *page)
{
	return strchr(page->path, '/') == NULL ? "" : "../";
}

/* The root of the view, from a page. */
static const char *
root_of(const struct page *page)
{
	return strchr(page->path, '/') == NULL ? "../" : "../../";
}

static void
put_head(struct page *page)
{
	const char *root = root_of(page);
	struct buf *out = page->out;

	html_put(out,
	    "<!doctype html>\n<html lang=\"%s\" data-root=\"%s\""
	    " data-page=\"%s\" data-asof=\"%lld\" data-tz=\"%s\""
	    " data-locale=\"%s\"",
	    i18n_lang(page->words), root, page->kind,
	    (long long)(page->newest_ms / 1000), page->zone_name,
	    word(page, "lang.locale"));
	if (page->live != NULL)
		html_put(out, " data-live=\"%s\"", page->live);
	html_put(out,
	    ">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<title>%s \xe2\x80\x93 %s</title>\n"
	    "<meta name=\"description\" content=\"%s\">\n",
	    PAGE_POLICY, page->title, page->fleet->name, word(page, "in.tag"));
	html_put(out,
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"theme-color\" content=\"#f4f3ee\""
	    " media=\"(prefers-color-scheme: light)\">\n"
	    "<meta name=\"theme-color\" content=\"#0f1514\""
	    " media=\"(prefers-color-scheme: dark)\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n");
	html_put(out,
	    "<link rel=\"icon\" href=\"%sassets/icon.svg\""
	    " type=\"image/svg+xml\">\n"
	    "<link rel=\"manifest\" crossorigin=\"use-credentials\""
	    " href=\"%smanifest.webmanifest\">\n"
	    "<script src=\"%sassets/js/early.js\"></script>\n"
	    "<link rel=\"stylesheet\" href=\"%sassets/css/site.css\">\n"
	    "<link rel=\"stylesheet\" href=\"%sdata/brand.css\">\n"
	    "<script type=\"module\" src=\"%sassets/js/main.js\"></script>\n"
	    "</head>\n",
	    root, root, root, root, root, root);
}

static void
put_tab(
    struct page *page, const char *name, const char *href, const char *symbol)
{
	html_put(page->out, "<li><a href=\"%s%s\"", page_up(page), href);
	if (page->tab != NULL && strcmp(page->tab, name) == 0)
		html_put(page->out, " aria-current=\"page\"");
	html_put(page->out, ">");
	put_icon(page, symbol);
	html_put(page->out, "<span>%s</span>", word_of(page, "nav.", name));
	if (strcmp(name, "alerts") == 0 && page->site->active > 0)
		html_put(page->out,
		    "<span class=\"badge\">%zu"
		    "<span class=\"vh\"> %s</span></span>",
		    page->site->active, word(page, "al.active.n"));
	html_put(page->out, "</a></li>");
}

static void
put_search(struct page *page)
{
	html_put(page->out,
	    "<form class=\"find\" role=\"search\""
	    " action=\"%sbatteries/index.html\" method=\"get\">"
	    "<label class=\"vh\" for=\"find\">%s</label>",
	    page_up(page), word(page, "l.search"));
	put_icon(page, "glass");
	html_put(page->out,
	    "<input id=\"find\" name=\"q\" type=\"search\""
	    " placeholder=\"%s\" autocomplete=\"off\""
	    " enterkeyhint=\"search\"></form>\n",
	    word(page, "l.search"));
	html_put(page->out,
	    "<p class=\"link\" data-link>"
	    "<span class=\"link-dot\" aria-hidden=\"true\"></span>"
	    "<span class=\"link-w\">%s</span> ",
	    word(page, "f.static"));
	if (page->newest_ms > 0)
		html_put(page->out, "<time datetime=\"%s\">%s</time></p>\n",
		    i18n_iso(page->arena, page->zone, page->newest_ms),
		    i18n_clock(page->arena, page->zone, page->newest_ms));
	else
		html_put(page->out, "<time></time></p>\n");
}

/* Theme, language, sign out. Whoever serves the site without sign-in has
 * no use for the last; the scripts show it where there is a server. */
static void
put_preferences(struct page *page)
{
	static const char *const themes[] = { "auto", "light", "dark" };
	struct buf *out = page->out;
	const char *label = word(page, "nav.prefs");

	html_put(out,
	    "<details class=\"prefs\"><summary aria-label=\"%s\""
	    " title=\"%s\">",
	    label, label);
	put_icon(page, "tune");
	html_put(out,
	    "</summary><div class=\"sheet\">\n<fieldset"
	    " class=\"seg js-only\" data-theme-set><legend>%s</legend>",
	    word(page, "theme"));
	for (int i = 0; i < 3; i++)
		html_put(out,
		    "<label><input type=\"radio\" name=\"theme\""
		    " value=\"%s\"%s><span>%s</span></label>",
		    themes[i], i == 0 ? " checked" : "",
		    word_of(page, "theme.", themes[i]));
	html_put(out,
	    "</fieldset>\n<h2 class=\"lab\">%s</h2>"
	    "<ul class=\"langs\">",
	    word(page, "language"));
	for (size_t i = 0; i < page->site->language_count; i++) {
		const struct i18n *words = page->site->words[i];

		html_put(out,
		    "<li><a lang=\"%s\" hreflang=\"%s\""
		    " href=\"%s%s/%s\"",
		    i18n_lang(words), i18n_lang(words), root_of(page),
		    i18n_lang(words), page->path);
		if (words == page->words)
			html_put(out, " aria-current=\"true\"");
		html_put(out, ">%s</a></li>", i18n_word(words, "lang.name"));
	}
	html_put(out,
	    "</ul>\n<form class=\"js-only\" method=\"post\""
	    " action=\"%s../../-/logout\" data-logout hidden>"
	    "<button class=\"btn\">%s</button></form></div></details>\n",
	    root_of(page), word(page, "nav.logout"));
}

/* One line on every page while something critical is active. */
static void
put_strip(struct page *page)
{
	const struct site *site = page->site;
	int64_t oldest = INT64_MAX;
	char count[24];

	if (site->critical == 0)
		return;
	for (size_t i = 0; i < site->alert_count; i++)
		if (site->alert[i]->severity >= SEVERITY_CRITICAL &&
		    strcmp(site->alert[i]->status, "active") == 0 &&
		    site->alert[i]->first_ms < oldest)
			oldest = site->alert[i]->first_ms;
	snprintf(count, sizeof(count), "%zu", site->critical);
	html_put(page->out,
	    "<aside aria-label=\"%s\"><a class=\"strip\""
	    " href=\"%salerts.html\">",
	    word(page, "nav.alerts"), page_up(page));
	put_mark(page, "critical");
	html_put(page->out,
	    "<strong>%s</strong> <span>%s</span>"
	    "<span class=\"strip-go\">%s</span></a></aside>\n",
	    site->critical == 1 ? word(page, "al.strip.1")
				: fill(page, "al.strip", "n", count),
	    fill(page, "al.oldest", "x",
		i18n_stamp(page->arena, page->words, page->zone, oldest)),
	    word(page, "al.see"));
}

void
page_begin(struct page *page)
{
	struct buf *out = page->out;

	buf_clear(out);
	put_head(page);
	html_put(out,
	    "<body class=\"%s\">\n<a class=\"skip\" href=\"#main\">"
	    "%s</a>\n",
	    page->class == NULL ? "" : page->class, word(page, "skip"));
	/* shapes of ours, named by the pages as #ok, #fault … */
	buf_put(out, page->site->sprite.data, page->site->sprite.size);
	html_put(out,
	    "<header class=\"top\">\n<a class=\"brand\""
	    " href=\"%sindex.html\"><svg class=\"logo\""
	    " viewBox=\"0 0 28 28\" aria-hidden=\"true\"><rect class=\"lg\""
	    " width=\"28\" height=\"28\" rx=\"7\"/><path class=\"ll\""
	    " d=\"M8 20v-5m4 5V9m4 11v-8m4 8v-3\"/></svg>"
	    "<span>%s</span></a>\n<nav class=\"tabs\" aria-label=\"%s\"><ul>",
	    page_up(page), page->fleet->name, word(page, "nav.main"));
	put_tab(page, "fleet", "index.html", "fleet");
	put_tab(page, "batteries", "batteries/index.html", "battery");
	put_tab(page, "alerts", "alerts.html", "bell");
	html_put(out, "</ul></nav>\n");
	put_search(page);
	put_preferences(page);
	html_put(out,
	    "</header>\n<div class=\"bar\" data-bar role=\"status\""
	    " hidden></div>\n");
	put_strip(page);
	html_put(out, "<main id=\"main\" tabindex=\"-1\">\n");
}

int
page_end(struct page *page, struct failure *why)
{
	struct buf *out = page->out;

	html_put(out, "</main>\n<footer class=\"foot\"><p>%s</p>",
	    word(page, "foot"));
	if (!page->bare) {
		html_put(out, "<p>");
		if (page->newest_ms > 0) {
			put_before(page, "t.gen");
			put_stamp(page, page->zone, page->newest_ms);
			put_after(page, "t.gen");
		} else {
			html_put(out, "%s", word(page, "t.nodata"));
		}
		html_put(out, " \xc2\xb7 %s</p>",
		    fill(page, "t.zonef", "z",
			i18n_zone(page->arena, page->words, page->zone,
			    page->fleet->now_ms)));
	}
	html_put(out, "</footer>\n</body>\n</html>\n");
	return out_file(page->site->out,
	    arena_print(
		page->arena, "%s/%s", i18n_lang(page->words), page->path),
	    out, why);
}

void
page_crumbs_begin(struct page *page)
{
	html_put(page->out, "<nav class=\"crumbs\" aria-label=\"%s\"><ol>",
	    word(page, "nav.crumbs"));
	page_crumb(page, "index.html", word(page, "nav.fleet"));
}

void
page_crumb(struct page *page, const char *href, const char *name)
{
	html_put(page->out, "<li><a href=\"%s%s\">%s</a></li>", page_up(page),
	    href, name);
}

void
page_crumbs_end(struct page *page, const char *name)
{
	html_put(page->out,
	    "<li><span aria-current=\"page\">%s</span></li>"
	    "</ol></nav>\n",
	    name);
}
