/* What the files of dashboard share: the fleet, one view of it, a page. */
#ifndef DASHBOARD_H
#define DASHBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/zone.h"
#include "json/json.h"
#include "record/reading.h"
#include "store/state.h"
#include "store/status.h"
#include "store/tenant.h"
#include "store/view.h"
#include "web/chart.h"
#include "web/html.h"
#include "web/i18n.h"

#define PAGE_ROWS 100 /* batteries on one page of the list */
#define FINE_STEP_S 300 /* a bucket of the last 24 hours */
#define FINE_COUNT 288
#define LANGUAGES_MAX 4
#define NB "\xc2\xa0" /* no-break space */

/* ---- the fleet of a tenant (fleet.c, master.c, day.c) ----------------- */

/* A custom field's label and value, or any two texts. */
struct pair {
	const char *label, *value;
	bool shown, searched;
	struct pair *next;
};

struct type {
	int64_t id;
	const char *slug, *name, *maker, *model, *bms, *chemistry;
	double voltage, capacity_ah, capacity_wh;
	int cells;
	struct pair *custom;
};

struct place {
	int64_t id, parent;
	const char *slug, *name, *zone_name;
	const char *address, *city, *province, *environment;
	const char *contact, *phone, *email;
	struct place *up; /* the place that holds it, or NULL */
	struct place *site; /* the topmost, itself where none */
	struct zone *zone;
	struct pair *custom;
};

/* One bucket of 5 minutes; n is the number of readings in it. */
struct fine {
	float power, power_min, power_max, soc, voltage, temp;
	uint32_t n;
};

struct upkeep {
	int64_t time_ms;
	const char *kind, *title, *text, *who, *status;
	struct upkeep *next;
};

/* A code of the BMS; cleared 0: it lasts. */
struct fault {
	bool warning;
	const char *code;
	int64_t raised_ms, cleared_ms;
	struct fault *next;
};

/* What a person said of its stored values. */
struct amended {
	const char *measurement, *value, *reason; /* value JSON or NULL */
	int64_t item; /* of a list, from 1; 0 all of it */
	int64_t from_ms, until_ms; /* both included */
	bool annulled;
	struct amended *next;
};

struct battery {
	int64_t id;
	const char *slug, *name, *serial, *internal, *notes;
	const char *since, *warranty, *next_upkeep; /* dates or NULL */
	struct type *type;
	struct place *place;
	const struct state_facts *facts;
	struct pair *custom;
	struct upkeep *upkeep; /* newest first */
	struct fault *faults; /* newest first */
	struct amended *amended; /* newest first */
	bool has_newest;
	struct reading newest;
	enum state state;
	double today_in, today_out; /* Wh; NaN unknown */
	struct fine *fine; /* FINE_COUNT, or NULL */
};

struct alert {
	int64_t id, first_ms, last_ms, ended_ms; /* ended 0: not */
	struct battery *battery;
	enum severity severity;
	const char *code, *title, *message, *status, *unit, *notes, *by;
	double value, limit; /* NaN unknown */
};

struct fleet {
	struct tenant *tenant;
	struct arena *arena;
	int64_t now_ms, fine_from_ms;
	const char *slug, *name, *language, *colour, *zone_name;
	struct zone *zone;
	struct type *type;
	size_t type_count;
	struct place *place;
	size_t place_count;
	struct battery *battery; /* ascending ids */
	size_t battery_count;
	struct alert *alert;
	size_t alert_count;
	const char **field; /* labels of searched custom fields */
	size_t field_count;
};

/* Read all that pages need but history. 0 or -1. */
int load_fleet(struct fleet *fleet, struct failure *why);
void free_fleet(struct fleet *fleet); /* zones only; the rest is arena */
struct battery *find_battery(const struct fleet *fleet, int64_t id);
/* A text of a row in the fleet's arena; NULL stays NULL. */
const char *fleet_text(const struct fleet *fleet, const char *text);
/* Run a query for the days before now, which it names ?1 (their begin) and ?2;
 * `take` gets each row. 0 or -1. */
int each_since(struct fleet *fleet, int64_t days_ms, const char *text,
    void (*take)(struct fleet *, struct sql_query *), struct failure *why);
/* Rows of the tables, called by load_fleet in this order. */
int load_types(struct fleet *fleet, struct failure *why);
int load_places(struct fleet *fleet, struct failure *why);
int load_batteries(struct fleet *fleet, struct failure *why);
int load_custom(struct fleet *fleet, struct failure *why);
int load_alerts(struct fleet *fleet, struct failure *why);
int load_upkeep(struct fleet *fleet, struct failure *why);
int load_faults(struct fleet *fleet, struct failure *why);
int load_amended(struct fleet *fleet, struct failure *why);
/* The last 24 hours of all batteries in buckets, one walk. */
int load_day(struct fleet *fleet, struct failure *why);

/* ---- history (history.c) ---------------------------------------------- */

enum unit { UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_COUNT };
extern const char *const unit_words[UNIT_COUNT]; /* "hour" … */

struct period {
	int64_t start_ms, end_ms;
	double in, out; /* Wh */
	double soc_min, soc_avg, soc_max, temp_min, temp_max;
	double covered; /* 0 to 1 */
};

/* Whole rows without holes: a period without data has covered 0 and NaN. */
struct history {
	struct period *row[UNIT_COUNT];
	size_t count[UNIT_COUNT];
};

int history_load(const struct fleet *fleet, const struct battery *battery,
    struct arena *arena, struct history *history, struct failure *why);

/* ---- files (out.c) ---------------------------------------------------- */

struct out;
/* Files of a view's tree; `prune` removes at the end what was not named. */
struct out *out_open(const char *root, const char *tenant, const char *view,
    struct failure *why);
/* Replace where the bytes differ. 0 or -1. */
int out_file(struct out *out, const char *path, const struct buf *bytes,
    struct failure *why);
/* Copy the tree below `from` to `path`. */
int out_tree(
    struct out *out, const char *from, const char *path, struct failure *why);
/* Copy one file. */
int out_copy(
    struct out *out, const char *from, const char *path, struct failure *why);
int out_prune(struct out *out, struct failure *why);
size_t out_changed(const struct out *out);
void out_free(struct out *out);
/* Remove the trees of views that are no more. */
int out_views(const char *root, const char *tenant, const struct view *views,
    size_t count, struct failure *why);

/* ---- one view --------------------------------------------------------- */

struct site {
	const struct fleet *fleet;
	const struct view *view;
	const char *share;
	struct out *out;
	struct battery **battery; /* of the view, most urgent first */
	size_t count;
	struct alert **alert; /* of these batteries, worst first */
	size_t alert_count, active, critical;
	size_t in_state[STATE_COUNT];
	int64_t newest_ms; /* newest reading, 0 none */
	struct i18n *words[LANGUAGES_MAX];
	size_t language_count;
	struct chart_pen *pen;
	struct buf fleet_svg, sprite;
	const char *only; /* slug: write just this battery */
};

/* Pages of all languages, data files, assets (site.c). 0 or -1. */
int site_write(struct site *site, struct failure *why);
/* Data files (data.c): list.json, list.csv, brand.css; b/<slug>/… */
int data_fleet(struct site *site, struct failure *why);
int data_battery(struct site *site, const struct battery *battery,
    const struct history *history, struct failure *why);

/* ---- pictures (picture.c) --------------------------------------------- */

/* Commands that draw the last 24 hours, the days, the whole fleet. */
void picture_day(struct buf *commands, const struct fleet *fleet,
    const struct battery *battery);
void picture_history(struct buf *commands, const struct zone *zone,
    const struct history *history);
void picture_fleet(struct buf *commands, const struct site *site);
/* What the marks @0, @1 … of their x axes stand for; the count. */
#define PICTURE_MARKS 30
#define PICTURE_WIDTH 720
#define PICTURE_DAYS 92
int picture_hours(const struct zone *zone, int64_t from_ms, int every,
    int64_t mark[PICTURE_MARKS]);
int picture_dates(const struct zone *zone, const struct period *row,
    size_t count, size_t mark[PICTURE_MARKS]);
/* The days that picture_history shows: the count, and from where. */
size_t picture_days(const struct history *history, const struct period **row);

/* What every page's head says: the server's policy, without
 * frame-ancestors, which a page cannot say. */
#define PAGE_POLICY                                                            \
	"default-src 'none'; script-src 'self'; "                              \
	"style-src 'self'; img-src 'self'; font-src 'self'; "                  \
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; "         \
	"form-action 'self'; base-uri 'none'"

/* ---- a page (shell.c, piece.c) ---------------------------------------- */

struct page {
	struct site *site;
	const struct fleet *fleet;
	const struct i18n *words;
	struct arena *arena;
	struct buf *out;
	/* set by the page before page_begin: */
	const char *path; /* below the language, "batteries/x.html" */
	const char *title, *kind, *tab, *live, *class;
	const struct zone *zone;
	const char *zone_name;
	int64_t newest_ms; /* the page's data are of this time; 0 none */
	bool bare; /* no times in the foot: an error page */
};

void page_begin(struct page *page);
int page_end(struct page *page, struct failure *why);
/* "../" as often as the page is deep below its language. */
const char *page_up(const struct page *page);
void page_crumbs_begin(struct page *page);
void page_crumb(struct page *page, const char *href, const char *name);
void page_crumbs_end(struct page *page, const char *name);

const char *word(const struct page *page, const char *key);
/* Word of a key made of two parts: "st." and "ok". */
const char *word_of(
    const struct page *page, const char *prefix, const char *name);
const char *fill(const struct page *page, const char *key, const char *name,
    const char *value);
/* Word with one hole: the parts before and behind the hole. */
void put_before(struct page *page, const char *key);
void put_after(struct page *page, const char *key);
/* With a capital first letter (of the Latin alphabets). */
const char *capital(struct arena *arena, const char *text);

/* A number and its unit; NaN is "–". */
void put_value(
    struct page *page, double value, int decimals, const char *unit, bool sign);
void put_power(struct page *page, double watt);
void put_energy(struct page *page, double wh);
void put_mark(struct page *page, const char *name);
void put_icon(struct page *page, const char *name);
void put_state(struct page *page, enum state state);
void put_severity(struct page *page, enum severity severity);
void put_level(struct page *page, double percent, enum state state);
void put_age(struct page *page, const struct battery *battery);
void put_stamp(struct page *page, const struct zone *zone, int64_t time_ms);
/* Counts by state, as links to the filtered list. */
void put_counts(struct page *page, const size_t *count);
void put_ribbon(struct page *page, struct battery *const *battery, size_t count,
    const char *label);
const char *some_of(const struct page *page, enum state state, size_t count);

/* Columns of put_table, in this order. */
enum {
	COLUMN_SITE = 1,
	COLUMN_TYPE = 2,
	COLUMN_SOC = 4,
	COLUMN_POWER = 8,
	COLUMN_SOH = 16,
	COLUMN_AGE = 32
};
void put_table(struct page *page, struct battery *const *battery, size_t count,
    unsigned columns, const char *caption, const char *id);
void put_record(struct page *page, const char *label, const char *value);
void put_custom(struct page *page, const struct pair *custom);

/* One entry of a picture's key: its sample, what it is, its unit. */
void put_key_part(
    struct page *page, const char *class, const char *name, const char *unit);
/* "4 h" or "04:00", for the axis of a picture. */
const char *hour_label(
    const struct page *page, const struct zone *zone, int64_t time_ms);

/* Sums over batteries that are not silent. */
struct sums {
	double power, stored, capacity;
	bool any;
};
struct sums sums_of(struct battery *const *battery, size_t count);
void put_sums(struct page *page, struct battery *const *battery, size_t count,
    size_t silent);

/* Values of a reading in whole units; NaN unknown. */
double value_of(const struct battery *battery, int id);
double stored_wh(const struct battery *battery);
/* Why a battery is not in order, as text; "" where there is nothing. */
const char *why_of(const struct page *page, const struct battery *battery);
/* The words of a code in this language, or NULL: "cell-high" and
 * "cell_high" are one. */
const char *code_words(const struct page *page, const char *code);
/* What an alert is about, and that with its value and limit. */
const char *alert_title(const struct page *page, const struct alert *alert);
const char *alert_text(const struct page *page, const struct alert *alert);
int alert_order(const struct alert *a, const struct alert *b);
const char *alert_class(const struct alert *alert); /* active … */

/* ---- pages ------------------------------------------------------------ */

int page_home(struct page *page, struct failure *why);
int page_list(struct page *page, struct failure *why);
int page_alerts(struct page *page, struct failure *why);
int page_type(struct page *page, struct type *type, struct failure *why);
int page_place(struct page *page, struct place *place, struct failure *why);
int page_specials(struct page *page, struct failure *why);
int page_battery(struct page *page, const struct battery *battery,
    const struct history *history, const struct buf *svg, struct failure *why);
void put_cells(struct page *page, const struct battery *battery);
void put_history(struct page *page, const struct battery *battery,
    const struct history *history, const struct buf *svg);
void put_aside(struct page *page, const struct battery *battery);
void put_faults(struct page *page, const struct battery *battery);
void put_amended(struct page *page, const struct battery *battery);

#endif
