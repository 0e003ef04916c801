#!/bin/sh
# Exports beside what python's own csv and json make of the same readings.
. "$(dirname "$0")/lib.sh"

one() {
	tenant-db put --tenant eds "$1"
}
tenant-db create --tenant eds --timezone America/Toronto
one battery_types <<'X'
{"slug":"t","name":"=cmd|' /C calc'!A0","chemistry":"lfp","nominal_voltage":48.5,"capacity_ah":100,"capacity_wh":4800,"cell_count":4,"plausibility":{"pack_voltage":0,"soc_percent":0,"soh_percent":0,"cell_voltages":0,"temperatures":0,"stuck":false,"sign":false}}
X
one locations <<'X'
{"slug":"north","name":"N"}
{"slug":"ktm","name":"-2+3","timezone":"Asia/Kathmandu","latitude":-27.5}
X
one batteries <<'X'
{"slug":"b-1","serial_number":"1","name":"a, \"b\"","battery_type":"t","location":"north","notes":"+1\n2"}
{"slug":"b-2","serial_number":"2","name":"＝1+1","battery_type":"t","location":"ktm"}
X
for n in 1 2; do
	echo "{\"device\":\"d-$n\",\"profile\":\"p\",\"address\":\"can://c$n\",\"battery\":\"b-$n\"}"
done | one devices
python3 - >"$T/in" <<'PY'
import json, random
rnd = random.Random(5)
for i in range(5000):
    t = 1793505600000 + i * 7001      # 2026-11-01, clocks change at 06:00
    s, ms = divmod(t, 1000)
    import datetime
    r = {'kind': 'battery', 'time': datetime.datetime.fromtimestamp(s,
        datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S') + '.%03dZ' % ms,
        'tenant': 'eds', 'device': 'd-%d' % (i % 2 + 1), 'profile': 'p',
        'pack_voltage': round(rnd.uniform(0, 60), 3),
        'pack_current': round(rnd.uniform(-90, 90), 3),
        'soc_percent': round(rnd.uniform(0, 100), 2),
        'balancing_active': rnd.random() < 0.5,
        'operation_mode': rnd.choice(['idle', 'charging'])}
    if i % 3 == 0:
        r['cell_voltages'] = [round(rnd.uniform(2, 4), 3), None, 3.5]
    if i % 5 == 0:
        r['fault_codes'] = ['=E7', 'a,"b"']
    print(json.dumps(r, ensure_ascii=False, separators=(',', ':')))
PY
tenant-db append --tenant eds <"$T/in" >/dev/null
rollup --tenant eds

cat >"$T/check.py" <<'PY'
import csv, json, sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
source = [json.loads(l) for l in open(sys.argv[1])]
source.sort(key=lambda s: (s['device'], s['time']))
rows = list(csv.DictReader(open(sys.argv[2], newline='')))
zones = {'b-1': ZoneInfo('America/Toronto'),
    'b-2': ZoneInfo('Asia/Kathmandu')}
assert len(rows) == len(source), len(rows)
for r, s in zip(rows, source):
    b = 'b-' + s['device'][2:]
    assert r['battery'] == b and r['time [UTC]'] == s['time']
    t = datetime.strptime(s['time'], '%Y-%m-%dT%H:%M:%S.%fZ').replace(
        tzinfo=timezone.utc).astimezone(zones[b])
    assert r['time_local'] == t.isoformat(timespec='milliseconds'), r
    assert r['pack_voltage [V]'] == '%.3f' % s['pack_voltage']
    assert r['pack_current [A]'] == '%.3f' % s['pack_current']
    assert r['soc_percent [%]'] == '%.2f' % s['soc_percent']
    assert r['balancing_active'] == str(int(s['balancing_active']))
    assert r['operation_mode'] == s['operation_mode']
    for name, unit in (('cell_voltages', ' [V]'), ('fault_codes', '')):
        got = r[name + unit]
        assert (json.loads(got) if got else None) == s.get(name), got
PY
tenant-export --tenant eds --local readings >"$T/csv"
python3 "$T/check.py" "$T/in" "$T/csv"
ok $? 'readings as CSV: 5000 rows, each value, local times'

tenant-export --tenant eds --format ndjson readings >"$T/ndjson"
python3 - "$T/in" "$T/ndjson" <<'PY'
import json, sys
a = [json.loads(l) for l in open(sys.argv[1])]
a.sort(key=lambda s: (s['device'], s['time']))
b = [json.loads(l) for l in open(sys.argv[2])]
assert len(a) == len(b)
for x, y in zip(a, b):
    for name in x:
        if name not in ('device', 'profile'):
            assert x[name] == y[name], (x, y)
PY
ok $? 'and as NDJSON'
before=$(tenant-db query --tenant eds 'SELECT max(seq) AS n FROM touched')
tenant-db append --tenant eds <"$T/ndjson" >/dev/null
is "$? $(tenant-db query --tenant eds 'SELECT max(seq) AS n FROM touched')" \
    "0 $before" 'which append takes back, and nothing is new to it'

is "$(tenant-export --tenant eds --battery b-2 --from 2026-11-01T04:10:00Z \
    --to 2026-11-01T04:20:00Z readings | sed 1d | cut -d , -f 1 | sort |
    uniq -c | tr -s ' ')" "$(python3 -c '
n = sum(1 for i in range(5000) if i % 2 == 1 and
    1793506200000 <= 1793505600000 + i * 7001 < 1793506800000)
print(" %d b-2" % n)')" '--battery, --from and --to'
is "$(tenant-export --tenant eds -b b-2 -b b-1 readings | sed 1d |
    cut -d , -f 1 | uniq | tr '\n' ' ')" 'b-2 b-1 ' \
    'batteries come one after the other'

tenant-export --tenant eds history >"$T/history"
python3 - "$T/history" "$TBMS_ROOT/tenants/eds/tenant.db" <<'PY'
import csv, sqlite3, sys
from datetime import datetime
rows = list(csv.DictReader(open(sys.argv[1], newline='')))
db = sqlite3.connect('file:%s?mode=ro' % sys.argv[2], uri=True)
db.row_factory = sqlite3.Row
want = db.execute("SELECT * FROM history_rows ORDER BY battery_id,"
    " period_type, period_start").fetchall()
assert len(rows) == len(want) > 20
times = 0
for r, w in zip(rows, want):
    assert r['period'] == w['period_type'] and r['zone'] == w['zone']
    for name, text in r.items():
        name = name.split(' ')[0]
        if name in w.keys():
            v = w[name]
            assert (text == '') == (v is None), (name, text, v)
            if v is not None and name.endswith('_time'):
                assert text.endswith('Z') and v == round(
                    datetime.fromisoformat(text).timestamp() * 1000), text
                times += 1
            elif v is not None and name != 'zone':
                assert abs(float(text) - v) <= 0.051, (name, text, v)
assert times > 20
assert {w['period_type'] for w in want} == {'hourly', 'daily', 'weekly',
    'monthly'}
PY
ok $? 'history holds what the table holds'
is "$(tenant-export --tenant eds --period daily -f ndjson history |
    jq -r '.kind + " " + .battery + " " + .period + " " + .start' |
    head -n 1)" 'rollup b-1 daily 2026-11-01T04:00:00.000Z' \
    '--period, NDJSON'

is "$(tenant-export --tenant eds batteries | cut -d , -f 1-7 | head -n 2 |
    tail -n 1)" 'b-1,1,,"a, ""b""",t,north' 'a table, quoted'
python3 - "$T" <<'PY'
import csv, subprocess
def rows(*args):
    text = subprocess.run(['tenant-export', '--tenant', 'eds', *args],
        stdout=subprocess.PIPE, check=True).stdout.decode()
    return list(csv.DictReader(text.splitlines(True)))
b = rows('batteries')
assert b[0]['notes'] == "'+1\n2", b[0]
assert b[1]['name'] == "'＝1+1", b[1]
assert rows('battery_types')[0]['name'] == "'=cmd|' /C calc'!A0"
place = rows('locations')[0]
assert place['name'] == "'-2+3" and place['latitude'] == '-27.5', place
assert rows('--raw', 'locations')[0]['name'] == '-2+3'
PY
ok $? 'text that looks like a formula is defused; numbers stay numbers'
is "$(tenant-export --bom --tenant eds locations | head -c 8 | od -An -c |
    tr -d ' ')" '357273277slug,' '--bom'
for table in alerts alert_rules custom_field_values maintenance_logs \
    suspects; do
	status 0 "table $table" tenant-export --tenant eds $table
done
is "$(tenant-export --tenant eds fault_events | sed -n 2p | cut -d , -f 1-3)" \
    "b-1,fault,'=E7" 'faults with their beginning'
is "$("$B/bin/export" -h)" \
    "$(tenant-export -h)" 'export and tenant-export are one'

tenant-export --tenant eds readings | head -n 1 >/dev/null
status 2 'a secret table' tenant-export --tenant eds users
status 2 'an unknown battery' tenant-export --tenant eds -b x readings
status 2 'an unknown format' tenant-export --tenant eds -f xml readings
status 2 'an unknown tenant' tenant-export --tenant nobody readings
status 2 'two tenants' tenant-export --tenant eds --tenant eds readings
if [ -w /dev/full ]; then
	tenant-export --tenant eds readings >/dev/full 2>"$T/err"
	is $? 111 'a full disk'
fi
done_testing
