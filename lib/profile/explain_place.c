/* Places of raw values in words: registers, signals, items, and bytes. */
#include <string.h>

#include "base/num.h"
#include "profile/explain.h"
#include "profile/framing.h"
#include "profile/load.h"

static void
put_address(struct buf *out, uint32_t address)
{
	buf_print(out, "%u", address);
	if (address > 255)
		buf_print(out, " (0x%x)", address);
}

/* "message 0x356 values, signal voltage" */
static void
put_signal(struct buf *out, const struct profile *p, uint32_t slot)
{
	for (size_t m = 0; m < p->message_count; m++) {
		const struct can_message *message = &p->messages[m];

		for (size_t i = 0; i < message->count; i++) {
			const struct can_pick *pick =
			    &p->picks[message->first + i];

			if (pick->slot != slot)
				continue;
			buf_print(out,
			    "message 0x%x %s, signal %s (%u bits from %u, %s)",
			    message->id, message->message->name,
			    pick->signal->name, pick->bits.length,
			    pick->bits.start,
			    pick->bits.motorola ? "big endian"
						: "little endian");
			return;
		}
	}
}

/* "Meas/rPackVoltage_V or Meas/rBat_V" */
static void
put_item(struct buf *out, const char *name)
{
	buf_text(out, "item ");
	for (; *name != '\0'; name++)
		if (*name == '|')
			buf_text(out, " or ");
		else
			buf_char(out, *name);
}

static void
put_bytes_place(
    struct buf *out, const struct profile *p, const struct source *source)
{
	const char *of = "register";

	if (p->framing != NULL && p->framing->has_parts) {
		buf_print(out, "%s 0x%x, part %u, ", p->framing->member,
		    source->address >> 16 & 255, source->address >> 24);
		of = "byte";
	} else if (p->framing != NULL || p->sunspec) {
		buf_print(out, "%s %u (0x%x), ",
		    p->sunspec ? "model" : p->framing->member,
		    source->address >> 16, source->address >> 16);
		if (p->sunspec && SUNSPEC_INSTANCE(source->address) > 0)
			buf_print(out, "instance %u, ",
			    SUNSPEC_INSTANCE(source->address));
		of = p->sunspec ? "register" : "byte";
	} else {
		buf_print(out, "function %u, ", source->function);
		if (source->type == SOURCE_COILS)
			of = "coil";
	}
	buf_print(out, "%s ", of);
}

void
explain_place(struct buf *out, const struct profile *profile,
    const struct source *source, uint32_t step)
{
	uint32_t address = source->address + step;

	if (source->type == SOURCE_SLOT) {
		put_signal(out, profile, address);
	} else if (source->type == SOURCE_ITEM) {
		put_item(out, profile->items[address]);
	} else {
		put_bytes_place(out, profile, source);
		put_address(out,
		    profile->sunspec               ? SUNSPEC_REGISTER(address)
			: profile->framing != NULL ? address & UINT16_MAX
						   : address);
	}
	if (source->bits == 1)
		buf_print(out, ", bit %u", source->shift);
	else if (source->bits > 1)
		buf_print(out, ", bits %u to %u", source->shift,
		    source->shift + source->bits - 1U);
}

bool
explain_concerns(const struct evidence *evidence, const struct rule *rule)
{
	const struct source *source = rule->source;

	return !evidence->profile->sunspec || source == NULL ||
	    evidence_bytes(evidence, source->function,
		source->address - SUNSPEC_REGISTER(source->address), 2) != NULL;
}

static void
put_bytes(struct buf *out, const struct evidence *e,
    const struct source *source, uint32_t step)
{
	const uint8_t *data;

	if (source->type == SOURCE_SLOT || source->type == SOURCE_ITEM ||
	    source->type == SOURCE_COILS)
		return;
	data = evidence_bytes(
	    e, source->function, source->address + step, source->size);
	if (data == NULL)
		return;
	buf_hex(out, data, source->size);
	buf_text(out, " = ");
}

void
explain_raw(struct buf *out, const struct evidence *evidence,
    const struct source *source, uint32_t step, unsigned index)
{
	struct raw raw;

	evidence_raw(evidence, source, step, index, &raw);
	put_bytes(out, evidence, source, step);
	switch (raw.kind) {
	case RAW_NONE:
		buf_text(out, "not in the frame");
		break;
	case RAW_UNSET:
		buf_text(out, "not implemented");
		break;
	case RAW_INTEGER:
		buf_integer(out, raw.number);
		break;
	case RAW_REAL:
		buf_print(out, "%.9g", raw.real);
		break;
	case RAW_TEXT:
		json_put_text(out, raw.text, raw.text_size);
		break;
	}
}

void
explain_condition(struct buf *out, const struct evidence *evidence,
    const struct condition *condition)
{
	const struct condition *c = condition;

	buf_text(out, "    when ");
	explain_place(out, evidence->profile, &c->source, 0);
	buf_text(out, c->negate ? " is not " : " is ");
	if (c->low == c->high)
		buf_integer(out, c->low);
	else if (c->high == INT64_MAX)
		buf_print(out, "above %lld", (long long)c->low - 1);
	else
		buf_print(out, "below %lld", (long long)c->high + 1);
	buf_text(out, ": ");
	explain_raw(out, evidence, &c->source, 0, 0);
	buf_text(out,
	    evidence_holds(evidence, c, 1) ? ", holds\n" : ", does not hold\n");
}

void
explain_messages(
    struct buf *out, const struct profile *profile, const struct frame *frame)
{
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_can *can = &frame->part.can[i];

		buf_text(out, "    ");
		frame_can_print(can, out);
		if (profile_can_key(profile, can) < 0)
			buf_text(out, ", not of this profile");
		buf_char(out, '\n');
	}
}

/* A line that holds a frame whose proof is wrong. */
static bool
is_damaged(const struct framing *framing, const struct frame_answer *line,
    struct buf *bytes)
{
	struct framing_found found;
	size_t size = line->text_size;
	uint8_t *data = (uint8_t *)buf_reserve(bytes, size + 1);
	long got = (long)size;

	if (framing->text) {
		memcpy(data, line->text, size);
		data[got++] = '\r';
	} else {
		got = num_hex(line->text, size, data, size);
	}
	return got > 0 &&
	    framing_next(framing, data, (size_t)got, &found) == FRAMING_WRONG;
}

void
explain_lines(
    struct buf *out, const struct profile *profile, const struct frame *frame)
{
	const struct framing *framing = profile->framing;
	struct buf bytes = { 0 };

	if (framing == NULL || framing->look == NULL)
		return;
	for (size_t i = 0; i < frame->count; i++)
		if (is_damaged(framing, &frame->part.answer[i], &bytes))
			buf_print(
			    out, "    line %zu: its checksum is wrong\n", i);
	buf_free(&bytes);
}

void
explain_scaling(struct buf *out, const struct rule *rule)
{
	const struct measurement *m = &measurement_table[rule->measurement];
	double unit =
	    m->shape == SHAPE_TIME ? 1000 : (double)num_power10(m->decimals);
	double factor = rule->scaling.factor / unit;
	double offset = rule->scaling.offset / unit;
	bool plain = factor >= 1 && factor <= 1;

	if (rule->action != RULE_NUMBER && rule->action != RULE_SUM)
		return;
	if (!plain)
		buf_print(out, "    x %.9g\n", factor);
	if (offset < 0 || offset > 0)
		buf_print(out, "    %s %.9g\n", offset < 0 ? "-" : "+",
		    offset < 0 ? -offset : offset);
}

void
explain_unit(struct buf *out, const struct measurement *m)
{
	if (m->unit[0] != '\0')
		buf_print(out, " %s", m->unit);
}

void
explain_value(struct buf *out, const struct reading *reading, int id)
{
	struct buf text = { 0 };
	const char *value;

	reading_print_one(reading, id, &text);
	buf_char(&text, '\0');
	value = strchr(text.data, ':');
	buf_text(out, value == NULL ? text.data : value + 1);
	explain_unit(out, &measurement_table[id]);
	buf_free(&text);
}
