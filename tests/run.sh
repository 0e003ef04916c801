#!/bin/sh
# run.sh BUILD [NAME...]: the unit tests and the shell tests of a build,
# through prove. NAME picks tests/NAME.t and unit/NAME; none means all.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
B=$(cd "${1:?usage: run.sh BUILD [NAME...]}" && pwd) || exit 2
shift
# The longest go first, so that in the end nobody waits for one of them alone.
longest='canbus rollup extend durable-disk bms-poll-fleet bms-poll-http
    durable tenant-db-seal bms-sim faults migrations serial serve-static'
# shellcheck disable=SC2086 # names
[ $# -gt 0 ] || set -- $longest '*'
tests=
for name in "$@"; do
	for file in "$B"/unit/$name "$top"/tests/$name.t; do
		[ -f "$file" ] || continue
		case " $tests " in *" $file "*) continue ;; esac
		case $file in *.d) continue ;; esac
		tests="$tests $file"
	done
done
[ -n "$tests" ] || { echo "run.sh: no such test" >&2; exit 2; }
[ -n "${TBMS_CAPTURES:-}" ] || TBMS_CAPTURES=$top/../shared/data
export B TBMS_CAPTURES CMOCKA_MESSAGE_OUTPUT=TAP
# Many tests wait; under sanitizers they work, and who works in turns with
# others there waits for a lock longer than programs are patient.
jobs=$(($(nproc) * 2))
case $B in */san) jobs=$(nproc) ;; esac
# shellcheck disable=SC2086 # paths of ours, without blanks
exec prove --timer -j "${TEST_JOBS:-$jobs}" --exec "sh $top/tests/exec.sh" $tests
