/* Flags, words and codes: the shorter way of rules for states. */
#include "profile/fast.h"

/* Whole bytes of coils; others take the long way. */
static bool
coils(const struct evidence *e, const struct source *source, int64_t *raw)
{
	size_t i = source->function > 2 ? 0 : e->coils_from;

	for (; i < e->piece_count; i++) {
		const struct piece *piece = &e->pieces[i];
		uint32_t offset = source->address - piece->first;

		if (source->address < piece->first ||
		    piece->function != source->function ||
		    offset + source->size > piece->size * 8)
			continue;
		*raw = piece->data[offset / 8] >> offset % 8;
		if (offset % 8 + source->size > 8) {
			struct raw whole;

			evidence_raw(e, source, 0, 0, &whole);
			*raw = whole.number;
		}
		if (source->size < 8)
			*raw &= (1 << source->size) - 1;
		return true;
	}
	return false;
}

static bool
state_raw(const struct evidence *e, const struct source *source, int64_t *raw)
{
	const uint8_t *data;

	if (source->type == SOURCE_SLOT)
		return evidence_slot(e, source->address, raw);
	if (source->type == SOURCE_COILS)
		return coils(e, source, raw);
	data = evidence_bytes(e, source->function, source->address, 2);
	if (data != NULL)
		*raw = source_register(source, data);
	return data != NULL;
}

/* Codes of the bits that are set, or the word of the number. */
static void
chosen(struct work *work, const struct rule *rule, int64_t raw)
{
	enum work_text which = rule->measurement == MEASUREMENT_fault_codes
	    ? TEXT_FAULTS
	    : TEXT_WARNINGS;

	if (rule->action == RULE_BITS) {
		work->text[which].seen = true;
		if (raw == 0)
			return;
	}
	for (size_t i = 0; i < rule->choice_count; i++) {
		const struct choice *choice = &rule->choices[i];

		if (choice->word < 0)
			continue;
		if (rule->action == RULE_WORD && choice->raw == raw)
			reading_set(
			    work->reading, rule->measurement, choice->word);
		else if (rule->action == RULE_BITS &&
		    ((uint64_t)raw >> choice->raw & 1) != 0)
			work_text(work, which, choice->json, choice->json_size);
	}
}

void
fast_state(struct work *work, const struct rule *rule)
{
	int64_t raw;
	bool set;

	if (!state_raw(&work->evidence, rule->source, &raw))
		return;
	if (rule->action != RULE_FLAG) {
		chosen(work, rule, raw);
		return;
	}
	set = rule->has_set ? raw == rule->set : raw != 0;
	reading_set(work->reading, rule->measurement, set != rule->invert);
}

/* Are so many coils off, and perhaps some around them? */
static bool
all_off(const struct piece *piece, uint32_t from, uint32_t count)
{
	const uint8_t *at = piece->data + from / 8;
	const uint8_t *end = piece->data + (from + count + 7) / 8;
	uint8_t any = 0;

	for (; at < end; at++)
		any |= *at;
	return any == 0;
}

bool
fast_quiet(struct work *work, const struct rule *rule)
{
	const struct evidence *e = &work->evidence;

	for (size_t i = e->coils_from; i < e->piece_count; i++) {
		const struct piece *piece = &e->pieces[i];
		uint32_t from = rule->run_first - piece->first;

		if (rule->run_first < piece->first ||
		    piece->function != rule->source->function ||
		    from + rule->run_coils > piece->size * 8)
			continue;
		if (!all_off(piece, from, rule->run_coils))
			return false;
		work->text[TEXT_FAULTS].seen |= rule->run_faults;
		work->text[TEXT_WARNINGS].seen |= rule->run_warnings;
		return true;
	}
	return false;
}
