/* Exact decimal numbers of profiles and DBC files, and the scaling of raw
 * device numbers to our scaled integers. */
#ifndef PROFILE_DECIMAL_H
#define PROFILE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* digits * 10^exponent */
struct decimal {
	int64_t digits;
	int exponent;
};

/* Whole text is a decimal number (JSON's grammar, and the "+1", ".5" and
 * "1." of DBC files)? Digits after the 18th are dropped. */
bool decimal_parse(const char *text, size_t size, struct decimal *out);
double decimal_real(const struct decimal *number);

/*
 * raw * scale + offset at a measurement's decimals. Exact: rounded half
 * away from zero from (raw * num + add) / den; else in floating point.
 */
struct scaling {
	int64_t num, den, add;
	double factor, offset; /* the same at the decimals, for reals */
	bool exact;
};

void scaling_set(struct scaling *scaling, const struct decimal *scale,
    const struct decimal *offset, unsigned decimals);
/* number / by, rounded half away from zero. */
static inline int64_t
scaling_round(int64_t number, int64_t by)
{
	int64_t quotient = number / by, rest = number % by;

	/* |rest| * 2 >= |by| without overflow */
	if (rest < 0)
		return -rest >= by + rest ? quotient - 1 : quotient;
	return rest != 0 && rest >= by - rest ? quotient + 1 : quotient;
}
/* What scaling_apply does where more than a multiplication is needed. */
bool scaling_apply_slow(
    const struct scaling *scaling, int64_t raw, int64_t *value);
/* False when the result does not fit. */
static inline bool
scaling_apply(const struct scaling *scaling, int64_t raw, int64_t *value)
{
	if (!scaling->exact || scaling->den != 1)
		return scaling_apply_slow(scaling, raw, value);
	return !__builtin_mul_overflow(raw, scaling->num, value) &&
	    !__builtin_add_overflow(*value, scaling->add, value);
}
bool scaling_apply_real(
    const struct scaling *scaling, double raw, int64_t *value);
/* With raw taken as raw * 10^power (a scale factor of SunSpec). */
bool scaling_apply_power(
    const struct scaling *scaling, int64_t raw, int power, int64_t *value);
/* The raw number that gives this value or comes nearest. */
bool scaling_invert(
    const struct scaling *scaling, int64_t value, int power, int64_t *raw);
double scaling_invert_real(const struct scaling *scaling, int64_t value);

#endif
