/* The list of batteries, most urgent first, by pages of a hundred. */
#include <string.h>

#include "dashboard.h"

static void
put_choice(struct page *page, const char *name, const char *value,
    const char *mark, const char *label, size_t count)
{
	html_put(page->out,
	    "<label><input type=\"radio\" name=\"%s\""
	    " value=\"%s\"><span>",
	    name, value);
	if (mark != NULL)
		put_mark(page, mark);
	html_put(page->out,
	    "%s <span class=\"cnt\">%zu</span></span>"
	    "</label>",
	    label, count);
}

static void
put_facet(struct page *page, const char *name, const char *legend)
{
	html_put(page->out,
	    "<fieldset class=\"chips\" data-facet=\"%s\">"
	    "<legend>%s</legend><label><input type=\"radio\" name=\"%s\""
	    " value=\"\" checked><span>%s</span></label>",
	    name, legend, name, word(page, "l.any"));
}

static void
put_facets(struct page *page)
{
	const struct site *site = page->site;
	const struct fleet *fleet = page->fleet;

	put_facet(page, "st", word(page, "l.status"));
	for (int s = 0; s < STATE_COUNT; s++)
		put_choice(page, "st", state_word((enum state)s),
		    state_word((enum state)s),
		    word_of(page, "st.", state_word((enum state)s)),
		    site->in_state[s]);
	html_put(page->out, "</fieldset>");
	put_facet(page, "site", word(page, "l.site"));
	for (size_t i = 0; i < fleet->place_count; i++) {
		size_t count = 0;

		for (size_t k = 0; k < site->count; k++)
			count +=
			    site->battery[k]->place->site == &fleet->place[i];
		if (count > 0)
			put_choice(page, "site", fleet->place[i].slug, NULL,
			    fleet->place[i].name, count);
	}
	html_put(page->out, "</fieldset>");
	put_facet(page, "type", word(page, "l.type"));
	for (size_t i = 0; i < fleet->type_count; i++) {
		size_t count = 0;

		for (size_t k = 0; k < site->count; k++)
			count += site->battery[k]->type == &fleet->type[i];
		if (count > 0)
			put_choice(page, "type", fleet->type[i].slug, NULL,
			    fleet->type[i].name, count);
	}
	html_put(page->out, "</fieldset>\n");
}

static void
put_filter(struct page *page, const char *count)
{
	struct buf *out = page->out;

	html_put(out,
	    "<form class=\"filter\" data-filter method=\"get\""
	    " action=\"index.html\">\n<div class=\"searchrow\">"
	    "<label for=\"q\">%s</label><input id=\"q\" name=\"q\""
	    " type=\"search\" placeholder=\"%s\" autocomplete=\"off\""
	    " enterkeyhint=\"search\"></div>\n",
	    word(page, "l.search"), word(page, "l.search.h"));
	html_put(out,
	    "<div class=\"facets\"><button class=\"btn js-only\""
	    " type=\"button\" data-facets aria-expanded=\"false\""
	    " aria-controls=\"facets\">");
	put_icon(page, "tune");
	html_put(out,
	    "%s <span class=\"badge\" hidden></span></button>"
	    "<div class=\"facets-in\" id=\"facets\">",
	    word(page, "l.filters"));
	put_facets(page);
	html_put(out,
	    "<fieldset class=\"dates js-only\"><legend>%s</legend>"
	    "<label>%s <input type=\"date\" name=\"from\"></label><label>%s "
	    "<input type=\"date\" name=\"to\"></label></fieldset></div>"
	    "</div>\n",
	    word(page, "l.date"), word(page, "l.after"),
	    word(page, "l.before"));
	html_put(out,
	    "<p class=\"count-line\"><output data-count-out>%s"
	    "</output> <button class=\"btn small\" type=\"reset\">%s</button>"
	    "</p>\n</form>\n",
	    count, word(page, "l.clear"));
}

static const char *
list_name(struct page *page, size_t n)
{
	return n == 0 ? "index.html"
		      : arena_print(page->arena, "index-%zu.html", n + 1);
}

static void
put_pages(struct page *page, size_t n, size_t pages)
{
	if (pages <= 1)
		return;
	html_put(page->out, "<nav class=\"pages\" aria-label=\"%s\"><ul>",
	    word(page, "l.pages"));
	for (size_t i = 0; i < pages; i++) {
		html_put(page->out, "<li><a class=\"btn small\" href=\"%s\"",
		    list_name(page, i));
		if (i == n)
			html_put(page->out, " aria-current=\"page\"");
		html_put(page->out, ">%zu</a></li>", i + 1);
	}
	html_put(page->out, "</ul></nav>\n");
}

static const char *
number(struct page *page, size_t n)
{
	return i18n_number(page->arena, page->words, (double)n, 0, false);
}

static const char *
count_text(struct page *page, size_t from, size_t count)
{
	size_t all = page->site->count;

	if (count < all)
		return i18n_fill(page->arena, page->words, "l.range", "a",
		    number(page, from + 1), "b", number(page, from + count),
		    "n", number(page, all), (char *)NULL);
	return all == 1 ? word(page, "l.count.1")
			: fill(page, "l.count", "n", number(page, all));
}

static int
list_part(struct page *page, size_t n, size_t pages, struct failure *why)
{
	size_t from = n * PAGE_ROWS, count = page->site->count - from;

	if (count > PAGE_ROWS)
		count = PAGE_ROWS;
	page->path =
	    arena_print(page->arena, "batteries/%s", list_name(page, n));
	page->title = word(page, "l.h1");
	page->kind = "list";
	page->tab = "batteries";
	page->live = "fleet";
	page->class = "p-list";
	page_begin(page);
	html_put(page->out,
	    "<div class=\"hd pg\"><h1>%s</h1><a class=\"btn\""
	    " href=\"../../data/list.csv\" download>",
	    word(page, "l.h1"));
	put_icon(page, "save");
	html_put(page->out, "%s <span class=\"sub\">CSV</span></a></div>\n",
	    word(page, "l.download"));
	put_filter(page, count_text(page, from, count));
	if (page->site->count == 0)
		html_put(page->out, "<p>%s</p>\n", word(page, "x.empty"));
	put_table(page, page->site->battery + from, count,
	    COLUMN_SITE | COLUMN_TYPE | COLUMN_SOC | COLUMN_POWER | COLUMN_SOH |
		COLUMN_AGE,
	    word(page, "l.h1"), "list");
	html_put(page->out,
	    "\n<div class=\"nores\" data-nores hidden><h2>%s"
	    "</h2><p>%s</p></div>\n<p class=\"moreline\"><button class=\"btn\""
	    " type=\"button\" data-more hidden></button></p>\n",
	    word(page, "l.none"), word(page, "l.none.h"));
	put_pages(page, n, pages);
	return page_end(page, why);
}

int
page_list(struct page *page, struct failure *why)
{
	size_t pages = page->site->count == 0
	    ? 1
	    : (page->site->count + PAGE_ROWS - 1) / PAGE_ROWS;

	for (size_t n = 0; n < pages; n++)
		if (list_part(page, n, pages, why) == -1)
			return -1;
	return 0;
}
