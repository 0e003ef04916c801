#!/bin/sh
# What each program does for a client that is active, on trial, suspended or
# archived: the table of tenant(5), tried out; and quotas.
. "$(dirname "$0")/lib.sh"

umask 022
now=2026-03-01T10:10:00Z
put() {
	tenant-db put --tenant eds "$1"
}
tenant-db create --tenant other --status active
tenant-db create --tenant eds --timezone UTC --status active
echo '{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":48,"capacity_ah":100,"capacity_wh":4800,"cell_count":16}' |
    put battery_types
echo '{"slug":"here","name":"Here"}' | put locations
echo '{"slug":"b","serial_number":"1","name":"B","battery_type":"t","location":"here","status":"operational"}' |
    put batteries
echo '{"device":"d","profile":"p","address":"can://can0","battery":"b"}' |
    put devices
echo '{"code":"high","severity":"critical","category":"voltage","title":"High","message":"high","expression":"pack_voltage > 55"}' |
    put alert_rules
umask 077
echo 'correct horse battery' >"$T/pw"
tenant-user init --password-out "$T/first" boss
tenant-user add -t eds --role viewer --view all --password-in "$T/pw" ann
umask 022
mkdir -p "$TBMS_ROOT/site"
tenant-db key create "$T/key"
chmod 600 "$T/key"
port=$(free_port)
url=http://127.0.0.1:$port
background serve-static -l "127.0.0.1:$port" 2>"$T/server.err"
wait_for 20 grep -q listening "$T/server.err"
ok $? 'the server starts'
login() { # the status of the answer
	rm -f "$T/jar"
	token=$(curl -s -c "$T/jar" "$url/-/login" |
	    sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p')
	curl -s -b "$T/jar" -c "$T/jar" -o "$T/b" -w '%{http_code}' \
	    -H "Origin: $url" -H 'Sec-Fetch-Site: same-origin' \
	    --data-urlencode "token=$token" --data-urlencode next= \
	    --data-urlencode user=ann \
	    --data-urlencode 'password=correct horse battery' "$url/-/login"
}
page() {
	curl -s -b "$T/jar" -o "$T/b" -w '%{http_code}' \
	    "$url/eds/all/data/live/fleet.json" -H 'Accept: application/json'
}
minute=10
volts=50
reading() {
	echo "{\"kind\":\"battery\",\"time\":\"2026-03-01T10:$minute:00.000Z\",\"tenant\":\"eds\",\"device\":\"d\",\"profile\":\"p\",\"pack_voltage\":$volts.000,\"pack_current\":1.000}"
}

# each prints yes where it was done, no where it was not
does() {
	case $1 in
	poll) [ -n "$(tenant-db get devices --all)" ] ;;
	store) reading | tenant-db append --all --reject "$T/rejected" \
	    >"$T/out" && [ "$(db eds 'SELECT max(time) FROM (SELECT time FROM
	    readings UNION ALL SELECT last FROM blocks)')" \
	    -eq "$(date -d "2026-03-01T10:$minute:00Z" +%s)000" ] ;;
	live)
		rm -rf "$TBMS_ROOT/site/eds"
		reading | live --all --now "$now" >/dev/null &&
		    [ -n "$(find "$TBMS_ROOT/site/eds" -name '*.json')" ] ;;
	watch)
		before=$(db eds 'SELECT count(*) FROM alerts')
		alert-eval --all --now "2026-03-01T10:$minute:01Z" >"$T/told" &&
		    [ "$(db eds 'SELECT count(*) FROM alerts')" -gt "$before" ] ;;
	tell) [ -s "$T/told" ] ;; # by what watch said
	pages)
		rm -rf "$TBMS_ROOT/site/eds"
		dashboard --all --now "$now" &&
		    [ -n "$(find "$TBMS_ROOT/site/eds" -name '*.html' \
			2>/dev/null)" ] ;;
	session) [ "$(page)" = 200 ] ;;
	login) [ "$(login)" = 303 ] ;;
	put) echo '{"slug":"p","name":"P"}' | put locations ;;
	move) tenant-db move --tenant eds --device d --battery b \
	    --from "2026-03-01T00:$minute:00Z" ;;
	user-add) tenant-user add -t eds --role viewer --view all \
	    --password-in "$T/pw" "user$minute" ;;
	# these are for whoever keeps the machine, whatever the status
	rollup | tenant-db-judge)
		$(echo "$1" | sed 's/db-/db /') --tenant eds ;;
	seal) tenant-db seal --tenant eds --now "$now" ;;
	check) tenant-db check --tenant eds ;;
	migrate) tenant-db migrate --tenant eds ;;
	backup) tenant-db backup --tenant eds --key "$T/key" ;;
	get) [ -n "$(tenant-db get --tenant eds batteries)" ] ;;
	query) tenant-db query --tenant eds 'SELECT 1' >/dev/null ;;
	export) [ -n "$(tenant-export --tenant eds readings)" ] ;;
	user-list) tenant-user list | grep -q ann ;;
	health) health -d 0 -s 100 >/dev/null ;;
	esac 2>"$T/err" && echo yes || echo no
}

#       active  trial   suspended archived
cat >"$T/table" <<'X'
session	yes	yes	no	no
login	yes	yes	no	no
poll	yes	yes	yes	no
store	yes	yes	yes	no
live	yes	yes	no	no
watch	yes	yes	yes	no
tell	yes	yes	no	no
pages	yes	yes	no	no
put	yes	yes	yes	no
move	yes	yes	yes	no
user-add	yes	yes	yes	no
rollup	yes	yes	yes	yes
tenant-db-judge	yes	yes	yes	yes
seal	yes	yes	yes	yes
check	yes	yes	yes	yes
migrate	yes	yes	yes	yes
backup	yes	yes	yes	yes
get	yes	yes	yes	yes
query	yes	yes	yes	yes
export	yes	yes	yes	yes
user-list	yes	yes	yes	yes
health	yes	yes	yes	yes
X
column=1
# a session that is there when the status comes
dashboard --tenant eds --now "$now" 2>/dev/null
reading | live --tenant eds --now "$now" >/dev/null
for word in active trial suspended archived; do
	column=$((column + 1))
	volts=50
	minute=$((minute + 1))
	tenant-db status --tenant eds active
	reading | tenant-db append --all >/dev/null
	alert-eval --all --now "2026-03-01T10:$minute:01Z" >/dev/null
	live --tenant eds --now "$now" </dev/null
	is "$(login) $(page)" '303 200' "$word: a session before"
	volts=60
	minute=$((minute + 1))
	status 0 "$word: status" tenant-db status --tenant eds "$word"
	is "$(tenant-db status --tenant eds)" "$word" "$word: it is told"
	sleep 1.2 # the page promises so for sessions
	while read -r what wanted; do
		wanted=$(echo "$wanted" | cut -f $((column - 1)))
		is "$(does "$what")" "$wanted" "$word: $what"
	done <"$T/table"
	alert-eval --all --now "2026-03-01T10:59:00Z" >/dev/null
	db eds "DELETE FROM alerts WHERE alert_code = 'high'; DELETE FROM
	    alert_state"
done
like "$(cat "$T/rejected")" '"pack_voltage":60' 'what was refused is kept'
status 1 'one that is named is told of' dashboard --tenant eds
like "$(cat "$T/err")" 'tenant eds is archived: it has no pages' '... why'
is "$(tenant-db get --tenant eds devices 2>&1)" \
    'tenant-db: tenant eds is archived: its devices are not polled' \
    'get devices --tenant tells why there are none'
is "$(tenant-db get --core clients | jq -r 'select(.slug == "eds").status')
$(db eds 'SELECT status FROM client')
$(sqlite3 "$TBMS_ROOT/access.db" "SELECT status FROM tenants
    WHERE slug = 'eds'")" 'archived
archived
archived' 'one command for core, tenant and access'
# the same by a row
echo '{"slug":"eds","name":"E","status":"active","max_users":2}' |
    tenant-db put --core clients
is "$(sqlite3 "$TBMS_ROOT/access.db" "SELECT status, max_users FROM tenants
    WHERE slug = 'eds'")" 'active|2' 'put --core clients copies as well'
status 2 'a word that is none' tenant-db status --tenant eds gone
status 2 'a client that is none' tenant-db status --tenant nobody active

# a long-lived append hears of it
mkfifo "$T/in"
tenant-db append --all <"$T/in" >"$T/passed" 2>"$T/err" &
pid=$!
exec 3>"$T/in"
minute=40
reading >&3
wait_for 10 grep -q 10:40 "$T/passed"
tenant-db status --tenant eds archived
minute=41
reading >&3
wait_for 10 grep -q archived "$T/err"
tenant-db status --tenant eds active
minute=42
reading >&3
wait_for 10 grep -q 10:42 "$T/passed"
exec 3>&-
wait $pid
is "$? $(grep -c 10:41 "$T/passed")" '1 0' \
    'a running append follows the status'

# a replay into an archived tenant takes nothing away
before=$(db eds 'SELECT count(*) FROM readings')
tenant-db status --tenant eds archived
minute=42
{
	reading | sed 's/"profile"/"gen":1,"profile"/'
	echo '{"kind":"mark","segment":1,"sync":true,"replay":{"tenant":"eds","gen":1,"from":"2026-01-01T00:00:00.000Z","to":"2027-01-01T00:00:00.000Z"}}'
} | tenant-db append --all >"$T/out" 2>"$T/err"
is "$? $(db eds 'SELECT count(*) FROM readings')" "1 $before" \
    'a replay takes nothing from an archived tenant'
like "$(cat "$T/err")" 'it takes no new data: nothing is replayed' '... why'
tenant-db status --tenant eds active

# ---- quotas ---------------------------------------------------------------
status 1 'a login too many' tenant-user add -t eds --role viewer --view all \
    --password-in "$T/pw" third
like "$(cat "$T/err")" 'quota: no more users \(max_users\)' '... why'
tenant-user remove user12 >/dev/null
tenant-user remove user14 >/dev/null
tenant-user remove user16 >/dev/null
status 0 'one that is free again' tenant-user add -t eds --role viewer \
    --view all --password-in "$T/pw" third
echo '{"slug":"eds","name":"E","max_devices":3,"max_users":2}' |
    tenant-db put --core clients
rows() { # JSON with %s for a number, FIRST LAST
	seq "$2" "$3" | while read -r n; do
		echo "$1" | sed "s/%s/$n/g"
	done
}
device='{"device":"d%s","profile":"p","address":"can://can%s"}'
rows "$device" 1 4 | put devices 2>"$T/err"
is "$? $(db eds 'SELECT count(*) FROM devices')" '1 3' 'max_devices of devices'
is "$(cat "$T/err")" 'tenant-db: stdin:3: quota: no more devices (max_devices)
tenant-db: stdin:4: quota: no more devices (max_devices)' '... by line'
rows "$device" 1 2 | put devices
is $? 0 'those that are there can be changed'
echo '{"device":"d1","profile":"p","address":"can://can1","is_active":false}' |
    put devices
rows "$device" 3 3 | put devices
is $? 0 'one that is not active does not count'
echo '{"device":"d1","profile":"p","address":"can://can1","is_active":true}' |
    put devices 2>/dev/null
is $? 1 'and cannot come back'
rows '{"slug":"b%s","serial_number":"s%s","name":"B","battery_type":"t","location":"here"}' \
    1 3 | put batteries 2>"$T/err"
is "$? $(db eds 'SELECT count(*) FROM batteries')" '1 3' 'max_devices of batteries'
rows '{"username":"u%s","email":"u%s@example.org","first_name":"U","last_name":"U"}' \
    1 3 | put users 2>"$T/err"
is "$? $(db eds 'SELECT count(*) FROM users')" '1 2' 'max_users of users'
echo '{"slug":"eds","name":"E","max_devices":0}' | tenant-db put --core clients
rows "$device" 10 150 | put devices
is $? 0 '0 is without limit'
status 0 'limits when it is made' tenant-db create --tenant big \
    --max-devices 5000 --max-users 0 --max-storage 200
is "$(tenant-db query --tenant big \
    'SELECT max_devices, max_users, max_storage_gb FROM client')" \
    '{"max_devices":5000,"max_users":0,"max_storage_gb":200}' '... are kept'
done_testing
