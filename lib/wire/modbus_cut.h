/* Where a block of registers may be cut so that no value is torn. */
#ifndef WIRE_MODBUS_CUT_H
#define WIRE_MODBUS_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers (or coils) that are read together or not at all. */
struct modbus_span {
	uint8_t function;
	bool optional; /* not every device has them */
	uint32_t first, end;
};

/*
 * Cut a block between two of the spans in it: at the widest hole, or with
 * `middle` (and where there is no hole) as near to its middle as can be.
 * The spans are by function and first. False where it cannot be cut.
 */
bool modbus_cut(const struct modbus_span *spans, size_t count,
    const struct modbus_span *block, bool middle, struct modbus_span parts[2]);
/* The longest part from the front of at most `size` addresses, and the
 * rest. False where no cut is so near. */
bool modbus_cut_front(const struct modbus_span *spans, size_t count,
    const struct modbus_span *block, uint32_t size,
    struct modbus_span parts[2]);
/* Is nothing in it that every device has? */
bool modbus_optional(const struct modbus_span *spans, size_t count,
    const struct modbus_span *block);

#endif
