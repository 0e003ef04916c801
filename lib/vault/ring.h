/*
 * Rings of keys: folders of files <id>.<version>, each one key of 32 bytes
 * wrapped by another (XChaCha20-Poly1305). Whose key it is and which version
 * is authenticated with it, so that a file under another name does not open.
 *
 *	0	"TBMSKEY" and the edition, 1
 *	8	which key wraps it, 16 bytes that tell nothing else of it
 *	24	nonce, 24 bytes
 *	48	the key, sealed: 32 bytes and the tag of 16
 *
 * Two rings belong to a root: keys/, the data keys of tenants by their uuid
 * (and "core"), and keys/archive/, the keys of their raw archives by slug.
 */
#ifndef VAULT_RING_H
#define VAULT_RING_H

#include "vault/vault.h"

#define RING_VERSION_MAX 65535

/* Which keys the master key itself is never used for, but derived from it. */
enum ring_kind { RING_TENANTS, RING_ARCHIVES };

struct ring;
/* The ring in this folder, wrapped by what is derived of the master, which
 * is not needed any more. The folder need not be there. NULL: a failure. */
struct ring *ring_open(enum ring_kind kind, const struct vault_secret *master,
    const char *folder, struct failure *why);
void ring_close(struct ring *ring);

/* The newest version of this id, 0 where there is none; -1 with a failure.
 * Needs no key: a ring may be NULL and its folder given. */
int ring_newest(const char *folder, const char *id, struct failure *why);
/* One of them; NULL with a failure: EXIT_WRONG where it is not there, is
 * damaged, or is wrapped by another master. Free it. */
struct vault_secret *ring_get(const struct ring *ring, const char *id,
    unsigned version, struct failure *why);
/* Wrap a key into a new file, durable; `key` NULL: a new random one.
 * EXIT_WRONG where it is there already. */
int ring_put(const struct ring *ring, const char *id, unsigned version,
    const struct vault_secret *key, struct failure *why);
/* Wrap all keys of `from` anew, for `to`, in place, one by one; those that
 * are wrapped so already stay: run it again after a failure. */
int ring_rewrap(
    const struct ring *from, const struct ring *to, struct failure *why);
/* Overwrite and remove all versions of this id; `from` to leave the newer
 * ones (RING_VERSION_MAX: all). 0 also where there are none. */
int ring_shred(
    const char *folder, const char *id, unsigned up_to, struct failure *why);

/* A key as bytes, to go sealed to another machine, and back: wipe them. */
void ring_key_bytes(
    const struct vault_secret *key, unsigned char bytes[VAULT_KEY]);
struct vault_secret *ring_key_from(const unsigned char bytes[VAULT_KEY],
    unsigned version, struct failure *why);
/* Is it the same key? */
bool ring_key_same(
    const struct vault_secret *one, const struct vault_secret *other);

/* The archive's key of a tenant, made of its data key. Free it. */
struct vault_secret *ring_archive_key(
    const struct vault_secret *key, struct failure *why);

#endif
