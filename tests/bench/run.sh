#!/bin/sh
# run.sh BUILD: all benchmarks; rates and ratios against peers of this run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for peer in jq sqlite-utils python3; do
	command -v $peer >/dev/null || {
		echo "bench: needs $peer (Debian package $peer)" >&2
		exit 2
	}
done
status=0
python3 "$here/bench.py" "$1" || status=1
python3 "$here/poll.py" "$1" || status=1
python3 "$here/can.py" "$1" || status=1
exit $status
