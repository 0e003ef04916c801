/* Any body of a block: what is taken gives a block with the same rows. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/varint.h"
#include "store/block.h"

#define ROWS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct block *
open_body(const uint8_t *body, size_t size, size_t count)
{
	uint8_t data[4096], *at = data;
	struct failure why;
	size_t used;

	*at++ = 1;
	at = varint_put(at, count);
	at = varint_put(at, size);
	used = ZSTD_compress(
	    at, sizeof(data) - (size_t)(at - data), body, size, 1);
	if (ZSTD_isError(used))
		return NULL;
	return block_open(data, (size_t)(at - data) + used, &why);
}

static void
compare(const struct block *a, const struct block *b)
{
	for (size_t i = 0; i < block_count(a); i++) {
		struct buf one = { 0 }, two = { 0 };

		block_packed(a, i, &one);
		block_packed(b, i, &two);
		if (one.size != two.size ||
		    memcmp(one.data, two.data, one.size) != 0)
			abort();
		buf_free(&one);
		buf_free(&two);
	}
}

static void
make_again(const struct block *block)
{
	struct readings_row rows[ROWS_MAX];
	struct buf packed[ROWS_MAX] = { { 0 } }, out = { 0 };
	struct block_maker *maker;
	struct block *again;
	struct failure why;

	for (size_t i = 0; i < block_count(block); i++) {
		block_row(block, i, &rows[i]);
		block_packed(block, i, &packed[i]);
		rows[i].packed = packed[i].data;
		rows[i].size = packed[i].size;
	}
	maker = block_maker_open(&why);
	if (maker == NULL ||
	    block_make(maker, rows, block_count(block), &out, &why) != 0)
		abort();
	again = block_open(out.data, out.size, &why);
	if (again == NULL)
		abort();
	compare(block, again);
	block_maker_close(maker);
	block_close(again);
	buf_free(&out);
	for (size_t i = 0; i < ROWS_MAX; i++)
		buf_free(&packed[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct reading reading;
	struct block *block;

	if (size < 1 || size > 2000)
		return 0;
	block = open_body(bytes + 1, size - 1, 1u + bytes[0] % ROWS_MAX);
	if (block == NULL)
		return 0;
	for (size_t i = 0; i < block_count(block); i++)
		block_reading(block, i, false, &reading);
	make_again(block);
	block_close(block);
	return 0;
}
