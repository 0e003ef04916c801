#!/bin/sh
# What was backed up comes back; what is not whole does not, and changes
# nothing; killed or full at any instant, nothing in clear is left behind.
. "$(dirname "$0")/lib.sh"
. "$TESTS/backup.sh"

make_tenant eds
make_tenant other
tenant-db key create "$T/key"
tenant-db key create "$T/key2"
backup() {
	tenant-db backup --tenant eds --key "$T/key" "$@"
}
restore() {
	tenant-db restore --tenant eds --key "$T/key" "$@"
}
newest() {
	for newest_file in "$TBMS_ROOT/backups/$1"/*.tbms; do :; done
	echo "$newest_file"
}
# everything in a tenant's tables, and what readers see of the readings
content() { # ROOT TENANT
	for table in $(sqlite3 "$TBMS_ROOT/tenants/eds/tenant.db" \
	    "SELECT name FROM sqlite_schema WHERE type = 'table'
	    AND name NOT LIKE 'sqlite_stat%' AND name <> 'audit_logs'
	    ORDER BY name") bms_data; do
		echo "$table"
		tenant-db query --root "$1" --tenant "$2" \
		    "SELECT * FROM $table" | sort
	done
}
# files of a root, with their bytes
tree() {
	(cd "$1" && find . -type f ! -name '*-shm' ! -name 'core.db-*' -exec sha256sum {} + |
	    sort -k 2; find . -type d | sort)
}

# ---- keys -----------------------------------------------------------------
is "$(stat -c '%a %s' "$T/key")" '400 32' 'a key: 32 bytes, for its owner'
status 2 'a key is not written over' tenant-db key create "$T/key"
cmp -s "$T/key" "$T/key2"
is "$?" 1 'each is another one'
cp "$T/key" "$T/loose"
chmod 644 "$T/loose"
status 2 'a key that all may read' \
    tenant-db backup --tenant eds --key "$T/loose"
like "$(cat "$T/err")" 'others than its owner' 'is named'
(umask 077; head -c 31 "$T/key2" >"$T/short"; echo short >"$T/pass.short"
    echo 'a long enough passphrase' >"$T/pass"
    echo 'another good passphrase' >"$T/pass2")
status 2 'a key that is too short' \
    tenant-db backup --tenant eds --key "$T/short"
status 2 'a passphrase that is too short' \
    tenant-db backup --tenant eds --passphrase-file "$T/pass.short"
status 2 'no key at all' tenant-db backup --tenant eds
status 2 'no such tenant' tenant-db backup --tenant nobody --key "$T/key"
[ ! -e "$TBMS_ROOT/backups" ]
ok $? 'none of these wrote anything'

# ---- there and back -------------------------------------------------------
content "$TBMS_ROOT" eds >"$T/content"
like "$(wc -l <"$T/content")" '^[0-9]{4,}$' 'there is something to compare'
backup -v >"$T/line"
is "$?" 0 'a backup'
file=$(newest eds)
is "$(jq -r .file "$T/line")" "$file" 'its line names the file'
is "$(jq .bytes "$T/line")" "$(stat -c %s "$file")" 'and its size'
is "$(stat -c %a "$file")" 600 'it is for its owner only'
is "$(LC_ALL=C grep -c -a -E 'SQLite|CREATE TABLE|cell_volt|Toronto' \
    "$file")" 0 'nothing of it is in clear'
beside() { # ROOT: what is not the database itself
	find "$1/tenants/eds" -type f ! -name 'tenant.db' \
	    ! -name 'tenant.db-*' ! -name 'tenant.db.replaced*'
}
is "$(beside "$TBMS_ROOT")" '' 'no copy is left'
status 0 'restored where it is not there' \
    restore --root "$T/new" "$file"
content "$T/new" eds >"$T/got"
same "$T/got" "$T/content" 'all tables are the same'
sqlite3 "$TBMS_ROOT/tenants/eds/tenant.db" .dump |
    grep -v 'INTO audit_logs' | sort >"$T/dump"
sqlite3 "$T/new/tenants/eds/tenant.db" .dump |
    grep -v 'INTO audit_logs' | sort >"$T/got"
same "$T/got" "$T/dump" 'and to the sqlite3 shell'
status 0 'the restored one checks out' tenant-db check --root "$T/new" --all
is "$(stat -c %a "$T/new/tenants/eds" "$T/new/tenants/eds/tenant.db" |
    tr '\n' ' ')" '700 600 ' 'and is its owner'"'"'s only'
is "$(ls -A "$T/new/tenants")" eds 'nothing else was left there'
tenant-db backup --tenant eds --passphrase-file "$T/pass" --to "$T/to"
is "$?" 0 'with a passphrase, elsewhere'
pass=$(echo "$T"/to/eds/*.tbms)
status 2 'another passphrase' tenant-db restore --root "$T/new2" \
    --tenant eds --passphrase-file "$T/pass2" "$pass"
like "$(cat "$T/err")" 'another passphrase$' 'is named'
status 2 'a key for a passphrase' restore --root "$T/new2" "$pass"
status 0 'the passphrase' tenant-db restore --root "$T/new2" \
    --tenant eds --passphrase-file "$T/pass" "$pass"
content "$T/new2" eds >"$T/got"
same "$T/got" "$T/content" 'opens it'

# ---- the time by which they grow old -------------------------------------------
mv "$TBMS_ROOT/clock" "$T/clock"
is "$(stat -c %a "$T/clock")" 644 'another user may read the clock'
mkdir "$TBMS_ROOT/clock"
old=$TBMS_ROOT/backups/eds/2016$(basename "$file" | cut -c 5-)
cp "$file" "$old"
count=$(find "$TBMS_ROOT/backups/eds" -name '*.tbms' | wc -l)
status 2 'a clock that cannot be read' backup
like "$(cat "$T/err")" 'clock: is no regular file$' '... is told of'
is "$(find "$TBMS_ROOT/backups/eds" -name '*.tbms' | wc -l)" $((count + 1)) \
    'the backup is made, and none is too old'
status 2 'retention' tenant-db prune --tenant eds
like "$(cat "$T/err")" 'clock: is no regular file$' '... the same'
is "$(wc -l <"$T/err")" 1 'but for that it works'
rmdir "$TBMS_ROOT/clock"
head -c 300 /dev/zero | tr '\0' x >"$TBMS_ROOT/clock"
status 0 'a clock that is damaged' backup
ok "$([ ! -e "$old" ]; echo $?)" 'is that of the machine'
like "$(wc -c <"$TBMS_ROOT/clock")" '^75$' '... and mended'
status 2 'a root that is none' \
    backup --root "$T/none"
like "$(cat "$T/err")" 'eds: ' 'has no such tenant'

# ---- a backup of an older version ----------------------------------------------
# sealed by the words of lib/vault/vault.h, with libsodium alone
cat >"$T/seal.py" <<'PY'
import ctypes, sqlite3, struct, subprocess, sys
from sodium import kdf, na
database, key, out = sys.argv[1:]
uuid, slug = sqlite3.connect(database).execute(
    'SELECT uuid, slug FROM client').fetchone()
key = open(key, 'rb').read()
state = ctypes.create_string_buffer(64)
header = ctypes.create_string_buffer(24)
na.crypto_secretstream_xchacha20poly1305_init_push(state, header,
    kdf(key, 1, b'tbms-bak'))
head = (b'TBMSBAK\1' + struct.pack('<IIQ', 1, 1, 1767323045000) + bytes(16) +
    kdf(key, 2, b'tbms-bak', 16) + uuid.encode() +
    slug.encode().ljust(64, b'\0') + header.raw + bytes(12))
assert len(head) == 192
frame = subprocess.run(['zstd', '-qc', database], stdout=subprocess.PIPE).stdout
with open(out, 'wb') as to:
    to.write(head)
    for at in range(0, len(frame) + 1, 65536):
        part = frame[at:at + 65536]
        sealed = ctypes.create_string_buffer(len(part) + 17)
        na.crypto_secretstream_xchacha20poly1305_push(state, sealed, None,
            part, ctypes.c_ulonglong(len(part)), head,
            ctypes.c_ulonglong(len(head)), 3 if len(part) < 65536 else 0)
        to.write(sealed.raw)
PY
if python3 "$TESTS/sodium.py" 2>/dev/null &&
    command -v zstd >/dev/null; then
	sqlite3 "$T/old.db" <"$TESTS/fixtures/tenant-0001.sql"
	is "$(sqlite3 "$T/old.db" 'PRAGMA user_version')" 1 \
	    'a database of the first version'
	PYTHONPATH=$TESTS python3 -B "$T/seal.py" "$T/old.db" "$T/key" "$T/old.tbms"
	status 0 'its backup is restored' restore --root "$T/older" "$T/old.tbms"
	is "$(sqlite3 "$T/older/tenants/eds/tenant.db" 'PRAGMA user_version')" \
	    "$(find "$TBMS_SHARE/schema/tenant" -name '*.sql' | wc -l |
	    tr -d ' ')" 'and brought up to this version'
	status 0 'it is whole' tenant-db check --root "$T/older" --all
	is "$(sqlite3 "$T/older/tenants/eds/tenant.db" \
	    'SELECT count(*) FROM users, batteries, alert_rules')" \
	    "$(sqlite3 "$T/old.db" \
	    'SELECT count(*) FROM users, batteries, alert_rules')" \
	    'with what it held'
	sqlite3 "$T/old.db" 'PRAGMA user_version = 9999' >/dev/null
	PYTHONPATH=$TESTS python3 -B "$T/seal.py" "$T/old.db" "$T/key" "$T/new.tbms"
	status 2 'one of a newer version' \
	    restore --root "$T/newer" "$T/new.tbms"
	like "$(cat "$T/err")" 'is newer than this program' 'is refused'
else
	skip 'libsodium.so.23 or zstd is missing' 'a backup of an older version'
fi

# ---- what is refused ------------------------------------------------------
tree "$TBMS_ROOT" >"$T/tree"
refused() { # PATTERN NAME COMMAND...
	refused_pattern=$1
	refused_name=$2
	shift 2
	status 2 "$refused_name" "$@"
	is "$(wc -l <"$T/err")" 1 "$refused_name: one line"
	like "$(cat "$T/err")" "$refused_pattern" "$refused_name: clear"
}
refused 'sealed with another key$' 'another key' \
    tenant-db restore --replace --tenant eds --key "$T/key2" "$file"
refused 'is a backup of tenant eds$' "another tenant's backup" \
    tenant-db restore --replace --tenant other --key "$T/key" "$file"
refused 'is a backup of tenant eds$' 'or for a new tenant' \
    tenant-db restore --tenant third --key "$T/key" "$file"
refused 'is there already' 'a tenant that is there' restore "$file"
refused 'is no sealed backup' 'another file' \
    restore --replace "$TBMS_ROOT/tenants/eds/tenant.db"
refused 'is no sealed backup' 'an empty file' restore --replace /dev/null
cp -R "$TBMS_ROOT" "$T/twin"
sqlite3 "$T/twin/tenants/eds/tenant.db" "UPDATE client
    SET uuid = '00000000-0000-4000-8000-000000000000'"
refused 'is another tenant of this name' 'a namesake' \
    restore --root "$T/twin" --replace "$file"
cat >"$T/damage.py" <<'PY'
import os, random, subprocess, sys
file, key, bad = sys.argv[1:4]
data = open(file, 'rb').read()
rng = random.Random(3)
def tried(what, data):
    with open(bad, 'wb') as f:
        f.write(data)
    got = subprocess.run(['tenant-db', 'restore', '--replace', '--tenant',
        'eds', '--key', key, bad], capture_output=True, text=True)
    if got.returncode != 2 or got.stderr.count('\n') != 1:
        print(what, got)
places = list(range(192)) + [192, 191 + 17, len(data) - 1, len(data) - 17]
places += [rng.randrange(192, len(data)) for _ in range(60)]
for at in places:
    flipped = bytearray(data)
    flipped[at] ^= 1 << rng.randrange(8)
    tried('flip %d' % at, flipped)
sizes = [0, 1, 7, 8, 191, 192, 193, 208, 209, 192 + 65553, 192 + 2 * 65553]
sizes += [len(data) - n for n in (1, 16, 17, 18)]
for size in sizes + [rng.randrange(len(data)) for _ in range(20)]:
    if size < len(data):
        tried('cut %d' % size, data[:size])
tried('one more', data + b'\0')
tried('twice', data + data)
chunk = 65553
if len(data) > 192 + 2 * chunk:
    a, b = data[192:192 + chunk], data[192 + chunk:192 + 2 * chunk]
    tried('swapped', data[:192] + b + a + data[192 + 2 * chunk:])
    tried('one less', data[:192] + a + data[192 + 2 * chunk:])
else:
    print('the file has no chunks to swap', len(data))
PY
python3 "$T/damage.py" "$file" "$T/key" "$T/bad.tbms" >"$T/damaged" 2>&1
is "$(cat "$T/damaged")" '' 'flipped, cut, joined, swapped: all refused'
tree "$TBMS_ROOT" >"$T/got"
same "$T/got" "$T/tree" 'and nothing was changed'

# what holds in itself, and what is sealed is damaged
cp -R "$TBMS_ROOT" "$T/sick"
sqlite3 "$T/sick/tenants/eds/tenant.db" 'UPDATE blocks SET count = count + 1'
backup --root "$T/sick" --to "$T/sick.to"
tree "$T/sick" >"$T/tree2"
status 2 'a backup of what was not whole' \
    restore --root "$T/sick" --replace "$T"/sick.to/eds/*.tbms
like "$(cat "$T/err")" 'count is not that' 'the check on the copy says so'
tree "$T/sick" >"$T/got"
same "$T/got" "$T/tree2" 'and it is not put in place'

# ---- in the place of another ----------------------------------------------
echo '{"kind":"battery","time":"2026-03-05T12:00:00Z","tenant":"eds","device":"d-1","profile":"p","soc_percent":1.00}' |
    tenant-db append --tenant eds >/dev/null
python3 - "$TBMS_ROOT/tenants/eds/tenant.db" >"$T/held" <<'PY' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.execute('SELECT count(*) FROM client').fetchall()
print('held', flush=True)
time.sleep(60)
PY
holder=$!
pids="$pids $holder"
wait_for 10 grep -q held "$T/held"
content "$TBMS_ROOT" eds >"$T/content2"
status 111 'while another has it open' restore --replace "$file"
like "$(cat "$T/err")" 'others have it open' 'it is not replaced'
content "$TBMS_ROOT" eds >"$T/got"
same "$T/got" "$T/content2" 'and stays as it is'
kill "$holder"
wait "$holder" 2>/dev/null
status 0 'replaced' restore --replace "$file"
content "$TBMS_ROOT" eds >"$T/got"
same "$T/got" "$T/content" 'it is as it was'
aside=$(echo "$TBMS_ROOT"/tenants/eds/tenant.db.replaced-*)
is "$(sqlite3 "$aside" "SELECT count(*) FROM readings
    WHERE time = 1772712000000")" 1 'the one before it is kept aside'
rm -f "$aside"
printf 'no database any more' >"$TBMS_ROOT/tenants/eds/tenant.db"
status 0 'in place of one that is damaged' restore --replace "$file"
content "$TBMS_ROOT" eds >"$T/got"
same "$T/got" "$T/content" 'it is as it was'
rm -f "$TBMS_ROOT"/tenants/eds/tenant.db*
status 0 'in place of one that was deleted' restore --replace "$file"
content "$TBMS_ROOT" eds >"$T/got"
same "$T/got" "$T/content" 'it is as it was'
cp "$TBMS_ROOT/tenants/eds/tenant.db" "$T/log.db"
sqlite3 "$T/log.db" 'UPDATE readings SET gen = gen + 1' \
    '.shell kill -9 $PPID' 2>/dev/null
rm -f "$TBMS_ROOT"/tenants/eds/tenant.db*
cp "$T/log.db-wal" "$TBMS_ROOT/tenants/eds/tenant.db-wal"
status 0 'in place of one of which the log is left' restore --replace "$file"
content "$TBMS_ROOT" eds >"$T/got"
same "$T/got" "$T/content" 'it is as it was'
same "$TBMS_ROOT"/tenants/eds/tenant.db.replaced-*-wal "$T/log.db-wal" \
    'and the log kept aside'

# ---- how long they are kept -----------------------------------------------
cd "$TBMS_ROOT/backups/eds" || exit 1
rm -f -- *.tbms
touch 20200101T000000.000Z.tbms 20990101T000000.000Z.tbms \
    2020.tbms .20200101T000000.000Z.tbms.new
touch "$(date -u -d '29 days ago' +%Y%m%dT%H%M%S.000Z.tbms)" \
    "$(date -u -d '31 days ago' +%Y%m%dT%H%M%S.000Z.tbms)"
backup
is "$(find . -type f | sed "s/^..//
    s/^$(date -u -d '29 days ago' +%Y%m%d).*/kept/
    s/^$(date -u +%Y%m%d)T.*/new/" | sort | tr '\n' ' ')" \
    '2020.tbms 20990101T000000.000Z.tbms kept new ' \
    '30 days, without what was left behind; what is not ours stays'
rm -f -- *.tbms
touch 20200101T000000.000Z.tbms
tenant-db backup --tenant eds --key "$T/short" 2>/dev/null
is "$(ls)" 20200101T000000.000Z.tbms 'without a new one the last one stays'
backup --keep 1d
is "$(find . -type f | wc -l)" 1 'with a new one it goes'
cd "$T" || exit 1
tenant-db backup --all --key "$T/key" -v | jq -r .tenant >"$T/got"
is "$(tr '\n' ' ' <"$T/got")" 'eds other ' 'all tenants'
rm -rf "$T/new" "$T/new2" "$T/twin" "$T/sick" "$T/sick.to"

# ---- while others write and seal ------------------------------------------
mkdir "$T/w"
python3 "$TESTS/sealed.py" 5 "$T/w"
make_tenant busy
(
	for i in 0 1 2 3 4 5; do
		sed 's/TENANT/busy/' "$T/w/part.$i" | split -l 200 - "$T/w/s."
		for part in "$T/w"/s.*; do
			tenant-db append --tenant busy <"$part" >/dev/null ||
			    echo append
		done
		rm -f "$T/w"/s.*
		tenant-db seal --tenant busy --now 2026-03-09T00:00:00Z ||
		    echo seal
	done
) >"$T/busy" 2>&1 &
busy=$!
n=0
while kill -0 $busy 2>/dev/null && [ "$n" -lt 40 ]; do
	tenant-db backup --tenant busy --key "$T/key" || echo "backup $n"
	tenant-db restore --root "$T/r.$n" --tenant busy --key "$T/key" \
	    "$(newest busy)" || echo "restore $n"
	rm -rf "$T/r.$n"
	n=$((n + 1))
done >"$T/backups" 2>&1
wait $busy
is "$(cat "$T/busy")" '' 'writing and sealing go on'
is "$(cat "$T/backups")" '' "$n backups meanwhile, each restored whole"
[ "$n" -gt 2 ]
ok $? 'more than two'
status 0 'and what was written is whole' tenant-db check --tenant busy

# ---- killed ---------------------------------------------------------------
n=0
while [ "$n" -lt "${KILLS:-10}" ]; do
	cut_off "0.00$((n * 7 % 10))" \
	    tenant-db backup --tenant eds --key "$T/key" 2>/dev/null
	n=$((n + 1))
done
: >"$TBMS_ROOT/tenants/eds/backup.tmp"
: >"$TBMS_ROOT/tenants/eds/backup.tmp-journal"
for one in "$TBMS_ROOT/backups/eds"/*.tbms; do
	tenant-db restore --root "$T/k" --tenant eds --key "$T/key" "$one" ||
	    echo "$one"
	rm -rf "$T/k"
done >"$T/killed" 2>&1
is "$(cat "$T/killed")" '' "backups killed $n times: what is there is whole"
status 0 'the next one' backup
is "$(beside "$TBMS_ROOT"
    find "$TBMS_ROOT/backups/eds" -name '.*')" '' 'leaves nothing behind'
file=$(newest eds)
n=0
while [ "$n" -lt "${KILLS:-10}" ]; do
	cut_off "0.00$((n * 7 % 10))" tenant-db restore --tenant eds \
	    --key "$T/key" --root "$T/k" "$file" 2>/dev/null
	[ ! -e "$T/k/tenants/eds" ] ||
	    tenant-db check --root "$T/k" --tenant eds || echo "kill $n"
	rm -rf "$T/k/tenants/eds"
	n=$((n + 1))
done >"$T/killed" 2>&1
is "$(cat "$T/killed")" '' "restores killed $n times: all or nothing"
status 0 'the next one' restore --root "$T/k" "$file"
is "$(ls -A "$T/k/tenants")" eds 'leaves nothing behind'
n=0
while [ "$n" -lt "${KILLS:-10}" ]; do
	cut_off "0.00$((n * 7 % 10))" tenant-db restore --tenant eds \
	    --key "$T/key" --root "$T/k" --replace "$file" 2>/dev/null
	tenant-db check --root "$T/k" --tenant eds || echo "kill $n"
	n=$((n + 1))
done >"$T/killed" 2>&1
is "$(cat "$T/killed")" '' "replacing killed $n times: one or the other"
content "$T/k" eds >"$T/got"
same "$T/got" "$T/content" 'with the same content'

# ---- a full disk ----------------------------------------------------------
mkdir "$T/disk"
if mount -t tmpfs -o size=100k tmpfs "$T/disk" 2>/dev/null; then
	status 111 'a disk that is full for the backup' \
	    backup --to "$T/disk"
	is "$(find "$T/disk" -type f)" '' 'nothing is left on it'
	status 111 'a disk that is full for what comes back' \
	    restore --root "$T/disk" "$file"
	is "$(find "$T/disk" -type f)" '' 'nothing is left on it'
	umount "$T/disk"
	mount -t tmpfs -o size=1500k tmpfs "$T/disk"
	mkdir -p "$T/disk/tenants"
	cp -R "$TBMS_ROOT/tenants/eds" "$T/disk/tenants"
	dd if=/dev/zero of="$T/disk/fill" bs=1k 2>/dev/null
	status 111 'no room for the copy in clear' \
	    backup --root "$T/disk" --to "$T/to"
	status 111 'no room beside the one to replace' \
	    restore --root "$T/disk" --replace "$file"
	is "$(beside "$T/disk")" '' \
	    'nothing is left beside it'
	rm "$T/disk/fill"
	status 0 'what was there is whole' \
	    tenant-db check --root "$T/disk" --all
	umount "$T/disk"
else
	skip 'no right to mount a tmpfs' 'A FULL DISK IS NOT TESTED HERE'
fi
done_testing
