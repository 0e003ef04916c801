/* What each rule finds and makes of it: the rules are run one by one. */
#include <string.h>

#include "profile/explain.h"

struct explain {
	struct work work;
	struct reading reading;
	const struct reading *final; /* NULL: none came out */
	struct buf *out;
	size_t last[MEASUREMENT_COUNT]; /* rule that set it last, and 1 */
};

/* What a rule may change, as it was before it. */
struct before {
	size_t used, text_size, notes_size;
	unsigned refused;
	bool had, seen;
	union reading_value value;
};

static bool
is_text(const struct rule *rule)
{
	int shape = measurement_table[rule->measurement].shape;

	return shape == SHAPE_CODES || shape == SHAPE_MAP;
}

static struct growing *
text_of(struct explain *x, const struct rule *rule)
{
	if (rule->measurement == MEASUREMENT_fault_codes)
		return &x->work.text[TEXT_FAULTS];
	return &x->work.text[rule->measurement == MEASUREMENT_warning_codes
		? TEXT_WARNINGS
		: TEXT_PROTECTION];
}

/* Run one rule; what it sets shows, whatever was there before. */
static void
run(struct explain *x, const struct rule *rule, struct before *before)
{
	struct reading *r = &x->reading;

	before->had = reading_has(r, rule->measurement);
	before->value = r->value[rule->measurement];
	before->notes_size = x->work.text[TEXT_NOTES].size;
	before->refused = x->work.refused;
	if (is_text(rule)) {
		before->text_size = text_of(x, rule)->size;
		before->seen = text_of(x, rule)->seen;
		text_of(x, rule)->seen = false;
	}
	if (rule->is_list) {
		struct work_list *list = &x->work.list[rule->list];

		before->used =
		    list->used > list->told ? list->used : list->told;
	}
	reading_unset(r, rule->measurement);
	work_rule(&x->work, rule);
}

/* After it: what it did not set is as it was. */
static void
settle(struct explain *x, const struct rule *rule, const struct before *before)
{
	struct reading *r = &x->reading;

	if (!reading_has(r, rule->measurement) && before->had) {
		r->value[rule->measurement] = before->value;
		r->present |= UINT64_C(1) << rule->measurement;
	}
	if (is_text(rule))
		text_of(x, rule)->seen |= before->seen;
}

/* Why a rule found nothing: by its first place, or the first condition. */
static void
put_reason(struct explain *x, const struct rule *rule)
{
	const struct evidence *e = &x->work.evidence;
	struct raw raw;

	if (!evidence_holds(e, rule->when, rule->when_count)) {
		buf_text(x->out, "nothing, a condition does not hold");
		return;
	}
	if (rule->source == NULL) {
		buf_text(x->out, "nothing");
		return;
	}
	evidence_item(e, rule, 0, &raw);
	if (raw.kind == RAW_NONE)
		buf_text(x->out, "absent, not in the frame");
	else if (raw.kind == RAW_UNSET)
		buf_text(x->out, "absent, the device has it not");
	else if (raw.kind == RAW_TEXT && rule->action != RULE_STRING)
		buf_text(x->out, "absent, no number");
	else if (!work_known(rule, &raw))
		buf_text(x->out, "absent, marked as not implemented");
	else if (rule->action == RULE_WORD || rule->action == RULE_CHOICE)
		buf_text(x->out, "nothing, the raw value stands for none");
	else
		buf_text(x->out, "absent");
}

static void
put_list(struct explain *x, const struct rule *rule, const struct before *was)
{
	const struct work_list *list = &x->work.list[rule->list];
	const struct measurement *m = &measurement_table[rule->measurement];
	size_t from = rule->append || rule->action == RULE_BIT_LIST
	    ? was->used
	    : rule->index;
	size_t end = from;
	bool any = false;

	for (size_t i = from; i < list->used; i++)
		if (list->item[i] != READING_ITEM_UNKNOWN &&
		    (rule->append || rule->action == RULE_BIT_LIST ||
			i < from + rule->count))
			end = i + 1;
	for (size_t i = from; i < end; i++) {
		if (any)
			buf_text(x->out, ", ");
		if (!any && from > 0)
			buf_print(x->out, "from item %zu on ", from);
		any = true;
		if (list->item[i] == READING_ITEM_UNKNOWN)
			buf_text(x->out, "unknown");
		else
			buf_scaled(x->out, list->item[i], m->decimals);
	}
	if (any)
		explain_unit(x->out, m);
	else if (rule->action == RULE_BIT_LIST && list->known)
		buf_text(x->out, "none");
	else
		put_reason(x, rule);
}

static void
put_codes(struct explain *x, const struct rule *rule, const struct before *was)
{
	const struct growing *text = text_of(x, rule);

	if (text->size > was->text_size)
		buf_put(x->out, text->data + was->text_size + 1,
		    text->size - was->text_size - 1);
	else if (text->seen)
		buf_text(x->out, "none");
	else
		put_reason(x, rule);
}

/* What was refused or noted, in the words of the reading's notes. */
static void
put_notes(struct explain *x, const struct before *was, bool behind)
{
	const struct growing *notes = &x->work.text[TEXT_NOTES];

	if (notes->size <= was->notes_size)
		return;
	buf_text(x->out, behind ? ", " : "");
	buf_text(
	    x->out, x->work.refused > was->refused ? "refused: " : "noted: ");
	buf_put(x->out, notes->data + was->notes_size + 1,
	    notes->size - was->notes_size - 1);
}

/* Does the reading have another number than the rules gave? */
static bool
derived(const struct explain *x, int id)
{
	return measurement_table[id].derived && x->final != NULL &&
	    reading_has(x->final, id) &&
	    (!reading_has(&x->reading, id) ||
		x->final->value[id].number != x->reading.value[id].number);
}

/* What became of a value behind its rule. */
static void
put_fate(struct explain *x, size_t i)
{
	int id = x->work.profile->rules[i].measurement;

	if (x->last[id] != i + 1)
		buf_text(x->out, " (replaced by a later rule)");
	else if (derived(x, id))
		buf_text(x->out, " (replaced by what is derived)");
	else if (x->final != NULL && !reading_has(x->final, id))
		buf_text(x->out, " (left out of the reading)");
}

/* The line with what came out. */
static void
put_result(struct explain *x, size_t i, const struct before *was)
{
	const struct rule *rule = &x->work.profile->rules[i];
	bool set = reading_has(&x->reading, rule->measurement);
	bool noted = x->work.text[TEXT_NOTES].size > was->notes_size;

	buf_print(x->out, "%s: ", measurement_table[rule->measurement].name);
	if (rule->is_list)
		put_list(x, rule, was);
	else if (is_text(rule))
		put_codes(x, rule, was);
	else if (set)
		explain_value(x->out, &x->reading, rule->measurement);
	else if (!noted)
		put_reason(x, rule);
	put_notes(x, was, rule->is_list || is_text(rule) || set);
	if (!rule->is_list && !is_text(rule) && set)
		put_fate(x, i);
	buf_char(x->out, '\n');
}

static void
put_source(struct explain *x, const struct source *source, uint32_t step,
    unsigned index, const char *before)
{
	buf_print(x->out, "    %s", before);
	explain_place(x->out, x->work.profile, source, step);
	buf_text(x->out, ": ");
	explain_raw(x->out, &x->work.evidence, source, step, index);
}

/* Every place that a rule looks at; those behind the end of a list that are
 * not in the frame are left out. */
static void
put_sources(struct explain *x, const struct rule *rule)
{
	struct raw raw;

	for (unsigned i = 0; rule->source != NULL && i < rule->count; i++) {
		bool minus =
		    rule->action == RULE_SUM && (rule->minus >> i & 1) != 0;
		bool one = rule->stride != 0 || rule->of_array;

		evidence_item(&x->work.evidence, rule, i, &raw);
		if (raw.kind == RAW_NONE && i > 0)
			continue;
		put_source(x, one ? rule->source : rule->source + i,
		    i * rule->stride, rule->of_array ? i : 0,
		    minus ? "minus " : "");
		if ((raw.kind == RAW_INTEGER || raw.kind == RAW_REAL) &&
		    !work_known(rule, &raw))
			buf_text(x->out, ", not implemented");
		buf_char(x->out, '\n');
	}
	if (rule->counter != NULL) {
		put_source(x, rule->counter, 0, 0,
		    rule->count_is_mask ? "as many as bits in "
					: "as many as ");
		buf_char(x->out, '\n');
	}
	if (rule->per != NULL) {
		put_source(x, rule->per, 0, 0, "divided by ");
		buf_char(x->out, '\n');
	}
	if (rule->exponent != NULL) {
		put_source(x, rule->exponent, 0, 0, "times 10 to the ");
		buf_char(x->out, '\n');
	}
}

static void
put_rule(struct explain *x, size_t i)
{
	const struct rule *rule = &x->work.profile->rules[i];
	struct before before;

	run(x, rule, &before);
	put_result(x, i, &before);
	for (size_t k = 0; k < rule->when_count; k++)
		explain_condition(x->out, &x->work.evidence, &rule->when[k]);
	put_sources(x, rule);
	explain_scaling(x->out, rule);
	settle(x, rule, &before);
}

static int
start(struct explain *x, const struct frame *frame, struct failure *why)
{
	reading_clear(&x->reading);
	x->reading.kind = x->work.profile->kind;
	x->work.reading = &x->reading;
	work_open(&x->work);
	return evidence_open(
	    &x->work.evidence, x->work.profile, frame, x->work.arena, why);
}

/* Which rule has the last word on each measurement. */
static int
find_last(struct explain *x, const struct frame *frame, struct failure *why)
{
	const struct profile *p = x->work.profile;
	struct before before;
	int status = start(x, frame, why);

	for (size_t i = 0; status == 0 && i < p->rule_count; i++) {
		run(x, &p->rules[i], &before);
		if (reading_has(&x->reading, p->rules[i].measurement))
			x->last[p->rules[i].measurement] = i + 1;
		settle(x, &p->rules[i], &before);
	}
	evidence_close(&x->work.evidence);
	return status;
}

static int
put_rules(struct explain *x, const struct frame *frame, struct failure *why)
{
	const struct profile *p = x->work.profile;
	int status = find_last(x, frame, why);

	if (status != 0)
		return status;
	status = start(x, frame, why);
	for (size_t i = 0; status == 0 && i < p->rule_count; i++)
		if (explain_concerns(&x->work.evidence, &p->rules[i]))
			put_rule(x, i);
	evidence_close(&x->work.evidence);
	return status;
}

/* What the reading has that no rule gave. */
static void
put_rest(struct explain *x)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++) {
		bool quality = id == MEASUREMENT_data_quality;
		bool filled = id == MEASUREMENT_notes ||
		    id == MEASUREMENT_operation_mode ||
		    id == MEASUREMENT_balancing_active;

		if (!derived(x, id) &&
		    (!(quality || filled) || !reading_has(x->final, id) ||
			x->last[id] != 0))
			continue;
		buf_print(x->out, "%s: ", measurement_table[id].name);
		explain_value(x->out, x->final, id);
		buf_text(x->out,
		    quality || id == MEASUREMENT_notes ? "\n" : ", derived\n");
	}
}

int
profile_explain(const struct profile *profile, const struct frame *frame,
    struct arena *arena, struct buf *out, struct failure *why)
{
	struct explain x = { .out = out };
	struct reading reading;
	int status;

	x.work.profile = profile;
	x.work.arena = arena;
	buf_text(out, "frame ");
	buf_time(out, frame->time_ms);
	buf_print(out, " of %s/%s, profile %s, %s%s\n", frame->tenant,
	    frame->device, profile->name, frame_protocol_names[frame->protocol],
	    frame->complete ? "" : ", not complete");
	if (frame->error[0] != '\0')
		buf_print(out, "error: %s\n", frame->error);
	status = profile_decode(profile, frame, arena, &reading, why);
	if (status == 0)
		x.final = &reading;
	if (frame->protocol != profile->protocol || frame->count == 0)
		return status;
	if (profile->protocol == FRAME_CAN)
		explain_messages(out, profile, frame);
	if (profile->protocol == FRAME_SERIAL)
		explain_lines(out, profile, frame);
	if (put_rules(&x, frame, why) != 0)
		return -1;
	if (status == 0)
		put_rest(&x);
	buf_char(out, '\n');
	return status;
}
