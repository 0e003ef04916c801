/* The text of a DBC file, word by word. */
#ifndef PROFILE_DBC_LEX_H
#define PROFILE_DBC_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/decimal.h"

struct dbc_lex {
	const char *at, *end;
	unsigned line;
};

/* A run of bytes of the text. */
struct dbc_word {
	const char *text;
	size_t size;
};

/* Skip blanks, and line ends too when `lines`. */
void dbc_lex_blanks(struct dbc_lex *lex, bool lines);
void dbc_lex_line(struct dbc_lex *lex); /* behind the line end */
/* Behind the next ';' or, without one, the end; strings are heeded. */
void dbc_lex_statement(struct dbc_lex *lex);
/* Letters, digits and '_' after blanks; false where there are none. */
bool dbc_lex_word(struct dbc_lex *lex, struct dbc_word *word);
/* Take this character, if it is what comes after blanks. */
bool dbc_lex_char(struct dbc_lex *lex, char c);
bool dbc_lex_number(struct dbc_lex *lex, struct decimal *number);
bool dbc_lex_integer(struct dbc_lex *lex, int64_t *number);
bool dbc_lex_string(struct dbc_lex *lex, struct dbc_word *word);
bool dbc_word_is(const struct dbc_word *word, const char *text);

#endif
