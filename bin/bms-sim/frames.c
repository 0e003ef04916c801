/* Requests found and answers picked by the framing of the profile. */
#include <string.h>

#include "frames.h"
#include "profile/framing.h"

bool
frames_spoken(const struct port *port)
{
	const struct framing *framing = profile_framing(port->sim[0]->profile);

	return framing != NULL && framing->look != NULL;
}

static void
find_one(struct sim *sim, const char *request, const struct buf *in,
    struct asked *asked)
{
	const struct framing *framing = profile_framing(sim->profile);
	struct buf bytes = { 0 };
	const char *found = NULL;
	int key = framing->ask(request, sim->device.unit, &bytes);
	size_t end;

	if (bytes.size > 0 && in->size >= bytes.size)
		found = memmem(in->data, in->size, bytes.data, bytes.size);
	if (found != NULL) {
		end = (size_t)(found - in->data) + bytes.size;
		if (asked->sim == NULL || end < asked->end)
			*asked = (struct asked){ sim, key, end };
	}
	buf_free(&bytes);
}

void
frames_find(const struct port *port, const struct buf *in, struct asked *asked)
{
	const struct profile_request *requests;

	asked->sim = NULL;
	for (size_t i = 0; i < port->count; i++) {
		size_t count =
		    profile_requests(port->sim[i]->profile, &requests);

		for (size_t r = 0; r < count; r++)
			find_one(port->sim[i], requests[r].text, in, asked);
	}
}

void
frames_put(
    const struct asked *asked, const struct frame *frame, struct buf *out)
{
	const struct framing *framing = profile_framing(asked->sim->profile);
	struct framing_found found;
	struct buf all = { 0 };
	const char *at;
	size_t left;
	int key = framing->key;

	for (size_t i = 0; i < frame->count; i++)
		framing_bytes(framing, frame->part.answer[i].text,
		    frame->part.answer[i].text_size, asked->sim->device.unit,
		    &all);
	at = all.data;
	left = all.size;
	while (framing_next(framing, (const uint8_t *)at, left, &found) ==
	    FRAMING_WHOLE) {
		if (found.request || !framing->asked)
			key = found.key;
		if (!found.request && key == asked->key)
			buf_put(out, at + found.start, found.size);
		at += found.start + found.size;
		left -= found.start + found.size;
	}
	buf_free(&all);
}

int
frames_told(const struct sim *sim)
{
	const struct profile_request *requests;
	size_t count = profile_requests(sim->profile, &requests);

	for (size_t r = 0; r < count; r++)
		if (*requests[r].text == '\0')
			return profile_framing(sim->profile)
			    ->ask("", sim->device.unit, NULL);
	return -1;
}
