#!/bin/sh
# Each folder golden/PROGRAM/CASE is a test: `cmd` is typed with `in` as
# standard input; `out`, `err` and `status` (0 if absent) are what it must
# answer. A new folder is a new test.
. "$(dirname "$0")/lib.sh"

for case in "$TESTS"/golden/*/*/; do
	name=${case#"$TESTS"/golden/}
	name=${name%/}
	mkdir -p "$T/case"
	(cd "$T/case" && sh "$case/cmd" <"$case/in" >"$T/out" 2>"$T/err")
	is $? "$(cat "$case/status" 2>/dev/null || echo 0)" "$name: status"
	same "$T/out" "$case/out" "$name: output"
	same "$T/err" "$case/err" "$name: diagnostics"
	rm -rf "$T/case"
done

done_testing
