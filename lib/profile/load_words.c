/* Words that a DBC file has for raw values, as a profile uses them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "profile/load.h"

#define CODE_MAX 64 /* bytes of a code made of a word */

static const struct dbc_signal *
signal_of(const struct loader *l, const struct rule *rule)
{
	if (rule->source == NULL || rule->source->type != SOURCE_SLOT)
		return NULL;
	return load_slot_signal(l->profile, rule->source->address);
}

bool
load_word(const struct loader *l, const struct rule *rule, const char *text,
    int64_t *raw)
{
	const struct dbc_signal *signal = signal_of(l, rule);

	for (size_t i = 0; signal != NULL && i < signal->choice_count; i++)
		if (strcmp(signal->choices[i].text, text) == 0) {
			*raw = signal->choices[i].raw;
			return true;
		}
	return false;
}

/* "Cell over-voltage (L2)" becomes cell_over_voltage_l2. */
static void
make_code(const char *text, char code[CODE_MAX])
{
	size_t used = 0;
	bool gap = false;

	for (; *text != '\0' && used < CODE_MAX - 2; text++) {
		char c = *text;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
			gap = used > 0;
			continue;
		}
		if (gap)
			code[used++] = '_';
		gap = false;
		code[used++] = c;
	}
	code[used] = '\0';
}

/* What a word stands for; NULL: nothing. */
static json_t *
meaning(const struct rule *rule, const struct dbc_choice *choice)
{
	const struct measurement *m = &measurement_table[rule->measurement];
	char code[CODE_MAX];

	if (m->shape == SHAPE_TEXT)
		return json_string(choice->text);
	make_code(choice->text, code);
	if (m->shape == SHAPE_WORD)
		return measurement_word(rule->measurement, code, strlen(code)) <
			0
		    ? NULL
		    : json_string(code);
	/* of codes 0 is that all is well */
	return choice->raw == 0 || code[0] == '\0' ? json_null()
						   : json_string(code);
}

json_t *
load_words(struct loader *l, const struct rule *rule)
{
	const struct dbc_signal *signal = signal_of(l, rule);
	json_t *table = json_object(), *one;
	char key[24];

	for (size_t i = 0; signal != NULL && i < signal->choice_count; i++) {
		one = meaning(rule, &signal->choices[i]);
		if (one == NULL)
			continue;
		snprintf(key, sizeof(key), "%lld",
		    (long long)signal->choices[i].raw);
		json_object_set_new(table, key, one);
	}
	if (json_object_size(table) > 0)
		return table;
	json_decref(table);
	failure_set(
	    l->why, EXIT_WRONG, "values: the DBC file has no words for it");
	return NULL;
}
