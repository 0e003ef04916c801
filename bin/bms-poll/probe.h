/* bms-poll probe: what the registers of one Modbus device may mean. */
#ifndef BMS_POLL_PROBE_H
#define BMS_POLL_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "profile/decimal.h"
#include "profile/guess.h"
#include "profile/profile.h"
#include "record/device.h"
#include "wire/modbus_chain.h"
#include "wire/tcp.h"

#define PROBE_MATCHES_MAX 32
#define PROBE_GUESSES 8 /* places shown for each value */

/* "NAME=53.2": a value that the device's display shows. */
struct probe_match {
	const char *name; /* of a measurement, "" where none is said */
	const char *text; /* as it was written */
	struct decimal value;
	struct guess guesses[PROBE_GUESSES];
	size_t count;
};

struct probe {
	struct device device;
	uint8_t function;
	uint32_t from, count;
	unsigned limit; /* registers in one request */
	int64_t timeout_ms;
	const char *draft; /* NULL: none */
	struct probe_match matches[PROBE_MATCHES_MAX];
	size_t match_count;
	/* the connection: */
	struct tcp tcp;
	int fd;
	uint16_t transaction;
	int64_t quiet_ms; /* serial: do not speak before */
	struct buf in;
	unsigned silences; /* requests without an answer */
	/* what came: */
	uint8_t *data;
	bool *known;
	uint8_t *refused; /* with which exception; 0xff: no answer */
};

/* ---- probe_link.c ------------------------------------------------------- */

enum probe_answer {
	ANSWER_DATA,
	ANSWER_REFUSED, /* *exception says why */
	ANSWER_SILENT, /* no answer in time */
	ANSWER_LOST /* a failure says why */
};

int probe_open(struct probe *probe, struct failure *why);
void probe_close(struct probe *probe);
/* Ask for a block; room for MODBUS_ANSWER_MAX bytes. */
enum probe_answer probe_ask(struct probe *probe,
    const struct profile_block *block, uint8_t *data, size_t *size,
    unsigned *exception, struct failure *why);

/* ---- probe_read.c ------------------------------------------------------- */

#define PROBE_SILENT 0xff

/* Read all that there is of the range. 0, or -1 with a failure. */
int probe_read(struct probe *probe, struct failure *why);
/* Look for a SunSpec map. 0, or -1 with a failure. */
int probe_chain(
    struct probe *probe, struct modbus_chain *chain, struct failure *why);
/* What the device calls itself in the model 1 of its map: a line. */
void probe_identity(
    struct probe *probe, const struct modbus_chain *chain, struct buf *out);
struct guess_registers probe_registers(const struct probe *probe);

/* ---- probe_print.c ------------------------------------------------------ */

void probe_print(const struct probe *probe, struct buf *out);
void probe_print_chain(const struct modbus_chain *chain, struct buf *out);
void probe_print_matches(const struct probe *probe, struct buf *out);

/* ---- probe_draft.c ------------------------------------------------------ */

/* The text of a profile with the best place of each value. 0, or -1 with a
 * failure where no value was found. */
int probe_draft(
    const struct probe *probe, struct buf *out, struct failure *why);

extern const char probe_synopsis[]; /* of both kinds of device */
/* `probe` and what follows it on the command line. */
int probe_main(int argc, char **argv);

#endif
