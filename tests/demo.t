#!/bin/sh
# The demonstration as the README starts it, with three days instead of
# thirty: a site with history, an alert that fired and cleared, two logins.
. "$(dirname "$0")/lib.sh"

port=$(free_port)
DEMO_DAYS=3 DEMO_PORT=$port DEMO_SECONDS=20 DEMO_DIR=$T/demo \
    sh "$TOP/examples/demo-run.sh" "$B" >"$T/out" 2>"$T/err" &
demo=$!
pids="$pids $demo"
wait_for 120 grep -q 'login aurora' "$T/err"
ok $? "the demonstration says where the site is and two logins"
root=$T/demo/root

is "$(tenant-db query --root "$root" --tenant eds \
    "SELECT count(*) > 0 AS n FROM alerts WHERE status = 'resolved'")" \
    '{"n":1}' "an alert fired and cleared"
is "$(tenant-db query --root "$root" --tenant eds \
    "SELECT count(DISTINCT battery_id) AS n FROM bms_data_history
    WHERE period_type = 'daily'")" '{"n":4}' "each battery has its days"

# login USER LANGUAGE: the fleet page as that user sees it, in $T/page
login() {
	url=http://127.0.0.1:$port
	password=$(sed -n "s/.*login $1 *password *//p" "$T/err")
	rm -f "$T/jar"
	curl -fsS -c "$T/jar" "$url/-/login" >"$T/form" || return
	token=$(sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' "$T/form")
	curl -sS -b "$T/jar" -c "$T/jar" -L -H "Origin: $url" \
	    --data-urlencode "user=$1" --data-urlencode "token=$token" \
	    --data-urlencode "password=$password" "$url/-/login" >"$T/page"
	curl -sS -b "$T/jar" "$url/$1/all/$2/index.html" >"$T/page"
}
login eds fr
like "$(cat "$T/page")" 'batteries sur 4|4 batteries' "eds sees its four batteries"
curl -sS -o "$T/page" -b "$T/jar" -w '%{http_code}' \
    "http://127.0.0.1:$port/aurora/all/en/index.html" >"$T/code"
is "$(cat "$T/code")" 404 "and nothing of aurora"
login aurora en
like "$(cat "$T/page")" 'Harbour store|of 2' "aurora sees its own"

readings() {
	tenant-db query --root "$root" --tenant eds \
	    "SELECT count(*) AS n FROM bms_data" | tr -dc 0-9
}
before=$(readings)
more() { [ "$(readings)" -gt "$before" ]; }
wait_for 30 more
ok $? "live readings go on coming ($before, then $(readings))"
wait $demo
is $? 0 "it ends by itself"
wait_for 20 sh -c "! pgrep -f '^[^ ]*(bms-|spool|serve-|tenant-).*$T/demo/'"
ok $? "and leaves no program behind"
grep -c . "$T/demo"/*.log | sed 's/^/# /'

done_testing
