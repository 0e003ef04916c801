#!/bin/sh
# Live files: what they say, who gets which, and that lines pass unchanged.
. "$(dirname "$0")/lib.sh"

one() {
	tenant-db put --tenant eds "$1"
}
tenant-db create --tenant eds --timezone America/Toronto
one battery_types <<'X'
{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":48,"capacity_ah":100,"capacity_wh":4800,"cell_count":4}
X
one locations <<'X'
{"slug":"north","name":"N"}
{"slug":"south","name":"S"}
X
one batteries <<'X'
{"slug":"b-1","serial_number":"1","name":"1","battery_type":"t","location":"north","status":"operational"}
{"slug":"b-2","serial_number":"2","name":"2","battery_type":"t","location":"south","status":"operational"}
{"slug":"b-3","serial_number":"3","name":"3","battery_type":"t","location":"south","status":"maintenance"}
{"slug":"b-4","serial_number":"4","name":"4","battery_type":"t","location":"north","status":"operational"}
X
for n in 1 2 3 4; do
	echo "{\"device\":\"d-$n\",\"profile\":\"p\",\"address\":\"can://c$n\",\"interval_ms\":10000,\"battery\":\"b-$n\"}"
done | one devices
one views <<'X'
{"slug":"nord","name":"Nord","selection":{"locations":["north"]}}
X
# reading DEVICE SECOND SOC CURRENT MODE
reading() {
	printf '{"kind":"battery","time":"2026-03-01T10:00:%02d.000Z","tenant":"eds","device":"d-%d","profile":"p","pack_voltage":50.000,"pack_current":%s,"cell_voltages":[3.300,3.301,null,3.299],"soc_percent":%s,"balancing_cells":[2],"operation_mode":"%s"}\n' \
	    "$2" "$1" "$4" "$3" "$5"
}
site=$TBMS_ROOT/site/eds
{
	reading 1 1 50.50 10.000 charging
	reading 2 2 20.40 -4.000 discharging
	echo '{"kind":"mark","segment":7}'
	echo '{"kind":"other","x":1}'
	reading 3 3 80.00 0.000 idle
	reading 1 9 50.60 -10.010 discharging
	# hours ahead, older, of another customer, of nobody: passed on, not taken
	reading 1 9 88.00 1.000 charging | sed 's/T10:/T14:/'
	reading 1 5 99.00 1.000 charging
	reading 1 9 11.00 1.000 charging | sed 's/"eds"/"other"/'
	reading 9 9 11.00 1.000 charging
} >"$T/in"
live --tenant eds --now 2026-03-01T10:00:10Z <"$T/in" >"$T/out" 2>"$T/err"
is $? 0 'live'
same "$T/out" "$T/in" 'every line is passed on as it came'
is "$(cat "$site/all/data/live/fleet.json")" \
    '{"kind":"fleet","time":1772359210,"every":10,"id":["b-1","b-2","b-3","b-4"],"st":[4,4,3,2],"soc":[51,20,80,null],"p":[-501,-200,0,null],"age":[1,8,7,null],"power":-700.50,"stored":7248}' \
    'fleet.json: columns, rounded, and totals without the silent'
is "$(jq -c '[.kind, .id, .time, .every, .status, .operation_mode,
    .soc_percent, .pack_power, .cell_voltages, .balancing]' \
    "$site/all/data/live/b-1.json")" \
    '["battery","b-1",1772359209,10,"ok","discharging",50.6,-500.5,[3.3,3.301,null,3.299],[2]]' \
    'the file of a battery'
is "$(cd "$site/nord/data/live" && echo *)" 'b-1.json b-4.json fleet.json' \
    'a view has the files of its batteries only' 2>/dev/null
is "$(jq -c .id "$site/nord/data/live/fleet.json")" '["b-1","b-4"]' \
    'and its fleet.json names no other'

# after a restart it takes up the database; all are silent by then
tenant-db append --tenant eds <"$T/in" >/dev/null 2>&1
rm -r "$site"
live --tenant eds --now 2026-03-01T10:20:00Z </dev/null
is "$(jq -c '[.st, .soc, .age, .power, .stored]' \
    "$site/all/data/live/fleet.json")" \
    '[[2,2,3,2],[51,20,80,null],[1191,1198,1197,null],0,3840]' \
    'a restart reads the database; silent ones leave the totals'
is "$(jq -r .status "$site/all/data/live/b-2.json")" silent \
    'and say so in their files'
# an older reading than the one held does not come back
reading 1 8 77.00 1.000 charging | live --tenant eds \
    --now 2026-03-01T10:20:00Z >/dev/null
is "$(jq .soc_percent "$site/all/data/live/b-1.json")" 50.6 \
    'only what is newer is taken'

# alerts make the state; a long-lived one sees them
sqlite3 "$TBMS_ROOT/tenants/eds/tenant.db" "INSERT INTO alerts (battery_id,
    severity, category, alert_code, title, message, first_occurrence)
    SELECT id, 'warning', 'soc', 'x', 'x', 'x', 1 FROM batteries
    WHERE slug = 'b-1'"
mkfifo "$T/fifo"
live --tenant eds --now 2026-03-01T10:00:10Z <"$T/fifo" >"$T/out" &
pid=$!
pids="$pids $pid"
exec 3>"$T/fifo"
is_state() {
	[ "$(jq -c .st "$site/all/data/live/fleet.json")" = "$1" ]
}
wait_for 10 is_state '[1,4,3,2]'
ok $? 'a warning asks for attention'
sqlite3 "$TBMS_ROOT/tenants/eds/tenant.db" "UPDATE alerts
    SET severity = 'critical'"
wait_for 15 is_state '[0,4,3,2]'
ok $? 'a critical alert is a fault, seen without a new reading'
reading 4 10 5.00 0.000 fault >&3
wait_for 10 is_state '[0,4,3,0]'
ok $? 'a reading comes alive within the second'
grep -q d-4 "$T/out"
ok $? 'and has been passed on'
kill -TERM $pid
wait $pid
is $? 0 'SIGTERM ends it with 0'
exec 3>&-

# bad lines
printf '%s\n' '{"kind":"battery","time":"x"}' '{"kind":"mark","segment":8}' |
    live --tenant eds --reject "$T/bad" >"$T/out" 2>"$T/err"
is $? 1 'a bad reading is refused'
like "$(cat "$T/err")" '^live: standard input:1: ' 'with its line'
is "$(cat "$T/bad")" '{"kind":"battery","time":"x"}' 'and kept as it came'
is "$(cat "$T/out")" '{"kind":"mark","segment":8}' 'the rest goes on'
status 2 'no tenant' live
status 2 'an unknown tenant' live --tenant nobody
done_testing
