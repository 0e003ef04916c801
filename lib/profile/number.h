/* How numbers stand in registers and bytes, apart from their byte order. */
#ifndef PROFILE_NUMBER_H
#define PROFILE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Binary coded decimal of so many digits, the first one highest. False
 * where a digit is above 9. */
bool number_bcd(uint64_t bits, unsigned digits, int64_t *number);
/* So many words of 16 bits, each of them 0 to 9999, the first one highest.
 * False where one is above that. */
bool number_m10k(uint64_t bits, unsigned words, int64_t *number);
/* The highest of so many bits is the sign, the others the magnitude. */
int64_t number_sign(uint64_t bits, unsigned width);

/* The other way: the number must fit. */
uint64_t number_to_bcd(int64_t number, unsigned digits);
uint64_t number_to_m10k(int64_t number, unsigned words);
uint64_t number_to_sign(int64_t number, unsigned width);

#endif
