/* A DBC file, and a message decoded by each signal that is in it. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "profile/dbc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Words are UTF-8, and a name is found again. */
static void
check_texts(const struct dbc *dbc, const struct dbc_signal *signal)
{
	const struct dbc_message *message;
	const struct dbc_signal *found;

	for (size_t i = 0; i < signal->choice_count; i++)
		if (!num_utf8(signal->choices[i].text,
			strlen(signal->choices[i].text)))
			abort();
	if (strchr(signal->name, '.') == NULL &&
	    dbc_signal_find(dbc, signal->name, &message, &found) == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t payload[64 + BITS_SLACK] = { 0x5a, 0xff, 0x01, 0x80 };
	struct failure why;
	struct dbc *dbc = dbc_parse((const char *)data, size, &why);
	int64_t raw;

	for (size_t m = 0; dbc != NULL && m < dbc->count; m++) {
		const struct dbc_message *message = &dbc->messages[m];

		for (size_t s = 0; s < message->count; s++) {
			const struct dbc_signal *signal = &message->signals[s];

			check_texts(dbc, signal);
			if (signal->usable &&
			    dbc_signal_active(message, signal, payload, 64) &&
			    bits_get(&signal->bits, payload, 64, &raw))
				(void)bits_put(&signal->bits, payload, 64, raw);
		}
	}
	dbc_free(dbc);
	return 0;
}
