/* Statements of a DBC file about signals: types, selectors, words for
 * values, long names. */
#include <string.h>

#include "base/num.h"
#include "profile/dbc_parts.h"

/* More of one signal or table is passed over. */
#define RANGES_MAX 1024
#define CHOICES_MAX 4096

/* The message of a raw id. */
static struct dbc_message *
message_of(struct dbc_parser *p)
{
	int64_t id;

	if (!dbc_lex_integer(&p->lex, &id) || id < 0 || id > UINT32_MAX)
		return NULL;
	for (size_t m = 0; m < p->dbc->count; m++) {
		struct dbc_message *one = &p->dbc->messages[m];

		if (one->id == ((uint32_t)id & ~DBC_EXTENDED) &&
		    one->extended == (((uint32_t)id & DBC_EXTENDED) != 0))
			return one;
	}
	return NULL;
}

/* The message of a raw id, and in it the signal of the word that follows. */
static struct dbc_signal *
signal_of(struct dbc_parser *p, struct dbc_message **message)
{
	struct dbc_word name;

	*message = message_of(p);
	if (*message == NULL || !dbc_lex_word(&p->lex, &name))
		return NULL;
	for (size_t s = 0; s < (*message)->count; s++)
		if (dbc_word_is(&name, (*message)->signals[s].name))
			return &(*message)->signals[s];
	return NULL;
}

/* SIG_VALTYPE_ id signal : 1; */
void
dbc_float_line(struct dbc_parser *p)
{
	struct dbc_message *message;
	struct dbc_signal *signal = signal_of(p, &message);
	int64_t type;

	if (signal == NULL)
		return;
	(void)dbc_lex_char(&p->lex, ':');
	if (!dbc_lex_integer(&p->lex, &type))
		return;
	if (type == 1 && signal->bits.length == 32)
		signal->type = DBC_FLOAT;
	else if (type == 2 && signal->bits.length == 64)
		signal->type = DBC_DOUBLE;
}

/* "3-5," of a SG_MUL_VAL_; the end of the line or ';' ends it. */
static bool
one_range(struct dbc_parser *p, struct dbc_range *range)
{
	dbc_lex_blanks(&p->lex, true);
	if (!dbc_lex_integer(&p->lex, &range->low))
		return false;
	range->high = range->low;
	/* the lexer's integer takes "-5" of "3-5" as a negative number */
	if (dbc_lex_integer(&p->lex, &range->high))
		range->high = -range->high;
	(void)dbc_lex_char(&p->lex, ',');
	return range->high >= range->low;
}

/* SG_MUL_VAL_ id signal selector 1-1, 3-5; */
void
dbc_ranges_line(struct dbc_parser *p)
{
	struct dbc_range ranges[RANGES_MAX], *kept;
	struct dbc_message *message;
	struct dbc_signal *signal = signal_of(p, &message);
	struct dbc_word selector;
	size_t count = 0;

	if (signal == NULL || !dbc_lex_word(&p->lex, &selector))
		return;
	while (count < RANGES_MAX && one_range(p, &ranges[count]))
		count++;
	for (size_t s = 0; count > 0 && s < message->count; s++) {
		if (&message->signals[s] == signal ||
		    !dbc_word_is(&selector, message->signals[s].name))
			continue;
		kept = arena_alloc(&p->dbc->arena, count * sizeof(*kept));
		memcpy(kept, ranges, count * sizeof(*kept));
		signal->selected_by = (int32_t)s;
		signal->ranges = kept;
		signal->range_count = count;
	}
}

/* A text of the file in UTF-8: what is none was Windows-1252, of which we
 * take the letters that Latin-1 has as well; \" and \\ lose their stroke. */
static const char *
keep_text(struct dbc_parser *p, const struct dbc_word *word)
{
	char *out = arena_alloc(&p->dbc->arena, 2 * word->size + 1);
	bool utf8 = num_utf8(word->text, word->size);
	size_t used = 0;

	for (size_t i = 0; i < word->size; i++) {
		unsigned char c = (unsigned char)word->text[i];

		if (c == '\\' && i + 1 < word->size &&
		    (word->text[i + 1] == '"' || word->text[i + 1] == '\\'))
			continue;
		if (c < 0x80 || utf8) {
			out[used++] = (char)c;
			continue;
		}
		out[used++] = (char)(0xc0 | c >> 6);
		out[used++] = (char)(0x80 | (c & 0x3f));
	}
	out[used] = '\0';
	return out;
}

/* raw "text" raw "text" ... */
static const struct dbc_choice *
choices(struct dbc_parser *p, size_t *count)
{
	struct dbc_choice *kept = NULL, *bigger;
	struct dbc_word text;
	size_t room = 0;
	int64_t raw;

	for (*count = 0; *count < CHOICES_MAX; ++*count) {
		dbc_lex_blanks(&p->lex, true);
		if (!dbc_lex_integer(&p->lex, &raw))
			break;
		dbc_lex_blanks(&p->lex, true);
		if (!dbc_lex_string(&p->lex, &text))
			break;
		if (*count == room) {
			room = room * 2 + 8;
			bigger =
			    arena_alloc(&p->dbc->arena, room * sizeof(*kept));
			if (*count > 0)
				memcpy(bigger, kept, *count * sizeof(*kept));
			kept = bigger;
		}
		kept[*count] = (struct dbc_choice){ raw, keep_text(p, &text) };
	}
	return kept;
}

/* VAL_TABLE_ name raw "text" ... ; */
void
dbc_table_line(struct dbc_parser *p)
{
	struct dbc_table *table;
	struct dbc_word name;

	if (!dbc_lex_word(&p->lex, &name))
		return;
	table = arena_alloc(&p->dbc->arena, sizeof(*table));
	table->name = arena_text(&p->dbc->arena, name.text, name.size);
	table->choices = choices(p, &table->count);
	table->next = p->tables;
	p->tables = table;
}

/* VAL_ id signal raw "text" ... ; or VAL_ id signal table ; */
void
dbc_values_line(struct dbc_parser *p)
{
	struct dbc_message *message;
	struct dbc_signal *signal = signal_of(p, &message);
	struct dbc_lex back;
	struct dbc_word name;

	if (signal == NULL)
		return;
	back = p->lex;
	dbc_lex_blanks(&p->lex, true);
	if (dbc_lex_word(&p->lex, &name) && (*name.text > '9')) {
		for (struct dbc_table *t = p->tables; t != NULL; t = t->next)
			if (dbc_word_is(&name, t->name)) {
				signal->choices = t->choices;
				signal->choice_count = t->count;
				return;
			}
		return;
	}
	p->lex = back;
	signal->choices = choices(p, &signal->choice_count);
}

/* BA_ "SystemSignalLongSymbol" SG_ id name "longer"; the same of BO_. */
void
dbc_attribute_line(struct dbc_parser *p)
{
	struct dbc_word attribute, of, text;
	struct dbc_message *message = NULL;
	struct dbc_signal *signal = NULL;

	if (!dbc_lex_string(&p->lex, &attribute) || !dbc_lex_word(&p->lex, &of))
		return;
	if (dbc_word_is(&attribute, "SystemSignalLongSymbol") &&
	    dbc_word_is(&of, "SG_"))
		signal = signal_of(p, &message);
	else if (dbc_word_is(&attribute, "SystemMessageLongSymbol") &&
	    dbc_word_is(&of, "BO_"))
		message = message_of(p);
	if ((signal == NULL && message == NULL) ||
	    !dbc_lex_string(&p->lex, &text) || text.size == 0 ||
	    text.size > DBC_NAME_MAX)
		return;
	if (signal != NULL)
		signal->long_name = keep_text(p, &text);
	else if (dbc_word_is(&of, "BO_"))
		message->long_name = keep_text(p, &text);
}
