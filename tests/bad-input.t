#!/bin/sh
# Damaged lines, by the hundred, through every program that reads lines:
# each is named once and kept, and the good ones between are all handled.
. "$(dirname "$0")/lib.sh"

for kind in frames readings rows; do
	python3 "$TESTS/bad-input.py" $kind "${SEED:-7}" $kind
	is "$?" 0 "$kind: made, $(wc -l <"$kind.numbers") of them damaged"
done

tenant-db create --tenant acme --timezone UTC
put_fleet acme 48 15 '1 2' p

# named FILE: the numbers of lines that diagnostics name, in order
named() {
	sed -n 's/^[a-z -]*: [a-z ]*:\([0-9]*\): ..*/\1/p' "$1" | sort -n
}
# damaged KIND COMMAND...: what a filter makes of damaged lines of a kind
damaged() {
	kind=$1
	shift
	rm -f rejects
	"$@" --reject rejects <"$kind.all" >out 2>err
	is $? 1 "$1 $kind: damaged lines end it with 1"
	named err >numbers
	same numbers "$kind.numbers" "... each is named once, by file and line"
	is "$(wc -l <err)" "$(wc -l <"$kind.numbers")" "... and nothing else said"
	LC_ALL=C sort rejects >got
	LC_ALL=C sort "$kind.bad" >wanted
	same got wanted "... --reject has just these, as they came"
}
# turned KIND COMMAND...: any bit of each line turned
turned() {
	kind=$1
	shift
	rm -f rejects
	"$@" --reject rejects <"$kind.fuzz" >out 2>err
	is $? 1 "$1 $kind: a bit of each line turned ends it with 1"
	is "$(($(wc -l <out) + $(wc -l <err)))" 900 \
	    "... each line goes on or is named"
	is "$(wc -l <rejects)" "$(wc -l <err)" "... and is kept"
}

damaged frames bms-normalize
bms-normalize <frames.good >wanted
is "$(wc -l <wanted)" 900 "the good frames are readings"
same out wanted "... and the damaged ones between do not touch them"
turned frames bms-normalize

damaged readings tenant-db append --all
same out readings.good "the good readings go on"
# stored: count and sums, which python knows from the lines
stored() {
	tenant-db query --tenant acme "SELECT count(*) AS n,
	    sum(pack_voltage) AS volt, sum(soc_percent) AS soc FROM bms_data" |
	    jq -r '"\(.n) \(.volt * 1000 | round) \(.soc * 100 | round)"'
}
wanted=$(python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
print(len(rows), round(sum(r["pack_voltage"] for r in rows) * 1000),
    round(sum(r["soc_percent"] for r in rows) * 100))' <readings.good)
is "$(stored)" "$wanted" "... and are stored, with their values"
tenant-db append --all <readings.all >out 2>err
is "$? $(stored)" "1 $wanted" "once more: nothing is lost or doubled"

damaged readings live --tenant acme --now 2026-03-01T00:15:00Z
same out readings.good "the good readings go on"
is "$(jq -c '[.time, .soc_percent]' \
    "$TBMS_ROOT/site/acme/all/data/live/b-2.json")" \
    '[1772324099,99.5]' "... and the newest of them is live"
turned readings live --tenant acme --now 2026-03-01T00:15:00Z

damaged rows tenant-db put --tenant acme locations
is "$(tenant-db get --tenant acme locations |
    jq -c 'select(.slug != "here") | {slug,name,description}' | sort)" \
    "$(jq -c . rows.good | sort)" "the good rows are stored"

# The spool keeps what a line is: it refuses what none of its readers could
# have, and feeds the rest to the stage that judges it.
spool put s <frames.all >marks 2>err
is $? 1 "spool put: lines that no line may be end it with 1"
cat >held.py <<'PY'
import sys
lines = open('frames.all', 'rb').read().split(b'\n')[:-1]
for n, line in enumerate(lines, 1):
    if not line or len(line) > 1 << 20 or b'\0' in line:
        print(n)
    else:
        sys.stderr.buffer.write(line + b'\n')
PY
python3 held.py >wanted 2>held
named err >numbers
same numbers wanted "... each is named once, by file and line"
cat s/new/* >got
same got held "... and all others stand in it"
spool each --once s -- bms-normalize '|' tee out 2>err
is $? 1 "spool each: a stage that refuses lines stops nothing"
bms-normalize <frames.good >wanted
grep -v '^{"kind":"mark"' out >got
same got wanted "... the good frames come out"
is "$(find s/new s/fed s/refused -type f | wc -l)" 0 "... and nothing waits"

tenant-db append --all --reject /dev/full <readings.all >out 2>err
is $? 111 "rejects that cannot be kept: 111"

# ---- SIGTERM ---------------------------------------------------------------
# What had been read when the signal came is handled; the rest was not taken.
mkfifo fifo
cat >slow.py <<'PY'
import os, signal, subprocess, sys, time
# Two thirds of the lines, a signal, the rest: who reads them has handled
# some first part of them.
command, lines, out = sys.argv[3:], open(sys.argv[1], 'rb').readlines(), \
    sys.argv[2]
p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=open(out, 'wb'),
    stderr=subprocess.DEVNULL)
try:
    for n, line in enumerate(lines):
        p.stdin.write(line)
        if n == 600:
            p.stdin.flush()
            time.sleep(0.3)
            p.send_signal(signal.SIGTERM)
    p.stdin.close()
except BrokenPipeError:
    pass
print(p.wait())
PY
# stopped FILE COMMAND...
stopped() {
	file=$1
	shift
	python3 slow.py "$file" out "$@"
}
rm -rf s
is "$(stopped frames.good spool put s)" 0 "spool put: SIGTERM ends it with 0"
cat s/new/* >got
head -n "$(wc -l <got)" frames.good >wanted
same got wanted "... what it took is there, whole and in order"
[ "$(wc -l <got)" -ge 601 ]
ok $? "... all that had come before"
is "$(jq -s length out)" 1 "... and has its mark"
is "$(stopped frames.good bms-normalize)" 0 "bms-normalize: SIGTERM: 0"
bms-normalize <frames.good | head -n "$(wc -l <out)" >wanted
same out wanted "... what it took came out, whole and in order"
[ "$(wc -l <out)" -ge 601 ]
ok $? "... all that had come before"
is "$(stopped readings.good live --tenant acme)" 0 "live: SIGTERM: 0"
head -n "$(wc -l <out)" readings.good >wanted
same out wanted "... what it took went on, whole and in order"
[ "$(wc -l <out)" -ge 601 ]
ok $? "... all that had come before"
sed 's/2026-03-01/2026-04-01/' readings.good >later
is "$(stopped later tenant-db append --all)" 0 "tenant-db append: SIGTERM: 0"
head -n "$(wc -l <out)" later >wanted
same out wanted "... what it took went on, whole and in order"
[ "$(wc -l <out)" -ge 601 ]
ok $? "... all that had come before"
is "$(tenant-db query --tenant acme "SELECT count(*) AS n FROM bms_data
    WHERE timestamp >= 1775001600000" | jq .n)" "$(wc -l <out)" \
    "... and is stored"

# While put waits for room, lines that it has read wait with it.
rm -rf s
cat >room.py <<'PY'
import fcntl, glob, os, signal, subprocess, termios, threading
line = open('frames.good', 'rb').readline()
r, w = os.pipe()
p = subprocess.Popen(['spool', 'put', '--limit', '1k', 's'], stdin=r,
    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
sent = [0]
def feed():
    try:
        while True:
            sent[0] += os.write(w, line * 20)
    except BrokenPipeError:
        pass
threading.Thread(target=feed, daemon=True).start()
while b'the limit is reached' not in p.stderr.readline():
    pass
p.send_signal(signal.SIGTERM)
status = p.wait()
# the feeder may just be writing: what is left is what nobody read
left = int.from_bytes(fcntl.ioctl(r, termios.FIONREAD, bytes(4)), 'little')
taken = sent[0] - left
kept = b''.join(open(f, 'rb').read() for f in sorted(glob.glob('s/new/*')))
print(status, 'lost' if taken - len(kept) >= len(line) else 'whole',
    kept == line * (len(kept) // len(line)), flush=True)
os._exit(0)
PY
is "$(python3 room.py)" "0 whole True" \
    "spool put: SIGTERM while it waits for room: all it had read is there"

# ---- a mark comes out behind what it stands for ---------------------------
# the sanitizer's search for leaks is a tracer too
export ASAN_OPTIONS=detect_leaks=0
if strace -o trace true 2>/dev/null; then
	{
		sed 's/2026-03-01/2026-05-01/' readings.good
		echo '{"kind":"mark","segment":1,"sync":true}'
	} >marked
	strace -f -s 100000000 -e trace=write,pwrite64,fdatasync -o trace \
	    tenant-db append --all <marked >out
	is "$(awk '/ pwrite64\(/ { stored = NR } / fdatasync\(/ { synced = NR }
	    / write\(1, .*\\"mark\\"/ { print (stored && synced > stored) }' trace)" \
	    1 "tenant-db append: what is behind a sync mark was synced before"
else
	skip "no strace here" "a mark comes out behind what it stands for"
fi

# ---- a database that is locked, a disk that is full -----------------------
held() { # NAME COMMAND...: its status, lines out, lines of talk
	"$@" <rows.good >"out.$1" 2>"err.$1"
	echo "$? $(wc -l <"out.$1") $(wc -l <"err.$1")" >"tried.$1"
}
cat >lock.py <<'PY'
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
time.sleep(120)
PY
database=$TBMS_ROOT/tenants/acme/tenant.db
python3 lock.py "$database" >locked &
locker=$!
pids="$pids $locker"
wait_for 10 grep -q locked locked
held rollup --tenant acme &
rollup=$!
held alert-eval --tenant acme &
evaluate=$!
held tenant-db put --tenant acme locations &
wait $rollup $evaluate $!
is "$(sort -u tried.*)" "111 0 1" \
    "locked: who writes waits in vain, says so in one line, and gives 111"
is "$(grep -l locked err.* | wc -l)" 3 "... by its name"
status 0 "locked: who only reads is not kept waiting" \
    tenant-export --tenant acme readings
is "$(wc -l <out)" "$(sqlite3 "$database" 'SELECT count(*) + 1 FROM readings')" \
    "... and has all of it"
kill $locker
wait $locker 2>/dev/null
cat >full.sh <<'SH'
cp -R "$TBMS_ROOT" kept && mount -t tmpfs -o size=8m tmpfs "$TBMS_ROOT" &&
    cp -R kept/. "$TBMS_ROOT/" || exit 77
dd if=/dev/zero of="$TBMS_ROOT/filler" bs=1k 2>/dev/null
for command in 'rollup' 'alert-eval' 'live' 'dashboard' \
    'tenant-db put locations'; do
	input=/dev/null
	[ "$command" != 'tenant-db put locations' ] || input=rows.new
	# shellcheck disable=SC2086
	$command --tenant acme <$input >out 2>err
	echo "$? $(wc -l <out) $(wc -l <err)"
done
rm "$TBMS_ROOT/filler"
sqlite3 "$TBMS_ROOT/tenants/acme/tenant.db" 'PRAGMA integrity_check;
    SELECT count(*) FROM history_rows;
    SELECT count(*) FROM locations WHERE slug GLOB "n-*"'
rollup --tenant acme && alert-eval --tenant acme >/dev/null &&
    dashboard --tenant acme && tenant-db put locations --tenant acme \
    <rows.new && echo again
SH
sed 's/"l-/"n-/' rows.good >rows.new
if unshare -m sh full.sh >full 2>full.err; then
	is "$(head -n 5 full | sed "s, [12]$,," | sort -u)" "111 0" \
	    "full: each program says so and gives 111"
	is "$(tail -n 4 full | tr '\n' ' ')" "ok 0 0 again " \
	    "... nothing is half-done, and with room it goes on"
else
	skip "no mount here: $(head -n 1 full.err)" "a full disk"
fi
done_testing
