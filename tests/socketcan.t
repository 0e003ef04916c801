#!/bin/sh
# bms-poll on a CAN interface of a kernel: a user-mode Linux has one.
. "$(dirname "$0")/lib.sh"

need 'a CAN interface of a kernel' \
    'user-mode-linux bubblewrap busybox-static kmod can-utils iproute2' \
    linux.uml bwrap busybox insmod ip cansend cc
not_san "no room for a sanitizer in there" "a CAN interface of a kernel"

mkdir -p vm/share/profiles
cat >vm/share/profiles/t-can.json <<'E'
{"maker":"Test","model":"CAN","protocol":"can","cycle":"1500ms",
 "can":{"dbc":"t.dbc","must":["A","B"]},
 "measurements":[{"name":"pack_voltage","signal":"A.V"},
  {"name":"soc_percent","signal":"B.SOC"}]}
E
sed 's/"B.SOC"}/"B.SOC"},{"name":"soh_percent","signal":"C.SOH"}/' \
    vm/share/profiles/t-can.json >vm/more.json
cat >vm/share/profiles/t.dbc <<'E'
VERSION ""
BU_: X
BO_ 853 B: 8 X
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" X

BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X

BO_ 2566845669 C: 8 X
 SG_ SOH : 0|16@1+ (1,0) [0|100] "%" X
E
echo '{"kind":"device","tenant":"eds","device":"c","profile":"t-can",
"address":"can://vcan0","timeout_ms":20000}' | tr -d '\n' >vm/devices
cat >vm/job.sh <<E
poll="$B/bin/bms-poll --share share -d devices"
E
cat >>vm/job.sh <<'E'
# told COUNT TEXT: until so many frames hold it
told() {
	n=0
	until [ "$(grep -c "$2" frames)" -ge "$1" ] || [ $n -ge 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}
while :; do
	for message in 355#1E006400 356#7914 00000356#FFFF 356#R 123#00 \
	    18FEF4E5#6300; do
		cansend vcan0 $message
	done
	sleep 0.1
done 2>/dev/null &
$poll >once
echo "status $?"
candump -L vcan0 >bus &
$poll -e 2s >frames 2>err &
poller=$!
told 1 '"356#7914"'
grep -c vcan0.*raw /proc/net/can/rcvlist_sff >filters
cp more.json share/profiles/t-can.json
kill -HUP $poller
told 1 '18FEF4E5#6300'
ip link set vcan0 down
told 1 'Network is down'
cp frames before
ip link set vcan0 up
told $(($(grep -c 18FEF4E5 before) + 1)) '18FEF4E5#6300'
kill $poller
wait $poller
echo "status $?"
E
sh "$TESTS/vm/uml.sh" "$T/vm" 2>vm/why
ran=$?
if [ $ran -eq 125 ]; then
	skip "$(tail -n 1 vm/why)" "no user-mode Linux starts here"
	done_testing
fi
ok $ran "the machine ran"
is "$(grep status vm/log | tr '\n' ' ')" "status 0 status 0 " \
    "once, and until SIGTERM"
is "$(jq -c '[.complete,(.messages|sort)]' vm/once)" \
    '[true,["355#1E006400","356#7914"]]' \
    "the messages of the profile, and none that only looks like one"
like "$(cat vm/filters)" '^[23]$' "the kernel passes on those alone"
is "$(jq -c 'select(.error|not)|[.complete,(.messages|sort)]' vm/frames |
    sort -u)" \
'[true,["18FEF4E5#6300","355#1E006400","356#7914"]]
[true,["355#1E006400","356#7914"]]' "SIGHUP: a profile that hears more"
is "$(jq -r '.error//empty' vm/frames | sort -u)" "Network is down" \
    "an interface that goes down is named"
like "$(tail -n 1 vm/frames)" '18FEF4E5#6300' "and heard again when it is up"
is "$(cat vm/err)" "" "without a word"
is "$(awk '{ print $3 }' vm/bus | sort -u | tr '\n' ' ')" \
    "00000356#FFFF 123#00 18FEF4E5#6300 355#1E006400 356#7914 356#R " \
    "nothing was sent to the bus"
done_testing
