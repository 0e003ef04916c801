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

static int
start(struct failure *why)
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

	if (!secret->passphrase)
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
vault_secret_read(const char *path, bool passphrase, struct failure *why)
{
	struct vault_secret *secret;
	int fd, result;

	if (start(why) == -1)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		failure_set(why, EXIT_WRONG, "%s:", path);
		return NULL;
	}
	secret = sodium_malloc(sizeof(*secret));
	if (secret == NULL) {
		close(fd);
		failure_set(why, EXIT_AGAIN, "no memory for a key:");
		return NULL;
	}
	secret->passphrase = passphrase;
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

int
vault_key_create(const char *path, struct failure *why)
{
	unsigned char key[VAULT_KEY];
	int fd, result = -1;

	if (start(why) == -1)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	if (fd < 0)
		return failure_set(why,
		    errno == EEXIST || errno == ENOENT || errno == EACCES
			? EXIT_WRONG
			: EXIT_AGAIN,
		    "%s:", path);
	randombytes_buf(key, sizeof(key));
	if (io_write_all(fd, key, sizeof(key)) == 0 && fsync(fd) == 0)
		result = 0;
	else
		failure_set(why, EXIT_AGAIN, "%s:", path);
	sodium_memzero(key, sizeof(key));
	close(fd);
	if (result == -1)
		unlink(path);
	return result;
}

int
vault_derive(const struct vault_secret *secret, const unsigned char *salt,
    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES],
    unsigned char id[VAULT_KEY_ID], struct failure *why)
{
	unsigned char master[crypto_kdf_KEYBYTES];

	if (!secret->passphrase)
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
