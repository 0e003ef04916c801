/* Values of batteries, and the words for what is wrong with them. */
#include <math.h>
#include <string.h>

#include "dashboard.h"

double
value_of(const struct battery *battery, int id)
{
	if (!battery->has_newest || !reading_has(&battery->newest, id))
		return NAN;
	return (double)battery->newest.value[id].number /
	    pow(10, measurement_table[id].decimals);
}

double
stored_wh(const struct battery *battery)
{
	return battery->type->capacity_wh *
	    value_of(battery, MEASUREMENT_soc_percent) / 100;
}

/* What is doubted is shown, but not summed up. */
static bool
is_doubted(const struct battery *battery, int id)
{
	return battery->has_newest && (battery->newest.suspect >> id & 1) != 0;
}

struct sums
sums_of(struct battery *const *battery, size_t count)
{
	struct sums sums = { .any = false };

	for (size_t i = 0; i < count; i++) {
		double power = value_of(battery[i], MEASUREMENT_pack_power);
		double stored = stored_wh(battery[i]);

		if (battery[i]->state == STATE_SILENT)
			continue;
		if (isfinite(power) &&
		    !is_doubted(battery[i], MEASUREMENT_pack_power)) {
			sums.power += power;
			sums.any = true;
		}
		if (isfinite(stored) &&
		    !is_doubted(battery[i], MEASUREMENT_soc_percent)) {
			sums.stored += stored;
			sums.capacity += battery[i]->type->capacity_wh;
		}
	}
	return sums;
}

const char *
alert_class(const struct alert *alert)
{
	return strcmp(alert->status, "suppressed") == 0 ? "silenced"
							: alert->status;
}

/* Most severe first, then the newest. */
int
alert_order(const struct alert *a, const struct alert *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->first_ms != b->first_ms)
		return a->first_ms > b->first_ms ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* As many decimals as the number needs, up to three. */
static int
decimals_of(double value)
{
	for (int d = 0; d < 3; d++)
		if (fabs(value * pow(10, d) - round(value * pow(10, d))) < 1e-6)
			return d;
	return 3;
}

static const char *
figure(const struct page *page, double value, const char *unit)
{
	return arena_print(page->arena, "%s%s%s",
	    i18n_number(
		page->arena, page->words, value, decimals_of(value), false),
	    unit == NULL || *unit == '\0' ? "" : NB, unit == NULL ? "" : unit);
}

const char *
code_words(const struct page *page, const char *code)
{
	char *key = arena_print(page->arena, "code.%s", code);

	for (char *p = key; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return i18n_find(page->words, key);
}

const char *
alert_title(const struct page *page, const struct alert *alert)
{
	const char *words = code_words(page, alert->code);

	return words == NULL ? alert->title : words;
}

/* "Cellule trop basse : 3,021 V, limite 3,1 V"; a code that has words in
 * this language is said in them, any other by the rule's own title. */
const char *
alert_text(const struct page *page, const struct alert *alert)
{
	const char *text = alert_title(page, alert);

	if (isfinite(alert->value))
		text = arena_print(page->arena, "%s%s%s", text,
		    word(page, "lang.colon"),
		    figure(page, alert->value, alert->unit));
	if (isfinite(alert->limit))
		text = arena_print(page->arena, "%s, %s %s", text,
		    word(page, "al.threshold"),
		    figure(page, alert->limit, alert->unit));
	return text;
}

/* Codes of a reading as "a, b". */
static const char *
codes_of(const struct page *page, const struct battery *battery, int id)
{
	const char *text = "";
	struct failure ignored;
	json_t *codes, *code;
	size_t i;

	if (!battery->has_newest || !reading_has(&battery->newest, id))
		return "";
	codes = json_read(battery->newest.value[id].text.json,
	    battery->newest.value[id].text.size, &ignored);
	json_array_foreach(codes, i, code) if (json_is_string(code)) text =
	    arena_print(page->arena, "%s%s%s", text, *text == '\0' ? "" : ", ",
		json_string_value(code));
	json_decref(codes);
	return text;
}

static const struct alert *
worst_alert(const struct page *page, const struct battery *battery)
{
	const struct site *site = page->site;

	for (size_t i = 0; i < site->alert_count; i++)
		if (site->alert[i]->battery == battery &&
		    site->alert[i]->severity >= SEVERITY_WARNING &&
		    (strcmp(site->alert[i]->status, "active") == 0 ||
			strcmp(site->alert[i]->status, "acknowledged") == 0))
			return site->alert[i];
	return NULL;
}

static const char *
why_silent(const struct page *page, const struct battery *battery)
{
	if (!battery->has_newest)
		return word(page, "why.none");
	return fill(page, "why.silent", "x",
	    i18n_stamp(page->arena, page->words, battery->place->zone,
		battery->newest.time_ms));
}

const char *
why_of(const struct page *page, const struct battery *battery)
{
	const struct alert *alert = worst_alert(page, battery);
	const char *codes;

	if (battery->state == STATE_OK)
		return "";
	if (battery->state == STATE_MAINTENANCE)
		return word(page, "why.maintenance");
	if (battery->state == STATE_SILENT)
		return why_silent(page, battery);
	if (alert != NULL)
		return alert_text(page, alert);
	codes = codes_of(page, battery,
	    battery->state == STATE_FAULT ? MEASUREMENT_fault_codes
					  : MEASUREMENT_warning_codes);
	if (*codes != '\0')
		return fill(page, "why.faults", "x", codes);
	return battery->facts != NULL && battery->facts->faulty
	    ? word(page, "why.status")
	    : word(page, "mode.fault");
}
