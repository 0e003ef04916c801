#!/bin/sh
# Values are annulled by person, time and reason; the rows stay, and all that
# reads them or was derived from them follows.
. "$(dirname "$0")/lib.sh"

query() {
	tenant-db query --tenant eds "$1"
}
annul() {
	tenant-db annul --tenant eds --reason 'loose wire' "$@" 2>"$T/err"
}
correct() {
	tenant-db correct --tenant eds --reason 'meter read' "$@" 2>"$T/err"
}
tenant-db create --tenant eds --timezone UTC
put_fleet eds 48 3 '1 2'
echo '{"code":"hot","severity":"critical","category":"temperature","kind":"battery","expression":"temp_max > 50","title":"Hot","message":"hot"}' |
    tenant-db put --tenant eds alert_rules
for m in 00 10 20 30 40 50; do
	t=25
	[ $m = 20 ] && t=99
	echo "{\"kind\":\"battery\",\"time\":\"2026-03-01T10:$m:00.000Z\",\"tenant\":\"eds\",\"battery\":\"b-1\",\"pack_voltage\":50.0,\"pack_current\":10.0,\"cell_voltages\":[3.3,3.31,3.32],\"temperatures\":[24,$t],\"soc_percent\":50,\"fault_codes\":[],\"data_quality\":\"good\"}"
	echo "{\"kind\":\"energy\",\"time\":\"2026-03-01T10:$m:00.000Z\",\"tenant\":\"eds\",\"battery\":\"b-2\",\"source_type\":\"production\",\"power_w\":1$m,\"energy_wh_total\":1$m}"
done | tenant-db append --tenant eds >/dev/null
db eds 'SELECT time, battery_id, hex(packed) FROM readings' >"$T/rows"

# ---- what is said is what is stored --------------------------------------
annul -b b-1 -m temperatures --item 2 --time 2026-03-01T10:20:00Z --by anna \
    >"$T/out"
is $? 0 'an item at a time'
is "$(jq -c '[.id, .battery, .measurement, .item, .time, .until, .action,
    .reason, .made_by, .was, .hours]' "$T/out")" \
    '[1,"b-1","temperatures",2,"2026-03-01T10:20:00.000Z","2026-03-01T10:20:00.000Z","annul","loose wire","anna",[24,99],1]' \
    'is told, with what was there'
is "$(tenant-db get --tenant eds corrections | jq -c 'keys')" \
    '["action","battery","id","item","made_at","made_by","measurement","reason","time","until"]' \
    'and stands in the table'
is "$(db eds 'SELECT time, battery_id, hex(packed) FROM readings')" \
    "$(cat "$T/rows")" 'the rows are what they were'
at="strftime('%M', timestamp / 1000, 'unixepoch') AS m"
is "$(query "SELECT $at, temperatures, temp_max, temp_avg, data_quality, notes
    FROM bms_data WHERE battery = 'b-1' AND m IN ('10', '20')" | jq -c .)" \
    '{"m":"10","temperatures":"[24.00,25.00]","temp_max":25,"temp_avg":24.5,"data_quality":"good","notes":null}
{"m":"20","temperatures":"[24.00,null]","temp_max":24,"temp_avg":24,"data_quality":"fair","notes":"[\"temperatures 2 annulled (1)\"]"}' \
    'a reader sees it, what derives from it, and why'
annul -b b-2 -m power_w,energy_wh_total --from 2026-03-01T10:30:00Z \
    --to 2026-03-01T10:50:00Z >"$T/out"
is "$(jq -r '"\(.id) \(.measurement) \(.until)"' "$T/out")" \
    '2 power_w 2026-03-01T10:49:59.999Z
3 energy_wh_total 2026-03-01T10:49:59.999Z' \
    'several measurements of a stretch, its end not included'
is "$(query "SELECT $at, power_w, energy_wh_total AS e, data_quality AS q,
    notes FROM bms_data WHERE battery = 'b-2' AND m >= '30'" | jq -c .)" \
    '{"m":"30","power_w":null,"e":null,"q":"fair","notes":"[\"power_w annulled (2)\",\"energy_wh_total annulled (3)\"]"}
{"m":"40","power_w":null,"e":null,"q":"fair","notes":"[\"power_w annulled (2)\",\"energy_wh_total annulled (3)\"]"}
{"m":"50","power_w":150,"e":150,"q":null,"notes":null}' \
    'energy readings as well'

# ---- all that reads ------------------------------------------------------
is "$(tenant-export --tenant eds -b b-1 -f ndjson readings |
    jq .temp_max |
    sort -u | tr '\n' ' ')" '24 25 ' 'the export'
if nm -D "$B/lib/trackingbms.so" | grep -q __asan_; then
	preload=$(cc -print-file-name=libasan.so)
	ASAN_OPTIONS=detect_leaks=0
	export ASAN_OPTIONS
fi
is "$(LD_PRELOAD=${preload:-} sqlite3 -batch \
    -cmd ".load $B/lib/trackingbms" "$TBMS_ROOT/tenants/eds/tenant.db" \
    'SELECT max(temp_max) FROM bms_data')" 25.0 "SQLite's own shell"
is "$(alert-eval --tenant eds | grep -c '"code":"hot"')" 0 'an alert is not raised by what was annulled'
rollup --tenant eds
hour="SELECT temp_max FROM history_rows WHERE battery_id = 1
    AND period_type = 'hourly'"
is "$(db eds "$hour")" 25.0 'the history'
tenant-db annul -t eds --undo 1 --reason 'it was a fire' >"$T/out"
is "$(jq -c '[.id, .withdrawn_reason, .hours]' "$T/out")" \
    '[1,"it was a fire",1]' 'it is withdrawn'
rollup --tenant eds
is "$(db eds "$hour")" 99.0 'the history follows'
is "$(db eds 'SELECT reason, withdrawn_reason, withdrawn_at >= made_at
    FROM corrections WHERE id = 1')" 'loose wire|it was a fire|1' \
    'and nothing is gone'
db eds 'DELETE FROM corrections' 2>"$T/err"
like "$(cat "$T/err")" 'withdrawn, not deleted' 'not even by a slip'
annul -b b-1 -m all --time 2026-03-01T10:50:00Z >/dev/null
is "$(query "SELECT pack_voltage, soc_percent, temp_max, data_quality AS q,
    notes FROM bms_data WHERE battery = 'b-1'
    ORDER BY timestamp DESC LIMIT 1" | jq -c .)" \
    '{"pack_voltage":null,"soc_percent":null,"temp_max":null,"q":"invalid","notes":"[\"all annulled (4)\"]"}' \
    'a whole reading'

is "$(tenant-export --tenant eds -b b-1 corrections | head -n 2 | tail -n 1 |
    cut -d , -f 1-5,9-11)" \
    'b-1,temperatures,2,2026-03-01T10:20:00.000Z,2026-03-01T10:20:00.000Z,,loose wire,anna' \
    'the export tells of them'

# ---- an alert that was raised ---------------------------------------------
hot() {
	alert-eval --tenant eds | jq -r 'select(.code == "hot") | .event'
}
withdrawn() {
	db eds "SELECT count(*), count(withdrawn_at) FROM alerts
	    WHERE alert_code = 'hot' AND status = '$1'"
}
echo '{"kind":"battery","time":"2026-03-01T11:30:00.000Z","tenant":"eds","battery":"b-1","temperatures":[24,99]}' |
    tenant-db append --tenant eds >/dev/null
is "$(hot)" raised 'an alert'
annul -b b-1 -m soc_percent --time 2026-03-01T11:30:00Z >/dev/null
is "$(hot) $(withdrawn active)" ' 1|0' 'what it does not hang on changes nothing'
annul -b b-1 -m temperatures --time 2026-03-01T11:30:00Z >"$T/out"
is "$(hot) $(withdrawn resolved)" 'cleared 1|1' \
    'its value is annulled: it is withdrawn, and told to be over'
is "$(hot) $(db eds 'SELECT count(*) FROM alert_again')" ' 0' 'once'
jq -c '{undo: .id, reason: "no"}' "$T/out" |
    tenant-db annul --tenant eds >/dev/null
is "$(hot) $(withdrawn resolved)" ' 1|0' 'and is not, when that is'

# ---- what can be corrected ------------------------------------------------
one() { # MEASUREMENT VALUE
	correct -b b-1 -m "$1" --time 2026-03-01T10:00:00Z --value "$2" \
	    >/dev/null
	query "SELECT $1 FROM bms_data WHERE battery = 'b-1'
	    ORDER BY timestamp LIMIT 1" | jq -r ".$1"
}
is "$(one soc_percent 51.5)" 51.5 'a number'
is "$(one cell_voltages '[3.4,null,3.2]')" '[3.400,null,3.200]' 'a list'
is "$(one operation_mode idle)" idle 'a word, though it was derived'
is "$(one fault_codes '["over-heat"]')" '["over-heat"]' 'codes'
is "$(one cell_voltage_max 3.5)" 3.5 'what derives, in its own right'
is "$(one pack_power -100)" -100 'the power'
is "$(query "SELECT charge_power, discharge_power, pack_voltage, data_quality
    AS q FROM bms_data WHERE battery = 'b-1' ORDER BY timestamp LIMIT 1" |
    jq -c .)" '{"charge_power":0,"discharge_power":100,"pack_voltage":50,"q":"fair"}' \
    '... with its directions'
is "$(one data_quality excellent)" excellent 'the quality itself'
correct -b b-1 -m pack_current --from 2026-03-01T10:10:00Z \
    --to 2026-03-01T10:30:00Z --scale -1 --offset 0.5 >/dev/null
is "$(query "SELECT pack_current AS i, pack_power AS p, operation_mode AS mode
    FROM bms_data WHERE battery = 'b-1' AND pack_current < 0" | jq -c .)" \
    '{"i":-9.5,"p":-475,"mode":"discharging"}
{"i":-9.5,"p":-475,"mode":"discharging"}' 'a sign and a zero, of a stretch'
correct -b b-1 -m soc_percent --time 2026-03-01T10:40:00Z --scale 3 >/dev/null
is "$(query "SELECT soc_percent AS v FROM bms_data WHERE timestamp = 1772361600000
    AND battery = 'b-1'")" '{"v":null}' 'no value that cannot be'
is "$(one soh_percent 90)" null 'what was not told stays unknown'

# ---- many at once ----------------------------------------------------------
cat >"$T/many" <<'END'
{"battery":"b-1","measurement":"ambient_temp","time":"2026-03-01T10:00:00Z"}
{"battery":"b-9","measurement":"soc_percent","time":"2026-03-01T10:00:00Z"}
{"battery":"b-1","measurement":"soc","time":"2026-03-01T10:00:00Z"}
{"battery":"b-1","measurement":"soc_percent"}
{"battery":"b-1","measurement":"soc_percent","from":"2026-03-01T10:00:00Z","to":"2026-03-01T10:00:00Z"}
{"battery":"b-1","measurement":"soc_percent","time":"2026-03-01T10:00:00Z","item":1}
{"battery":"b-1","measurement":"soc_percent","time":"2026-03-01T10:00:00Z","value":4}
{"battery":"b-1","measurement":"soc_percent","time":"noon"}
{"battery":"b-1","measurement":"soc_percent","time":"2026-03-01T10:00:00Z","kind":"energy"}
{"battery":"b-1","measurement":"soc_percent","time":"2026-03-01T10:00:00Z","why":"x"}
{"undo":1}
{"undo":99}
not json
{"battery":"b-1","measurement":"soc_percent","time":"2026-03-01T10:10:00Z","reason":"own","by":"eva"}
END
before=$(db eds 'SELECT count(*) FROM corrections')
annul --reject "$T/rejected" "$T/many" >"$T/out"
is $? 1 'a file of which some lines are wrong'
is "$(cut -d : -f 3- "$T/err" | sed 's/^\([0-9]*\):/\1/' | sort -n |
    head -n 11)" \
    '2 battery: there is no b-9
3 measurement: soc is none that can be annulled
4 neither time nor from nor to is given
5 from: is not before to
6 item: the measurement is no list
7 what is annulled has no value
8 time: is no time such as 2026-01-31T12:00:00Z
9 kind: has no such measurement
10 "why" is an unknown member
11 correction 1 was withdrawn before
12 there is no correction 99' 'each is named with its reason'
is "$(wc -l <"$T/rejected")" 12 'and kept'
is "$(jq -r '"\(.reason) \(.made_by)"' "$T/out" | sed 's/unix:.*/unix/')" \
    'loose wire unix
own eva' 'the good ones are stored'
is "$(db eds 'SELECT count(*) FROM corrections')" $((before + 2)) '... and no more'
wrong() { # NAME OPTION ...
	name=$1
	shift
	annul "$@" >/dev/null
	is $? 2 "$name"
}
wrong 'from after to' -b b-1 -m soc_percent --from 2026-03-02T10:00:00Z \
    --to 2026-03-01T10:00:00Z
wrong 'no time' -b b-1 -m soc_percent
wrong 'no such battery' -b b-9 -m soc_percent --time 2026-03-01T10:00:00Z
tenant-db annul -t eds -b b-1 -m soc_percent --time 2026-03-01T10:00:00Z \
    2>"$T/err"
is "$? $(cat "$T/err")" '2 tenant-db: --reason is missing' 'no reason'
is "$(db eds 'SELECT count(*) FROM corrections')" $((before + 2)) 'nothing is done'
echo '{}' | tenant-db put --tenant eds corrections 2>/dev/null
is $? 2 'the table cannot be put'

# ---- the audit -------------------------------------------------------------
is "$(db eds "SELECT count(*) FROM audit_logs WHERE event = 'data.annul'")" \
    "$(db eds "SELECT count(*) FROM corrections WHERE action = 'annul'")" \
    'a line of the audit for each'
is "$(db eds 'SELECT line FROM audit_logs WHERE id = 1' |
    jq -c '[.actor, .event, .object, .reason, .before]')" \
    '["anna","data.annul","readings/b-1/2026-03-01T10:20:00.000Z","loose wire",{"temperatures":["24","99"]}]' \
    'with who, what, why and what was there'
like "$(db eds 'SELECT line FROM audit_logs WHERE id = 1')" '"source":"tenant-db unix:' \
    'and who it was to the system'
done_testing
