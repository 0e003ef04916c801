/*
 * The DBC parser. It reads BO_, SG_, SG_MUL_VAL_ and SIG_VALTYPE_ and
 * passes over the rest, because files of the field miss sections and have
 * unknown ones.
 */
#include <string.h>

#include "base/num.h"
#include "profile/dbc.h"
#include "profile/dbc_lex.h"

/* Message of signals that belong to none: not sent by anybody. */
#define ORPHANS UINT32_C(0xC0000000)
#define EXTENDED UINT32_C(0x80000000)

struct parser {
	struct dbc_lex lex;
	struct dbc *dbc;
	struct dbc_message *message; /* that SG_ lines belong to, or NULL */
	struct failure *why;
};

static int
wrong(struct parser *p, const char *what)
{
	return failure_set(
	    p->why, EXIT_WRONG, "line %u: %s", p->lex.line, what);
}

static const char *
keep(struct parser *p, const struct dbc_word *word)
{
	return arena_text(&p->dbc->arena, word->text, word->size);
}

/* BO_ id name: size sender */
static int
message_line(struct parser *p)
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
	message->extended = ((uint32_t)id & EXTENDED) != 0;
	message->id = (uint32_t)id & ~EXTENDED;
	message->size = (uint16_t)size;
	message->name = keep(p, &name);
	p->message = message;
	return 0;
}

/* "M", "m12" or "m12M" between name and colon. */
static int
multiplexing(struct parser *p, struct dbc_signal *signal)
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
layout(struct parser *p, struct dbc_signal *signal)
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
signal_line(struct parser *p)
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

/* The message of a raw id, and in it the signal of the word that follows. */
static bool
named_signal(struct parser *p, struct dbc_message **message, size_t *index)
{
	struct dbc_word name;
	int64_t id;

	if (!dbc_lex_integer(&p->lex, &id) || id < 0 || id > UINT32_MAX ||
	    !dbc_lex_word(&p->lex, &name))
		return false;
	for (size_t m = 0; m < p->dbc->count; m++) {
		struct dbc_message *one = &p->dbc->messages[m];

		if (one->id != ((uint32_t)id & ~EXTENDED) ||
		    one->extended != (((uint32_t)id & EXTENDED) != 0))
			continue;
		*message = one;
		for (size_t s = 0; s < one->count; s++) {
			*index = s;
			if (dbc_word_is(&name, one->signals[s].name))
				return true;
		}
	}
	return false;
}

/* SIG_VALTYPE_ id signal : 1; */
static void
float_line(struct parser *p)
{
	struct dbc_message *message;
	struct dbc_signal *signal;
	int64_t type;
	size_t index;

	if (!named_signal(p, &message, &index))
		return;
	(void)dbc_lex_char(&p->lex, ':');
	if (!dbc_lex_integer(&p->lex, &type))
		return;
	signal = &message->signals[index];
	if (type == 1 && signal->bits.length == 32)
		signal->type = DBC_FLOAT;
	else if (type == 2 && signal->bits.length == 64)
		signal->type = DBC_DOUBLE;
}

/* "3-5," of a SG_MUL_VAL_; the end of the line or ';' ends it. */
static bool
one_range(struct parser *p, struct dbc_range *range)
{
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
static void
ranges_line(struct parser *p)
{
	struct dbc_message *message;
	struct dbc_range range, *ranges = NULL;
	struct dbc_word selector;
	size_t index, count = 0;

	if (!named_signal(p, &message, &index) ||
	    !dbc_lex_word(&p->lex, &selector))
		return;
	while (one_range(p, &range)) {
		struct dbc_range *more =
		    arena_alloc(&p->dbc->arena, (count + 1) * sizeof(*more));

		if (count > 0)
			memcpy(more, ranges, count * sizeof(*more));
		more[count++] = range;
		ranges = more;
		if (count >= 1024)
			break;
	}
	for (size_t s = 0; count > 0 && s < message->count; s++) {
		if (s == index ||
		    !dbc_word_is(&selector, message->signals[s].name))
			continue;
		message->signals[index].selected_by = (int32_t)s;
		message->signals[index].ranges = ranges;
		message->signals[index].range_count = count;
	}
}

/* NS_ lists keywords, one a line, that are no statements. */
static void
keyword_list(struct parser *p)
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

static int
statement(struct parser *p)
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
	if (dbc_word_is(&word, "SIG_VALTYPE_"))
		float_line(p);
	if (dbc_word_is(&word, "SG_MUL_VAL_"))
		ranges_line(p);
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

struct dbc *
dbc_parse(const char *text, size_t size, struct failure *why)
{
	struct dbc *dbc = mem_zero(1, sizeof(*dbc));
	struct parser p = {
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
	for (size_t m = 0; m < dbc->count; m++)
		link_selectors(&dbc->messages[m]);
	return dbc;
}
