/* The server's half of Modbus: requests in, answers out. Reads only. */
#ifndef WIRE_MODBUS_SERVER_H
#define WIRE_MODBUS_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "record/frame.h"

/*
 * The registers that a unit has now, as the blocks of a frame, which live
 * until the next call. NULL: there is no such unit, or it does not answer.
 * *unit is who was asked; a device that answers by another number sets it.
 */
typedef const struct frame *modbus_unit_fn(void *context, uint8_t *unit);

/*
 * Take the first request from what has come, and append its answer to
 * `out`. The bytes that it took, 0 where more must come, -1 where this is
 * no Modbus and nothing behind it can be read (TCP only: on a serial line
 * bytes that are no request are skipped).
 */
long modbus_serve_tcp(const uint8_t *bytes, size_t size, modbus_unit_fn *unit,
    void *context, struct buf *out);
long modbus_serve_rtu(const uint8_t *bytes, size_t size, modbus_unit_fn *unit,
    void *context, struct buf *out);

#endif
