#include "vault/digest.h"

#include <sodium.h>

void
digest_hex(const struct digest_part *parts, size_t count, char hex[DIGEST_HEX])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < count; i++)
		crypto_hash_sha256_update(&state, parts[i].data, parts[i].size);
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(hex, DIGEST_HEX, hash, sizeof(hash));
}
