/*
 * Registers whose meaning is not known: what each could be, and where a
 * value that is known from elsewhere (a display, an app) may stand.
 */
#ifndef PROFILE_GUESS_H
#define PROFILE_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/decimal.h"

/* Registers from an address on, of which some could not be read. */
struct guess_registers {
	uint32_t first, count;
	const uint8_t *data; /* two bytes each, highest first */
	const bool *known; /* one for each */
};

/* A type and order, in the words of a profile. */
struct guess_form {
	const char *type;
	const char *order; /* "" where it does not matter */
	uint8_t registers;
};

enum {
	GUESS_U16,
	GUESS_S16,
	GUESS_BCD16,
	GUESS_U32,
	GUESS_U32_CDAB,
	GUESS_S32,
	GUESS_S32_CDAB,
	GUESS_F32,
	GUESS_F32_CDAB,
	GUESS_F32_BADC,
	GUESS_F32_DCBA,
	GUESS_BCD32,
	GUESS_U64,
	GUESS_U64_CDAB,
	GUESS_F64,
	GUESS_F64_CDAB,
	GUESS_FORMS
};
extern const struct guess_form guess_forms[GUESS_FORMS];

/* The number at an address, as a whole one or a real one. False where it
 * is none in this form, or was not read. */
struct guess_number {
	bool whole;
	int64_t number;
	double real;
};
bool guess_read(const struct guess_registers *registers, uint32_t address,
    int form, struct guess_number *number);

/* A place where the value may be: raw * scale + offset. */
struct guess {
	uint32_t address;
	uint8_t form;
	const char *scale, *offset; /* decimal texts; offset "" for none */
	double value;
	double doubt; /* less is more likely */
};

/* The likeliest places, best first; how many there are in `guesses`. */
size_t guess_find(const struct guess_registers *registers,
    const struct decimal *wanted, struct guess *guesses, size_t room);

#endif
