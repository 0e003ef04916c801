/* Pages of a console out of items, for the simulator. */
#include <string.h>

#include "profile/framing_console.h"
#include "profile/writing.h"

#define WIDTH 17 /* of a column that is made */

/* An item's path taken apart: word/name or word/row/name. */
struct path {
	struct console_line row, name;
};

static bool
path_of(const char *item, int word, struct path *path)
{
	size_t size = strlen(console_words[word]);
	const char *slash;

	if (strncmp(item, console_words[word], size) != 0 || item[size] != '/')
		return false;
	item += size + 1;
	slash = strchr(item, '/');
	path->row = (struct console_line){ item, 0 };
	if (slash != NULL) {
		path->row.size = (size_t)(slash - item);
		item = slash + 1;
	}
	path->name = (struct console_line){ item, strlen(item) };
	return true;
}

static bool
same(const struct console_line *a, const struct console_line *b)
{
	return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

/* The head of the table of a command; how many columns it has. */
static size_t
put_head(const struct writing *w, int word, struct console_line *columns,
    struct buf *out)
{
	struct path path;
	size_t count = 0, i;

	for (size_t k = 0; k < w->profile->item_count; k++) {
		if (!path_of(w->profile->items[k], word, &path) ||
		    path.row.size == 0)
			continue;
		for (i = 0; i < count && !same(&columns[i], &path.name); i++)
			;
		if (i == count && count < CONSOLE_COLUMNS_MAX)
			columns[count++] = path.name;
	}
	buf_print(out, "%-*s", WIDTH, word == 0 ? "Power" : "Battery");
	for (i = 0; i < count; i++)
		buf_print(out, "%-*.*s", WIDTH, (int)columns[i].size,
		    columns[i].text);
	return count;
}

/* The row of an item, if the item is the first of it. */
static bool
put_row(const struct writing *w, int word, const struct path *row,
    const struct console_line *columns, size_t count, struct buf *out)
{
	struct path path;
	bool any = false;

	buf_print(out, "%-*.*s", WIDTH, (int)row->row.size, row->row.text);
	for (size_t i = 0; i < count; i++) {
		const char *value = NULL;

		for (size_t k = 0; k < w->profile->item_count; k++)
			if (path_of(w->profile->items[k], word, &path) &&
			    same(&path.row, &row->row) &&
			    same(&path.name, &columns[i]))
				value = w->items[k].text;
		buf_print(out, "%-*s", WIDTH, value == NULL ? "-" : value);
		any |= value != NULL;
	}
	return any;
}

/* Is no item before this one in the same row? */
static bool
is_first(const struct writing *w, int word, size_t item,
    const struct console_line *row)
{
	struct path path;

	for (size_t k = 0; k < item; k++)
		if (path_of(w->profile->items[k], word, &path) &&
		    same(&path.row, row))
			return false;
	return true;
}

static void
put_table(struct writing *w, struct frame *frame, int word)
{
	struct console_line columns[CONSOLE_COLUMNS_MAX];
	struct buf out = { 0 };
	struct path path;
	size_t count = put_head(w, word, columns, &out);

	if (count > 1 || word != 0)
		framing_line(w, frame, out.data, out.size);
	for (size_t k = 0; k < w->profile->item_count && count > 0; k++) {
		if (!path_of(w->profile->items[k], word, &path) ||
		    path.row.size == 0 || !is_first(w, word, k, &path.row))
			continue;
		buf_clear(&out);
		if (put_row(w, word, &path, columns, count, &out))
			framing_line(w, frame, out.data, out.size);
	}
	buf_free(&out);
}

static void
put_page(struct writing *w, struct frame *frame, int word)
{
	static const char done[] = "Command completed successfully";
	struct buf out = { 0 };
	struct path path;

	framing_line(w, frame, "@", 1);
	for (size_t k = 0; k < w->profile->item_count; k++) {
		if (w->items[k].text == NULL ||
		    !path_of(w->profile->items[k], word, &path) ||
		    path.row.size > 0)
			continue;
		buf_clear(&out);
		buf_print(&out, " %-*.*s: %s", WIDTH, (int)path.name.size,
		    path.name.text, w->items[k].text);
		framing_line(w, frame, out.data, out.size);
	}
	put_table(w, frame, word);
	framing_line(w, frame, done, strlen(done));
	framing_line(w, frame, "$$", 2);
	buf_free(&out);
}

void
console_put(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;
	struct buf out = { 0 };

	for (size_t r = 0; r < p->request_count; r++) {
		int word = console_ask(p->requests[r].text, 1, NULL);

		buf_clear(&out);
		console_ask(p->requests[r].text, 1, &out);
		framing_line(w, frame, out.data, out.size - 1);
		put_page(w, frame, word);
	}
	buf_free(&out);
}

/* An echo with a number. */
void
console_address(struct buf *bytes, size_t start, unsigned unit)
{
	int word = console_word(bytes->data + start, bytes->size - start);

	if (word < 0 || bytes->data[start + strlen(console_words[word])] != ' ')
		return;
	bytes->size = start + strlen(console_words[word]);
	buf_print(bytes, " %u\r", unit);
}
