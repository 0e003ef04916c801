#!/bin/sh
# tenant-db append: nothing lost, nothing doubled, whatever happens. Counts
# and sums come from python and the sqlite3 shell; packed rows are read by a
# reader of our own, written after tenant(5).
. "$(dirname "$0")/lib.sh"

for tenant in a b; do
	tenant-db create --tenant $tenant
	put_fleet $tenant 51.2 16 '1 2 3 4' p
done
cp -R "$TBMS_ROOT" "$T/fresh"
fresh() {
	rm -rf "$TBMS_ROOT"
	cp -R "$T/fresh" "$TBMS_ROOT"
}

# make N [TENANTS]: N readings a device, 10 s apart, values by a formula
cat >"$T/make.py" <<'PY'
import sys
from datetime import datetime, timedelta, timezone
count, tenants = int(sys.argv[1]), sys.argv[2].split(',')
start = datetime(2026, 3, 1, tzinfo=timezone.utc)
for i in range(count):
    t = (start + timedelta(seconds=10 * i)).strftime('%Y-%m-%dT%H:%M:%S.000Z')
    for tenant in tenants:
        for n in 1, 2, 3, 4:
            cells = [3300 + (i * 7 + n * 13 + c * 3) % 40 for c in range(16)]
            print('{"kind":"battery","time":"%s","tenant":"%s",'
                '"device":"d-%d","profile":"p","pack_voltage":%.3f,'
                '"pack_current":%.3f,"cell_voltages":[%s],'
                '"temperatures":[%.2f,null,-5.50],"soc_percent":%.2f,'
                '"operation_mode":"%s","fault_codes":["E%d"],'
                '"data_quality":"good"}' % (t, tenant, n, sum(cells) / 1000,
                (i % 200 - 100) / 10, ','.join('%.3f' % (c / 1000)
                for c in cells), 20 + i % 10, i % 101,
                ('charging', 'discharging', 'idle')[i % 3], i % 4))
PY
make() {
	python3 "$T/make.py" "$1" "${2:-a,b}"
}
# What a tenant's rows must be, and what they are, through tenant-db query
# and, independently, through the packed bytes.
cat >"$T/unpack.py" <<'PY'
# Reads packed rows by tenant(5): edition, tag bits, values in tag order.
import sqlite3, sys
LISTS, TEXTS, TIMES = {3, 13, 29}, {36, 37, 38, 44, 49}, {45}
def unpack(data, time):
    at = 0
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]; at += 1
            value |= (byte & 127) << shift; shift += 7
            if byte < 128: return value
    def zigzag(code): return code >> 1 if code % 2 == 0 else -(code >> 1) - 1
    assert data[0] == 1
    size = data[1]
    tags = [8 * i + b + 1 for i in range(size) for b in range(8)
        if data[2 + i] >> b & 1]
    at, found = 2 + size, {}
    for tag in tags:
        if tag in LISTS:
            items, last = [], 0
            for _ in range(varint()):
                code = varint()
                if code: last += zigzag(code - 1)
                items.append(last if code else None)
            found[tag] = items
        elif tag in TEXTS:
            size = varint(); found[tag] = data[at:at + size].decode(); at += size
        else:
            found[tag] = zigzag(varint()) + (time if tag in TIMES else 0)
    assert at == len(data)
    return found
if __name__ == '__main__':
    base = sqlite3.connect(sys.argv[1])
    n = volt = soc = cells = hot = 0
    for time, packed in base.execute('SELECT time, packed FROM readings'):
        row = unpack(packed, time); n += 1
        volt += row[1]; soc += row[18]; cells += sum(row[3])
        hot += row[13][0]; assert row[13][1] is None and row[13][2] == -550
        assert row[36] in ('["E0"]', '["E1"]', '["E2"]', '["E3"]')
    print(n, volt, soc, cells, hot)
PY
packed() {
	python3 "$T/unpack.py" "$TBMS_ROOT/tenants/$1/tenant.db"
}
wanted() { # N
	python3 - "$1" <<'PY'
import sys
r = range(int(sys.argv[1]))
cells = sum(3300 + (i * 7 + n * 13 + c * 3) % 40
    for i in r for n in (1, 2, 3, 4) for c in range(16))
print(4 * len(r), cells, 4 * sum(i % 101 * 100 for i in r), cells,
    4 * sum((20 + i % 10) * 100 for i in r))
PY
}

# ---- once, twice --------------------------------------------------------
make 300 >"$T/in"
status 0 'append' sh -c 'tenant-db append --all <"$T/in" >"$T/passed"'
same "$T/passed" "$T/in" 'lines go on unchanged and in order'
is "$(packed a)" "$(wanted 300)" 'the packed rows say what the lines said'
is "$(packed b)" "$(wanted 300)" '... of both tenants'
tenant-db query --tenant a 'SELECT battery, timestamp, pack_voltage,
    pack_current, cell_voltages, temperatures, soc_percent, operation_mode,
    fault_codes, data_quality, kind FROM bms_data
    ORDER BY timestamp, battery_id' >"$T/rows"
python3 - "$T/in" "$T/rows" <<'PY'
import json, sys
from datetime import datetime
wanted = []
for line in open(sys.argv[1]):
    r = json.loads(line)
    if r['tenant'] != 'a':
        continue
    t = datetime.fromisoformat(r['time'].replace('Z', '+00:00'))
    wanted.append(['b' + r['device'][1:], int(t.timestamp() * 1000),
        r['pack_voltage'], r['pack_current'], r['cell_voltages'],
        r['temperatures'], r['soc_percent'], r['operation_mode'],
        r['fault_codes'], r['data_quality'], r['kind']])
got = []
for line in open(sys.argv[2]):
    r = json.loads(line)
    for name in 'cell_voltages', 'temperatures', 'fault_codes':
        r[name] = json.loads(r[name])
    got.append(list(r.values()))
sys.exit(got != wanted)
PY
is $? 0 'bms_data shows each row as it was sent'
is "$(tenant-db query --tenant a "SELECT count(*) AS n FROM bms_data
    WHERE cell_voltage_min <> (SELECT min(value) FROM json_each(cell_voltages))
    OR cell_voltage_max <> (SELECT max(value) FROM json_each(cell_voltages))
    OR abs(pack_power - pack_voltage * pack_current) > 0.01
    OR temp_min <> -5.5")" '{"n":0}' 'derived values are derived again'
is "$(tenant-db query --tenant a "SELECT count(*) AS n, sum(battery_id) AS b
    FROM bms_data WHERE battery = 'b-3' AND timestamp > 1772323200000
    AND timestamp <= 1772323300000 AND timestamp >= 1")" '{"n":10,"b":30}' \
    'bms_data by battery and time'
is "$(tenant-db query --tenant a "SELECT timestamp AS t FROM bms_data
    WHERE battery_id = 2 AND timestamp < 1772323200020.5
    ORDER BY timestamp DESC LIMIT 1")" '{"t":1772323200000}' \
    '... downwards, and with an odd bound'
sum_of() {
	db a 'SELECT time, battery_id, kind, gen, quality, hex(packed)
	    FROM readings; SELECT * FROM touched; SELECT * FROM device_state;
	    SELECT * FROM batteries' | cksum
}
before=$(sum_of)
tenant-db append --all <"$T/in" >"$T/passed"
is "$(sum_of)" "$before" 'the same again changes nothing at all'
same "$T/passed" "$T/in" '... and lines go on all the same'
sort -R "$T/in" | tenant-db append --all >"$T/passed"
is "$(sum_of)" "$before" 'nor in another order'
is "$(db a 'SELECT count(*) FROM touched')" 4 'touched: battery and hour'
seq=$(db a 'SELECT max(seq) FROM touched')
head -n 1 "$T/in" | sed 's/"soc_percent":0.00/"soc_percent":1.00/' |
    sed 's/,"data_quality":"good"/,"data_quality":"excellent"/' |
    tenant-db append --all >/dev/null
is "$(db a "SELECT count(*), max(seq) > $seq FROM touched")" '4|1' \
    '... moves forward when something changes'
is "$(db a 'SELECT last_data_at, last_contact_at, communication_errors
    FROM device_state WHERE device_id = 1')" \
    '1772326190000|1772326190000|0' 'when a device was last heard'

# ---- one key, many contents ---------------------------------------------
line() { # GEN QUALITY SOC MORE
	echo "{\"kind\":\"battery\",\"time\":\"2026-04-01T00:00:00.000Z\",\"tenant\":\"a\",\"device\":\"d-1\",\"profile\":\"p\",\"gen\":$1,\"soc_percent\":$3$4,\"data_quality\":\"$2\"}"
}
{
	line 0 good 10.00
	line 0 good 11.00
	line 0 good 10.00 ',"soh_percent":90.00'
	line 0 excellent 9.00
	line 1 poor 8.00
	line 1 poor 7.00
	line 1 fair 5.00
	line 0 excellent 99.00 ',"soh_percent":99.00'
} >"$T/rivals"
winners=
for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	db a "DELETE FROM readings WHERE time = 1775001600000"
	python3 -c 'import random, sys
lines = sys.stdin.readlines()
random.seed(int(sys.argv[1])); random.shuffle(lines)
sys.stdout.writelines(lines)' $seed <"$T/rivals" |
	    tenant-db append --tenant a >/dev/null
	winners="$winners$(tenant-db query --tenant a "SELECT soc_percent AS s,
	    gen FROM bms_data WHERE timestamp = 1775001600000")
"
done
is "$(echo "$winners" | sort -u | grep .)" '{"s":5,"gen":1}' \
    'which content stays does not depend on the order of arrival'
# without generations and quality: the larger row, then the greater bytes
printf '%s\n' "$(line 0 good 10.00)" "$(line 0 good 11.00)" \
    "$(line 0 good 10.00 ',"soh_percent":90.00')" >"$T/three"
results=
for order in '1p;2p;3p' '3p;2p;1p' '2p;1p;3p' '1p;3p;2p'; do
	db a "DELETE FROM readings WHERE time = 1775001600000"
	for n in $(echo "$order" | tr -dc '0-9;' | tr ';' ' '); do
		sed -n "${n}p" "$T/three"
	done | tenant-db append --tenant a >/dev/null
	results="$results $(db a 'SELECT length(packed) FROM readings
	    WHERE time = 1775001600000')"
done
is "$(echo "$results" | tr ' ' '\n' | sort -u | grep -c .)" 1 \
    'the larger row stays'

# ---- bad lines ----------------------------------------------------------
fresh
{
	make 1 a | sed -n 1p
	echo 'rubbish'
	echo '{"kind":"frame","time":"2026-01-01T00:00:00Z","more":1}'
	make 1 a | sed -n 1p | sed 's/d-1/d-9/'
	make 1 a | sed -n 2p | sed 's/3\.3/93.3/'
	make 1 a | sed -n 2p | cut -c 1-200
	make 1 a | sed -n 2p | sed 's/"profile"/"colour":1,"profile"/'
	printf '{"kind":"battery","device":"\377"}\n'
	awk 'BEGIN { for (i = 0; i < 1048600; i++) printf "x"; print "" }'
	make 1 a | sed -n 3p
	make 1 a | sed -n 4p | tr -d '\n'
} >"$T/in"
tenant-db append --all --reject "$T/rejects" <"$T/in" >"$T/passed" 2>"$T/err"
is $? 1 'bad lines are refused'
is "$(db a 'SELECT count(*) FROM readings')" 3 '... and the others stored'
is "$(sed 's/^tenant-db: stdin:\([0-9]*\):.*/\1/' "$T/err" | tr '\n' ' ')" \
    '2 4 5 6 7 8 9 ' '... each named by its line'
like "$(sed -n 2p "$T/err")" 'tenant a has no device d-9' '... with a reason'
is "$(sed -n 1p "$T/rejects")" rubbish '... and kept as it was'
is "$(sed -n 2p "$T/rejects")" "$(sed -n 4p "$T/in")" '... byte by byte'
is "$(wc -l <"$T/passed")" 4 'what was good, and a frame, goes on'
make 1 a | sed 's/2026-03-01/1999-03-01/' | sed -n 1p >"$T/in"
db a 'UPDATE device_batteries SET valid_from = 1000000000000'
status 1 'a time at which the device had no battery' \
    sh -c 'tenant-db append --all <"$T/in" >/dev/null'
status 2 'append for a tenant that is not there' tenant-db append --tenant z
status 2 'append for nobody' tenant-db append
status 2 'append for all and one' tenant-db append --all --tenant a
status 2 'a commit time that is none' tenant-db append --all --commit x

# ---- devices that say nothing, that change their battery ----------------
fresh
for s in 10 20 20 30; do
	echo "{\"kind\":\"status\",\"time\":\"2026-03-01T00:00:$s.000Z\",\"tenant\":\"a\",\"device\":\"d-1\",\"profile\":\"p\",\"error\":\"timeout at $s\"}"
done >"$T/in"
tenant-db append --all <"$T/in" >"$T/passed"
tenant-db append --all <"$T/in" >>"$T/passed"
is "$(db a 'SELECT communication_errors, errors_in_row, last_error_at,
    last_error, last_data_at IS NULL FROM device_state')" \
    '3|3|1772323230000|timeout at 30|1' 'silence is counted, once'
is "$(wc -l <"$T/passed")" 8 '... and goes on'
is "$(db a 'SELECT count(*) FROM readings')" 0 '... and is no reading'
make 5 a | sed -n 17p | tenant-db append --all >/dev/null
is "$(db a 'SELECT errors_in_row, communication_errors FROM device_state')" \
    '0|3' 'an answer ends the row of failures'
fresh
echo '{"device":"d-1","battery":"b-4","valid_from":"2026-03-01T00:00:20Z"}' |
    tenant-db put --tenant a devices
make 4 a | grep d-1 | tenant-db append --all >/dev/null
is "$(db a 'SELECT battery_id, count(*) FROM readings GROUP BY 1' |
    tr '\n' ' ')" '1|2 4|2 ' 'a reading goes to the battery of its time'
mkfifo "$T/fifo"
make 1 a | grep d-2 >"$T/one"
rm -f "$T/passed"
background sh -c \
    'exec tenant-db append --all --commit 100ms <"$T/fifo" >"$T/passed"'
pid=$!
exec 9>"$T/fifo"
cat "$T/one" >&9
wait_for 5 test -s "$T/passed"
is "$(wc -l <"$T/passed")" 1 'a line waits no longer than --commit'
echo '{"device":"new","profile":"p","address":"tcp://h:1","battery":"b-1"}' |
    tenant-db put --tenant a devices
sed 's/d-2/new/; s/2026-03-01/2026-05-01/' "$T/one" >&9
wait_for 5 sh -c "grep -q new '$T/passed'"
is $? 0 'a device that is added while it runs is known'
sed 's/2026-03-01/2026-06-01/' "$T/one" >&9
kill -TERM $pid
exec 9>&-
wait $pid
is $? 0 'SIGTERM: 0'
is "$(db a 'SELECT count(*) FROM readings')" \
    "$((4 + $(wc -l <"$T/passed")))" '... and what went on is stored'

# Two at once, as when what a killed pipeline left ends beside the new one:
# each knew the devices as they were before the other wrote.
fresh
polls() { # SECOND:WHAT...
	for poll; do
		case $poll in
		*:failed) what='"kind":"status"' error=',"error":"'$poll'"' ;;
		*) what='"kind":"battery"' error=',"soc_percent":50.00' ;;
		esac
		echo "{$what,\"time\":\"2026-03-01T00:00:${poll%%:*}.000Z\",\
\"tenant\":\"a\",\"device\":\"d-1\",\"profile\":\"p\"$error}"
	done
}
background sh -c \
    'exec tenant-db append --all --commit 60s <"$T/fifo" >"$T/passed"'
pid=$!
exec 9>"$T/fifo"
polls 10:failed 11:good 20:failed >&9
sleep 0.3
polls 10:failed 11:good 20:failed 30:failed 31:good 40:failed |
    tenant-db append --all >/dev/null
exec 9>&-
wait $pid
is "$(db a "SELECT communication_errors, errors_in_row, last_error,
    strftime('%s', last_error_at / 1000, 'unixepoch'),
    strftime('%s', last_data_at / 1000, 'unixepoch') FROM device_state" |
    sed 's/17723232//g')" '4|1|40:failed|40|31' \
    'two that append the same at once count nothing twice'

# ---- marks --------------------------------------------------------------
fresh
{
	make 2
	echo '{"kind":"mark","segment":7}'
	make 3 | tail -n 8
	echo '{"kind":"mark","segment":8,"sync":true,"wait":["other"]}'
} >"$T/in"
tenant-db append --all <"$T/in" >"$T/passed"
is $? 0 'marks'
same "$T/passed" "$T/in" '... go on in their place'
{
	make 1 | sed 's/"tenant":"b"/"tenant":"nobody"/'
	echo '{"kind":"mark","segment":1}'
	make 1 b
	echo '{"kind":"mark","segment":2}'
} >"$T/in"
tenant-db append --all <"$T/in" >"$T/passed" 2>"$T/err"
is $? 0 'a tenant that is not ours waits'
is "$(grep -c nobody "$T/passed")" 1 '... its lines do not go on'
is "$(grep mark "$T/passed")" \
    '{"kind":"mark","segment":1,"wait":["nobody"]}
{"kind":"mark","segment":2}' '... and only its mark names it'
is "$(grep -c '"tenant":"b"' "$T/passed")" 4 '... the others go on'
make 1 | sed 's/"tenant":"b"/"tenant":"nobody"/' >"$T/in"
status 111 'without a mark that could say so it fails' \
    sh -c 'tenant-db append --all <"$T/in" >/dev/null'
echo '{"kind":"mark","segment":"x"}' >"$T/in"
status 2 'a mark that is none' \
    sh -c 'tenant-db append --all <"$T/in" >/dev/null'
# a mark comes back only when what was before it is in the database
fresh
background sh -c \
    'exec tenant-db append --all --commit 60s <"$T/fifo" >"$T/passed"'
pid=$!
exec 9>"$T/fifo"
make 1 >&9
sleep 0.3
is "$(wc -c <"$T/passed")" 0 'before the commit nothing goes on'
echo '{"kind":"mark","segment":1,"sync":true}' >&9
wait_for 30 grep -q mark "$T/passed"
is "$(db a 'SELECT count(*) FROM readings')" 4 'a mark commits first'
kill -KILL $pid
exec 9>&-
wait $pid 2>/dev/null
is "$(packed a)" "$(wanted 1)" '... and a kill right behind it loses nothing'

# ---- locked, broken, full -----------------------------------------------
cat >"$T/lock.py" <<'PY'
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute('BEGIN EXCLUSIVE')
print('locked', flush=True)
time.sleep(float(sys.argv[2]))
PY
lock() { # TENANT SECONDS
	: >"$T/locked"
	python3 "$T/lock.py" "$TBMS_ROOT/tenants/$1/tenant.db" "$2" \
	    >"$T/locked" &
	pids="$pids $!"
	wait_for 30 grep -q locked "$T/locked"
}
fresh
make 50 >"$T/in"
lock a 1
status 0 'a lock that goes away is waited for' \
    sh -c 'tenant-db append --all <"$T/in" >/dev/null'
is "$(packed a)" "$(wanted 50)" '... and all is stored'
fresh
lock a 120
locker=$!
status 111 'a lock that stays: try again' \
    sh -c 'tenant-db append --all <"$T/in" >"$T/passed"'
like "$(cat "$T/err")" 'tenant a: .*database is locked' '... which says so'
is "$(grep -c '"tenant":"a"' "$T/passed")" 0 '... nothing of it goes on'
is "$(packed b)" "$(wanted 50)" '... and the other tenant is stored'
{
	cat "$T/in"
	echo '{"kind":"mark","segment":1}'
} >"$T/marked"
tenant-db append --all <"$T/marked" >"$T/passed" 2>"$T/err"
is "$?$(tail -n 1 "$T/passed")" \
    '0{"kind":"mark","segment":1,"wait":["a"]}' 'a locked tenant is named'
kill $locker
wait $locker 2>/dev/null
is "$(db a 'SELECT count(*) FROM readings')" 0 'nothing of it was half-done'
tenant-db append --all <"$T/in" >/dev/null
is "$(packed a)" "$(wanted 50)" 'fed again it is whole'
fresh
python3 - "$TBMS_ROOT/tenants/a/tenant.db" <<'PY'
import sys
with open(sys.argv[1], 'r+b') as f:
    f.write(b'no database at all')
PY
status 2 'a file that is no database' \
    sh -c 'tenant-db append --tenant a <"$T/in" >/dev/null'
tenant-db append --all <"$T/marked" >"$T/passed" 2>"$T/err"
is "$?$(tail -n 1 "$T/passed")" \
    '2{"kind":"mark","segment":1,"wait":["a"]}' '... beside others: named'
is "$(packed b)" "$(wanted 50)" '... and the others go on'

# ---- kill at any moment -------------------------------------------------
fresh
make 1500 >"$T/in"
python3 - "$T/in" >"$T/kills" <<'PY'
import random, subprocess, sys, time
random.seed(5)
data = open(sys.argv[1], 'rb').read().splitlines(keepends=True)
kills = 0
for _ in range(25):
    p = subprocess.Popen(['tenant-db', 'append', '--all', '--commit', '10ms'],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    stop = time.monotonic() + random.uniform(0.001, 0.06)
    try:
        for at in range(0, len(data), 200):
            p.stdin.write(b''.join(data[at:at + 200]))
            p.stdin.flush()
            if time.monotonic() > stop:
                break
    except BrokenPipeError:
        pass
    p.kill()
    kills += p.wait() == -9
print(kills)
PY
like "$(cat "$T/kills")" '^(1[5-9]|2[0-5])$' 'killed many times on the way'
is "$(db a 'PRAGMA integrity_check; SELECT count(*) FROM readings
    WHERE NOT EXISTS (SELECT 1 FROM touched t WHERE t.battery_id =
    readings.battery_id AND t.hour = time - time % 3600000)')" 'ok
0' 'each reading that is there is touched'
status 0 'fed once more' sh -c 'tenant-db append --all <"$T/in" >/dev/null'
is "$(packed a) $(packed b)" "$(wanted 1500) $(wanted 1500)" \
    'nothing lost, nothing doubled'

# ---- a full disk --------------------------------------------------------
cat >"$T/full.sh" <<'SH'
mount -t tmpfs -o size=1400k tmpfs "$TBMS_ROOT" || exit 77
cp -R "$T/fresh/." "$TBMS_ROOT/" || exit 77
tenant-db append --tenant a <"$T/in" >"$T/passed" 2>"$T/err"
echo $? >"$T/full.status"
cp "$TBMS_ROOT/tenants/a/"* "$T/full/"
mount -o remount,size=64m "$TBMS_ROOT" || exit 77
tenant-db append --tenant a <"$T/in" >/dev/null 2>>"$T/err"
echo $? >>"$T/full.status"
tenant-db query --tenant a 'SELECT count(*) AS n FROM bms_data' \
    >>"$T/full.status"
SH
mkdir "$T/full"
make 4000 a >"$T/in"
export T
if unshare -m sh "$T/full.sh" 2>"$T/full.err"; then
	is "$(sed -n 1p "$T/full.status")" 111 'a full disk: try again'
	like "$(cat "$T/err")" 'full|I/O' '... which says so'
	n=$(sqlite3 "$T/full/tenant.db" 'SELECT count(*) FROM readings')
	is "$n" "$(wc -l <"$T/passed")" \
	    'what went on is stored, and nothing of half a batch'
	is "$(sed -n 2,3p "$T/full.status")" '0
{"n":16000}' 'with room again, all of it'
else
	skip "no mount here: $(head -n 1 "$T/full.err")" 'a full disk'
fi
tenant-db append --all <"$T/one" >/dev/full 2>"$T/err"
is $? 111 'a full disk behind standard output'

# ---- one tenant only ----------------------------------------------------
fresh
make 2 a >"$T/in"
# the sanitizer's search for leaks is a tracer too
export ASAN_OPTIONS=detect_leaks=0
if strace -f -o "$T/trace" true 2>/dev/null; then
	strace -f -e trace=%file,landlock_restrict_self -o "$T/trace" \
	    tenant-db append --tenant a <"$T/in" >/dev/null
	is "$(grep -Ec 'tenants/b|access.db|core.db|/keys' "$T/trace")" 0 \
	    'append --tenant a looks at nothing of others'
	is "$(grep -E 'open|creat' "$T/trace" | grep -v ENOENT |
	    grep -vE '/(lib|etc|usr|proc|dev)["/]|/tenants/a["/]' | grep -c '"')" \
	    0 '... and opens nothing else'
else
	skip 'strace does not work here' 'what is opened'
fi
done_testing
