#include "profile/framing_cut.h"

#include <string.h>

#include "profile/writing.h"

void
framing_part(struct framing_cut *cut, size_t size)
{
	if (size > cut->size - cut->at)
		size = cut->size - cut->at;
	if (cut->part <= 255)
		framing_piece(cut->evidence, (cut->part << 8 | cut->key) << 16,
		    cut->data + cut->at, size);
	cut->part++;
	cut->at += size;
}

void
framing_list(struct framing_cut *cut, size_t step)
{
	if (cut->at < cut->size)
		framing_part(cut, 1 + step * cut->data[cut->at]);
	else
		cut->part++;
}

/* How a body is laid out, and how far it is made. */
struct joining {
	struct framing_joined *joined;
	size_t head, step;
	size_t (*rest)(const uint8_t *rest, size_t size);
	unsigned part; /* the next one */
};

static size_t
part_size(
    const struct joining *j, unsigned part, const struct written_piece *piece)
{
	if (j->step == 0)
		return piece->used;
	if (part == 0)
		return j->head;
	if (part % FRAMING_PARTS != 0)
		return 1 + j->step * piece->data[0];
	return j->rest == NULL || piece->used == 0
	    ? piece->used
	    : j->rest(piece->data, piece->size);
}

static void
join_part(struct joining *j, const struct written_piece *piece)
{
	unsigned part = piece->first >> 24;
	size_t size = part_size(j, part, piece);
	size_t room, have;

	for (; j->part < part && j->step > 0; j->part++)
		j->joined->size +=
		    j->part == 0 ? j->head : j->part % FRAMING_PARTS != 0;
	room = FRAMING_DATA_MAX - j->joined->size;
	size = size < room ? size : room;
	have = size < piece->size ? size : piece->size;
	memcpy(j->joined->data + j->joined->size, piece->data, have);
	j->joined->size += size;
	j->part = part + 1;
}

void
framing_join(const struct writing *writing, unsigned key, size_t head,
    size_t step, size_t (*rest)(const uint8_t *rest, size_t size),
    struct framing_joined *joined)
{
	struct joining j = {
		.joined = joined, .head = head, .step = step, .rest = rest
	};

	memset(joined, 0, sizeof(*joined));
	for (size_t i = 0; i < writing->piece_count; i++)
		if ((writing->pieces[i].first >> 16 & 0xff) == key)
			join_part(&j, &writing->pieces[i]);
}
