/* Forms of registers, and which of them give a value that is looked for. */
#include "profile/guess.h"

#include <math.h>
#include <string.h>

#include "profile/evidence.h"

#define FEW 100 /* a raw number below it is in many places by chance */

const struct guess_form guess_forms[GUESS_FORMS] = {
	[GUESS_U16] = { "u16", "", 1 },
	[GUESS_S16] = { "s16", "", 1 },
	[GUESS_BCD16] = { "bcd16", "", 1 },
	[GUESS_U32] = { "u32", "ABCD", 2 },
	[GUESS_U32_CDAB] = { "u32", "CDAB", 2 },
	[GUESS_S32] = { "s32", "ABCD", 2 },
	[GUESS_S32_CDAB] = { "s32", "CDAB", 2 },
	[GUESS_F32] = { "f32", "ABCD", 2 },
	[GUESS_F32_CDAB] = { "f32", "CDAB", 2 },
	[GUESS_F32_BADC] = { "f32", "BADC", 2 },
	[GUESS_F32_DCBA] = { "f32", "DCBA", 2 },
	[GUESS_BCD32] = { "bcd32", "ABCD", 2 },
	[GUESS_U64] = { "u64", "ABCD", 4 },
	[GUESS_U64_CDAB] = { "u64", "CDAB", 4 },
	[GUESS_F64] = { "f64", "ABCD", 4 },
	[GUESS_F64_CDAB] = { "f64", "CDAB", 4 },
};

/* The same forms for the decoder, and how much each is doubted: a float is
 * hardly right by chance. */
static const struct {
	uint8_t type;
	double doubt;
} kinds[GUESS_FORMS] = {
	[GUESS_U16] = { SOURCE_U16, 0 },
	[GUESS_S16] = { SOURCE_S16, 0.1 },
	[GUESS_BCD16] = { SOURCE_BCD, 1 },
	[GUESS_U32] = { SOURCE_U32, 0.6 },
	[GUESS_U32_CDAB] = { SOURCE_U32, 0.7 },
	[GUESS_S32] = { SOURCE_S32, 0.6 },
	[GUESS_S32_CDAB] = { SOURCE_S32, 0.7 },
	[GUESS_F32] = { SOURCE_F32, -1 },
	[GUESS_F32_CDAB] = { SOURCE_F32, -0.9 },
	[GUESS_F32_BADC] = { SOURCE_F32, -0.5 },
	[GUESS_F32_DCBA] = { SOURCE_F32, -0.5 },
	[GUESS_BCD32] = { SOURCE_BCD, 1.2 },
	[GUESS_U64] = { SOURCE_U64, 1.5 },
	[GUESS_U64_CDAB] = { SOURCE_U64, 1.6 },
	[GUESS_F64] = { SOURCE_F64, -0.8 },
	[GUESS_F64_CDAB] = { SOURCE_F64, -0.7 },
};

/* Scales and offsets that maps use. */
static const struct {
	const char *scale, *offset;
	double by, add;
	bool whole; /* of whole numbers only */
	double doubt;
} steps[] = {
	{ "1", "", 1, 0, false, 0 },
	{ "0.1", "", 0.1, 0, true, 0 },
	{ "0.01", "", 0.01, 0, true, 0 },
	{ "0.001", "", 0.001, 0, true, 0.1 },
	{ "0.0001", "", 0.0001, 0, true, 0.6 },
	{ "10", "", 10, 0, true, 0.8 },
	{ "100", "", 100, 0, true, 1.2 },
	{ "1000", "", 1000, 0, false, 1 },
	{ "0.001", "", 0.001, 0, false, 0.6 },
	{ "0.4", "", 0.4, 0, true, 1.6 },
	{ "0.5", "", 0.5, 0, true, 1.6 },
	{ "0.1", "-273.1", 0.1, -273.1, true, 1.2 },
	{ "1", "-40", 1, -40, true, 2 },
	{ "0.1", "-3000", 0.1, -3000, true, 1.4 },
	{ "-1", "", -1, 0, false, 0.5 },
	{ "-0.1", "", -0.1, 0, true, 0.5 },
	{ "-0.01", "", -0.01, 0, true, 0.5 },
	{ "-0.001", "", -0.001, 0, true, 0.6 },
};

static const uint8_t *
bytes_at(
    const struct guess_registers *registers, uint32_t address, unsigned count)
{
	uint32_t at = address - registers->first;

	if (address < registers->first || at >= registers->count ||
	    count > registers->count - at)
		return NULL;
	for (unsigned i = 0; i < count; i++)
		if (!registers->known[at + i])
			return NULL;
	return registers->data + 2 * (size_t)at;
}

bool
guess_read(const struct guess_registers *registers, uint32_t address, int form,
    struct guess_number *number)
{
	const struct guess_form *how = &guess_forms[form];
	const uint8_t *data = bytes_at(registers, address, how->registers);
	struct source source = { .type = kinds[form].type };
	struct raw raw = { .kind = RAW_NONE };

	if (data == NULL)
		return false;
	source.size = (uint16_t)(2U * how->registers);
	source.swap_words = how->order[0] == 'C' || how->order[0] == 'D';
	source.swap_bytes = how->order[0] == 'B' || how->order[0] == 'D';
	evidence_number(&source, data, &raw);
	number->whole = raw.kind == RAW_INTEGER;
	number->number = raw.number;
	number->real = number->whole ? (double)raw.number : raw.real;
	if (kinds[form].type == SOURCE_U64 && raw.number < 0)
		return false;
	return number->whole || raw.kind == RAW_REAL;
}

/* Is it the same number as in a simpler form? */
static bool
doubled(int form, const struct guess_number *number)
{
	if (form == GUESS_S16 || form == GUESS_S32 || form == GUESS_S32_CDAB)
		return number->number >= 0;
	if (form == GUESS_BCD16 || form == GUESS_BCD32)
		return number->number < 10;
	return false;
}

/* Put it in its place among the best. */
static size_t
keep(struct guess *guesses, size_t count, size_t room, const struct guess *one)
{
	size_t at = count;

	while (at > 0 && guesses[at - 1].doubt > one->doubt)
		at--;
	if (at == room)
		return count;
	if (count == room)
		count--;
	memmove(
	    guesses + at + 1, guesses + at, (count - at) * sizeof(*guesses));
	guesses[at] = *one;
	return count + 1;
}

/* How far apart, in units of the last digit that is known; and a scale
 * that is coarser than that digit, or much finer, is less likely. */
static bool
near_enough(double value, const struct decimal *wanted, double by, double *far)
{
	double unit = pow(10, wanted->exponent);
	double apart = fabs(value - decimal_real(wanted)) / unit;
	double finer = log10(unit / fabs(by));

	*far = apart + (finer < 0 ? -finer : finer * 0.2);
	return apart <= 1.0001;
}

static size_t
try_number(uint32_t address, int form, const struct guess_number *number,
    const struct decimal *wanted, struct guess *guesses, size_t count,
    size_t room)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct guess one = { .address = address,
			.form = (uint8_t)form,
			.scale = steps[i].scale,
			.offset = steps[i].offset };
		double far,
		    by =
			number->whole ? steps[i].by : pow(10, wanted->exponent);

		/* a real one tries its own scales, a whole one all others */
		if (steps[i].whole
			? !number->whole
			: number->whole && steps[i].by < 1 && steps[i].by > 0)
			continue;
		one.value = number->real * steps[i].by + steps[i].add;
		if (!near_enough(one.value, wanted, by, &far))
			continue;
		one.doubt = far + kinds[form].doubt + steps[i].doubt;
		if (number->whole && fabs(number->real) < FEW)
			one.doubt += 1;
		count = keep(guesses, count, room, &one);
	}
	return count;
}

size_t
guess_find(const struct guess_registers *registers,
    const struct decimal *wanted, struct guess *guesses, size_t room)
{
	struct guess_number number;
	size_t count = 0;

	for (uint32_t i = 0; i < registers->count; i++) {
		uint32_t address = registers->first + i;

		for (int form = 0; form < GUESS_FORMS; form++) {
			if (!guess_read(registers, address, form, &number) ||
			    doubled(form, &number))
				continue;
			count = try_number(address, form, &number, wanted,
			    guesses, count, room);
		}
	}
	return count;
}
