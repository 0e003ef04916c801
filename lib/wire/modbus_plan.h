/* Inside modbus_reader: what is known of the device, and the requests that
 * come of it. */
#ifndef WIRE_MODBUS_PLAN_H
#define WIRE_MODBUS_PLAN_H

#include "profile/profile.h"
#include "wire/modbus_chain.h"
#include "wire/modbus_cut.h"

struct part {
	struct modbus_span span;
	bool refused; /* the device does not have it */
};

struct modbus_reader {
	const struct profile *profile;
	unsigned limit; /* registers */
	uint8_t function; /* of the SunSpec map */
	struct modbus_span *spans;
	size_t span_count, span_room;
	struct part *parts;
	size_t count, room;
	size_t at; /* of this poll */
	unsigned refusals;
	int64_t now_ms, refused_ms;
	bool sunspec;
	bool sought; /* the chain, in this poll */
	struct modbus_chain chain;
	char error[200];
};

/* The requests of the profile's plan, within the device's limit. */
void modbus_plan_registers(struct modbus_reader *reader);
/* Those of a chain that was found. False: it has no model that is wanted. */
bool modbus_plan_chain(struct modbus_reader *reader);
/* Cut the request at hand in two; false where it is one value. */
bool modbus_plan_cut(struct modbus_reader *reader, bool middle);

#endif
