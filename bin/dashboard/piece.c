/* The small parts of pages: words, values, marks, ages. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "dashboard.h"

const char *
word(const struct page *page, const char *key)
{
	return i18n_word(page->words, key);
}

const char *
word_of(const struct page *page, const char *prefix, const char *name)
{
	return word(page, arena_print(page->arena, "%s%s", prefix, name));
}

const char *
fill(const struct page *page, const char *key, const char *name,
    const char *value)
{
	return i18n_fill(
	    page->arena, page->words, key, name, value, (char *)NULL);
}

void
put_before(struct page *page, const char *key)
{
	const char *text = word(page, key);

	html_text_sized(page->out, text, strcspn(text, "{"));
}

void
put_after(struct page *page, const char *key)
{
	const char *close = strchr(word(page, key), '}');

	html_text(page->out, close == NULL ? "" : close + 1);
}

const char *
capital(struct arena *arena, const char *text)
{
	char *copy = arena_text(arena, text, strlen(text));
	unsigned char *p = (unsigned char *)copy;

	if (islower(p[0]))
		p[0] = (unsigned char)toupper(p[0]);
	else if (p[0] == 0xc3 && p[1] >= 0xa0 && p[1] <= 0xbe && p[1] != 0xb7)
		p[1] = (unsigned char)(p[1] - 0x20); /* à to À, é to É */
	return copy;
}

void
put_value(
    struct page *page, double value, int decimals, const char *unit, bool sign)
{
	html_put(page->out, "<span class=\"q\"><data value=\"");
	if (isfinite(value))
		html_put(page->out, "%.10g", value);
	html_put(page->out,
	    "\">%s</data><span class=\"u\">" NB "%s</span>"
	    "</span>",
	    i18n_number(page->arena, page->words, value, decimals, sign), unit);
}

void
put_power(struct page *page, double watt)
{
	if (fabs(watt) >= 1000)
		put_value(
		    page, watt / 1000, fabs(watt) < 9995 ? 2 : 1, "kW", true);
	else
		put_value(page, watt, 0, "W", true);
}

void
put_energy(struct page *page, double wh)
{
	if (wh >= 1e6)
		put_value(page, wh / 1e6, 2, "MWh", false);
	else
		put_value(page, wh / 1000, wh < 1e5 ? 1 : 0, "kWh", false);
}

void
put_mark(struct page *page, const char *name)
{
	html_put(page->out,
	    "<svg class=\"mark m-%s\" aria-hidden=\"true\""
	    " focusable=\"false\"><use href=\"#%s\"/></svg>",
	    name, name);
}

void
put_icon(struct page *page, const char *name)
{
	html_put(page->out,
	    "<svg class=\"icon\" aria-hidden=\"true\""
	    " focusable=\"false\"><use href=\"#%s\"/></svg>",
	    name);
}

void
put_state(struct page *page, enum state state)
{
	const char *name = state_word(state);

	html_put(page->out, "<span class=\"state st-%s\">", name);
	put_mark(page, name);
	html_put(
	    page->out, "<span>%s</span></span>", word_of(page, "st.", name));
}

void
put_severity(struct page *page, enum severity severity)
{
	const char *name = severity_word(severity);

	html_put(page->out, "<span class=\"state sv-%s\">", name);
	put_mark(page, name);
	html_put(
	    page->out, "<span>%s</span></span>", word_of(page, "sev.", name));
}

void
put_level(struct page *page, double percent, enum state state)
{
	html_put(page->out,
	    "<svg class=\"level st-%s\""
	    " viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\""
	    " aria-hidden=\"true\"><rect class=\"lv-b\" width=\"100\""
	    " height=\"12\"/><rect class=\"lv-f\" width=\"%.0f\""
	    " height=\"12\"/></svg>",
	    state_word(state),
	    isfinite(percent) ? fmin(100, fmax(0, percent)) : 0);
}

/*
 * When the newest reading came, and how fresh that was when the page was
 * written. Scripts make of it an age that runs; without them the time of day
 * stays true however late the page is read.
 */
void
put_age(struct page *page, const struct battery *battery)
{
	int64_t every_ms =
	    battery->facts == NULL || battery->facts->every_ms <= 0
	    ? 15000
	    : battery->facts->every_ms;
	int64_t age = page->fleet->now_ms - battery->newest.time_ms;
	const char *fresh = age <= 6 * every_ms ? "fresh"
	    : age <= 60 * every_ms              ? "late"
						: "stale";

	if (!battery->has_newest) {
		html_put(page->out,
		    "<span class=\"age is-none\">"
		    "<span class=\"age-w\">%s</span></span>",
		    word(page, "f.none"));
		return;
	}
	html_put(page->out,
	    "<span class=\"age is-%s\" data-age=\"%lld\""
	    " data-every=\"%.10g\"><span class=\"age-w\">%s</span> ",
	    fresh, (long long)(battery->newest.time_ms / 1000),
	    (double)every_ms / 1000, word_of(page, "f.", fresh));
	put_stamp(page, battery->place->zone, battery->newest.time_ms);
	html_put(page->out, "</span>");
}

void
put_stamp(struct page *page, const struct zone *zone, int64_t time_ms)
{
	html_put(page->out, "<time datetime=\"%s\">%s</time>",
	    i18n_iso(page->arena, zone, time_ms),
	    i18n_stamp(page->arena, page->words, zone, time_ms));
}

const char *
some_of(const struct page *page, enum state state, size_t count)
{
	return word(page,
	    arena_print(page->arena, "st.%s.%s", state_word(state),
		count == 1 ? "1" : "n"));
}

void
put_record(struct page *page, const char *label, const char *value)
{
	if (value != NULL && *value != '\0')
		html_put(page->out, "<div><dt>%s</dt><dd>%s</dd></div>", label,
		    value);
}

void
put_custom(struct page *page, const struct pair *custom)
{
	bool any = false;

	for (const struct pair *p = custom; p != NULL; p = p->next)
		any = any || p->shown;
	if (!any)
		return;
	html_put(page->out, "<h3>%s</h3><dl class=\"rec\" lang=\"%s\">",
	    word(page, "b.custom"), page->fleet->language);
	for (; custom != NULL; custom = custom->next) {
		if (!custom->shown)
			continue;
		html_put(page->out, "<div><dt>%s</dt><dd>", custom->label);
		if (html_url_ok(custom->value))
			html_put(page->out,
			    "<a href=\"%s\" rel=\"noreferrer"
			    " noopener\">%s</a>",
			    custom->value, custom->value);
		else
			html_text(page->out, custom->value);
		html_put(page->out, "</dd></div>");
	}
	html_put(page->out, "</dl>");
}

const char *
hour_label(const struct page *page, const struct zone *zone, int64_t time_ms)
{
	struct zone_time local;

	zone_local(zone, time_ms, &local);
	return fill(page, local.hour < 10 ? "lang.hour.9" : "lang.hour", "h",
	    arena_print(page->arena, "%d", local.hour));
}

void
put_key_part(
    struct page *page, const char *class, const char *name, const char *unit)
{
	html_put(page->out,
	    "<span><span class=\"sw %s\"></span><span>%s"
	    "</span><span class=\"sub\">%s</span></span>",
	    class, name, unit);
}
