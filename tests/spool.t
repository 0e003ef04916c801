#!/bin/sh
# spool: nothing is lost and the archive has each line once, whatever is
# killed, full or broken. Ids are counted by sort and wc, never by spool.
. "$(dirname "$0")/lib.sh"

# lines FROM TO TENANT...: frames with the ids FROM to TO, tenants in turn
lines() {
	python3 - "$@" <<'PY'
import sys
low, high = int(sys.argv[1]), int(sys.argv[2])
for i in range(low, high + 1):
    tenant = sys.argv[3 + i % (len(sys.argv) - 3)]
    print('{"kind":"frame","time":"2026-01-02T%02d:00:00.%03dZ",'
        '"tenant":"%s","device":"d%d","profile":"p","protocol":"serial",'
        '"complete":true,"lines":["<%d>"]}'
        % (3 + i % 2, i % 1000, tenant, i % 3, i))
PY
}
ids() { grep -o '<[0-9]*>' "$@" | tr -d '<>' | sort -n; }
unpack() { find "$1/archive" -name '*.zst' -exec zstd -qdc {} +; }
files() { find "$1" -type f ! -name '.*' | wc -l | tr -d ' '; }

# A stage that misbehaves: stage.py HOW LOG
cat >stage.py <<'PY'
import json, os, signal, sys
how, log = sys.argv[1], open(sys.argv[2], 'a')
if how == 'again' and not os.path.exists('went-on'):
    open('went-on', 'w').close()
    sys.exit(111)
if how == 'wrong':
    sys.exit(2)
if how == 'start':
    os.kill(os.getpid(), signal.SIGSEGV)
for line in sys.stdin:
    if '"kind":"mark"' in line:
        if how == 'wait' and os.path.exists('acme-waits'):
            mark = json.loads(line)
            mark['wait'] = ['acme']
            line = json.dumps(mark, separators=(',', ':')) + '\n'
        log.flush()
        sys.stdout.write(line)
        sys.stdout.flush()
    elif how == 'poison' and 'poison' in line:
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == 'wait' and os.path.exists('acme-waits') and \
        '"tenant":"acme"' in line:
        pass
    else:
        log.write(line)
PY

# ---- put ---------------------------------------------------------------
lines 1 100 acme eds >in
spool put s <in >marks 2>err
is $? 0 "put: ends with its input"
is "$(cat marks)" '{"kind":"mark","segment":1}' "put: a mark for what is safe"
same s/new/0000000000000001 in "put: the segment is the input"
printf '{"kind":"mark","segment":9}\n\n{"kind":"frame"}\n{"kind":"cut' |
    spool put s2 >marks 2>err
is $? 1 "put: refused lines give 1"
is "$(cat s2/new/*)" '{"kind":"frame"}' "put: marks and unfinished lines stay out"
is "$(grep -c 'standard input:[124]: ' err)" 3 "put: each refusal with its line"
status 2 "put: a wrong size" spool put -l 5x s2
status 2 "put: no directory named" spool put

# ---- each and the archive ----------------------------------------------
status 0 "each: feeds once and ends" \
    spool each -1 s -- python3 stage.py plain out1 '|' cat
same out1 in "each: the stages get the lines"
is "$(files s/new) $(files s/fed)" "0 0" "each: nothing is left"
is "$(find s/archive -name '*.zst' | sort | tr '\n' ' ')" \
    "s/archive/acme/2026-01-02/03.ndjson.zst s/archive/eds/2026-01-02/04.ndjson.zst " \
    "archive: by tenant and hour"
sort in >want
unpack s | sort >got
same got want "archive: the very lines"
status 0 "each: nothing to do" spool each -1 s -- cat
status 2 "each: no stage" spool each s --
status 2 "each: an empty stage" spool each s -- cat '|'
status 2 "each: a stage that is not there" spool each -1 s -- no-such-stage
(flock 9; status 111 "each: one at a time" spool each -1 s -- cat) 9>s/each.lock
tests_run=$((tests_run + 1))

# ---- replay ------------------------------------------------------------
spool replay -t acme s >r1 2>err
is $? 0 "replay: ends well"
is "$(grep -c '"gen":1' r1)" 52 "replay: first generation, and its marks"
is "$(head -n 1 r1 | jq -c '[.kind, .sync, .replay.opens, .replay.tenant]')" \
    '["mark",true,true,"acme"]' "replay: says first that it begins"
grep -v '"mark"' r1 | sed 's/"gen":1,//' | sort >got
grep '"acme"' in | sort >want
same got want "replay: the very lines"
is "$(tail -n 1 r1)" '{"kind":"mark","segment":0,"sync":true,"replay":{"gen":1,"tenant":"acme","from":"2026-01-02T03:00:00.000Z","to":"2026-01-02T04:00:00.000Z"}}' \
    "replay: closes the hours that it knows"
spool replay -t eds -d d1 -f 2026-01-02T04:00:00.050Z s >r2
is "$(ids r2 | tr '\n' ' ')" "55 61 67 73 79 85 91 97 " \
    "replay: device and range"
is "$(tail -n 1 r2 | jq -c '.replay|[.gen,.device,.from]')" \
    '[1,"d1","2026-01-02T04:00:00.050Z"]' "replay: closes no more than that"
spool replay -t acme --to 2026-01-02T03:00:00.051Z s >r3
is "$(ids r3 | wc -l)" 25 "replay: to is not included"
is "$(grep -c '"gen":2' r3)" 27 "replay: the next generation"
lines 101 102 eds | spool put s >/dev/null
is "$(spool replay -t eds s | ids | wc -l)" 52 "replay: also what is not archived"
status 2 "replay: no such tenant" spool replay -t nobody s
spool each -1 s -- cat
hour=s/archive/eds/2026-01-02/04.ndjson.zst
cp "$hour" whole.zst
head -c "$(($(wc -c <whole.zst) - 5))" whole.zst >"$hour"
spool replay -t eds s >r4 2>err
is $? 1 "replay: a damaged hour gives 1"
is "$(grep -c '"mark".*03:00:00.000Z","to":"2026-01-02T05' r4)" 0 \
    "replay: a damaged hour is not closed"
like "$(cat err)" 'archive/eds/2026-01-02/04.ndjson.zst: ' \
    "replay: says which one"
cp whole.zst "$hour"
touch -d '2020-01-01' "$hour"
lines 103 103 acme | spool put s >/dev/null
spool each -1 -k 30d s -- cat
ok "$([ ! -e "$hour" ]; echo $?)" "archive: kept for 30 days"
is "$(cat s/archive/eds/pruned)" 2026-01-02T04 "archive: notes what is gone"
find s/archive/acme -name '*.zst' -exec touch -d '2000-01-01' {} +
hours=$(find s/archive/acme -name '*.zst' | wc -l)
lines 103 103 eds | spool put s >/dev/null
spool each -1 -k 30d s -- cat
is "$(find s/archive/acme -name '*.zst' -newermt 2026-01-01 | wc -l)" "$hours" \
    "archive: what was written before the clock was set is kept as if new"

# ---- stages that end -----------------------------------------------------
rm -rf s; lines 1 50 acme eds | spool put s >/dev/null
status 2 "each: a stage ends with 2" \
    spool each s -- cat '|' python3 stage.py wrong out2
like "$(cat err)" 'stage 2 .python3. ended with 2' "each: says which"
is "$(files s/new)" 1 "each: and keeps the segment"
status 111 "each: once, and a stage ends with 111" \
    spool each -1 s -- python3 stage.py again out2
rm -f went-on
background spool each -s 200ms s -- python3 stage.py again out2 2>err2
each=$!
wait_for 20 sh -c '[ -f s/archive/acme/2026-01-02/03.ndjson.zst ]'
is "$(ids out2 | uniq | wc -l)" 50 "each: goes on after a 111"
kill "$each"; wait "$each"
is $? 0 "each: SIGTERM ends it with 0"

background spool each s -- cat '|' cat
each=$!
wait_for 10 sh -c '[ "$(pgrep -c -P "$1")" = 3 ]' - "$each"
kill -STOP "$each"
pkill -TERM -P "$each"
kill "$each"; kill -CONT "$each"
wait "$each"
is $? 0 "each: and so when all its children are ended with it"

# ---- a kill is not the data's fault ---------------------------------------------
rm -rf s; lines 1 1 eds | spool put s >/dev/null
cat >killed.py <<'PY'
import os, signal, sys
for line in sys.stdin:
    if '"kind":"mark"' in line:
        print(line, end='', flush=True)
    elif os.path.exists('kill-me'):
        os.kill(os.getpid(), signal.SIGKILL)
PY
touch kill-me
for round in 1 2 3 4 5; do
	status 111 "each: a stage gets SIGKILL, time $round" \
	    spool each -1 s -- python3 killed.py
done
like "$(cat err)" 'stage 1 .python3. was killed by signal 9' "each: says so"
background spool each -s 200ms s -- python3 killed.py 2>err2
each=$!
wait_for 20 sh -c '[ "$(grep -c "was killed" err2)" -ge 3 ]'
rm kill-me
wait_for 20 sh -c '[ -z "$(ls s/new s/fed | grep 0)" ]'
is "$?:$(files s/refused)" "0:0" "each: and refuses no line for that"
kill "$each"; wait "$each"

# ---- a line that kills -----------------------------------------------------
rm -rf s; lines 1 300 acme eds | sed 's/<217>/poison/' | spool put s >/dev/null
lines 301 310 acme | spool put s >/dev/null
status 1 "each: a line kills a stage" \
    spool each -1 s -- cat '|' python3 stage.py poison out3
is "$(ids out3 | uniq | wc -l)" 309 "each: all other lines got through"
is "$(cat s/refused/* | grep -c poison) $(cat s/refused/* | wc -l)" "1 1" \
    "each: only that line is refused"
is "$(unpack s | ids | wc -l)" 309 "each: the others are archived, once"
lines 1 5 acme | spool put s4 >/dev/null
status 111 "each: a stage that always crashes is not the data's fault" \
    spool each -1 s4 -- python3 stage.py start out4
is "$(files s4/new) $(files s4/refused)" "1 0" "each: and refuses nothing"

# ---- a tenant that waits -----------------------------------------------------
rm -rf s; lines 1 40 acme eds | spool put s >/dev/null
: >acme-waits
status 111 "each: once, and a tenant has to wait" \
    spool each -1 s -- python3 stage.py wait out5
is "$(ids out5 | wc -l)" 20 "each: the others go on"
is "$(cat s/wait/acme/* | ids | wc -l)" 20 "each: its lines are set aside"
is "$(files s/new) $(files s/fed)" "0 0" "each: the segment is done"
lines 41 60 acme eds | spool put s >/dev/null
background spool each -s 200ms s -- python3 stage.py wait out5 2>err5
each=$!
wait_for 20 grep -q 'acme has to wait' err5
rm acme-waits
wait_for 30 sh -c '[ ! -d s/wait/acme ]'
kill "$each"; wait "$each"
is "$(ids out5 | uniq | wc -l)" 60 "each: feeds them when it can be written"
is "$(unpack s | ids | wc -l)" 60 "archive: each line once nevertheless"

# ---- after a power cut ---------------------------------------------------------
rm -rf s; lines 1 10 eds | spool put s >/dev/null
lines 11 20 eds | head -c 1000 >s/new/0000000000000002
lines 21 30 eds | head -c 1000 >s/new/.part-0000000000000001
whole=$(lines 11 20 eds | head -c 1000 | grep -c '}$')
status 1 "each: a segment that lost its end" \
    spool each -1 s -- python3 stage.py plain out6
is "$(ids out6 | wc -l)" $((10 + 2 * whole)) "each: whole lines are fed"
like "$(cat err)" 'segment 0*2 ends in an unfinished line' "each: says so"
rm -rf s; lines 1 10 eds | spool put s >/dev/null; rm s/counter
lines 11 20 eds | spool put s >/dev/null
is "$(files s/new)" 2 "put: a lost counter overwrites nothing"
lines 1 20 eds >want
spool each -1 s -- python3 stage.py plain out7
same out7 want "each: in order"
rm -rf s; lines 1 100 eds acme | spool put s >/dev/null
mkdir -p s/archive/eds/2026-01-02
echo half-a-frame >s/archive/eds/2026-01-02/03.ndjson.zst
printf 'S %s\nF 0 eds/2026-01-02/03.ndjson.zst\n' 0000000000000001 \
    >s/archive/.journal
spool each -1 s -- cat
is "$(unpack s | ids | wc -l)" 100 "archive: what was half done is undone"
lines 101 110 eds >s/fed/0000000000000002
echo 'S 0000000000000002' >s/archive/.done
spool each -1 s -- cat
is "$(unpack s | ids | wc -l)" 100 "archive: what was done is finished"

# ---- limits ------------------------------------------------------------------
rm -rf s; lines 1 10 eds | spool put -l 1k s >/dev/null
mkfifo pipe
lines 11 20 eds >later
background sh -c 'exec spool put -l 1k s <pipe' >marks 2>err8
put=$!
exec 8>pipe
wait_for 10 grep -q 'the limit is reached' err8
is $? 0 "put: says that the limit is reached"
cat later >&8
exec 8>&-
kill -0 "$put" && is "$(files s/new)" 1 "put: and takes nothing"
spool each -1 s -- python3 stage.py plain out8
wait "$put"
is "$(cat s/new/* | ids | wc -l)" 10 "put: goes on when there is room"
is "$(grep '^Seccomp:' /proc/self/status | tr -d '\t ')" Seccomp:0 "not boxed here"
background sh -c 'exec spool put s <pipe' >marks 2>err9
put=$!
exec 8>pipe
wait_for 10 grep -q 'Seccomp:.2' /proc/$put/status
is "$(grep NoNewPrivs /proc/$put/status | tr -dc 0-9)" 1 "put: boxes itself"
kill $put
wait $put
is $? 0 "put: SIGTERM ends it with 0"
exec 8>&-
if mkdir full && mount -t tmpfs -o size=600k none full 2>/dev/null; then
	lines 1 6000 eds acme >big
	background sh -c 'exec spool put full/s <big' >marks 2>err10
	put=$!
	wait_for 20 grep -qi 'space left.*waiting' err10
	is $? 0 "put: a full disk makes it wait"
	for round in 1 2 3 4 5 6 7 8; do
		mount -o remount,size=$((600 + round * 300))k full
		spool each -1 full/s -- python3 stage.py plain out10 2>err11
		kill -0 "$put" 2>/dev/null || break
	done
	mount -o remount,size=20m full
	wait "$put"
	is $? 0 "put: ends well when there is room"
	spool each -1 full/s -- python3 stage.py plain out10 2>err11
	is "$(unpack full/s | ids | wc -l) $(unpack full/s | ids | uniq | wc -l)" \
	    "6000 6000" "archive: each line once, after a full disk"
	is "$(ids out10 | uniq | wc -l)" 6000 "each: every line was fed"
	umount full
else
	skip "cannot mount a tmpfs" "a full disk"
fi

# ---- numbers are given once ----------------------------------------------------
rm -rf n; lines 1 10 eds | spool put n >/dev/null
mkdir -p n/wait/acme n/refused
lines 11 11 acme >n/wait/acme/0000000000000007
lines 12 12 acme >n/refused/0000000000000009.0
echo 1 >n/counter # as a power cut may leave it
is "$(lines 13 13 eds | spool put n)" '{"kind":"mark","segment":10}' \
    "put: no number of lines that wait or were refused"
mkfifo numbers
background sh -c 'exec spool put n <numbers' >marks
exec 8>numbers
lines 14 14 eds >&8
wait_for 10 grep -q 11 marks
mv n/new/* n/fed/
rm n/counter
lines 15 15 eds >&8
wait_for 10 grep -q 12 marks
is "$(tail -n 1 marks)" '{"kind":"mark","segment":12}' \
    "put: a lost counter is found again while it runs"
exec 8>&-

# ---- killed at random ----------------------------------------------------------
cat >kill.py <<'PY'
import os, random, signal, subprocess, sys, threading, time
seed = int(sys.argv[1])
random.seed(seed)
print('# seed', seed)
acked, lock, number = set(), threading.Lock(), [0]
line = ('{"kind":"frame","time":"2026-01-02T03:00:00.%03dZ","tenant":"%s",'
    '"device":"d","profile":"p","protocol":"serial","complete":true,'
    '"lines":["<%d>"]}\n')
def batch(count):
    with lock:
        first = number[0] + 1
        number[0] += count
    ids = range(first, first + count)
    return ids, ''.join(line % (i % 1000, ('eds', 'acme')[i % 2], i)
        for i in ids).encode()
def put(delay):
    p = subprocess.Popen(['spool', 'put', 'k'], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ids, text = batch(random.randint(1, 400))
    p.stdin.write(text)
    p.stdin.flush()
    if p.stdout.readline().startswith(b'{"kind":"mark"'):
        acked.update(ids)
    p.stdin.write(batch(random.randint(1, 400))[1])
    p.stdin.flush()
    time.sleep(delay)
    p.kill()
    p.wait()
def children(pid):
    out = subprocess.run(['pgrep', '-P', str(pid)], capture_output=True)
    return [int(x) for x in out.stdout.split()]
stop, rounds = threading.Event(), [0]
def each():
    log = open('kill.err', 'a')
    while not stop.is_set():
        p = subprocess.Popen(['spool', 'each', '-s', '300ms', 'k', '--',
            'tee', '-a', 'kill.out', '|', 'cat'], stderr=log)
        time.sleep(random.uniform(0.05, 0.4))
        for _ in range(random.randint(0, 2)):
            if children(p.pid):
                try:
                    os.kill(random.choice(children(p.pid)), signal.SIGKILL)
                except (ProcessLookupError, IndexError):
                    pass
            time.sleep(random.uniform(0.01, 0.1))
        p.kill()
        p.wait()
        rounds[0] += 1
worker = threading.Thread(target=each)
worker.start()
for _ in range(4):
    puts = [threading.Thread(target=put, args=(random.uniform(0, .05),))
        for _ in range(6)]
    for t in puts: t.start()
    for t in puts: t.join()
while rounds[0] < 20:
    time.sleep(0.1)
stop.set()
worker.join()
print('# rounds', rounds[0], 'lines', number[0], 'acked', len(acked))
open('acked', 'w').write(''.join('%d\n' % i for i in sorted(acked)))
PY
spool put k </dev/null
python3 kill.py "${SEED:-$(date +%s)}"
is $? 0 "killed: 24 times put, 20 times each and its children"
wait_for 10 flock -n k/each.lock true
spool each -1 k -- tee -a kill.out '|' cat 2>err
is $? 0 "killed: the last run ends well"
unpack k >kill.archive
cat k/refused/* 2>/dev/null >>kill.archive
ids kill.archive >got
uniq got >once
same got once "killed: nothing stands in the archive twice"
sort acked | comm -13 "$(sort once >sorted; echo sorted)" - >lost
is "$(wc -l <lost)" 0 "killed: nothing that had its mark is lost"
ids kill.out | uniq >fed
is "$(comm -23 "$(sort once >a; echo a)" "$(sort fed >b; echo b)" | wc -l)" 0 \
    "killed: all that is archived was fed"
is "$(files k/new) $(files k/fed) $(files k/refused)" "0 0 0" "killed: nothing is left"

done_testing
