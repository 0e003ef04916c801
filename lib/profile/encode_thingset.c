/* What a ThingSet device would answer and report of a reading. */
#include <string.h>

#include "json/json.h"
#include "profile/writing.h"

/* The first name of an item; its alternatives are of other firmware. */
static const char *
name_of(const struct writing *w, size_t i, size_t *size)
{
	*size = strcspn(w->profile->items[i], "|");
	return w->profile->items[i];
}

/* Is the item there, and below the path `under` (with its slash)? */
static const char *
rest_of(const struct writing *w, size_t i, const char *under, size_t above,
    size_t *size)
{
	const char *name = name_of(w, i, size);

	if (w->items[i].text == NULL || *size <= above ||
	    strncmp(name, under, above) != 0)
		return NULL;
	*size -= above;
	return name + above;
}

/* Was this group begun by an item before? */
static bool
begun(const struct writing *w, size_t before, const char *under, size_t above,
    const char *group, size_t group_size)
{
	for (size_t i = 0; i < before; i++) {
		size_t size;
		const char *rest = rest_of(w, i, under, above, &size);

		if (rest != NULL && size > group_size &&
		    strncmp(rest, group, group_size) == 0)
			return true;
	}
	return false;
}

/* The items below a path, groups as objects of their own. */
static void
put_group(
    const struct writing *w, const char *under, size_t above, struct buf *text)
{
	bool first = true;

	buf_char(text, '{');
	for (size_t i = 0; i < w->profile->item_count; i++) {
		size_t size, step;
		const char *rest = rest_of(w, i, under, above, &size);
		const char *slash;

		if (rest == NULL)
			continue;
		slash = memchr(rest, '/', size);
		step = slash == NULL ? size : (size_t)(slash - rest);
		if (slash != NULL && begun(w, i, under, above, rest, step + 1))
			continue;
		if (!first)
			buf_char(text, ',');
		first = false;
		json_put_text(text, rest, step);
		buf_char(text, ':');
		if (slash == NULL)
			buf_text(text, w->items[i].text);
		else
			put_group(
			    w, w->profile->items[i], above + step + 1, text);
	}
	buf_char(text, '}');
}

static void
add_answer(struct writing *w, struct frame *frame, const char *path,
    const struct buf *text)
{
	struct frame_answer *answer = &frame->part.answer[frame->count++];

	answer->path = path;
	answer->text = arena_text(w->arena, text->data, text->size);
	answer->text_size = (uint32_t)text->size;
}

/* The one item of this path, if it is one. */
static const struct written_item *
item_of(const struct writing *w, const char *path)
{
	for (size_t i = 0; i < w->profile->item_count; i++) {
		size_t size;
		const char *name = name_of(w, i, &size);

		if (size == strlen(path) && strncmp(name, path, size) == 0)
			return &w->items[i];
	}
	return NULL;
}

/* Below its own path for a request; a report has all. */
static void
put_answer(
    struct writing *w, struct frame *frame, const char *path, bool report)
{
	const struct written_item *item = item_of(w, path);
	struct buf text = { 0 }, under = { 0 };

	if (item != NULL && item->text == NULL) {
		buf_free(&text);
		return;
	}
	buf_text(&under, "");
	if (!report && path[0] != '\0')
		buf_print(&under, "%s/", path);
	if (item != NULL)
		buf_text(&text, item->text);
	else
		put_group(w, under.data, under.size, &text);
	add_answer(w, frame, path, &text);
	buf_free(&text);
	buf_free(&under);
}

void
writing_thingset(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;

	for (size_t i = 0; i < p->request_count; i++)
		put_answer(w, frame, p->requests[i].text, false);
	for (size_t i = 0; i < p->thingset.report_count; i++)
		put_answer(w, frame, p->thingset.reports[i].text, true);
}
