/*
 * What comes over a serial line, through every framing: the first byte says
 * which, the rest is what came. It is searched as the poller does, taken
 * apart as bms-normalize does, and, as a checksum keeps most of it out, taken
 * for the body of a frame that was proven.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/evidence.h"
#include "profile/framing.h"
#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A profile of each framing. framing.py has the same order. */
static const char *const names[] = { "ant", "daly-uart", "green-bms", "jbd",
	"jk02-32s", "jk-4e57", "pace", "pylontech-rs485", "pylontech-console",
	"pylontech-console-sc", "seplos-v2", "seplos-v2-binary", "tdt",
	"goodwe-es-battery" };
#define PROFILES (sizeof(names) / sizeof(*names))

static struct profile *profiles[PROFILES];

static void
open_profiles(void)
{
	const char *share = getenv("TBMS_SHARE");
	struct failure why;
	char dir[1024];

	snprintf(
	    dir, sizeof(dir), "%s/profiles", share == NULL ? "share" : share);
	for (size_t i = 0; i < PROFILES; i++) {
		profiles[i] = profile_open(dir, names[i], &why);
		if (profiles[i] == NULL)
			abort();
	}
}

/* As the poller: frame by frame, each within what came. */
static void
search(const struct framing *framing, const uint8_t *data, size_t size)
{
	struct framing_found found;
	enum framing_look look;

	while ((look = framing_next(framing, data, size, &found)) ==
	    FRAMING_WHOLE) {
		if (found.size == 0 || found.start + found.size > size ||
		    found.body < data + found.start ||
		    found.body + found.body_size >
			data + found.start + found.size)
			abort();
		data += found.start + found.size;
		size -= found.start + found.size;
	}
	if (found.start > size)
		abort();
}

/* As bms-normalize: one line of hexadecimal, or the lines that there are. */
static void
decode(const struct profile *profile, const uint8_t *data, size_t size,
    struct arena *arena)
{
	struct frame_answer lines[64];
	struct frame frame;
	struct reading reading;
	struct failure why;
	struct buf text = { 0 };
	size_t at = 0;

	frame_clear(&frame);
	frame.protocol = FRAME_SERIAL;
	frame.profile = profile_name(profile);
	frame.complete = true;
	frame.part.answer = lines;
	if (profile_framing(profile)->text)
		buf_put(&text, data, size);
	else
		buf_hex(&text, data, size);
	while (at < text.size && frame.count < 64) {
		const char *end = memchr(text.data + at, '\n', text.size - at);
		size_t one = end == NULL ? text.size - at
					 : (size_t)(end - text.data) - at;

		lines[frame.count].path = "";
		lines[frame.count].text = text.data + at;
		lines[frame.count++].text_size = (uint32_t)one;
		at += one + 1;
	}
	profile_decode(profile, &frame, arena, &reading, &why);
	buf_free(&text);
}

/* The body of a proven frame; a text framing has proven that it is hex. */
static void
take(const struct profile *profile, const uint8_t *data, size_t size,
    struct arena *arena)
{
	const struct framing *framing = profile_framing(profile);
	struct framing_found found = { .unit = -1 };
	struct evidence evidence = { .profile = profile };
	struct buf hex = { 0 };
	struct failure why;
	volatile unsigned sum = 0;

	if (framing->take == NULL || size < 9)
		return;
	found.key = data[0];
	found.body = data + 1;
	found.body_size = size - 1;
	if (framing->text) {
		buf_hex(&hex, data + 1, size - 1);
		found.body = (const uint8_t *)hex.data;
		found.body_size = hex.size;
	}
	evidence.pieces =
	    arena_alloc(arena, FRAMING_PIECES_MAX * sizeof(*evidence.pieces));
	framing->take(&evidence, &found, arena, &why);
	for (size_t i = 0; i < evidence.piece_count; i++)
		for (size_t k = 0; k < evidence.pieces[i].size; k++)
			sum += evidence.pieces[i].data[k];
	buf_free(&hex);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	const struct profile *profile;
	const struct framing *framing;
	char request[32];

	if (size == 0)
		return 0;
	if (profiles[0] == NULL)
		open_profiles();
	profile = profiles[data[0] % PROFILES];
	framing = profile_framing(profile);
	data++;
	size--;
	if (framing->look != NULL)
		search(framing, data, size);
	decode(profile, data, size, &arena);
	take(profile, data, size, &arena);
	snprintf(request, sizeof(request), "%.*s",
	    (int)(size % sizeof(request)), (const char *)data);
	framing->ask(request, 1, NULL);
	arena_free(&arena);
	return 0;
}
