/* Decimal text to digits and exponent; scaling without rounding twice. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "profile/decimal.h"

#define DIGITS_MAX 18
#define EXPONENT_MAX 400

/* The digits of a mantissa, its point included; how many were seen. */
static int
take_digits(const char **at, const char *end, struct decimal *out)
{
	int seen = 0, kept = 0;
	bool point = false;

	for (; *at < end; (*at)++) {
		char c = **at;

		if (c == '.' && !point) {
			point = true;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		seen++;
		if (kept < DIGITS_MAX) {
			out->digits = out->digits * 10 + (c - '0');
			if (out->digits != 0)
				kept++;
			out->exponent -= point;
		} else {
			out->exponent += !point;
		}
	}
	return seen;
}

/* "e-05"; an exponent beyond any use is cut to the limit. */
static bool
take_exponent(const char **at, const char *end, int *exponent)
{
	bool minus = false;
	int value = 0, seen = 0;

	(*at)++;
	if (*at < end && (**at == '-' || **at == '+'))
		minus = *(*at)++ == '-';
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++, seen++)
		if (value < EXPONENT_MAX)
			value = value * 10 + (**at - '0');
	*exponent += minus ? -value : value;
	return seen > 0;
}

bool
decimal_parse(const char *text, size_t size, struct decimal *out)
{
	const char *at = text, *end = text + size;
	bool minus = false;

	out->digits = 0;
	out->exponent = 0;
	if (at < end && (*at == '-' || *at == '+'))
		minus = *at++ == '-';
	if (take_digits(&at, end, out) == 0)
		return false;
	if (at < end && (*at == 'e' || *at == 'E') &&
	    !take_exponent(&at, end, &out->exponent))
		return false;
	while (out->digits != 0 && out->digits % 10 == 0) {
		out->digits /= 10;
		out->exponent++;
	}
	if (out->digits == 0)
		out->exponent = 0;
	if (minus)
		out->digits = -out->digits;
	return at == end;
}

double
decimal_real(const struct decimal *number)
{
	if (number->exponent < 0)
		return (double)number->digits / pow(10, -number->exponent);
	return (double)number->digits * pow(10, number->exponent);
}

/* digits * 10^power as an integer. */
static bool
shifted(int64_t digits, int power, int64_t *out)
{
	if (digits == 0) {
		*out = 0;
		return true;
	}
	return power >= 0 && power <= 18 &&
	    !__builtin_mul_overflow(digits, num_power10((unsigned)power), out);
}

void
scaling_set(struct scaling *scaling, const struct decimal *scale,
    const struct decimal *offset, unsigned decimals)
{
	int d = (int)decimals, k = 0;

	if (-scale->exponent - d > k)
		k = -scale->exponent - d;
	if (offset->digits != 0 && -offset->exponent - d > k)
		k = -offset->exponent - d;
	scaling->den = 1;
	scaling->num = scaling->add = 0;
	scaling->exact = k <= 18 && shifted(1, k, &scaling->den) &&
	    shifted(scale->digits, scale->exponent + d + k, &scaling->num) &&
	    shifted(offset->digits, offset->exponent + d + k, &scaling->add);
	scaling->factor = decimal_real(scale) * pow(10, d);
	scaling->offset = decimal_real(offset) * pow(10, d);
}

bool
scaling_apply_slow(const struct scaling *scaling, int64_t raw, int64_t *value)
{
	int64_t number;

	if (!scaling->exact)
		return scaling_apply_real(scaling, (double)raw, value);
	if (__builtin_mul_overflow(raw, scaling->num, &number) ||
	    __builtin_add_overflow(number, scaling->add, &number))
		return false;
	*value =
	    scaling->den == 1 ? number : scaling_round(number, scaling->den);
	return true;
}

bool
scaling_apply_real(const struct scaling *scaling, double raw, int64_t *value)
{
	return num_scale_double(
	    raw * scaling->factor + scaling->offset, 0, value);
}

bool
scaling_apply_power(
    const struct scaling *scaling, int64_t raw, int power, int64_t *value)
{
	struct scaling shift = *scaling;
	int64_t by;

	if (power < -18 || power > 18)
		return false;
	by = num_power10((unsigned)(power < 0 ? -power : power));
	if (power >= 0)
		return !__builtin_mul_overflow(raw, by, &raw) &&
		    scaling_apply(scaling, raw, value);
	if (__builtin_mul_overflow(shift.den, by, &shift.den) ||
	    __builtin_mul_overflow(shift.add, by, &shift.add))
		return false;
	shift.factor /= (double)by;
	return scaling_apply(&shift, raw, value);
}

bool
scaling_invert(
    const struct scaling *scaling, int64_t value, int power, int64_t *raw)
{
	double number = ((double)value - scaling->offset) / scaling->factor;
	int64_t near, got, best = 0;
	bool found = false;

	if (!num_scale_double(number / pow(10, power), 0, &near))
		return false;
	/* floating point may be one off: take what decodes nearest */
	for (int64_t try = near - 1; try <= near + 1; try++) {
		if (!scaling_apply_power(scaling, try, power, &got))
			continue;
		if (!found || llabs(got - value) < llabs(best - value)) {
			best = got;
			*raw = try;
			found = true;
		}
	}
	return found;
}

double
scaling_invert_real(const struct scaling *scaling, int64_t value)
{
	return ((double)value - scaling->offset) / scaling->factor;
}
