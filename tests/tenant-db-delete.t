#!/bin/sh
# A tenant that is deleted is gone, wherever it was; the others are as they
# were, byte for byte; a run that is killed is run again to the end.
. "$(dirname "$0")/lib.sh"

M=$T/master
tenant-db key create "$M"
export TBMS_MASTER_KEY="$M"
core() {
	sqlite3 "$TBMS_ROOT/core.db" "$1"
}
line() { # TENANT MINUTE
	echo "{\"kind\":\"frame\",\"time\":\"2026-01-02T03:0$2:00.000Z\",\"tenant\":\"$1\",\"device\":\"canary-$1\"}"
}
for tenant in gone stays gone-too; do
	tenant-db create --tenant $tenant
	echo "{\"slug\":\"here\",\"name\":\"canary-$tenant\"}" |
	    tenant-db put --tenant $tenant locations
	tenant-db backup --tenant $tenant
	mkdir -p "$TBMS_ROOT/site/$tenant/all"
	echo canary-$tenant >"$TBMS_ROOT/site/$tenant/all/index.html"
	line $tenant 1
done >"$T/lines"
tenant-user init --password-out "$T/pw" boss >/dev/null
for tenant in gone stays; do
	tenant-user add --tenant $tenant --role viewer --view all \
	    --password-out "$T/pw-$tenant" u-$tenant >/dev/null
done
access() {
	sqlite3 "$TBMS_ROOT/access.db" "PRAGMA foreign_keys = on; $1"
}
access "INSERT INTO grants VALUES (1, '/gone/all/'), (1, '/gone-too/all/')"
access "INSERT INTO sessions SELECT randomblob(32), id, 0, 0, 9e12,
    zeroblob(16) FROM logins"
spool put "$TBMS_ROOT/spool" <"$T/lines" >/dev/null
spool each -1 "$TBMS_ROOT/spool" -- cat
mkdir -p "$TBMS_ROOT/spool/wait/gone"
# what a restore and an unpacking that were killed have left
mkdir -p "$TBMS_ROOT/tenants/.restore-gone" \
    "$TBMS_ROOT/spool/archive/.unpack-gone/2026-01-02"
cp "$TBMS_ROOT/tenants/gone/tenant.db" "$TBMS_ROOT/tenants/.restore-gone/"
line gone 5 >"$TBMS_ROOT/spool/archive/.unpack-gone/2026-01-02/x"
line gone 2 >"$TBMS_ROOT/spool/wait/gone/0000000000000001"
{ line gone 3; line stays 3; } | spool put "$TBMS_ROOT/spool" >/dev/null
line gone 4 | spool put "$TBMS_ROOT/spool" >/dev/null
uuid=$(core "SELECT uuid FROM clients WHERE slug = 'gone'")
# what writing a key that was killed has left
cp "$TBMS_ROOT/keys/$uuid.1" "$TBMS_ROOT/keys/$uuid.1.aBcDeF"
cp "$TBMS_ROOT/keys/archive/gone.1" "$TBMS_ROOT/keys/archive/gone.1.aBcDeF"
others() { # ROOT: files of the others
	(cd "$1" && find . -type f ! -name '*-shm' ! -name '*-wal' \
	    \( -path '*/stays*' -o -path '*/gone-too*' \) \
	    -exec sha256sum {} + | sort -k 2)
}
others "$TBMS_ROOT" >"$T/others"
like "$(wc -l <"$T/others")" '^ *([89]|1[0-9])$' 'the others have files'

# ---- it must be meant ------------------------------------------------------
find "$TBMS_ROOT" -type f ! -name '*-shm' ! -name '*-wal' \
    -exec sha256sum {} + | sort >"$T/tree"
status 2 'not without a word' tenant-db delete --tenant gone
status 2 'nor with another' tenant-db delete --tenant gone --yes stays
status 2 'nor one that is not there' tenant-db delete --tenant no --yes no
mv "$TBMS_ROOT/tenants/gone" "$T/moved"
cp -R "$TBMS_ROOT/tenants/stays" "$TBMS_ROOT/tenants/gone"
status 2 "nor another's" tenant-db delete --tenant gone --yes gone
like "$(cat "$T/err")" 'its tenant.db is that of tenant stays$' 'says so'
rm -r "$TBMS_ROOT/tenants/gone"
ln -s "$T/moved" "$TBMS_ROOT/tenants/gone"
status 2 'nor where a link stands' tenant-db delete --tenant gone --yes gone
like "$(cat "$T/err")" 'is no directory' 'says so'
rm "$TBMS_ROOT/tenants/gone"
mv "$T/moved" "$TBMS_ROOT/tenants/gone"
find "$TBMS_ROOT" -type f ! -name '*-shm' ! -name '*-wal' \
    -exec sha256sum {} + | sort >"$T/got"
same "$T/got" "$T/tree" 'and nothing was done'

# ---- killed ---------------------------------------------------------------
gone() { # ROOT: files that tell of it still
	LC_ALL=C grep -rlaE 'canary-gone([^-]|$)|u-gone' "$1" | grep -v backups
	find "$1" -name 'gone' -o -name "$uuid.*" -o -name 'gone.*' |
	    grep -v backups
}
n=0
killed=0
while [ $n -lt 25 ]; do
	n=$((n + 1))
	rm -rf "$T/k"
	cp -R "$TBMS_ROOT" "$T/k"
	timeout --foreground -s KILL "0.0$(printf %02d $n)" tenant-db delete --root "$T/k" \
	    --tenant gone --yes gone >/dev/null 2>&1
	[ $? -ne 137 ] || killed=$((killed + 1))
	[ -n "$(sqlite3 "$T/k/core.db" \
	    "SELECT 1 FROM clients WHERE slug = 'gone'")" ] || continue
	tenant-db delete --root "$T/k" --tenant gone --yes gone 2>"$T/err" ||
	    { ok 1 "killed after $n ms it can be run again"; cat "$T/err"; }
	[ -z "$(gone "$T/k")" ] || ok 1 "killed after $n ms all of it goes"
	others "$T/k" >"$T/got"
	cmp -s "$T/got" "$T/others" || ok 1 "killed after $n ms others stay"
done
ok 0 "killed $killed times of $n, it is run again to the end"

# ---- while the spool is at work --------------------------------------------
mkfifo "$T/hold"
exec 7<>"$T/hold"
cp -R "$TBMS_ROOT" "$T/busy"
# one process, without the end that would keep itself waiting
flock -F "$T/busy/spool/each.lock" cat "$T/hold" >/dev/null 7>&- &
busy=$!
wait_for 10 sh -c "! flock -n '$T/busy/spool/each.lock' true"
status 111 'while spool each is at work' \
    tenant-db delete --root "$T/busy" --tenant gone --yes gone
like "$(cat "$T/err")" 'stop it and run this again$' 'says so'
[ ! -e "$T/busy/tenants/gone" ]
ok $? 'the rest is done'
kill $busy
wait $busy 2>/dev/null
exec 7>&-
status 0 'and then the end' \
    tenant-db delete --root "$T/busy" --tenant gone --yes gone

# ---- to the end -------------------------------------------------------------
hash=$(sqlite3 "$TBMS_ROOT/tenants/gone/tenant.db" \
    'SELECT hash FROM audit_logs ORDER BY id DESC LIMIT 1')
status 0 'deleted' tenant-db delete --tenant gone --yes gone
like "$(cat "$T/err")" 'backups are left' 'what is left is named'
is "$(gone "$TBMS_ROOT")" '' 'no file tells of it'
others "$TBMS_ROOT" >"$T/got"
same "$T/got" "$T/others" 'the others are as they were'
is "$(access 'SELECT name FROM logins ORDER BY id' | tr '\n' ' ')" \
    'boss u-stays ' 'its logins are gone'
is "$(access 'SELECT count(*) FROM sessions')" 2 'and their sessions'
is "$(access 'SELECT prefix FROM grants ORDER BY 1' | tr '\n' ' ')" \
    '/gone-too/all/ /stays/all/ ' 'and what others were granted of it'
is "$(cat "$TBMS_ROOT"/spool/new/*)" "$(line stays 3)" \
    'its lines in the spool are gone, others wait'
is "$(core "SELECT count(*) FROM clients WHERE uuid = '$uuid'")" 0 \
    'core knows it no more'
is "$(core "SELECT json_extract(line, '$.request.step') || ' ' ||
    ifnull(json_extract(line, '$.before.hash'), '') FROM audit_logs
    WHERE resource_id = '$uuid' ORDER BY id")" "begin $hash
end " 'its log keeps the uuid and the last hash'
is "$(core "SELECT count(*) FROM audit_logs WHERE event = 'tenant.delete'
    AND line LIKE '%\"gone\"%'")" 0 'and no name'
status 2 'its backup opens no more' tenant-db restore --tenant gone \
    "$TBMS_ROOT"/backups/gone/*.tbms
status 0 'the others are whole' tenant-db check --all
status 2 'it is not there any more' tenant-db delete --tenant gone --yes gone
status 0 'with its backups' \
    tenant-db delete --backups --tenant gone-too --yes gone-too
[ ! -e "$TBMS_ROOT/backups/gone-too" ]
ok $? 'they are gone too'
status 0 'the name is free again' tenant-db create --tenant gone
status 0 'and works' tenant-db check --tenant gone
done_testing
