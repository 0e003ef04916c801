/* The server's own pages, in the look of the site's. */
#include "web/page.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "web/form.h"
#include "web/html.h"
#include "web/i18n.h"

#define LANGUAGES 4

static const struct {
	const char *code, *name;
} languages[LANGUAGES] = {
	{ "fr", "Français" },
	{ "en", "English" },
	{ "es", "Español" },
	{ "pt", "Português" },
};

/* The last stands for all others. */
static const struct {
	unsigned status;
	const char *title, *more; /* words of i18n */
} errors[] = {
	{ 401, "in.h1", NULL },
	{ 403, "in.again", NULL },
	{ 404, "x.404", NULL },
	{ 503, "x.err", "x.err.h" },
	{ 0, "x.400", "x.400.h" },
};

struct pages {
	struct i18n *words[LANGUAGES];
};

struct pages *
pages_open(const char *share, struct failure *why)
{
	struct pages *pages = mem_zero(1, sizeof *pages);

	for (int i = 0; i < LANGUAGES; i++) {
		pages->words[i] = i18n_open(share, languages[i].code, why);
		if (pages->words[i] == NULL) {
			pages_close(pages);
			return NULL;
		}
	}
	return pages;
}

void
pages_close(struct pages *pages)
{
	if (pages == NULL)
		return;
	for (int i = 0; i < LANGUAGES; i++)
		if (pages->words[i] != NULL)
			i18n_free(pages->words[i]);
	free(pages);
}

static int
known(const char *text, size_t size)
{
	for (int i = 0; i < LANGUAGES; i++)
		if (size >= 2 && strncasecmp(text, languages[i].code, 2) == 0 &&
		    (size == 2 || text[2] == '-'))
			return i;
	return -1;
}

int
page_language(const char *query, const char *accept)
{
	char asked[8];
	size_t size;

	if (form_get(query, strlen(query), "lang", asked, sizeof asked,
		&size) == FORM_FOUND &&
	    known(asked, size) >= 0)
		return known(asked, size);
	for (const char *at = accept; at != NULL && *at != '\0';) {
		at += strspn(at, ", \t");
		size = strcspn(at, ",; \t");
		if (known(at, size) >= 0)
			return known(at, size);
		at += strcspn(at, ",");
	}
	return 0;
}

const char *
page_language_name(int language)
{
	return languages[language].code;
}

static void
head(struct buf *out, int language, const char *title, const char *class)
{
	html_put(out,
	    "<!doctype html>\n<html lang=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<title>%s – TrackingBMS</title>\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n"
	    "<link rel=\"icon\" href=\"/-/assets/icon.svg\" "
	    "type=\"image/svg+xml\">\n"
	    "<script src=\"/-/assets/js/early.js\"></script>\n"
	    "<link rel=\"stylesheet\" href=\"/-/assets/css/site.css\">\n"
	    "</head>\n<body class=\"bare %s\">\n",
	    languages[language].code, title, class);
}

static void
brand(struct buf *out)
{
	html_put(out,
	    "<p class=\"brand\"><svg class=\"logo\" "
	    "viewBox=\"0 0 28 28\" aria-hidden=\"true\">"
	    "<rect class=\"lg\" width=\"28\" height=\"28\" rx=\"7\"/>"
	    "<path class=\"ll\" d=\"M8 20v-5m4 5V9m4 11v-8m4 8v-3\"/></svg>"
	    "<span>TrackingBMS</span></p>\n");
}

static void
tail(struct buf *out)
{
	html_put(out, "</body>\n</html>\n");
}

/* The ribbon of the site's sign-in picture. */
static void
picture(struct buf *out)
{
	static const int heights[] = { 64, 118, 96, 158, 190, 176, 224, 241,
		236, 262, 274, 284 };

	html_put(out,
	    "<div class=\"login\"><div class=\"login-art\" "
	    "aria-hidden=\"true\"><svg viewBox=\"0 0 410 340\" "
	    "preserveAspectRatio=\"xMidYMax slice\">");
	for (int i = 0; i < 12; i++)
		html_put(out,
		    "<rect class=\"lb-o\" x=\"%d\" y=\"24\" "
		    "width=\"20\" height=\"296\" rx=\"5\"/>"
		    "<rect class=\"lb\" x=\"%d\" y=\"%d\" width=\"12\" "
		    "height=\"%d\" rx=\"2\"/>",
		    i * 34 + 7, i * 34 + 11, 316 - heights[i], heights[i]);
	html_put(out,
	    "</svg></div>\n<main id=\"main\" "
	    "class=\"login-box\">");
	brand(out);
}

static void
language_links(struct buf *out, int language, const char *next)
{
	html_put(out, "<ul class=\"langs\">");
	for (int i = 0; i < LANGUAGES; i++) {
		html_put(out,
		    "<li><a lang=\"%s\" hreflang=\"%s\" "
		    "href=\"/-/login?lang=%s",
		    languages[i].code, languages[i].code, languages[i].code);
		if (next[0] != '\0')
			html_put(out, "&amp;next=%s", next);
		html_put(out, "\"");
		if (i == language)
			html_put(out, " aria-current=\"true\"");
		html_put(out, ">%s</a></li>", languages[i].name);
	}
	html_put(out, "</ul>");
}

static void
login_form(struct buf *out, const struct i18n *words, bool bad,
    const char *token, const char *next)
{
	const char *marked = bad ? "true" : "false";

	html_put(out,
	    "<form class=\"form\" method=\"post\" "
	    "action=\"/-/login?lang=%s\">\n"
	    "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
	    "<input type=\"hidden\" name=\"next\" value=\"%s\">\n",
	    i18n_lang(words), token, next);
	html_put(out,
	    "<label for=\"user\">%s</label>"
	    "<input id=\"user\" name=\"user\" autocomplete=\"username\" "
	    "autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"128\" "
	    "required aria-invalid=\"%s\">\n",
	    i18n_word(words, "in.user"), marked);
	html_put(out,
	    "<label for=\"pass\">%s</label>"
	    "<input id=\"pass\" name=\"password\" type=\"password\" "
	    "autocomplete=\"current-password\" required "
	    "aria-invalid=\"%s\">\n",
	    i18n_word(words, "in.pass"), marked);
	html_put(out, "<button class=\"btn main wide\">%s</button></form>\n",
	    i18n_word(words, "in.go"));
}

void
page_login(struct buf *out, const struct pages *pages, int language,
    enum page_note note, const char *token, const char *next)
{
	static const char *const notes[] = { NULL, "in.bad", "in.wait",
		"in.again" };
	const struct i18n *words = pages->words[language];

	head(out, language, i18n_word(words, "in.h1"), "p-login");
	picture(out);
	html_put(out, "<h1>%s</h1><p class=\"tag\">%s</p>\n",
	    i18n_word(words, "in.h1"), i18n_word(words, "in.tag"));
	if (note != PAGE_PLAIN)
		html_put(out,
		    "<p class=\"err\" id=\"err\" role=\"alert\">"
		    "%s</p>\n",
		    i18n_word(words, notes[note]));
	login_form(out, words, note == PAGE_BAD, token, next);
	language_links(out, language, next);
	html_put(out, "</main></div>\n");
	tail(out);
}

static void
logout_form(struct buf *out, const struct i18n *words, const char *token)
{
	html_put(out,
	    "<form method=\"post\" action=\"/-/logout?lang=%s\">"
	    "<input type=\"hidden\" name=\"token\" value=\"%s\">"
	    "<button class=\"btn main\">%s</button></form>\n",
	    i18n_lang(words), token, i18n_word(words, "nav.logout"));
}

void
page_logout(
    struct buf *out, const struct pages *pages, int language, const char *token)
{
	const struct i18n *words = pages->words[language];

	head(out, language, i18n_word(words, "nav.logout"), "p-login");
	picture(out);
	html_put(out, "<h1>%s</h1>\n<div class=\"btns\">",
	    i18n_word(words, "nav.logout"));
	logout_form(out, words, token);
	html_put(out,
	    "<a class=\"btn\" href=\"/\">%s</a></div>"
	    "</main></div>\n",
	    i18n_word(words, "x.home"));
	tail(out);
}

void
page_error(
    struct buf *out, const struct pages *pages, int language, unsigned status)
{
	const struct i18n *words = pages->words[language];
	size_t n = 0;

	while (errors[n].status != 0 && errors[n].status != status)
		n++;
	head(out, language, i18n_word(words, errors[n].title), "p-error");
	html_put(out, "<main id=\"main\"><div class=\"special\">");
	brand(out);
	html_put(out, "<h1>%s</h1>", i18n_word(words, errors[n].title));
	if (errors[n].more != NULL)
		html_put(out, "<p>%s</p>", i18n_word(words, errors[n].more));
	html_put(out,
	    "<p class=\"btns\"><a class=\"btn main\" href=\"/\">%s"
	    "</a></p></div></main>\n",
	    i18n_word(words, "x.home"));
	tail(out);
}

void
page_nothing(
    struct buf *out, const struct pages *pages, int language, const char *token)
{
	const struct i18n *words = pages->words[language];

	head(out, language, i18n_word(words, "in.none"), "p-error");
	html_put(out, "<main id=\"main\"><div class=\"special\">");
	brand(out);
	html_put(out, "<h1>%s</h1><p>%s</p>", i18n_word(words, "in.none"),
	    i18n_word(words, "in.none.h"));
	logout_form(out, words, token);
	html_put(out, "</div></main>\n");
	tail(out);
}
