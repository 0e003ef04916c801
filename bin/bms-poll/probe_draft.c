/* A profile to begin with: each value at its likeliest place. */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "probe.h"
#include "record/measurement.h"

static void
put_note(struct buf *out, const struct guess *guess)
{
	const struct guess_form *form = &guess_forms[guess->form];

	buf_print(out, "%u %s%s%s * %s%s%s", guess->address, form->type,
	    form->order[0] == '\0' ? "" : " ", form->order, guess->scale,
	    guess->offset[0] == '\0' ? "" : " ", guess->offset);
}

/* One rule; what else it may be is in its notes. */
static void
put_rule(const struct probe_match *match, struct buf *out)
{
	const struct guess *best = &match->guesses[0];
	const struct guess_form *form = &guess_forms[best->form];
	struct buf notes = { 0 };

	buf_print(out, "  {\"name\": \"%s\", \"at\": %u, \"type\": \"%s\"",
	    match->name, best->address, form->type);
	if (form->order[0] != '\0' && strcmp(form->order, "ABCD") != 0)
		buf_print(out, ", \"order\": \"%s\"", form->order);
	if (strcmp(best->scale, "1") != 0)
		buf_print(out, ", \"scale\": %s", best->scale);
	if (best->offset[0] != '\0')
		buf_print(out, ", \"offset\": %s", best->offset);
	buf_print(&notes, "showed %s", match->text);
	for (size_t i = 1; i < match->count; i++) {
		buf_text(&notes, i == 1 ? "; or " : ", ");
		put_note(&notes, &match->guesses[i]);
	}
	buf_text(out, ",\n   \"notes\": ");
	json_put_text(out, notes.data, notes.size);
	buf_char(out, '}');
	buf_free(&notes);
}

/* Is there anything to be read from one address on to another? */
static void
range_of(const struct probe *probe, uint32_t *low, uint32_t *high)
{
	*low = UINT32_MAX;
	*high = 0;
	for (size_t i = 0; i < probe->match_count; i++) {
		const struct guess *best = &probe->matches[i].guesses[0];

		if (probe->matches[i].count == 0)
			continue;
		if (best->address < *low)
			*low = best->address;
		if (best->address > *high)
			*high = best->address;
	}
}

/* Addresses between the rules that must not be read over. */
static void
put_no_join(const struct probe *probe, struct buf *out)
{
	uint32_t low, high, end;
	bool any = false;

	range_of(probe, &low, &high);
	for (uint32_t at = low; at < high; at = end) {
		end = at + 1;
		if (probe->known[at - probe->from])
			continue;
		while (end < high && !probe->known[end - probe->from])
			end++;
		buf_print(out, "%s[%u, %u]", any ? ", " : ", \"no_join\": [",
		    at, end - 1);
		any = true;
	}
	if (any)
		buf_char(out, ']');
}

static bool
is_energy(const struct probe *probe)
{
	for (size_t i = 0; i < probe->match_count; i++) {
		const char *name = probe->matches[i].name;
		int id = measurement_find(name, strlen(name));

		if (id >= 0 && measurement_table[id].kinds == FOR_ENERGY)
			return true;
	}
	return false;
}

int
probe_draft(const struct probe *probe, struct buf *out, struct failure *why)
{
	bool any = false;

	buf_text(out, "{\n \"maker\": \"\",\n \"model\": ");
	json_put_text(out, probe->draft, strlen(probe->draft));
	buf_text(out,
	    ",\n \"notes\": [\"A draft by bms-poll probe: compare "
	    "each value with the device's display while it changes."
	    "\"],\n");
	if (is_energy(probe))
		buf_text(out, " \"kind\": \"energy\",\n");
	buf_print(out,
	    " \"protocol\": \"modbus\",\n \"modbus\": {\"function\": %u, "
	    "\"limit\": %u",
	    probe->function, probe->limit);
	put_no_join(probe, out);
	buf_text(out, "},\n \"measurements\": [");
	for (size_t i = 0; i < probe->match_count; i++) {
		if (probe->matches[i].count == 0 ||
		    probe->matches[i].name[0] == '\0')
			continue;
		buf_text(out, any ? ",\n" : "\n");
		put_rule(&probe->matches[i], out);
		any = true;
	}
	buf_text(out, "\n ]\n}\n");
	return any ? 0
		   : failure_set(why, EXIT_REFUSED,
			 "none of the values is anywhere: no draft");
}
