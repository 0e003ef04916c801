/* Any bytes as a target: what is taken is canonical, says the same when it
 * is read again, and never lies above where it began. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct path path, again;

	if (path_parse((const char *)bytes, size, &path) != PATH_OK)
		return 0;
	if (path.size > WEB_PATH_MAX || path.depth > WEB_PATH_DEPTH ||
	    path.text[0] != '/' || strlen(path.text) != path.size ||
	    strstr(path.text, "//") != NULL ||
	    strstr(path.text, "/.") != NULL ||
	    strpbrk(path.text, "%\\?# \"<>") != NULL)
		abort();
	if (path_parse(path.text, path.size, &again) != PATH_OK ||
	    memcmp(&path, &again, sizeof path) != 0)
		abort();
	if (path_under("/a/b/", &path) && strncmp(path.text, "/a/b", 4) != 0)
		abort();
	path_extension(&path);
	return 0;
}
