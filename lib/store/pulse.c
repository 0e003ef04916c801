#include "store/pulse.h"

#include "store/state.h"

static void
count(struct sql_query *query, int64_t now_ms, struct pulse *pulse)
{
	int64_t every_ms = sql_integer(query, 0);
	int64_t contact_ms = sql_integer(query, 1);
	int64_t data_ms = sql_integer(query, 2);

	pulse->devices++;
	pulse->never += contact_ms == 0;
	pulse->silent += contact_ms == 0 ||
	    now_ms - contact_ms > state_silent_after_ms(every_ms);
	if (data_ms > pulse->last_data_ms)
		pulse->last_data_ms = data_ms;
}

int
pulse_read(struct tenant *tenant, int64_t now_ms, struct pulse *pulse,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "SELECT d.interval_ms, coalesce(s.last_contact_at, 0),"
	    " coalesce(s.last_data_at, 0) FROM devices d"
	    " LEFT JOIN device_state s ON s.device_id = d.id"
	    " WHERE d.is_active = 1",
	    why);
	int status;

	*pulse = (struct pulse){ 0 };
	if (query == NULL)
		return -1;
	while ((status = sql_step(query, why)) == 1)
		count(query, now_ms, pulse);
	sql_query_free(query);
	return status < 0 ? -1 : 0;
}
