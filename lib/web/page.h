/* The pages that the server itself makes: login, logout, and one for each
 * error. All are the same bytes for everybody (rules A3, H7), but for the
 * language and the form's token. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "base/buf.h"
#include "base/err.h"

struct pages;

/* Reads the words of the four languages below `share`. */
struct pages *pages_open(const char *share, struct failure *why);
void pages_close(struct pages *pages);

/* fr, en, es or pt: the `lang` of a query, else the first known language
 * of Accept-Language (may be NULL), else fr. Its number, for below. */
int page_language(const char *query, const char *accept);
const char *page_language_name(int language);

enum page_note {
	PAGE_PLAIN,
	PAGE_BAD, /* unknown user name or password */
	PAGE_WAIT, /* too many failures */
	PAGE_AGAIN /* the form is too old; try again */
};
/* `next` is a canonical path or "". */
void page_login(struct buf *out, const struct pages *pages, int language,
    enum page_note note, const char *token, const char *next);
void page_logout(struct buf *out, const struct pages *pages, int language,
    const char *token);
/* A page for a status of 400 and above. */
void page_error(
    struct buf *out, const struct pages *pages, int language, unsigned status);
/* Logged in, but nothing is granted yet. */
void page_nothing(struct buf *out, const struct pages *pages, int language,
    const char *token);

#endif
