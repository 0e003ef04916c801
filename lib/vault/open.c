/* From a sealed file to one in clear, or to a reason why not. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/io.h"
#include "base/mem.h"
#include "vault/vault_parts.h"

struct opener {
	crypto_secretstream_xchacha20poly1305_state state;
	ZSTD_DCtx *zip;
	int from;
	vault_sink *sink;
	void *context;
	bool pack; /* what is wanted */
	const char *name;
	bool whole; /* the frame has ended */
	unsigned char head[VAULT_HEAD];
	unsigned char sealed[VAULT_SEALED], chunk[VAULT_CHUNK];
	unsigned char out[VAULT_CHUNK];
};

/* As many as there are, up to `size`; -1 with a failure. */
static ssize_t
read_some(
    struct opener *o, unsigned char *out, size_t size, struct failure *why)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(o->from, out + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failure_set(
			    why, io_read_status(), "%s:", o->name);
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int
refuse(const struct opener *o, const char *what, struct failure *why)
{
	return failure_set(why, EXIT_WRONG, "%s: %s", o->name, what);
}

/* It becomes the name of a file. */
static bool
uuid_ok(const char *uuid)
{
	return strspn(uuid,
		   "0123456789abcdefghijklmnopqrstuvwxyz"
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == VAULT_UUID;
}

static int
read_head(struct opener *o, struct vault_about *about, struct failure *why)
{
	ssize_t got = read_some(o, o->head, sizeof(o->head), why);

	if (got == -1)
		return -1;
	if (got < 8 || memcmp(o->head, VAULT_MAGIC, HEAD_EDITION) != 0)
		return refuse(o, "is no sealed backup", why);
	if (o->head[HEAD_EDITION] != VAULT_MAGIC[HEAD_EDITION])
		return refuse(o, "is of an edition that is not known", why);
	if (got < (ssize_t)sizeof(o->head))
		return refuse(o, "is cut", why);
	about->pack = (o->head[HEAD_KIND] & KIND_PACK) != 0;
	about->version = (o->head[HEAD_KIND] & ~KIND_PACK) == KIND_TENANT
	    ? (unsigned)vault_get_number(o->head + HEAD_VERSION, 2)
	    : 0;
	about->schema = (uint32_t)vault_get_number(o->head + HEAD_SCHEMA, 4);
	about->time_ms = (int64_t)vault_get_number(o->head + HEAD_TIME, 8);
	memcpy(about->uuid, o->head + HEAD_UUID, VAULT_UUID);
	memcpy(about->slug, o->head + HEAD_SLUG, sizeof(about->slug));
	if (about->slug[sizeof(about->slug) - 1] != '\0' ||
	    !io_slug_ok(about->slug) || !uuid_ok(about->uuid))
		return refuse(o, "is damaged in its head", why);
	return 0;
}

static const char *const not_sealed_with[] = {
	[KIND_FILE] = "is not sealed with a key file",
	[KIND_PASSPHRASE] = "is not sealed with a passphrase",
	[KIND_TENANT] = "is not sealed with the tenant's key"
};

static int
begin(struct opener *o, const struct vault_secret *secret, struct failure *why)
{
	unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
	unsigned char id[VAULT_KEY_ID];
	int result = 0;

	if (((o->head[HEAD_KIND] & KIND_PACK) != 0) != o->pack)
		return refuse(o,
		    o->pack ? "is a backup: see tenant-db restore"
			    : "is all of a tenant: see tenant-db unpack",
		    why);
	if ((o->head[HEAD_KIND] & ~KIND_PACK) != (int)secret->kind)
		return refuse(o, not_sealed_with[secret->kind], why);
	if (vault_derive(secret, o->head + HEAD_SALT, key, id, why) == -1)
		return -1;
	if (sodium_memcmp(id, o->head + HEAD_KEY_ID, sizeof(id)) != 0)
		result = refuse(o,
		    secret->kind == KIND_PASSPHRASE
			? "is sealed with another passphrase"
			: "is sealed with another key",
		    why);
	else if (crypto_secretstream_xchacha20poly1305_init_pull(
		     &o->state, o->head + HEAD_STREAM, key) != 0)
		result = refuse(o, "is damaged in its head", why);
	sodium_memzero(key, sizeof(key));
	return result;
}

/* A chunk that was authenticated: a part of the frame. */
static int
expand(struct opener *o, size_t size, struct failure *why)
{
	ZSTD_inBuffer in = { o->chunk, size, 0 };
	ZSTD_outBuffer out;

	do {
		size_t left;

		if (o->whole && in.pos < in.size)
			return refuse(o, "has more than one frame", why);
		out = (ZSTD_outBuffer){ o->out, sizeof(o->out), 0 };
		left = ZSTD_decompressStream(o->zip, &out, &in);
		if (ZSTD_isError(left))
			return refuse(o, "does not expand", why);
		o->whole = left == 0;
		if (o->sink(o->context, o->out, out.pos, why) == -1)
			return -1;
	} while (in.pos < in.size || (!o->whole && out.pos == out.size));
	return 0;
}

/* 1 a chunk, 0 that was the last one, -1 with a failure. */
static int
next_chunk(struct opener *o, struct failure *why)
{
	ssize_t got = read_some(o, o->sealed, sizeof(o->sealed), why);
	unsigned long long size;
	unsigned char tag;

	if (got == -1)
		return -1;
	if (got == 0)
		return refuse(o, "is cut", why);
	if (crypto_secretstream_xchacha20poly1305_pull(&o->state, o->chunk,
		&size, &tag, o->sealed, (unsigned long long)got, o->head,
		sizeof(o->head)) != 0)
		return refuse(o,
		    got < (ssize_t)sizeof(o->sealed) ? "is damaged or cut"
						     : "is damaged",
		    why);
	if (size > 0 && expand(o, (size_t)size, why) == -1)
		return -1;
	return tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL;
}

static int
open_all(struct opener *o, struct failure *why)
{
	ssize_t got;
	int more;

	do
		more = next_chunk(o, why);
	while (more == 1);
	if (more == -1)
		return -1;
	got = read_some(o, o->sealed, 1, why);
	if (got == -1)
		return -1;
	if (got > 0)
		return refuse(o, "has something behind its end", why);
	return o->whole ? 0 : refuse(o, "is cut", why);
}

static int
write_file(void *context, const void *data, size_t size, struct failure *why)
{
	const int *to = context;

	return io_write_all(*to, data, size) == 0
	    ? 0
	    : failure_set(why, EXIT_AGAIN, "write:");
}

static int
open_file(const struct vault_secret *secret, const char *slug, bool pack,
    int from, vault_sink *sink, void *context, const char *name,
    struct vault_about *about, struct failure *why)
{
	struct opener *o = mem_zero(1, sizeof(*o));
	int result = -1;

	*about = (struct vault_about){ .schema = 0 };
	o->from = from;
	o->pack = pack;
	o->sink = sink;
	o->context = context;
	o->name = name;
	o->zip = ZSTD_createDCtx();
	if (o->zip == NULL)
		failure_set(why, EXIT_AGAIN, "no memory for zstd");
	else if (read_head(o, about, why) == 0 && begin(o, secret, why) == 0)
		result = slug == NULL || strcmp(about->slug, slug) == 0
		    ? open_all(o, why)
		    : failure_set(why, EXIT_WRONG,
			  "%s: is a backup of tenant %s", name, about->slug);
	ZSTD_freeDCtx(o->zip);
	sodium_memzero(o, sizeof(*o));
	mem_free(o);
	return result;
}

int
vault_open(const struct vault_secret *secret, const char *slug, int from,
    int to, const char *name, struct vault_about *about, struct failure *why)
{
	return open_file(
	    secret, slug, false, from, write_file, &to, name, about, why);
}

int
vault_open_to(const struct vault_secret *secret, const char *slug, int from,
    vault_sink *sink, void *context, const char *name,
    struct vault_about *about, struct failure *why)
{
	return open_file(
	    secret, slug, true, from, sink, context, name, about, why);
}

int
vault_peek(
    int from, const char *name, struct vault_about *about, struct failure *why)
{
	struct opener *o = mem_zero(1, sizeof(*o));
	int result;

	*about = (struct vault_about){ .schema = 0 };
	o->from = from;
	o->name = name;
	result = read_head(o, about, why);
	if (result == 0 && lseek(from, 0, SEEK_SET) != 0)
		result = failure_set(why, EXIT_AGAIN, "%s:", name);
	mem_free(o);
	return result;
}
