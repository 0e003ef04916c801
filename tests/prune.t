#!/bin/sh
# tenant-db prune: what is taken away and what is not, at any instant it is
# killed; room that is given back; limits that are near, and reached.
. "$(dirname "$0")/lib.sh"

db=$TBMS_ROOT/tenants/eds/tenant.db
now=2026-06-30T00:00:00Z
query() {
	sqlite3 "$db" "$1"
}
put() {
	tenant-db put --tenant eds "$1"
}
keep() { # JSON of the tenant's setting
	echo "{\"config_key\":\"retention\",\"config_value\":$1}" |
	    put clients_config
}
prune() {
	tenant-db prune --tenant eds --now "$now" "$@"
}
history() { # without the column that tells when a row was made
	tenant-export --tenant eds --period "$1" history
}
histories() {
	for period in hourly daily weekly monthly; do history $period; done
}
tenant-db create --tenant eds --timezone America/Toronto --status active
put_fleet eds 12.8 4 '1 2' p
echo '{"slug":"t","plausibility":{"stuck":false,"sign":false}}' |
    put battery_types
python3 "$TESTS/prune.py" 130 >"$T/lines"
tenant-db append --tenant eds <"$T/lines" >/dev/null
status 0 'nothing is kept for ever but by saying so' prune
is "$(cat "$T/err")" '' '... without a word'
rollup --tenant eds
tenant-db seal --tenant eds --now "$now"
histories >"$T/history"
rows=$(wc -l <"$T/lines")
is "$(query 'SELECT (SELECT sum(count) FROM blocks) +
    (SELECT count(*) FROM readings)')" "$rows" "$rows readings, sealed"
is "$(query 'PRAGMA auto_vacuum')" 2 'a new file can give room back'
cp -R "$TBMS_ROOT" "$T/full"

# ---- readings -------------------------------------------------------------
keep '{"readings":40}'
late='{"kind":"battery","time":"2026-03-01T12:03:00.000Z","tenant":"eds","device":"d-1","profile":"p","pack_voltage":13.100}'
echo "$late" | tenant-db append --tenant eds >/dev/null
status 0 'a battery whose history is behind' prune
like "$(cat "$T/err")" 'rollup is behind: readings of 1 batteries' \
    '... is left alone'
is "$(query 'SELECT min(id >> 32), min(first) FROM blocks WHERE id < 2 << 32')" \
    "1|$(date -d 2026-02-20 +%s)000" '... whole'
is "$(query 'SELECT min(first) FROM blocks WHERE id > 2 << 32')" \
    "$(date -d 2026-05-21 +%s)000" 'the other one has 40 days'
rm -rf "$TBMS_ROOT"
cp -R "$T/full" "$TBMS_ROOT"
keep '{"readings":40}'
# its hour is the first that is kept: afterwards it could not be made anew
echo "$late" | sed 's/03-01T12:03/05-21T00:03/' |
    tenant-db append --tenant eds >/dev/null
status 0 'history that is behind at the cut' prune
like "$(cat "$T/err")" 'rollup is behind: readings of 1 batteries' \
    '... is waited for'
rm -rf "$TBMS_ROOT"
cp -R "$T/full" "$TBMS_ROOT"
keep '{"readings":40}'
before=$(stat -c %s "$db")
(
	while :; do
		cat "$T/stop" 2>/dev/null && exit
		echo $(($(stat -c %s "$db") + $(stat -c %s "$db-wal" \
		    2>/dev/null || echo 0)))
	done
) >"$T/sizes" &
watcher=$!
status 0 'prune' prune -v
echo >"$T/stop"
wait $watcher
cp "$T/out" "$T/run"
is "$(jq -c '[.readings, .hours, .days]' "$T/run")" \
    "[$((2 * 144 * 90)),0,0]" '90 of 130 days are taken away'
like "$(cat "$T/err")" \
    'readings from before 2026-05-21T00:00:00.000Z are taken away' 'and told'
is "$(query 'SELECT sum(count) + (SELECT count(*) FROM readings), min(first)
    FROM blocks')" \
    "$((2 * 144 * 40))|$(date -d 2026-05-21 +%s)000" '40 are left'
after=$(stat -c %s "$db")
peak=$(sort -n "$T/sizes" | tail -n 1)
ok $((after * 10 > before * 8)) "the file has $after bytes, had $before"
ok $((peak > before + 6291456)) "and never took more than $peak with its log"
is "$(query 'PRAGMA freelist_count')" 0 'no page is free in it'
histories >"$T/later"
same "$T/later" "$T/history" 'history is as it was'
rollup --rebuild --tenant eds
histories >"$T/later"
same "$T/later" "$T/history" 'also made anew'
echo "$late" | tenant-db append --tenant eds --reject "$T/rejected" \
    >/dev/null 2>"$T/err"
is "$? $(cat "$T/rejected")" "1 $late" 'what comes too late is refused, and kept'
like "$(cat "$T/err")" 'older than the readings that are kept' '... why'
rollup --tenant eds
histories >"$T/later"
same "$T/later" "$T/history" 'and changes nothing'
echo "$late" | sed 's/2026-03-01/2026-06-01/' |
    tenant-db append --tenant eds >/dev/null
is $? 0 'what is late by less is stored'
status 0 'check' tenant-db check --tenant eds
rollup --tenant eds
prune
is "$(prune -v | jq -c .readings)" 0 'nothing more is to be done'

# ---- cells ----------------------------------------------------------------
cells() {
	query "SELECT battery_id, period, start, hex(cells) FROM cell_rows
	    WHERE period > 0 ORDER BY 1, 2, 3"
}
cells >"$T/cells"
keep '{"readings":40,"cells":45}'
status 0 'cells by hour' prune
is "$(query "SELECT datetime(min(start) / 1000, 'unixepoch')
    FROM cell_rows WHERE period = 0")" '2026-05-07 00:00:00' \
    'are kept for 45 days, two, and what else their sheet has'
rollup --rebuild --tenant eds
cells >"$T/later"
same "$T/later" "$T/cells" 'their days, weeks and months as they were'

# ---- history --------------------------------------------------------------
histories >"$T/history"
history weekly >"$T/weekly"
history monthly >"$T/monthly"
keep '{"readings":40,"hourly":60,"daily":70,"weekly":110}'
status 0 'hours, days and weeks' prune -v
cp "$T/out" "$T/run"
is "$(query "SELECT count(*) FROM history_blocks WHERE (id & 4294967295) *
    2419200000 < $(date -d 2026-05-01 +%s)000 - 2419200000")" 0 \
    'hours go by sheets of 28 days'
is "$(query "SELECT date(min(period_start) / 1000, 'unixepoch')
    FROM history_rows WHERE period_type = 'daily'")" 2026-04-21 \
    'days are kept for 70'
is "$(query "SELECT min(period_start) >= $(date -d 2026-03-12 +%s)000
    FROM history_rows WHERE period_type = 'weekly'")" 1 'weeks for 110'
history monthly >"$T/later"
same "$T/later" "$T/monthly" 'months are as they were'
for period in hourly daily weekly; do
	history $period >"$T/later"
	comm -13 "$T/history" "$T/later" >>"$T/new" 2>/dev/null
	is "$(awk 'NR == FNR { seen[$0] = 1; next } !seen[$0]' "$T/history" \
	    "$T/later")" '' "what is left $period is as it was"
done
rollup --rebuild --tenant eds
history weekly >"$T/again"
same "$T/again" "$T/later" 'weeks are not made anew of the days that are left'

# ---- what has ended --------------------------------------------------------
is "$(query 'SELECT count(*) FROM fault_events')" 13 'there were 13 faults'
put alerts <<'X'
{"uuid":"00000000-0000-4000-8000-000000000001","battery":"b-1","severity":"info","category":"system","alert_code":"old","title":"t","message":"m","status":"resolved","first_occurrence":"2026-01-01T10:00:00.000Z","resolved_at":"2026-01-01T11:00:00.000Z"}
{"uuid":"00000000-0000-4000-8000-000000000002","battery":"b-1","severity":"info","category":"system","alert_code":"open","title":"t","message":"m","status":"active","first_occurrence":"2026-01-01T10:00:00.000Z"}
{"uuid":"00000000-0000-4000-8000-000000000003","battery":"b-1","severity":"info","category":"system","alert_code":"new","title":"t","message":"m","status":"resolved","first_occurrence":"2026-06-20T10:00:00.000Z","resolved_at":"2026-06-20T11:00:00.000Z"}
X
keep '{"readings":40,"faults":50,"alerts":30}'
status 0 'faults and alerts' prune
is "$(query 'SELECT count(*) FROM fault_events')" 5 'faults of 50 days are left'
is "$(query "SELECT group_concat(alert_code) FROM (SELECT alert_code
    FROM alerts ORDER BY 1)")" 'new,open' 'alerts that last, and those of 30'

# ---- files -----------------------------------------------------------------
keep '{}'
touch -d '40 days ago' "$db.v3"
touch "$db.v4" "$TBMS_ROOT/tenants/eds/tenant.db.vault"
touch -d '40 days ago' "$TBMS_ROOT/tenants/eds/tenant.db.vault"
tenant-db prune --tenant eds
is "$(cd "$TBMS_ROOT/tenants/eds" && ls)" 'tenant.db
tenant.db.v4
tenant.db.vault' 'copies of migrations go after 30 days, and nothing else'

# ---- settings --------------------------------------------------------------
for bad in '{"readings":10}' '{"readings":40,"hourly":35}' '{"hourly":50}' \
    '{"hourly":50,"readings":40,"daily":45}' '{"minutes":1}' '[]' \
    '{"readings":"40d"}' '{"readings":-1}' '{"when_full":"drop"}'; do
	query "INSERT OR REPLACE INTO clients_config
	    (config_key, config_value) VALUES ('retention', '$bad')"
	status 2 "refused: $bad" prune
	like "$(cat "$T/err")" '^tenant-db: tenant eds: retention' \
	    '... by name'
	[ "$bad" = '{"hourly":50}' ] && continue # the system's may be less
	keep '{}'
	status 1 '... and when it is put' keep "$bad"
	like "$(cat "$T/err")" '^tenant-db: stdin:1: retention: ' \
	    '... in a clear line'
	is "$(query 'SELECT config_value FROM clients_config')" '{}' \
	    '... and not stored'
done
keep '{"hourly":50}'
for bad in '"retention","config_value":{"hourly":50}' \
    '"retention","config_value":7' \
    '"retention","is_sensitive":true,"config_value":{}' \
    '"storage.budget_gb","config_value":"many"' \
    '"storage.budget_gb","config_value":1e30' \
    '"storage.budget_gb","config_value":-1'; do
	echo "{\"config_key\":$bad}" >"$T/setting"
	status 1 "of the system, refused: $bad" \
	    tenant-db put --core system_config "$T/setting"
	like "$(cat "$T/err")" 'setting:1: (retention|storage.budget_gb): ' \
	    '... in a clear line'
done
rm -rf "$TBMS_ROOT"
cp -R "$T/full" "$TBMS_ROOT"
echo '{"config_key":"retention","config_value":{"readings":100,"faults":1}}' |
    tenant-db put --core system_config
keep '{"faults":0}'
status 0 'settings of the system' prune
is "$(query 'SELECT min(first) FROM blocks')
$(query 'SELECT count(*) FROM fault_events')" \
    "$(date -d 2026-03-22 +%s)000
13" 'count where the tenant has none of its own'
tenant-db status --tenant eds archived
echo '{"config_key":"retention","config_value":{"readings":50}}' |
    tenant-db put --core system_config
status 0 'an archived tenant' prune
is "$(cat "$T/err")" \
    'tenant-db: tenant eds is archived: nothing of it is changed' \
    'that is named is told of'
status 0 'with others it is passed over' tenant-db prune --all --now "$now"
is "$(cat "$T/err")" '' 'without a word'
is "$(query 'SELECT min(first) FROM blocks')" "$(date -d 2026-03-22 +%s)000" \
    'keeps what it has'

# ---- killed at any instant, beside a writer -------------------------------
rm -rf "$TBMS_ROOT"
cp -R "$T/full" "$TBMS_ROOT"
keep '{"readings":40}'
grep 2026-06-2 "$T/lines" | sed 's/T\(..:..\):00.000Z/T\1:01.000Z/' \
    >"$T/more"
n=0
(
	split -n l/40 "$T/more" "$T/piece."
	for piece in "$T/piece."*; do
		tenant-db append --tenant eds <"$piece" >/dev/null ||
		    echo "append: $?"
	done
) >"$T/failed" 2>&1 &
writer=$!
while [ "$n" -lt "${KILLS:-10}" ]; do
	cut_off "0.0$((n * 7 % 10))" \
	    tenant-db prune --tenant eds --now "$now" 2>/dev/null
	n=$((n + 1))
done
wait $writer
is "$(cat "$T/failed")" '' 'others write meanwhile'
rollup --tenant eds
status 0 "prune after $n kills" prune
status 0 'the file is whole' tenant-db check --tenant eds
is "$(query "SELECT min(first) FROM blocks")
$(query 'PRAGMA freelist_count')" "$(date -d 2026-05-21 +%s)000
0" 'and all is done'
tenant-export --tenant eds readings >"$T/killed"
history daily >"$T/daily.killed"
rm -rf "$TBMS_ROOT"
cp -R "$T/full" "$TBMS_ROOT"
tenant-db append --tenant eds <"$T/more" >/dev/null
rollup --tenant eds
keep '{"readings":40}'
prune 2>/dev/null
tenant-export --tenant eds readings >"$T/plain"
same "$T/killed" "$T/plain" 'readings as without kills'
history daily >"$T/daily"
same "$T/daily.killed" "$T/daily" 'days as without kills'

# ---- limits ----------------------------------------------------------------
rm -rf "$TBMS_ROOT"
cp -R "$T/full" "$TBMS_ROOT"
take_used() {
	used=$((($(query 'PRAGMA page_count') -
	    $(query 'PRAGMA freelist_count')) * $(query 'PRAGMA page_size')))
}
take_used
limit() { # of which so many percent are used
	echo "{\"slug\":\"eds\",\"name\":\"E\",\"max_storage_gb\":$(python3 -c "
print('%.9f' % ($used * 100 / $1 / 1e9))")}" | tenant-db put --core clients
}
fresh=$(echo "$late" | sed 's/2026-03-01/2026-06-29/')
limit 79
status 0 'far from the limit' prune
limit 84
status 1 'early warning' prune
like "$(cat "$T/err")" \
    'tenant eds: storage: 0.00 of 0.00 GB are used \(8[34] %\)$' '... with figures'
limit 93
status 1 'late warning' prune
like "$(cat "$T/err")" '\(9[23] %\): soon full$' '... says so'
health -d 0 -s 100 >"$T/metrics" 2>"$T/err"
is $? 1 'health is not well'
like "$(cat "$T/err")" 'tenant eds: storage: 9[23] % of max_storage_gb' '... why'
like "$(cat "$T/metrics")" \
    '^tbms_tenant_storage_bytes\{tenant="eds"\} [1-9][0-9]+$' 'a metric'
like "$(cat "$T/metrics")" \
    '^tbms_tenant_storage_limit_bytes\{tenant="eds"\} [1-9][0-9]+$' 'and one'
limit 101
status 1 'full' prune
like "$(cat "$T/err")" ': full, new data wait' '... says what that means'
status 111 'append waits' sh -c "echo '$fresh' | tenant-db append --tenant eds"
like "$(cat "$T/err")" 'storage is full: .* new data wait' '... and says so'
{
	echo "$fresh"
	echo '{"kind":"mark","segment":1}'
} | tenant-db append --tenant eds >"$T/out" 2>/dev/null
is "$(jq -c .wait "$T/out")" '["eds"]' 'with a mark, its lines are put aside'
readings=$(query 'SELECT (SELECT sum(count) FROM blocks) +
    (SELECT count(*) FROM readings)')
is "$readings" "$rows" 'nothing was dropped'
keep '{"when_full":"oldest"}'
prune >/dev/null 2>"$T/err"
like "$(cat "$T/err")" 'readings from before 2026-.* are taken away' \
    'the oldest readings go where the tenant lets them'
status 0 'then append goes on' \
    sh -c "echo '$fresh' | tenant-db append --tenant eds"
histories >"$T/later"
rollup --tenant eds
histories | awk 'NR == FNR { seen[$0] = 1; next } !seen[$0]' "$T/later" - \
    >"$T/new"
ok $(($(wc -l <"$T/new") > 4)) 'only the periods of the new reading are new'
limit 1000
prune >/dev/null 2>"$T/err"
is "$(query "SELECT date(min(first) / 1000, 'unixepoch') BETWEEN
    '2026-05-29' AND '2026-05-31' FROM blocks")" 1 \
    'but 31 days of them stay, whatever the limit'
like "$(cat "$T/err")" 'full, new data wait' 'then the rest waits'
limit 10
echo '{"config_key":"storage.budget_gb","config_value":0.001}' |
    tenant-db put --core system_config
status 1 'a limit for all tenants' tenant-db prune --all --now "$now"
like "$(cat "$T/err")" 'all tenants: storage.budget_gb: 0.00 of 0.00 GB .*full' \
    '... by name'

# ---- a full tenant in the pipeline: it waits, the others go on -------------
echo '{"config_key":"storage.budget_gb","config_value":0}' |
    tenant-db put --core system_config
keep '{}'
take_used
limit 101
rows=$(query 'SELECT (SELECT sum(count) FROM blocks) +
    (SELECT count(*) FROM readings)')
tenant-db create --tenant acme --timezone UTC --status active
for table in battery_types locations batteries devices; do
	tenant-db get --tenant eds "$table" | jq -c 'del(.uuid, .kind) |
	    if .tenant then .tenant = "acme" else . end' |
	    tenant-db put --tenant acme "$table"
done
for tenant in eds acme; do
	for minute in 11 12 13; do
		echo "$fresh" | sed "s/eds/$tenant/; s/:03:00/:$minute:00/"
	done
done | spool put "$T/spool"
pipeline() {
	timeout 60 spool each -1 "$T/spool" -- tenant-db append --all
}
stored() {
	for tenant in eds acme; do
		sqlite3 "$TBMS_ROOT/tenants/$tenant/tenant.db" 'SELECT
		    coalesce((SELECT sum(count) FROM blocks), 0) +
		    (SELECT count(*) FROM readings)'
	done | tr '\n' ' '
}
pipeline >/dev/null 2>"$T/err"
like "$(cat "$T/err")" 'tenant eds has to wait' 'the spool says who waits'
is "$(stored)" "$rows 3 " 'the other tenant is stored'
ok $(($(cat "$T/spool/wait/eds/"* | grep -c pack_voltage) != 3)) \
    'the lines of the full one are kept'
limit 50
status 0 'with more room' pipeline
is "$(stored)" "$((rows + 3)) 3 " 'all of them are stored'

# ---- a file from before that can ------------------------------------------
rm -rf "$TBMS_ROOT"
mkdir -p "$TBMS_ROOT"
tenant-db create --tenant eds
sqlite3 "$T/old.db" <"$TESTS/fixtures/tenant-0004.sql"
sqlite3 "$T/old.db" 'PRAGMA journal_mode = wal' >/dev/null
mv "$T/old.db" "$db"
chmod 600 "$db"
tenant-db migrate --tenant eds
sqlite3 "$TBMS_ROOT/core.db" \
    "UPDATE clients SET uuid = '$(query 'SELECT uuid FROM client')'"
is "$(query 'PRAGMA auto_vacuum')" 0 'an earlier file cannot give room back'
tenant-db key create "$T/key"
tenant-db backup --tenant eds --key "$T/key" >/dev/null
tenant-db restore --tenant eds --key "$T/key" --replace \
    "$TBMS_ROOT"/backups/*/* >/dev/null
is "$(query 'PRAGMA auto_vacuum')" 2 'restored from its backup it can'
done_testing
