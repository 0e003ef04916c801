#!/bin/sh
# The whole way, from frames to a stored row: what a crash, a kill and a
# second feeding leave behind is each reading once, with its value.
. "$(dirname "$0")/lib.sh"

spool=$TBMS_ROOT/spool
for tenant in alpha beta; do
	tenant-db create --tenant $tenant --timezone UTC
	put_fleet $tenant 48 15 '1 2 3' pylontech-can
done

# 6 devices, 2,000 instants: frames whose values are a formula (0x355 charge
# and health, 0x356 voltage, current, temperature; /protocols/05b).
cat >"$T/frames.py" <<'PY'
import struct, sys
from datetime import datetime, timedelta, timezone
start = datetime(2026, 3, 1, tzinfo=timezone.utc)
first, last = int(sys.argv[1]), int(sys.argv[2])
for i in range(first, last):
    t = (start + timedelta(seconds=5 * i)).strftime('%Y-%m-%dT%H:%M:%S.000Z')
    for tenant in 'alpha', 'beta':
        for n in 1, 2, 3:
            soc = i % 101
            volt = 4800 + (i * n) % 700
            amp = (i * 7 + n) % 1000 - 500
            print('{"kind":"frame","time":"%s","tenant":"%s","device":"d-%d",'
                '"profile":"pylontech-can","protocol":"can","complete":true,'
                '"messages":["351#%s","355#%s","356#%s"]}' % (t, tenant, n,
                struct.pack('<HhhH', 532, 800, 800, 480).hex(),
                struct.pack('<HH', soc, 99).hex(),
                struct.pack('<hhh', volt, amp, 215).hex()))
PY
# What a tenant's store must say: count, sum of charge, sum of voltage.
cat >"$T/wanted.py" <<'PY'
import sys
n = int(sys.argv[1])
print('%d %d %.2f' % (3 * n, 3 * sum(i % 101 for i in range(n)),
    sum((4800 + (i * k) % 700) / 100 for i in range(n) for k in (1, 2, 3))))
PY
stored() {
	tenant-db query --tenant "$1" "SELECT count(*) AS n,
	    sum(soc_percent) AS soc, sum(pack_voltage) AS volt
	    FROM bms_data" |
	    python3 -c 'import json, sys
r = json.loads(sys.stdin.readline())
print("%d %d %.2f" % (r["n"], r["soc"] or 0, r["volt"] or 0))'
}
each() {
	spool each "$@" "$spool" -- bms-normalize '|' \
	    tenant-db append --all '|' live --all
}

python3 "$T/frames.py" 0 500 >"$T/first"
spool put "$spool" <"$T/first" >"$T/marks" 2>"$T/err"
is $? 0 "frames are put into the spool"
each --once >"$T/out" 2>"$T/err"
is $? 0 "the spool is fed through normalize, append and live"
for tenant in alpha beta; do
	is "$(stored $tenant)" "$(python3 "$T/wanted.py" 500)" \
	    "$tenant: each reading is stored once, with its value"
done
bms-normalize <"$T/first" | tenant-db append --all >"$T/out" 2>"$T/err"
is "$(stored alpha)" "$(python3 "$T/wanted.py" 500)" \
    "the same readings through a plain pipe change nothing"

# Kill whatever stands there, again and again, while frames come in.
python3 "$T/frames.py" 500 2000 | split -l 900 - "$T/part."
for part in "$T"/part.*; do
	spool put "$spool" <"$part" >>"$T/marks" 2>>"$T/err"
done
for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
	each --once >"$T/out" 2>>"$T/kills" &
	pid=$!
	sleep "0.$(printf '%02d' $((round * 4)))"
	case $((round % 3)) in
	0) pkill -9 -P $pid -x tenant-db ;;
	1) kill -9 $pid ;;
	2) pkill -9 -P $pid -x bms-normalize ;;
	esac 2>/dev/null
	[ $((round % 3)) -eq 1 ] || kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
done
wait_for 10 sh -c "! pgrep -f 'tenant-db append --all' >/dev/null" || :
each --once >"$T/out" 2>"$T/err"
is $? 0 "after twelve kills the spool is fed to its end"
for tenant in alpha beta; do
	is "$(stored $tenant)" "$(python3 "$T/wanted.py" 2000)" \
	    "$tenant: nothing is lost and nothing is doubled"
done
is "$(find "$spool/new" "$spool/fed" -type f | wc -l)" 0 \
    "nothing waits in the spool"
spool replay --tenant alpha --device d-1 "$spool" | grep -c '"kind":"frame"' \
    >"$T/count"
is "$(cat "$T/count")" 2000 "the archive holds each frame for a replay"

rollup --all >"$T/out" 2>"$T/err"
is $? 0 "rollup runs"
dashboard --all >"$T/out" 2>"$T/err"
is $? 0 "dashboard runs"
[ -s "$TBMS_ROOT/site/alpha/all/fr/index.html" ]
ok $? "a page for the customer is there"

done_testing
