/* Pages for what is not there: no page, no right, no network, no data. */
#include <string.h>

#include "dashboard.h"

static const struct special {
	const char *path, *key, *mark;
	bool retry, search, saved;
} specials[] = { { "404.html", "x.404", "info", false, true, false },
	{ "403.html", "x.403", "maintenance", false, false, false },
	{ "offline.html", "x.off", "silent", true, false, true },
	{ "error.html", "x.err", "attention", true, false, false },
	{ "empty.html", "x.empty", "info", false, false, false } };

/* The same for every view: no name, count or total of the fleet in it but
 * the tabs' own. */
static int
write_special(struct page *page, const struct special *s, struct failure *why)
{
	struct buf *out = page->out;

	page->path = s->path;
	page->title = word(page, s->key);
	page->kind = "special";
	page->bare = true;
	page_begin(page);
	html_put(out, "<div class=\"special\">");
	html_put(out,
	    "<svg class=\"mark m-%s xl\" aria-hidden=\"true\""
	    " focusable=\"false\"><use href=\"#%s\"/></svg><h1>%s</h1>"
	    "<p>%s</p>",
	    s->mark, s->mark, page->title, word_of(page, s->key, ".h"));
	if (s->search)
		html_put(out,
		    "<form class=\"bigfind\""
		    " action=\"batteries/index.html\" method=\"get\">"
		    "<label for=\"q4\">%s</label><div><input id=\"q4\""
		    " name=\"q\" type=\"search\"><button class=\"btn main\">"
		    "%s</button></div></form>",
		    word(page, "l.search"), word(page, "l.search"));
	if (s->saved)
		html_put(out,
		    "<h2 class=\"lab\" data-saved-h hidden>%s</h2>"
		    "<ul class=\"saved\" data-saved></ul>",
		    word(page, "x.saved"));
	html_put(out, "<p class=\"btns\">");
	if (s->retry)
		html_put(out, "<a class=\"btn main\" href=\"\">%s</a> ",
		    word(page, "x.retry"));
	html_put(out, "<a class=\"btn\" href=\"index.html\">%s</a></p></div>\n",
	    word(page, "x.home"));
	return page_end(page, why);
}

int
page_specials(struct page *page, struct failure *why)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++)
		if (write_special(page, &specials[i], why) == -1)
			return -1;
	return 0;
}
