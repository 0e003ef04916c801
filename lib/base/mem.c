#include "base/mem.h"

#include <errno.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define BLOCK_SIZE ((size_t)64 << 10)

/* A block's bytes follow its head. */
struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) char data[];
};

static void *
check(void *memory)
{
	if (memory == NULL)
		die(EXIT_AGAIN, "out of memory");
	return memory;
}

void *
mem_alloc(size_t size)
{
	return check(malloc(size > 0 ? size : 1));
}

void *
mem_zero(size_t count, size_t size)
{
	return check(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	if (size == 0 || count == 0)
		count = size = 1;
	return check(reallocarray(old, count, size));
}

char *
mem_copy_bytes(const char *data, size_t size)
{
	char *copy = mem_alloc(size + 1);

	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *
mem_copy_text(const char *text)
{
	return mem_copy_bytes(text, strlen(text));
}

void
mem_free(void *memory)
{
	int saved = errno;

	free(memory);
	errno = saved;
}

static void
use(struct arena *arena, struct arena_block *block)
{
	arena->now = block;
	arena->free = block == NULL ? NULL : block->data;
	arena->left = block == NULL ? 0 : block->size;
}

/* The next block that is large enough: an old one, or a new one. */
static void
advance(struct arena *arena, size_t size)
{
	struct arena_block *now = arena->now, *block;
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

	if (now != NULL && now->next != NULL && now->next->size >= size) {
		use(arena, now->next);
		return;
	}
	block = mem_alloc(sizeof(*block) + room);
	block->size = room;
	if (now == NULL) {
		block->next = arena->first;
		arena->first = block;
	} else {
		block->next = now->next;
		now->next = block;
	}
	use(arena, block);
}

void *
arena_more(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX / 2)
		die(EXIT_AGAIN, "out of memory");
	advance(arena, size + ARENA_ALIGN);
	return arena_alloc(arena, size);
}

char *
arena_text(struct arena *arena, const char *data, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);

	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *
arena_print(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0)
		size = 0;
	text = arena_alloc(arena, (size_t)size + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)size + 1, format, args);
	va_end(args);
	return text;
}

void
arena_reset(struct arena *arena)
{
	use(arena, arena->first);
}

void
arena_free(struct arena *arena)
{
	struct arena_block *block = arena->first, *next;

	for (; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	*arena = (struct arena){ 0 };
}
