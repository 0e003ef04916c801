/*
 * Framings: where the frames of a device's own serial protocol begin and
 * end, what proves them, and how they are asked for. What their bytes mean
 * is the profile's business. Each framing is one file, framing_NAME.c, and
 * one row of the table in framing_table.c; poller, decoder and simulator
 * use that row and nothing else.
 */
#ifndef PROFILE_FRAMING_H
#define PROFILE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "json/json.h"
#include "record/frame.h"

/* No frame of any framing is longer. */
#define FRAMING_FRAME_MAX 65536
/* Pieces that a frame is taken into, at most. */
#define FRAMING_PIECES_MAX 256

struct evidence;
struct writing;

enum framing_look {
	FRAMING_NONE, /* no frame begins here */
	FRAMING_MORE, /* one may, as far as there are bytes */
	FRAMING_WRONG, /* one does, and its proof is wrong */
	FRAMING_WHOLE
};

struct framing_found {
	size_t start, size; /* of the frame within the bytes */
	int key; /* what it holds: a command, a kind; -1: it does not tell */
	int unit; /* who says it; -1: it does not tell */
	unsigned refusal; /* the device's reason for no answer; 0: it has one */
	bool request; /* a request, that an adapter echoed or we kept */
	const uint8_t *body; /* what lies between head and proof */
	size_t body_size;
};

struct framing {
	const char *name;
	const char *member; /* a profile's word for the key; NULL: items */
	int key; /* where a profile names none; -1: it must */
	bool has_parts; /* bodies of varying layout are told by "part" */
	bool text; /* lines as they came; else hexadecimal */
	bool asked; /* answers do not tell what they answer: the request is
		     * a line before them */
	unsigned gap_ms; /* silence that the device needs behind an answer */
	bool
	    ends; /* by a mark: while a frame is not whole, none behind it is */
	bool sleeps; /* the first request may only wake it: where nothing
		      * comes in half of the time it is asked again */
	/*
	 * Put a request of a profile into `out` (NULL: only check). Returns
	 * the key of its answer; -1 when it is none of the framing's
	 * requests: all of them only read. "" listens, where a device talks
	 * by itself.
	 */
	int (*ask)(const char *request, unsigned unit, struct buf *out);
	/* What begins at the first byte? NULL: the framing has only lines. */
	enum framing_look (*look)(
	    const uint8_t *bytes, size_t size, struct framing_found *found);
	/* Frames that the whole answer has, by what came before it in this
	 * poll; 0 unknown. NULL: always one. */
	unsigned (*count)(int key, const struct frame *before);
	/* Pieces of a frame's body; NULL: the body, at its key. */
	int (*take)(struct evidence *evidence,
	    const struct framing_found *found, struct arena *arena,
	    struct failure *why);
	/* All lines as one object of items; NULL: pieces. */
	json_t *(*items)(const struct frame *frame);
	/* Lines out of what was written, for the simulator. */
	void (*put)(struct writing *writing, struct frame *frame);
	/* Whose frame it is, written into that from `start` on; NULL: frames
	 * do not tell. */
	void (*address)(struct buf *bytes, size_t start, unsigned unit);
};

/* The framing of a name, or NULL. */
const struct framing *framing_find(const char *name);
/*
 * The next whole and proven frame. WRONG: none, but one whose proof is
 * wrong. MORE: none yet; found->start bytes are of no use any more. NONE:
 * all of the bytes are of no use.
 */
enum framing_look framing_next(const struct framing *framing,
    const uint8_t *bytes, size_t size, struct framing_found *found);
/* One line of a frame as its bytes on the wire, addressed to a unit; false
 * where it is not hexadecimal and should be. */
bool framing_bytes(const struct framing *framing, const char *line, size_t size,
    unsigned unit, struct buf *out);
/* A frame's lines taken apart into pieces. */
int framing_take(struct evidence *evidence, const struct frame *frame,
    struct arena *arena, struct failure *why);

/* ---- for the framings --------------------------------------------------- */

/* A request that is a hexadecimal number; -1 where it is none. */
int framing_number(const char *request, size_t size);
/* Sum of bytes modulo 65536. */
unsigned framing_sum(const uint8_t *bytes, size_t size);
unsigned framing_u16(const uint8_t *bytes); /* highest byte first */
/* Add a piece; false when there are too many. */
bool framing_piece(struct evidence *evidence, uint32_t first,
    const uint8_t *data, size_t size);
/* Add a line to a frame in the making: bytes become hexadecimal unless the
 * framing has text. */
void framing_line(struct writing *writing, struct frame *frame,
    const void *bytes, size_t size);

extern const struct framing framing_ant, framing_console, framing_daly,
    framing_goodwe, framing_green_bms, framing_jbd, framing_jk02,
    framing_jk_4e57, framing_pace, framing_pylontech, framing_seplos_binary,
    framing_tdt;

#endif
