/* SHA-256, for chains and comparisons; nothing here is secret. */
#ifndef VAULT_DIGEST_H
#define VAULT_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX 65 /* 64 lower-case letters and their NUL */

struct digest_part {
	const void *data;
	size_t size;
};
/* Of all the parts, one behind the other. */
void digest_hex(
    const struct digest_part *parts, size_t count, char hex[DIGEST_HEX]);

/* Of what comes bit by bit. */
struct digest;
struct digest *digest_open(void);
void digest_put(struct digest *digest, const void *data, size_t size);
/* What came so far; frees it. `hex` may be NULL. */
void digest_close(struct digest *digest, char hex[DIGEST_HEX]);

#endif
