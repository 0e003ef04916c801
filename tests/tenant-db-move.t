#!/bin/sh
# A battery keeps its history: by serial number, or by an operator's word
# with a replay, which comes to the same as having been right at once.
. "$(dirname "$0")/lib.sh"

spool=$TBMS_ROOT/spool
fresh() {
	rm -rf "$TBMS_ROOT"
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone UTC
	put_fleet eds 48 15 '1 2' pylontech-can
	for n in 1 2; do
		echo "{\"slug\":\"b-$n\",\"serial_number\":\"S\\\"$n\"}" |
		    tenant-db put --tenant eds batteries
	done
}
append() {
	tenant-db append --tenant eds 2>"$T/said" >/dev/null
}
# reading DEVICE MINUTE VOLTAGE [SERIAL]
reading() {
	echo "{\"kind\":\"battery\",\"time\":\"2026-03-01T10:$2:00.000Z\",\"tenant\":\"eds\",\"device\":\"$1\",\"profile\":\"p\",\"pack_voltage\":$3${4:+,\"serial_number\":\"$4\"}}"
}
rows() {
	tenant-db query --tenant eds "SELECT battery AS b,
	    strftime('%M', timestamp / 1000, 'unixepoch') AS m, pack_voltage
	    AS v FROM bms_data ORDER BY battery, timestamp" |
	    jq -r '"\(.b) \(.m) \(.v)"'
}

# ---- ports are swapped --------------------------------------------------
fresh
{
	reading d-1 00 51 'S\"1'
	reading d-2 00 52 'S\"2'
	reading d-1 01 52 'S\"2'
	reading d-2 01 51 'S\"1'
	reading d-1 02 52 '\u0053\"2'
	reading d-2 02 51 'S\"1'
	reading d-1 03 51 other
	reading d-1 04 51
} >"$T/in"
append <"$T/in"
is "$(rows)" 'b-1 00 51
b-1 01 51
b-1 02 51
b-1 03 51
b-1 04 51
b-2 00 52
b-2 01 52
b-2 02 52' 'a serial number says which battery it is'
is "$(sed 's/.*: device/device/' "$T/said")" \
    'device d-1 tells serial number "S\"2", of another battery than its own: stored with that
device d-2 tells serial number "S\"1", of another battery than its own: stored with that' \
    'which is said once for each device'
reading d-1 05 53 'S\"2' |
    live --tenant eds --now 2026-03-01T10:06:00Z >/dev/null
is "$(jq .pack_voltage "$TBMS_ROOT/site/eds/all/data/live/b-2.json")" 53 \
    'live finds the same'

# ---- an operator knows better -------------------------------------------
fresh
status 0 'an operator says what d-1 measures from 10:01 on' \
    tenant-db move --tenant eds --device d-1 --battery b-1 \
    --from 2026-03-01T10:01:00Z
append <"$T/in"
is "$(rows | grep -c '^b-1')" 5 'that counts before the serial number'
is "$(db eds 'SELECT count(*) FROM readings WHERE device_id = 1
    AND battery_id = 2')" 0 '... for each of its readings'
tenant-db move --tenant eds --device d-2 --none \
    --from 2026-03-01T10:01:00Z 2>"$T/said"
reading d-2 05 52 | append
like "$(cat "$T/said")" 'had no battery' 'none'
is "$(tenant-db get --tenant eds device_batteries |
    jq -c '[.device, .battery, .pinned]')" '["d-1","b-1",false]
["d-2","b-2",false]
["d-1","b-1",true]
["d-2",null,true]' 'as rows'
for wrong in '--device d-9 --battery b-1' '--device d-1 --battery b-9' \
    '--device d-1' '--device d-1 --none --battery b-1' '--battery b-1' \
    '--device d-1 --none --from noon'; do
	# shellcheck disable=SC2086 # words on purpose
	status 2 "refused: $wrong" tenant-db move --tenant eds $wrong
done
is "$(tenant-db get --tenant eds device_batteries | wc -l)" 4 \
    '... and nothing is changed'

# ---- a BMS is swapped and nobody said so --------------------------------
frame() { # DEVICE MINUTE VALUES
	echo "{\"kind\":\"frame\",\"time\":\"2026-03-01T10:$2:00.000Z\",\"tenant\":\"eds\",\"device\":\"$1\",\"profile\":\"pylontech-can\",\"protocol\":\"can\",\"complete\":true,\"messages\":[\"356#$3\",\"355#32006300\"]}"
}
low=c0126400d700 # 48.00 V
high=b0136400d700 # 50.40 V
for m in 00 05 10 15 20 25 30 35 40 45 50 55; do
	if [ "$m" -lt 20 ]; then
		frame d-1 $m $low
		frame d-2 $m $high
	else # from 10:20 on each BMS is on the other battery
		frame d-1 $m $high
		frame d-2 $m $low
	fi
done >"$T/frames"
swap() {
	tenant-db move --tenant eds --device d-1 --battery b-2 \
	    --from 2026-03-01T10:20:00Z 2>"$T/said"
	tenant-db move --tenant eds --device d-2 --battery b-1 \
	    --from 2026-03-01T10:20:00Z 2>>"$T/said"
}
feed() {
	spool put "$spool" <"$T/frames" >/dev/null
	spool each --once "$spool" -- bms-normalize '|' \
	    tenant-db append --all >/dev/null
}
stand() {
	rollup --tenant eds
	db eds "SELECT battery_id, time, kind, quality, hex(packed), made, device_id
	    FROM readings;
	    SELECT battery_id, time, until, reason, measurements FROM suspects;
	    SELECT battery_id, kind, code, raised_at, cleared_at
	    FROM fault_events ORDER BY 1, 2, 3, 4;
	    BEGIN; UPDATE history_rows SET created_at = 0;
	    SELECT * FROM history_rows
	    ORDER BY battery_id, period_type, period_start; ROLLBACK" |
	    sed 's/^\([0-9]*\)|\([12]|hourly\)/\2/;s/|[0-9]*$//' |
	    sed 's/^[0-9]*|\([0-9]*|[a-z]*ly|\)/\1/'
}
fresh
swap
is "$(cat "$T/said")" '' 'in time: nothing is stored yet'
feed
stand >"$T/right"
is "$(db eds 'SELECT pack_voltage_min, pack_voltage_max FROM history_rows
    WHERE period_type = "hourly" ORDER BY battery_id')" '48.0|48.0
50.4|50.4' 'each battery has its own values'
fresh
feed
stand >"$T/wrong"
is "$(cmp -s "$T/right" "$T/wrong" || echo differs)" differs 'they were mixed up'
swap
is "$(grep -c '8 readings are stored with another battery' "$T/said")" 2 \
    'too late: it says what to do'
for device in d-1 d-2; do
	spool replay -t eds -d $device "$spool" | bms-normalize |
	    tenant-db append --tenant eds >/dev/null
done
stand >"$T/mended"
same "$T/mended" "$T/right" 'a replay comes to what is right'

done_testing
