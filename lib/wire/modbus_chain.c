/* The chain of SunSpec models: "SunS", then id, length and points of each
 * model, until the id 0xFFFF. */
#include "wire/modbus_chain.h"

#include <string.h>

#define LENGTH_MAX 1000 /* registers; no model is longer */
#define END_ID 0xffff

static const uint16_t usual_bases[] = { 40000, 50000, 0 };

static unsigned
word_at(const uint8_t *data)
{
	return (unsigned)data[0] << 8 | data[1];
}

void
modbus_chain_open(struct modbus_chain *chain, uint16_t base)
{
	size_t count = 1;

	memset(chain, 0, sizeof(*chain));
	chain->bases[0] = base;
	for (size_t i = 0; i < 3 && count < MODBUS_CHAIN_BASES; i++)
		if (usual_bases[i] != base)
			chain->bases[count++] = usual_bases[i];
	chain->state = CHAIN_NONE;
}

void
modbus_chain_begin(struct modbus_chain *chain)
{
	if (chain->state == CHAIN_WALK) {
		chain->cut = chain->stalled == chain->at;
		chain->stalled = chain->at;
		if (chain->cut)
			chain->state = CHAIN_FOUND;
		return;
	}
	if (chain->state == CHAIN_SEARCH)
		chain->base_at = (chain->base_at + 1) % MODBUS_CHAIN_BASES;
	chain->state = CHAIN_SEARCH;
	chain->stalled = 0;
	chain->cut = false;
	chain->tries = 0;
	chain->count = 0;
}

bool
modbus_chain_next(const struct modbus_chain *chain, uint16_t *address)
{
	if (chain->state == CHAIN_SEARCH)
		*address = chain->bases[chain->base_at];
	else
		*address = (uint16_t)chain->at;
	return chain->state == CHAIN_SEARCH || chain->state == CHAIN_WALK;
}

static void
search(struct modbus_chain *chain, const uint8_t *data)
{
	if (data != NULL && memcmp(data, "SunS", 4) == 0) {
		chain->base = chain->bases[chain->base_at];
		chain->at = chain->base + 2U;
		chain->state = CHAIN_WALK;
		return;
	}
	if (++chain->tries < MODBUS_CHAIN_BASES)
		chain->base_at = (chain->base_at + 1) % MODBUS_CHAIN_BASES;
	else
		chain->state = CHAIN_NONE;
}

/* What is no model is the end: some devices have no mark there. */
static void
walk(struct modbus_chain *chain, const uint8_t *data)
{
	unsigned id = data == NULL ? END_ID : word_at(data);
	unsigned length = data == NULL ? 0 : word_at(data + 2);
	struct modbus_chain_model *model = &chain->models[chain->count];

	if (id == END_ID || id == 0 || length == 0 || length > LENGTH_MAX ||
	    chain->at + 2 + length > UINT16_MAX + UINT32_C(1)) {
		chain->state = CHAIN_FOUND;
		return;
	}
	model->address = chain->at;
	model->id = (uint16_t)id;
	model->length = (uint16_t)length;
	chain->at += 2 + length;
	if (++chain->count == MODBUS_CHAIN_MODELS || chain->at > UINT16_MAX - 1)
		chain->state = CHAIN_FOUND;
}

void
modbus_chain_take(struct modbus_chain *chain, const uint8_t *data, size_t size)
{
	if (size < sizeof(uint16_t) * MODBUS_CHAIN_READ)
		data = NULL;
	if (chain->state == CHAIN_SEARCH)
		search(chain, data);
	else if (chain->state == CHAIN_WALK)
		walk(chain, data);
}

bool
modbus_chain_fits(const struct modbus_chain *chain, uint32_t first,
    const uint8_t *data, size_t size)
{
	uint32_t end = first + (uint32_t)(size / 2);

	if (chain->base >= first && chain->base + 2U <= end &&
	    memcmp(data + 2 * (size_t)(chain->base - first), "SunS", 4) != 0)
		return false;
	for (size_t i = 0; i < chain->count; i++) {
		const struct modbus_chain_model *model = &chain->models[i];
		const uint8_t *at = data + 2 * (size_t)(model->address - first);

		if (model->address < first || model->address + 2 > end)
			continue;
		if (word_at(at) != model->id ||
		    word_at(at + 2) != model->length)
			return false;
	}
	return true;
}

bool
modbus_chain_begins(const struct modbus_chain *chain, uint32_t address)
{
	if (address == chain->base)
		return true;
	for (size_t i = 0; i < chain->count; i++)
		if (chain->models[i].address == address)
			return true;
	return false;
}
