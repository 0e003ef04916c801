#!/bin/sh
# Devices that mean harm, or are broken as if they did: nobody else waits for
# them, and what they say stays text.
. "$(dirname "$0")/lib.sh"

peer() {
	background /usr/bin/python3 "$TESTS/hostile.peer.py" "$@" \
	    >>"$T/peer.log" 2>&1
}
listening() { python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
# device NAME PROFILE ADDRESS [MORE MEMBERS]
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s",' "$1"
	printf '"profile":"%s","address":"%s"%s}\n' "$2" "$3" "${4:+,$4}"
}
mkdir -p share/profiles

# ---- an answer that goes on and on -----------------------------------------
port=$(free_port)
peer daly "$port"
wait_for 20 listening "$port"
device a daly-uart "tcp://127.0.0.1:$port" '"timeout_ms":1000' >list
status 1 "an answer of frames that come one by one" \
    timeout 10 bms-poll -d list
like "$(jq -r .error out)" ' [0-9]+ of 85 frames$' "is over with its time"

# ---- names out of a device ---------------------------------------------------
port=$(free_port)
peer names "$port" "$T/asked"
wait_for 20 listening "$port"
status 0 "probe: names that are commands" \
    bms-poll probe -t 5s "thingset+tcp://127.0.0.1:$port"
is "$(sed 's/  */ /g' out)" "rGood_V 12.5 V" "are not printed"
is "$(sort -u asked)" "?" "and not sent"

# ---- events without anything in them ------------------------------------------
port=$(free_port)
peer events "$port"
wait_for 20 listening "$port"
jq -cn '{protocol:"http",http:{requests:["/"],stream:"sse",must:["pack"]},
    measurements:[{name:"pack_voltage",item:"pack#v"}]}' \
    >share/profiles/t-events.json
device a t-events "http://127.0.0.1:$port" '"timeout_ms":20000' >list
status 1 "a flood of empty events" bms-poll --share share -d list
is "$(jq -r .error out)" "more than 4194304 bytes in one cycle" \
    "counts as one"

# ---- a flood that looks like heads of frames --------------------------------
port=$(free_port)
peer heads "$port"
wait_for 20 listening "$port"
device a pylontech-console "tcp://127.0.0.1:$port" '"timeout_ms":60000' \
    >list
status 1 "a flood of beginnings" \
    sh -c 'ulimit -t 20 && exec bms-poll -d list'
is "$(jq -r .error out)" "more than 4194304 bytes and no answer" \
    "is no work for minutes"

# ---- stamps whose sum is no time ----------------------------------------------
cat >share/profiles/t.dbc <<'D'
VERSION ""
BU_: X
BO_ 853 B: 8 X
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" X

BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X
D
cat >share/profiles/t-alive.json <<'J'
{"protocol":"can","cycle":"200ms","can":{"dbc":"t.dbc","must":["B"]},
 "measurements":[{"name":"soc_percent","signal":"B.SOC"}]}
J
sed 's/"must":\["B"\]/"must":["A"]/;s/"soc_p.*B.SOC"/"pack_voltage","signal":"A.V"/' \
    share/profiles/t-alive.json >share/profiles/t-dead.json
awk 'BEGIN { for (i = 0; i < 100; i++)
    print "(253402300799.999000) can0 355#1E006400" }' >log
device a t-alive "candump://$T/log?stamps=delta" >list
bms-poll --share share -d list >out 2>err
like "$?" '^[01]$' "differences that add up to no time"
is "$(jq -r .time out | grep -vc '^[0-9]\{4\}-')" 0 "make none"

# ---- one silent device behind an adapter --------------------------------------
if command -v socat >/dev/null; then
	background socat "pty,raw,echo=0,link=$T/can" \
	    "pty,raw,echo=0,link=$T/far"
	wait_for 10 test -e "$T/far"
	peer slcan "$T/far" "$T/heard"
	wait_for 10 test -e "$T/heard"
	{ device alive t-alive "slcan://$T/can" '"timeout_ms":3000'
	device dead t-dead "slcan://$T/can" '"timeout_ms":300'
	} >list
	bms-poll --share share --every 1s -d list >out 2>err &
	polled=$!
	pids="$pids $polled"
	failed() { [ "$(grep -c '"device":"dead".*timeout' out)" -ge 4 ]; }
	wait_for 30 failed
	ok $? "a device that is silent, with another on its bus"
	kill "$polled"
	wait "$polled"
	is "$(tr '\r' '\n' <heard | grep -c '^L$')" 1 \
	    "does not close the adapter"
	is "$(jq -r 'select(.device=="alive")|.error' out | sort -u)" null \
	    "the other is heard all the time"
else
	skip "no socat" "one silent device behind an adapter"
fi
done_testing
