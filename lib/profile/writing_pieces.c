/* Room for what the rules of a serial profile write, by key. */
#include <stdlib.h>
#include <string.h>

#include "profile/writing.h"

static void
widen(struct writing *w, const struct source *source, uint32_t step)
{
	uint32_t key = source->address >> 16 << 16;
	uint32_t end = source->address - key + step + source->size;
	size_t i = 0;

	while (i < w->piece_count && w->pieces[i].first != key)
		i++;
	if (i == w->piece_count) {
		w->pieces[w->piece_count++] =
		    (struct written_piece){ .first = key,
			    .function = source->function };
	}
	if (end > w->pieces[i].size)
		w->pieces[i].size = end;
}

static void
widen_by_rule(struct writing *w, const struct rule *rule)
{
	uint32_t last = rule->stride * (rule->count - 1U);

	if (rule->source != NULL)
		for (unsigned i = 0; i < (rule->stride ? 1U : rule->count); i++)
			widen(w, rule->source + i, last);
	if (rule->counter != NULL)
		widen(w, rule->counter, 0);
	if (rule->exponent != NULL)
		widen(w, rule->exponent, 0);
	if (rule->per != NULL)
		widen(w, rule->per, 0);
	for (size_t i = 0; i < rule->when_count; i++)
		widen(w, &rule->when[i].source, 0);
}

static int
by_key(const void *a, const void *b)
{
	const struct written_piece *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

void
writing_pieces(struct writing *writing)
{
	const struct profile *p = writing->profile;
	size_t room = 0;

	for (size_t i = 0; i < p->rule_count; i++)
		room += p->rules[i].count + p->rules[i].when_count + 2;
	writing->pieces =
	    arena_alloc(writing->arena, room * sizeof(*writing->pieces));
	for (size_t i = 0; i < p->rule_count; i++)
		widen_by_rule(writing, &p->rules[i]);
	qsort(writing->pieces, writing->piece_count, sizeof(*writing->pieces),
	    by_key);
	for (size_t i = 0; i < writing->piece_count; i++) {
		struct written_piece *piece = &writing->pieces[i];

		piece->data = arena_alloc(writing->arena, piece->size + 1);
		memset(piece->data, 0, piece->size + 1);
	}
}
