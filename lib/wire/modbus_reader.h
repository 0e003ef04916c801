/*
 * What is to be read from one Modbus device, block by block, and what it
 * taught us: where a block is refused it is cut, and the cut is kept; where
 * the models of a SunSpec device lie is looked up once. No I/O is done here.
 */
#ifndef WIRE_MODBUS_READER_H
#define WIRE_MODBUS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/profile.h"

struct modbus_reader;

/* `limit`: registers in one request where the device takes fewer than its
 * profile says; 0: the profile's. The profile must live as long. */
struct modbus_reader *modbus_reader_open(
    const struct profile *profile, unsigned limit);
void modbus_reader_free(struct modbus_reader *reader);

/* A poll begins; the clock is monotonic. */
void modbus_reader_begin(struct modbus_reader *reader, int64_t now_ms);
/* What to ask for next. False when the poll is over. */
bool modbus_reader_next(
    const struct modbus_reader *reader, struct profile_block *block);

enum modbus_reader_result {
	READER_KEEP, /* the data belong into the frame */
	READER_SKIP, /* they were for finding the way */
	READER_AGAIN /* what was kept in this poll no longer holds: drop it */
};

/* Is it still looking where the device has its registers? Then any refusal
 * is an answer. */
bool modbus_reader_searching(const struct modbus_reader *reader);

/* The answer to what was asked for. */
enum modbus_reader_result modbus_reader_take(
    struct modbus_reader *reader, const uint8_t *data, size_t size);
/* It was refused with this exception. */
enum modbus_reader_result modbus_reader_refuse(
    struct modbus_reader *reader, unsigned exception);

/* At the end of the poll: is all there that any device of the make has, and
 * what is the matter ("" for nothing new). */
bool modbus_reader_whole(const struct modbus_reader *reader);
const char *modbus_reader_error(const struct modbus_reader *reader);

#endif
