/* The headers of every answer, and the types of files: const tables. */
#include "web/headers.h"

#include <string.h>

#define PAGE_POLICY                                                            \
	"default-src 'none'; script-src 'self'; "                              \
	"style-src 'self'; img-src 'self'; font-src 'self'; "                  \
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; "         \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#define DATA_POLICY "default-src 'none'; style-src 'unsafe-inline'; sandbox"

static const struct header fixed[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",
	    "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
};

/* A script keeps the policy of pages: the one of a service worker is what
 * its own fetches are held to, so `sandbox` would end reading offline. */
static const struct headers_type types[] = {
	{ "html", "text/html; charset=utf-8", HEADERS_PAGE, false },
	{ "js", "text/javascript; charset=utf-8", HEADERS_PAGE, false },
	{ "css", "text/css; charset=utf-8", HEADERS_DATA, false },
	{ "json", "application/json; charset=utf-8", HEADERS_DATA, false },
	{ "svg", "image/svg+xml", HEADERS_DATA, false },
	{ "webmanifest", "application/manifest+json", HEADERS_DATA, false },
	{ "png", "image/png", HEADERS_DATA, false },
	{ "jpg", "image/jpeg", HEADERS_DATA, false },
	{ "webp", "image/webp", HEADERS_DATA, false },
	{ "ico", "image/x-icon", HEADERS_DATA, false },
	{ "woff2", "font/woff2", HEADERS_DATA, false },
	{ "txt", "text/plain; charset=utf-8", HEADERS_DATA, false },
	{ "csv", "text/csv; charset=utf-8", HEADERS_DATA, true },
	{ "pdf", "application/pdf", HEADERS_DATA, true },
	{ "xlsx",
	    "application/vnd.openxmlformats-officedocument."
	    "spreadsheetml.sheet",
	    HEADERS_DATA, true },
};

size_t
headers_list(
    enum headers_policy policy, bool tls, struct header out[HEADERS_MAX])
{
	size_t n = sizeof fixed / sizeof fixed[0];

	memcpy(out, fixed, sizeof fixed);
	out[n++] = (struct header){ "Content-Security-Policy",
		policy == HEADERS_PAGE ? PAGE_POLICY : DATA_POLICY };
	if (tls)
		out[n++] = (struct header){ "Strict-Transport-Security",
			"max-age=63072000; includeSubDomains" };
	return n;
}

const struct headers_type *
headers_type(const struct path *path)
{
	const char *extension = path_extension(path);

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].extension, extension) == 0)
			return &types[i];
	return NULL;
}
