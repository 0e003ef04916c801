#include "vault/column.h"

#include <stdio.h>
#include <string.h>

#include "vault/vault_parts.h"

#define EDITION 1
#define XCHACHA 1
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD 4

_Static_assert(HEAD + NONCE + TAG == COLUMN_MORE, "size of what is added");

/* In memory of sodium_malloc. */
struct column_keys {
	unsigned char seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	unsigned char index[crypto_generichash_KEYBYTES];
	char uuid[VAULT_UUID + 1];
	unsigned version;
};

struct column_keys *
column_keys_open(
    const struct vault_secret *key, const char *uuid, struct failure *why)
{
	struct column_keys *keys = sodium_malloc(sizeof(*keys));

	if (keys == NULL) {
		failure_set(why, EXIT_AGAIN, "no memory for a key:");
		return NULL;
	}
	crypto_kdf_derive_from_key(
	    keys->seal, sizeof(keys->seal), 1, "tbms-col", key->bytes);
	crypto_kdf_derive_from_key(
	    keys->index, sizeof(keys->index), 1, "tbms-idx", key->bytes);
	snprintf(keys->uuid, sizeof(keys->uuid), "%s", uuid);
	keys->version = key->version;
	return keys;
}

void
column_keys_close(struct column_keys *keys)
{
	sodium_free(keys); /* wipes it */
}

unsigned
column_version(const struct column_keys *keys)
{
	return keys->version;
}

/* What is authenticated beside the value: its head and its place. */
static void
describe(const struct column_keys *keys, const struct column_place *place,
    const unsigned char *head, struct buf *about)
{
	buf_put(about, head, HEAD);
	buf_print(about, "|%s|%s|%s|%lld", keys->uuid, place->table,
	    place->column, (long long)place->row);
}

void
column_seal(const struct column_keys *keys, const struct column_place *place,
    const void *value, size_t size, struct buf *out)
{
	unsigned char *to =
	    (unsigned char *)buf_reserve(out, size + COLUMN_MORE);
	struct buf about = { 0 };

	to[0] = EDITION;
	to[1] = XCHACHA;
	vault_put_number(to + 2, keys->version, 2);
	randombytes_buf(to + HEAD, NONCE);
	describe(keys, place, to, &about);
	crypto_aead_xchacha20poly1305_ietf_encrypt(to + HEAD + NONCE, NULL,
	    value, size, (const unsigned char *)about.data, about.size, NULL,
	    to + HEAD, keys->seal);
	out->size += size + COLUMN_MORE;
	out->data[out->size] = '\0';
	buf_free(&about);
}

bool
column_open(const struct column_keys *keys, const struct column_place *place,
    const void *sealed, size_t size, struct buf *out)
{
	const unsigned char *from = sealed;
	struct buf about = { 0 };
	unsigned char *to;
	bool good;

	if (size < COLUMN_MORE || from[0] != EDITION || from[1] != XCHACHA ||
	    vault_get_number(from + 2, 2) != keys->version)
		return false;
	to = (unsigned char *)buf_reserve(out, size);
	describe(keys, place, from, &about);
	good = crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL,
		   from + HEAD + NONCE, size - HEAD - NONCE,
		   (const unsigned char *)about.data, about.size, from + HEAD,
		   keys->seal) == 0;
	if (good)
		out->size += size - COLUMN_MORE;
	out->data[out->size] = '\0';
	buf_free(&about);
	return good;
}

void
column_index(const struct column_keys *keys, const char *table,
    const char *column, const char *text, char index[COLUMN_INDEX])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	struct buf all = { 0 };

	buf_print(&all, "%s|%s|", table, column);
	for (; *text != '\0'; text++)
		buf_char(&all,
		    (char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text));
	crypto_generichash(hash, sizeof(hash), (unsigned char *)all.data,
	    all.size, keys->index, sizeof(keys->index));
	sodium_bin2hex(index, COLUMN_INDEX, hash, sizeof(hash));
	buf_free(&all);
}
