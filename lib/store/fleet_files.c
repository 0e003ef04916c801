/*
 * data/live/fleet.json and data/live/<battery>.json as the site's scripts
 * read them: times in seconds, unknown is null.
 */
#include <string.h>

#include "base/io.h"
#include "store/fleet_parts.h"

#define DIRECTORY_MODE 0750
#define FILE_MODE 0640
/* What a poller does that was told nothing. */
#define EVERY_DEFAULT_MS 5000

static int64_t
seconds(int64_t time_ms)
{
	return time_ms / 1000;
}

static int64_t
every_seconds(int64_t every_ms)
{
	return every_ms <= 0 ? EVERY_DEFAULT_MS / 1000
			     : (every_ms + 999) / 1000;
}

/* Hundredths to whole ones, half away from zero. */
static int64_t
whole(int64_t hundredths)
{
	return (hundredths + (hundredths < 0 ? -50 : 50)) / 100;
}

static int
replace(const struct fleet *fleet, const struct view *view, const char *name,
    struct failure *why)
{
	struct arena arena = { 0 };
	char *directory = arena_print(&arena, "%s/site/%s/%s/data/live",
	    fleet->root, tenant_slug(fleet->tenant), view->slug);
	char *path = arena_print(&arena, "%s/%s.json", directory, name);
	int result = io_file_replace(
	    path, fleet->text.data, fleet->text.size, FILE_MODE, false, why);

	/* the directory is there but for the first time */
	if (result == -1 && io_mkdirs(directory, DIRECTORY_MODE, why) == 0)
		result = io_file_replace(path, fleet->text.data,
		    fleet->text.size, FILE_MODE, false, why);
	arena_free(&arena);
	return result;
}

static void
put_balancing(const struct reading *reading, struct buf *out)
{
	const union reading_value *cells =
	    &reading->value[MEASUREMENT_balancing_cells];
	uint32_t count = reading_has(reading, MEASUREMENT_balancing_cells)
	    ? cells->list.count
	    : 0;

	buf_text(out, ",\"balancing\":[");
	for (uint32_t i = 0; i < count; i++)
		buf_print(out, "%s%d", i == 0 ? "" : ",", cells->list.item[i]);
	buf_char(out, ']');
}

static void
print_measurements(const struct reading *reading, struct buf *out)
{
	for (int id = 0; id < MEASUREMENT_COUNT; id++)
		/* a plant's own status text gives way to our word */
		if (reading_has(reading, id) && id != MEASUREMENT_status &&
		    id != MEASUREMENT_balancing_cells)
			reading_print_one(reading, id, out);
	put_balancing(reading, out);
}

/* Of a battery that never spoke, its state is all that there is to say. */
static void
print_battery(const struct fleet_battery *battery,
    const struct reading *reading, struct buf *out)
{
	buf_print(out, "{\"kind\":\"%s\",\"id\":\"%s\"",
	    battery->kind == READING_ENERGY ? "energy" : "battery",
	    battery->facts->slug);
	if (reading != NULL)
		buf_print(out, ",\"time\":%lld",
		    (long long)seconds(reading->time_ms));
	buf_print(out, ",\"every\":%lld,\"status\":\"%s\"",
	    (long long)every_seconds(battery->facts->every_ms),
	    state_word(battery->state));
	if (reading != NULL)
		print_measurements(reading, out);
	buf_text(out, "}\n");
}

/* The views that a battery is in get its file. */
static int
battery_file(struct fleet *fleet, const struct fleet_battery *battery,
    const struct reading *reading, struct failure *why)
{
	buf_clear(&fleet->text);
	print_battery(battery, reading, &fleet->text);
	for (size_t i = 0; i < fleet->views; i++)
		if (view_has(&fleet->view[i], battery->id) &&
		    replace(fleet, &fleet->view[i], battery->facts->slug,
			why) == -1)
			return -1;
	return 0;
}

static void
keep_summary(struct fleet_battery *battery, const struct reading *newest)
{
	int power = battery->kind == READING_ENERGY ? MEASUREMENT_power_w
						    : MEASUREMENT_pack_power;

	battery->has_soc =
	    newest != NULL && reading_has(newest, MEASUREMENT_soc_percent);
	battery->has_power = newest != NULL && reading_has(newest, power);
	if (battery->has_soc)
		battery->soc = newest->value[MEASUREMENT_soc_percent].number;
	if (battery->has_power)
		battery->power = newest->value[power].number;
}

/* The reading that is held, parsed from a copy. */
static struct reading *
parse(struct fleet *fleet, const struct fleet_battery *battery,
    struct reading *room)
{
	struct failure why;
	char *line;

	if (battery->line.size == 0)
		return NULL;
	arena_reset(&fleet->scratch);
	line =
	    arena_text(&fleet->scratch, battery->line.data, battery->line.size);
	if (reading_parse(
		line, battery->line.size, &fleet->scratch, room, &why) == -1)
		return NULL;
	reading_derive(room);
	return room;
}

static int
look(struct fleet *fleet, struct fleet_battery *battery, int64_t now_ms,
    struct failure *why)
{
	struct reading room, *newest = parse(fleet, battery, &room);
	enum state state = state_judge(battery->facts, newest, now_ms);

	battery->fresh =
	    battery->fresh || fleet->all_fresh || state != battery->state;
	battery->state = state;
	if (!battery->fresh)
		return 0;
	keep_summary(battery, newest);
	return battery_file(fleet, battery, newest, why);
}

/* ---- fleet.json -------------------------------------------------------- */

static void
put_id(struct buf *out, const struct fleet_battery *battery, int64_t now_ms)
{
	(void)now_ms;
	buf_print(out, "\"%s\"", battery->facts->slug);
}

static void
put_state(struct buf *out, const struct fleet_battery *battery, int64_t now_ms)
{
	(void)now_ms;
	buf_integer(out, battery->state);
}

static void
put_soc(struct buf *out, const struct fleet_battery *battery, int64_t now_ms)
{
	(void)now_ms;
	if (battery->has_soc)
		buf_integer(out, whole(battery->soc));
	else
		buf_text(out, "null");
}

static void
put_power(struct buf *out, const struct fleet_battery *battery, int64_t now_ms)
{
	(void)now_ms;
	if (battery->has_power)
		buf_integer(out, whole(battery->power));
	else
		buf_text(out, "null");
}

static void
put_age(struct buf *out, const struct fleet_battery *battery, int64_t now_ms)
{
	int64_t age_ms = now_ms - battery->time_ms;

	if (battery->line.size == 0)
		buf_text(out, "null");
	else
		buf_integer(out, age_ms < 0 ? 0 : seconds(age_ms));
}

static const struct {
	const char *name;
	void (*put)(struct buf *, const struct fleet_battery *, int64_t);
} columns[] = {
	{ "id", put_id },
	{ "st", put_state },
	{ "soc", put_soc },
	{ "p", put_power },
	{ "age", put_age },
};

static void
put_column(
    struct fleet *fleet, const struct view *view, size_t n, int64_t now_ms)
{
	char before = '[';

	buf_print(&fleet->text, ",\"%s\":", columns[n].name);
	for (size_t i = 0; i < fleet->count; i++) {
		if (!view_has(view, fleet->battery[i].id))
			continue;
		buf_char(&fleet->text, before);
		before = ',';
		columns[n].put(&fleet->text, &fleet->battery[i], now_ms);
	}
	buf_text(&fleet->text, before == '[' ? "[]" : "]");
}

/* Old values are not counted in. */
static void
put_totals(struct fleet *fleet, const struct view *view)
{
	int64_t power = 0;
	double stored = 0;

	for (size_t i = 0; i < fleet->count; i++) {
		const struct fleet_battery *battery = &fleet->battery[i];

		if (battery->state == STATE_SILENT ||
		    !view_has(view, battery->id))
			continue;
		if (battery->has_power)
			power += battery->power;
		if (battery->has_soc)
			stored += battery->facts->capacity_wh *
			    (double)battery->soc / 10000;
	}
	buf_text(&fleet->text, ",\"power\":");
	buf_scaled(&fleet->text, power, 2);
	buf_print(&fleet->text, ",\"stored\":%.0f}\n", stored);
}

static int
view_file(struct fleet *fleet, const struct view *view, int64_t now_ms,
    struct failure *why)
{
	int64_t every_ms = 0;
	bool fresh = fleet->all_fresh;

	for (size_t i = 0; i < fleet->count; i++) {
		const struct fleet_battery *battery = &fleet->battery[i];

		if (!view_has(view, battery->id))
			continue;
		fresh = fresh || battery->fresh;
		if (battery->facts->every_ms > 0 &&
		    (every_ms == 0 || battery->facts->every_ms < every_ms))
			every_ms = battery->facts->every_ms;
	}
	if (!fresh)
		return 0;
	buf_clear(&fleet->text);
	buf_print(&fleet->text,
	    "{\"kind\":\"fleet\",\"time\":%lld,"
	    "\"every\":%lld",
	    (long long)seconds(now_ms), (long long)every_seconds(every_ms));
	for (size_t n = 0; n < sizeof(columns) / sizeof(columns[0]); n++)
		put_column(fleet, view, n, now_ms);
	put_totals(fleet, view);
	return replace(fleet, view, "fleet", why);
}

int
fleet_files(struct fleet *fleet, int64_t now_ms, struct failure *why)
{
	for (size_t i = 0; i < fleet->count; i++)
		if (look(fleet, &fleet->battery[i], now_ms, why) == -1)
			return -1;
	for (size_t i = 0; i < fleet->views; i++)
		if (view_file(fleet, &fleet->view[i], now_ms, why) == -1)
			return -1;
	return 0;
}
