#!/bin/sh
# The wall clock is set, forward and back, while everything runs: each line is
# stored once, no two frames of a device share a time, and nothing is too old.
. "$(dirname "$0")/lib.sh"

need 'clocks that are set' '' cc python3 sqlite3 jq socat
not_san "a sanitizer wants to be loaded first" "clocks that are set"
cc -O2 -shared -fPIC -o clock.so "$TESTS/clock_step.c" || exit 1
step() { # SECONDS: the clock is off by so many
	python3 -c 'import struct, sys
with open("step", "r+b") as file:
    file.write(struct.pack("<q", int(sys.argv[1])))' "$1"
}
printf '\0\0\0\0\0\0\0\0' >step
export CLOCK_STEP="$T/step" PYTHONPATH="$TESTS" PYTHONDONTWRITEBYTECODE=1
stepped() {
	LD_PRELOAD=$T/clock.so exec "$@"
}
step 3600
was=$(date +%s)
is "$(($(LD_PRELOAD=$T/clock.so date +%s) - was >= 3600))" 1 \
    "the clock of a program can be set"
step 0

# ---- the pipeline ----------------------------------------------------------
spool=$TBMS_ROOT/spool
python3 -c 'import durable_stream, sys; durable_stream.create(sys.argv[1])' \
    "$TBMS_ROOT"
spool put "$spool" </dev/null
mkfifo lines
(stepped spool put "$spool") <lines >marks 2>put.err &
put=$!
(stepped spool each -s 300ms "$spool" -- bms-normalize '|' \
    tenant-db append --all '|' live --all) 2>each.err &
each=$!
pids="$pids $put $each"
python3 -c 'import durable_stream, time
for k in range(6000):
    print(durable_stream.line(k), flush=k % 100 == 99)
    if k % 100 == 99: time.sleep(0.08)' >lines &
for seconds in 86400 -172800 30 -3600 315360000 -5 0; do
	sleep 0.7
	step $seconds
	for job in 'tenant-db seal' rollup; do

		# shellcheck disable=SC2086
		(stepped $job --all) || echo "$job: $?" >>jobs.err
	done
done
wait $put
is $? 0 "spool put ends with its input"
wait_for 30 sh -c '[ -z "$(find "$1/new" "$1/fed" -type f)" ]' \
    sh "$spool"
is $? 0 "all is fed and archived"
kill $each
wait $each
is $? 0 "spool each ends well"
is "$(cat put.err each.err jobs.err 2>/dev/null)" "" "nobody complains"
python3 -c 'import durable_stream, os, sys
wrong, rows = durable_stream.compare(os.environ["TBMS_ROOT"], 6000)
print("# %d rows compared" % rows)
for one in wrong: print("# " + one)
sys.exit(1 if wrong else 0)' >compared 2>&1
is $? 0 "each line is stored once, with its value"
cat compared
is "$(find "$spool/archive" -name '*.zst' -exec zstd -qdc {} + | sort -u |
    wc -l)" 6000 "... and archived"

# ---- the poller --------------------------------------------------------------
port=$(free_port)
background bms-sim --profile seplos-v3 --address "tcp://127.0.0.1:$port" \
    >sim.out 2>&1
wait_for 10 test -s sim.out
echo "{\"kind\":\"device\",\"tenant\":\"alpha\",\"device\":\"d-1\",\
\"profile\":\"seplos-v3\",\"address\":\"tcp://127.0.0.1:$port\",\"interval_ms\":200}" >devices
(stepped bms-poll -d devices -e 1s) >frames 2>poll.err &
poll=$!
pids="$pids $poll"
for seconds in -4 -8 -12 60 56; do
	sleep 3
	step $seconds
done
sleep 3
kill $poll
wait $poll
is $? 0 "bms-poll ends well"
frames=$(wc -l <frames)
like "$frames" '^([2-9][0-9]|[1-9][0-9][0-9])$' "it went on asking: $frames times"
is "$(jq -r .boot frames | sort -u | wc -l)" 1 "one boot"
is "$(jq -r .mono frames | sort -n -u | wc -l)" "$frames" \
    "no two at one monotonic time"
jq -r .mono frames >mono
sort -n mono >sorted
same mono sorted "... which goes on"
is "$(jq -r .time frames | sort -u | wc -l)" "$frames" \
    "no two at one time, though the clock passed it three times"

# One that speaks unasked: its frame has the time at which it was heard, and
# the clock is set back before its window is over.
step 0
mkdir -p share/profiles
cat >share/profiles/t-can.json <<'J'
{"maker":"Test","model":"CAN","protocol":"can","cycle":"800ms",
 "can":{"dbc":"t.dbc","must":["A"]},
 "measurements":[{"name":"pack_voltage","signal":"A.V"}]}
J
cat >share/profiles/t.dbc <<'J'
VERSION ""
BU_: X
BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X
J
background socat "pty,raw,echo=0,link=$T/can" "pty,raw,echo=0,link=$T/can.far"
wait_for 10 test -e can.far
background python3 -c 'import sys, time
with open(sys.argv[1], "wb", 0) as line:
    while True:
        time.sleep(1.1 - time.time() % 1)
        line.write(b"t356479140000\r")' "$T/can.far"
echo "{\"kind\":\"device\",\"tenant\":\"alpha\",\"device\":\"c-1\",\
\"profile\":\"t-can\",\"address\":\"slcan://$T/can?bitrate=500000\"}" >devices
(stepped bms-poll --share share -d devices -e 1s) >heard 2>poll.err &
poll=$!
pids="$pids $poll"
wait_for 20 sh -c '[ "$(wc -l <heard)" -ge 2 ]'
python3 -c 'import time; time.sleep(1.5 - time.time() % 1)'
step -3600
before=$(wc -l <heard)
wait_for 20 sh -c '[ "$(wc -l <heard)" -ge '$((before + 3))' ]'
kill $poll
wait $poll
is "$(jq -r .time heard | sort -u | wc -l)" "$(wc -l <heard)" \
    "frames that were heard: no two at one time"
like "$(($(date +%s) - $(jq -s '.[-1].time | .[0:19] + "Z" | fromdate' heard)))" \
    '^36[0-9][0-9]$' "... and they follow the clock back"

# ---- what grows old ----------------------------------------------------------
step 0
export TBMS_ROOT="$T/aging"
mkdir "$TBMS_ROOT"
spool=$TBMS_ROOT/spool
tenant-db create --tenant old
{
	echo '{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":12.8,"capacity_ah":100,"capacity_wh":1280,"cell_count":4}' |
	    tenant-db put --tenant old battery_types
	echo '{"slug":"l","name":"L"}' |
	    tenant-db put --tenant old locations
	echo '{"slug":"b","serial_number":"1","name":"B","battery_type":"t","location":"l"}' |
	    tenant-db put --tenant old batteries
	echo '{"device":"d","profile":"p","address":"can://can0","battery":"b","valid_from":"2000-01-01T00:00:00Z"}' |
	    tenant-db put --tenant old devices
	echo '{"config_key":"retention","config_value":{"readings":40,"archive":30}}' |
	    tenant-db put --tenant old clients_config
} >/dev/null
python3 -c 'import datetime
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
for hour in range(72, 0, -1):
    print("{\"kind\":\"battery\",\"time\":\"%s.000Z\",\"tenant\":\"old\","
          "\"device\":\"d\",\"profile\":\"p\",\"pack_voltage\":13.100}" %
          (now - datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%S"))
' >lines.old
tenant-db key create old.key
night() { # what cron does, when the clock is off by so many days
	step "$(($1 * 86400))"
	spool put "$spool" <lines.old >/dev/null
	(stepped spool each -1 "$spool" -- tenant-db append --tenant old \
	    >/dev/null)
	for job in 'rollup' 'tenant-db prune' 'tenant-db backup --key old.key'
	do
		# shellcheck disable=SC2086 # options of ours
		(stepped $job --tenant old) || echo "$job: $?"
	done
}
left() { # readings, lines of the archive, backups
	sqlite3 "$TBMS_ROOT/tenants/old/tenant.db" "SELECT
	    (SELECT count(*) FROM readings) +
	    (SELECT ifnull(sum(count), 0) FROM blocks)"
	find "$spool/archive" -name '*.zst' -exec zstd -qdc {} + | wc -l
	find "$TBMS_ROOT/backups/old" -name '*.tbms' | wc -l
}
night 0
is "$(left | paste -s)" '72	72	1' "72 readings, archived, and a backup"
night 3650
is "$(left | paste -s)" '72	144	2' \
    "a night in which the clock is ten years ahead takes nothing away"
night 0
is "$(left | paste -s)" '72	216	3' "... nor the next one"
for day in 3650 3657; do night $day; done
is "$(left | paste -s)" '72	360	5' "ten years ahead for a week: nothing"
night 3664
is "$(left | sed -n 1p)" 0 "after two weeks it is believed"
is "$(left | sed -n 3p)" 4 \
    "... and of the backups those of the last 30 days are left"
done_testing
