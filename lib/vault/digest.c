#include "vault/digest.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/mem.h"

struct digest {
	crypto_hash_sha256_state state;
};

struct digest *
digest_open(void)
{
	struct digest *digest = mem_zero(1, sizeof(*digest));

	crypto_hash_sha256_init(&digest->state);
	return digest;
}

void
digest_put(struct digest *digest, const void *data, size_t size)
{
	crypto_hash_sha256_update(&digest->state, data, size);
}

void
digest_close(struct digest *digest, char hex[DIGEST_HEX])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&digest->state, hash);
	if (hex != NULL)
		sodium_bin2hex(hex, DIGEST_HEX, hash, sizeof(hash));
	free(digest);
}

void
digest_hex(const struct digest_part *parts, size_t count, char hex[DIGEST_HEX])
{
	struct digest *digest = digest_open();

	for (size_t i = 0; i < count; i++)
		digest_put(digest, parts[i].data, parts[i].size);
	digest_close(digest, hex);
}
