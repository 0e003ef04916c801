/* Looking things up in a parsed DBC file. */
#include <stdlib.h>
#include <string.h>

#include "profile/dbc.h"

/* Selectors of selectors; a chain longer than this is a circle. */
#define SELECTORS_MAX 8

void
dbc_free(struct dbc *dbc)
{
	if (dbc == NULL)
		return;
	for (size_t m = 0; m < dbc->count; m++)
		free(dbc->messages[m].signals);
	free(dbc->messages);
	arena_free(&dbc->arena);
	free(dbc);
}

const struct dbc_message *
dbc_message_find(const struct dbc *dbc, uint32_t id, bool extended)
{
	for (size_t m = 0; m < dbc->count; m++)
		if (dbc->messages[m].id == id &&
		    dbc->messages[m].extended == extended)
			return &dbc->messages[m];
	return NULL;
}

static bool
message_is(const struct dbc_message *message, const char *name, size_t size)
{
	return strncmp(message->name, name, size) == 0 &&
	    message->name[size] == '\0';
}

uint32_t
dbc_hash(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

size_t
dbc_signal_find(const struct dbc *dbc, const char *name,
    const struct dbc_message **message, const struct dbc_signal **signal)
{
	const char *dot = strchr(name, '.');
	const char *wanted = dot == NULL ? name : dot + 1;
	uint32_t hash = dbc_hash(wanted);
	size_t found = 0;

	for (size_t m = 0; m < dbc->count; m++) {
		const struct dbc_message *one = &dbc->messages[m];

		if (dot != NULL && !message_is(one, name, (size_t)(dot - name)))
			continue;
		for (size_t s = 0; s < one->count; s++) {
			if (one->signals[s].name_hash != hash ||
			    strcmp(one->signals[s].name, wanted) != 0)
				continue;
			if (found++ > 0)
				continue;
			*message = one;
			*signal = &one->signals[s];
		}
	}
	return found;
}

static bool
in_ranges(const struct dbc_signal *signal, int64_t value)
{
	for (size_t i = 0; i < signal->range_count; i++)
		if (value >= signal->ranges[i].low &&
		    value <= signal->ranges[i].high)
			return true;
	return false;
}

bool
dbc_signal_active(const struct dbc_message *message,
    const struct dbc_signal *signal, const uint8_t *data, size_t size)
{
	for (int depth = 0; depth < SELECTORS_MAX; depth++) {
		const struct dbc_signal *selector;
		int64_t value;

		if (signal->selected_by < 0)
			return true;
		selector = &message->signals[signal->selected_by];
		if (!selector->usable ||
		    !bits_get(&selector->bits, data, size, &value) ||
		    !in_ranges(signal, value))
			return false;
		signal = selector;
	}
	return false;
}
