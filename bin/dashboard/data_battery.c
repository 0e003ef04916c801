/* The data files of one battery: the last day, its history, its days. */
#include <math.h>
#include <stddef.h>

#include "dashboard.h"

static void
put_value_or_null(struct buf *out, double value, int decimals, bool first)
{
	if (!first)
		buf_char(out, ',');
	if (isfinite(value))
		buf_print(out, "%.*f", decimals, value);
	else
		buf_text(out, "null");
}

/* One column of the buckets; `at` is the member's place in struct fine. */
static void
put_column(struct buf *out, const struct battery *battery, const char *name,
    size_t at, int decimals)
{
	buf_print(out, ",\"%s\":[", name);
	for (int k = 0; k < FINE_COUNT; k++) {
		double value = NAN;

		if (battery->fine != NULL && battery->fine[k].n > 0)
			value = (double)*(const float *)(const void
				*)((const char *)&battery->fine[k] + at);
		put_value_or_null(out, value, decimals, k == 0);
	}
	buf_char(out, ']');
}

static int
write_day(struct site *site, const struct battery *b, struct buf *out,
    const char *path, struct failure *why)
{
	buf_clear(out);
	buf_print(out, "{\"kind\":\"fine\",\"from\":%lld,\"step\":%d",
	    (long long)(site->fleet->fine_from_ms / 1000), FINE_STEP_S);
	put_column(out, b, "p", offsetof(struct fine, power), 0);
	put_column(out, b, "pmin", offsetof(struct fine, power_min), 0);
	put_column(out, b, "pmax", offsetof(struct fine, power_max), 0);
	put_column(out, b, "soc", offsetof(struct fine, soc), 1);
	put_column(out, b, "v", offsetof(struct fine, voltage), 2);
	put_column(out, b, "t", offsetof(struct fine, temp), 1);
	buf_text(out, "}\n");
	return out_file(site->out, path, out, why);
}

static const struct {
	const char *name;
	size_t at;
	double scale;
	int decimals;
} columns[] = { { "ein", offsetof(struct period, in), 1000, 2 },
	{ "eout", offsetof(struct period, out), 1000, 2 },
	{ "smin", offsetof(struct period, soc_min), 1, 0 },
	{ "smean", offsetof(struct period, soc_avg), 1, 0 },
	{ "smax", offsetof(struct period, soc_max), 1, 0 },
	{ "tmin", offsetof(struct period, temp_min), 1, 1 },
	{ "tmax", offsetof(struct period, temp_max), 1, 1 },
	{ "cov", offsetof(struct period, covered), 1, 3 } };

static void
put_starts(struct buf *out, const struct zone *zone, const struct period *row,
    size_t count)
{
	struct zone_time t;

	buf_text(out, "\"start\":[");
	for (size_t i = 0; i < count; i++) {
		zone_local(zone, row[i].start_ms, &t);
		buf_print(out, "%s\"%04d-%02d-%02d\"", i == 0 ? "" : ",",
		    t.year, t.month, t.day);
	}
	buf_char(out, ']');
}

static void
put_unit(struct buf *out, const struct zone *zone, enum unit unit,
    const struct period *row, size_t count)
{
	buf_print(out, ",\"%s\":{", unit_words[unit]);
	if (unit == UNIT_HOUR)
		buf_print(out, "\"from\":%lld,\"step\":3600",
		    count == 0 ? 0LL : (long long)(row->start_ms / 1000));
	else
		put_starts(out, zone, row, count);
	for (size_t c = 0; c < sizeof(columns) / sizeof(*columns); c++) {
		buf_print(out, ",\"%s\":[", columns[c].name);
		for (size_t i = 0; i < count; i++)
			put_value_or_null(out,
			    *(const double *)(const void
				    *)((const char *)&row[i] + columns[c].at) /
				columns[c].scale,
			    columns[c].decimals, i == 0);
		buf_char(out, ']');
	}
	buf_char(out, '}');
}

static int
write_history(struct site *site, const struct battery *b,
    const struct history *history, struct buf *out, const char *path,
    struct failure *why)
{
	buf_clear(out);
	buf_text(out, "{\"kind\":\"history\",\"tz\":");
	html_json_text(out, b->place->zone_name);
	for (int u = 0; u < UNIT_COUNT; u++)
		put_unit(out, b->place->zone, (enum unit)u, history->row[u],
		    history->count[u]);
	buf_text(out, "}\n");
	return out_file(site->out, path, out, why);
}

static void
put_figure(struct buf *out, double value, int decimals)
{
	buf_char(out, ',');
	if (isfinite(value))
		buf_print(out, "%.*f", decimals, value);
}

/* Local time with its offset and UTC, so that no day is ambiguous. */
static int
write_csv(struct site *site, const struct battery *b,
    const struct history *history, struct buf *out, const char *path,
    struct arena *arena, struct failure *why)
{
	const struct period *row = history->row[UNIT_DAY];

	buf_clear(out);
	buf_text(out,
	    "start_local,start_utc,energy_charged [kWh],"
	    "energy_discharged [kWh],soc_min [%],soc_max [%],"
	    "coverage [%]\r\n");
	for (size_t i = 0; i < history->count[UNIT_DAY]; i++) {
		buf_print(out, "%s,",
		    i18n_iso(arena, b->place->zone, row[i].start_ms));
		buf_time(out, row[i].start_ms);
		put_figure(out, row[i].in / 1000, 3);
		put_figure(out, row[i].out / 1000, 3);
		put_figure(out, row[i].soc_min, 1);
		put_figure(out, row[i].soc_max, 1);
		put_figure(out, 100 * row[i].covered, 1);
		buf_text(out, "\r\n");
	}
	return out_file(site->out, path, out, why);
}

int
data_battery(struct site *site, const struct battery *battery,
    const struct history *history, struct failure *why)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	const char *dir = arena_print(&arena, "data/b/%s", battery->slug);
	int result = write_day(
	    site, battery, &out, arena_print(&arena, "%s/24h.json", dir), why);

	if (result == 0)
		result = write_history(site, battery, history, &out,
		    arena_print(&arena, "%s/history.json", dir), why);
	if (result == 0)
		result = write_csv(site, battery, history, &out,
		    arena_print(&arena, "%s/day.csv", dir), &arena, why);
	buf_free(&out);
	arena_free(&arena);
	return result;
}
