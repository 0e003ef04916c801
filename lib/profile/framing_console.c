/*
 * The console of Pylontech batteries: a command is echoed, then come "@", a
 * page of "name : value" lines and tables, and "$$". Items are
 * command/name and command/row/column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "profile/framing_console.h"

#define UNIT "{unit}"

/* Only those that show something, and those take a number at most. */
const char *const console_words[] = { "pwr", "bat", "soh", "stat", "info",
	"unit" };

#define WORDS (int)(sizeof(console_words) / sizeof(console_words[0]))

/* Which command begins here? -1: none. */
int
console_word(const char *text, size_t size)
{
	for (int i = 0; i < WORDS; i++)
		if (size >= strlen(console_words[i]) &&
		    memcmp(text, console_words[i], strlen(console_words[i])) ==
			0)
			return i;
	return -1;
}

/* "pwr", or "pwr {unit}" for that of one module. */
int
console_ask(const char *request, unsigned unit, struct buf *out)
{
	int word = console_word(request, strlen(request));
	const char *behind =
	    word < 0 ? "" : request + strlen(console_words[word]);
	bool numbered = strcmp(behind, " " UNIT) == 0;

	if (word < 0 || (*behind != '\0' && !numbered))
		return -1;
	if (out != NULL)
		buf_text(out, console_words[word]);
	if (out != NULL && numbered)
		buf_print(out, " %u", unit);
	if (out != NULL)
		buf_char(out, '\n');
	return word;
}

/* The echo: a command, perhaps a number, the end of the line. Its length;
 * 0: none; the size: it may become one. */
static size_t
echo_of(const char *text, size_t size, struct framing_found *found)
{
	size_t at;

	found->key = console_word(text, size);
	if (found->key < 0)
		return 0;
	at = strlen(console_words[found->key]);
	while (at < size && text[at] == ' ')
		at++;
	for (; at < size && text[at] >= '0' && text[at] <= '9'; at++) {
		if (found->unit > 255)
			return 0;
		found->unit =
		    (found->unit < 0 ? 0 : found->unit * 10) + text[at] - '0';
	}
	while (at < size && text[at] == ' ')
		at++;
	if (at < size && !console_end(text[at]))
		return 0;
	while (at < size && (console_end(text[at]) || text[at] == ' '))
		at++;
	return at;
}

static enum framing_look
look(const uint8_t *bytes, size_t size, struct framing_found *found)
{
	static const char done[] = "Command completed";
	const char *text = (const char *)bytes, *end;
	size_t at = echo_of(text, size, found);

	if (at == 0 || (at < size && text[at] != '@'))
		return FRAMING_NONE;
	end = memmem(text, size, "$$", 2);
	if (end == NULL)
		return FRAMING_MORE;
	found->size = (size_t)(end - text) + 2;
	found->body = bytes + at;
	found->body_size = (size_t)(end - text) - at;
	if (memmem(text, found->size, done, strlen(done)) == NULL)
		found->refusal = 1;
	return FRAMING_WHOLE;
}

struct page {
	json_t *items; /* of the command */
	size_t columns; /* of the table that is read; 0: none */
	struct console_line name[CONSOLE_COLUMNS_MAX];
	size_t start[CONSOLE_COLUMNS_MAX + 1];
	bool indexed; /* its first column says which row it is */
};

static struct console_line
trimmed(const char *text, size_t size)
{
	while (size > 0 && text[0] == ' ') {
		text++;
		size--;
	}
	while (
	    size > 0 && (text[size - 1] == ' ' || console_end(text[size - 1])))
		size--;
	return (struct console_line){ text, size };
}

static void
set_text(json_t *items, const struct console_line *name, const char *suffix,
    struct console_line value)
{
	char key[80], number[24];

	snprintf(
	    key, sizeof(key), "%.*s%s", (int)name->size, name->text, suffix);
	if (value.size > 2 && value.size < 12 && value.text[0] == '0' &&
	    value.text[1] == 'x') {
		snprintf(number, sizeof(number), "%.*s", (int)value.size,
		    value.text);
		snprintf(
		    number, sizeof(number), "%llu", strtoull(number, NULL, 16));
		value = (struct console_line){ number, strlen(number) };
	}
	if (num_utf8(key, strlen(key)) && num_utf8(value.text, value.size))
		json_object_set_new(
		    items, key, json_stringn(value.text, value.size));
}

/* "45%", "44231 mAH", "17%    12580": the first word, without its sign,
 * and a number behind it as name#2. "-" is nothing. */
static void
set_value(
    json_t *items, const struct console_line *name, struct console_line value)
{
	size_t first = 0;
	struct console_line second;

	value = trimmed(value.text, value.size);
	while (first < value.size && value.text[first] != ' ')
		first++;
	second = trimmed(value.text + first, value.size - first);
	if (first > 1 && value.text[first - 1] == '%')
		first--;
	if (first == 0 || (first == 1 && value.text[0] == '-'))
		return;
	set_text(items, name, "", (struct console_line){ value.text, first });
	first = 0;
	while (first < second.size && second.text[first] != ' ')
		first++;
	if (first > 0 && second.text[0] >= '0' && second.text[0] <= '9')
		set_text(items, name, "#2",
		    (struct console_line){ second.text, first });
}

/* Words that never begin a column: "Base State", "Err Code". */
static bool
goes_on(struct console_line word)
{
	return (word.size == 5 && memcmp(word.text, "State", 5) == 0) ||
	    (word.size == 4 && memcmp(word.text, "Code", 4) == 0);
}

/* A line of names, of which the first is one of those known. */
static void
take_head(struct page *page, const char *text, size_t size)
{
	static const char *const firsts[] = { "Power", "Battery", "Bat",
		"Volt" };
	size_t at = 0, columns = 0;
	bool known = false;

	while (at < size && columns < CONSOLE_COLUMNS_MAX) {
		size_t start = at;
		struct console_line word;

		while (at < size && text[at] != ' ')
			at++;
		word = (struct console_line){ text + start, at - start };
		if (columns > 0 && goes_on(word)) {
			page->name[columns - 1].size =
			    (size_t)(text + at - page->name[columns - 1].text);
		} else if (word.size > 0) {
			page->name[columns] = word;
			page->start[columns++] = start;
		}
		while (at < size && text[at] == ' ')
			at++;
	}
	for (size_t i = 0; columns > 2 && i < 4; i++)
		known |= page->start[0] == 0 &&
		    page->name[0].size == strlen(firsts[i]) &&
		    memcmp(page->name[0].text, firsts[i], page->name[0].size) ==
			0;
	if (!known)
		return;
	page->columns = columns;
	page->start[columns] = SIZE_MAX;
	page->indexed = page->name[0].text[0] != 'V';
}

/* Where a column begins in a row: a value that lies across belongs to
 * where more of it lies. */
static size_t
boundary(const char *text, size_t size, size_t at)
{
	size_t first = at, last = at;

	if (at == 0 || at >= size)
		return at < size ? at : size;
	if (text[at - 1] == ' ' || text[at] == ' ')
		return at;
	while (first > 0 && text[first - 1] != ' ')
		first--;
	while (last < size && text[last] != ' ')
		last++;
	return at - first <= last - at ? first : last;
}

static void
take_row(struct page *page, const char *text, size_t size)
{
	json_t *row = json_object();
	char key[16] = "0";

	for (size_t i = 0; i < page->columns; i++) {
		size_t from = boundary(text, size, page->start[i]);
		size_t to = boundary(text, size, page->start[i + 1]);
		struct console_line value =
		    trimmed(text + from, to > from ? to - from : 0);

		if (i == 0 && page->indexed)
			snprintf(key, sizeof(key), "%.*s",
			    (int)(value.size < 8 ? value.size : 8), value.text);
		else
			set_value(row, &page->name[i], value);
	}
	json_object_set_new(page->items, key, row);
}

static void
take_line(struct page *page, const char *text, size_t size)
{
	const char *colon = memchr(text, ':', size);
	struct console_line name;

	if (page->columns > 0 &&
	    ((text[0] >= '0' && text[0] <= '9') || text[0] == '-')) {
		take_row(page, text, size);
		return;
	}
	page->columns = 0;
	if (colon == NULL) {
		take_head(page, text, size);
		return;
	}
	name = trimmed(text, (size_t)(colon - text));
	set_value(page->items, &name,
	    (struct console_line){
		colon + 1, size - (size_t)(colon + 1 - text) });
}

static void
take_page(json_t *items, const struct framing_found *found)
{
	const char *at = (const char *)found->body;
	const char *end = at + found->body_size;
	struct page page = { .items = json_object() };

	while (at < end) {
		size_t size = 0;

		while (at + size < end && !console_end(at[size]))
			size++;
		if (size > 0)
			take_line(&page, at, size);
		at += size + 1;
	}
	json_object_set_new(items, console_words[found->key], page.items);
}

static json_t *
items(const struct frame *frame)
{
	json_t *all = json_object();
	struct framing_found found;
	struct buf text = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < frame->count; i++) {
		buf_put(&text, frame->part.answer[i].text,
		    frame->part.answer[i].text_size);
		buf_char(&text, '\n');
	}
	while (framing_next(&framing_console, (const uint8_t *)text.data + at,
		   text.size - at, &found) == FRAMING_WHOLE) {
		take_page(all, &found);
		at += found.start + found.size;
	}
	buf_free(&text);
	return all;
}

const struct framing framing_console = { .name = "pylontech-console",
	.key = -1,
	.text = true,
	.ends = true,
	.gap_ms = 50,
	.ask = console_ask,
	.look = look,
	.items = items,
	.put = console_put,
	.address = console_address };
