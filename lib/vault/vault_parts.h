/* What sealing and opening share. */
#ifndef VAULT_VAULT_PARTS_H
#define VAULT_VAULT_PARTS_H

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>

#include "vault/vault.h"

enum vault_place {
	HEAD_EDITION = 7,
	HEAD_KIND = 8,
	HEAD_VERSION = 10,
	HEAD_SCHEMA = 12,
	HEAD_TIME = 16,
	HEAD_SALT = 24,
	HEAD_KEY_ID = 40,
	HEAD_UUID = 56,
	HEAD_SLUG = 92,
	HEAD_STREAM = 156,
	HEAD_END = 180
};

#define VAULT_MAGIC "TBMSBAK\1"
#define VAULT_UUID 36
#define VAULT_KEY_ID 16
#define VAULT_SALT crypto_pwhash_SALTBYTES
#define VAULT_SEALED                                                           \
	(VAULT_CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES)

/* What a file is sealed with; the number stands in its head. */
enum vault_kind { KIND_FILE = 1, KIND_PASSPHRASE = 2, KIND_TENANT = 3 };
#define KIND_PACK 128 /* beside it */

/* Numbers of a head: the lowest byte first. */
static inline void
vault_put_number(unsigned char *out, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out[i] = (unsigned char)(number >> 8 * i);
}

static inline uint64_t
vault_get_number(const unsigned char *in, int bytes)
{
	uint64_t number = 0;

	for (int i = bytes; i-- > 0;)
		number = number << 8 | in[i];
	return number;
}

/* In memory of sodium_malloc. */
struct vault_secret {
	enum vault_kind kind;
	unsigned version; /* of a tenant's key; else 0 */
	size_t size;
	unsigned char bytes[VAULT_PASSPHRASE_MAX + 2];
};

/* Before anything random is asked for. 0, or -1 with a failure. */
int vault_start(struct failure *why);
/* A secret of 32 bytes, to be filled; NULL with a failure. */
struct vault_secret *vault_secret_new(
    enum vault_kind kind, unsigned version, struct failure *why);
/* A new file, durable, or none. EXIT_WRONG where it is there already. */
int vault_file_create(const char *path, unsigned mode, const void *data,
    size_t size, struct failure *why);
/* The key of a stream and which one it is; `key` is the caller's to wipe. */
int vault_derive(const struct vault_secret *secret, const unsigned char *salt,
    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES],
    unsigned char id[VAULT_KEY_ID], struct failure *why);

#endif
