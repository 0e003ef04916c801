/* Words, numbers and strings of a DBC file. */
#include <string.h>

#include "base/num.h"
#include "profile/dbc_lex.h"

void
dbc_lex_blanks(struct dbc_lex *lex, bool lines)
{
	for (; lex->at < lex->end; lex->at++) {
		if (*lex->at == '\n') {
			if (!lines)
				return;
			lex->line++;
		} else if (*lex->at != ' ' && *lex->at != '\t' &&
		    *lex->at != '\r') {
			return;
		}
	}
}

void
dbc_lex_line(struct dbc_lex *lex)
{
	const char *end = memchr(lex->at, '\n', (size_t)(lex->end - lex->at));

	lex->at = end == NULL ? lex->end : end + 1;
	lex->line += end != NULL;
}

void
dbc_lex_statement(struct dbc_lex *lex)
{
	struct dbc_word word;

	while (lex->at < lex->end && *lex->at != ';') {
		if (*lex->at == '"') {
			if (!dbc_lex_string(lex, &word))
				return;
			continue;
		}
		lex->line += *lex->at++ == '\n';
	}
	if (lex->at < lex->end)
		lex->at++;
}

static bool
word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

bool
dbc_lex_word(struct dbc_lex *lex, struct dbc_word *word)
{
	dbc_lex_blanks(lex, false);
	word->text = lex->at;
	while (lex->at < lex->end && word_char(*lex->at))
		lex->at++;
	word->size = (size_t)(lex->at - word->text);
	return word->size > 0;
}

bool
dbc_lex_char(struct dbc_lex *lex, char c)
{
	dbc_lex_blanks(lex, false);
	if (lex->at >= lex->end || *lex->at != c)
		return false;
	lex->at++;
	return true;
}

bool
dbc_lex_number(struct dbc_lex *lex, struct decimal *number)
{
	const char *start;

	dbc_lex_blanks(lex, false);
	start = lex->at;
	while (lex->at < lex->end && *lex->at != '\0' &&
	    strchr("+-.0123456789eE", *lex->at) != NULL)
		lex->at++;
	return decimal_parse(start, (size_t)(lex->at - start), number);
}

bool
dbc_lex_integer(struct dbc_lex *lex, int64_t *number)
{
	const char *start;

	dbc_lex_blanks(lex, false);
	start = lex->at;
	if (lex->at < lex->end && *lex->at == '-')
		lex->at++;
	while (lex->at < lex->end && *lex->at >= '0' && *lex->at <= '9')
		lex->at++;
	return num_integer(
	    start, (size_t)(lex->at - start), INT64_MIN, INT64_MAX, number);
}

bool
dbc_lex_string(struct dbc_lex *lex, struct dbc_word *word)
{
	if (!dbc_lex_char(lex, '"'))
		return false;
	word->text = lex->at;
	while (lex->at < lex->end && *lex->at != '"') {
		if (*lex->at == '\\' && lex->end - lex->at > 1)
			lex->at++;
		lex->line += *lex->at++ == '\n';
	}
	if (lex->at >= lex->end)
		return false;
	word->size = (size_t)(lex->at - word->text);
	lex->at++;
	return true;
}

bool
dbc_word_is(const struct dbc_word *word, const char *text)
{
	return strlen(text) == word->size &&
	    memcmp(word->text, text, word->size) == 0;
}
