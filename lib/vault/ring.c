#include "vault/ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "vault/vault_parts.h"

#define MAGIC "TBMSKEY\1"
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

enum ring_place {
	FILE_MASTER = 8,
	FILE_NONCE = 24,
	FILE_KEY = FILE_NONCE + NONCE,
	FILE_SIZE = FILE_KEY + VAULT_KEY + TAG
};

/* In memory of sodium_malloc. */
struct ring {
	char folder[512];
	unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	unsigned char id[VAULT_KEY_ID]; /* of the key */
};

static const char *const contexts[] = {
	[RING_TENANTS] = "tbms-wrp", [RING_ARCHIVES] = "tbms-arc"
};

struct ring *
ring_open(enum ring_kind kind, const struct vault_secret *master,
    const char *folder, struct failure *why)
{
	struct ring *ring = sodium_malloc(sizeof(*ring));

	if (ring == NULL) {
		failure_set(why, EXIT_AGAIN, "no memory for a key:");
		return NULL;
	}
	if (snprintf(ring->folder, sizeof(ring->folder), "%s", folder) >=
	    (int)sizeof(ring->folder)) {
		failure_set(why, EXIT_WRONG, "%s: path is too long", folder);
		sodium_free(ring);
		return NULL;
	}
	crypto_kdf_derive_from_key(
	    ring->key, sizeof(ring->key), 1, contexts[kind], master->bytes);
	crypto_kdf_derive_from_key(
	    ring->id, sizeof(ring->id), 2, contexts[kind], master->bytes);
	return ring;
}

void
ring_close(struct ring *ring)
{
	sodium_free(ring); /* wipes it */
}

/* ---- names ------------------------------------------------------------ */

/* What is behind the id and a dot in a file's name; 0: another's name. */
static unsigned
version_of(const char *name, const char *id)
{
	size_t size = strlen(id);
	int64_t version;

	if (strncmp(name, id, size) != 0 || name[size] != '.' ||
	    !num_integer(name + size + 1, strlen(name + size + 1), 1,
		RING_VERSION_MAX, &version))
		return 0;
	return (unsigned)version;
}

/* Call `take` for each file of the folder until it is not 0. */
static int
each_file(const char *folder,
    int (*take)(void *context, const char *name, struct failure *why),
    void *context, struct failure *why)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int result = 0;

	if (dir == NULL)
		return errno == ENOENT
		    ? 0
		    : failure_set(why, EXIT_AGAIN, "%s:", folder);
	while (result == 0 && (entry = readdir(dir)) != NULL)
		result = take(context, entry->d_name, why);
	closedir(dir);
	return result;
}

static bool
is_key(const char *name)
{
	const char *dot = strrchr(name, '.');
	int64_t version;

	return dot != NULL && dot != name &&
	    num_integer(
		dot + 1, strlen(dot + 1), 1, RING_VERSION_MAX, &version);
}

struct newest {
	const char *id;
	unsigned version;
};

static int
take_newest(void *context, const char *name, struct failure *why)
{
	struct newest *newest = context;
	unsigned version = version_of(name, newest->id);

	(void)why;
	if (version > newest->version)
		newest->version = version;
	return 0;
}

int
ring_newest(const char *folder, const char *id, struct failure *why)
{
	struct newest newest = { id, 0 };

	if (each_file(folder, take_newest, &newest, why) == -1)
		return -1;
	return (int)newest.version;
}

static int
file_path(
    const char *folder, const char *name, char path[768], struct failure *why)
{
	if (snprintf(path, 768, "%s/%s", folder, name) >= 768)
		return failure_set(
		    why, EXIT_WRONG, "%s: path is too long", folder);
	return 0;
}

/* ---- one key ---------------------------------------------------------- */

/* Whose it is: <id>.<version> as the contract has it, tbms-wrap-1|id|n. */
static size_t
describe(const char *name, char about[512])
{
	const char *dot = strrchr(name, '.');

	return (size_t)snprintf(about, 512, "tbms-wrap-1|%.*s|%s",
	    (int)(dot - name), name, dot + 1);
}

static void
wrap(const struct ring *ring, const char *name, const struct vault_secret *key,
    unsigned char file[FILE_SIZE])
{
	char about[512];
	size_t size = describe(name, about);

	memcpy(file, MAGIC, 8);
	memcpy(file + FILE_MASTER, ring->id, sizeof(ring->id));
	randombytes_buf(file + FILE_NONCE, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(file + FILE_KEY, NULL,
	    key->bytes, VAULT_KEY, (const unsigned char *)about, size, NULL,
	    file + FILE_NONCE, ring->key);
}

/* 1 it is of this ring's master, 0 of another's; -1 with a failure. */
static int
unwrap(const struct ring *ring, const char *name, struct vault_secret *key,
    struct failure *why)
{
	struct buf file = { 0 };
	char path[768], about[512];
	size_t size = describe(name, about);
	int result = -1;

	if (file_path(ring->folder, name, path, why) == -1)
		return -1;
	if (io_file_read(AT_FDCWD, path, 4096, &file, why) == -1) {
		why->status = errno == ENOENT ? EXIT_WRONG : why->status;
	} else if (file.size != FILE_SIZE || memcmp(file.data, MAGIC, 8) != 0) {
		failure_set(why, EXIT_WRONG, "%s: is no wrapped key", path);
	} else if (memcmp(file.data + FILE_MASTER, ring->id,
		       sizeof(ring->id)) != 0) {
		failure_set(why, EXIT_WRONG,
		    "%s: is wrapped by another master key", path);
		result = 0;
	} else if (crypto_aead_xchacha20poly1305_ietf_decrypt(key->bytes, NULL,
		       NULL, (const unsigned char *)file.data + FILE_KEY,
		       VAULT_KEY + TAG, (const unsigned char *)about, size,
		       (const unsigned char *)file.data + FILE_NONCE,
		       ring->key) != 0) {
		failure_set(why, EXIT_WRONG, "%s: is damaged", path);
	} else {
		result = 1;
	}
	buf_free(&file);
	return result;
}

struct vault_secret *
ring_get(const struct ring *ring, const char *id, unsigned version,
    struct failure *why)
{
	struct vault_secret *key = vault_secret_new(KIND_TENANT, version, why);
	char name[256];

	if (key == NULL)
		return NULL;
	snprintf(name, sizeof(name), "%s.%u", id, version);
	if (unwrap(ring, name, key, why) == 1)
		return key;
	vault_secret_free(key);
	return NULL;
}

int
ring_put(const struct ring *ring, const char *id, unsigned version,
    const struct vault_secret *key, struct failure *why)
{
	struct vault_secret *made = NULL;
	unsigned char file[FILE_SIZE];
	char name[256], path[768];

	snprintf(name, sizeof(name), "%s.%u", id, version);
	if (file_path(ring->folder, name, path, why) == -1 ||
	    io_mkdirs(ring->folder, 0700, why) == -1)
		return -1;
	if (access(path, F_OK) == 0)
		return failure_set(
		    why, EXIT_WRONG, "%s: is there already", path);
	if (key == NULL) {
		made = vault_secret_new(KIND_TENANT, version, why);
		if (made == NULL)
			return -1;
		randombytes_buf(made->bytes, VAULT_KEY);
		key = made;
	}
	wrap(ring, name, key, file);
	if (made != NULL)
		vault_secret_free(made);
	return io_file_replace(path, file, sizeof(file), 0600, true, why);
}

/* ---- all of them ------------------------------------------------------ */

struct rewrap {
	const struct ring *from, *to;
	struct vault_secret *key;
};

static int
rewrap_one(void *context, const char *name, struct failure *why)
{
	const struct rewrap *work = context;
	unsigned char file[FILE_SIZE];
	char path[768];
	int got;

	if (!is_key(name))
		return 0;
	got = unwrap(work->to, name, work->key, why);
	if (got == 1)
		return 0;
	if (got == -1 || unwrap(work->from, name, work->key, why) != 1 ||
	    file_path(work->to->folder, name, path, why) == -1)
		return -1;
	wrap(work->to, name, work->key, file);
	return io_file_replace(path, file, sizeof(file), 0600, true, why);
}

int
ring_rewrap(const struct ring *from, const struct ring *to, struct failure *why)
{
	struct rewrap work = { from, to, NULL };
	int result;

	work.key = vault_secret_new(KIND_TENANT, 0, why);
	if (work.key == NULL)
		return -1;
	result = each_file(from->folder, rewrap_one, &work, why);
	vault_secret_free(work.key);
	return result;
}

struct shred {
	const char *folder, *id;
	unsigned up_to;
};

/* Half of a file's writing that was killed: <id>.<n>.<letters> */
static bool
is_left(const struct shred *shred, const char *name)
{
	size_t size = strlen(shred->id);

	return shred->up_to == RING_VERSION_MAX &&
	    strncmp(name, shred->id, size) == 0 && name[size] == '.';
}

/* A file system that writes elsewhere keeps the old block: what is told of
 * a shredded key is that nothing of ours can open it any more. */
static int
shred_one(void *context, const char *name, struct failure *why)
{
	const struct shred *shred = context;
	unsigned version = version_of(name, shred->id);
	static const unsigned char nothing[FILE_SIZE];
	char path[768];
	int fd;

	if (version == 0 ? !is_left(shred, name) : version > shred->up_to)
		return 0;
	if (file_path(shred->folder, name, path, why) == -1)
		return -1;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		if (io_write_all(fd, nothing, sizeof(nothing)) == 0)
			fsync(fd);
		close(fd);
	}
	if (unlink(path) != 0 && errno != ENOENT)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	return 0;
}

int
ring_shred(
    const char *folder, const char *id, unsigned up_to, struct failure *why)
{
	struct shred shred = { folder, id, up_to };
	struct stat info;

	if (each_file(folder, shred_one, &shred, why) == -1)
		return -1;
	return stat(folder, &info) != 0 || io_sync(AT_FDCWD, folder) == 0
	    ? 0
	    : failure_set(why, EXIT_AGAIN, "%s:", folder);
}

struct vault_secret *
ring_archive_key(const struct vault_secret *key, struct failure *why)
{
	struct vault_secret *made =
	    vault_secret_new(KIND_TENANT, key->version, why);

	if (made != NULL)
		crypto_kdf_derive_from_key(
		    made->bytes, VAULT_KEY, 3, "tbms-bak", key->bytes);
	return made;
}

void
ring_key_bytes(const struct vault_secret *key, unsigned char bytes[VAULT_KEY])
{
	memcpy(bytes, key->bytes, VAULT_KEY);
}

struct vault_secret *
ring_key_from(
    const unsigned char bytes[VAULT_KEY], unsigned version, struct failure *why)
{
	struct vault_secret *key = vault_secret_new(KIND_TENANT, version, why);

	if (key != NULL)
		memcpy(key->bytes, bytes, VAULT_KEY);
	return key;
}

bool
ring_key_same(const struct vault_secret *one, const struct vault_secret *other)
{
	return sodium_memcmp(one->bytes, other->bytes, VAULT_KEY) == 0;
}
