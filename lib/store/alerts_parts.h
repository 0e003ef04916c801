/* Private to alerts: what happened in a step, and writing it down. */
#ifndef STORE_ALERTS_PARTS_H
#define STORE_ALERTS_PARTS_H

#include "base/mem.h"
#include "store/alerts.h"
#include "store/stand.h"

/* A battery in this step. */
struct watched {
	const struct rule_battery *battery;
	int64_t from_ms; /* only readings from here on */
	int64_t seen_ms; /* newest looked at; INT64_MIN none */
	int64_t judged_ms; /* rows behind it are not judged yet */
	bool moved; /* seen_ms is newer than what is stored */
	struct stand *stand; /* one for each rule */
	uint8_t *changed; /* of each, to be stored */
};

struct event {
	enum stand_event event;
	size_t rule;
	struct watched *watched;
	int64_t time_ms, since_ms;
	struct rule_result result;
	const char *raw; /* the reading's line, or NULL */
};

struct alerts {
	struct tenant *tenant;
	struct rules *rules;
	struct arena arena; /* of one step */
	struct watched *watched; /* in order of battery */
	size_t count;
	struct event *event;
	size_t events, event_room;
	struct buf lines, title, message;
	int64_t now_ms;
	char language[3];
	struct alerts_counts *counts;
};

/* Load how all rules stand with these batteries. */
int alerts_load(struct alerts *alerts, struct failure *why);
/* Store events, stands and what was seen; lines are put together. Within a
 * transaction. */
int alerts_store(struct alerts *alerts, struct failure *why);
/* Put the line of an alert together; the statement is prepared once. */
struct sql_query *alerts_tell_prepare(struct sql *sql, struct failure *why);
int alerts_tell(struct alerts *alerts, struct sql_query *told, const char *word,
    int64_t time_ms, int64_t alert_id, struct failure *why);
/* What rules may ask of a reading; a bit per measurement. */
uint64_t alerts_believed(const struct reading *reading);
/* Look again at the alerts of batteries of which readings that were looked
 * at have changed; in transactions of its own. */
int alerts_again(
    struct alerts *alerts, bool (*stop)(void), struct failure *why);
/* Clear what no rule watches any more, in a transaction of its own. */
int alerts_retire(struct alerts *alerts, int64_t now_ms, struct failure *why);
/* client.language, "fr" where it is not told. */
int alerts_language(
    struct tenant *tenant, char language[3], struct failure *why);
/* Text with {battery}, {value} … in place. */
void alerts_fill(const struct alerts *alerts, const char *template,
    const struct rule *rule, const struct event *event, struct buf *out);

#endif
