/* Sentences for people: templates of rules, filled in; and the words of
 * the one rule that every tenant has. */
#include <string.h>

#include "base/num.h"
#include "store/alerts_parts.h"

/* The rule that is always there; texts by the client's language. */
static const char put_silence[] =
    "INSERT OR IGNORE INTO alert_rules (code, severity, category, title,"
    " message, expression, unit, kind) SELECT 'silence', 'warning',"
    " 'communication', ?1, ?2, 'silent_minutes > 15', 'min', 'status'";
static const struct {
	const char *language, *title, *message;
} silence_texts[] = {
	{ "fr", "Aucune mesure",
	    "{battery} : aucune mesure depuis {value} "
	    "min (limite {threshold} min)" },
	{ "en", "No reading",
	    "{battery}: no reading for {value} min (limit "
	    "{threshold} min)" },
	{ "es", "Sin mediciones",
	    "{battery}: sin mediciones desde hace "
	    "{value} min (límite {threshold} min)" },
	{ "pt", "Sem medições",
	    "{battery}: sem medições há {value} min "
	    "(limite {threshold} min)" },
};

int
alerts_language(struct tenant *tenant, char language[3], struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(tenant_sql(tenant), "SELECT language FROM client", why);
	const char *text;
	int got;

	if (query == NULL)
		return -1;
	memcpy(language, "fr", 3);
	got = sql_step(query, why);
	text = got == 1 ? sql_text(query, 0) : NULL;
	if (text != NULL && strlen(text) == 2)
		memcpy(language, text, 3);
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

/* Asked first, so that a run with nothing to do writes nothing. */
static int
has_silence(struct tenant *tenant, struct failure *why)
{
	return (int)sql_ask(tenant_sql(tenant),
	    "SELECT 1 FROM alert_rules WHERE code = 'silence'", NULL, 0, why);
}

int
alerts_prepare(struct tenant *tenant, struct failure *why)
{
	struct sql_query *query;
	char language[3];
	size_t n = 0;
	int result = has_silence(tenant, why);

	if (result != 0)
		return result == 1 ? 0 : -1;
	if (alerts_language(tenant, language, why) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(silence_texts) / sizeof(silence_texts[0]);
	     i++)
		if (strcmp(silence_texts[i].language, language) == 0)
			n = i;
	query = sql_prepare(tenant_sql(tenant), put_silence, why);
	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, silence_texts[n].title);
	sql_bind_text(query, 2, silence_texts[n].message);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

/* Numbers as the client's language writes them. */
static void
put_number(const struct alerts *alerts, bool known, double value,
    unsigned decimals, struct buf *out)
{
	size_t start = out->size;
	int64_t scaled;

	if (!known || !num_scale_double(value, decimals, &scaled)) {
		buf_text(out, "?");
		return;
	}
	buf_scaled(out, scaled, decimals);
	if (strcmp(alerts->language, "en") == 0)
		return;
	for (size_t i = start; i < out->size; i++)
		if (out->data[i] == '.')
			out->data[i] = ',';
}

static void
put_name(const struct alerts *alerts, const char *name, size_t size,
    const struct rule *rule, const struct event *event, struct buf *out)
{
	const struct rule_result *result = &event->result;

#define IS(text) (size == sizeof(text) - 1 && memcmp(name, text, size) == 0)
	if (IS("battery"))
		buf_text(out, event->watched->battery->name);
	else if (IS("slug"))
		buf_text(out, event->watched->battery->slug);
	else if (IS("code"))
		buf_text(out, rule->code);
	else if (IS("unit"))
		buf_text(out, rule->unit);
	else if (IS("value"))
		put_number(alerts, result->has_value, result->value,
		    rule->decimals, out);
	else if (IS("threshold"))
		put_number(alerts, result->has_threshold, result->threshold,
		    rule->decimals, out);
	else if (IS("minutes"))
		buf_integer(out, (event->time_ms - event->since_ms) / 60000);
	else
		buf_print(out, "{%.*s}", (int)size, name);
#undef IS
}

void
alerts_fill(const struct alerts *alerts, const char *template,
    const struct rule *rule, const struct event *event, struct buf *out)
{
	const char *at = template, *open, *close;

	for (;;) {
		open = strchr(at, '{');
		close = open == NULL ? NULL : strchr(open, '}');
		if (close == NULL)
			break;
		buf_put(out, at, (size_t)(open - at));
		put_name(alerts, open + 1, (size_t)(close - open - 1), rule,
		    event, out);
		at = close + 1;
	}
	buf_text(out, at);
}
