/* Any bytes as a header, a cookie and a form: lines of "name: value" that
 * the gate judges, and what reads the values after it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/files.h"
#include "web/form.h"
#include "web/gate.h"
#include "web/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
judge(char *text, size_t size)
{
	static const char *names[] = { "localhost" };
	struct gate_hosts hosts = { names, 1 };
	struct gate_field fields[GATE_FIELDS_MAX + 1];
	struct gate_request request = { "POST", "/-/login", "HTTP/1.1", fields,
		0 };
	struct gate_found found;

	for (char *at = text;
	     at < text + size && request.count <= GATE_FIELDS_MAX;) {
		char *end = memchr(at, '\n', (size_t)(text + size - at));
		char *colon;

		if (end == NULL)
			end = text + size;
		colon = memchr(at, ':', (size_t)(end - at));
		if (colon != NULL)
			fields[request.count++] = (struct gate_field){ at,
				colon + 1, (size_t)(colon - at),
				(size_t)(end - colon - 1) };
		at = end + 1;
	}
	if (gate_check(&request, &hosts, &found) == 0 &&
	    (found.host == NULL || (found.chunked && found.length >= 0)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1), value[64];
	uint8_t token[SECRET_SIZE];
	size_t got;

	if (text == NULL)
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	judge(text, size);
	session_cookie_get(text, "tbms", token);
	session_same_origin(NULL, text, false, "localhost");
	files_tag_known(text, "\"0123\"");
	if (form_get(text, size, "token", value, sizeof value, &got) ==
		FORM_FOUND &&
	    got >= sizeof value)
		abort();
	free(text);
	return 0;
}
