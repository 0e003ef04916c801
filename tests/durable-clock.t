#!/bin/sh
# The wall clock is set, forward and back, while everything runs: each line is
# stored once, and no two frames of a device share a time.
. "$(dirname "$0")/lib.sh"

for tool in cc python3 sqlite3 jq; do
	command -v $tool >/dev/null && continue
	skip "$tool is missing" "clocks that are set"
	done_testing
done
case $B in
*/san)
	skip "a sanitizer wants to be loaded first" "clocks that are set"
	done_testing
	;;
esac
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
\"profile\":\"seplos-v3\",\"address\":\"tcp://127.0.0.1:$port\",\"interval_ms\":500}" >devices
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
done_testing
