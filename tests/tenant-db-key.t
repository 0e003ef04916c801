#!/bin/sh
# Keys of tenants: made, wrapped, renewed; what they seal is in clear in no
# file, and opens with them only.
. "$(dirname "$0")/lib.sh"

M=$T/master
tenant-db key create "$M"
with() { # with the master key
	TBMS_MASTER_KEY=$M "$@"
}
core() {
	sqlite3 "$TBMS_ROOT/core.db" "$1"
}
fill() { # TENANT COMMAND...: rows with canaries
	fill_tenant=$1
	shift
	echo '{"username":"ann","email":"Ann@canary-1.example","first_name":"A","last_name":"B","phone":"+1 canary-2"}
{"username":"bob","email":"bob@canary-3.example","first_name":"B","last_name":"B"}' |
	    "$@" tenant-db put --tenant "$fill_tenant" users
	echo '{"slug":"here","name":"Here","responsible_name":"R","responsible_phone":"canary-4","responsible_email":"canary-5@x"}' |
	    "$@" tenant-db put --tenant "$fill_tenant" locations
	echo '{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":48,"capacity_ah":100,"capacity_wh":4800,"cell_count":16}' |
	    "$@" tenant-db put --tenant "$fill_tenant" battery_types
	echo '{"slug":"b","serial_number":"1","name":"B","battery_type":"t","location":"here","alert_contacts":["canary-6"],"bms_config":{"password":"canary-7"}}' |
	    "$@" tenant-db put --tenant "$fill_tenant" batteries
}
canaries() { # files below a folder that have one in clear
	LC_ALL=C grep -rlaiE 'canary-[0-9]' "$@" | sort
}
rows() { # TENANT COMMAND...: what get shows
	rows_tenant=$1
	shift
	for table in users locations batteries; do
		"$@" tenant-db get --tenant "$rows_tenant" $table |
		    jq -cS 'del(.created_at, .updated_at, .uuid)'
	done
}

# ---- without a master key ---------------------------------------------------
status 0 'a tenant without a master key' tenant-db create --tenant old
fill old env
rows old env >"$T/clear"
is "$(canaries "$TBMS_ROOT" | wc -l | tr -d ' ')" 1 \
    'what it holds is in clear'
[ ! -e "$TBMS_ROOT/keys" ]
ok $? 'and there are no keys'
status 2 'a master key that is not there' env "TBMS_MASTER_KEY=$T/no" \
    tenant-db create --tenant eds
like "$(cat "$T/err")" "$T/no: No such file" 'is named'
cp "$M" "$T/loose"
chmod 640 "$T/loose"
status 2 'a master key that others can read' \
    tenant-db create --tenant eds --master "$T/loose"
cp "$M" "$TBMS_ROOT/inside"
status 2 'a master key below the root' \
    tenant-db create --tenant eds --master "$TBMS_ROOT/inside"
like "$(cat "$T/err")" 'must not lie below' 'is named'
rm -f "$TBMS_ROOT/inside"
[ ! -e "$TBMS_ROOT/tenants/eds" ]
ok $? 'none of these made a tenant'

# ---- with one -----------------------------------------------------------------
status 0 'a tenant with a master key' with tenant-db create --tenant eds
uuid=$(db eds 'SELECT uuid FROM client')
keys() { # ID SLUG: its wrapped keys
	(cd "$TBMS_ROOT/keys" && find . -name "$1.*" -o -name "$2.*") |
	    sed "s/$1/UUID/" | sort | tr '\n' ' '
}
is "$(keys "$uuid" eds)" './UUID.1 ./archive/eds.1 ' 'has its wrapped keys'
is "$(stat -c %a "$TBMS_ROOT/keys" "$TBMS_ROOT/keys/$uuid.1" | tr '\n' ' ')" \
    '700 600 ' 'which are their owner'"'"'s only'
is "$(core "SELECT encryption_key FROM clients WHERE slug = 'eds'")" \
    "$uuid.1" 'core knows which, and not what'
fill eds with
is "$(canaries "$TBMS_ROOT" | sed "s|$TBMS_ROOT/||")" \
    "$(cd "$TBMS_ROOT" && ls tenants/old/tenant.db)" \
    'nothing sealed is in clear in any file'
rows eds with >"$T/got"
same "$T/got" "$T/clear" 'with the key it is as it was put'
status 0 'without the key' tenant-db get --tenant eds users
is "$(jq -c '[.username,.email,.phone,.first_name]' "$T/out")" \
    '["ann",{"sealed":true},{"sealed":true},"A"]
["bob",{"sealed":true},null,"B"]' 'it is seen to be sealed, the rest is there'
tenant-db get --tenant eds users | jq -c '.job_title="boss"' |
    tenant-db put --tenant eds users
is "$?" 0 'such a row goes back without the key'
is "$(with tenant-db get --tenant eds users | jq -r .email | head -n 1)" \
    'Ann@canary-1.example' 'and what was sealed stays'
echo '{"username":"ann","phone":"canary-8"}' |
    tenant-db put --tenant eds users 2>"$T/err"
is "$?" 2 'a sealed column cannot be put without the key'
like "$(cat "$T/err")" 'column phone: is sealed, and there is no master' \
    'which is said'
echo '{"username":"ann","phone":5550123}' |
    with tenant-db put --tenant eds users 2>"$T/err"
is "$(cat "$T/err")" \
    'tenant-db: stdin:1: column phone: is not of the form that it has' \
    'a value that is refused is not told'
echo '{"username":"eve","email":"ANN@canary-1.EXAMPLE","first_name":"","last_name":""}' |
    with tenant-db put --tenant eds users 2>"$T/err"
is "$(db eds 'SELECT count(*) FROM users')" 2 \
    'the same address in other letters is the same user'
is "$(with tenant-db get --tenant eds users | head -n 1 |
    jq -r '.username, .email' | tr '\n' ' ')" 'eve ANN@canary-1.EXAMPLE ' \
    'who is changed'
echo '{"username":"eve","phone":null}' | with tenant-db put --tenant eds users
is "$(db eds "SELECT count(*) FROM sealed_values
    WHERE table_name = 'users'")" 2 'a value that is taken away is gone'
db eds "DELETE FROM users WHERE username = 'bob'"
is "$(db eds "SELECT count(*) FROM sealed_values
    WHERE table_name = 'users'")" 1 'and so is that of a row that is removed'
tenant-db key create "$T/m2"
status 2 'another master key' \
    tenant-db get --master "$T/m2" --tenant eds users
like "$(cat "$T/err")" 'is wrapped by another master key$' 'is named'

# moved to another row or database, a sealed value does not open
db eds "UPDATE sealed_values SET row_id = 2 WHERE table_name = 'users'"
db eds "INSERT INTO users (username, email, first_name, last_name, id)
    VALUES ('zoe', 'z', '', '', 2)"
is "$(with tenant-db get --tenant eds users |
    jq -c 'select(.username == "zoe").email')" '{"sealed":true}' \
    'a value in another row does not open'

# ---- settings of the operators ----------------------------------------------
tenant-db create --tenant late
tenant-db key create "$T/backup.key"
tenant-db backup --tenant late --key "$T/backup.key"
with tenant-db key init --tenant late
status 0 'a backup of before there was a key' tenant-db restore --replace \
    --tenant late --key "$T/backup.key" "$TBMS_ROOT"/backups/late/*
like "$(cat "$T/err")" 'run tenant-db key init --tenant late$' 'is in clear'
with tenant-db delete --backups --tenant late --yes late 2>/dev/null
mkdir "$T/share"
cp -R "$TBMS_SHARE/schema" "$T/share/"
rm -r "$T/share/schema/tenant"
! with tenant-db create --share "$T/share" --tenant broken 2>"$T/err"
ok $? 'a tenant that cannot be made'
is "$(find "$TBMS_ROOT/keys" -name 'broken*')" '' 'leaves no key'
printf '{"phone":"canary\n{"phone" "canary"}\n' |
    tenant-db put --tenant eds users 2>"$T/err"
is "$(grep -c canary "$T/err")$(wc -l <"$T/err" | tr -d ' ')" 02 \
    'what is not JSON is named without what stands in it'
echo '{"config_key":"smtp.password","config_value":"x","is_sensitive":true}' |
    with tenant-db put --core system_config 2>"$T/err"
like "$(cat "$T/err")" 'run tenant-db key init --core$' \
    'core in clear beside a master key is told'
status 0 'a key for core' with tenant-db key init --core
echo '{"config_key":"smtp.password","config_value":"canary-9","is_sensitive":true}
{"config_key":"smtp.host","config_value":"mail"}' |
    with tenant-db put --core system_config
is "$(canaries "$TBMS_ROOT/core.db"*)" '' 'a sensitive setting is sealed'
is "$(with tenant-db get --core system_config |
    jq -r 'select(.config_key == "smtp.password").config_value')" canary-9 \
    'and opens'
is "$(tenant-db get --core system_config | jq -c 'select(.config_key
    | startswith("smtp")).config_value' | tr '\n' ' ')" \
    '{"sealed":true} "mail" ' 'without the key only the other is seen'

# ---- a tenant that was there before ------------------------------------------
touch "$TBMS_ROOT/tenants/old/tenant.db.v1" \
    "$TBMS_ROOT/tenants/old/tenant.db.replaced-1"
status 2 'keys need a master key' tenant-db key init --all
status 1 'all tenants get keys' with tenant-db key init --all
like "$(cat "$T/err")" 'old: tenant.db.replaced-1 holds in clear' \
    'what a restore has put aside is named'
is "$(canaries "$TBMS_ROOT")" '' 'nothing is in clear any more, in no file'
rows old with >"$T/got"
same "$T/got" "$T/clear" 'and all of it is there'
[ ! -e "$TBMS_ROOT/tenants/old/tenant.db.v1" ]
ok $? 'the copy of a migration is gone'
rm "$TBMS_ROOT/tenants/old/tenant.db.replaced-1"
status 0 'again' with tenant-db key init --all
is "$(find "$TBMS_ROOT/keys" -type f | wc -l | tr -d ' ')" 5 \
    'makes no more keys'
status 0 'the databases are whole' tenant-db check --all
is "$(sqlite3 "$TBMS_ROOT/core.db" "SELECT group_concat(event) FROM
    audit_logs WHERE client_id = (SELECT id FROM clients
    WHERE slug = 'eds')")" 'tenant.create,key.create' \
    'the log of core tells of it'
tenant-db status --tenant eds active
tenant-db status --tenant eds active
echo '{"slug":"eds","status":"suspended"}' | tenant-db put --core clients
tenant-db status --tenant eds active
is "$(core "SELECT group_concat(json_extract(line, '$.before.status') || '>' ||
    json_extract(line, '$.after.status')) FROM audit_logs
    WHERE event = 'tenant.status'")" \
    'trial>active,active>suspended,suspended>active' \
    'and of each change of a status'

# ---- backups -------------------------------------------------------------------
status 0 'a backup without a key of its own' with tenant-db backup --all
file=$(echo "$TBMS_ROOT"/backups/old/*)
status 2 'which does not open without the master key' \
    tenant-db restore --replace --tenant old "$file"
status 2 'nor for another tenant' \
    with tenant-db restore --replace --tenant eds "$file"
like "$(cat "$T/err")" 'backup of tenant old$|another tenant' 'which is said'
db old 'DELETE FROM users'
status 0 'restored' with tenant-db restore --replace --tenant old "$file"
rows old with >"$T/got"
same "$T/got" "$T/clear" 'all of it is there again'
is "$(db old "SELECT group_concat(event) FROM audit_logs")" \
    'key.create,backup.restore' 'its log tells of it'
rm "$TBMS_ROOT"/tenants/old/tenant.db.replaced*
mv "$TBMS_ROOT/tenants/old" "$T/old"
sqlite3 "$TBMS_ROOT/core.db" "UPDATE clients SET
    uuid = '00000000-0000-4000-8000-000000000000' WHERE slug = 'old'"
status 2 'a namesake whose database is gone' \
    with tenant-db restore --tenant old "$file"
like "$(cat "$T/err")" 'another tenant of this name$' 'is not taken for it'
sqlite3 "$TBMS_ROOT/core.db" "UPDATE clients SET
    uuid = (SELECT '$(sqlite3 "$T/old/tenant.db" 'SELECT uuid FROM client')')
    WHERE slug = 'old'"
mv "$T/old" "$TBMS_ROOT/tenants/old"

# ---- renewed -------------------------------------------------------------------
status 0 'a new key for a tenant' with tenant-db key rotate --tenant old
ouuid=$(db old 'SELECT uuid FROM client')
is "$(keys "$ouuid" old)" \
    './UUID.1 ./UUID.2 ./archive/old.1 ./archive/old.2 ' \
    'stands beside the old'
is "$(db old 'SELECT version FROM sealing')" 2 'and is the one in use'
rows old with >"$T/got"
same "$T/got" "$T/clear" 'all of it opens'
status 0 'a backup of before opens still' \
    with tenant-db restore --replace --tenant old "$file"
rows old with >"$T/got"
same "$T/got" "$T/clear" 'with what it holds'
status 0 'and gets on with the new key' with tenant-db key init --tenant old
is "$(db old 'SELECT version FROM sealing')" 2 'when it is told to'
status 0 'all keys under a new master key' \
    with tenant-db key rotate --to "$T/m2"
status 0 'again, as after a power cut' \
    with tenant-db key rotate --to "$T/m2"
status 2 'the old one opens nothing' \
    with tenant-db get --tenant old users
rows old env "TBMS_MASTER_KEY=$T/m2" >"$T/got"
same "$T/got" "$T/clear" 'the new one everything'
status 0 'and core' tenant-db get --master "$T/m2" --core system_config
like "$(cat "$T/out")" canary-9 'too'

# ---- from outside: the words of tenant(5) and tenant-db-key(1) ---------------
cat >"$T/column.py" <<'PY'
import sqlite3, sys
from sodium import kdf, unseal
master, root, slug, table, column, row = sys.argv[1:]
db = sqlite3.connect('%s/tenants/%s/tenant.db' % (root, slug))
uuid, version, value = db.execute('SELECT uuid, version, value FROM client,'
    ' sealing, sealed_values WHERE table_name = ? AND column_name = ? AND'
    ' row_id = ?', (table, column, row)).fetchone()
key = open('%s/keys/%s.%d' % (root, uuid, version), 'rb').read()
assert key[:8] == b'TBMSKEY\1'
key = unseal(key[48:], b'tbms-wrap-1|%s|%d' % (uuid.encode(), version),
    key[24:48], kdf(open(master, 'rb').read(), 1, b'tbms-wrp'))
assert value[:4] == bytes((1, 1, version & 255, version >> 8))
print(unseal(value[28:], value[:4] + ('|%s|%s|%s|%s' % (uuid, table, column,
    row)).encode(), value[4:28], kdf(key, 1, b'tbms-col')).decode())
PY
if python3 "$TESTS/sodium.py" 2>/dev/null; then
	is "$(PYTHONPATH=$TESTS python3 -B \
	    "$T/column.py" "$T/m2" "$TBMS_ROOT" old users email 1)" \
	    'Ann@canary-1.example' 'a sealed value is as tenant(5) says'
else
	skip 'no libsodium.so.23' 'a sealed value is as tenant(5) says'
fi

# ---- pages ---------------------------------------------------------------------
status 0 'pages without the key' dashboard --tenant old --lang fr
is "$(canaries "$TBMS_ROOT/site/old")" '' 'show nothing that is sealed'
status 0 'pages with it' dashboard --master "$T/m2" --tenant old --lang fr
like "$(canaries "$TBMS_ROOT/site/old" | tail -n 1)" 'html$' \
    'show whom to call'

# ---- put away -----------------------------------------------------------------
status 0 'a pair of keys' tenant-db key pair "$T/off"
is "$(stat -c '%a %s' "$T/off" "$T/off.pub" | tr '\n' ' ')" \
    '400 32 600 32 ' 'in two files'
status 0 'the master key sealed to it' \
    tenant-db key escrow --master "$T/m2" --to "$T/off.pub" "$T/sealed"
status 0 'comes back' \
    tenant-db key recover --with "$T/off" "$T/sealed" "$T/back"
cmp -s "$T/back" "$T/m2"
ok $? 'as it was'
cp "$T/off.pub" "$T/shown.pub"
chmod 400 "$T/shown.pub"
status 0 'to a public one that nobody may write' tenant-db key escrow \
    --master "$T/m2" --to "$T/shown.pub" "$T/sealed2"
tenant-db key pair "$T/off2"
status 2 'not with another secret' \
    tenant-db key recover --with "$T/off2" "$T/sealed" "$T/back2"
for secret in off key; do
	[ "$secret" = off ] || { cat "$T/off" >"$T/key"; cp "$T/off.pub" \
	    "$T/key.pub"; chmod 600 "$T/key"; }
	status 2 "to a secret key ($secret)" tenant-db key escrow \
	    --master "$T/m2" --to "$T/$secret" "$T/never"
	like "$(cat "$T/err")" "/$secret: is a secret key: give the public" \
	    '... which nobody could open'
done
[ ! -e "$T/never" ]
ok $? 'nothing is sealed to it'
status 2 'nothing is written over' \
    tenant-db key escrow --master "$T/m2" --to "$T/off.pub" "$T/sealed"

# ---- what it may hold ------------------------------------------------------------
# the chain of the logs by the words of tenant(5), from outside
cat >"$T/chain.py" <<'PY'
import hashlib, json, sqlite3, sys
prev = '0' * 64
for seq, line, digest in sqlite3.connect(sys.argv[1]).execute(
        'SELECT id, line, hash FROM audit_logs ORDER BY id'):
    told = json.loads(line)
    prev = hashlib.sha256(b'tbms-audit-1\n' + prev.encode() + b'\n' +
                          line.encode()).hexdigest()
    assert digest == prev and told['seq'] == seq, (seq, line)
    assert line == json.dumps(told, separators=(',', ':'))
print('whole')
PY
for file in core.db tenants/old/tenant.db tenants/eds/tenant.db; do
	is "$(python3 "$T/chain.py" "$TBMS_ROOT/$file")" whole \
	    "the chain of $file"
done
status 0 'tenant-db check walks it' tenant-db check --tenant eds
db eds "DROP TRIGGER audit_logs_no_update; UPDATE audit_logs
    SET line = replace(line, 'backup.create', 'backup.delete')"
status 1 'a line that was changed' tenant-db check --tenant eds
like "$(cat "$T/err")" 'audit_logs: line 1: its hash is another$' 'is found'
chmod 644 "$TBMS_ROOT/tenants/old/tenant.db"
touch "$TBMS_ROOT/tenants/old/aside"
chmod 604 "$TBMS_ROOT/tenants/old/aside"
status 1 'files that others may open' tenant-db check --tenant old
like "$(cut -d: -f3 "$T/err")" 'old/aside$' 'are found'
done_testing
