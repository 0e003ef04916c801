#!/bin/sh
# tenant-db create, migrate, put, get, query. What stands in the databases is
# read by the sqlite3 shell, not by us.
. "$(dirname "$0")/lib.sh"

put() { # TABLE LINES...: into tenant a
	put_table=$1
	shift
	printf '%s\n' "$@" | tenant-db put --tenant a "$put_table" 2>"$T/err"
}

# ---- create -------------------------------------------------------------
status 2 'create without a name' tenant-db create
status 2 'a name that leads out' tenant-db create --tenant ../x
status 2 'a zone that is none' \
    tenant-db create --tenant a --timezone America/Nowhere
like "$(cat "$T/err")" 'timezone' '... and says so'
is "$(find "$TBMS_ROOT/tenants" -mindepth 1 2>/dev/null)" '' \
    '... and makes nothing'
is "$(sqlite3 "$TBMS_ROOT/core.db" 'SELECT count(*) FROM clients')" 0 \
    '... not in core.db either'
status 0 'create' tenant-db create --tenant a --timezone America/Toronto \
    --name 'Énergie A'
status 2 'twice is wrong' tenant-db create --tenant a
status 0 'a second tenant' tenant-db create --tenant b
is "$(stat -c %a "$TBMS_ROOT/tenants/a" "$TBMS_ROOT/tenants/a/tenant.db" \
    "$TBMS_ROOT/core.db" | tr '\n' ' ')" '700 600 600 ' 'modes'
is "$(db a 'SELECT slug, name, timezone, language, status FROM client')" \
    'a|Énergie A|America/Toronto|fr|trial' 'the client row is in the tenant'
is "$(db a 'SELECT uuid FROM client')" \
    "$(sqlite3 "$TBMS_ROOT/core.db" \
    "SELECT uuid FROM clients WHERE slug = 'a'")" '... with the uuid of core'
edition=$(find "$TBMS_SHARE/schema/tenant" -name "*.sql" | wc -l)
is "$(db a 'PRAGMA application_id; PRAGMA user_version;
    PRAGMA journal_mode')" "1413631315
$edition
wal" 'the database says what it is'
rm -rf "$TBMS_ROOT/tenants/b"
status 0 'a broken create is completed by the next' \
    tenant-db create --tenant b
is "$(db b 'SELECT count(*) FROM client')" 1 '... as a whole'
chmod 500 "$TBMS_ROOT/tenants"
if [ "$(id -u)" = 0 ]; then
	skip 'root may write everywhere' 'create in a closed folder'
else
	status 111 'create in a closed folder' tenant-db create --tenant c
fi
chmod 700 "$TBMS_ROOT/tenants"

# killed at any moment, create can be done again, and then all is there
python3 - >"$T/kills" <<'PY'
import random, subprocess, time
random.seed(3)
kills = 0
for n in range(20):
    call = ['tenant-db', 'create', '--tenant', 'k%d' % (n % 4)]
    p = subprocess.Popen(call, stderr=subprocess.DEVNULL)
    time.sleep(random.uniform(0, 0.01))
    p.kill()
    kills += p.wait() == -9
print(kills)
PY
like "$(cat "$T/kills")" '^[1-9][0-9]*$' 'create is killed'
for n in 0 1 2 3; do
	tenant-db create --tenant k$n 2>"$T/err" || grep -q there "$T/err" ||
	    cat "$T/err"
done
is "$(for n in 0 1 2 3; do db k$n 'SELECT c.slug, count(v.id) FROM client c
    JOIN views v'; done | tr '\n' ' ')" 'k0|1 k1|1 k2|1 k3|1 ' \
    '... and completed'
is "$(for n in 0 1 2 3; do db k$n 'SELECT uuid FROM client'; done)" \
    "$(sqlite3 "$TBMS_ROOT/core.db" "SELECT uuid FROM clients
    WHERE slug GLOB 'k*' ORDER BY slug")" '... each as core has it'
sqlite3 "$TBMS_ROOT/core.db" "DELETE FROM clients WHERE slug GLOB 'k*'"
rm -rf "$TBMS_ROOT"/tenants/k?
cat >"$T/full.sh" <<'SH'
mkdir "$T/small" && mount -t tmpfs -o size=200k tmpfs "$T/small" || exit 77
tenant-db create --root "$T/small" --tenant x 2>"$T/err"
echo $?
find "$T/small/tenants" -mindepth 1
mount -o remount,size=8m "$T/small" || exit 77
tenant-db create --root "$T/small" --tenant x && echo made
SH
export T
if unshare -m sh "$T/full.sh" >"$T/full" 2>/dev/null; then
	is "$(cat "$T/full")" '111
made' 'create on a full disk leaves nothing, and works with room again'
else
	skip 'no mount here' 'create on a full disk'
fi

# ---- put: good rows -----------------------------------------------------
type_row='{"slug":"lfp","name":"LFP 16S","chemistry":"lfp",
"nominal_voltage":51.2,"capacity_ah":280,"capacity_wh":14336,
"cell_count":16}'
put battery_types "$(echo "$type_row" | tr -d '\n')"
is $? 0 'put a type'
put locations '{"slug":"quai","name":"Quai","parent":"gaspe"}' \
    '{"slug":"gaspe","name":"Gaspé","timezone":"America/Toronto"}'
is $? 0 'a row may refer to a row behind it'
is "$(db a "SELECT p.slug FROM locations l JOIN locations p
    ON p.id = l.parent_id WHERE l.slug = 'quai'")" gaspe '... by its slug'
put batteries '{"slug":"b-01","serial_number":"S1","name":"B 1",
"battery_type":"lfp","location":"quai","purchase_date":"2024-02-29",
"bms_config":{"a":[1,{"b":null}]}}'
is $? 1 'a row of several lines is no row'
put batteries '{"slug":"b-01","serial_number":"S1","name":"B 1","battery_type":"lfp","location":"quai","purchase_date":"2024-02-29","bms_config":{"a":[1,{"b":null}]}}' \
    '{"slug":"b-02","serial_number":"S2","name":"B 2","battery_type_id":1,"location":2}'
is $? 0 'put batteries, references by slug, column name and number'
is "$(db a 'SELECT bms_config FROM batteries WHERE id = 1')" \
    '{"a":[1,{"b":null}]}' 'JSON is kept'
put batteries '{"slug":"b-01","name":"B un"}'
is $? 0 'a part of a row changes a part'
is "$(db a "SELECT name, serial_number, purchase_date FROM batteries
    WHERE slug = 'b-01'")" 'B un|S1|2024-02-29' '... and nothing else'
put batteries '{"serial_number":"S1","notes":"found by its number"}' \
    '{"slug":"b-01","purchase_date":null}'
is $? 0 'found by another key; null is unknown'
is "$(db a "SELECT notes, purchase_date IS NULL FROM batteries
    WHERE slug = 'b-01'")" 'found by its number|1' '... stored'
put devices '{"device":"bms-1","profile":"jk","address":"tcp://127.0.0.1:502","unit":3,"battery":"b-01","valid_from":"2024-05-14T00:00:00Z"}'
is $? 0 'a device with its battery'
put devices '{"device":"bms-1","battery":"b-02","valid_from":"2025-05-14T02:00:00+02:00"}'
is "$(db a 'SELECT valid_from, battery_id FROM device_batteries
    ORDER BY valid_from')" '1715644800000|1
1747180800000|2' 'a battery that is exchanged: both times stay'
is "$(db a 'SELECT unit, interval_ms FROM devices')" '3|0' \
    '... and the device is as it was'
put devices '{"device":"bms-1","battery":"b-01"}'
is $? 1 'another battery without valid_from is refused'
put devices '{"device":"bms-1","battery":"b-02","interval_ms":5000}'
is $? 0 'the same battery needs none'

# ---- put: bad rows ------------------------------------------------------
# bad TABLE LINE PATTERN NAME: refused, with file, line and reason
bad() {
	before=$(db a "SELECT total(length(CAST(name AS TEXT))), count(*)
	    FROM batteries")
	printf '%s\n' "$2" >"$T/bad.ndjson"
	tenant-db put --tenant a "$1" "$T/bad.ndjson" 2>"$T/err"
	is $? 1 "$4"
	like "$(cat "$T/err")" "^tenant-db: $T/bad.ndjson:1: $3" '... says why'
	is "$(db a "SELECT total(length(CAST(name AS TEXT))), count(*)
	    FROM batteries")" "$before" '... and stores nothing'
}
new='"serial_number":"S9","name":"N","location":"quai"'
bad battery_types '{"slug":"x","name":"X","chemistry":"xyz","nominal_voltage":1,"capacity_ah":1,"capacity_wh":1,"cell_count":1}' \
    'column chemistry: "xyz" is none of li-ion, lifepo4' 'a word that is none'
bad batteries "{\"slug\":\"b-09\",$new,\"battery_type\":\"nope\"}" \
    'column battery_type: "nope" is not in battery_types' 'no such type'
bad batteries "{\"slug\":\"b-09\",$new}" \
    'column battery_type: is missing' 'a member that must be there'
bad batteries "{\"slug\":\"b-09\",$new,\"battery_type\":\"lfp\",\"colour\":1}" \
    'unknown member "colour"' 'an unknown member'
bad batteries "{\"slug\":\"B 9\",$new,\"battery_type\":\"lfp\"}" \
    'does not hold: slug GLOB' 'a slug that is none'
bad batteries '{"slug":"b-01","health_score":101}' \
    'does not hold: health_score BETWEEN 0 AND 100' 'out of range'
bad batteries '{"slug":"b-01","purchase_date":"2025-02-30"}' \
    'column purchase_date: "2025-02-30" is no date' 'a day that never was'
bad batteries '{"slug":"b-01","is_active":1}' \
    'column is_active: 1 is neither true nor false' 'a number for a flag'
bad batteries '{"slug":"b-01","bms_port":"80"}' \
    'column bms_port: "80" is no whole number' 'a text for a number'
bad batteries '{"slug":"b-01","bms_port":80.5}' \
    'column bms_port: 80.5 is no whole number' 'half a port'
bad batteries '{"slug":"b-01","bms_config":[1]}' \
    'column bms_config: \[1\] is no object' 'an array for an object'
bad batteries '{"slug":"b-01","name":null}' \
    'column name: must not be null' 'null where it must be known'
bad batteries '{"slug":"b-02","serial_number":"S1"}' \
    'column serial_number: another row has this value' 'taken by another'
bad batteries '{"slug":"b-01","slug":"b-02"}' 'is no JSON: duplicate' \
    'a member twice'
bad batteries '{"slug":"b-01","location":"quai","location_id":1}' \
    'column location_id: given twice' 'a column twice'
bad batteries '{"slug":"b-01"' 'is no JSON' 'a line cut off'
bad batteries '["b-01"]' 'is no object' 'an array'
bad batteries "$(printf '{"slug":"b-01","name":"\377"}')" 'is no JSON' \
    'not UTF-8'
bad batteries '{"tenant":"b","slug":"b-01"}' 'is of tenant b, not a' \
    'a row of another tenant'
bad batteries '{"id":1,"slug":"b-07"}' 'unknown member "id"' 'a row number'
bad locations '{"slug":"gaspe","parent":"quai"}' \
    'column parent: the location would lie in itself' 'a ring of places'
bad locations '{"slug":"gaspe","timezone":"../etc/passwd"}' \
    'column timezone' 'a zone that leads out'
bad devices '{"device":"x","profile":"p","address":"smoke://x"}' \
    'column address' 'an address that is none'
bad devices '{"device":"x","profile":"p","address":"tcp://h:1","battery":"nope"}' \
    'column battery: "nope" is not in batteries' 'a device of no battery'
is "$(db a "SELECT count(*) FROM devices WHERE device = 'x'")" 0 \
    '... the device is not stored either'
bad views '{"slug":"v","name":"V","selection":{"colour":["x"]}}' \
    'column selection: "colour" is an unknown member' 'a selection too wide'
rule='"severity":"info","category":"soc","title":"t","message":"m"'
bad alert_rules "{\"code\":\"r\",$rule,\"expression\":\"soc_percent <\"}" \
    'column expression' 'a rule that breaks off'
bad alert_rules "{\"code\":\"r\",$rule,\"expression\":\"colour > 1\"}" \
    'column expression' 'a rule of no measurement'
bad alert_rules "{\"code\":\"r\",$rule,\"expression\":\"soc_percent < 5\",\"clear_expression\":\"(SELECT 1)\"}" \
    'column clear_expression' 'a rule that asks a table'
put custom_fields '{"field_name":"use","field_label":"Use","field_type":"select","applies_to":"battery","options":["a","b"]}' \
    '{"field_name":"since","field_label":"Since","field_type":"date","applies_to":"location"}'
is $? 0 'custom fields'
put custom_field_values \
    '{"custom_field":"use","entity_type":"battery","entity":"b-01","field_value":"b"}' \
    '{"custom_field":"since","entity_type":"location","entity":"quai","field_value":"2020-01-01"}'
is $? 0 'values of custom fields'
bad custom_field_values '{"custom_field":"use","entity_type":"battery","entity":"b-01","field_value":"c"}' \
    'column field_value: "c" is no select' 'a value that is no option'
bad custom_field_values '{"custom_field":"since","entity_type":"location","entity":"quai","field_value":"soon"}' \
    'column field_value: "soon" is no date' 'a value that is no date'
bad custom_field_values '{"custom_field":"since","entity_type":"battery","entity":"b-01","field_value":"2020-01-01"}' \
    'column custom_field: "since" is not in custom_fields' \
    'a field of another kind of thing'
bad custom_field_values '{"custom_field":"use","entity_type":"battery","entity":"b-77","field_value":"a"}' \
    'column entity: "b-77" is not in' 'a value of nothing'

printf '%s\n' '{"slug":"g1","name":"G"}' 'rubbish' '{"slug":"g2"}' \
    '{"slug":"g3","name":"G"}' >"$T/mixed"
status 1 'good rows are stored beside bad ones' \
    tenant-db put --tenant a --reject "$T/rejects" locations "$T/mixed"
is "$(db a "SELECT group_concat(slug) FROM (SELECT slug FROM locations
    WHERE slug GLOB 'g[0-9]' ORDER BY slug)")" g1,g3 '... the good ones'
is "$(cut -d : -f 3 "$T/err" | tr '\n' ' ')" '2 3 ' '... by their lines'
is "$(cat "$T/rejects")" 'rubbish
{"slug":"g2"}' '... and the bad ones kept'
status 1 'a trial finds the same' \
    tenant-db put --tenant b --dry-run locations "$T/mixed"
is "$(db b 'SELECT count(*) FROM locations')" 0 '... and stores nothing'
for table in readings audit_logs touched client nothing 'x" --'; do
	status 2 "put to $table is wrong" tenant-db put --tenant a "$table"
done
awk 'BEGIN { for (i = 0; i < 1048577; i++) printf "x"; print "" }' |
    tenant-db put --tenant a locations 2>"$T/err"
is $? 1 'a line that is too long'
tenant-db put --tenant a locations <"$T/mixed" >/dev/full 2>/dev/null
is $? 1 'put writes nothing to standard output'

# ---- get: what put takes back -------------------------------------------
put users '{"username":"anne","email":"a@example.org","first_name":"Anne","last_name":"Roy","views":["all"],"role":"operator"}'
put users '{"username":"ben","email":"b@example.org","first_name":"Ben","last_name":"Roy","created_by":"anne"}'
put views '{"slug":"north","name":"Nord","selection":{"locations":["quai"]}}'
put alert_rules '{"code":"soc-low","severity":"warning","category":"soc","title":"Low","message":"m","expression":"soc_percent < 15","threshold":0.1}'
put maintenance_logs '{"battery":"b-01","performed_at":"2026-03-12T14:30:00Z","kind":"inspection","title":"Été","cost":12.3,"user":"anne","parts_replaced":["fuse"]}'
put alerts '{"battery":"b-01","severity":"info","category":"soc","alert_code":"soc-low","title":"t","message":"m","first_occurrence":"2026-01-01T00:00:00Z"}'
put clients_config '{"config_key":"k","config_value":null}'
tenant-db create --tenant c
for table in battery_types locations batteries devices device_batteries \
    custom_fields custom_field_values users views alert_rules alerts \
    maintenance_logs clients_config; do
	tenant-db get --tenant a --rows $table >"$T/$table.1"
	tenant-db put --tenant c $table <"$T/$table.1" 2>"$T/err"
	is $? 0 "what get $table gives, put takes"
	tenant-db get --tenant c --rows $table >"$T/$table.2"
	# the default view is c's own, older by a moment
	[ $table = views ] && sed -i 1d "$T/$table.1" "$T/$table.2"
	same "$T/$table.2" "$T/$table.1" '... and it is the same'
done
is "$(tenant-db get --tenant a users | jq -r .created_by | tr '\n' ' ')" \
    'null anne ' 'a reference by the key of the other row'
is "$(tenant-db get --all locations | jq -r .tenant | tr -d '\n')" aaaacccc \
    'get --all names the tenant'
is "$(tenant-db get devices --tenant a)" '{"kind":"device","tenant":"a","device":"bms-1","profile":"jk","battery":"b-02","valid_from":"2025-05-14T00:00:00.000Z","address":"tcp://127.0.0.1:502","unit":3,"interval_ms":5000,"timeout_ms":1000}' \
    'devices come as device(5) lines'
tenant-db get devices --tenant a | tenant-db put --tenant a devices
is $? 0 '... which put takes back'
put devices '{"device":"bms-1","is_active":false}'
is "$(tenant-db get devices --tenant a)" '' 'a device out of use is not polled'
status 2 'get of no table' tenant-db get --tenant a nothing
status 2 'get of packed rows' tenant-db get --tenant a readings
status 2 'get of no tenant' tenant-db get --tenant z batteries
status 2 'get of all and one' tenant-db get --all --tenant a batteries
tenant-db get --tenant a batteries >/dev/full 2>"$T/err"
is $? 111 'a full disk reaches the status'

# ---- core ---------------------------------------------------------------
is "$(tenant-db get --core clients | jq -r .slug | tr '\n' ' ')" 'a b c ' \
    'get --core'
echo '{"slug":"a","status":"active","max_users":25}' |
    tenant-db put --core clients
is "$(db a 'SELECT status, max_users, timezone FROM client')" \
    'active|25|America/Toronto' 'what the tenant may know is copied to it'
echo '{"client":"a","module":"core","config":{"x":1}}' |
    tenant-db put --core client_modules
is "$(sqlite3 "$TBMS_ROOT/core.db" 'SELECT c.slug, m.name, m.config
    FROM (SELECT * FROM client_modules) m2 JOIN clients c ON c.id = client_id
    JOIN (SELECT id, name, NULL AS config FROM modules) m
    ON m.id = module_id')" 'a|core|' 'client_modules by slug and name'
status 0 'put --core system_config' sh -c \
    'echo "{\"config_key\":\"x\",\"config_value\":{\"y\":[1]}}" |
    tenant-db put --core system_config'
status 2 'core has no batteries' tenant-db get --core batteries
status 2 'a tenant has no clients' tenant-db get --tenant a clients

# ---- query --------------------------------------------------------------
is "$(tenant-db query --tenant a 'SELECT slug, 1.50 AS x, NULL AS n
    FROM batteries ORDER BY slug')" '{"slug":"b-01","x":1.5,"n":null}
{"slug":"b-02","x":1.5,"n":null}' 'query as lines'
is "$(tenant-db query --tenant a --csv "SELECT 'a,\"b\"' AS t, '=1+1' AS f,
    -1 AS n" | tr -d '\r')" 't,f,n
"a,""b""",'"'"'=1+1,-1' 'query as CSV, no formula'
is "$(tenant-db query --tenant a --csv --raw "SELECT '=1+1' AS f" |
    tr -d '\r')" 'f
=1+1' 'query as CSV, raw'
is "$(tenant-db query --tenant a --table "SELECT 'é' AS t, 10 AS n
    UNION ALL SELECT 'abc', 9")" 't     n
é    10
abc   9' 'query as a table'
for sql in 'DELETE FROM batteries' 'PRAGMA user_version' 'SELECT 1; SELECT 2' \
    "ATTACH 'x' AS y" "SELECT load_extension('x')" 'CREATE TABLE x(y)' \
    'SELECT * FROM nothing' 'VACUUM' 'BEGIN' 'SELECT readfile(1)' \
    "SELECT * FROM pragma_table_info('users')" ''; do
	status 2 "query refuses: $sql" tenant-db query --tenant a "$sql"
done
status 111 'a query without an end is stopped' tenant-db query --tenant a \
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT max(x) FROM c'
like "$(cat "$T/err")" 'stopped after 5 s' '... and says so'

# ---- migrate ------------------------------------------------------------
status 0 'migrate with nothing to do' tenant-db migrate --all --core
is "$(ls "$TBMS_ROOT/tenants/a")" tenant.db '... makes no copy'
cp -R "$TBMS_SHARE/schema" "$T/schema-old"
mkdir -p "$T/share"
cp -R "$TBMS_SHARE/schema" "$T/share/schema"
next=$((edition + 1))
file=$T/share/schema/tenant/$(printf %04d $next).sql
echo 'ALTER TABLE batteries ADD COLUMN colour TEXT;' \
    >"$file"
status 0 'migrate' tenant-db migrate --tenant b --share "$T/share"
is "$(db b 'PRAGMA user_version; SELECT count(colour) FROM batteries')" "$next
0" '... by the new file'
is "$(sqlite3 "$TBMS_ROOT/tenants/b/tenant.db.v$edition" 'PRAGMA user_version;
    PRAGMA integrity_check')" "$edition
ok" '... with a copy of the old'
status 2 'a newer database is refused' tenant-db get --tenant b batteries
like "$(cat "$T/err")" 'newer than' '... and says so'
status 2 'migrate refuses a newer one' tenant-db migrate --tenant b
echo 'CREATE TABLE half (x) STRICT; SELECT nonsense;' \
    >"$file"
status 2 'a file that fails' tenant-db migrate --tenant a --share "$T/share"
is "$(db a "PRAGMA user_version;
    SELECT count(*) FROM sqlite_schema WHERE name = 'half'")" "$edition
0" '... leaves nothing half-done'
db a 'PRAGMA user_version = 0' >/dev/null
status 2 'an older one asks for migrate' tenant-db get --tenant a batteries
like "$(cat "$T/err")" 'tenant-db migrate' '... by name'
db a "PRAGMA user_version = $edition" >/dev/null

# ---- what is no database ------------------------------------------------
mkdir "$TBMS_ROOT/tenants/bad"
head -c 8192 /dev/urandom >"$TBMS_ROOT/tenants/bad/tenant.db"
status 2 'rubbish for a database' tenant-db get --tenant bad batteries
: >"$TBMS_ROOT/tenants/bad/tenant.db"
status 2 'an empty file' tenant-db get --tenant bad batteries
cp "$TBMS_ROOT/core.db" "$TBMS_ROOT/tenants/bad/tenant.db"
status 2 'core.db for a tenant' tenant-db get --tenant bad batteries
rm "$TBMS_ROOT/tenants/bad/tenant.db"
ln -s ../a/tenant.db "$TBMS_ROOT/tenants/bad/tenant.db"
status 2 "a link to another tenant's" tenant-db get --tenant bad batteries
rm "$TBMS_ROOT/tenants/bad/tenant.db"
status 111 'a folder without its file' tenant-db get --tenant bad batteries
rm -r "$TBMS_ROOT/tenants/bad"
cp "$TBMS_ROOT/tenants/c/tenant.db" "$T/c.db"
python3 - "$TBMS_ROOT/tenants/c/tenant.db" <<'PY'
import sys
with open(sys.argv[1], 'r+b') as f:
    data = f.read()
    for at in range(4096, len(data), 4096):
        f.seek(at)
        f.write(b'\xff' * 64)
PY
status 2 'damaged pages' tenant-db put --tenant c locations "$T/locations.1"
cp "$T/c.db" "$TBMS_ROOT/tenants/c/tenant.db"

# ---- one tenant only ----------------------------------------------------
# the sanitizer's search for leaks is a tracer too
export ASAN_OPTIONS=detect_leaks=0
if strace -f -o "$T/trace" true 2>/dev/null; then
	strace -f -e trace=%file -o "$T/trace" tenant-db put --tenant a \
	    locations "$T/mixed" 2>/dev/null
	is "$(grep -c 'tenants/[bc]' "$T/trace")" 0 \
	    'put --tenant a looks at no other tenant'
	strace -f -e trace=%file -o "$T/trace" tenant-db query --tenant a \
	    'SELECT 1' >/dev/null
	is "$(grep -Ec 'tenants/[bc]|access.db|core.db' "$T/trace")" 0 \
	    'nor does query'
else
	skip 'strace does not work here' 'what is opened'
fi
is "$(tenant-db -h | head -n 1 | cut -c 1-15)" 'usage: tenant-d' 'usage'
status 2 'an unknown subcommand' tenant-db nonsense
for sub in create migrate put get append query; do
	status 0 "tenant-db $sub -h" tenant-db $sub -h
done
done_testing
