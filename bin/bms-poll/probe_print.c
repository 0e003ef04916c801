/* What was read, as tables for a terminal of 100 columns. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "wire/modbus.h"

#define BITS_IN_ROW 16

/* Models that people meet, and the profile that reads them. */
static const struct {
	uint16_t first, last;
	const char *what, *profile;
} models[] = { { 1, 1, "common: maker, model, serial number", "" },
	{ 101, 103, "inverter", "sunspec-inverter" },
	{ 111, 113, "inverter, floats", "sunspec-inverter" },
	{ 120, 123, "inverter: ratings, settings, controls", "" },
	{ 124, 124, "storage of an inverter", "sunspec-battery" },
	{ 160, 160, "inverter: its DC inputs", "sunspec-inverter" },
	{ 201, 204, "meter", "sunspec-meter" },
	{ 211, 214, "meter, floats", "sunspec-meter" },
	{ 302, 308, "weather", "" },
	{ 701, 701, "DER: AC measurements", "sunspec-inverter" },
	{ 702, 712, "DER: capacity and controls", "" },
	{ 713, 713, "DER: storage capacity", "sunspec-battery" },
	{ 714, 714, "DER: DC measurements", "sunspec-battery" },
	{ 801, 801, "battery (out of date)", "" },
	{ 802, 802, "battery", "sunspec-battery" },
	{ 803, 803, "lithium-ion bank", "sunspec-battery" },
	{ 804, 804, "lithium-ion string", "sunspec-battery" },
	{ 805, 805, "lithium-ion module, its cells", "sunspec-battery" } };

/* A float that a device may mean, else a dash. */
static void
put_float(const struct guess_registers *registers, uint32_t address, int form,
    struct buf *out)
{
	struct guess_number number;
	char text[32] = "-";

	if (!guess_read(registers, address, form, &number))
		text[0] = address + 1 < registers->first + registers->count
		    ? '-'
		    : '\0';
	else if (fabs(number.real) <= 0 ||
	    (fabs(number.real) >= 1e-6 && fabs(number.real) < 1e10))
		snprintf(text, sizeof(text), "%.5g", number.real);
	buf_print(out, " %11s", text);
}

static void
put_whole(const struct guess_registers *registers, uint32_t address, int form,
    int width, struct buf *out)
{
	struct guess_number number;
	char text[32] = "";

	if (guess_read(registers, address, form, &number) && number.whole)
		snprintf(text, sizeof(text), "%" PRId64, number.number);
	buf_print(out, " %*s", width, text);
}

static char
printable(uint8_t byte)
{
	return isascii(byte) && isprint(byte) ? (char)byte : '.';
}

static bool
is_matched(const struct probe *probe, uint32_t address)
{
	for (size_t i = 0; i < probe->match_count; i++)
		for (size_t k = 0; k < probe->matches[i].count; k++)
			if (probe->matches[i].guesses[k].address == address)
				return true;
	return false;
}

static void
put_row(const struct probe *probe, const struct guess_registers *registers,
    uint32_t address, struct buf *out)
{
	const uint8_t *data =
	    registers->data + 2 * (size_t)(address - registers->first);

	buf_print(
	    out, "%5u 0x%04x %02x%02x", address, address, data[0], data[1]);
	put_whole(registers, address, GUESS_U16, 5, out);
	put_whole(registers, address, GUESS_S16, 6, out);
	buf_print(out, " %c%c", printable(data[0]), printable(data[1]));
	put_whole(registers, address, GUESS_BCD16, 4, out);
	put_whole(registers, address, GUESS_S32, 11, out);
	put_whole(registers, address, GUESS_S32_CDAB, 11, out);
	put_float(registers, address, GUESS_F32, out);
	put_float(registers, address, GUESS_F32_CDAB, out);
	if (is_matched(probe, address))
		buf_text(out, " <");
	while (out->size > 0 && out->data[out->size - 1] == ' ')
		out->size--;
	buf_char(out, '\n');
}

/* Addresses that were refused alike: one line. How many they are. */
static uint32_t
put_refused(const struct probe *probe, uint32_t at, struct buf *out)
{
	uint8_t why = probe->refused[at];
	const char *name =
	    why == PROBE_SILENT ? "no answer" : modbus_exception_name(why);
	uint32_t end = at;

	while (end < probe->count && !probe->known[end] &&
	    probe->refused[end] == why)
		end++;
	buf_print(out, "%5u 0x%04x", probe->from + at, probe->from + at);
	if (end - at > 1)
		buf_print(out, " to %u", probe->from + end - 1);
	buf_print(out, ": %s", name == NULL ? "refused" : name);
	if (why != PROBE_SILENT)
		buf_print(out, " (exception %u)", why);
	buf_char(out, '\n');
	return end - at;
}

static uint32_t
put_bits(const struct probe *probe, uint32_t at, struct buf *out)
{
	uint32_t i = 0;

	buf_print(out, "%5u 0x%04x ", probe->from + at, probe->from + at);
	for (; i < BITS_IN_ROW && at + i < probe->count && probe->known[at + i];
	     i++) {
		if (i > 0 && i % 4 == 0)
			buf_char(out, ' ');
		buf_char(out, probe->data[2 * (at + i) + 1] != 0 ? '1' : '0');
	}
	buf_char(out, '\n');
	return i;
}

void
probe_print(const struct probe *probe, struct buf *out)
{
	struct guess_registers registers = probe_registers(probe);

	if (probe->function > 2)
		buf_print(out, "%s%s", "register     hex   u16    s16 tx  bcd",
		    "         s32    s32 CDAB         f32    f32 CDAB\n");
	for (uint32_t at = 0; at < probe->count;) {
		if (!probe->known[at])
			at += put_refused(probe, at, out);
		else if (probe->function <= 2)
			at += put_bits(probe, at, out);
		else
			put_row(probe, &registers, probe->from + at++, out);
	}
}

static void
put_guess(const struct guess *guess, struct buf *out)
{
	const struct guess_form *form = &guess_forms[guess->form];
	char how[64];

	snprintf(how, sizeof(how), "%s%s%s%s%s%s%s", form->type,
	    form->order[0] == '\0' ? "" : " ", form->order,
	    strcmp(guess->scale, "1") == 0 ? "" : " * ",
	    strcmp(guess->scale, "1") == 0 ? "" : guess->scale,
	    guess->offset[0] == '\0' ? "" : " ", guess->offset);
	buf_print(out, "%5u 0x%04x  %-24s %.6g\n", guess->address,
	    guess->address, how, guess->value);
}

void
probe_print_matches(const struct probe *probe, struct buf *out)
{
	for (size_t i = 0; i < probe->match_count; i++) {
		const struct probe_match *match = &probe->matches[i];

		buf_print(out, "\n%s%s%s%s\n", match->name,
		    match->name[0] == '\0' ? "" : " = ", match->text,
		    match->count == 0 ? ": nowhere" : ":");
		for (size_t k = 0; k < match->count; k++)
			put_guess(&match->guesses[k], out);
	}
}

void
probe_print_chain(const struct modbus_chain *chain, struct buf *out)
{
	buf_print(out, "SunSpec at %u\nmodel register length\n", chain->base);
	for (size_t i = 0; i < chain->count; i++) {
		const struct modbus_chain_model *model = &chain->models[i];
		const char *what = "", *profile = "";

		for (size_t k = 0; k < sizeof(models) / sizeof(*models); k++) {
			if (model->id < models[k].first ||
			    model->id > models[k].last)
				continue;
			what = models[k].what;
			profile = models[k].profile;
		}
		buf_print(out, "%5u %8u %6u%s%s%s%s%s\n", model->id,
		    model->address, model->length, *what == '\0' ? "" : "  ",
		    what, *profile == '\0' ? "" : " (profile ", profile,
		    *profile == '\0' ? "" : ")");
	}
}
