/*
 * Commands for the pen: only numbers and labels @0, @1 … go in. Sentinel
 * colours are the classes of chart_put.
 */
#include <math.h>

#include "dashboard.h"

static void
put_number(struct buf *out, double value)
{
	if (isfinite(value))
		buf_print(out, " %.6g", value);
	else
		buf_text(out, " NaN");
}

int
picture_hours(const struct zone *zone, int64_t from_ms, int every,
    int64_t mark[PICTURE_MARKS])
{
	const int64_t to_ms =
	    from_ms + FINE_COUNT * FINE_STEP_S * INT64_C(1000);
	struct zone_time local;
	int64_t at, end;
	int n = 0;

	zone_hour(zone, from_ms, &at, &end);
	for (at = end; at < to_ms && n < PICTURE_MARKS; at = end) {
		zone_local(zone, at, &local);
		if (local.hour % every == 0 && local.minute == 0)
			mark[n++] = at;
		zone_hour(zone, at, &at, &end);
	}
	return n;
}

int
picture_dates(const struct zone *zone, const struct period *row, size_t count,
    size_t mark[PICTURE_MARKS])
{
	struct zone_time local;
	int n = 0;

	for (size_t k = 0; k < count && n < PICTURE_MARKS; k++) {
		zone_local(zone, row[k].start_ms, &local);
		if (count > 45 ? local.day == 1 || local.day == 15
			       : k % (count / 8 + 1) == 0)
			mark[n++] = k;
	}
	return n;
}

/* One mark of the x axis; its label is put in later. */
static void
put_mark_at(struct buf *out, int n, long long at, bool labelled)
{
	buf_text(out, n == 0 ? "set xtics (" : ", ");
	if (labelled)
		buf_print(out, "\"@%d\" %lld", n, at);
	else
		buf_print(out, "\"\" %lld", at);
}

static void
put_hours(struct buf *out, const struct zone *zone, int64_t from_ms, int every,
    bool labelled)
{
	int64_t mark[PICTURE_MARKS];
	int count = picture_hours(zone, from_ms, every, mark);

	for (int n = 0; n < count; n++)
		put_mark_at(out, n, mark[n] / 1000, labelled);
	buf_text(out, count == 0 ? "unset xtics\n" : ")\n");
}

static void
put_gap(struct buf *out, int n, double from, double to)
{
	buf_print(out,
	    "set object %d rect from first %.10g, graph 0 to"
	    " first %.10g, graph 1 fc rgb \"#000008\" fs solid noborder"
	    " behind\n",
	    n, from, to);
}

static bool
empty(const struct battery *battery, int k)
{
	return battery->fine == NULL || battery->fine[k].n == 0;
}

static void
put_day_gaps(struct buf *out, const struct battery *battery, double from)
{
	int n = 0, end;

	for (int k = 0; k < FINE_COUNT; k = end) {
		for (end = k; end < FINE_COUNT && empty(battery, end); end++)
			;
		if (end > k)
			put_gap(out, ++n, from + k * FINE_STEP_S,
			    from + end * FINE_STEP_S);
		if (end == k)
			end++;
	}
}

static void
put_day_rows(struct buf *out, const struct battery *battery, double from)
{
	bool any = false;

	buf_text(out, "$d << EOD\n");
	for (int k = 0; k < FINE_COUNT; k++) {
		if (!empty(battery, k)) {
			const struct fine *f = &battery->fine[k];

			buf_print(out, "%.10g", from + k * FINE_STEP_S);
			put_number(out, f->power / 1000);
			put_number(out, f->power_min / 1000);
			put_number(out, f->power_max / 1000);
			put_number(out, f->soc);
			any = true;
		}
		buf_char(out, '\n'); /* an empty line breaks the curve */
	}
	if (!any)
		buf_print(out, "%.10g NaN NaN NaN NaN\n", from);
	buf_text(out, "EOD\n");
}

void
picture_day(
    struct buf *out, const struct fleet *fleet, const struct battery *battery)
{
	double from = (double)(fleet->fine_from_ms / 1000);

	chart_head(out, PICTURE_WIDTH, 330);
	put_day_rows(out, battery, from);
	buf_print(out, "set multiplot\nset xrange [%.10g:%.10g]\n", from,
	    from + FINE_COUNT * FINE_STEP_S);
	put_hours(out, battery->place->zone, fleet->fine_from_ms, 4, false);
	put_day_gaps(out, battery, from);
	buf_text(out,
	    "set tmargin at screen 0.97\n"
	    "set bmargin at screen 0.46\nset ytics autofreq\n"
	    "set yrange [*:*]\n"
	    "plot $d u 1:3:4 w filledcurves lc rgb \"#000004\","
	    " $d u 1:2 w l lw 2 lc rgb \"#000003\","
	    " 0 w l lw 1 lc rgb \"#000001\"\n"
	    "set tmargin at screen 0.36\nset bmargin at screen 0.10\n"
	    "set yrange [0:100]\n"
	    "set ytics (\"0\" 0, \"50\" 50, \"100\" 100)\n");
	put_hours(out, battery->place->zone, fleet->fine_from_ms, 4, true);
	buf_text(out,
	    "plot $d u 1:5 w l lw 2 lc rgb \"#00000a\"\n"
	    "unset multiplot\n");
}

static void
put_days(struct buf *out, const struct period *row, size_t count)
{
	buf_text(out, "$e << EOD\n");
	for (size_t k = 0; k < count; k++) {
		buf_print(out, "%zu", k);
		put_number(out, row[k].in / 1000);
		put_number(out, -row[k].out / 1000);
		buf_char(out, '\n');
	}
	buf_text(out, "EOD\n$s << EOD\n");
	for (size_t k = 0; k < count; k++) {
		if (isfinite(row[k].soc_avg)) {
			buf_print(out, "%zu", k);
			put_number(out, row[k].soc_min);
			put_number(out, row[k].soc_avg);
			put_number(out, row[k].soc_max);
		}
		buf_char(out, '\n');
	}
	buf_text(out, "-1 NaN NaN NaN\nEOD\n");
}

static void
put_days_gaps(struct buf *out, const struct period *row, size_t count)
{
	size_t end;
	int n = 0;

	for (size_t k = 0; k < count; k = end) {
		for (end = k; end < count && row[end].covered < .5; end++)
			;
		if (end > k)
			put_gap(out, ++n, (double)k - .5, (double)end - .5);
		else
			end++;
	}
}

static void
put_dates(struct buf *out, const struct zone *zone, const struct period *row,
    size_t count, bool labelled)
{
	size_t mark[PICTURE_MARKS];
	int marks = picture_dates(zone, row, count, mark);

	for (int n = 0; n < marks; n++)
		put_mark_at(out, n, (long long)mark[n], labelled);
	buf_text(out, marks == 0 ? "unset xtics\n" : ")\n");
}

size_t
picture_days(const struct history *history, const struct period **row)
{
	size_t count = history->count[UNIT_DAY];
	size_t skip = count > PICTURE_DAYS ? count - PICTURE_DAYS : 0;

	*row = history->row[UNIT_DAY] + skip;
	return count - skip;
}

void
picture_history(
    struct buf *out, const struct zone *zone, const struct history *history)
{
	const struct period *row;
	size_t count = picture_days(history, &row);

	chart_head(out, PICTURE_WIDTH, 330);
	put_days(out, row, count);
	buf_print(out, "set multiplot\nset xrange [-0.5:%g]\n",
	    (double)(count < 2 ? 2 : count) - .5);
	put_dates(out, zone, row, count, false);
	put_days_gaps(out, row, count);
	buf_text(out,
	    "set boxwidth 0.8\nset tmargin at screen 0.97\n"
	    "set bmargin at screen 0.46\nset ytics autofreq\n"
	    "plot $e u 1:2 w boxes lc rgb \"#000005\","
	    " $e u 1:3 w boxes lc rgb \"#000006\","
	    " 0 w l lw 1 lc rgb \"#000001\"\n"
	    "set tmargin at screen 0.36\nset bmargin at screen 0.10\n"
	    "set yrange [0:100]\n"
	    "set ytics (\"0\" 0, \"50\" 50, \"100\" 100)\n");
	put_dates(out, zone, row, count, true);
	buf_text(out,
	    "plot $s u 1:2:4 w filledcurves lc rgb \"#00000b\","
	    " $s u 1:3 w l lw 2 lc rgb \"#00000a\"\nunset multiplot\n");
}

void
picture_fleet(struct buf *out, const struct site *site)
{
	double from = (double)(site->fleet->fine_from_ms / 1000);
	bool any = false;

	chart_head(out, PICTURE_WIDTH, 220);
	buf_text(out, "$d << EOD\n");
	for (int k = 0; k < FINE_COUNT; k++) {
		double sum = NAN;

		for (size_t i = 0; i < site->count; i++) {
			const struct battery *b = site->battery[i];

			if (!empty(b, k) && isfinite(b->fine[k].power))
				sum = (isnan(sum) ? 0 : sum) +
				    (double)b->fine[k].power / 1000;
		}
		if (isfinite(sum)) {
			buf_print(out, "%.10g", from + k * FINE_STEP_S);
			put_number(out, sum);
			any = true;
		}
		buf_char(out, '\n');
	}
	if (!any)
		buf_print(out, "%.10g NaN\n", from);
	buf_print(out, "EOD\nset xrange [%.10g:%.10g]\n", from,
	    from + FINE_COUNT * FINE_STEP_S);
	put_hours(out, site->fleet->zone, site->fleet->fine_from_ms, 3, true);
	buf_text(out,
	    "set tmargin at screen 0.96\n"
	    "set bmargin at screen 0.14\n"
	    "plot $d u 1:(0):($2>0?$2:0) w filledcurves lc rgb \"#000005\","
	    " $d u 1:(0):($2<0?$2:0) w filledcurves lc rgb \"#000006\","
	    " $d u 1:2 w l lw 2 lc rgb \"#000003\","
	    " 0 w l lw 1 lc rgb \"#000001\"\n");
}
