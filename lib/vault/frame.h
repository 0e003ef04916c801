/*
 * Frames of a file that grows: each is sealed by itself, for its place, so
 * that one that was changed, moved within the file or to another, or stands
 * behind one that was taken out does not open. That the last ones are missing
 * cannot be seen: the file may as well not have grown yet.
 *
 *	0	"TBMSARC" and the edition, 1
 *	8	version of the key, 16 bits; numbers are little-endian
 *	10	0
 *	12	size of what is sealed with its tag, 32 bits
 *	16	nonce, 24 bytes
 *	40	sealed by XChaCha20-Poly1305, its tag of 16 bytes last
 *
 * Authenticated with it are the first 16 bytes, the name of the file and
 * where in it the frame begins.
 */
#ifndef VAULT_FRAME_H
#define VAULT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "vault/vault.h"

#define FRAME_HEAD 40
#define FRAME_SIZE_MAX ((size_t)512 << 20)

struct frame_place {
	const char *name; /* of the file: tenant/day/hour… */
	int64_t at; /* in it */
};
/* Append the frame. */
void frame_seal(const struct vault_secret *key, const struct frame_place *place,
    const void *data, size_t size, struct buf *out);
/* Which key, and how many bytes follow the head; false: it is none. */
bool frame_head(
    const unsigned char head[FRAME_HEAD], unsigned *version, size_t *size);
/* Append what is in it; false where it does not open. */
bool frame_open(const struct vault_secret *key, const struct frame_place *place,
    const unsigned char head[FRAME_HEAD], const void *sealed, struct buf *out);

#endif
