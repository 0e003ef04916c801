/* From a file in clear to a sealed one. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/io.h"
#include "base/mem.h"
#include "vault/vault_parts.h"

/* Blocks are compressed already; 3 takes twice as long for 9 %. */
#define LEVEL (-1)

struct sealer {
	crypto_secretstream_xchacha20poly1305_state state;
	ZSTD_CCtx *zip;
	vault_source *source;
	void *context;
	int to;
	const char *name;
	size_t used; /* of `chunk` */
	unsigned char head[VAULT_HEAD];
	unsigned char in[VAULT_CHUNK], chunk[VAULT_CHUNK];
	unsigned char sealed[VAULT_SEALED];
};

static int
begin(struct sealer *s, const struct vault_secret *secret,
    const struct vault_about *about, struct failure *why)
{
	unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];

	memcpy(s->head, VAULT_MAGIC, 8);
	s->head[HEAD_KIND] =
	    (unsigned char)(secret->kind | (about->pack ? KIND_PACK : 0));
	vault_put_number(s->head + HEAD_VERSION, secret->version, 2);
	vault_put_number(s->head + HEAD_SCHEMA, about->schema, 4);
	vault_put_number(s->head + HEAD_TIME, (uint64_t)about->time_ms, 8);
	randombytes_buf(s->head + HEAD_SALT, VAULT_SALT);
	memcpy(s->head + HEAD_UUID, about->uuid, VAULT_UUID);
	memcpy(s->head + HEAD_SLUG, about->slug, strlen(about->slug));
	if (vault_derive(secret, s->head + HEAD_SALT, key,
		s->head + HEAD_KEY_ID, why) == -1)
		return -1;
	crypto_secretstream_xchacha20poly1305_init_push(
	    &s->state, s->head + HEAD_STREAM, key);
	sodium_memzero(key, sizeof(key));
	if (io_write_all(s->to, s->head, sizeof(s->head)) == -1)
		return failure_set(why, EXIT_AGAIN, "%s:", s->name);
	return 0;
}

static int
put_chunk(struct sealer *s, bool last, struct failure *why)
{
	unsigned long long size;

	crypto_secretstream_xchacha20poly1305_push(&s->state, s->sealed, &size,
	    s->chunk, s->used, s->head, sizeof(s->head),
	    last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
	s->used = 0;
	if (io_write_all(s->to, s->sealed, (size_t)size) == -1)
		return failure_set(why, EXIT_AGAIN, "%s:", s->name);
	return 0;
}

/* What was read goes into the frame; each chunk of it that is full goes
 * out. */
static int
squeeze(struct sealer *s, size_t size, struct failure *why)
{
	ZSTD_EndDirective how = size == 0 ? ZSTD_e_end : ZSTD_e_continue;
	ZSTD_inBuffer in = { s->in, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { s->chunk, VAULT_CHUNK, s->used };

		left = ZSTD_compressStream2(s->zip, &out, &in, how);
		if (ZSTD_isError(left))
			return failure_set(why, EXIT_AGAIN, "%s: zstd: %s",
			    s->name, ZSTD_getErrorName(left));
		s->used = out.pos;
		if (s->used == VAULT_CHUNK && put_chunk(s, false, why) == -1)
			return -1;
	} while (size == 0 ? left != 0 : in.pos < in.size);
	return 0;
}

static int
seal_all(struct sealer *s, struct failure *why)
{
	ssize_t got;

	do {
		got = s->source(s->context, s->in, sizeof(s->in), why);
		if (got < 0 || squeeze(s, (size_t)got, why) == -1)
			return -1;
	} while (got != 0);
	return put_chunk(s, true, why);
}

static ssize_t
read_file(void *context, void *out, size_t size, struct failure *why)
{
	const int *from = context;
	ssize_t got;

	do
		got = read(*from, out, size);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		failure_set(why, EXIT_AGAIN, "read:");
	return got;
}

int
vault_seal(const struct vault_secret *secret, const struct vault_about *about,
    int from, int to, const char *name, struct failure *why)
{
	return vault_seal_from(secret, about, read_file, &from, to, name, why);
}

int
vault_seal_from(const struct vault_secret *secret,
    const struct vault_about *about, vault_source *source, void *context,
    int to, const char *name, struct failure *why)
{
	struct sealer *s = mem_zero(1, sizeof(*s));
	int result = -1;

	s->source = source;
	s->context = context;
	s->to = to;
	s->name = name;
	s->zip = ZSTD_createCCtx();
	if (s->zip == NULL ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(s->zip, ZSTD_c_compressionLevel, LEVEL)))
		failure_set(why, EXIT_AGAIN, "no memory for zstd");
	else if (begin(s, secret, about, why) == 0)
		result = seal_all(s, why);
	ZSTD_freeCCtx(s->zip);
	sodium_memzero(s, sizeof(*s));
	mem_free(s);
	return result;
}
