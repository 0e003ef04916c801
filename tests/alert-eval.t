#!/bin/sh
# Rules over readings whose alerts were worked out by hand.
. "$(dirname "$0")/lib.sh"

# line JSON...: one object put together from pieces
put() {
	table=$1
	tenant-db put --tenant eds "$table"
}
fresh() {
	rm -rf "$TBMS_ROOT"
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone UTC --language "${1:-en}"
	put battery_types <<-'X'
	{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":48,"capacity_ah":100,"capacity_wh":4800,"cell_count":15,"operating_temp_max":55}
	X
	put locations <<-'X'
	{"slug":"here","name":"Here"}
	X
	put batteries <<-'X'
	{"slug":"b-1","serial_number":"1","name":"North","battery_type":"t","location":"here","status":"operational"}
	{"slug":"b-2","serial_number":"2","name":"South","battery_type":"t","location":"here","status":"operational","custom_temp_max":45}
	X
	put devices <<-'X'
	{"device":"d-1","profile":"p","address":"can://can1","battery":"b-1"}
	{"device":"d-2","profile":"p","address":"can://can2","battery":"b-2"}
	X
}
# feed DEVICE MINUTE:VALUE...: cell_voltages at minutes of one hour; - is
# a reading that does not tell
feed() {
	device=$1
	shift
	for one; do
		minute=${one%%:*}
		value=${one#*:}
		printf '{"kind":"battery","time":"2026-03-01T%02d:%02d:00.000Z",' \
		    $((10 + minute / 60)) $((minute % 60))
		printf '"tenant":"eds","device":"%s","profile":"p",' "$device"
		if [ "$value" = - ]; then
			printf '"soc_percent":50.00}\n'
		else
			printf '"cell_voltages":[%s]}\n' "$value"
		fi
	done | tenant-db append --tenant eds >/dev/null
}
now=2026-03-01T10:01:00Z
evaluate() {
	alert-eval --tenant eds --now "${1:-$now}"
}
brief() {
	jq -r '[.event, .battery, .code, .time[11:16],
	    .first_occurrence[11:16], .trigger_value] | join(" ")'
}
rule='{"code":"high","severity":"critical","category":"voltage","title":"Cell high","message":"{battery}: {value} {unit}, limit {threshold} {unit}","expression":"cell_voltage_max > 3.65"'

fresh
echo "$rule}" | put alert_rules
feed d-1 0:3.600 1:3.651 2:3.700 3:3.650 4:3.649
evaluate >"$T/out"
is "$(brief <"$T/out")" 'raised b-1 high 10:01 10:01 3.651
cleared b-1 high 10:03 10:01 3.651' 'a rule fires and clears at its limit'
is "$(head -n 1 "$T/out" | jq -r '.message, .severity, .threshold_value')" \
    'North: 3.651 V, limit 3.650 V
critical
3.65' 'its message, with the limit taken from the expression'
is "$(evaluate)" '' 'a second run has nothing to say'
feed d-1 0:3.600 1:3.651 2:3.700 3:3.650 4:3.649
is "$(evaluate)" '' 'the same readings once more change nothing'
is "$(tenant-db query --tenant eds 'SELECT status, first_occurrence,
    resolved_at, current_value FROM alerts' | jq -c 'del(.kind)')" \
    '{"status":"resolved","first_occurrence":1772359260000,"resolved_at":1772359380000,"current_value":3.65}' \
    'what is stored'
feed d-1 2:3.9
is "$(evaluate)" '' 'a reading from the past raises nothing'

# a clock that is wrong does not keep out what comes after
feed d-2 180:3.9 9:3.9
is "$(evaluate | brief)" 'raised b-2 high 10:09 10:09 3.9' \
    'a reading two hours ahead is left out'

# hysteresis, durations, unknown
fresh
echo "$rule,\"clear_expression\":\"cell_voltage_max < 3.60\",\"for_ms\":120000,\"clear_for_ms\":120000}" |
    put alert_rules
feed d-1 0:3.7 1:3.7 2:3.5 3:3.7 4:- 5:3.7 6:3.62 7:- 8:3.59 9:3.61 10:3.59 \
    11:- 12:3.59
is "$(evaluate | brief)" 'raised b-1 high 10:05 10:03 3.7
cleared b-1 high 10:12 10:03 3.7' \
    'durations and hysteresis; unknown neither fires nor clears'

# the same, one reading a run: state is kept between runs
fresh
echo "$rule,\"clear_expression\":\"cell_voltage_max < 3.60\",\"for_ms\":120000,\"clear_for_ms\":120000}" |
    put alert_rules
for one in 0:3.7 1:3.7 2:3.5 3:3.7 4:- 5:3.7 6:3.62 7:- 8:3.59 9:3.61 \
    10:3.59 11:- 12:3.59; do
	feed d-1 $one
	evaluate
done >"$T/out"
is "$(brief <"$T/out")" 'raised b-1 high 10:05 10:03 3.7
cleared b-1 high 10:12 10:03 3.7' 'the same, reading by reading'

# limits of a battery before those of its type; several rules; selection
fresh fr
put alert_rules <<'X'
{"code":"warm","severity":"warning","category":"temperature","title":"Chaud","message":"{battery} : {value} °C (limite {threshold})","expression":"temp_max >= limit_temp_max"}
{"code":"only-2","severity":"info","category":"temperature","title":"x","message":"{nothing}","expression":"temp_max > 1","selection":{"batteries":["b-2"]}}
{"code":"fault","severity":"critical","category":"system","title":"x","message":"y","expression":"json_array_length(fault_codes) > 0 OR operation_mode = 'fault'"}
X
for n in 1 2; do
	printf '{"kind":"battery","time":"2026-03-01T10:00:00.000Z","tenant":"eds","device":"d-%d","profile":"p","temperatures":[50.00,50.00],"fault_codes":[%s]}\n' \
	    $n "$([ $n = 1 ] && echo '"E7"')"
done | tenant-db append --tenant eds >/dev/null
evaluate >"$T/out"
is "$(jq -r '.battery + " " + .code + " " + .message' "$T/out" | sort)" \
    'b-1 fault y
b-2 only-2 {nothing}
b-2 warm South : 50,00 °C (limite 45,00)' 'names of limits, lists, selection'

# a rule per wall that must hold
fresh
n=0
while IFS= read -r bad; do
	n=$((n + 1))
	jq -nc --arg e "$bad" --arg c "bad-$n" '{code:$c,severity:"info",
	    category:"system",title:"t",message:"m",expression:$e}'
done >"$T/bad" <<'X'
cell_voltage_max >
(SELECT 1) = 1
cell_voltage_max > 1) , (1
1; DROP TABLE alerts
load_extension('x')
randomblob(1000000000) IS NULL
sqlite_version() IS NULL
zeroblob(5) IS NULL
max(1, 2) OVER () > 1
cell_voltage_max > 1 -- x
no_such_name > 3
count(*) > 0
"cell_voltage_max" > 3
?1 > 3
:x > 3
x'00' = 1
cell_voltages -> 0 > 1
1 > 0 ORDER BY 1
1 > 0 FROM alerts
'open
hex(1) > 0
X
status 1 'put takes none of them' \
    tenant-db put --tenant eds alert_rules "$T/bad"
is "$(grep -c 'column expression: ' "$T/err")" 21 '... and names each'
# so they come by another way
python3 - "$TBMS_ROOT/tenants/eds/tenant.db" "$T/bad" <<'PY'
import json, sqlite3, sys
base = sqlite3.connect(sys.argv[1])
for line in open(sys.argv[2]):
    row = json.loads(line)
    base.execute('INSERT INTO alert_rules (%s) VALUES (%s)' % (
        ', '.join(row), ', '.join('?' * len(row))), list(row.values()))
base.commit()
PY
echo "$rule}" | put alert_rules
feed d-1 0:3.7
status 2 '--check refuses' alert-eval --check --tenant eds
is "$(grep -c 'rule bad-[0-9]* is not used: ' "$T/err")" 21 \
    'each bad rule is named'
status 2 'the run says so too' alert-eval --tenant eds --now $now
is "$(brief <"$T/out")" 'raised b-1 high 10:00 10:00 3.7' \
    'and the good rule works'
is "$(tenant-db query --tenant eds 'SELECT count(*) AS n FROM alerts' |
    jq .n)" 1 'nothing else fired'

# a rule that breaks over a value spoils no other
fresh
echo "$rule}" | put alert_rules
put alert_rules <<'X'
{"code":"json","severity":"info","category":"system","title":"t","message":"m","expression":"json_extract(operation_mode, '$.x') > 0"}
X
printf '{"kind":"battery","time":"2026-03-01T10:00:00.000Z","tenant":"eds","device":"d-1","profile":"p","cell_voltages":[3.700],"operation_mode":"idle"}\n' |
    tenant-db append --tenant eds >/dev/null
status 2 'a rule that fails over a value' alert-eval --tenant eds --now $now
like "$(cat "$T/err")" 'rule json is not used: malformed JSON' 'is named'
is "$(brief <"$T/out")" 'raised b-1 high 10:00 10:00 3.7' \
    'the other one fires'

# silence
fresh fr
feed d-1 0:3.3
is "$(evaluate 2026-03-01T10:15:00Z)" '' 'not silent yet'
evaluate 2026-03-01T10:16:00Z >"$T/out"
is "$(jq -r '.code + " " + .category + " " + .message' "$T/out")" \
    'silence communication North : aucune mesure depuis 16 min (limite 15 min)' \
    'a battery that fell silent; one that never spoke is left alone'
is "$(evaluate 2026-03-01T11:00:00Z)" '' 'told once'
feed d-1 61:3.3
is "$(evaluate 2026-03-01T11:02:00Z | jq -r '.event + " " + .code')" \
    'cleared silence' 'and it is back'

# a rule that goes takes its alerts with it
fresh
echo "$rule}" | put alert_rules
feed d-1 0:3.7
is "$(evaluate | brief)" 'raised b-1 high 10:00 10:00 3.7' 'a rule fires'
echo "$rule,\"is_enabled\":false}" | put alert_rules
is "$(evaluate | brief)" 'cleared b-1 high 10:01 10:00 3.7' \
    'switched off, its alert is cleared'
is "$(evaluate)" '' 'once'
echo "$rule,\"is_enabled\":true}" | put alert_rules
feed d-1 2:3.8
is "$(evaluate 2026-03-01T10:03:00Z | brief)" \
    'raised b-1 high 10:02 10:02 3.8' 'switched on, it fires anew'

# no alerts wanted
fresh
echo "$rule}" | put alert_rules
sed 's/high/low/;s/critical/warning/' <<X | put alert_rules
$rule}
X
put batteries <<'X'
{"slug":"b-1","serial_number":"1","name":"North","battery_type":"t","location":"here","status":"operational","alerts_enabled":false}
{"slug":"b-2","serial_number":"2","name":"South","battery_type":"t","location":"here","status":"operational","critical_alerts_only":true}
X
feed d-1 0:3.7
feed d-2 0:3.7
is "$(evaluate | brief)" 'raised b-2 high 10:00 10:00 3.7' \
    'alerts_enabled and critical_alerts_only'

# killed again and again: the alerts are those of one quiet run
random_alerts() {
	fresh
	put alert_rules <<-X
	$rule,"for_ms":5000,"clear_expression":"cell_voltage_max < 3.4"}
	{"code":"low","severity":"info","category":"soc","title":"t","message":"m","expression":"soc_percent < 50","clear_for_ms":5000}
	X
	tenant-db append --tenant eds <"$T/random" >/dev/null
}
table() {
	tenant-db query --tenant eds "SELECT battery_id, alert_code, status,
	    first_occurrence, resolved_at, trigger_value FROM alerts
	    WHERE alert_code <> 'silence' ORDER BY 1, 2, 4"
	tenant-db query --tenant eds "SELECT rule_id, battery_id, state,
	    since_ms, clear_since_ms FROM alert_state ORDER BY 1, 2"
}
python3 - >"$T/random" <<'PY'
import random
rnd = random.Random(3)
for i in range(4000):
    for n in 1, 2:
        print('{"kind":"battery","time":"2026-03-01T%02d:%02d:%02d.000Z",'
            '"tenant":"eds","device":"d-%d","profile":"p",'
            '"cell_voltages":[%.3f],"soc_percent":%.2f}' % (10 + i // 720,
            i // 12 % 60, i % 12 * 5, n, rnd.uniform(3.2, 3.75),
            rnd.uniform(30, 60)))
PY
random_alerts
evaluate >/dev/null
table >"$T/quiet"
random_alerts
for wait in 005 008 010 012 015 020 030 040; do
	timeout -s KILL 0.$wait alert-eval --tenant eds --now $now
done >/dev/null 2>&1
evaluate >/dev/null
table >"$T/killed"
same "$T/killed" "$T/quiet" 'kills change nothing'
like "$(wc -l <"$T/quiet")" '^ *[0-9]{3,}$' 'of many alerts'

# following
fresh
echo "$rule}" | put alert_rules
alert-eval --follow --tenant eds --now $now >"$T/follow" 2>"$T/err" &
pid=$!
pids="$pids $pid"
feed d-1 0:3.7
wait_for 10 grep -q raised "$T/follow"
ok $? '--follow sees a reading that comes'
feed d-1 1:3.3
wait_for 10 grep -q cleared "$T/follow"
ok $? 'and its end'
kill -TERM $pid
wait $pid
is $? 0 'SIGTERM ends it with 0'

status 2 'no tenant' alert-eval
status 2 'an unknown one' alert-eval --tenant nobody
done_testing
