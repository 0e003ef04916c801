/*
 * The data files beside the pages: what scripts read, and what people
 * download. Names in them are the same slugs that the pages use.
 */
#include <math.h>
#include <string.h>

#include "dashboard.h"
#include "web/brand.h"

#define FILTER_SITES_MAX 100 /* with more, plain filters leave sites out */

static void
put_name(struct buf *out, const char *name)
{
	if (out->size > 0 && strchr("{[", out->data[out->size - 1]) == NULL)
		buf_char(out, ',');
	html_json_text(out, name);
	buf_char(out, ':');
}

static void
put_text(struct buf *out, const char *text)
{
	if (out->size > 0 && strchr("{[:", out->data[out->size - 1]) == NULL)
		buf_char(out, ',');
	html_json_text(out, text == NULL ? "" : text);
}

/* ---- list.json -------------------------------------------------------- */

static const char *
custom_value(const struct battery *battery, const char *label)
{
	for (const struct pair *p = battery->custom; p != NULL; p = p->next)
		if (p->searched && strcmp(p->label, label) == 0)
			return p->value;
	return "";
}

static void
put_row(struct buf *out, const struct fleet *fleet, const struct battery *b)
{
	if (out->data[out->size - 1] == ']')
		buf_text(out, ",\n");
	buf_char(out, '[');
	put_text(out, b->slug);
	put_text(out, b->name);
	put_text(out, b->type->slug);
	put_text(out, b->place->site->slug);
	put_text(out, b->serial);
	put_text(out, b->internal);
	put_text(out, b->since);
	for (size_t i = 0; i < fleet->field_count; i++)
		put_text(out, custom_value(b, fleet->field[i]));
	buf_char(out, ']');
}

/* Slug and name of each site or type that a battery of the view has. */
static void
put_names(struct buf *out, const struct site *site, bool types)
{
	put_name(out, types ? "types" : "sites");
	buf_char(out, '{');
	for (size_t i = 0; i < site->count; i++) {
		const struct battery *b = site->battery[i];
		size_t k;

		for (k = 0; k < i; k++)
			if (types ? site->battery[k]->type == b->type
				  : site->battery[k]->place->site ==
				    b->place->site)
				break;
		if (k < i)
			continue;
		put_name(out, types ? b->type->slug : b->place->site->slug);
		put_text(out, types ? b->type->name : b->place->site->name);
	}
	buf_char(out, '}');
}

static int
write_list(struct site *site, struct buf *out, struct failure *why)
{
	static const char *const fixed[] = { "id", "name", "type", "site",
		"serial", "internal", "since" };

	buf_clear(out);
	buf_print(out, "{\"kind\":\"list\",\"time\":%lld",
	    (long long)(site->newest_ms / 1000));
	put_names(out, site, false);
	put_names(out, site, true);
	put_name(out, "fields");
	buf_char(out, '[');
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		put_text(out, fixed[i]);
	for (size_t i = 0; i < site->fleet->field_count; i++)
		put_text(out, site->fleet->field[i]);
	buf_char(out, ']');
	put_name(out, "rows");
	buf_char(out, '[');
	for (size_t i = 0; i < site->count; i++)
		put_row(out, site->fleet, site->battery[i]);
	buf_text(out, "]}\n");
	return out_file(site->out, "data/list.json", out, why);
}

/* ---- list.csv --------------------------------------------------------- */

/* A text cell: quoted, and never a formula (X3). */
static void
put_cell(struct buf *out, const char *text)
{
	buf_char(out, '"');
	if (text != NULL &&
	    (strchr("=+-@\t\r", text[0]) != NULL ||
		strncmp(text, "\xef\xbc\x9d", 3) == 0 ||
		strncmp(text, "\xef\xbc\x8b", 3) == 0 ||
		strncmp(text, "\xef\xbc\x8d", 3) == 0 ||
		strncmp(text, "\xef\xbc\xa0", 3) == 0) &&
	    text[0] != '\0')
		buf_char(out, '\'');
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '"')
			buf_char(out, '"');
		buf_char(out, *text);
	}
	buf_text(out, "\";");
}

static void
put_figure(struct buf *out, double value, int decimals, const char *end)
{
	if (isfinite(value))
		buf_print(out, "%.*f", decimals, value);
	buf_text(out, end);
}

static int
write_csv(struct site *site, struct buf *out, struct failure *why)
{
	buf_clear(out);
	buf_text(out,
	    "\xef\xbb\xbfid;name;type;site;serial;internal_id;"
	    "in_service_since;status;soc_percent [%];soh_percent [%];"
	    "pack_power [W]\r\n");
	for (size_t i = 0; i < site->count; i++) {
		const struct battery *b = site->battery[i];

		put_cell(out, b->slug);
		put_cell(out, b->name);
		put_cell(out, b->type->name);
		put_cell(out, b->place->site->name);
		put_cell(out, b->serial);
		put_cell(out, b->internal);
		put_cell(out, b->since);
		put_cell(out, state_word(b->state));
		put_figure(out, value_of(b, MEASUREMENT_soc_percent), 2, ";");
		put_figure(out, value_of(b, MEASUREMENT_soh_percent), 2, ";");
		put_figure(out, value_of(b, MEASUREMENT_pack_power), 2, "\r\n");
	}
	return out_file(site->out, "data/list.csv", out, why);
}

/* ---- brand.css -------------------------------------------------------- */

static void
put_filter(struct buf *out, const char *name, char prefix, const char *slug)
{
	buf_print(out,
	    "main:has([name=%s][value=\"%s\"]:checked) "
	    "#list tbody tr:not(.%c-%s){display:none}\n",
	    name, slug, prefix, slug);
}

/* Slugs are [a-z0-9-]: nothing of them can end a selector. */
static int
write_css(struct site *site, struct buf *out, struct failure *why)
{
	const struct fleet *fleet = site->fleet;
	size_t sites = 0;

	buf_clear(out);
	brand_css(fleet->colour, out);
	buf_text(out, "/* filters that work without scripts */\n");
	for (size_t i = 0; i < fleet->type_count; i++)
		for (size_t k = 0; k < site->count; k++)
			if (site->battery[k]->type == &fleet->type[i]) {
				put_filter(
				    out, "type", 't', fleet->type[i].slug);
				break;
			}
	for (size_t i = 0; i < fleet->place_count && sites < FILTER_SITES_MAX;
	     i++)
		for (size_t k = 0; k < site->count; k++)
			if (site->battery[k]->place->site == &fleet->place[i]) {
				put_filter(
				    out, "site", 's', fleet->place[i].slug);
				sites++;
				break;
			}
	return out_file(site->out, "data/brand.css", out, why);
}

int
data_fleet(struct site *site, struct failure *why)
{
	struct buf out = { 0 };
	int result = write_list(site, &out, why) == -1 ||
		write_csv(site, &out, why) == -1 ||
		write_css(site, &out, why) == -1
	    ? -1
	    : 0;

	buf_free(&out);
	return result;
}
