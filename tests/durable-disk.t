#!/bin/sh
# A tenant whose disk is full, whose database is locked or can only be read
# waits, and the others go on; nothing is lost and no file is damaged. All of
# it happens on file systems of our own.
. "$(dirname "$0")/lib.sh"

if [ -z "${TBMS_MOUNTS:-}" ]; then
	for how in -m -rm; do
		unshare $how mount -t tmpfs none "$T" 2>/dev/null || continue
		TBMS_MOUNTS=1 unshare $how sh "$TESTS/durable-disk.t"
		exit
	done
	skip "no mounts of our own here (unshare -m, -rm)" "a full disk"
	done_testing
fi
need 'a full disk' '' python3 sqlite3 zstd
export PYTHONPATH="$TESTS" PYTHONDONTWRITEBYTECODE=1
spool=$TBMS_ROOT/spool
beta=$TBMS_ROOT/tenants/beta

# lines FROM TO of the stream
lines() {
	python3 -c 'import durable_stream, sys
for k in range(int(sys.argv[1]), int(sys.argv[2])):
    print(durable_stream.line(k))' "$@"
}
# compare LAST NAME: both stores with the stream, row by row
compare() {
	python3 -c 'import durable_stream, os, sys
wrong, rows = durable_stream.compare(os.environ["TBMS_ROOT"],
    int(sys.argv[1]), counted=False)
print("# %d rows compared" % rows)
for one in wrong: print("# " + one)
sys.exit(1 if wrong else 0)' "$1" >compared 2>&1
	ok $? "$2"
	cat compared
}
rows() { # TENANT
	tenant-db query --tenant "$1" "SELECT count(*) AS n FROM bms_data" |
	    tr -dc 0-9
}
reached() { # TENANT ROWS
	[ "$(rows "$1")" -ge "$2" ]
}
whole() { # TENANT
	sqlite3 "file:$TBMS_ROOT/tenants/$1/tenant.db?mode=ro" \
	    'PRAGMA integrity_check'
}
settled() {
	[ -z "$(find "$spool/new" "$spool/fed" "$spool/wait" -name '[0-9]*')" ]
}
small() { # KILOBYTES, or all: what is left of beta's disk
	rm -f "$beta/filler"
	[ "$1" = all ] || fallocate -l \
	    $(($(df -k --output=avail "$beta" | tail -n 1) - $1))k \
	    "$beta/filler"
}

python3 -c 'import durable_stream, sys; durable_stream.create(sys.argv[1])' \
    "$TBMS_ROOT"
cp -R "$beta" kept
mount -t tmpfs -o size=60m none "$beta"
cp -R kept/. "$beta"
lines 0 1200 | spool put "$spool" >/dev/null
background spool each -s 300ms "$spool" -- bms-normalize '|' \
    tenant-db append --all '|' live --all 2>each.err
each=$!
wait_for 30 reached beta 586
is "$(rows alpha) $(rows beta)" "585 586" "both are stored"

# ---- a tenant's disk is full ----------------------------------------------
small 40
lines 1200 6000 | spool put "$spool" >/dev/null
wait_for 30 grep -q 'beta has to wait' each.err
is $? 0 "a full disk: its tenant has to wait"
like "$(cat each.err)" 'beta: .*(full|space)' "... and it is said why"
wait_for 30 reached alpha 2925
is "$(rows alpha)" 2927 "... the other goes on"
is "$(whole beta)" ok "... its file is whole"
lines 6000 9000 | spool put "$spool" >/dev/null
wait_for 30 reached alpha 4390
is $? 0 "... and on"
reached beta 586
is $? 0 "... what it had stays"
ls "$spool/wait/beta" >waiting
ok "$([ -s waiting ]; echo $?)" "... its lines are kept aside"
kill -9 $each
wait $each 2>/dev/null
wait_for 10 flock -n "$spool/each.lock" true
small all
background spool each -s 300ms "$spool" -- bms-normalize '|' \
    tenant-db append --all '|' live --all 2>each2.err
each=$!
wait_for 60 settled
is $? 0 "there is room, and somebody killed it: nothing waits any more"
compare 9000 "each line is stored once, with its value"

# ---- locked ----------------------------------------------------------------
python3 - "$beta/tenant.db" <<'PY' &
import sqlite3
import sys
import time
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute('BEGIN IMMEDIATE')
time.sleep(8)
base.execute('ROLLBACK')
PY
locker=$!
sleep 0.3
lines 9000 10200 | spool put "$spool" >/dev/null
wait_for 30 reached alpha 4970
is $? 0 "locked: the other goes on"
wait $locker
wait_for 60 settled
compare 10200 "locked for 8 s: each line is stored once"

# ---- read-only -------------------------------------------------------------
kill $each
wait $each
is $? 0 "SIGTERM"
mount -o remount,bind,ro "$beta"
lines 10200 11400 | spool put "$spool" >/dev/null
spool each -1 "$spool" -- bms-normalize '|' tenant-db append --all 2>ro.err
is $? 111 "read-only: once, and it waits"
is "$(rows alpha)" 5561 "... the other is stored"
mount -o remount,bind,rw "$beta"
spool each -1 "$spool" -- bms-normalize '|' tenant-db append --all 2>rw.err
is $? 0 "to be written again"
compare 11400 "... each line is stored once"

# ---- the others that write, at any fill ------------------------------------
case $B in
*/san) rooms='0 200' ;;
*) rooms='0 24 100 200 500' ;;
esac
tenant-db key create "$T/key"
sqlite3 "$beta/tenant.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp "$beta/tenant.db" before.db
# What is found in the database, and that it is whole.
state() { # STATEMENT
	$kept | sort | sha256sum
	case $1 in
	'') ;;
	PRAGMA*) sqlite3 "file:$beta/tenant.db?mode=ro" "$1" ;;
	*) tenant-db query --tenant beta "$1" | sort | sha256sum ;;
	esac
	whole beta
}
all_readings() {
	tenant-db query --tenant beta 'SELECT * FROM bms_data'
}
all_settings() {
	sqlite3 "file:$beta/tenant.db?mode=ro" 'SELECT * FROM clients_config'
}
# at_any_fill DATABASE STATEMENT COMMAND...: the command with little and
# less room on the tenant's disk, and once more when there is enough
at_any_fill() {
	fill_from=$1
	fill_sql=$2
	shift 2
	bad=
	full=0
	for room in none $rooms; do
		small all
		rm -rf "${beta:?}"/*
		cp "$fill_from" "$beta/tenant.db"
		before=$(state "")
		[ "$room" = none ] ||
		    small "$room"
		"$@" >/dev/null 2>err
		ended=$?
		small all
		[ $ended -eq 0 ] || full=$((full + 1))
		case $ended in
		0 | 111) ;;
		*) bad="$bad $room:$ended:$(head -n 1 err)" ;;
		esac
		[ "$(state "")" = "$before" ] ||
		    bad="$bad $room:changed"
		"$@" >/dev/null 2>err || bad="$bad $room:then:$(head -n 1 err)"
		now=$(state "$fill_sql")
		[ "$room" = none ] && wanted=$now
		[ "$now" = "$wanted" ] || bad="$bad $room:derived"
	done
	is "$bad" "" "$* on a full disk: 111, whole, and later as if never"
	like "$full" '^[1-9]' "... $full times it was full"
}
kept=all_readings
at_any_fill before.db 'SELECT id, first, last, count, hex(data)
    FROM blocks' tenant-db seal --tenant beta
at_any_fill before.db 'SELECT battery_id, kind, code, raised_at, cleared_at
    FROM fault_events' tenant-db judge --tenant beta
at_any_fill before.db 'SELECT battery_id, period_type, period_start,
    pack_voltage_avg, energy_charged_wh FROM bms_data_history' \
    rollup --tenant beta
at_any_fill before.db 'SELECT battery_id, alert_code, first_occurrence,
    status FROM alerts' alert-eval --now 2026-03-03T00:00:00Z --tenant beta
at_any_fill before.db 'SELECT 1' tenant-db backup --key "$T/key" \
    --tenant beta
python3 -c 'import durable_stream; durable_stream.first_edition("old.db", 4000)'
mkdir -p old/tenants/old
mount --bind "$beta" old/tenants/old
kept=all_settings
at_any_fill old.db 'PRAGMA user_version' tenant-db migrate --root old \
    --tenant old
umount old/tenants/old
is "$(find "$beta" "$TBMS_ROOT/backups" -name '*tmp*' -o -name '*.new')" "" \
    "nothing half-made is left"
umount "$beta"
done_testing
