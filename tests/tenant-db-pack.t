#!/bin/sh
# A tenant goes to another machine with all that is stored of it, sealed;
# there it is as it was, or it is not there at all.
. "$(dirname "$0")/lib.sh"

HERE=$TBMS_ROOT
THERE=$T/there
tenant-db key create "$T/m1"
tenant-db key create "$T/m2"
(umask 077; echo 'a long enough passphrase' >"$T/pass"
    echo 'another good passphrase' >"$T/pass2")
here() {
	TBMS_MASTER_KEY=$T/m1 "$@"
}
there() {
	TBMS_ROOT=$THERE TBMS_MASTER_KEY=$T/m2 "$@"
}
core() { # ROOT STATEMENT
	sqlite3 "$1/core.db" "$2"
}
here tenant-db create --tenant eds --name 'EDS Québec' --timezone America/Toronto
uuid=$(core "$HERE" "SELECT uuid FROM clients WHERE slug = 'eds'")
echo '{"username":"ann","email":"canary@x","first_name":"A","last_name":"B","phone":"1"}' |
    here tenant-db put --tenant eds users
echo '{"slug":"north","name":"North","selection":{}}' |
    here tenant-db put --tenant eds views
here tenant-db key rotate --tenant eds
tenant-user init --password-out "$T/pw" boss >/dev/null
tenant-user add --tenant eds --role viewer --view north \
    --password-out "$T/pw1" ann >/dev/null
tenant-user add --tenant eds --role admin --password-out "$T/pw2" bea >/dev/null
for n in 1 2; do
	echo "{\"kind\":\"frame\",\"time\":\"2026-01-02T0$n:00:00.000Z\",\"tenant\":\"eds\",\"device\":\"d\",\"profile\":\"p\",\"protocol\":\"serial\",\"complete\":true,\"lines\":[\"canary $n\"]}" |
	    spool put "$HERE/spool" >/dev/null
	here spool each -1 "$HERE/spool" -- cat
done

# ---- packed ------------------------------------------------------------------
status 2 'not without a secret' here tenant-db pack --tenant eds
status 2 'not without the master key' \
    tenant-db pack --tenant eds --passphrase-file "$T/pass"
status 2 'not one that is not there' \
    here tenant-db pack --tenant no --passphrase-file "$T/pass"
here tenant-db pack --tenant eds --passphrase-file "$T/pass" >"$T/eds"
is "$?" 0 'packed'
is "$(LC_ALL=C grep -ciaE 'canary|SQLite|argon2|Toronto' "$T/eds")" 0 \
    'nothing of it is in clear'
here tenant-db pack --tenant eds --key "$T/m1" >/dev/full 2>"$T/err"
is "$?" 111 'a full disk'
status 2 'it is no backup' tenant-db restore --root "$T/no" --tenant eds \
    --passphrase-file "$T/pass" "$T/eds"
like "$(cat "$T/err")" 'all of a tenant: see tenant-db unpack$' 'which is said'
here tenant-db backup --tenant eds --passphrase-file "$T/pass"
status 2 'nor is a backup packed' there tenant-db unpack \
    --passphrase-file "$T/pass" "$HERE"/backups/eds/*.tbms

# A pack that someone has made, whose uuid leads out of the folder of keys.
tenant-db create --root "$T/odd" --tenant odd
for db in core.db:clients tenants/odd/tenant.db:client; do
	sqlite3 "$T/odd/${db%:*}" \
	    "UPDATE ${db#*:} SET uuid = '../tenants/eds/aaaaaaaaaaaaaaaaaaaaa'"
done
tenant-db pack --root "$T/odd" --tenant odd --passphrase-file "$T/pass" \
    >"$T/odd.packed"
status 2 'a uuid that is a path' tenant-db unpack --root "$T/odd2" \
    --passphrase-file "$T/pass" "$T/odd.packed"
like "$(cat "$T/err")" 'is damaged in its head$' 'is refused at once'

# ---- what is refused -----------------------------------------------------------
there tenant-db create --tenant other
there tenant-user init --password-out "$T/pw3" chief >/dev/null
tree() {
	(cd "$1" && find . -type f ! -name '*-shm' ! -name '*-wal' \
	    ! -name '.lock' -exec sha256sum {} + | sort -k 2; find . -type d |
	    sort)
}
mkdir -p "$THERE/spool"
there spool each -1 "$THERE/spool" -- cat
tree "$THERE" >"$T/tree"
refused() { # PATTERN NAME FILE OPTIONS...
	refused_pattern=$1 refused_name=$2 refused_file=$3
	shift 3
	status 2 "$refused_name" there tenant-db unpack "$@" "$refused_file"
	like "$(cat "$T/err")" "$refused_pattern" "$refused_name: clear"
}
refused 'another passphrase$' 'another passphrase' "$T/eds" \
    --passphrase-file "$T/pass2"
refused 'not sealed with a key file$' 'a key' "$T/eds" --key "$T/m1"
size=$(stat -c %s "$T/eds")
head -c $((size - 20)) "$T/eds" >"$T/cut"
refused 'cut|damaged' 'a file that is cut' "$T/cut" --passphrase-file "$T/pass"
for at in 60 100 200 $((size / 2)) $((size - 5)); do
	cp "$T/eds" "$T/bad"
	printf '\377' | dd of="$T/bad" bs=1 seek="$at" conv=notrunc 2>/dev/null
	cmp -s "$T/eds" "$T/bad" && continue
	status 2 "a byte changed at $at" there tenant-db unpack \
	    --passphrase-file "$T/pass" "$T/bad"
done
status 2 'no master key there' env TBMS_ROOT="$THERE" \
    tenant-db unpack --passphrase-file "$T/pass" "$T/eds"
like "$(cat "$T/err")" 'need a master key here' 'is said'
there tenant-user add --tenant other --role admin --password-out "$T/pw4" \
    ann >/dev/null
refused 'the login ann is there already$' "a login that is another's" \
    "$T/eds" --passphrase-file "$T/pass"
there tenant-user remove ann >/dev/null 2>&1 ||
    sqlite3 "$THERE/access.db" "PRAGMA foreign_keys = on;
    DELETE FROM logins WHERE name = 'ann'"
tree "$THERE" | grep -v access.db >"$T/got"
grep -v access.db "$T/tree" >"$T/wanted"
same "$T/got" "$T/wanted" 'and nothing was changed there'

# ---- unpacked, killed on the way -----------------------------------------------
here tenant-db pack --tenant eds --key "$T/m2" >"$T/eds.key"
n=0
killed=0
while [ $n -lt 16 ]; do
	n=$((n + 1))
	rm -rf "$T/k"
	cp -R "$THERE" "$T/k"
	TBMS_ROOT=$T/k TBMS_MASTER_KEY=$T/m2 timeout --foreground -s KILL \
	    "0.$(printf %03d $((n * 3)))" tenant-db unpack \
	    --key "$T/m2" "$T/eds.key" >/dev/null 2>&1
	[ $? -ne 137 ] || killed=$((killed + 1))
	[ -e "$T/k/tenants/eds" ] ||
	    TBMS_ROOT=$T/k TBMS_MASTER_KEY=$T/m2 tenant-db unpack \
	    --key "$T/m2" "$T/eds.key" 2>"$T/err" ||
	    { ok 1 "killed ($n) it can be run again"; cat "$T/err"; }
	[ "$(find "$T/k/spool/archive/eds" -name '*.sealed' | wc -l)" -eq 2 ] &&
	    TBMS_ROOT=$T/k tenant-db check --tenant eds &&
	    [ "$(sqlite3 "$T/k/access.db" \
	    "SELECT count(*) FROM logins WHERE tenant = 'eds'")" -eq 2 ] &&
	    [ "$(core "$T/k" "SELECT uuid FROM clients
	    WHERE slug = 'eds'")" = "$uuid" ] ||
	    ok 1 "killed ($n) all of it is there in the end"
done
ok 0 "killed $killed times of $n, it is run again to the end"

# ---- unpacked --------------------------------------------------------------------
status 0 'unpacked' \
    there tenant-db unpack --passphrase-file "$T/pass" "$T/eds"
rows() {
	for table in users views locations; do
		"$1" tenant-db get --tenant eds $table
	done
}
rows here >"$T/wanted"
rows there >"$T/got"
same "$T/got" "$T/wanted" 'its rows are there, and open'
like "$(cat "$T/got")" 'canary@x' 'also what is sealed'
is "$(there tenant-db get --core clients | jq -cS 'select(.slug == "eds")')" \
    "$(here tenant-db get --core clients | jq -cS 'select(.slug == "eds")')" \
    'core knows it as it did'
is "$(cd "$THERE/keys" && find . -name "$uuid.*" -o -name 'eds.*' |
    sed "s/$uuid/UUID/" | sort | tr '\n' ' ')" \
    './UUID.1 ./UUID.2 ./archive/eds.1 ./archive/eds.2 ' \
    'its keys are wrapped by the other master'
logins() {
	sqlite3 "$1/access.db" "SELECT l.name, role, password_hash, prefix
	    FROM logins l JOIN grants g ON g.login_id = l.id
	    WHERE tenant = 'eds' ORDER BY 1, 4"
}
logins "$HERE" >"$T/wanted"
logins "$THERE" >"$T/got"
same "$T/got" "$T/wanted" 'its logins and grants are there'
replay() {
	"$1" spool replay -g 1 -t eds -u 2026-01-03T00:00:00Z "$2/spool" |
	    grep '"frame"'
}
replay here "$HERE" >"$T/wanted"
replay there "$THERE" >"$T/got"
same "$T/got" "$T/wanted" 'its raw archive is there, and opens'
is "$(wc -l <"$T/got" | tr -d ' ')" 2 'all of it'
status 0 'it is whole' there tenant-db check --all
is "$(stat -c %a "$THERE/tenants/eds" "$THERE/tenants/eds/tenant.db" |
    tr '\n' ' ')" '700 600 ' 'and its owner'"'"'s only'
is "$(find "$THERE" -name '.unpack*' -o -name '.restore*')" '' \
    'nothing else was left'
is "$(core "$THERE" "SELECT event FROM audit_logs WHERE resource_id = '$uuid'")" \
    tenant.unpack 'the log there tells of it'
is "$(core "$HERE" "SELECT count(*) FROM audit_logs
    WHERE event = 'tenant.pack'")" 3 'and the log here'
refused 'is there already$' 'a second time' "$T/eds" \
    --passphrase-file "$T/pass"
core "$THERE" "UPDATE clients SET slug = 'edsx' WHERE slug = 'eds'"
mv "$THERE/tenants/eds" "$THERE/tenants/edsx"
refused "its name or uuid is another's here$" 'under another name' "$T/eds" \
    --passphrase-file "$T/pass"

# ---- without keys, to an empty machine ---------------------------------------------
tenant-db create --tenant plain
tenant-db pack --tenant plain --key "$T/m1" >"$T/plain"
status 0 'a tenant without keys, to an empty machine' \
    tenant-db unpack --root "$T/empty" --key "$T/m1" "$T/plain"
status 0 'is whole there' tenant-db check --root "$T/empty" --all
done_testing
