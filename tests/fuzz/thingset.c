/* Any line of a device: a value that is taken must be JSON. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "json/json.h"
#include "wire/thingset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena = { 0 };
	struct thingset_answer answer;
	struct failure why;
	json_t *value;

	if (thingset_parse((const char *)bytes, size, &arena, &answer) ==
		THINGSET_VALUE &&
	    answer.size > 0) {
		value = json_read(answer.json, answer.size, &why);
		if (value == NULL)
			abort();
		json_decref(value);
	}
	arena_free(&arena);
	return 0;
}
