/*
 * What a device says by itself and answers to questions about names, message
 * by message (length, flag, bytes): what comes out of it is JSON, and a
 * device that lies is not asked for ever.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "json/json.h"
#include "wire/things.h"
#include "wire/thingset_cbor.h"

#define QUESTIONS_MAX 100000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct profile_request reports[] = { { .text = "mLive" },
	{ .text = "a" }, { .text = "0x71" }, { .text = "" } };
static const struct profile_thingset_id ids[] = { { 0x31, "mLive" },
	{ 0x71, "Meas/rPackVoltage_V" } };
static const struct profile_thingset speech = { .binary = true,
	.reports = reports,
	.report_count = 4,
	.ids = ids,
	.id_count = 2 };

static void
check(struct things *things)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < speech.report_count; i++) {
		json_t *value;

		buf_clear(&text);
		if (!things_take(things, &speech, i, 0, &text))
			continue;
		value = json_loadb(text.data, text.size,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
		if (value == NULL)
			abort();
		json_decref(value);
	}
	buf_free(&text);
}

/* Answer all that is asked with nothing: it must end. */
static void
answer(struct things *things)
{
	const struct thingset_message no = { .kind = THINGSET_ERROR };
	struct buf out = { 0 };
	unsigned asked = 0;

	while (things_ask(things, &out)) {
		buf_clear(&out);
		things_learn(things, &speech, &no);
		if (++asked > QUESTIONS_MAX)
			abort();
	}
	if (things_puzzled(things))
		abort();
	buf_free(&out);
}

static void
take(struct things *things, const uint8_t *bytes, size_t size, bool item)
{
	struct thingset_message message;
	struct buf out = { 0 };

	thingset_message_read(bytes, size, &message);
	if (message.kind == THINGSET_REPORT)
		things_hear(things, &speech, message.endpoint,
		    json_incref(message.payload), item, 1);
	else if (things_ask(things, &out))
		things_learn(things, &speech, &message);
	else if (message.payload != NULL)
		things_name(things, &speech, message.payload, "Meas", &out);
	thingset_message_clear(&message);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct things things = { 0 };

	while (size >= 2) {
		size_t length = bytes[0];

		if (length > size - 2)
			length = size - 2;
		take(&things, bytes + 2, length, bytes[1] & 1);
		if ((bytes[1] & 2) != 0)
			check(&things);
		bytes += 2 + length;
		size -= 2 + length;
	}
	answer(&things);
	check(&things);
	things_free(&things);
	return 0;
}
