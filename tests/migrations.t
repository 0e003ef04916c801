#!/bin/sh
# Databases of every version that ever landed (tests/fixtures, made by the
# programs of that version) are brought up to this one: nothing is lost, and
# nobody could tell them from new ones. What they hold was worked out by
# fixtures/data.py and rollup.py, not by us.
. "$(dirname "$0")/lib.sh"
fixtures=$TESTS/fixtures
db=$TBMS_ROOT/tenants/eds/tenant.db
data() {
	python3 "$fixtures/data.py" "$@"
}
load() { # FIXTURE DATABASE
	rm -rf "$2" "$2-wal" "$2-shm" "$2".v*
	mkdir -p "${2%/*}"
	chmod 700 "${2%/*}"
	sqlite3 "$2" <"$1"
	sqlite3 "$2" 'PRAGMA journal_mode = wal' >/dev/null
	chmod 600 "$2"
}
edition() {
	sqlite3 "$1" 'PRAGMA user_version'
}
newest() { # KIND
	find "$TBMS_SHARE/schema/$1" -name '*.sql' | wc -l
}

# ---- each version has its fixture ----------------------------------------
for kind in tenant core access; do
	rm -f "$T/files.db"*
	for file in "$TBMS_SHARE/schema/$kind"/*.sql; do
		n=$(basename "$file" .sql)
		{
			cat "$file"
			echo "PRAGMA user_version = $((1$n - 10000));"
		} | sqlite3 "$T/files.db"
		fixture=$fixtures/$kind-$n.sql
		if [ ! -f "$fixture" ]; then
			ok 1 "schema/$kind/$n.sql has a fixture"
			echo "# make one: sh tests/fixtures/make.sh build"
			continue
		fi
		load "$fixture" "$T/landed.db"
		python3 "$TESTS/schemas.py" "$T/landed.db" "$T/files.db" \
		    >"$T/out"
		ok $? "schema/$kind/$n.sql is as it was when it landed"
		sed 's/^/# /' "$T/out" | cut -c 1-2000
	done
done

# ---- and is brought up to the newest --------------------------------------
tenant-db create --tenant new --timezone America/Toronto --status active
# none of it is sealed, so all of it stands as rows
history() {
	sqlite3 -csv -header "$db" "SELECT b.slug, h.* FROM history_rows h
	    JOIN batteries b ON b.id = h.battery_id WHERE b.slug != 'ktm'
	    ORDER BY b.slug, period_type, period_start" | cut -d , -f 1,3-
}
data readings | grep -v '"energy"' >"$T/lines"
tables=$(data tables)
# a build that is slow tries the first, the last and one between: the others
# are for the plain one
slow() {
	case $B in */san) ;; *) return 1 ;; esac
	case $1 in *-0001-a | *-0003 | *-"$(printf %04d $(($(newest tenant) - 1)))")
		return 1 ;;
	esac
}
for fixture in "$fixtures"/tenant-*.sql; do
	name=$(basename "$fixture" .sql)
	! slow "$name" || continue
	load "$fixture" "$db"
	before=$(edition "$db")
	table=bms_data_history # as it was called
	[ "$before" -lt 8 ] || table=history_rows
	periods=$(sqlite3 "$db" "SELECT count(*) FROM $table")
	if [ "$before" -lt "$(newest tenant)" ]; then
		status 2 "$name: not opened before" \
		    tenant-db get --tenant eds batteries
		status 0 "$name: migrate" tenant-db migrate --tenant eds
		load "$fixture" "$T/old.db"
		python3 "$TESTS/schemas.py" "$db.v$before" "$T/old.db"
		ok $? "$name: a copy of it is kept"
	fi
	python3 "$TESTS/schemas.py" "$db" "$TBMS_ROOT/tenants/new/tenant.db" \
	    >"$T/out"
	ok $? "$name: as if it were new"
	sed 's/^/# /' "$T/out" | cut -c 1-2000
	is "$(sqlite3 "$db" 'SELECT count(*) FROM history_rows')" \
	    "$periods" "$name: $periods periods are there"
	status 0 "$name: check" tenant-db check --tenant eds
	mkdir -p "$T/got"
	for table in $tables; do
		tenant-db get --tenant eds "$table" >"$T/got/$table"
	done
	tenant-export --tenant eds --format ndjson readings >"$T/got/readings"
	rollup --tenant eds
	tenant-db query --tenant eds "SELECT b.slug AS battery, f.kind, f.code,
	    strftime('%Y-%m-%dT%H:%M:%S.000Z', raised_at / 1000, 'unixepoch')
	    AS raised_at, strftime('%Y-%m-%dT%H:%M:%S.000Z', cleared_at / 1000,
	    'unixepoch') AS cleared_at FROM fault_events f
	    JOIN batteries b ON b.id = f.battery_id" >"$T/got/fault_events"
	alert-eval --tenant eds --now 2026-10-25T01:50:00Z >/dev/null
	tenant-db get --tenant eds alerts >"$T/got/alerts"
	is "$(data check "$T/got"; echo $?)" 0 \
	    "$name: rows, readings, faults and alerts are those put in"
	history >"$T/history"
	python3 "$TESTS/rollup.py" check "$T/lines" "$T/history" 13 \
	    >"$T/report"
	ok $? "$name: history is that of an independent rollup"
	sed 's/^/# /' "$T/report" | tail -n 5
	is "$(sqlite3 "$db" "SELECT DISTINCT energy_production_wh
	    FROM history_rows h JOIN batteries b ON b.id = h.battery_id
	    WHERE b.slug = 'ktm'")" 150.0 "$name: 150 Wh were produced"
	is "$(sqlite3 "$db" 'SELECT count(*) FROM suspects')" 0 \
	    "$name: nothing of it is doubted"
done

for fixture in "$fixtures"/core-*.sql; do
	name=$(basename "$fixture" .sql)
	mv "$TBMS_ROOT/core.db" "$T/core.db"
	load "$fixture" "$TBMS_ROOT/core.db"
	status 0 "$name: migrate" tenant-db migrate --core
	python3 "$TESTS/schemas.py" "$TBMS_ROOT/core.db" "$T/core.db"
	ok $? "$name: as if it were new"
	is "$(tenant-db get --core clients | jq -r '[.slug, .status,
	    .timezone] | join(" ")')" 'eds active America/Toronto' \
	    "$name: its client is there"
	mv "$T/core.db" "$TBMS_ROOT/core.db"
done
access=$TBMS_ROOT/access.db
tenant-user init --password-out "$T/boss" boss
for fixture in "$fixtures"/access-*.sql; do
	name=$(basename "$fixture" .sql)
	mv "$access" "$T/access.db"
	load "$fixture" "$access"
	status 0 "$name: migrate" tenant-user migrate
	python3 "$TESTS/schemas.py" "$access" "$T/access.db"
	ok $? "$name: as if it were new"
	is "$(tenant-user list | jq -r .name | tr '\n' ' ')" 'ann boss ' \
	    "$name: its logins are there"
	rm -f "$access"*
	mv "$T/access.db" "$access"
done

# ---- killed, and without room --------------------------------------------
first=$fixtures/tenant-0001-a.sql
load "$first" "$T/old.db"
fresh() {
	rm -f "$db"*
	cp "$T/old.db" "$db"
}
n=0 old=0 up=0
while [ "$n" -lt "${KILLS:-12}" ]; do
	fresh
	cut_off "0.0$((n * 7 % 10))" tenant-db migrate --tenant eds
	n=$((n + 1))
	case $(edition "$db") in
	1)
		python3 "$TESTS/schemas.py" "$db" "$T/old.db" &&
		    old=$((old + 1)) ;;
	"$(newest tenant)")
		python3 "$TESTS/schemas.py" "$db" \
		    "$TBMS_ROOT/tenants/new/tenant.db" && up=$((up + 1)) ;;
	esac
done
is $((old + up)) "$n" "killed $n times: $old old, $up new, none between"
status 0 'migrate after them' tenant-db migrate --tenant eds
status 0 'which is whole' tenant-db check --tenant eds
tenant-export --tenant eds --format ndjson readings >"$T/rows"
same "$T/rows" "$T/got/readings" 'and has its readings'
is "$(find "$TBMS_ROOT/tenants/eds" -name '*.new')" '' 'no copy is left half'

fresh
mkdir -p "$T/share"
cp -R "$TBMS_SHARE/schema" "$T/share/schema"
rm "$T/share/schema/tenant/0003.sql"
echo 'CREATE TABLE half (x) STRICT; SELECT nonsense;' \
    >"$T/share/schema/tenant/0003.sql"
status 2 'the second file of three fails' \
    tenant-db migrate --tenant eds --share "$T/share"
python3 "$TESTS/schemas.py" "$db" "$T/old.db"
ok $? 'the old version is whole'
done_testing
