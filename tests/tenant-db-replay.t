#!/bin/sh
# A profile is mended and the archive replayed: what the mended profile does
# not make again goes, and nothing else does.
. "$(dirname "$0")/lib.sh"

spool=$TBMS_ROOT/spool
for tenant in eds other; do
	tenant-db create --tenant $tenant --timezone UTC
	put_fleet $tenant 48 15 '1 2' pylontech-can
done

# The mended profile knows that this maker's charge and health (0x355) are
# nothing of the sort: a frame with no more than that gives no reading.
cp -R "$TBMS_SHARE" "$T/share"
jq '.measurements |= map(select(.name | test("^so[ch]_percent$") | not))
    | .can.must -= ["state"]' \
    "$TBMS_SHARE/profiles/pylontech-can.json" \
    >"$T/share/profiles/pylontech-can.json"
frame() { # DEVICE TIME [VALUES]
	echo "{\"kind\":\"frame\",\"time\":\"2026-03-01T$2:00.000Z\",\"tenant\":\"eds\",\"device\":\"$1\",\"profile\":\"pylontech-can\",\"protocol\":\"can\",\"complete\":true,\"messages\":[${3:+\"356#$3\",}\"355#32006300\"]}"
}
values=c0126400d700 # 48.00 V, 10.0 A, 21.5 degrees
{
	frame d-1 09:30
	frame d-1 10:00 $values
	frame d-1 10:30
	frame d-1 11:00 $values
	frame d-1 12:00
	frame d-2 10:00
} >"$T/frames"
spool put "$spool" <"$T/frames" >/dev/null
spool each --once "$spool" -- bms-normalize '|' \
    tenant-db append --all >/dev/null
# an import: it came from no frame
echo '{"kind":"battery","time":"2026-03-01T10:45:00.000Z","tenant":"eds","device":"d-1","soc_percent":40.00}' \
    >"$T/import"
tenant-db append --tenant eds <"$T/import" >/dev/null
rows() {
	db eds "SELECT battery_id, strftime('%H:%M', time / 1000, 'unixepoch'),
	    gen, made FROM readings ORDER BY battery_id, time"
}
hours() {
	rollup --tenant eds >/dev/null
	db eds "SELECT strftime('%H', period_start / 1000, 'unixepoch'),
	    data_points_count FROM history_rows WHERE battery_id = 1
	    AND period_type = 'hourly' ORDER BY 1" | tr '\n' ' '
}
stand() {
	db eds 'SELECT time, battery_id, kind, gen, quality, hex(packed), made
	    FROM readings; SELECT * FROM touched; SELECT * FROM device_state;
	    SELECT * FROM batteries'
}
is "$(rows)" '1|09:30|0|1
1|10:00|0|1
1|10:30|0|1
1|10:45|0|0
1|11:00|0|1
1|12:00|0|1
2|10:00|0|1' 'each frame gave a reading, and is told from an import'
is "$(hours)" '09|1 10|3 11|1 12|1 ' 'the hours count them'
cp -R "$TBMS_ROOT" "$T/fresh"
fresh() {
	rm -rf "$TBMS_ROOT"
	cp -R "$T/fresh" "$TBMS_ROOT"
}

# ---- mended, replayed ---------------------------------------------------
spool replay -t eds -d d-1 -f 2026-03-01T09:00:00Z -u 2026-03-01T12:00:00Z \
    "$spool" >"$T/replay"
is "$(tail -n 1 "$T/replay" | jq -c '.replay | [.from, .to]')" \
    '["2026-03-01T09:00:00.000Z","2026-03-01T12:00:00.000Z"]' 'a replay'
TBMS_SHARE=$T/share
bms-normalize <"$T/replay" 2>/dev/null >"$T/made"
is "$(grep -c '"kind":"battery"' "$T/made")" 2 'only two of its frames give a reading now'
grep -v mark "$T/made" | tenant-db append --tenant eds >/dev/null
is "$(rows | grep -c '|0|1$')" 4 'before the closing mark nothing is removed'
fresh
spool replay -g 1 -t eds -d d-1 -f 2026-03-01T09:00:00Z \
    -u 2026-03-01T12:00:00Z "$spool" | bms-normalize 2>/dev/null |
    tenant-db append --tenant eds >"$T/passed"
is $? 0 'a replay through the pipeline'
same "$T/passed" "$T/made" 'goes on whole, with its mark'
mended='1|10:00|1|1
1|10:45|0|0
1|11:00|1|1
1|12:00|0|1
2|10:00|0|1'
is "$(rows)" "$mended" \
    'stale ones are gone; the import, what is outside, and others stay'
is "$(hours)" '10|2 11|1 12|1 ' 'the rollup follows, to an hour without any'
stand >"$T/before"
tenant-db append --tenant eds <"$T/made" >/dev/null
stand >"$T/after"
same "$T/after" "$T/before" 'the same again changes nothing'
tenant-db append --tenant eds <"$T/import" >/dev/null
is "$(rows)" "$mended" 'nor does the import'

# ---- whose readings a replay is of --------------------------------------
mark() { # MORE
	echo "{\"kind\":\"mark\",\"segment\":0,\"replay\":{\"gen\":2,\"tenant\":\"eds\",$1\"from\":\"2026-03-01T09:00:00.000Z\",\"to\":\"2026-03-01T12:00:00.001Z\"}}"
}
left() { # MORE
	fresh
	mark "$1" | tenant-db append --all >/dev/null
	rows | wc -l
}
is "$(left '"device":"d-9",')" 7 'a device that is not there: nothing'
is "$(left '"profile":"another",')" 7 'a profile of no device: nothing'
is "$(left '"device":"d-2",')" 6 'a device: its own'
is "$(left '"profile":"pylontech-can",')" 1 'a profile: of its devices'
is "$(left '')" 1 'no device: all, and to is not included'
is "$(rows)" '1|10:45|0|0' '... but for the import'
fresh
mark '' | sed 's/eds/other/' | tenant-db append --all >"$T/out"
is "$(rows | wc -l)" 7 'another tenant: nothing'
# from 10:30 on d-1 measures b-2, which d-2 measures too: what it said is
# removed wherever it was stored, and nothing of d-2
moved="INSERT INTO device_batteries (device_id, valid_from, battery_id)
    VALUES (1, 1772361000000, 2)"
fresh
db eds "$moved"
mark '"device":"d-1",' | tenant-db append --all >/dev/null
is "$(rows | cut -d '|' -f 1,2 | tr '\n' ' ')" '1|10:45 2|10:00 ' \
    'all that the device said, of whatever battery'
# rows of which it is not known what device said them
fresh
db eds "$moved; UPDATE readings SET device_id = NULL"
mark '"device":"d-1",' | tenant-db append --all >/dev/null
is "$(rows | cut -d '|' -f 1,2 | tr '\n' ' ')" \
    '1|10:30 1|10:45 1|11:00 1|12:00 2|10:00 ' \
    'the battery that the device had at that time'
fresh
db eds "UPDATE device_batteries SET battery_id = 1;
    UPDATE readings SET device_id = NULL"
mark '"device":"d-1",' | tenant-db append --all >/dev/null
is "$(rows | wc -l)" 7 'what another device may have measured stays'
fresh
sed 's/"device"/"profile":"p","device"/' "$T/import" |
    tenant-db append --all >/dev/null
is "$(rows | grep 10:45)" '1|10:45|0|0' 'an import stays one beside its frame'
db eds 'UPDATE readings SET made = 1'
tenant-db append --all <"$T/import" >/dev/null
is "$(rows | grep 10:45)" '1|10:45|0|0' '... in either order'

# ---- lines that were not stored -----------------------------------------
fresh
cat >"$T/lock.py" <<'PY'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute('BEGIN IMMEDIATE')
open(sys.argv[2], 'w').close()
sys.stdin.read()
PY
mkfifo "$T/hold" "$T/lines"
background sh -c 'exec python3 "$T/lock.py" \
    "$TBMS_ROOT/tenants/eds/tenant.db" "$T/locked" <"$T/hold"'
exec 8>"$T/hold"
wait_for 5 test -e "$T/locked"
background sh -c 'exec tenant-db append --all <"$T/lines" >"$T/passed" 2>&1'
pid=$!
exec 9>"$T/lines"
cat "$T/made" >&9
wait_for 20 grep -q '"wait":\["eds"\]' "$T/passed"
is $? 0 'a tenant that is locked is named in the closing mark'
exec 8>&-
mark '' >&9
exec 9>&-
wait $pid
is $? 111 '... and it fails: replay again'
is "$(rows | wc -l)" 7 'a replay that was not stored whole removes nothing'
# ---- a frame that comes while a replay runs -----------------------------
fresh
spool replay -t eds "$spool" >"$T/replayed" 2>/dev/null
is "$(head -n 1 "$T/replayed" | jq -c '[.kind, .replay.opens, .replay.gen]')" \
    '["mark",true,1]' 'a replay says first what it is about to do'
head -n 1 "$T/replayed" | bms-normalize | tenant-db append --tenant eds \
    >"$T/opened"
is "$(cat "$T/opened")" "$(head -n 1 "$T/replayed")" '... its mark goes on'
frame d-1 10:15 $values | spool put "$spool" >/dev/null
spool each --once "$spool" -- bms-normalize '|' \
    tenant-db append --all >/dev/null
tail -n +2 "$T/replayed" | bms-normalize | tenant-db append --tenant eds \
    >/dev/null
is "$(rows | grep -c '|1|1$') $(rows | grep '10:15')" '3 1|10:15|1|1' \
    'what came for its range meanwhile is not removed'
frame d-1 10:15 $values | bms-normalize | tenant-db append --tenant eds \
    >/dev/null
is "$(rows | grep '10:15')" '1|10:15|1|1' '... and the same again changes nothing'
spool replay -t eds "$spool" | bms-normalize | tenant-db append --tenant eds \
    >/dev/null
is "$(rows | grep -c '|2|1$')" 3 '... the next replay makes it again'
done_testing
