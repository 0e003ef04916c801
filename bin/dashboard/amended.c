/* What persons have said of a battery's stored values: annulled or
 * corrected, and why. */
#include <string.h>

#include "base/clock.h"
#include "dashboard.h"

#define DAYS_MS (90 * DAY_MS)
#define SHOWN_MAX 20

static void
take_amended(struct fleet *fleet, struct sql_query *query)
{
	struct battery *battery = find_battery(fleet, sql_integer(query, 0));
	struct amended *amended;

	if (battery == NULL)
		return;
	amended = arena_alloc(fleet->arena, sizeof(*amended));
	*amended = (struct amended){ .measurement =
					 fleet_text(fleet, sql_text(query, 1)),
		.item = sql_integer(query, 2),
		.from_ms = sql_integer(query, 3),
		.until_ms = sql_integer(query, 4),
		.annulled = strcmp(sql_text(query, 5), "annul") == 0,
		.value = fleet_text(fleet, sql_text(query, 6)),
		.reason = fleet_text(fleet, sql_text(query, 7)),
		.next = battery->amended };
	battery->amended = amended;
}

int
load_amended(struct fleet *fleet, struct failure *why)
{
	return each_since(fleet, DAYS_MS,
	    "SELECT battery_id, measurement, item, time, until, action, value,"
	    " reason FROM corrections WHERE withdrawn_at IS NULL"
	    " AND until >= ?1 AND time <= ?2 ORDER BY time, id",
	    take_amended, why);
}

static void
put_amended_one(struct page *page, const struct amended *amended)
{
	bool lasts = amended->until_ms > page->fleet->now_ms;

	html_put(page->out, "<li><span class=\"ev-t\">");
	put_stamp(page, page->zone, amended->from_ms);
	html_put(page->out, "</span><div><p><span class=\"code\">%s",
	    strcmp(amended->measurement, "all") == 0 ? "*"
						     : amended->measurement);
	if (amended->item != 0)
		html_put(page->out, " %d", (int)amended->item);
	html_put(page->out, "</span> %s",
	    word(page, amended->annulled ? "am.annul" : "am.correct"));
	if (amended->value != NULL)
		html_put(page->out, "%s<span class=\"code\">%s</span>",
		    word(page, "lang.colon"), amended->value);
	if (!lasts && amended->until_ms > amended->from_ms) {
		html_put(page->out, " <span class=\"sub\">%s ",
		    word(page, "ev.until"));
		put_stamp(page, page->zone, amended->until_ms);
		html_put(page->out, "</span>");
	}
	html_put(page->out,
	    "</p><p class=\"sub\" lang=\"%s\">%s</p></div></li>",
	    page->fleet->language, amended->reason);
}

void
put_amended(struct page *page, const struct battery *b)
{
	int count = 0;

	if (b->amended == NULL)
		return;
	html_put(page->out,
	    "<section id=\"amended\" aria-labelledby=\"h-am\">"
	    "<h2 id=\"h-am\">%s</h2><ol class=\"tl\">",
	    word(page, "b.amended"));
	for (const struct amended *amended = b->amended;
	     amended != NULL && count < SHOWN_MAX;
	     amended = amended->next, count++)
		put_amended_one(page, amended);
	html_put(page->out, "</ol></section>\n");
}
