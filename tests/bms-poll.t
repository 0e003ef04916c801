#!/bin/sh
# bms-poll against devices that share no code with it.
. "$(dirname "$0")/lib.sh"

PY=/usr/bin/python3
peer() { background "$PY" "$TESTS/bms-poll.peer.py" "$@" >>"$T/peer.log" 2>&1; }
poll() { bms-poll --share "$T/share" "$@"; }
# device NAME PROFILE ADDRESS [MORE MEMBERS]
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s",' "$1"
	printf '"profile":"%s","address":"%s"%s}\n' "$2" "$3" "${4:+,$4}"
}
at_least() { test "$(grep -c "$1" "$2")" -ge "$3"; }
listening() { "$PY" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
pair() {	# two ends of one line: $T/NAME and $T/NAME.far
	background socat "pty,raw,echo=0,link=$T/$1" \
	    "pty,raw,echo=0,link=$T/$1.far" 2>>"$T/peer.log"
	wait_for 10 test -e "$T/$1.far"
}

mkdir -p share/profiles
cat >share/profiles/t-modbus.json <<'E'
{"maker":"Test","model":"Modbus","protocol":"modbus",
 "modbus":{"function":3,"limit":100,"hole":8},
 "measurements":[
  {"name":"pack_voltage","at":100,"type":"u16","scale":"0.01"},
  {"name":"pack_current","at":101,"type":"s16","scale":"0.1"},
  {"name":"soc_percent","at":40070,"type":"u16","scale":"1"}]}
E
cat >share/profiles/t-can.json <<'E'
{"maker":"Test","model":"CAN","protocol":"can","cycle":"500ms",
 "can":{"dbc":"t.dbc","must":["A","B"]},
 "measurements":[{"name":"pack_voltage","signal":"A.V"},
  {"name":"soc_percent","signal":"B.SOC"}]}
E
cat >share/profiles/t.dbc <<'E'
VERSION ""
BU_: X
BO_ 853 B: 8 X
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" X

BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X
E
sed 's/"B.SOC"}/"B.SOC"},{"name":"cell_voltages","signals":"cell_{1..2}"}/' \
    share/profiles/t-can.json >share/profiles/t-turns.json
cat >>share/profiles/t.dbc <<'E'

BO_ 855 C: 2 X
 SG_ turn M : 0|8@1+ (1,0) [0|1] "" X
 SG_ cell_1 m0 : 8|8@1+ (0.1,0) [0|5] "V" X
 SG_ cell_2 m1 : 8|8@1+ (0.1,0) [0|5] "V" X
E
cat >share/profiles/t-thingset.json <<'E'
{"maker":"Test","model":"ThingSet","protocol":"thingset",
 "thingset":{"requests":["Meas","Device"]},
 "measurements":[
  {"name":"pack_voltage","item":"Meas/rPackVoltage_V"}]}
E
sed 's/"Device"/"Gone"/' share/profiles/t-thingset.json \
    >share/profiles/t-gone.json
cat >share/profiles/t-lines.json <<'E'
{"maker":"Test","model":"Lines","protocol":"serial","cycle":"300ms",
 "serial":{"framing":"green-bms","requests":[""]},
 "measurements":[{"name":"pack_voltage","item":"g001","decimals":1}]}
E

# ---- the command line -----------------------------------------------------
status 2 "no list of devices" bms-poll
like "$(cat err)" '^usage: bms-poll ' "says how it is called"
status 2 "a list that is not there" poll -d none.ndjson
status 2 "an interval that is none" poll -d none.ndjson --every soon
device a t-modbus tcp://127.0.0.1:1 >bad.ndjson
echo '{"kind":"device","tenant":"eds"' >>bad.ndjson
status 2 "a broken line in the list" poll -d bad.ndjson
like "$(cat err)" '^bms-poll: bad.ndjson:2: ' "names file and line"
is "$(cat out)" "" "and nothing was asked"
device a no-such tcp://127.0.0.1:1 >bad.ndjson
status 2 "an unknown profile" poll -d bad.ndjson
like "$(cat err)" 'bad.ndjson:1: eds/a: .*no-such' "names line and device"
device a t-can tcp://127.0.0.1:1 >bad.ndjson
status 2 "a profile that does not go over that link" poll -d bad.ndjson
{ device a t-modbus "serial:///dev/x?baud=9600"
device b t-modbus "serial:///dev/x?baud=19200"; } >bad.ndjson
status 2 "two speeds on one line" poll -d bad.ndjson
like "$(cat err)" 'bad.ndjson:2: eds/b: ' "names the second"
device a t-can candump:- >bad.ndjson
status 2 "list and log both from standard input" sh -c \
    "bms-poll --share share -d - <bad.ndjson"
: >bad.ndjson
status 2 "an empty list" poll -d bad.ndjson

# ---- Modbus TCP -----------------------------------------------------------
port=$(free_port)
peer modbus_tcp "$port"
evil=$(free_port)
peer hostile "$evil"
ts=$(free_port)
peer thingset "$ts"
wait_for 20 listening "$port" && wait_for 20 listening "$evil" &&
    wait_for 20 listening "$ts"
ok $? "peers listen"
{ device b1 t-modbus "tcp://127.0.0.1:$port"
# a name, where this machine knows one for itself
localhost=localhost
getent hosts localhost >/dev/null || localhost=127.0.0.1
device b2 t-modbus "tcp://$localhost:$port" '"unit":2'
echo '{"kind":"other"}'
device b9 t-modbus "tcp://127.0.0.1:$port" '"unit":2'; } >tcp.ndjson
status 0 "pymodbus answers" poll -d tcp.ndjson --require-box
is "$(jq -rc '[.kind,.protocol,.complete,.error,.device,
    (.blocks|map([.function,.address,.data]))]' out | sort)" \
'["frame","modbus",true,null,"b1",[[3,100,"146effce"],[3,40070,"0057"]]]
["frame","modbus",true,null,"b2",[[3,100,"13f70014"],[3,40070,"002a"]]]
["frame","modbus",true,null,"b9",[[3,100,"13f70014"],[3,40070,"002a"]]]' \
    "blocks of both units, whole"
is "$(jq -r .boot out | sort -u)" \
    "$(cat /proc/sys/kernel/random/boot_id)" "the boot is named"
is "$(jq -r '(.mono|type),(.time|length)' out | sort -u | tr '\n' ' ')" \
    "24 number " "with both clocks"
device b3 t-modbus "tcp://127.0.0.1:$port" '"unit":3' >ex.ndjson
status 1 "a register that is not there" poll -d ex.ndjson
is "$(jq -rc '[.complete,.error,(.blocks|length)]' out)" \
    '[false,"illegal data address (exception 2) at 3:40070+1",1]' \
    "the exception is named, the rest is kept"
status 0 "a list from standard input" sh -c \
    "bms-poll --share share -d - <tcp.ndjson"

# ---- devices that misbehave -----------------------------------------------
for unit in 1 2 3 4 5 6 7 8 9 10; do
	case $unit in 2 | 7) wait_ms=400 ;; *) wait_ms=10000 ;; esac
	device "u$unit" t-modbus "tcp://127.0.0.1:$evil" \
	    "\"unit\":$unit,\"timeout_ms\":$wait_ms"
done >evil.ndjson
status 1 "ten devices on one connection" poll -d evil.ndjson
jq -r '[.device,(.error//"fine"),(.blocks//[]|length)]|@tsv' out |
    tr '\t' ' ' | sort -V >got
cat >want <<'E'
u1 fine 2
u2 answer cut after 9 bytes 0
u3 answer from unit 33 instead of 3 0
u4 Connection reset by peer 0
u5 what came is no Modbus TCP 0
u6 device busy (exception 6) at 3:100+2 0
u7 timeout after 0.4 s 0
u8 fine 2
u9 fine 2
u10 connection closed by the device 0
E
same got want "each fault costs its own device only, and has its name"
is "$(jq -r 'select(.device=="u9")|.blocks[0].data' out)" 146effce \
    "a late answer is not taken for the right one"
device once t-modbus "tcp://127.0.0.1:$evil" \
    '"unit":17,"timeout_ms":10000' >once.ndjson
status 0 "a connection that is closed as we ask is made anew" \
    poll -d once.ndjson
device flood t-modbus "tcp://127.0.0.1:$evil" \
    '"unit":18,"timeout_ms":60000' >flood.ndjson
status 1 "a flood" poll -d flood.ndjson
is "$(jq -r .error out)" "more than 4194304 bytes and no answer" \
    "is ended before its time"
closed=$(free_port)
device c t-modbus "tcp://127.0.0.1:$closed" >ref.ndjson
status 1 "nobody listens" poll -d ref.ndjson
is "$(jq -r .error out)" "connect: Connection refused" "says so"
device c t-modbus "tcp://no-such-host.invalid:502" >ref.ndjson
status 1 "a name that nobody knows" poll -d ref.ndjson
like "$(jq -r .error out)" "^look up: " "says so"

# ---- the dead do not delay the living ---------------------------------------
for unit in 7 11 12 13 14 15; do
	device "dead$unit" t-modbus "tcp://127.0.0.1:$evil" \
	    "\"unit\":$unit,\"timeout_ms\":60000"
done >dead.ndjson
device alive t-modbus "tcp://127.0.0.1:$port" >>dead.ndjson
background bms-poll --share share -d dead.ndjson -e 200ms >every.out 2>every.err
stay=$!
wait_for 20 at_least alive every.out 4
ok $? "a living one is read slot for slot"
is "$(jq -r 'select(.device=="alive")|.error//"fine"' every.out | sort -u)" \
    fine "and always answers"
kill -TERM $stay
wait $stay
is $? 0 "SIGTERM ends it with 0"
is "$(grep -v 'eds/dead.* slots' every.err)" "" "in peace"
is "$(grep '"alive"' every.out | jq -r '.time[:20] + "\((.time[20:23] |
    tonumber) / 200 | floor)"' | uniq -d)" "" "no slot is read twice"
{ for unit in 7 11 12; do
	device "dead$unit" t-modbus "tcp://127.0.0.1:$evil" \
	    "\"unit\":$unit,\"timeout_ms\":200"
done; device alive t-modbus "tcp://127.0.0.1:$evil" \
    '"timeout_ms":10000'; } >dead.ndjson
background bms-poll --share share -d dead.ndjson -e 300ms >every.out 2>every.err
stay=$!
wait_for 20 at_least alive every.out 4
ok $? "also on the same connection"
kill -TERM $stay
wait $stay
is "$(grep alive every.out | jq -r '.error//"fine"' | sort -u)" fine \
    "the living one always answers"
like "$(grep dead7 every.out | jq -r '.error' | sort -u)" \
    "^timeout after 0.[12] s" "the dead ones are reported"

# ---- the list is read again ---------------------------------------------------
device b1 t-modbus "tcp://127.0.0.1:$port" >hup.ndjson
background bms-poll --share share -d hup.ndjson -e 200ms >>hup.out 2>hup.err
stay=$!
wait_for 20 grep -q '"b1"' hup.out
{ cat hup.ndjson; device b2 t-modbus "tcp://127.0.0.1:$port" '"unit":2'; } \
    >hup.new && mv hup.new hup.ndjson
kill -HUP $stay
wait_for 20 grep -q '"b2"' hup.out
ok $? "SIGHUP: a new device is asked"
echo '{"kind":"device"' >hup.new && mv hup.new hup.ndjson
kill -HUP $stay
wait_for 20 grep -q 'hup.ndjson:1:' hup.err
ok $? "a broken list is named"
like "$(cat hup.err)" 'stay as they were' "and left out"
: >hup.out
wait_for 20 grep -q '"b2"' hup.out
ok $? "and the old one goes on"
device b2 t-modbus "tcp://127.0.0.1:$port" '"unit":2' >hup.new
mv hup.new hup.ndjson
kill -HUP $stay
# of two that are asked in turn there are not four of one in a row
alone() { [ "$(tail -n 4 hup.out | grep -c '"device":"b2"')" -eq 4 ]; }
wait_for 20 alone
: >hup.out
wait_for 20 alone
is "$(jq -r .device hup.out | sort -u)" b2 "a device that left is not asked"
kill -TERM $stay
wait $stay
is $? 0 "ends with 0"

# ---- where it cannot write -----------------------------------------------------
status 111 "a full disk" sh -c "bms-poll --share share -d tcp.ndjson >/dev/full"
like "$(cat err)" 'standard output: No space left' "says so"
status 0 "a reader that goes away" sh -c \
    'bms-poll --share share -d tcp.ndjson -e 100ms | head -n 1; true'
is "$(cat err)" "" "is no fault"

# ---- Modbus RTU -----------------------------------------------------------------
pair rtu
peer modbus_rtu "$T/rtu.far"
{ device r1 t-modbus "serial://$T/rtu?baud=9600&parity=N"
device r2 t-modbus "serial://$T/rtu?baud=9600&parity=N" '"unit":2'; } \
    >rtu.ndjson
wait_for 20 bms-poll --share share -d rtu.ndjson
status 0 "pymodbus on a serial line" poll -d rtu.ndjson
is "$(jq -rc '[.device,(.blocks|map(.data)|join(" "))]' out | sort)" \
'["r1","146effce 0057"]
["r2","13f70014 002a"]' "two units in turn"
pair bus
peer rtu_bus "$T/bus.far"
device u6 t-modbus "serial://$T/bus" '"unit":6,"timeout_ms":2000' >noise.ndjson
for unit in 1 2 3 4 5; do
	device "u$unit" t-modbus "serial://$T/bus" \
	    "\"unit\":$unit,\"timeout_ms\":1500"
done >bus.ndjson
grep '"u1"' bus.ndjson >first.ndjson
wait_for 20 bms-poll --share share -d first.ndjson
status 0 "noise of a moment is asked away" poll -d noise.ndjson
status 1 "a bus with echo, noise and faults" poll -d bus.ndjson
jq -r '[.device,(.error//"fine")]|@tsv' out | tr '\t' ' ' | sort -V >got
cat >want <<'E'
u1 fine
u2 answer from unit 42 instead of 2
u3 answer cut after 4 of 9 bytes
u4 answer with a wrong checksum
u5 timeout after 1.5 s
E
same got want "each has its name"
device x t-modbus "serial://$T/none" >none.ndjson
status 1 "a line that is not there" poll -d none.ndjson
like "$(jq -r .error out)" 'none: No such file' "says so"

# ---- ThingSet ---------------------------------------------------------------------
device t1 t-thingset "tcp://127.0.0.1:$ts" >ts.ndjson
status 0 "ThingSet by TCP" poll -d ts.ndjson
is "$(jq -c '[.protocol,.complete,.answers]' out)" \
    '["thingset",true,[{"path":"Meas","values":{"rPackVoltage_V":13.25,"rSOC_pct":81.5}},{"path":"Device","values":{"cFirmwareVersion":"v21"}}]]' \
    "values of both groups, old and new status lines"
like "$(cat out)" '"rPackVoltage_V":13\.250,' "numbers are as they came"
device t2 t-gone "tcp://127.0.0.1:$ts" >ts.ndjson
status 1 "a group that is not there" poll -d ts.ndjson
is "$(jq -rc '[.complete,.error,(.answers|length)]' out)" \
    '[false,"?Gone: not found (A4)",1]' "is named, the rest is kept"

# ---- serial lines --------------------------------------------------------------------
pair gb
peer lines "$T/gb.far"
device g1 t-lines "serial://$T/gb?baud=9600" >gb.ndjson
status 0 "pages of a serial line" poll -d gb.ndjson
is "$(jq -r '.lines[]' out | sort -u)" \
'$#g00152.3$#g00210$#g00387$#g0061$
$#v0013.33$#t00121$#u00124$#z001000000$' "whole lines of one cycle"

# ---- CAN ------------------------------------------------------------------------------
pair can
peer slcan "$T/can.far" "$T/heard"
wait_for 10 test -e "$T/heard"
device c1 t-can "slcan://$T/can?bitrate=500000" \
    '"timeout_ms":5000' >slcan.ndjson
status 0 "a serial CAN adapter" poll -d slcan.ndjson
is "$(jq -r '.messages[]' out | sort | tr '\n' ' ')" \
    "355#1E00640000000000 356#79140000 " \
    "the messages of the profile, without stamps"
is "$(jq -r .complete out)" true "the cycle is whole"
is "$(tr '\r' '\n' <heard | sort -u | tr -d '\n')" "CLS6" \
    "it only listens, and sends nothing to the bus"
like "$(cat err)" 'damaged line from the adapter' "a damaged line is named"

cat >log <<'E'
(1700000000.000100) can0 355#1E006400
(1700000000.010000)  can0 356#79140000
(1700000000.020000) can0 123#00
(1700000000.030000) can0 20000004#000C000000006060
(1700000001.000100) can0 355#1F006400
(1700000001.010000) can0 356#7A140000 R
(1700000002.000100) can0 355#20006400 T
E
device l1 t-can "candump://$T/log" >log.ndjson
device l1 t-can "candump:-" >pipe.ndjson
cat >want <<'E'
{"kind":"frame","time":"2023-11-14T22:13:20.010Z","tenant":"eds","device":"l1","profile":"t-can","protocol":"can","complete":true,"bus_errors":1,"messages":["355#1E006400","356#79140000"]}
{"kind":"frame","time":"2023-11-14T22:13:21.010Z","tenant":"eds","device":"l1","profile":"t-can","protocol":"can","complete":true,"messages":["355#1F006400","356#7A140000"]}
{"kind":"frame","time":"2023-11-14T22:13:22.000Z","tenant":"eds","device":"l1","profile":"t-can","protocol":"can","complete":false,"messages":["355#20006400"]}
E
status 0 "a log from a file" poll -d log.ndjson
same out want "a frame a cycle, at the log's times"
sed '' log | poll -d pipe.ndjson >out
is $? 0 "a log from a pipe"
same out want "gives the same"
poll -d pipe.ndjson <log >out
same out want "and from a redirected file"
device l1 t-can "candump://$T/no-log" >nolog.ndjson
status 1 "a log that is not there" poll -d nolog.ndjson
is "$(jq -r .error out)" "$T/no-log: No such file or directory" \
    "is named by its path"
device l1 t-can "candump://$T/log" '"interval_ms":2000' >thin.ndjson
poll -d thin.ndjson >out
is "$(jq -r .time out | tr '\n' ' ')" \
    "2023-11-14T22:13:20.010Z 2023-11-14T22:13:22.000Z " \
    "an interval thins a log by its own clock"
device l1 t-can "candump://$T/grows" >grows.ndjson
background bms-poll --share share -d grows.ndjson -e 500ms >follow.out \
    2>follow.err
stay=$!
wait_for 20 grep -q 'grows: No such file' follow.err
ok $? "--every: a log that is not there yet is named"
head -n 6 log >grows
wait_for 20 at_least complete follow.out 2
ok $? "and read once it is"
printf '(1700000002.000100) can0 355#20' >>grows
sleep 0.5
printf '006400\n(1700000002.0002) can0 3\n' >>grows
wait_for 20 at_least 355#20006400 follow.out 1
ok $? "what is written to it follows"
sed 's/(17/(18/' log >grows.new
mv grows.new grows
wait_for 20 at_least 2027-01-15 follow.out 3
ok $? "also when another log takes its place"
kill -TERM $stay
wait $stay
is $? 0 "until it is ended"
grep -v '"error"' follow.out | head -n 3 | cmp -s - want
ok $? "the frames are those of the whole log"
like "$(cat follow.err)" 'grows:8: damaged' "lines are counted on"
cat >turns <<'E'
(1700000000.000000) can0 357#0021
(1700000000.001000) can0 355#1E00
(1700000000.002000) can0 357#0122
(1700000000.003000) can0 356#7914
(1700000000.010000) can0 357#0023
(1700000000.011000) can0 355#1F0000
E
device l1 t-turns "candump://$T/turns" >turns.ndjson
status 0 "messages that take turns under one identifier" poll -d turns.ndjson
is "$(jq -c '[.complete,.messages]' out)" \
    '[true,["355#1F0000","357#0122","357#0023","356#7914"]]' \
    "each turn is in the frame, with its newest data"
{ sed -n 1,2p log; sed -n '1,2s/can0 355#1E/can1 355#2E/p' log; } >two
{ device l0 t-can "candump://$T/two?interface=can0"
device l1 t-can "candump://$T/two?interface=can1"; } >two.ndjson
status 0 "two buses in one log" poll -d two.ndjson
is "$(jq -c '[.device,.messages]' out)" \
'["l0",["355#1E006400","356#79140000"]]
["l1",["355#2E006400"]]' "each device hears its own"
sed 's/(17000000/(0/' log | poll -d pipe.ndjson \
    --log-start 2026-01-01T00:00:00Z >out
is "$(head -n 1 out | jq -r .time)" 2026-01-01T00:00:00.010Z \
    "relative stamps count from --log-start"
{ cat log; echo "(1700000003.000000) can0 355#1"; } >log2
device l1 t-can "candump://$T/log2" >log2.ndjson
status 1 "a damaged line in a log" poll -d log2.ndjson
like "$(cat err)" 'log2:8: damaged CAN message' "names file and line"
same out want "and all others count"
echo "(1700000003.000000) can0 7FF#00" >log2
status 1 "a log without the device" poll -d log2.ndjson
is "$(jq -r .error out)" "no message of it in the log" "says so"
for pylon in eco-worthy-cubix100 pylontech-reference byd-victron; do
	file=$CAPTURES/can/pylon35x/$pylon.candump
	[ -f "$file" ] || { skip "no captures" "$pylon"; continue; }
	poll -d pipe.ndjson <"$file" >out
	is "$(jq -r '.messages[]' out)" "$(awk '$2 ~ /^35[56]$/ {
	    d = ""; for (i = 4; i <= NF; i++) d = d $i; print $2 "#" d }' \
	    "$file")" "$pylon: a capture in candump's screen form"
done
device s t-can can://nosuch0 >can.ndjson
status 1 "an interface that is not there" poll -d can.ndjson
like "$(jq -r .error out)" '^nosuch0: ' "says so"

# ---- the box ---------------------------------------------------------------
boxed() { LD_PRELOAD=$T/probe.so PROBE_SECRET=$T/secret/tenant.db \
    PROBE_LIST=$T/list/d PROBE_NEW=$T/list/new \
    PROBE_PROFILE=$T/share/profiles/t-can.json "$@"; }
case $B in
*/san) skip "no preloading beside a sanitizer" "the box" ;;
*)
	mkdir secret list
	echo secret >secret/tenant.db
	cp tcp.ndjson list/d
	cc -D_GNU_SOURCE -shared -fPIC -o probe.so \
	    "$TESTS/bms-poll.probe.c" -ldl
	ok $? "the probe is made"
	boxed bms-poll --share "$T/share" -d "$T/list/d" >out 2>err
	cat >want <<'E'
read a tenant: Permission denied
write the list: Permission denied
make a file: Permission denied
kill another: Operation not permitted
serve: Operation not permitted
read a profile: done
E
	same err want "what the box refuses, from inside"
	is "$(jq -r .complete out | sort -u)" true "the devices are asked"
	PROBE_EXEC=1 boxed bms-poll --share "$T/share" -d "$T/list/d" \
	    >out 2>err
	is $? 159 "who starts a program is ended (SIGSYS)"
	;;
esac

done_testing
