/*
 * A stream sealed with a secret: compressed, encrypted and authenticated, so
 * that a file that was cut, changed, joined or renamed does not open. Of the
 * rooms only this one and web include sodium.h.
 *
 * The file: a head of 192 bytes, all of it authenticated with each chunk;
 * then chunks of 64 KiB of a zstd frame, each with its tag, the last one
 * marked as such (crypto_secretstream_xchacha20poly1305).
 *
 *	0	"TBMSBAK" and the edition, 1
 *	8	(with 128: all of a tenant, not its database alone) 1 a key from a file, 2 a passphrase (argon2id, 3 passes, 64 MiB),
 *		3 the tenant's own key
 *	10	which of the tenant's keys, 16 bits
 *	12	schema of the database, 32 bits; numbers are little-endian
 *	16	time, 64 bits, ms since 1970
 *	24	salt of the passphrase, 16 bytes
 *	40	which key it is, 16 bytes that tell nothing else of it
 *	56	uuid of the tenant, 36 letters
 *	92	slug of the tenant, 64 bytes, filled up with 0
 *	156	head of the secret stream, 24 bytes
 *	180	0
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define VAULT_HEAD 192
#define VAULT_CHUNK 65536 /* bytes of the frame in one chunk */
#define VAULT_KEY 32
#define VAULT_PASSPHRASE_MIN 12 /* bytes */
#define VAULT_PASSPHRASE_MAX 1024

/* What a sealed file tells of itself; not secret. */
struct vault_about {
	char slug[64];
	char uuid[37];
	int64_t time_ms;
	uint32_t schema;
	unsigned version; /* of the tenant's key; 0: sealed otherwise */
	bool pack; /* all of a tenant, not its database alone */
};

struct vault_secret;
/* A key of 32 bytes, or the first line as a passphrase, from a file that is
 * its owner's only. NULL with a failure (EXIT_WRONG). Memory for it is
 * locked, and wiped by vault_secret_free. */
struct vault_secret *vault_secret_read(
    const char *path, bool passphrase, struct failure *why);
void vault_secret_free(struct vault_secret *secret);
/* Which of a tenant's keys it is; 0 for any other. */
unsigned vault_secret_version(const struct vault_secret *secret);
/*
 * The master key, which wraps all others (vault/ring.h), from its file, which
 * must not lie below `root`. From here on the process leaves no core. NULL
 * with a failure.
 */
struct vault_secret *vault_master_read(
    const char *path, const char *root, struct failure *why);
/* A new random key in a new file, 0400, durable. EXIT_WRONG where it is
 * there already. */
int vault_key_create(const char *path, struct failure *why);

/* What the head of the sealed file tells, before anything is believed: to
 * find the key of it. The file stands at its start again. 0 or -1. */
int vault_peek(
    int from, const char *name, struct vault_about *about, struct failure *why);
/* Seal all that `from` has to the file `to`. Names are for failures. */
int vault_seal(const struct vault_secret *secret,
    const struct vault_about *about, int from, int to, const char *name,
    struct failure *why);
/* The same of what a function gives: up to `size` bytes, 0 at the end, -1
 * with a failure. */
typedef ssize_t vault_source(
    void *context, void *out, size_t size, struct failure *why);
int vault_seal_from(const struct vault_secret *secret,
    const struct vault_about *about, vault_source *source, void *context,
    int to, const char *name, struct failure *why);
/*
 * Open the sealed file `from`, of this tenant or none, into `to`. Nothing is
 * written that was not authenticated, but only with 0 is it all. -1 with a
 * failure: EXIT_WRONG for what is cut, changed, another's or of another key.
 */
int vault_open(const struct vault_secret *secret, const char *slug, int from,
    int to, const char *name, struct vault_about *about, struct failure *why);
/* The same, of a file with all of a tenant, to a function that takes the
 * bytes; 0 or -1 with a failure. `slug` may be NULL: of any tenant. */
typedef int vault_sink(
    void *context, const void *data, size_t size, struct failure *why);
int vault_open_to(const struct vault_secret *secret, const char *slug, int from,
    vault_sink *sink, void *context, const char *name,
    struct vault_about *about, struct failure *why);

#endif
