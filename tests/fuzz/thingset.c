/* Any line of a device: a value that is taken must be JSON. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "json/json.h"
#include "wire/thingset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check(const struct thingset_answer *answer)
{
	struct failure why;
	json_t *value = json_read(answer->json, answer->size, &why);

	if (value == NULL)
		abort();
	json_decref(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *line = (const char *)bytes, *path;
	struct arena arena = { 0 };
	struct thingset_answer answer;

	if (thingset_parse(line, size, &arena, &answer) == THINGSET_VALUE &&
	    answer.size > 0)
		check(&answer);
	if (thingset_report(line, size, &arena, &path, &answer))
		check(&answer);
	arena_free(&arena);
	return 0;
}
