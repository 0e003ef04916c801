/* Any bytes as a line of the spool: the tenant is a folder's name that leads
 * nowhere else, and the short way reads what the long way reads. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "json/json.h"
#include "spool/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct spool_key key, longer;
	struct failure why;
	char *line = malloc(size + 2);
	json_t *value;

	line[0] = ' ';
	memcpy(line + 1, bytes, size);
	line[size + 1] = '\0';
	spool_key(line + 1, size, &key);
	if (!io_slug_ok(key.tenant) && strcmp(key.tenant, "-") != 0)
		abort();
	value = json_read(line + 1, size, &why);
	if (json_is_object(value)) {
		spool_key(line, size + 1, &longer);
		if (key.time_ms != longer.time_ms ||
		    strcmp(key.tenant, longer.tenant) != 0 ||
		    strcmp(key.device, longer.device) != 0 ||
		    strcmp(key.profile, longer.profile) != 0)
			abort();
	}
	json_decref(value);
	free(line);
	return 0;
}
