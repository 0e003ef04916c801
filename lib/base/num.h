/* Numbers in text: strict, without locale, without overflow. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole text is a decimal integer within [low, high]? */
bool num_integer(
    const char *text, size_t size, int64_t low, int64_t high, int64_t *value);
/*
 * Whole text is a decimal number (JSON grammar, also with exponent)?
 * *value becomes number * 10^decimals, rounded half away from zero. False
 * when it is no number or does not fit.
 */
bool num_scaled(
    const char *text, size_t size, unsigned decimals, int64_t *value);
/* A double to a scaled integer, rounded; false if not finite or too large. */
bool num_scale_double(double number, unsigned decimals, int64_t *value);
int64_t num_power10(unsigned exponent); /* exponent 0 to 18 */
extern const char num_pairs[201]; /* "00" to "99", one behind the other */
/* Value of a hexadecimal digit plus one; 0 is none. */
extern const uint8_t num_hex_digit[256];
/* Hexadecimal text to bytes: the count, or -1 (odd, foreign, too many). */
long num_hex(const char *text, size_t size, uint8_t *out, size_t room);
bool num_utf8(const char *text, size_t size); /* well-formed UTF-8? */

#endif
