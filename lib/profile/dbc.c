/*
 * The DBC parser. It reads BO_, SG_ and what is said about signals, and
 * passes over the rest, because files of the field miss sections and have
 * unknown ones.
 */
#include <string.h>

#include "base/num.h"
#include "profile/dbc_parts.h"

/* Message of signals that belong to none: not sent by anybody. */
#define ORPHANS UINT32_C(0xC0000000)
#define ID_MAX 0x7FF
#define ID_MAX_EXTENDED 0x1FFFFFFF

static int
wrong(struct dbc_parser *p, const char *what)
{
	return failure_set(
	    p->why, EXIT_WRONG, "line %u: %s", p->lex.line, what);
}

static const char *
keep(struct dbc_parser *p, const struct dbc_word *word)
{
	return arena_text(&p->dbc->arena, word->text, word->size);
}

/* BO_ id name: size sender */
static int
message_line(struct dbc_parser *p)
{
	struct dbc *dbc = p->dbc;
	struct dbc_message *message;
	struct dbc_word name;
	int64_t id, size;

	p->message = NULL;
	if (!dbc_lex_integer(&p->lex, &id) || id < 0 || id > UINT32_MAX ||
	    !dbc_lex_word(&p->lex, &name) || name.size > DBC_NAME_MAX ||
	    !dbc_lex_char(&p->lex, ':') || !dbc_lex_integer(&p->lex, &size) ||
	    size < 0 || size > UINT16_MAX)
		return wrong(p, "not a message: BO_ id name: size sender");
	if ((uint32_t)id == ORPHANS)
		return 0;
	if (dbc->count >= DBC_MESSAGES_MAX)
		return wrong(p, "too many messages");
	if (dbc->count == dbc->room) {
		dbc->room = dbc->room * 2 + 16;
		dbc->messages =
		    mem_grow(dbc->messages, dbc->room, sizeof(*dbc->messages));
	}
	message = &dbc->messages[dbc->count++];
	memset(message, 0, sizeof(*message));
	message->extended = ((uint32_t)id & DBC_EXTENDED) != 0;
	message->id = (uint32_t)id & ~DBC_EXTENDED;
	if (message->id > (message->extended ? ID_MAX_EXTENDED : ID_MAX))
		return wrong(p,
		    message->extended ? "an id of more than 29 bits"
				      : "an id of more than 11 bits");
	message->size = (uint16_t)size;
	message->name = keep(p, &name);
	p->message = message;
	return 0;
}

/* "M", "m12" or "m12M" between name and colon. */
static int
multiplexing(struct dbc_parser *p, struct dbc_signal *signal)
{
	struct dbc_word word;
	int64_t value;
	size_t digits;

	signal->selected_by = -1;
	if (!dbc_lex_word(&p->lex, &word))
		return 0;
	if (dbc_word_is(&word, "M")) {
		signal->selector = true;
		return 0;
	}
	digits = word.size - 1;
	if (digits > 0 && word.text[digits] == 'M') {
		signal->selector = true;
		digits--;
	}
	if (word.text[0] != 'm' ||
	    !num_integer(word.text + 1, digits, 0, INT32_MAX, &value))
		return wrong(p, "not a multiplexer: M, m1 or m1M");
	signal->ranges = arena_alloc(&p->dbc->arena, sizeof(*signal->ranges));
	signal->ranges->low = signal->ranges->high = value;
	signal->range_count = 1;
	return 0;
}

/* start|length@order sign (factor,offset) [min|max] "unit" */
static int
layout(struct dbc_parser *p, struct dbc_signal *signal)
{
	int64_t start, length, order;
	struct decimal low, high;
	struct dbc_word unit = { "", 0 };
	struct dbc_lex *lex = &p->lex;
	bool minus;

	if (!dbc_lex_char(lex, ':') || !dbc_lex_integer(lex, &start) ||
	    !dbc_lex_char(lex, '|') || !dbc_lex_integer(lex, &length) ||
	    !dbc_lex_char(lex, '@') || !dbc_lex_integer(lex, &order) ||
	    start < 0 || start > UINT16_MAX || length < 0 ||
	    length > UINT16_MAX || order < 0 || order > 1)
		return wrong(p, "not a layout: start|length@order");
	minus = dbc_lex_char(lex, '-');
	if (!minus && !dbc_lex_char(lex, '+'))
		return wrong(p, "no sign: + or -");
	if (!dbc_lex_char(lex, '(') || !dbc_lex_number(lex, &signal->factor) ||
	    !dbc_lex_char(lex, ',') || !dbc_lex_number(lex, &signal->offset) ||
	    !dbc_lex_char(lex, ')'))
		return wrong(p, "not a scaling: (factor,offset)");
	/* range and unit only inform: what is missing is no fault */
	if (dbc_lex_char(lex, '[') && dbc_lex_number(lex, &low) &&
	    dbc_lex_char(lex, '|') && dbc_lex_number(lex, &high) &&
	    dbc_lex_char(lex, ']'))
		(void)dbc_lex_string(lex, &unit);
	signal->unit = keep(p, &unit);
	signal->usable = length >= 1 && length <= 64;
	if (signal->usable)
		bits_set(&signal->bits, (unsigned)start, (unsigned)length,
		    order == 0, minus);
	return 0;
}

static int
signal_line(struct dbc_parser *p)
{
	struct dbc_message *message = p->message;
	struct dbc_signal *signal;
	struct dbc_word name;

	if (message == NULL)
		return 0;
	if (message->count >= DBC_SIGNALS_MAX)
		return wrong(p, "too many signals");
	if (message->count == message->room) {
		message->room = message->room * 2 + 8;
		message->signals = mem_grow(
		    message->signals, message->room, sizeof(*message->signals));
	}
	signal = &message->signals[message->count];
	memset(signal, 0, sizeof(*signal));
	if (!dbc_lex_word(&p->lex, &name) || name.size > DBC_NAME_MAX)
		return wrong(p, "a signal without a name");
	signal->name = keep(p, &name);
	signal->name_hash = dbc_hash(signal->name);
	if (multiplexing(p, signal) != 0 || layout(p, signal) != 0)
		return -1;
	message->count++;
	return 0;
}

/* NS_ lists keywords, one a line, that are no statements. */
static void
keyword_list(struct dbc_parser *p)
{
	struct dbc_lex back;
	struct dbc_word word;

	dbc_lex_line(&p->lex);
	for (;;) {
		back = p->lex;
		dbc_lex_blanks(&p->lex, false);
		if (p->lex.at < p->lex.end && *p->lex.at == '\n') {
			dbc_lex_line(&p->lex);
			continue;
		}
		if (!dbc_lex_word(&p->lex, &word))
			break;
		dbc_lex_blanks(&p->lex, false);
		if (p->lex.at >= p->lex.end || *p->lex.at != '\n')
			break;
		dbc_lex_line(&p->lex);
	}
	p->lex = back;
}

/* Statements that end with ';' and may span lines. */
static bool
long_statement(const struct dbc_word *word)
{
	static const char *const names[] = { "CM_", "VAL_", "VAL_TABLE_",
		"BA_DEF_", "BA_DEF_DEF_", "BA_", "BA_DEF_REL_", "BA_REL_",
		"BA_DEF_DEF_REL_", "SIG_GROUP_", "BO_TX_BU_", "EV_",
		"ENVVAR_DATA_", "EV_DATA_", "SGTYPE_", "SGTYPE_VAL_",
		"BA_DEF_SGTYPE_", "BA_SGTYPE_", "SIG_TYPE_REF_", "FILTER",
		"CAT_DEF_", "CAT_", "SIG_VALTYPE_", "SG_MUL_VAL_" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (dbc_word_is(word, names[i]))
			return true;
	return false;
}

static void
about_signals(struct dbc_parser *p, const struct dbc_word *word)
{
	static const struct {
		const char *name;
		void (*line)(struct dbc_parser *p);
	} lines[] = { { "SIG_VALTYPE_", dbc_float_line },
		{ "SG_MUL_VAL_", dbc_ranges_line }, { "VAL_", dbc_values_line },
		{ "VAL_TABLE_", dbc_table_line },
		{ "BA_", dbc_attribute_line } };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (dbc_word_is(word, lines[i].name))
			lines[i].line(p);
}

static int
statement(struct dbc_parser *p)
{
	struct dbc_word word;

	dbc_lex_blanks(&p->lex, true);
	if (!dbc_lex_word(&p->lex, &word)) {
		dbc_lex_line(&p->lex);
		return 0;
	}
	if (dbc_word_is(&word, "NS_")) {
		keyword_list(p);
		return 0;
	}
	if (dbc_word_is(&word, "BO_") && message_line(p) != 0)
		return -1;
	if (dbc_word_is(&word, "SG_") && signal_line(p) != 0)
		return -1;
	about_signals(p, &word);
	if (long_statement(&word))
		dbc_lex_statement(&p->lex);
	else
		dbc_lex_line(&p->lex);
	return 0;
}

/* Give each signal with a plain mN the one selector of its message. */
static void
link_selectors(struct dbc_message *message)
{
	int32_t selector = -1;

	for (size_t s = 0; s < message->count; s++) {
		const struct dbc_signal *signal = &message->signals[s];

		if (signal->selector && signal->range_count == 0)
			selector = (int32_t)s;
	}
	for (size_t s = 0; s < message->count; s++) {
		struct dbc_signal *signal = &message->signals[s];

		if (signal->range_count > 0 && signal->selected_by < 0 &&
		    (int32_t)s != selector)
			signal->selected_by = selector;
	}
}

/* Names of more than 32 letters stand in attributes. */
static void
take_long_names(struct dbc_message *message)
{
	if (message->long_name != NULL)
		message->name = message->long_name;
	for (size_t s = 0; s < message->count; s++) {
		struct dbc_signal *signal = &message->signals[s];

		if (signal->long_name == NULL)
			continue;
		signal->name = signal->long_name;
		signal->name_hash = dbc_hash(signal->name);
	}
}

struct dbc *
dbc_parse(const char *text, size_t size, struct failure *why)
{
	struct dbc *dbc = mem_zero(1, sizeof(*dbc));
	struct dbc_parser p = {
		.lex = { text, text + size, 1 }, .dbc = dbc, .why = why
	};

	while (p.lex.at < p.lex.end) {
		if (statement(&p) != 0) {
			dbc_free(dbc);
			return NULL;
		}
	}
	if (dbc->count == 0) {
		failure_set(why, EXIT_WRONG, "no messages (BO_) in it");
		dbc_free(dbc);
		return NULL;
	}
	for (size_t m = 0; m < dbc->count; m++) {
		link_selectors(&dbc->messages[m]);
		take_long_names(&dbc->messages[m]);
	}
	return dbc;
}
