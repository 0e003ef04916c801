/* What a battery's BMS itself has reported: faults and warnings with their
 * beginning and end. */
#include <string.h>

#include "base/clock.h"
#include "dashboard.h"

#define DAYS_MS (30 * DAY_MS)
#define SHOWN_MAX 20

static void
take_fault(struct fleet *fleet, struct sql_query *query)
{
	struct battery *battery = find_battery(fleet, sql_integer(query, 0));
	struct fault *fault;

	if (battery == NULL)
		return;
	fault = arena_alloc(fleet->arena, sizeof(*fault));
	*fault =
	    (struct fault){ .warning = strcmp(sql_text(query, 1), "fault") != 0,
		    .code = fleet_text(fleet, sql_text(query, 2)),
		    .raised_ms = sql_integer(query, 3),
		    .cleared_ms = sql_integer(query, 4),
		    .next = battery->faults };
	battery->faults = fault;
}

int
load_faults(struct fleet *fleet, struct failure *why)
{
	return each_since(fleet, DAYS_MS,
	    "SELECT battery_id, kind, code, raised_at, coalesce(cleared_at, 0)"
	    " FROM fault_events WHERE raised_at <= ?2 AND (cleared_at IS NULL"
	    " OR cleared_at >= ?1) ORDER BY raised_at, kind DESC, code DESC",
	    take_fault, why);
}

static void
put_fault(struct page *page, const struct fault *fault)
{
	const char *words = code_words(page, fault->code);

	html_put(page->out, "<li><span class=\"ev-t\">");
	put_stamp(page, page->zone, fault->raised_ms);
	html_put(page->out, "</span><div>");
	put_severity(
	    page, fault->warning ? SEVERITY_WARNING : SEVERITY_CRITICAL);
	html_put(page->out, "<p>%s%s<span class=\"code\">%s</span> ",
	    words == NULL ? "" : words, words == NULL ? "" : " ", fault->code);
	if (fault->cleared_ms == 0) {
		html_put(page->out, "<span class=\"sub\">%s</span>",
		    word(page, "ev.lasts"));
	} else {
		html_put(page->out, "<span class=\"sub\">%s ",
		    word(page, "ev.until"));
		put_stamp(page, page->zone, fault->cleared_ms);
		html_put(page->out, "</span>");
	}
	html_put(page->out, "</p></div></li>");
}

void
put_faults(struct page *page, const struct battery *b)
{
	int count = 0;

	html_put(page->out,
	    "<section id=\"faults\" aria-labelledby=\"h-ft\">"
	    "<h2 id=\"h-ft\">%s</h2>",
	    word(page, "b.faults"));
	if (b->faults == NULL) {
		html_put(page->out, "<p class=\"sub\">%s</p></section>\n",
		    word(page, "b.nofault"));
		return;
	}
	html_put(page->out, "<ol class=\"tl\">");
	for (const struct fault *fault = b->faults;
	     fault != NULL && count < SHOWN_MAX; fault = fault->next, count++)
		put_fault(page, fault);
	html_put(page->out, "</ol></section>\n");
}
