/* See sheeted.h. */
#include "store/sheeted.h"

const struct sheeted sheeted_tables[SHEETED_COUNT] = {
	[SHEETED_HISTORY] = { "bms_data_history", "history_rows",
	    "history_blocks", { "battery_id", "period_type", "period_start" },
	    "'hourly'", "hourly" },
	[SHEETED_CELLS] = { "cell_history", "cell_rows", "cell_blocks",
	    { "battery_id", "period", "start" }, "0", "0" },
};
