/* Error frames of a CAN bus, as linux/can/error.h lays them out, and what
 * the kernel says of an interface. */
#ifndef WIRE_CAN_TROUBLE_H
#define WIRE_CAN_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum can_health {
	CAN_UNKNOWN,
	CAN_ACTIVE, /* all is well */
	CAN_WARNING, /* 96 errors and more */
	CAN_PASSIVE, /* 128 and more: it speaks no longer for itself */
	CAN_OFF, /* 256 and more: it has left the bus */
	CAN_STOPPED /* the interface is down */
};

/* "error-passive", "bus-off" …; "" where it is unknown. */
const char *can_health_name(enum can_health health);

/*
 * An error frame: `class` is its identifier without flags. Its health is
 * set where it tells one. True where it counts as an error: lost
 * arbitration, a restart and a controller that has recovered do not.
 */
bool can_trouble(
    uint32_t class, const uint8_t *data, size_t size, enum can_health *health);

/* Of an interface; bitrate 0 where it has none or does not tell. False
 * where nothing is known, as of virtual ones. */
bool can_look(
    const char *interface, enum can_health *health, uint32_t *bitrate);

#endif
