#!/bin/sh
# run.sh [NAME...]: each harness for FUZZ_SECONDS (20) under libFuzzer with
# ASan and UBSan, from a corpus of small seeds that is made here. What a
# harness is fed beyond that is kept in build/fuzz/corpus.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
out=build/fuzz
seconds=${FUZZ_SECONDS:-20}
TBMS_SHARE=$top/share
export TBMS_SHARE
[ $# -gt 0 ] || set -- tests/fuzz/*.c
# the same libraries as the programs
modules=$(awk '/^MODULES :=/,!/\\$/ { gsub(/^MODULES :=|\\$/, ""); print }' \
    Makefile)

# seeds NAME: small inputs for a harness, from what ships
seeds() {
	mkdir -p "$out/corpus/$1"
	if [ -f "tests/fuzz/$1.py" ]; then
		python3 "tests/fuzz/$1.py" "$out/corpus/$1"
		return
	fi
	python3 - "$1" "$out/corpus/$1" <<'PY'
import glob, json, os, sys
name, out = sys.argv[1:]
def put(number, data):
    with open('%s/seed-%s' % (out, number), 'wb') as file:
        file.write(data)
for path in glob.glob('share/profiles/*.json'):
    top = json.load(open(path))
    base = os.path.basename(path)[:-5]
    vectors = top.pop('vectors', [])
    if name == 'profile':
        if 'can' in top:
            top['can'] = {'dbc': 'a.dbc', 'must': ['A'], 'mask': '0xF0',
                          'requests': ['1#R8', '305#00']}
            top['measurements'] = [
                {'name': 'cell_voltages', 'signals': 'a_{0..1}'},
                {'name': 'operation_mode', 'signal': 'mux', 'values': 'dbc'},
                {'name': 'warning_codes', 'signal': 'mux',
                 'values': {'Run': 'x', '2': 'y'}},
                {'name': 'fault_codes', 'signals': {'f_0': 'x', 'f_1': 'y'}}]
        for number in range(0, len(top['measurements']), 6):
            part = dict(top)
            part['measurements'] = top['measurements'][number:number + 6]
            put('%s-%d' % (base, number), json.dumps(part).encode())
    if name == 'frame':
        for number, vector in enumerate(vectors):
            frame = {'kind': 'frame', 'time': '2026-01-02T03:04:05.000Z',
                     'tenant': 't', 'device': 'd', 'profile': base,
                     'protocol': top['protocol'], 'complete': True}
            frame.update(vector['frame'])
            put('%s-%d' % (base, number), json.dumps(
                frame, separators=(',', ':')).encode())
PY
}

# the rooms, built once more by make with the fuzzer's eyes
make -s CC=clang SAN=1 B="$out" CFLAGS=-fsanitize=fuzzer-no-link \
    "$out/libtrackingbms.a"
failed=0
for harness; do
	name=$(basename "$harness" .c)
	# shellcheck disable=SC2046,SC2086 # lists
	clang -std=c17 -D_GNU_SOURCE -Ilib -g -O1 -fno-omit-frame-pointer \
	    -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=undefined $(pkg-config --cflags $modules) \
	    -o "$out/$name" "$harness" "$out/libtrackingbms.a" \
	    $(pkg-config --libs $modules) -lm
	seeds "$name"
	echo "fuzz: $name for $seconds s"
	if "$out/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
	    -max_len=4096 -artifact_prefix="$out/$name-" -print_final_stats=1 \
	    "$out/corpus/$name" >"$out/$name.log" 2>&1; then
		grep -E 'number_of_executed_units|peak_rss' "$out/$name.log"
	else
		tail -n 60 "$out/$name.log"
		echo "fuzz: $name failed; the input is $out/$name-*"
		failed=1
	fi
done
exit $failed
