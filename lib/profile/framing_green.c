/* Green-BMS: "$#g00152.3$#v0013.33$": a letter, three digits, the value. */
#include <string.h>

#include "profile/framing.h"
#include "profile/writing.h"

#define RECORDS_MAX 8 /* in a line that is made */

/* What it sends hangs on pages and signs of life: only those. */
static int
ask(const char *request, unsigned unit, struct buf *out)
{
	static const char *const known[] = { "", "#s0", "#s2", "#s3", "#s4",
		"#h0", "#h1", "#e0", "#e1", "#m1", "#m2", "#m3", "#m4", "#m5",
		"#m6", "#m7", "#m8", "#m9" };

	(void)unit; /* one device on a line */
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i], request) != 0)
			continue;
		if (out != NULL && *request != '\0')
			buf_print(out, "%s\r\n", request);
		return 0;
	}
	return -1;
}

static json_t *
items(const struct frame *frame)
{
	json_t *found = json_object();
	char key[5];

	for (size_t i = 0; i < frame->count; i++) {
		const char *at = frame->part.answer[i].text;
		const char *end = at + frame->part.answer[i].text_size;

		while (at < end) {
			const char *next = memchr(at, '$', (size_t)(end - at));

			if (next == NULL)
				next = end;
			if (next - at >= 5 && at[0] == '#') {
				memcpy(key, at + 1, 4);
				key[4] = '\0';
				json_object_set_new(found, key,
				    json_stringn(
					at + 5, (size_t)(next - at - 5)));
			}
			at = next + 1;
		}
	}
	return found;
}

static void
put(struct writing *w, struct frame *frame)
{
	struct buf text = { 0 };
	unsigned records = 0;

	for (size_t i = 0; i < w->profile->item_count; i++) {
		const struct written_item *item = &w->items[i];

		if (item->text == NULL && item->digits == 0)
			continue;
		buf_text(&text, records == 0 ? "$#" : "#");
		buf_text(&text, w->profile->items[i]);
		writing_item(item, &text);
		buf_char(&text, '$');
		if (++records < RECORDS_MAX)
			continue;
		framing_line(w, frame, text.data, text.size);
		buf_clear(&text);
		records = 0;
	}
	if (records > 0)
		framing_line(w, frame, text.data, text.size);
	buf_free(&text);
}

const struct framing framing_green_bms = { .name = "green-bms",
	.key = -1,
	.text = true,
	.ask = ask,
	.items = items,
	.put = put };
