#include "vault/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "vault/vault_parts.h"

#define MAGIC "TBMSESC\1"
#define MAGIC_SIZE 8
#define SEALED (MAGIC_SIZE + VAULT_KEY + crypto_box_SEALBYTES)

int
pair_create(const char *path, struct failure *why)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	unsigned char secret[crypto_box_SECRETKEYBYTES];
	struct buf name = { 0 };
	int result;

	if (vault_start(why) == -1)
		return -1;
	buf_print(&name, "%s.pub", path);
	crypto_box_keypair(public, secret);
	result =
	    vault_file_create(name.data, 0644, public, sizeof(public), why);
	if (result == 0) {
		result =
		    vault_file_create(path, 0400, secret, sizeof(secret), why);
		if (result == -1)
			unlink(name.data);
	}
	sodium_memzero(secret, sizeof(secret));
	buf_free(&name);
	return result;
}

/* Any 32 bytes are a public key, and nobody opens what is sealed to a secret
 * one: is it that? As pair_create left it, or beside its public one. */
static bool
is_secret(const char *path, const struct buf *file)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	struct buf name = { 0 }, other = { 0 };
	struct failure ignored;
	struct stat info;
	const char *end = strrchr(path, '.');
	bool secret = (end == NULL || strcmp(end, ".pub") != 0) &&
	    stat(path, &info) == 0 && (info.st_mode & 0777) == 0400;

	buf_print(&name, "%s.pub", path);
	if (!secret &&
	    io_file_read(AT_FDCWD, name.data, 4096, &other, &ignored) == 0 &&
	    other.size == sizeof(public) &&
	    crypto_scalarmult_base(public, (const unsigned char *)file->data) ==
		0)
		secret = memcmp(public, other.data, sizeof(public)) == 0;
	buf_free(&other);
	buf_free(&name);
	return secret;
}

static int
read_public(const char *path, unsigned char public[crypto_box_PUBLICKEYBYTES],
    struct failure *why)
{
	struct buf file = { 0 };
	int result = 0;

	if (io_file_read(AT_FDCWD, path, 4096, &file, why) == -1) {
		why->status = EXIT_WRONG;
		result = -1;
	} else if (file.size != crypto_box_PUBLICKEYBYTES) {
		result =
		    failure_set(why, EXIT_WRONG, "%s: is no public key", path);
	} else if (is_secret(path, &file)) {
		result = failure_set(why, EXIT_WRONG,
		    "%s: is a secret key: give the public one, FILE.pub", path);
	} else {
		memcpy(public, file.data, crypto_box_PUBLICKEYBYTES);
	}
	buf_free(&file);
	return result;
}

int
pair_seal(const char *public_path, const struct vault_secret *key,
    const char *path, struct failure *why)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES], file[SEALED];

	if (read_public(public_path, public, why) == -1)
		return -1;
	memcpy(file, MAGIC, MAGIC_SIZE);
	if (crypto_box_seal(file + MAGIC_SIZE, key->bytes, VAULT_KEY, public) !=
	    0)
		return failure_set(
		    why, EXIT_WRONG, "%s: is no public key", public_path);
	return vault_file_create(path, 0600, file, sizeof(file), why);
}

struct vault_secret *
pair_open(const char *secret_path, const char *path, struct failure *why)
{
	struct vault_secret *secret =
	    vault_secret_read(secret_path, false, why);
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	struct vault_secret *key = NULL;
	struct buf file = { 0 };

	if (secret == NULL)
		return NULL;
	if (io_file_read(AT_FDCWD, path, 4096, &file, why) == 0) {
		key = vault_secret_new(KIND_FILE, 0, why);
		crypto_scalarmult_base(public, secret->bytes);
	}
	if (key != NULL &&
	    (file.size != SEALED || memcmp(file.data, MAGIC, MAGIC_SIZE) != 0 ||
		crypto_box_seal_open(key->bytes,
		    (const unsigned char *)file.data + MAGIC_SIZE,
		    SEALED - MAGIC_SIZE, public, secret->bytes) != 0)) {
		failure_set(why, EXIT_WRONG, "%s: is no key that %s opens",
		    path, secret_path);
		vault_secret_free(key);
		key = NULL;
	}
	vault_secret_free(secret);
	buf_free(&file);
	return key;
}

int
pair_write(
    const struct vault_secret *key, const char *path, struct failure *why)
{
	return vault_file_create(path, 0400, key->bytes, VAULT_KEY, why);
}
