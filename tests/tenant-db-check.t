#!/bin/sh
# Each kind of damage is found and named; what is fine is fine.
. "$(dirname "$0")/lib.sh"
. "$TESTS/backup.sh"

D=$TBMS_ROOT/tenants/eds/tenant.db
make_tenant eds
db eds 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp -R "$TBMS_ROOT" "$T/good"
again() {
	rm -rf "$TBMS_ROOT"
	cp -R "$T/good" "$TBMS_ROOT"
}
# wrong PATTERN NAME: the check says so, in one line that matches
wrong() {
	tenant-db check --tenant eds >"$T/out" 2>"$T/err"
	is "$?" 1 "$2: status 1"
	like "$(cat "$T/err")" "^tenant-db: tenant eds: .*$1" "$2: is named"
	again
}

tenant-db check --all -v >"$T/out" 2>"$T/err"
is "$?" 0 'a database that is whole'
is "$(cat "$T/err")" '' 'without a word'
is "$(jq -c '[.tenant, .wrong, .batteries, .fresh, .blocks, .sealed]' \
    "$T/out")" "$(db eds "SELECT json_array('eds', 0,
    (SELECT count(*) FROM batteries), (SELECT count(*) FROM readings),
    count(*), sum(count)) FROM blocks")" 'its counts are those of sqlite3'
ok "$(jq 'if .fresh > 0 and .blocks > 2 then 0 else 1 end' "$T/out")" \
    'fresh rows and blocks are there'

# flips TABLE NAMED COUNT SEED: one bit of a block, at places all over it; says
# what the check has not found
flips() {
	python3 - "$D" "$@" 2>&1 <<'PY'
import random, sqlite3, subprocess, sys
file, table, named, count, seed = sys.argv[1:]
rng = random.Random(int(seed))
db = sqlite3.connect(file)
blocks = db.execute('SELECT id, data FROM ' + table).fetchall()
change = 'UPDATE %s SET data = ? WHERE id = ?' % table
for i in range(int(count)):
    key, data = rng.choice(blocks)
    at = rng.randrange(len(data)) if i > 5 else i
    bad = bytearray(data)
    bad[at] ^= 1 << rng.randrange(8)
    db.execute(change, (bytes(bad), key))
    db.commit()
    got = subprocess.run(['tenant-db', 'check', '--tenant', 'eds'],
        capture_output=True, text=True)
    if got.returncode != 1 or '%s %d ' % (named, key) not in got.stderr:
        print('byte', at, 'of', key, got)
    db.execute(change, (data, key))
    db.commit()
PY
}
is "$(flips blocks block 40 5)" '' '40 flipped bits in blocks are all found'
status 0 'and without them all is fine' tenant-db check --tenant eds
again

one='(SELECT min(id) FROM blocks)'
db eds "UPDATE blocks SET first = first + 1 WHERE id = $one"
wrong 'block [0-9]* of battery 1: first ' 'the first time of a block'
db eds "UPDATE blocks SET last = last - 1 WHERE id = $one"
wrong 'block [0-9]* of battery 1: last ' 'the last time of a block'
db eds "UPDATE blocks SET count = count + 1 WHERE id = $one"
wrong 'block [0-9]* of battery 1: count ' 'the count of a block'
db eds "UPDATE blocks SET id = id + 1 WHERE id = $one"
wrong 'block [0-9]* of battery 1: its key ' 'the key of a block'
db eds "UPDATE blocks SET id = id + (99 << 32) WHERE id = $one"
wrong 'block [0-9]* of battery 100: there is no such battery' \
    'a block of nobody'
db eds "INSERT INTO blocks SELECT id + 1, first, last, count, data
    FROM blocks WHERE id = $one"
wrong 'block [0-9]* of battery 1: begins in the time' 'the same block twice'
db eds "INSERT INTO readings (time, battery_id, kind, gen, quality, packed)
    SELECT (SELECT first + 1 FROM blocks WHERE id = $one), 1, kind, gen,
    quality, packed FROM readings LIMIT 1"
wrong 'block [0-9]* of battery 1: a fresh reading .*2026-03-01T' \
    'a fresh row among sealed ones'
db eds 'UPDATE readings SET packed = substr(packed, 1, 5)
    WHERE time = (SELECT max(time) FROM readings)'
wrong 'reading of battery [0-9] at 2026-.*: a packed reading is damaged' \
    'a fresh row that was cut'
db eds 'UPDATE readings SET battery_id = 77
    WHERE time = (SELECT max(time) FROM readings)'
wrong 'reading of battery 77 at .*: there is no such battery' \
    'a fresh row of nobody'
db eds 'UPDATE batteries SET location_id = 4711 WHERE id = 2'
wrong 'table batteries: row 2: no such row of locations' 'a reference'
db eds "UPDATE client SET slug = 'other'"
wrong 'table client: is tenant other' "another tenant's database"
db eds "UPDATE client SET slug = 'other'"
status 2 'whose rows nobody is shown' tenant-db get --tenant eds batteries
like "$(cat "$T/err")" 'its tenant.db is that of tenant other$' 'which is said'
again
chmod 644 "$D"
wrong 'tenant.db: others than its owner' 'a file that all may read'
chmod 755 "$TBMS_ROOT/tenants/eds"
wrong 'tenants/eds: others than its owner' 'a folder that all may read'
python3 - "$D" <<'PY'
import sqlite3, sys
page = sqlite3.connect(sys.argv[1]).execute("SELECT rootpage FROM"
    " sqlite_schema WHERE name = 'touched'").fetchone()[0]
size = sqlite3.connect(sys.argv[1]).execute('PRAGMA page_size').fetchone()[0]
with open(sys.argv[1], 'r+b') as f:
    f.seek((page - 1) * size)
    f.write(bytes(64))
PY
wrong 'file: ' 'a page that was overwritten'
head -c 8192 "$D" >"$T/cut" && cat "$T/cut" >"$D"
wrong '' 'a file that was cut'
printf 'this is no database, whatever its name may be' >"$D"
wrong 'tenant.db: file is not a database' 'a file that is no database'

# a restore that takes its place is killed when it has left the log: what was
# begun then is taken back by who comes next
python3 - "$D" <<'PY'
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA journal_mode = DELETE').fetchall()
db.execute('PRAGMA cache_size = 1')
db.execute('BEGIN')
db.execute('DELETE FROM blocks')
db.execute('CREATE TABLE x AS SELECT randomblob(9999) FROM pragma_table_list')
os._exit(0)
PY
[ -s "$D-journal" ]
ok $? 'a change that was cut off'
status 0 'who reads takes it back' tenant-db check --tenant eds
again
db eds 'PRAGMA user_version = 99'
status 2 'a schema that is too new is no damage' tenant-db check --tenant eds
again
status 2 'a tenant that is not there' tenant-db check --tenant nobody
make_tenant bad
db bad "UPDATE blocks SET count = count + 1"
tenant-db check --all -v >"$T/out" 2>"$T/err"
is "$? $(wc -l <"$T/out")" '1 2' 'one that is bad does not hide the other'
python3 - "$D" >"$T/locked" <<'PY' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.execute('PRAGMA locking_mode = EXCLUSIVE')
db.execute('BEGIN EXCLUSIVE')
print('locked', flush=True)
time.sleep(120)
PY
pids="$pids $!"
wait_for 10 grep -q locked "$T/locked"
status 111 'a database that is locked' tenant-db check --tenant eds
kill "$!"
# and of sheets of history: those of a year ago
python3 - >"$T/year" <<'PY'
import json
for i in range(24 * 60):
    print(json.dumps({'kind': 'battery', 'time':
        '2025-%02d-%02dT%02d:30:00.000Z' % (1 + i // 24 // 28,
            1 + i // 24 % 28, i % 24), 'tenant': 'eds', 'device': 'd',
        'pack_voltage': 50 + i % 7, 'soc_percent': i % 100,
        'cell_voltages': [3.3, 3.2 + i % 9 / 100]}))
PY
sed "s/\"device\": \"d\"/\"device\": \"$(tenant-db get --tenant eds devices |
    jq -r .device | head -n 1)\"/" "$T/year" |
    tenant-db append --tenant eds >/dev/null
rollup --tenant eds
tenant-db seal --tenant eds
rm -rf "$T/good"
cp -R "$TBMS_ROOT" "$T/good"
status 0 'with sheets' tenant-db check --tenant eds -v
ok "$(db eds 'SELECT count(*) < 2 FROM history_blocks')" 'of which there are'
is "$(flips history_blocks history_blocks 20 6)" '' \
    '20 flipped bits in sheets are all found'
again
one='(SELECT min(id) FROM history_blocks)'
db eds "UPDATE history_blocks SET count = count + 1 WHERE id = $one"
wrong 'history_blocks [0-9]* of battery [0-9]*: count ' 'the count of a sheet'
db eds "UPDATE history_blocks SET id = id + 1000 WHERE id = $one"
wrong 'history_blocks [0-9]* of battery [0-9]*: an hour ' 'the key of a sheet'
db eds "UPDATE cell_blocks SET data = substr(data, 1, 100)"
wrong 'cell_blocks [0-9]* of battery [0-9]*: ' 'a sheet of cells that was cut'
db eds "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n
    WHERE n < 1200) INSERT INTO history_blocks SELECT id + n * 1000, count, data
    FROM n, (SELECT * FROM history_blocks WHERE id = $one)"
timeout 60 tenant-db check --tenant eds 2>"$T/many"
is "$? $(grep -c 'an hour ' "$T/many")" '1 1200' 'more sheets than a batch'
done_testing
