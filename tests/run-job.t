#!/bin/sh
# run-job: the command's own status, one at a time, in time, and on record.
. "$(dirname "$0")/lib.sh"

started() { [ "$(runs outcome "WHERE job = '$1'")" = running ]; }
runs() { sqlite3 "$TBMS_ROOT/core.db" "SELECT $1 FROM job_runs $2"; }

status 0 "without core.db the job runs" run-job a -- touch ran
ok "$([ -f ran ]; echo $?)" "it did run"
like "$(cat err)" 'not recorded: ' "and it says that nothing is recorded"
tenant-db create --tenant eds --name EDS --company EDS >/dev/null

status 0 "status 0" run-job a -- sh -c 'echo out; echo err >&2'
is "$(cat out) $(cat err)" "out err" "output and diagnostics pass"
status 1 "status 1" run-job a -- sh -c 'exit 1'
status 2 "status 2" run-job a -- sh -c 'exit 2'
status 7 "any status is the command's" run-job a -- sh -c 'exit 7'
status 111 "killed: 111" run-job a -- sh -c 'kill -9 $$'
status 2 "not found: 2" run-job a -- no-such-program
is "$(runs "outcome || coalesce(exit_status, '') || coalesce(-signal, '')" |
    tr '\n' ' ')" "done0 refused1 wrong2 wrong7 killed-9 wrong2 " \
    "the record tells how each ended"
is "$(runs output 'WHERE id = 1')" err "the record has what it said"
is "$(runs 'count(*)' 'WHERE started_at > unixepoch() * 1000 - 60000 AND
    ended_at >= started_at AND duration_ms >= 0 AND pid > 0')" 6 "and when"
run-job long -- python3 -c 'import sys
for i in range(3000): print("line %d" % i, file=sys.stderr)' 2>long.err
is "$(wc -l <long.err)" 3000 "long diagnostics pass whole"
python3 -c 'print("".join("line %d\n" % i for i in range(3000))[-4096:]
    .split("\n", 1)[1], end="")' >want
runs output "WHERE job = 'long'" | sed '$d' >got
same got want "of them the last whole lines of 4 KiB are kept"

status 111 "the time limit gives 111" \
    run-job -t 200ms late -- sh -c 'sleep 60 & wait'
is "$(runs outcome "WHERE job = 'late'")" late "and is on record"
like "$(cat err)" 'job late: stopped after 0.2 s' "and told"
ok "$(! pgrep -f 'sleep 60$' -g "$(runs pid "WHERE job = 'late'")" \
    >/dev/null; echo $?)" "nothing of it is left"
status 0 "a retry helps" run-job -r 2 again -- \
    sh -c '[ -f second ] || { : >second; exit 111; }'
is "$(runs 'attempt || outcome' "WHERE job = 'again'" | tr '\n' ' ')" \
    "1again 2done " "each attempt is recorded"
status 2 "what cannot help is not tried again" \
    run-job -r 2 never -- sh -c 'exit 2'
is "$(runs 'count(*)' "WHERE job = 'never'")" 1 "once"

mkfifo hold
background run-job -l shared one -- sh -c ': <hold'
wait_for 10 started one
status 111 "one at a time: 111" run-job -l shared two -- touch two
status 0 "or 0" run-job -s -l shared two -- touch two
ok "$([ ! -e two ]; echo $?)" "nothing ran meanwhile"
: >hold
wait_for 10 flock -n root/run/shared.lock true
is "$(runs outcome "WHERE job IN ('one', 'two')" | tr '\n' ' ')" \
    "done skipped skipped " "on record"

background run-job stop -- sleep 60
job=$!
wait_for 10 started stop
kill "$job"; wait "$job"
is $? 111 "SIGTERM stops the command"
is "$(runs 'outcome || signal' "WHERE job = 'stop'")" killed15 "on record"

for n in 1 2 3; do run-job bad -- sh -c 'exit 111' 2>err$n; done
is "$(cat err1 err2)" "" "two failures are two failures"
is "$(cat err3)" "run-job: job bad has failed 3 times in a row" \
    "the third is told"
status 0 "a run that ends well" run-job bad -- true
status 111 "and one that does not" run-job bad -- sh -c 'exit 111'
is "$(cat err)" "" "count from the start"
background run-job gone -- sleep 60
job=$!
wait_for 10 started gone
kill -9 "$job"
kill "$(runs pid "WHERE job = 'gone'")"
run-job gone -- true
is "$(runs outcome "WHERE job = 'gone'" | tr '\n' ' ')" "killed done " \
    "a run that was killed with its run-job is called that"
status 2 "no command" run-job a --
status 2 "no such name" run-job ../x -- true

done_testing
