/* The one writer of HTML: what comes from data is always escaped. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Markup is a constant of ours with holes for printf's %d %u %ld %lld %zu
 * %f %g %c (with flags, width and precision) and %s. What goes into a %s is
 * escaped (& < > " ' and what is no character), so that it is text in an
 * element and text in a quoted attribute; attributes are always quoted in
 * our markup. There is no hole for markup: what is made of parts is
 * written in parts.
 */
void html_put(struct buf *out, const char *markup, ...)
    __attribute__((format(printf, 2, 3)));
/* Text alone; NULL is none. Bytes that are no UTF-8 and controls become
 * U+FFFD, U+2028 and U+2029 a space; what turns the direction of text
 * around is left out. */
void html_text(struct buf *out, const char *text);
void html_text_sized(struct buf *out, const char *text, size_t size);

/* May this be the target of a link: http, https or mailto? Otherwise it is
 * shown as text. */
bool html_url_ok(const char *url);

/* A JSON string for a file that a page reads: quoted, with control
 * characters, < and U+2028 and U+2029 escaped. */
void html_json_text(struct buf *out, const char *text);

#endif
