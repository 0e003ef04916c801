#!/bin/sh
# The sqlite3 shell with trackingbms.so sees in bms_data what tenant-db query
# sees, fresh or sealed, and cannot write there.
. "$(dirname "$0")/lib.sh"
. "$TESTS/backup.sh"

make_tenant eds
# the shell has no sanitizer of its own
if nm -D "$B/lib/trackingbms.so" | grep -q __asan_; then
	sanitizer=$(cc -print-file-name=libasan.so)
	ASAN_OPTIONS=detect_leaks=0
	export ASAN_OPTIONS
fi
shell() { # STATEMENT [ARGUMENT...]
	shell_text=$1
	shift
	LD_PRELOAD=${sanitizer:-} sqlite3 -batch "$@" -json -cmd \
	    ".load $B/lib/trackingbms" \
	    "file:$TBMS_ROOT/tenants/eds/tenant.db?mode=ro" "$shell_text"
}
both() { # NAME STATEMENT
	shell "$2" | jq -c '.[]' >"$T/shell"
	tenant-db query --tenant eds "$2" | jq -c . >"$T/query"
	same "$T/shell" "$T/query" "$1: $(wc -l <"$T/query") rows"
}
is "$(shell 'SELECT count(*) AS n FROM bms_data' | jq '.[0].n')" \
    "$(db eds 'SELECT (SELECT count(*) FROM readings) +
    (SELECT sum(count) FROM blocks)')" 'rows and blocks are all there'
both 'all of them' \
    'SELECT * FROM bms_data ORDER BY battery_id, timestamp, kind'
both 'a stretch of one battery, newest first' "SELECT timestamp, kind,
    pack_voltage, cell_voltages FROM bms_data WHERE battery = 'b-2' AND
    timestamp BETWEEN 1772370000123 AND 1772420000456
    ORDER BY timestamp DESC, kind"
both 'what fresh rows hold' "SELECT battery, timestamp, pack_current
    FROM bms_data WHERE timestamp >= (SELECT min(time) FROM readings)
    ORDER BY timestamp, battery, kind"
both 'sums beside a table' 'SELECT b.slug, count(*) AS n,
    min(d.pack_voltage) AS low, max(d.timestamp) AS last FROM bms_data d
    JOIN batteries b ON b.id = d.battery_id GROUP BY b.slug ORDER BY b.slug'
both 'readings that are not believed' 'SELECT battery, timestamp, data_quality
    FROM bms_data WHERE data_quality IS NOT NULL
    ORDER BY battery_id, timestamp, kind'
status 1 'it cannot be written' sh -c "LD_PRELOAD=${sanitizer:-} sqlite3 \
    -batch -cmd '.load $B/lib/trackingbms' \
    '$TBMS_ROOT/tenants/eds/tenant.db' 'DELETE FROM bms_data'"
like "$(cat "$T/err")" 'may not be modified' 'and says so'
db eds 'UPDATE blocks SET data = zeroblob(length(data))'
status 11 'a damaged block is an error' \
    shell 'SELECT sum(soc_percent) FROM bms_data'
like "$(cat "$T/err")" 'block.*damaged' 'and named'
LD_PRELOAD=${sanitizer:-} sqlite3 -batch -cmd ".load $B/lib/trackingbms" \
    :memory: 'SELECT 1; SELECT count(*) FROM bms_data' >"$T/out" 2>"$T/err"
is "$? $(cat "$T/out")" '11 1' 'a database of no tenant: an error, no crash'
done_testing
