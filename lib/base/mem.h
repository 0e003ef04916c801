/* Memory that does not come back empty, and arenas for one record. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdalign.h>
#include <stddef.h>

/* These never return NULL: without memory the program ends with 111. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_grow(void *old, size_t count, size_t size);
char *mem_copy_text(const char *text);
char *mem_copy_bytes(const char *data, size_t size); /* adds a NUL */
void mem_free(void *memory); /* keeps errno */

/*
 * An arena gives out memory that is taken back all at once: one per line
 * of input, reset before the next. Memory is aligned for any type.
 * Zero-initialise it; arena_free releases the blocks.
 */
struct arena_block;
struct arena {
	struct arena_block *first;
	struct arena_block *now;
	char *free; /* what is left of the block in use */
	size_t left;
};

#define ARENA_ALIGN alignof(max_align_t)

/* What arena_alloc does where another block is needed. */
void *arena_more(struct arena *arena, size_t size);
static inline void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t whole = (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	char *memory = arena->free;

	if (whole < size || whole >= arena->left)
		return arena_more(arena, size);
	arena->free += whole;
	arena->left -= whole;
	return memory;
}
char *arena_text(struct arena *arena, const char *data, size_t size);
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);

#endif
