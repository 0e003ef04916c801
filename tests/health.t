#!/bin/sh
# health: each thing that can be wrong, and what is printed of it. Ages are
# made by setting times of files and rows, never by waiting.
. "$(dirname "$0")/lib.sh"

db="$TBMS_ROOT/tenants/eds/tenant.db"
metric() { health -d 0 2>/dev/null | grep "^$1[ {]" | sed 's/.* //'; }

status 2 "no root" health -R "$T/nowhere"
status 0 "an empty root is well" health -d 0
is "$(head -n 3 out | tail -n 1)" "tbms_healthy 1" "and says so"
tenant-db create --tenant eds --name EDS --company EDS >/dev/null
tenant-db create --tenant acme --name Acme --company Acme >/dev/null
health -d 0 >out
is "$(grep -vc -E '^(# (HELP|TYPE) tbms_[a-z_]+ .+|tbms_[a-z_]+(\{[a-z]+="[a-z0-9_-]+"\})? -?[0-9.e+-]+)$' out)" \
    0 "all is the text format of Prometheus"
is "$(grep '^# TYPE' out | awk '{print $3}' | sort | uniq -d)" "" \
    "each name is declared once"

# devices
python3 - "$db" <<'PY'
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
now = int(time.time() * 1000)
rows = [(10000, 5), (10000, 595), (10000, 700), (0, 800), (0, 1000),
    (600000, 1700), (600000, 1900), (10000, None)]
for i, (interval, age) in enumerate(rows):
    db.execute('INSERT INTO devices (device, profile, address, interval_ms)'
        ' VALUES (?, "p", "tcp://h:502", ?)', ('d%d' % i, interval))
    if age is not None:
        db.execute('INSERT INTO device_state (device_id, last_contact_at,'
            ' last_data_at) VALUES (?, ?, ?)', (i + 1, now - age * 1000,
            1767323045000 + i))
db.commit()
PY
# silent: 700 s of 60 x 10 s, 1000 s of 15 min, 1900 s of 3 x 10 min, never
status 1 "silent devices are wrong" health -d 0
is "$(cat err)" "health: tenant eds: 4 of 8 devices are silent" "which"
status 0 "unless that many may be" health -d 0 -s 50
is "$(metric 'tbms_devices_silent{tenant="eds"}')" 4 "silent"
is "$(metric 'tbms_devices{tenant="eds"}')" 8 "devices"
is "$(metric 'tbms_devices_never{tenant="eds"}')" 1 "never"
is "$(metric 'tbms_last_data_timestamp_seconds{tenant="eds"}')" \
    1767323045.006 "the newest reading"
is "$(health -d 0 -f json 2>/dev/null | jq -c '.tenants[1]')" \
    '{"tenant":"eds","devices":8,"silent":4,"never":1,"last_data":"2026-01-02T03:04:05.006Z"}' \
    "the same as JSON"
is "$(metric 'tbms_database_bytes{database="eds"}')" \
    "$(cat "$db" "$db-wal" 2>/dev/null | wc -c)" "sizes"

# jobs
for _ in 1 2 3; do run-job bad -- sh -c 'exit 111' 2>/dev/null; done
run-job good -- true
status 1 "a job that fails is wrong" health -d 0 -s 50
is "$(cat err)" "health: job bad: has failed 3 times in a row (again)" "which"
status 0 "unless it may fail" health -d 0 -s 50 -j 4
is "$(metric 'tbms_job_failures{job="bad"}') $(metric 'tbms_job_failures{job="good"}')" \
    "3 0" "failures"
is "$(health -d 0 -f json 2>/dev/null | jq -c '[.jobs[]|[.job,.outcome]]')" \
    '[["bad","again"],["good","done"]]' "the same as JSON"
run-job bad -- true

# the spool
printf '{"kind":"frame"}\n' | spool put "$TBMS_ROOT/spool" >/dev/null
status 0 "a segment that is young" health -d 0 -s 50
is "$(metric 'tbms_spool_bytes{part="new"}')" 17 "its size"
touch -d '10 minutes ago' "$TBMS_ROOT/spool/new/0000000000000001"
status 1 "a segment that waits is wrong" health -d 0 -s 50
like "$(cat err)" '^health: spool: the oldest segment waits for 60[0-9] s$' \
    "how long"
status 0 "unless it may wait" health -d 0 -s 50 -w 1h
spool each -1 "$TBMS_ROOT/spool" -- cat
is "$(metric tbms_spool_oldest_seconds)" -1 "nothing waits"
like "$(metric tbms_spool_mark_age_seconds)" '^[0-9.]+$' "the last mark"
touch "$TBMS_ROOT/spool/refused/0000000000000001"
mkdir "$TBMS_ROOT/spool/wait/acme"
status 1 "refused lines and waiting tenants are wrong" health -d 0 -s 50
is "$(cat err)" "health: spool: 1 tenants have to wait
health: spool: 1 lines in refused/" "both are told"
rm -r "$TBMS_ROOT/spool/refused/0000000000000001" "$TBMS_ROOT/spool/wait/acme"

# databases and disk
cp "$db" kept
echo rubbish >"$db"
rm -f "$db-wal" "$db-shm"
status 1 "a broken database is wrong" health -d 0 -s 50
is "$(metric 'tbms_tenant_up{tenant="eds"}') $(metric 'tbms_tenant_up{tenant="acme"}')" \
    "0 1" "which one"
cp kept "$db"
status 0 "mended" health -d 0 -s 50
status 1 "a full disk is wrong" health -d 100 -s 50
like "$(cat err)" '^health: disk: [0-9.]+ % free$' "how full"
free=$(df --output=avail -B1 "$TBMS_ROOT" | tail -n 1 | tr -d ' ')
near=$(metric tbms_disk_free_bytes | awk -v free="$free" '
    { print ($1 > free * 0.98 && $1 < free * 1.02) ? "near" : $1 }')
is "$near" near "as df has it, others write meanwhile"
status 2 "no such format" health -f xml
status 2 "no operands" health x

done_testing
