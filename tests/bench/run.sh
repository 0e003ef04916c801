#!/bin/sh
# run.sh BUILD: all benchmarks; rates and ratios against peers of this run,
# and at the end a table of those of the store.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../need.sh" check bench
[ -n "${TBMS_CAPTURES:-}" ] || TBMS_CAPTURES=$here/../../../shared/data
BENCH_TABLE=$(mktemp)
export TBMS_CAPTURES BENCH_TABLE
trap 'rm -f "$BENCH_TABLE"' EXIT
status=0
for part in bench store years memory poll can; do
	python3 "$here/$part.py" "$1" || status=1
done
python3 "$here/table.py" "$BENCH_TABLE" || status=1
exit $status
