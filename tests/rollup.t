#!/bin/sh
# History beside an independent rollup (rollup.py), over a change of clocks
# in three zones; days of 23 and 25 hours; late data; a real discharge.
. "$(dirname "$0")/lib.sh"

fresh() {
	rm -rf "$TBMS_ROOT"
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone America/Toronto
	put_zones eds '{"pack_voltage":0,"soc_percent":0,"soh_percent":0,"cell_voltages":0,"temperatures":0,"stuck":false,"sign":false}'
}
append() {
	tenant-db append --tenant eds >/dev/null
}
history() {
	sqlite3 -csv -header "$TBMS_ROOT/tenants/eds/tenant.db" "SELECT
	    b.slug, h.* FROM history_rows h JOIN batteries b
	    ON b.id = h.battery_id ORDER BY b.slug, period_type,
	    period_start" | cut -d , -f 1,3-
}
cells() {
	tenant-export --tenant eds --format csv cell_history
}
# without the column that tells when a row was made
contents() {
	history | python3 -c '
import csv, sys
rows = list(csv.reader(sys.stdin))
at = rows[0].index("created_at")
for row in rows:
    print(*(row[:at] + row[at + 1:]), sep=",")'
	cells
}
query() {
	sqlite3 "$TBMS_ROOT/tenants/eds/tenant.db" "$1"
}

fresh
python3 "$TESTS/rollup.py" make 7 2026-10-24 10 1 >"$T/in"
append <"$T/in"
status 0 'rollup' rollup --tenant eds
history >"$T/history"
cells >"$T/cells"
python3 "$TESTS/rollup.py" check "$T/in" "$T/history" 100 "$T/cells" \
    >"$T/report"
ok $? 'all values are those of the independent rollup'
sed 's/^/# /' "$T/report" | tail -n 5
contents >"$T/first"

is "$(rollup -v --tenant eds)" \
    '{"kind":"rollup-run","tenant":"eds","changes":0,"rows":0}' \
    'a second run finds nothing to do'
rollup --rebuild --tenant eds
contents >"$T/second"
same "$T/second" "$T/first" '--rebuild comes to the same'
tenant-db seal --tenant eds --now 2026-10-30T12:00:00Z
rollup --rebuild --tenant eds
contents >"$T/second"
same "$T/second" "$T/first" 'half of them sealed: the same'
tenant-db seal --tenant eds --now 2026-11-04T12:00:00Z
rollup --rebuild --tenant eds
contents >"$T/second"
same "$T/second" "$T/first" 'all of them sealed: the same'

# killed again and again
for wait in 003 005 008 010 012 015 020 030 040; do
	timeout -s KILL 0.$wait rollup --rebuild --tenant eds
done 2>/dev/null
rollup --tenant eds
contents >"$T/second"
same "$T/second" "$T/first" 'nine kills leave no trace'

# in pieces, out of order, each fed twice, a run after each
fresh
split -n r/7 "$T/in" "$T/piece."
for piece in "$T"/piece.*; do
	append <"$piece"
	rollup --all
	append <"$piece"
done
rollup --all
contents >"$T/second"
same "$T/second" "$T/first" 'late data in seven pieces come to the same'

is "$(query "SELECT (period_end - period_start) / 3600000, count(*)
    FROM history_rows WHERE period_type = 'daily' AND zone =
    'Europe/Paris' GROUP BY 1")" '24|10
25|1' 'a day of 25 hours'
is "$(query "SELECT DISTINCT period_start / 60000 % 60 FROM
    history_rows WHERE period_type = 'hourly' AND zone =
    'Asia/Kathmandu'")" 15 'hours of Kathmandu begin at a quarter past'
is "$(query "SELECT count(*) FROM history_rows WHERE period_type =
    'weekly' AND strftime('%w %H', period_start / 1000, 'unixepoch') NOT IN
    ('0 22', '0 23', '1 04', '1 05', '0 18', '0 13')")" 0 'weeks begin on Monday'
query "SELECT count(*) FROM history_rows WHERE period_type = 'monthly'" \
    >"$T/months"
is "$(cat "$T/months")" 8 'two months for each battery'

# a place that turns out to be elsewhere
query "UPDATE locations SET timezone = CASE slug WHEN 'paris' THEN
    'America/Vancouver' ELSE 'Pacific/Auckland' END WHERE slug IN ('paris', 'ktm', 'lhi')"
rollup --rebuild --tenant eds
is "$(query "SELECT count(*) FROM history_rows a JOIN history_rows b
    ON a.battery_id = b.battery_id AND a.period_type = b.period_type AND
    a.period_start < b.period_start AND a.period_end > b.period_start")" 0 \
    'periods of another zone leave nothing behind'
is "$(query "SELECT group_concat(zone, ' ') FROM (SELECT DISTINCT zone FROM
    history_rows ORDER BY 1)")" \
    'America/Toronto America/Vancouver Pacific/Auckland' 'and say their zone'
is "$(query "SELECT count(DISTINCT n) FROM (SELECT
    sum(data_points_count) AS n FROM history_rows GROUP BY battery_id,
    period_type)")" 4 'each period type counts the same readings'

# an unknown zone
query "UPDATE locations SET timezone = 'Mars/Olympus' WHERE slug = 'ktm'"
status 2 'an unknown zone is a wrong configuration' rollup --tenant eds
like "$(cat "$T/err")" 'Mars/Olympus' 'and is named'

# mixed and in three pieces with a run after each: a
# leap year's February, changes of clocks, the week in which a year ends, any
# long SEED FIRST-DAY DAYS PACE
long() {
	fresh
	python3 "$TESTS/rollup.py" make "$1" "$2" "$3" "$4" >"$T/in"
	rm -f "$T"/late.*
	shuf --random-source="$T/in" "$T/in" >"$T/mixed"
	split -n l/3 "$T/mixed" "$T/late."
	for piece in "$T"/late.*; do
		append <"$piece"
		rollup --tenant eds
	done
	history >"$T/history"
	cells >"$T/cells"
	python3 "$TESTS/rollup.py" check "$T/in" "$T/history" 100 "$T/cells" \
    >"$T/report"
	ok $? "$3 days from $2 are those of the independent rollup"
	sed 's/^/# /' "$T/report" | tail -n 5
	contents >"$T/first"
	rollup --rebuild --tenant eds
	contents >"$T/second"
	same "$T/second" "$T/first" 'and --rebuild comes to the same'
}
long 11 2028-01-30 66 12
is "$(query "SELECT DISTINCT (period_end - period_start) / 3600000 FROM
    history_rows WHERE period_type = 'monthly' AND zone LIKE '%Toronto'
    AND date(period_start / 1000, 'unixepoch') BETWEEN '2028-02-01' AND
    '2028-03-01'")" "$((29 * 24))
$((31 * 24 - 1))" 'February of a leap year, March with an hour less'
long 13 2026-03-25 16 1
is "$(query "SELECT (period_end - period_start) / 60000, count(*) FROM
    history_rows WHERE period_type = 'daily' AND zone != 'America/Toronto'
    GROUP BY 1" | grep -v '^1440|')" '1380|1
1470|1' 'a day of 23 hours, and one of 24 hours and a half'
long 12 2026-12-20 20 3
is "$(query "SELECT date((period_start + 5 * 3600000) / 1000, 'unixepoch'),
    (period_end - period_start) / 3600000, zone FROM history_rows
    WHERE period_type = 'weekly' AND zone LIKE '%Toronto' LIMIT 2" |
    grep -c '|168|America/Toronto')" 2 'weeks across the end of a year'
seed=${SEED:-$(date +%s)}
echo "# SEED=$seed"
long "$seed" "$(python3 -c '
import random, sys
r = random.Random(int(sys.argv[1]))
print("20%02d-%02d-%02d" % (r.randint(0, 36), r.randint(1, 12),
    r.randint(1, 28)))' "$seed")" 40 8

fresh
python3 "$TESTS/rollup.py" make 5 2026-10-24 5 1 >"$T/in"
append <"$T/in"
rollup --tenant eds
contents >"$T/first"

# readings, and then hours, that were taken away by age: what was made of
# them stays, whatever comes late and with --rebuild
edge=1793145600000 # three days in
query "INSERT INTO retained SELECT id, 'readings', $edge FROM batteries;
    DELETE FROM readings WHERE time < $edge"
rollup --rebuild --tenant eds
contents >"$T/second"
same "$T/second" "$T/first" 'history outlives its readings'
query "INSERT INTO retained SELECT id, 'hourly', $edge FROM batteries;
    DELETE FROM history_rows WHERE period_type = 'hourly' AND
    period_start < $edge"
head -n 5 "$T/in" | sed 's/:[0-9][0-9]\.[0-9]*Z/:59.999Z/' | append
rollup --tenant eds
rollup --rebuild --tenant eds
contents >"$T/second"
grep -v ',hourly,' "$T/first" >"$T/days"
grep -v ',hourly,' "$T/second" >"$T/later"
same "$T/later" "$T/days" 'and days outlive their hours'

# a gap is a gap, and its limit can be told
fresh
printf '{"kind":"battery","time":"2026-03-01T%s:00.000Z","tenant":"eds","device":"d-tor","profile":"p","pack_voltage":50.000,"pack_current":10.000,"operation_mode":"charging"}\n' \
    10:00 10:10 10:40 10:50 | append
rollup --tenant eds
is "$(query "SELECT round(energy_charged_wh, 3), time_covered,
    time_charging, data_points_count FROM history_rows
    WHERE period_type = 'hourly'")" '166.667|20.0|20.0|4' \
    '20 of 50 minutes are covered'
rollup --rebuild --gap 30m --tenant eds
is "$(query "SELECT round(energy_charged_wh, 3), time_covered FROM
    history_rows WHERE period_type = 'hourly'")" '416.667|50.0' \
    '--gap 30m covers them all'

# what a reading was told to be by better ones is counted anew
printf '{"kind":"battery","time":"2026-03-01T10:10:00.000Z","tenant":"eds","device":"d-tor","profile":"p","gen":1,"pack_voltage":50.000,"pack_current":-10.000,"operation_mode":"discharging"}\n' |
    append
rollup --tenant eds
is "$(query "SELECT round(energy_charged_wh, 3),
    round(energy_discharged_wh, 3) FROM history_rows WHERE period_type
    = 'hourly'")" '104.167|20.833' 'a replayed reading re-opens its hour'

# energy readings, by where the energy goes; sources take turns
fresh
while read -r minute source power; do
	printf '{"kind":"energy","time":"2026-03-01T10:%s:00.000Z","tenant":"eds","device":"d-tor","profile":"p","source_type":"%s","power_w":%s}\n' \
	    "$minute" "$source" "$power"
done <<X | append
00 production 600.00
01 grid_import 0.00
10 production 1200.00
11 grid_import 600.00
X
rollup --tenant eds
is "$(query "SELECT energy_production_wh, energy_grid_import_wh,
    energy_charged_wh, time_covered, power_max FROM history_rows
    WHERE period_type = 'daily'")" '150.0|50.0||11.0|1200.0' \
    'energy by source'

# the discharges of a real cell; Ah and Wh by another's trapezoid
nasa=$CAPTURES/cycling/nasa-B0005.csv
if [ -f "$nasa" ]; then
	fresh
	cat >"$T/nasa.py" <<'PY'
import csv, json, sys
from datetime import datetime, timedelta, timezone
# a discharge every 3 hours from the start of one
start = datetime(2026, 5, 1, tzinfo=timezone.utc)
if sys.argv[1] == 'make':
    for r in csv.DictReader(open(sys.argv[2])):
        t = start + timedelta(hours=3 * (int(r['cycle_idx']) - 1),
            milliseconds=round(float(r['Time']) * 1000))
        print(json.dumps({'kind': 'battery', 'time':
            t.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' %
            (t.microsecond // 1000), 'tenant': 'eds', 'device': 'd-tor',
            'profile': 'p', 'pack_voltage':
            round(float(r['Voltage_measured']), 3), 'pack_current':
            round(float(r['Current_measured']), 3)}))
else:
    wanted = json.load(open(sys.argv[2]))['per_cycle']
    got = {}
    for r in csv.DictReader(sys.stdin):
        t = int(r['period_start']) / 1000 - start.timestamp()
        wh, cycles = got.get(int(t // 10800) + 1, (0, 0))
        got[int(t // 10800) + 1] = (
            wh + float(r['energy_charged_wh']) -
            float(r['energy_discharged_wh']),
            cycles + float(r['partial_cycles'] or 0))
    bad = 0
    for w in wanted:
        wh, cycles = got[w['cycle']]
        # mV, mA and cW: 1/2000 of the values, at the least
        if abs(wh / w['energy_Wh_trapezoid_all'] - 1) > 2e-3 or \
                abs(cycles * 200 / abs(w['charge_Ah_trapezoid_all']) - 1) \
                > 3e-2:
            bad += 1
            print('# cycle', w, wh, cycles * 200)
    print('# %d discharges' % len(wanted))
    sys.exit(bad > 0 or len(wanted) < 160)
PY
	python3 "$T/nasa.py" make "$nasa" | append
	rollup --gap 30m --tenant eds
	sqlite3 -csv -header "$TBMS_ROOT/tenants/eds/tenant.db" "SELECT *
	    FROM history_rows WHERE period_type = 'hourly'" |
	    python3 "$T/nasa.py" check "$nasa.expected.json" >"$T/report"
	ok $? 'energy and charge of 168 discharges of NASA B0005'
	tail -n 5 "$T/report"
else
	skip "no $nasa" 'the discharges of a real cell'
fi

# hours that a replay has taken all readings of
db=$TBMS_ROOT/tenants/eds/tenant.db
sqlite3 "$db" "CREATE TEMP TABLE h AS SELECT battery_id, start FROM cell_rows
    WHERE period = 0 ORDER BY start DESC LIMIT 3;
    INSERT OR REPLACE INTO touched (battery_id, hour)
    SELECT DISTINCT battery_id, time - time % 3600000 FROM readings
    WHERE EXISTS (SELECT 1 FROM h WHERE h.battery_id = readings.battery_id
    AND abs(h.start - time) < 10800000);
    DELETE FROM readings WHERE EXISTS (SELECT 1 FROM h
    WHERE h.battery_id = readings.battery_id
    AND abs(h.start - time) < 10800000)"
left="SELECT count(*) FROM cell_rows c WHERE period = 0 AND NOT EXISTS
    (SELECT 1 FROM history_rows h WHERE h.battery_id = c.battery_id
    AND h.period_type = 'hourly' AND h.period_start = c.start)"
rollup --tenant eds
is "$(sqlite3 "$db" "$left")" 0 'an hour of which no reading is left keeps no cells'

status 2 'neither --tenant nor --all' rollup
status 2 'an unknown tenant' rollup --tenant nobody
status 2 'a gap that is none' rollup --gap soon --tenant eds
done_testing
