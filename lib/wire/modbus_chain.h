/*
 * Where the models of a SunSpec device lie: the marker is looked for at the
 * base addresses, and the models are followed by id and length.
 */
#ifndef WIRE_MODBUS_CHAIN_H
#define WIRE_MODBUS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODBUS_CHAIN_MODELS 100 /* more is no chain */
#define MODBUS_CHAIN_BASES 3
#define MODBUS_CHAIN_READ 2 /* registers of each request */

enum modbus_chain_state {
	CHAIN_SEARCH,
	CHAIN_WALK,
	CHAIN_FOUND, /* to its end */
	CHAIN_NONE /* at none of the bases */
};

struct modbus_chain_model {
	uint32_t address; /* of its id; the length is behind it */
	uint16_t id, length;
};

struct modbus_chain {
	enum modbus_chain_state state;
	uint16_t bases[MODBUS_CHAIN_BASES];
	size_t base_at, tries;
	uint16_t base;
	uint32_t at, stalled; /* the next header; that of a poll that failed */
	bool cut; /* its end was never seen */
	struct modbus_chain_model models[MODBUS_CHAIN_MODELS];
	size_t count;
};

/* Begin with this base, then 40000, 50000 and 0. */
void modbus_chain_open(struct modbus_chain *chain, uint16_t base);
/* Look again, or go on where the last poll ended before its time. A device
 * may leave a request that it does not like unanswered: where nothing at all
 * came at one base, the next one comes first, and where nothing came twice
 * behind a model, that was the last one. */
void modbus_chain_begin(struct modbus_chain *chain);
/* The next MODBUS_CHAIN_READ registers to read; false when it is over. */
bool modbus_chain_next(const struct modbus_chain *chain, uint16_t *address);
/* What came; NULL where it was refused. */
void modbus_chain_take(
    struct modbus_chain *chain, const uint8_t *data, size_t size);
/* Do registers that were read agree with what is known of the chain? */
bool modbus_chain_fits(const struct modbus_chain *chain, uint32_t first,
    const uint8_t *data, size_t size);
/* Does a model (or the marker) begin there? */
bool modbus_chain_begins(const struct modbus_chain *chain, uint32_t address);

#endif
