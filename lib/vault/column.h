/*
 * Values of a database that are sealed one by one: a telephone number, an
 * address, a password of a device. A sealed value is
 *
 *	0	1, the edition
 *	1	how: 1 is XChaCha20-Poly1305
 *	2	version of the key, 16 bits; numbers are little-endian
 *	4	nonce, 24 bytes
 *	28	the value, sealed, and the tag of 16 bytes
 *
 * and opens only where it was put: the uuid of the database, table, column
 * and row are authenticated with it.
 */
#ifndef VAULT_COLUMN_H
#define VAULT_COLUMN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "vault/vault.h"

#define COLUMN_MORE 44 /* bytes that a value is longer sealed */
#define COLUMN_INDEX 33 /* 32 letters and their NUL */

struct column_keys;
/* From a data key (ring_get), which is not needed any more. */
struct column_keys *column_keys_open(
    const struct vault_secret *key, const char *uuid, struct failure *why);
void column_keys_close(struct column_keys *keys);
unsigned column_version(const struct column_keys *keys);

struct column_place {
	const char *table, *column;
	int64_t row;
};
/* Append the sealed value. */
void column_seal(const struct column_keys *keys,
    const struct column_place *place, const void *value, size_t size,
    struct buf *out);
/* Append the value; false where it is not one, or not for this place or
 * this key. */
bool column_open(const struct column_keys *keys,
    const struct column_place *place, const void *sealed, size_t size,
    struct buf *out);
/* The same text in the same column, in any case of its ASCII letters, has
 * the same index, which tells nothing else of it. */
void column_index(const struct column_keys *keys, const char *table,
    const char *column, const char *text, char index[COLUMN_INDEX]);

#endif
