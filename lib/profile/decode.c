/* profile_decode: a frame to a reading, and how much of it is trusted. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "profile/work.h"

#define NOTES_MAX 32

static bool
contains(const struct growing *text, const char *json, size_t size)
{
	return text->size > 0 &&
	    memmem(text->data, text->size, json, size) != NULL;
}

/* Room for `more` bytes, two for the brackets and the NUL included. */
static char *
grow(struct work *work, struct growing *text, size_t more)
{
	size_t room = text->room == 0 ? 256 : text->room;
	char *data;

	if (text->size + more > READING_TEXT_MAX - 2)
		return NULL;
	while (room < text->size + more + 3)
		room *= 2;
	if (room != text->room) {
		data = arena_alloc(work->arena, room);
		if (text->size > 0)
			memcpy(data, text->data, text->size);
		text->data = data;
		text->room = room;
	}
	if (text->size == 0)
		text->data[text->size++] = '[';
	else
		text->data[text->size++] = ',';
	return text->data + text->size;
}

void
work_text(
    struct work *work, enum work_text which, const char *json, size_t size)
{
	struct growing *text = &work->text[which];
	char *at;

	text->seen = true;
	if (contains(text, json, size) ||
	    (at = grow(work, text, size + 1)) == NULL)
		return;
	memcpy(at, json, size);
	text->size += size;
}

void
work_pair(struct work *work, enum work_text which, const char *name,
    size_t size, bool value)
{
	struct growing *text = &work->text[which];
	char *at = grow(work, text, size + 6);

	if (at == NULL)
		return;
	memcpy(at, name, size);
	memcpy(at + size, value ? "true" : "false", 5);
	text->size += size + (value ? 4 : 5);
}

void
work_note(struct work *work, const char *text)
{
	struct buf json = { 0 };

	json_put_text(&json, text, strlen(text));
	work_text(work, TEXT_NOTES, json.data, json.size);
	buf_free(&json);
}

static void
put_unit(struct buf *out, const char *unit)
{
	if (unit[0] != '\0') {
		buf_char(out, ' ');
		buf_text(out, unit);
	}
}

void
work_refuse(
    struct work *work, const struct rule *rule, int index, const int64_t *value)
{
	const struct measurement *m = &measurement_table[rule->measurement];
	struct buf text = { 0 };
	bool above = value != NULL && *value > rule->high;
	int64_t limit = above ? rule->high : rule->low;
	unsigned decimals = m->decimals;
	bool counted = m->shape == SHAPE_LIST && index < 0;

	if (++work->refused > NOTES_MAX)
		return;
	buf_text(&text, m->name);
	if (index >= 0)
		buf_print(&text, "[%d]", index);
	if (value == NULL) {
		buf_text(&text, counted ? " more than can be" : " too large");
	} else {
		while (decimals > 0 && limit % 10 == 0) {
			limit /= 10;
			decimals--;
		}
		buf_char(&text, ' ');
		buf_scaled(&text, *value, m->decimals);
		put_unit(&text, m->unit);
		buf_text(&text, above ? " above " : " below ");
		buf_scaled(&text, limit, decimals);
		put_unit(&text, m->unit);
	}
	work_note(work, text.data);
	buf_free(&text);
}

static void
open_lists(struct work *work)
{
	const struct profile *p = work->profile;

	for (size_t i = 0; i < p->list_count; i++) {
		struct work_list *list = &work->list[i];

		list->item = arena_alloc(
		    work->arena, (p->list_size[i] + 1) * sizeof(int32_t));
		list->filled = list->used = list->told = 0;
		list->known = false;
	}
}

static void
open_texts(struct work *work)
{
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		work->text[i].size = work->text[i].room = 0;
		work->text[i].seen = false;
	}
}

void
work_open(struct work *work)
{
	work->refused = 0;
	open_lists(work);
	open_texts(work);
}

static void
close_lists(struct work *work)
{
	const struct profile *p = work->profile;

	for (size_t i = 0; i < p->list_count; i++) {
		struct work_list *list = &work->list[i];
		size_t count = list->told > 0 ? list->told : list->used;

		if (!list->known)
			continue;
		work_fill(list, count);
		reading_set_list(
		    work->reading, p->list_of[i], list->item, count);
	}
}

static void
close_text(struct work *work, enum work_text which, int measurement)
{
	struct growing *text = &work->text[which];
	bool map = which == TEXT_PROTECTION;

	if (!text->seen)
		return;
	if (text->size == 0) {
		reading_set_text(
		    work->reading, measurement, map ? "{}" : "[]", 2);
		return;
	}
	text->data[0] = map ? '{' : '[';
	text->data[text->size++] = map ? '}' : ']';
	text->data[text->size] = '\0';
	reading_set_text(work->reading, measurement, text->data, text->size);
}

static int
nothing(const struct profile *profile, const struct frame *frame,
    struct reading *reading, struct failure *why)
{
	if (frame->error[0] == '\0')
		return failure_set(why, EXIT_REFUSED,
		    "%s: nothing in the frame", profile->name);
	reading->kind = READING_STATUS;
	reading->error = frame->error;
	return 0;
}

static void
take_names(const struct profile *profile, const struct frame *frame,
    struct reading *reading)
{
	reading_clear(reading);
	reading->kind = profile->kind;
	reading->time_ms = frame->time_ms;
	reading->tenant = frame->tenant;
	reading->device = frame->device;
	reading->profile = frame->profile;
	reading->gen = frame->gen;
}

static int
fill(struct work *work, const struct frame *frame, struct failure *why)
{
	const struct profile *profile = work->profile;
	uint64_t known;
	int grade;

	work_open(work);
	work_rules(work);
	evidence_close(&work->evidence);
	close_lists(work);
	close_text(work, TEXT_FAULTS, MEASUREMENT_fault_codes);
	close_text(work, TEXT_WARNINGS, MEASUREMENT_warning_codes);
	close_text(work, TEXT_PROTECTION, MEASUREMENT_protection_status);
	/* who it is says nothing of how it is */
	known = work->reading->present &
	    ~(UINT64_C(1) << MEASUREMENT_serial_number);
	if (known == profile->fixed && work->refused == 0)
		return failure_set(why, EXIT_REFUSED,
		    "%s: nothing known in the frame", profile->name);
	if (frame->error[0] != '\0')
		work_note(work, frame->error);
	if (frame->bus_errors > 0 &&
	    !reading_has(work->reading, MEASUREMENT_communication_errors))
		reading_set(work->reading, MEASUREMENT_communication_errors,
		    frame->bus_errors);
	grade = work_sane(work, frame);
	close_text(work, TEXT_NOTES, MEASUREMENT_notes);
	reading_derive(work->reading);
	reading_set(work->reading, MEASUREMENT_data_quality, grade);
	return 0;
}

int
profile_decode(const struct profile *profile, const struct frame *frame,
    struct arena *arena, struct reading *reading, struct failure *why)
{
	struct work work;

	take_names(profile, frame, reading);
	if (frame->count == 0)
		return nothing(profile, frame, reading, why);
	if (frame->protocol != profile->protocol)
		return failure_set(why, EXIT_REFUSED, "%s: speaks %s, not %s",
		    profile->name, frame_protocol_names[profile->protocol],
		    frame_protocol_names[frame->protocol]);
	work.profile = profile;
	work.arena = arena;
	work.reading = reading;
	if (evidence_open(&work.evidence, profile, frame, arena, why) != 0) {
		evidence_close(&work.evidence);
		return failure_prefix(why, "%s", profile->name);
	}
	return fill(&work, frame, why);
}
