/* What alert-eval must look at again: rows of table alert_again. */
#ifndef STORE_AGAIN_H
#define STORE_AGAIN_H

/* Of battery ?1 something that was stored before has changed at time ?2. */
#define AGAIN_NOTE                                                             \
	"INSERT INTO alert_again (battery_id, hour)"                           \
	" VALUES (?1, ?2 - ?2 % 3600000) ON CONFLICT (battery_id)"             \
	" DO UPDATE SET hour = min(hour, excluded.hour)"

#endif
