#include "store/export_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/ids.h"
#include "base/mem.h"
#include "base/num.h"

void
export_real(struct buf *out, double value, unsigned decimals)
{
	int64_t scaled;

	if (num_scale_double(value, decimals, &scaled))
		buf_scaled(out, scaled, decimals);
	else
		buf_print(out, "%.17g", value);
}

void
export_local_time(struct buf *out, const struct zone *zone, int64_t time_ms)
{
	struct zone_time local;
	int offset;

	zone_local(zone, time_ms, &local);
	offset = local.offset_s / 60;
	/* the clock on the wall, printed as if it were UTC's */
	buf_time(out, time_ms + (int64_t)local.offset_s * 1000);
	out->size--;
	buf_print(out, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60,
	    abs(offset) % 60);
}

void
export_heading(struct export *export, const char *name, const char *unit)
{
	struct buf *out = &export->out->buf;
	struct arena arena = { 0 };
	char *text =
	    arena_print(&arena, *unit == '\0' ? "%s%s" : "%s [%s]", name, unit);

	if (out->size > 0 && out->data[out->size - 1] != '\n')
		buf_char(out, ',');
	csv_text(out, text, strlen(text), export->guard);
	arena_free(&arena);
}

void
export_row_end(struct export *export)
{
	buf_char(&export->out->buf, '\n');
	io_writer_check(export->out);
	export->rows++;
}

int
export_names_load(
    struct export_names *names, struct tenant *tenant, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "SELECT id, slug FROM batteries ORDER BY id", why);
	int got = -1;

	*names = (struct export_names){ .count = 0 };
	while (query != NULL && (got = sql_step(query, why)) == 1) {
		if ((names->count & (names->count - 1)) == 0)
			names->name = mem_grow(names->name,
			    names->count == 0 ? 1 : names->count * 2,
			    sizeof(*names->name));
		names->name[names->count].id = sql_integer(query, 0);
		names->name[names->count++].slug =
		    mem_copy_text(sql_text(query, 1));
	}
	sql_query_free(query);
	return got;
}

const char *
export_name(const struct export_names *names, int64_t id)
{
	const struct export_slug *found =
	    ids_find(names->name, names->count, sizeof(*names->name), id);

	return found == NULL ? "" : found->slug;
}

void
export_names_free(struct export_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i].slug);
	free(names->name);
}
