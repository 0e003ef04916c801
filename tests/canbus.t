#!/bin/sh
# bms-poll on CAN interfaces of a kernel that have troubles: noise of
# cangen, error frames, a controller that goes off, another bit rate; a log
# that canplayer replays, CAN FD, a device that must be asked. In a
# user-mode Linux, as socketcan.t; its slcan driver is a controller with a
# state, whose adapter is us.
. "$(dirname "$0")/lib.sh"

need 'a CAN interface of a kernel' \
    'user-mode-linux bubblewrap busybox-static kmod can-utils iproute2 socat' \
    linux.uml bwrap busybox insmod ip cansend cangen canplayer slcand socat cc
not_san "no room for a sanitizer in there" "a CAN interface of a kernel"

mkdir -p vm/share/profiles
cat >vm/share/profiles/t-can.json <<'E'
{"maker":"Test","model":"CAN","protocol":"can","cycle":"300ms",
 "can":{"dbc":"t.dbc","must":["A","B"]},
 "measurements":[{"name":"pack_voltage","signal":"A.V"},
  {"name":"soc_percent","signal":"B.SOC"}]}
E
# its answers are two programs that start one after the other: time enough
sed 's/"dbc"/"requests":["305#0000000000000000","355#R8"],&/
    s/300ms/5s/' vm/share/profiles/t-can.json >vm/share/profiles/t-ask.json
cat >vm/share/profiles/t-fd.json <<'E'
{"maker":"Test","model":"CAN FD","protocol":"can","cycle":"300ms",
 "can":{"dbc":"t.dbc","must":["Far"]},
 "measurements":[{"name":"pack_voltage","signal":"volt"}]}
E
cat >vm/share/profiles/t.dbc <<'E'
VERSION ""
BU_: X
BO_ 853 B: 8 X
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" X

BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X

BO_ 513 Far: 64 X
 SG_ volt : 480|32@1- (1,0) [0|9] "V" X
SIG_VALTYPE_ 513 volt : 1;
E
# a device line: NAME PROFILE ADDRESS TIMEOUT
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s","profile":"%s",' \
	    "$1" "$2"
	printf '"address":"%s","timeout_ms":%d}\n' "$3" "$4"
}
device c t-can can://vcan0 20000 >vm/noise.dev
device c t-ask can://vcan0 20000 >vm/ask.dev
device f t-fd can://vcan0 20000 >vm/fd.dev
device s t-can "can://slc0?bitrate=250000" 1000 >vm/slc.dev
device c t-can "candump://$T/vm/replay" 1000 >vm/log.dev
for i in 1 2 3 4 5; do
	echo "(1700000000.${i}00000) can0 355#1${i}006400"
	echo "(1700000000.${i}20000) can0 123#00"
	echo "(1700000000.${i}40000) can0 356#7${i}140000"
done >vm/replay
echo "poll='$B/bin/bms-poll --share share'" >vm/job.sh
cat >>vm/job.sh <<'E'
# told COUNT TEXT FILE: until so many of its lines hold it
told() {
	n=0
	until [ "$(grep -c "$2" "$3")" -ge "$1" ] || [ $n -ge 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}
cycle() { cansend vcan0 355#1E006400; cansend vcan0 356#79140000; }
# The lists of who hears what name a bus also where nobody does: "(vcan0: no
# entry)"; an entry has it between blanks.
# woken PID: how often it slept and was woken
woken() { sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/$1/status; }

# noise, and the wanted messages within it
cangen vcan0 -g 20 -I 123 & noise="$!"
cangen vcan0 -g 20 -e -I 18ABCDEF & noise="$noise $!"
cangen vcan0 -g 20 -f -I 7FF & noise="$noise $!"
$poll -d noise.dev -e 2s >noise 2>noise.err &
poller=$!
(while :; do cycle; sleep 0.1; done) & wanted=$!
told 2 '"356#79140000"' noise
# an error frame: receive errors, warning; then passive, then active again
cansend vcan0 20000004#0004000000000000
cansend vcan0 20000008#0000040000000000
told 1 bus_errors noise
cansend vcan0 20000004#0010000000000000
told 1 error-passive noise.err
cansend vcan0 20000004#0040000000000000
told 1 error-active noise.err
told 2 bus_errors noise
kill $poller $noise $wanted
wait $poller

# of other identifiers nobody is woken
$poll -d noise.dev -e 5s >wake 2>&1 &
poller=$!
told 1 " vcan0 " /proc/net/can/rcvlist_sff
sleep 1
before=$(woken $poller)
cangen vcan0 -g 0 -n 1000 -I 123
sleep 1
echo "noise $(($(woken $poller) - before))" >woken
before=$(woken $poller)
n=0
until [ $(($(woken $poller) - before)) -ge 10 ] || [ $n -ge 200 ]; do
	cycle
	n=$((n + 1))
done
echo "wanted $(($(woken $poller) - before))" >>woken
kill $poller
wait $poller

# a log that canplayer replays is heard as it is read
$poll -d noise.dev >heard 2>heard.err &
poller=$!
told 1 " vcan0 " /proc/net/can/rcvlist_sff
canplayer -I replay -l 3 vcan0=can0
wait $poller
$poll -d log.dev >read 2>read.err

$poll -d fd.dev >fd 2>fd.err &
poller=$!
told 1 " vcan0 " /proc/net/can/rcvlist_sff
for i in 1 2 3 4 5 6; do
	cansend vcan0 "201##1$(cat far)"
	sleep 0.1
done
wait $poller

# a device that speaks when it is asked
candump -L vcan0 >bus &
bus=$!
(stdbuf -oL candump -L vcan0,355:7FF | while read -r line; do
	case $line in
	*'355#R'*) cycle ;;
	esac
done) &
told 1 " vcan0 " /proc/net/can/rcvlist_all
told 1 " vcan0 " /proc/net/can/rcvlist_fil
$poll -d ask.dev >asked 2>asked.err
echo "status $?" >>asked.err
kill $bus

# a controller that has a bit rate and a state
socat pty,raw,echo=0,link=/dev/ttyP1 pty,raw,echo=0,link=/dev/ttyP2 &
n=0
until [ -e /dev/ttyP2 ] || [ $n -ge 50 ]; do sleep 0.1; n=$((n + 1)); done
slcand -F -s6 ttyP1 slc0 &
n=0
until [ -e /sys/class/net/slc0 ] || [ $n -ge 50 ]; do
	sleep 0.1
	n=$((n + 1))
done
ip link set slc0 type can bitrate 500000
ip link set slc0 up
$poll -d slc.dev -e 1s >slc 2>slc.err &
poller=$!
told 1 " slc0 " /proc/net/can/rcvlist_sff
(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	printf 't35541E006400\rt356479140000\r' >/dev/ttyP2
	sleep 0.1
done)
told 1 '"complete":true' slc
printf 'sp128128\r' >/dev/ttyP2
told 1 'error-passive' slc
printf 'sb256256\r' >/dev/ttyP2
told 1 'bus-off: timeout' slc
kill $poller
wait $poller
true
E
python3 -c 'import struct; print("00" * 60 + struct.pack("<f", 51.25).hex())' \
    >vm/far
sh "$TESTS/vm/uml.sh" "$T/vm" 2>vm/why
ran=$?
if [ $ran -eq 125 ]; then
	skip "$(tail -n 1 vm/why)" "no user-mode Linux starts here"
	done_testing
fi
ok $ran "the machine ran"
is "$(jq -c 'select(.complete)|.messages|sort' vm/noise | sort -u)" \
    '["355#1E006400","356#79140000"]' "nothing of the noise is heard"
is "$(jq -s '[.[]|.bus_errors // 0]|add' vm/noise)" 3 \
    "error frames are counted; to be well again is none"
is "$(grep -v 'slots are left out\|in time again' vm/noise.err)" "bms-poll: vcan0: error-warning
bms-poll: vcan0: error-passive
bms-poll: vcan0: error-active" "what they tell of the controller is said"
is "$(sed -n '/^noise [0-9]$/p' vm/woken | wc -l)" 1 \
    "1000 messages of others wake nobody"
like "$(tail -n 1 vm/woken)" '^wanted [1-9][0-9]+$' \
    "those that are wanted do"
is "$(jq -c '[.complete,(.messages|length)]' vm/heard)" '[true,2]' \
    "canplayer: a cycle of the log"
is "$(jq -r '.messages[]' vm/heard | grep -vcF "$(jq -r '.messages[]' vm/read &&
    sed -n 's/.* //p' vm/replay)")" 0 "whose messages are those of the log"
is "$(jq -c '[.complete,(.messages|length)]' vm/fd)" '[true,1]' "CAN FD"
is "$(bms-normalize --profiles vm/share/profiles <vm/fd | jq .pack_voltage)" \
    51.25 "of 64 bytes"
is "$(cat vm/asked.err)" "status 0" "a device that is asked"
is "$(jq -c '[.complete,(.messages|sort)]' vm/asked)" \
    '[true,["355#1E006400","356#79140000"]]' "answers"
is "$(sed -n '1,2s/.* //p' vm/bus | tr '\n' ' ')" \
    '305#0000000000000000 355#R8 ' "to what its profile names"
like "$(cat vm/slc.err)" 'slc0: runs at 500000 bit/s, not 250000' \
    "another bit rate is said"
is "$(jq -c 'select(.complete)|.messages|sort' vm/slc | sort -u)" \
    '["355#1E006400","356#79140000"]' "and what comes is heard"
is "$(jq -r '.error//empty' vm/slc | grep -v '^timeout' | sort -u)" \
    'bus-off: timeout after 1.0 s
error-passive: timeout after 1.0 s' "the controller's state is the reason"
done_testing
