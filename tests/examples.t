#!/bin/sh
# The crontab and the units of examples/ as an operator would install them:
# systemd finds nothing to say, and each command line runs as it is written
# there, on a root of our own, against simulated devices.
. "$(dirname "$0")/lib.sh"

port=$(free_port)
mkdir -p run
# A fleet as in examples/demo-run.sh, with ports and links of our own.
own() {
	sed -e "s|/run/trackingbms/|$T/run/|g" \
	    -e "s|/etc/trackingbms/|$T/run/|g" \
	    -e "s|127.0.0.1:1502[0-9]|127.0.0.1:$port|g" "$1"
}
# with a master key where the units say that it is
tenant-db key create run/master.key
export TBMS_MASTER_KEY="$T/run/master.key"
tenant-db create --tenant eds --timezone America/Toronto --language fr
for table in battery_types locations batteries devices alert_rules; do
	own "$TOP/examples/fleet/eds/$table.ndjson" >"$table.ndjson"
	tenant-db put --tenant eds "$table" "$table.ndjson"
	ok $? "examples/fleet: $table"
done
tenant-db get devices --all >all.ndjson
background bms-sim --devices all.ndjson --seed 1 >sim.out
wait_for 20 sh -c 'bms-poll --devices all.ndjson | grep -qv error'
ok $? "simulated devices answer"
count() { tenant-db query --tenant eds "SELECT count(*) AS n FROM $1"; }

# The crontab: every line that names a time and a user.
own "$TOP/examples/crontab" | grep -E '^[0-9*]' |
    sed -E 's/^([^ ]+ +){5}[^ ]+ +//' >lines
[ -s lines ]
ok $? "the crontab has jobs"
while read -r job; do
	status 0 "crontab: $job" sh -c "$job"
	is "$(grep -c . "$T/err")" 0 "and it has nothing to say"
done <lines
like "$(count bms_data)" '"n":[1-9]' "a round of the crontab stores readings"
[ -s "${TBMS_ROOT:?}/site/eds/all/fr/index.html" ]
ok $? "and writes pages"
is "$(tenant-db get --core job_runs | jq -r '.job + " " + .outcome' |
    sort | tr '\n' ',')" 'alerts done,backup done,pages done,poll done,prune done,rollup done,seal done,' \
    "and notes its jobs"

# The units.
for unit in "$TOP"/examples/systemd/*; do
	name=$(basename "$unit")
	if command -v systemd-analyze >/dev/null; then
		is "$(systemd-analyze verify "$unit" 2>&1 |
		    grep -F "$name")" '' "systemd has nothing to say of $name"
	else
		skip "no systemd-analyze" "systemd verifies $name"
	fi
done
# commands UNIT KEY: the words that systemd gives to sh -c, a line for each
cat >commands.py <<'PY'
import re, shlex, sys
unit = re.sub(r'\\\n\s*', ' ', open(sys.argv[1]).read())
for line in re.findall('^%s=-?(.*)$' % sys.argv[2], unit, re.M):
    words = shlex.split(line)
    assert words[:2] == ['/bin/sh', '-c'] and len(words) == 3, words
    print(words[2].replace('$$', '$'))
PY
commands() {
	python3 commands.py "$TOP/examples/systemd/$1.service" "$2"
}
# service NAME: its command as a group of its own, ended by the test's end
service() {
	background timeout 60 sh -c "$(commands "$1" ExecStart)" \
	    >"$1.out" 2>"$1.err"
}
commands trackingbms-minute ExecStart >minute
is "$(grep -c . minute)" 4 "the minute has four commands"
while read -r job; do
	status 0 "minute: $job" sh -c "$job"
done <minute

commands trackingbms-night ExecStart >night
is "$(grep -c . night)" 2 "the night has two commands"
while read -r job; do
	status 0 "night: $job" sh -c "$job"
done <night

commands trackingbms-poll ExecStartPre >pre
status 0 "poll: $(cat pre)" sh -c "$(cat pre)"
cmp -s "$TBMS_ROOT/devices.ndjson" all.ndjson
ok $? "it writes the list of devices"
before=$(count bms_data)
service trackingbms-poll
poll=$!
service trackingbms-store
store=$!
# shellcheck disable=SC2317 # wait_for calls it
more() { [ "$(count bms_data)" != "$before" ]; }
wait_for 30 more
ok $? "poll and store: what the devices say comes into the database"
for pid in $poll $store; do
	kill -0 "$pid"
	ok $? "the service goes on"
done
kill "$poll" "$store"
wait "$poll" "$store"
is "$(cat trackingbms-poll.err trackingbms-store.err)" '' \
    "and they had nothing to say"

tenant-user add --tenant eds --view all --role viewer \
    --password-out word eds
TBMS_HOST=$(sed -n 's/^Environment=TBMS_HOST=//p' \
    "$TOP/examples/systemd/trackingbms-web.service")
export TBMS_HOST
web=$(free_port)
commands trackingbms-web ExecStart | sed "s/:8080/:$web/" >serve
background timeout 60 sh -c "$(cat serve)" 2>serve.err
# shellcheck disable=SC2317
ask() {
	curl -fsS -o form -H "Host: $TBMS_HOST" -H 'X-Forwarded-For: 192.0.2.9' \
	    "http://127.0.0.1:$web/-/login"
}
wait_for 20 ask
ok $? "web: the proxy is shown the page to sign in"
like "$(cat form)" 'name="password"' "with its form"

done_testing
