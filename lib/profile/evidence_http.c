/* Items of HTTP answers: each the first that is there of its names. */
#include <string.h>

#include "json/json_path.h"
#include "profile/evidence.h"

/* Keep a value that [*] made until the frame is done with. */
static const json_t *
keep(struct evidence *e, const json_t *found, json_t *made)
{
	if (made != NULL)
		e->documents[e->document_count++] = made;
	return json_is_null(found) ? NULL : found;
}

/* REQUEST#PATH in that answer, PATH in the first that has it. */
static const json_t *
look_up(struct evidence *e, const struct frame *frame, const char *name,
    size_t size)
{
	const char *hash = memchr(name, '#', size);
	size_t before = hash == NULL ? 0 : (size_t)(hash - name);
	size_t skip = hash == NULL ? 0 : before + 1;
	const json_t *found = NULL;

	for (size_t i = 0; i < frame->count && found == NULL; i++) {
		const char *path = frame->part.answer[i].path;
		json_t *made;

		if (hash != NULL &&
		    (strlen(path) != before || memcmp(path, name, before) != 0))
			continue;
		found = json_path_get(
		    e->documents[i], name + skip, size - skip, &made);
		found = keep(e, found, made);
	}
	return found;
}

/* At most so many values that [*] makes: one a name and answer. */
static size_t
room_needed(const struct profile *p, const struct frame *frame)
{
	size_t names = 0;

	for (size_t i = 0; i < p->item_count; i++) {
		names++;
		for (const char *at = p->items[i]; *at != '\0'; at++)
			names += *at == '|';
	}
	return frame->count * (names + 1) + 1;
}

int
evidence_http(struct evidence *e, const struct frame *frame,
    struct arena *arena, struct failure *why)
{
	size_t count = e->profile->item_count;

	e->documents = arena_alloc(
	    arena, room_needed(e->profile, frame) * sizeof(*e->documents));
	e->items = arena_alloc(arena, (count + 1) * sizeof(*e->items));
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_answer *answer = &frame->part.answer[i];
		json_t *value = json_read(answer->text, answer->text_size, why);

		if (value == NULL)
			return failure_prefix(why, "answers[%zu]", i);
		e->documents[e->document_count++] = value;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = e->profile->items[i];

		e->items[i] = NULL;
		while (e->items[i] == NULL && name != NULL) {
			size_t size = strcspn(name, "|");

			e->items[i] = look_up(e, frame, name, size);
			name = name[size] == '|' ? name + size + 1 : NULL;
		}
	}
	return 0;
}
