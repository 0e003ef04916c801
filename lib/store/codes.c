/* See codes.h. What a damaged head says is never believed. */
#include "store/codes.h"

#include <zstd.h>

#include "base/mem.h"

/* Higher ones take five times as long for 5 %. */
#define LEVEL 3

void
codes_put_runs(struct buf *out, const uint64_t *value, size_t count)
{
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && value[next] == value[i];)
			next++;
		codes_put(out, value[i]);
		codes_put(out, next - i);
	}
}

void
codes_get_runs(
    struct varint_reader *in, uint64_t *value, size_t count, uint64_t most)
{
	for (size_t i = 0; i < count;) {
		uint64_t now = varint_get(in), times = varint_get(in);

		if (in->bad || now > most || times == 0 || times > count - i) {
			in->bad = true;
			return;
		}
		while (times-- > 0)
			value[i++] = now;
	}
}

struct codes_press *
codes_press_open(struct failure *why)
{
	ZSTD_CCtx *zip = ZSTD_createCCtx();

	if (zip == NULL) {
		failure_set(why, EXIT_AGAIN, "out of memory");
		return NULL;
	}
	ZSTD_CCtx_setParameter(zip, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(zip, ZSTD_c_checksumFlag, 1);
	return (struct codes_press *)zip;
}

void
codes_press_close(struct codes_press *press)
{
	ZSTD_freeCCtx((ZSTD_CCtx *)press);
}

/* zstd's own failure is one of memory or of a bug: it cannot be mended. */
static int
squeeze(struct codes_press *press, const struct buf *body, struct buf *out,
    struct failure *why)
{
	size_t room = ZSTD_compressBound(body->size);
	size_t size = ZSTD_compress2((ZSTD_CCtx *)press, buf_reserve(out, room),
	    room, body->data, body->size);

	if (ZSTD_isError(size))
		return failure_set(
		    why, EXIT_AGAIN, "zstd: %s", ZSTD_getErrorName(size));
	out->size += size;
	return 0;
}

int
codes_seal(struct codes_press *press, unsigned edition, size_t rows,
    const struct buf *body, struct buf *out, struct failure *why)
{
	if (body->size > CODES_BODY_MAX)
		return failure_set(why, EXIT_WRONG, "a block is too large");
	codes_put(out, edition);
	codes_put(out, rows);
	codes_put(out, body->size);
	return squeeze(press, body, out, why);
}

uint8_t *
codes_open(unsigned edition, const void *data, size_t size, size_t most,
    size_t *rows, size_t *body_size, struct failure *why)
{
	struct varint_reader in = { data, (const uint8_t *)data + size, false };
	uint64_t is = varint_get(&in), count = varint_get(&in);
	uint64_t room = varint_get(&in);
	uint8_t *body;

	if (in.bad || is != edition || count == 0 || count > most ||
	    room > CODES_BODY_MAX) {
		failure_set(why, EXIT_WRONG, "a block's head is damaged");
		return NULL;
	}
	body = mem_alloc((size_t)room + 1);
	*rows = (size_t)count;
	*body_size = (size_t)room;
	if (ZSTD_decompress(body, (size_t)room, in.next,
		(size_t)(in.end - in.next)) == room)
		return body;
	mem_free(body);
	failure_set(why, EXIT_WRONG, "a block is damaged");
	return NULL;
}
