/* A scanner: each token is known to it or refused. */
#include "store/rule_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum token {
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_STRING,
	TOKEN_NAME,
	TOKEN_COMPARE,
	TOKEN_OPERATOR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_BAD
};

struct scan {
	const char *text, *at; /* where the token starts */
	size_t size; /* of the token */
	enum token token;
	int depth;
	struct rule_text *out;
	struct buf *side; /* where a copy goes: left, right or NULL */
};

static const char *const own_names[] = { "rated_voltage", "rated_capacity_ah",
	"rated_capacity_wh", "rated_cells", "limit_voltage_min",
	"limit_voltage_max", "limit_temp_min", "limit_temp_max",
	"limit_charge_current", "limit_discharge_current", "silent_minutes" };
_Static_assert(
    sizeof(own_names) / sizeof(own_names[0]) == RULE_NAMES - MEASUREMENT_COUNT,
    "a word for each name");

static const char *const functions[] = { "abs", "coalesce", "glob", "ifnull",
	"iif", "instr", "json_array_length", "json_extract", "length", "like",
	"lower", "max", "min", "nullif", "round", "substr", "upper" };
static const char *const keywords[] = { "and", "or", "not", "in", "is", "null",
	"between", "like", "glob", "case", "when", "then", "else", "end",
	"true", "false" };

static const char *const side_ends[] = { "and", "or", "not", "between",
	"case" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
among(const char *const *words, size_t count, const char *word, size_t size)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == size &&
		    strncasecmp(words[i], word, size) == 0)
			return true;
	return false;
}

bool
rule_function(const char *name, size_t size)
{
	return among(functions, COUNT(functions), name, size);
}

static int
find_name(const char *word, size_t size)
{
	for (size_t i = 0; i < COUNT(own_names); i++)
		if (strlen(own_names[i]) == size &&
		    memcmp(own_names[i], word, size) == 0)
			return MEASUREMENT_COUNT + (int)i;
	return measurement_find(word, size);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    is_digit(c);
}

static size_t
number_size(const char *at)
{
	size_t size = strspn(at, "0123456789");

	if (at[size] == '.')
		size += 1 + strspn(at + size + 1, "0123456789");
	if (at[size] == 'e' || at[size] == 'E') {
		size_t sign = at[size + 1] == '+' || at[size + 1] == '-';
		size_t power = strspn(at + size + 1 + sign, "0123456789");

		if (power > 0)
			size += 1 + sign + power;
	}
	return is_word(at[size]) || at[size] == '.' ? 0 : size;
}

/* With '' for a quote in it; 0 if it does not end. */
static size_t
string_size(const char *at)
{
	size_t size = 1;

	for (;;) {
		size += strcspn(at + size, "'");
		if (at[size] == '\0')
			return 0;
		if (at[size + 1] != '\'')
			return size + 1;
		size += 2;
	}
}

static enum token
sign(const char *at, size_t *size)
{
	static const char *const compares[] = { "<=", ">=", "==", "!=", "<>",
		"<", ">", "=" };
	static const char *const operators[] = { "||", "+", "-", "*", "/",
		"%" };

	/* comments, and operators that reach into JSON */
	if (strncmp(at, "--", 2) == 0 || strncmp(at, "/*", 2) == 0 ||
	    strncmp(at, "->", 2) == 0)
		return TOKEN_BAD;
	for (size_t i = 0; i < COUNT(compares); i++)
		if (strncmp(at, compares[i], strlen(compares[i])) == 0) {
			*size = strlen(compares[i]);
			return TOKEN_COMPARE;
		}
	for (size_t i = 0; i < COUNT(operators); i++)
		if (strncmp(at, operators[i], strlen(operators[i])) == 0) {
			*size = strlen(operators[i]);
			return TOKEN_OPERATOR;
		}
	return TOKEN_BAD;
}

static enum token
look(const char *at, size_t *size)
{
	*size = 1;
	switch (*at) {
	case '\0':
		return TOKEN_END;
	case '(':
		return TOKEN_OPEN;
	case ')':
		return TOKEN_CLOSE;
	case ',':
		return TOKEN_COMMA;
	case '\'':
		*size = string_size(at);
		return *size == 0 ? TOKEN_BAD : TOKEN_STRING;
	default:
		break;
	}
	if (is_digit(*at) || (*at == '.' && is_digit(at[1]))) {
		*size = number_size(at);
		return *size == 0 ? TOKEN_BAD : TOKEN_NUMBER;
	}
	if (!is_word(*at))
		return sign(at, size);
	while (is_word(at[*size]))
		++*size;
	return TOKEN_NAME;
}

static void
next(struct scan *scan)
{
	scan->at += scan->size;
	scan->at += strspn(scan->at, " \t\n");
	scan->token = look(scan->at, &scan->size);
}

static int
refuse(const struct scan *scan, const char *what, struct failure *why)
{
	return failure_set(why, EXIT_WRONG, "%s at column %zu: \"%.24s\"", what,
	    (size_t)(scan->at - scan->text) + 1, scan->at);
}

static void
copy(struct scan *scan, const char *text, size_t size)
{
	buf_put(&scan->out->sql, text, size);
	buf_char(&scan->out->sql, ' ');
	if (scan->side != NULL) {
		buf_put(scan->side, text, size);
		buf_char(scan->side, ' ');
	}
}

static int
take_name(struct scan *scan, struct failure *why)
{
	const char *after = scan->at + scan->size;
	char parameter[16];
	int name;

	if (after[strspn(after, " \t\n")] == '(' &&
	    rule_function(scan->at, scan->size)) {
		copy(scan, scan->at, scan->size);
		return 0;
	}
	if (among(keywords, COUNT(keywords), scan->at, scan->size)) {
		/* a side ends where another condition begins */
		if (scan->depth == 0 &&
		    among(side_ends, COUNT(side_ends), scan->at, scan->size))
			scan->side = NULL;
		copy(scan, scan->at, scan->size);
		return 0;
	}
	name = find_name(scan->at, scan->size);
	if (name == -1)
		return refuse(scan, "unknown name", why);
	scan->out->names[name / 64] |= UINT64_C(1) << name % 64;
	if (scan->out->first == -1)
		scan->out->first = name;
	snprintf(parameter, sizeof(parameter), "?%d", name + 1);
	copy(scan, parameter, strlen(parameter));
	return 0;
}

static int
take(struct scan *scan, struct failure *why)
{
	struct rule_text *out = scan->out;

	switch (scan->token) {
	case TOKEN_BAD:
		return refuse(scan, "not understood", why);
	case TOKEN_NAME:
		return take_name(scan, why);
	case TOKEN_OPEN:
		if (++scan->depth > RULE_DEPTH_MAX)
			return refuse(scan, "too deep", why);
		break;
	case TOKEN_CLOSE:
		if (scan->depth-- == 0)
			return refuse(scan, "nothing to close", why);
		break;
	case TOKEN_COMMA:
		if (scan->depth == 0)
			return refuse(scan, "comma", why);
		break;
	case TOKEN_COMPARE:
		if (scan->depth == 0 && scan->side == &out->left) {
			scan->side = NULL;
			copy(scan, scan->at, scan->size);
			scan->side = &out->right;
			return 0;
		}
		break;
	default:
		break;
	}
	copy(scan, scan->at, scan->size);
	return 0;
}

int
rule_translate(const char *text, struct rule_text *out, struct failure *why)
{
	struct scan scan = {
		.text = text, .at = text, .out = out, .side = &out->left
	};

	*out = (struct rule_text){ .first = -1 };
	if (strlen(text) > RULE_TEXT_MAX)
		return failure_set(
		    why, EXIT_WRONG, "longer than %d bytes", RULE_TEXT_MAX);
	for (next(&scan); scan.token != TOKEN_END; next(&scan))
		if (take(&scan, why) == -1)
			return -1;
	if (scan.depth != 0)
		return refuse(&scan, "a parenthesis is not closed", why);
	if (out->sql.size == 0)
		return failure_set(why, EXIT_WRONG, "empty");
	if (out->right.size == 0)
		buf_clear(&out->left);
	return 0;
}

void
rule_text_free(struct rule_text *text)
{
	buf_free(&text->sql);
	buf_free(&text->left);
	buf_free(&text->right);
}
