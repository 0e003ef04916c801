/* DBC files: which signals lie where in which CAN message. */
#ifndef PROFILE_DBC_H
#define PROFILE_DBC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "profile/bits.h"
#include "profile/decimal.h"

/* Limits of one file; more is refused. */
#define DBC_MESSAGES_MAX 65536
#define DBC_SIGNALS_MAX 65536 /* in one message */
#define DBC_NAME_MAX 128

enum dbc_float { DBC_INTEGER, DBC_FLOAT, DBC_DOUBLE };

/* A stretch of selector values under which a signal is there. */
struct dbc_range {
	int64_t low, high;
};

/* A raw value and the file's word for it, in UTF-8. */
struct dbc_choice {
	int64_t raw;
	const char *text;
};

struct dbc_signal {
	const char *name;
	const char *long_name; /* NULL, or what `name` is then */
	uint32_t name_hash; /* dbc_hash of it */
	const char *unit;
	struct bits bits;
	enum dbc_float type;
	struct decimal factor, offset;
	bool usable; /* 1 to 64 bits; others are only listed */
	bool selector; /* says which of the others are there */
	int32_t selected_by; /* index of its selector, -1: always there */
	struct dbc_range *ranges;
	size_t range_count;
	const struct dbc_choice *choices; /* VAL_ */
	size_t choice_count;
};

struct dbc_message {
	uint32_t id;
	bool extended;
	uint16_t size; /* bytes; 9 to 64 are CAN FD */
	const char *name;
	const char *long_name; /* NULL, or what `name` is then */
	struct dbc_signal *signals;
	size_t count;
	size_t room;
};

struct dbc {
	struct dbc_message *messages;
	size_t count;
	size_t room;
	struct arena arena; /* names, ranges, words */
};

/*
 * Parse a whole file. Lenient: sections that are missing, unknown or of no
 * use here are passed over; a message or signal line that makes no sense
 * is a failure (EXIT_WRONG) with its line number.
 */
struct dbc *dbc_parse(const char *text, size_t size, struct failure *why);
void dbc_free(struct dbc *dbc);
/* Of a name, to tell most from each other at once: FNV-1a. */
uint32_t dbc_hash(const char *name);

/* The message with this CAN id, or NULL. */
const struct dbc_message *dbc_message_find(
    const struct dbc *dbc, uint32_t id, bool extended);
/* By "Signal" or, where several messages have one, "Message.Signal". The
 * count of signals of that name; *message and *signal are the first. */
size_t dbc_signal_find(const struct dbc *dbc, const char *name,
    const struct dbc_message **message, const struct dbc_signal **signal);

/* Is the signal in this message, as its selectors stand? data has
 * BITS_SLACK bytes behind its size. */
bool dbc_signal_active(const struct dbc_message *message,
    const struct dbc_signal *signal, const uint8_t *data, size_t size);

#endif
