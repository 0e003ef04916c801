/* A stored row as a reading. */
#include "store/pack.h"
#include "store/stored.h"

int
stored_reading(const struct stored_row *row, bool bare, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	if (row->block != NULL) {
		block_reading(row->block, row->at, bare, reading);
		return 0;
	}
	reading_clear(reading);
	reading->kind = row->row.kind;
	reading->time_ms = row->row.time_ms;
	reading->gen = row->row.gen;
	return (bare ? pack_read_bare : pack_read)(row->row.packed,
	    row->row.size, row->row.quality, arena, reading, why);
}
