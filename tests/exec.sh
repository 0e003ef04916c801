#!/bin/sh
# exec.sh FILE: how prove starts a shell test or a unit test.
case $1 in
*.t)
	# Programs leave the freeing of what lives to their end to the exit;
	# leaks are looked for in the unit tests, and strace forbids it.
	export ASAN_OPTIONS=detect_leaks=0
	# A program that a test has left behind would hold what prove waits
	# for: it is named, and ends with the test.
	setsid sh "$@" </dev/null &
	session=$!
	trap 'kill -s TERM -- -$session' INT TERM
	wait $session
	status=$?
	pgrep -a -s $session | grep -v '<defunct>$' |
	    sed 's/^/# left running: /' >&2
	pkill -KILL -s $session
	exit $status ;;
*)
	# cmocka calls a skipped test "not ok"; TAP and prove do not.
	out=$("$@")
	status=$?
	printf '%s\n' "$out" | sed 's/^not ok \(.*# SKIP\)/ok \1/'
	exit $status ;;
esac
