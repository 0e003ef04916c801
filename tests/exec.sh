#!/bin/sh
# exec.sh FILE: how prove starts a shell test or a unit test.
case $1 in
*.t)
	# Programs leave the freeing of what lives to their end to the exit;
	# leaks are looked for in the unit tests, and strace forbids it.
	export ASAN_OPTIONS=detect_leaks=0
	# A program that a test has left behind would hold what prove waits
	# for: it is named, ends with the test, and the test has failed.
	setsid sh "$@" </dev/null &
	session=$!
	trap 'kill -s TERM -- -$session' INT TERM
	wait $session
	status=$?
	# what was told to end has ten seconds for it
	tenths=100
	while left=$(pgrep -a -s $session | grep -v '<defunct>$') &&
	    [ $tenths -gt 0 ]; do
		sleep 0.1
		tenths=$((tenths - 1))
	done
	if [ -n "$left" ]; then
		printf '%s\n' "$left" | sed 's/^/# left running: /' >&2
		pkill -KILL -s $session
		status=1
	fi
	exit $status ;;
*)
	# cmocka calls a skipped test "not ok"; TAP and prove do not.
	out=$("$@")
	status=$?
	printf '%s\n' "$out" | sed 's/^not ok \(.*# SKIP\)/ok \1/'
	exit $status ;;
esac
