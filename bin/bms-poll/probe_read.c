/* A range of registers, as far as the device gives them. */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "probe.h"
#include "wire/modbus.h"

/* So many requests without an answer: the device is gone, or its unit. */
#define SILENCES_MAX 4

struct guess_registers
probe_registers(const struct probe *probe)
{
	return (struct guess_registers){ .first = probe->from,
		.count = probe->count,
		.data = probe->data,
		.known = probe->known };
}

/* Bits are kept as registers of their own: 0 or 1. */
static void
keep(
    struct probe *probe, const struct profile_block *block, const uint8_t *data)
{
	size_t at = block->address - probe->from;

	for (size_t i = 0; i < block->count; i++) {
		uint8_t *word = probe->data + 2 * (at + i);

		probe->known[at + i] = true;
		if (block->function > 2) {
			memcpy(word, data + 2 * i, 2);
			continue;
		}
		word[0] = 0;
		word[1] = data[i / 8] >> i % 8 & 1;
	}
}

static int
silent(struct probe *probe, struct failure *why)
{
	if (++probe->silences < SILENCES_MAX)
		return 0;
	return failure_set(why, EXIT_AGAIN,
	    "%s: unit %u does not answer function %u", probe->device.address,
	    probe->device.unit, probe->function);
}

/* A block, in halves where it is refused as a whole. Refusals that are not
 * about the addresses are refusals of all of it. */
static int
read_block(struct probe *probe, struct profile_block block, struct failure *why)
{
	uint8_t data[MODBUS_ANSWER_MAX];
	unsigned exception = PROBE_SILENT;
	struct profile_block half = block;
	size_t size;
	enum probe_answer result;

	if (io_stopping())
		return failure_set(why, EXIT_AGAIN, "stopped by a signal");
	result = probe_ask(probe, &block, data, &size, &exception, why);
	if (result == ANSWER_LOST ||
	    (result == ANSWER_SILENT && silent(probe, why) != 0))
		return -1;
	if (result == ANSWER_DATA) {
		probe->silences = 0;
		keep(probe, &block, data);
		return 0;
	}
	if (block.count == 1 || result == ANSWER_SILENT || exception == 1 ||
	    exception > 4) {
		memset(probe->refused + (block.address - probe->from),
		    (int)exception, block.count);
		return 0;
	}
	half.count /= 2;
	if (read_block(probe, half, why) != 0)
		return -1;
	half.address = (uint16_t)(half.address + half.count);
	half.count = (uint16_t)(block.count - half.count);
	return read_block(probe, half, why);
}

int
probe_read(struct probe *probe, struct failure *why)
{
	uint32_t end = probe->from + probe->count;

	probe->data = mem_zero(probe->count, 2);
	probe->known = mem_zero(probe->count, sizeof(bool));
	probe->refused = mem_zero(probe->count, 1);
	for (uint32_t at = probe->from; at < end; at += probe->limit) {
		struct profile_block block = { .function = probe->function,
			.address = (uint16_t)at,
			.count = (uint16_t)(end - at < probe->limit
				? end - at
				: probe->limit) };

		if (read_block(probe, block, why) != 0)
			return -1;
	}
	return 0;
}

int
probe_chain(
    struct probe *probe, struct modbus_chain *chain, struct failure *why)
{
	struct profile_block block = { .function = 3,
		.count = MODBUS_CHAIN_READ };
	uint8_t data[MODBUS_ANSWER_MAX];

	modbus_chain_open(chain, 40000);
	modbus_chain_begin(chain);
	while (modbus_chain_next(chain, &block.address)) {
		unsigned exception;
		size_t size = 0;
		enum probe_answer result =
		    probe_ask(probe, &block, data, &size, &exception, why);

		if (result == ANSWER_LOST ||
		    (result == ANSWER_SILENT && silent(probe, why) != 0))
			return -1;
		if (result != ANSWER_SILENT)
			probe->silences = 0;
		modbus_chain_take(
		    chain, result == ANSWER_DATA ? data : NULL, size);
	}
	return 0;
}

/* Text of a model, printable and without the blanks around it. */
static bool
read_text(struct probe *probe, uint32_t address, unsigned count, char *text)
{
	struct profile_block block = { .function = 3,
		.address = (uint16_t)address,
		.count = (uint16_t)count };
	uint8_t data[MODBUS_ANSWER_MAX];
	struct failure why;
	unsigned exception;
	size_t size, end = 0;

	if (probe_ask(probe, &block, data, &size, &exception, &why) !=
	    ANSWER_DATA)
		return false;
	for (size_t i = 0; i < size && data[i] != 0; i++) {
		text[i] = data[i] > ' ' && data[i] < 0x7f ? (char)data[i] : ' ';
		if (text[i] != ' ')
			end = i + 1;
	}
	text[end] = '\0';
	return end > 0;
}

void
probe_identity(
    struct probe *probe, const struct modbus_chain *chain, struct buf *out)
{
	static const struct {
		unsigned at, count;
		const char *before;
	} parts[] = { { 2, 16, "" }, { 18, 16, " " }, { 42, 8, ", version " },
		{ 50, 16, ", serial number " } };
	char text[MODBUS_ANSWER_MAX];
	bool any = false;

	if (chain->count == 0 || chain->models[0].id != 1 ||
	    chain->models[0].length < 65)
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!read_text(probe, chain->models[0].address + parts[i].at,
			parts[i].count, text))
			continue;
		buf_print(out, "%s%s", parts[i].before, text);
		any = true;
	}
	if (any)
		buf_char(out, '\n');
}
