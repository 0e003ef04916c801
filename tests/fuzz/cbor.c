/* Any bytes as a binary ThingSet message: what is taken must survive being
 * written, as CBOR and as JSON. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/thingset_binary.h"
#include "wire/thingset_cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check(const json_t *value)
{
	struct buf text = { 0 }, again = { 0 };
	struct failure why;
	json_t *read;
	size_t used;

	thingset_json_put(value, &text);
	read = json_read(text.data, text.size, &why);
	if (read == NULL)
		abort();
	json_decref(read);
	thingset_cbor_put(value, &again);
	read = thingset_cbor_read(
	    (const uint8_t *)again.data, again.size, &used, &why);
	if (read == NULL || used != again.size)
		abort();
	buf_clear(&again);
	thingset_json_put(read, &again);
	if (again.size != text.size)
		abort();
	json_decref(read);
	buf_free(&text);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct thingset_message message;
	struct buf one = { 0 };
	size_t used = 1;

	thingset_message_read(bytes, size, &message);
	if (message.payload != NULL)
		check(message.payload);
	if (message.endpoint != NULL)
		check(message.endpoint);
	thingset_message_clear(&message);
	for (size_t at = 0; at < size && used > 0; at += used)
		if (!thingset_stream_take(bytes + at, size - at, &used, &one))
			break;
	buf_free(&one);
	return 0;
}
