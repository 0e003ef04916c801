#include "vault/frame.h"

#include <string.h>

#include "vault/vault_parts.h"

#define MAGIC "TBMSARC\1"
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

enum frame_part { HEAD_VERSION_AT = 8, HEAD_SIZE_AT = 12, HEAD_NONCE = 16 };

_Static_assert(
    HEAD_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == FRAME_HEAD,
    "size of a head");

static void
describe(const unsigned char *head, const struct frame_place *place,
    struct buf *about)
{
	buf_put(about, head, HEAD_NONCE);
	buf_print(about, "|%s|%lld", place->name, (long long)place->at);
}

void
frame_seal(const struct vault_secret *key, const struct frame_place *place,
    const void *data, size_t size, struct buf *out)
{
	unsigned char *head =
	    (unsigned char *)buf_reserve(out, FRAME_HEAD + size + TAG);
	struct buf about = { 0 };

	memcpy(head, MAGIC, 8);
	vault_put_number(head + HEAD_VERSION_AT, key->version, 2);
	vault_put_number(head + HEAD_VERSION_AT + 2, 0, 2);
	vault_put_number(head + HEAD_SIZE_AT, size + TAG, 4);
	randombytes_buf(head + HEAD_NONCE, FRAME_HEAD - HEAD_NONCE);
	describe(head, place, &about);
	crypto_aead_xchacha20poly1305_ietf_encrypt(head + FRAME_HEAD, NULL,
	    data, size, (const unsigned char *)about.data, about.size, NULL,
	    head + HEAD_NONCE, key->bytes);
	out->size += FRAME_HEAD + size + TAG;
	out->data[out->size] = '\0';
	buf_free(&about);
}

bool
frame_head(
    const unsigned char head[FRAME_HEAD], unsigned *version, size_t *size)
{
	*version = (unsigned)vault_get_number(head + HEAD_VERSION_AT, 2);
	*size = (size_t)vault_get_number(head + HEAD_SIZE_AT, 4);
	return memcmp(head, MAGIC, 8) == 0 && *size >= TAG &&
	    *size <= FRAME_SIZE_MAX;
}

bool
frame_open(const struct vault_secret *key, const struct frame_place *place,
    const unsigned char head[FRAME_HEAD], const void *sealed, struct buf *out)
{
	struct buf about = { 0 };
	unsigned version;
	unsigned char *to;
	size_t size;
	bool good;

	if (!frame_head(head, &version, &size) || version != key->version)
		return false;
	to = (unsigned char *)buf_reserve(out, size);
	describe(head, place, &about);
	good = crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL,
		   sealed, size, (const unsigned char *)about.data, about.size,
		   head + HEAD_NONCE, key->bytes) == 0;
	if (good)
		out->size += size - TAG;
	out->data[out->size] = '\0';
	buf_free(&about);
	return good;
}
