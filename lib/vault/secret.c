/* Where keys come from, and what is made of them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "vault/vault_parts.h"

#define CONTEXT "tbms-bak" /* rule K3 */
#define PASSES 3
#define MEMORY ((size_t)64 << 20)

int
vault_start(struct failure *why)
{
	return sodium_init() >= 0
	    ? 0
	    : failure_set(why, EXIT_AGAIN, "there is no random source");
}

static int
read_open(
    struct vault_secret *secret, int fd, const char *path, struct failure *why)
{
	struct stat info;
	ssize_t got;

	if (fstat(fd, &info) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	if (!S_ISREG(info.st_mode))
		return failure_set(
		    why, EXIT_WRONG, "%s: is no regular file", path);
	if ((info.st_mode & 077) != 0)
		return failure_set(why, EXIT_WRONG,
		    "%s: others than its owner may open it (mode %03o)", path,
		    (unsigned)info.st_mode & 0777);
	while (secret->size < sizeof(secret->bytes)) {
		got = read(fd, secret->bytes + secret->size,
		    sizeof(secret->bytes) - secret->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failure_set(why, EXIT_AGAIN, "%s:", path);
		if (got == 0)
			break;
		secret->size += (size_t)got;
	}
	return 0;
}

static int
judge(struct vault_secret *secret, const char *path, struct failure *why)
{
	const unsigned char *end = memchr(secret->bytes, '\n', secret->size);

	if (secret->kind != KIND_PASSPHRASE)
		return secret->size == VAULT_KEY
		    ? 0
		    : failure_set(why, EXIT_WRONG, "%s: is no key of %d bytes",
			  path, VAULT_KEY);
	if (end != NULL)
		secret->size = (size_t)(end - secret->bytes);
	if (secret->size >= VAULT_PASSPHRASE_MIN &&
	    secret->size <= VAULT_PASSPHRASE_MAX)
		return 0;
	return failure_set(why, EXIT_WRONG,
	    "%s: its first line is no passphrase of %d to %d bytes", path,
	    VAULT_PASSPHRASE_MIN, VAULT_PASSPHRASE_MAX);
}

struct vault_secret *
vault_secret_new(enum vault_kind kind, unsigned version, struct failure *why)
{
	struct vault_secret *secret;

	if (vault_start(why) == -1)
		return NULL;
	secret = sodium_malloc(sizeof(*secret));
	if (secret == NULL) {
		failure_set(why, EXIT_AGAIN, "no memory for a key:");
		return NULL;
	}
	secret->kind = kind;
	secret->version = version;
	secret->size = VAULT_KEY;
	return secret;
}

struct vault_secret *
vault_secret_read(const char *path, bool passphrase, struct failure *why)
{
	struct vault_secret *secret;
	int fd, result;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		failure_set(why, EXIT_WRONG, "%s:", path);
		return NULL;
	}
	secret =
	    vault_secret_new(passphrase ? KIND_PASSPHRASE : KIND_FILE, 0, why);
	if (secret == NULL) {
		close(fd);
		return NULL;
	}
	secret->size = 0;
	result = read_open(secret, fd, path, why);
	close(fd);
	if (result == 0 && judge(secret, path, why) == 0)
		return secret;
	vault_secret_free(secret);
	return NULL;
}

void
vault_secret_free(struct vault_secret *secret)
{
	sodium_free(secret); /* wipes it */
}

unsigned
vault_secret_version(const struct vault_secret *secret)
{
	return secret->version;
}

int
vault_file_create(const char *path, unsigned mode, const void *data,
    size_t size, struct failure *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int result = 0;

	if (fd < 0)
		return failure_set(why,
		    errno == EEXIST || errno == ENOENT || errno == EACCES
			? EXIT_WRONG
			: EXIT_AGAIN,
		    "%s:", path);
	if (io_write_all(fd, data, size) != 0 || fsync(fd) != 0)
		result = failure_set(why, EXIT_AGAIN, "%s:", path);
	close(fd);
	if (result == -1)
		unlink(path);
	return result;
}

int
vault_key_create(const char *path, struct failure *why)
{
	unsigned char key[VAULT_KEY];
	int result;

	if (vault_start(why) == -1)
		return -1;
	randombytes_buf(key, sizeof(key));
	result = vault_file_create(path, 0400, key, sizeof(key), why);
	sodium_memzero(key, sizeof(key));
	return result;
}

int
vault_derive(const struct vault_secret *secret, const unsigned char *salt,
    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES],
    unsigned char id[VAULT_KEY_ID], struct failure *why)
{
	unsigned char master[crypto_kdf_KEYBYTES];

	if (secret->kind != KIND_PASSPHRASE)
		memcpy(master, secret->bytes, sizeof(master));
	else if (crypto_pwhash(master, sizeof(master),
		     (const char *)secret->bytes, secret->size, salt, PASSES,
		     MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return failure_set(
		    why, EXIT_AGAIN, "no memory for the passphrase");
	crypto_kdf_derive_from_key(key,
	    crypto_secretstream_xchacha20poly1305_KEYBYTES, 1, CONTEXT, master);
	crypto_kdf_derive_from_key(id, VAULT_KEY_ID, 2, CONTEXT, master);
	sodium_memzero(master, sizeof(master));
	return 0;
}
