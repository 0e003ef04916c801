/* A path, a line end and a document: what a path finds can be put there
 * and found again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
there_and_back(const char *path, size_t size, const json_t *found)
{
	json_t *leaf = json_deep_copy(found), *root = NULL, *made;
	const json_t *again;

	if (json_path_put(&root, path, size, json_incref(leaf))) {
		again = json_path_get(root, path, size, &made);
		/* an array without items is made by none of them */
		if (again != NULL && !json_equal(again, leaf) &&
		    memmem(path, size, "[*]", 3) == NULL)
			abort();
		json_decref(made);
	}
	json_decref(root);
	json_decref(leaf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes;
	const char *end = memchr(text, '\n', size);
	size_t path = end == NULL ? size : (size_t)(end - text);
	struct failure why;
	const json_t *found;
	json_t *value, *made;

	if (json_path_check(text, path, &why) != 0 || end == NULL)
		return 0;
	value = json_read(end + 1, size - path - 1, &why);
	found = json_path_get(value, text, path, &made);
	if (found != NULL)
		there_and_back(text, path, found);
	json_decref(made);
	json_decref(value);
	return 0;
}
