/* Inside the console's framing: pages read and pages made. */
#ifndef PROFILE_FRAMING_CONSOLE_H
#define PROFILE_FRAMING_CONSOLE_H

#include "profile/framing.h"

#define CONSOLE_COLUMNS_MAX 32

struct console_line {
	const char *text;
	size_t size;
};

/* The commands, whose indices are the keys of the pages. */
extern const char *const console_words[];

static inline bool
console_end(char c)
{
	return c == '\r' || c == '\n';
}
/* Which command begins here? -1: none. */
int console_word(const char *text, size_t size);
/* The members of the framing that are in files of their own. */
int console_ask(const char *request, unsigned unit, struct buf *out);
void console_put(struct writing *w, struct frame *frame);
void console_address(struct buf *bytes, size_t start, unsigned unit);

#endif
