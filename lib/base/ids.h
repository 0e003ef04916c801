/* Tables in order of an id. */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stddef.h>
#include <stdint.h>

/* The item with this id, or NULL: of `count` items of `size` bytes in order
 * of id, an int64_t that each begins with. */
static inline void *
ids_find(const void *items, size_t count, size_t size, int64_t id)
{
	const char *at = items;

	while (count > 0) {
		const char *middle = at + count / 2 * size;
		int64_t here = *(const int64_t *)(const void *)middle;

		if (here == id)
			return (void *)(uintptr_t)middle;
		if (here < id) {
			at = middle + size;
			count--;
		}
		count /= 2;
	}
	return NULL;
}

#endif
