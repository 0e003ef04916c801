#!/bin/sh
# ThingSet in all its ways, against a device that is not ours (python3-cbor2)
# and against our own.
. "$(dirname "$0")/lib.sh"

PY=/usr/bin/python3
"$PY" -c 'import cbor2' 2>/dev/null || {
	skip "no python3-cbor2" "ThingSet's binary mode"
	done_testing
}
peer() { background "$PY" "$TESTS/thingset.peer.py" "$@" >>"$T/peer.log" 2>&1; }
poll() { bms-poll --share "$T/share" "$@"; }
# device NAME PROFILE ADDRESS [MORE MEMBERS]
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s",' "$1"
	printf '"profile":"%s","address":"%s"%s}\n' "$2" "$3" "${4:+,$4}"
}
pair() {	# two ends of one line: $T/NAME and $T/NAME.far
	background socat "pty,raw,echo=0,link=$T/$1" \
	    "pty,raw,echo=0,link=$T/$1.far" 2>>"$T/peer.log"
	wait_for 10 test -e "$T/$1.far"
}
listening() { "$PY" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }

mkdir -p share/profiles
cp "$TBMS_SHARE"/profiles/libresolar-* share/profiles
# without ids: the device is asked for them
cat >share/profiles/t-learn.json <<'P'
{"maker":"Test","model":"ThingSet","protocol":"thingset",
 "thingset":{"mode":"binary","requests":["Meas"],"reports":["mLive"]},
 "measurements":[{"name":"pack_voltage","item":"Meas/rPackVoltage_V"}]}
P
sed 's/"requests":\["Meas"\],//' share/profiles/t-learn.json \
    >share/profiles/t-told.json
cat >share/profiles/t-text.json <<'P'
{"maker":"Test","model":"ThingSet","protocol":"thingset",
 "thingset":{"requests":["Meas"],"reports":["mLive"]},
 "measurements":[{"name":"pack_voltage","item":"Meas/rPackVoltage_V"},
  {"name":"soc_percent","item":"Meas/rSOC_pct"}]}
P
sed 's/"mLive"/"mNever"/' share/profiles/t-text.json >share/profiles/t-never.json

meas='{"rPackVoltage_V":13.25,"rPackCurrent_A":-3.14,"rCellTemps_degC":[23.4,24.0],"rSOC_pct":81.5,"rErrorFlags":130,"rBmsState":2,"rCellVoltages_V":[3.312,3.313,3.31,3.315,0.0],"rBalancingStatus":8}'
live='{"t_s":1000,"Meas":{"rPackVoltage_V":13.25,"rPackCurrent_A":-3.14,"rSOC_pct":81.5,"rBmsState":2}}'

# ---- TCP -------------------------------------------------------------------
port=$(free_port)
peer tcp "$port"
wait_for 20 listening "$port"
ok $? "the peer listens"
device b1 libresolar-bms-can "tcp://127.0.0.1:$port" >tcp.ndjson
status 0 "binary mode by TCP, by ids" poll -d tcp.ndjson
is "$(sed 's/.*"answers"://; s/}$//' out)" \
    "[{\"path\":\"Meas\",\"values\":$meas}]" \
    "floats of all sizes as they were meant, names for ids"
is "$(bms-normalize --share share <out | jq -c '[.pack_voltage,.pack_current,
    .cell_voltages,.temperatures,.soc_percent,.fault_codes,.balancing_cells]')" \
    '[13.25,-3.14,[3.312,3.313,3.31,3.315],[23.4,24],81.5,["cell_overvoltage","discharge_overtemperature"],[4]]' \
    "and decoded as in text mode"
device b2 t-learn "tcp://127.0.0.1:$port" '"timeout_ms":5000' >learn.ndjson
status 0 "names are learned" poll -d learn.ndjson
is "$(sed 's/.*"answers"://; s/}$//' out)" \
    "[{\"path\":\"Meas\",\"values\":$meas},{\"path\":\"mLive\",\"values\":$live}]" \
    "of a report that tells values only"
is "$(jq .complete out)" true "it is whole"
sed 's/,"reports":\["mLive"\]/,"ids":{"Meas":"0x07","Meas\/rSOC_pct":124}/' \
    share/profiles/t-learn.json >share/profiles/t-part.json
device b4 t-part "tcp://127.0.0.1:$port" >part.ndjson
status 0 "ids of an answer that the profile does not name" poll -d part.ndjson
is "$(sed 's/.*"answers"://; s/}$//' out)" \
    "[{\"path\":\"Meas\",\"values\":$meas}]" "are asked for"
device b3 t-told "tcp://127.0.0.1:$port" '"timeout_ms":5000' >told.ndjson
status 0 "a device that is only heard" poll -d told.ndjson
is "$(jq -c '.answers[0]' out)" "{\"path\":\"mLive\",\"values\":$live}" \
    "tells its report"
background bms-poll --share share -d told.ndjson -e 300ms >every.out
stay=$!
at_least() { test "$(wc -l <"$1")" -ge "$2"; }
wait_for 20 at_least every.out 4
kill -TERM $stay
wait $stay
is "$(jq -c '[.complete,.error,(.answers|length)]' every.out | sort -u)" \
    '[true,null,1]' "in every slot, whole"

# ---- serial ----------------------------------------------------------------
pair bin
peer serial "$T/bin.far"
wait_for 20 test -e "$T/bin.far.ready"
device s1 libresolar-bms-can "serial://$T/bin?baud=115200" \
    '"timeout_ms":5000' >bin.ndjson
status 0 "binary mode on a serial line" poll -d bin.ndjson
is "$(sed 's/.*"answers"://; s/}$//' out)" \
    "[{\"path\":\"Meas\",\"values\":$meas}]" "the same"
device s2 libresolar-bms-live "serial://$T/bin?baud=115200" >live.ndjson
status 0 "a report on a serial line" poll -d live.ndjson
is "$(jq -c '.answers[0]' out)" "{\"path\":\"mLive\",\"values\":$live}" \
    "by the profile's ids"
pair txt
peer text "$T/txt.far"
wait_for 20 test -e "$T/txt.far.ready"
device x1 t-text "serial://$T/txt?baud=115200" '"timeout_ms":5000' >txt.ndjson
status 0 "text mode: an answer and a report" poll -d txt.ndjson
is "$(sed 's/.*"answers"://; s/}$//' out)" \
    '[{"path":"Meas","values":{"rPackVoltage_V":13.25}},{"path":"mLive","values":{"t_s":1000,"Meas":{"rSOC_pct":81.50}}}]' \
    "one with a wrong sum is none"
device x2 t-never "serial://$T/txt?baud=115200" '"timeout_ms":1200' >never.ndjson
status 1 "a report that never comes" poll -d never.ndjson
is "$(jq -c '[.complete,.error,(.answers|length)]' out)" \
    '[false,"no report mNever in 1.2 s",1]' "is named, the rest is kept"

device x3 libresolar-bms-live "serial://$T/txt" '"timeout_ms":5000' >live.ndjson
status 0 "a profile that listens" poll -d live.ndjson
is "$(jq -c '.answers' out)" \
    '[{"path":"mLive","values":{"t_s":1000,"Meas":{"rSOC_pct":81.5}}}]' \
    "takes reports in text mode as well"

# ---- CAN -------------------------------------------------------------------
cat >share/profiles/t-items.json <<'P'
{"maker":"Test","model":"ThingSet","protocol":"thingset",
 "thingset":{"mode":"binary","reports":["Meas/rPackVoltage_V",
  "Meas/rErrorFlags","mLive"],
  "ids":{"Meas/rPackVoltage_V":"0x71","Meas/rErrorFlags":"0x7E",
  "mLive":"0x31","Meas/rSOC_pct":"0x7C"}},
 "measurements":[{"name":"pack_voltage","item":"Meas/rPackVoltage_V"}]}
P
cat >share/profiles/t-gone.json <<'P'
{"maker":"Test","model":"ThingSet","protocol":"thingset",
 "thingset":{"mode":"binary","requests":["Gone","Meas"]},
 "measurements":[{"name":"pack_voltage","item":"Meas/rPackVoltage_V"}]}
P
sed 's/,"reports":\["mLive"\]//' share/profiles/t-text.json \
    >share/profiles/t-ask.json
pair can
peer slcan "$T/can.far" "$T/asked"
wait_for 20 test -e "$T/can.far.ready"
can="slcan://$T/can?bitrate=500000"
{ device n1 libresolar-bms-can "$can"
device n2 t-learn "$can" '"unit":42,"timeout_ms":3000'
device n3 t-items "$can"
device n4 libresolar-bms-can "$can" '"unit":7,"timeout_ms":300'
device n5 t-ask "$can" '"unit":2'
device n6 t-gone "$can" '"unit":3'; } >can.ndjson
status 1 "nodes on CAN, one of them dead" poll -d can.ndjson
# of DEVICE: its frame
of() { jq -c "select(.device==\"$1\")|[.complete,.error]" out; }
values() { grep "\"$1\"" out | sed 's/.*"answers"://; s/}$//'; }
is "$(of n1) $(values n1)" \
    "[true,null] [{\"path\":\"Meas\",\"values\":$meas}]" \
    "ISO-TP: an answer of many frames"
is "$(of n2) $(values n2)" \
    "[true,null] [{\"path\":\"Meas\",\"values\":$meas},{\"path\":\"mLive\",\"values\":$live}]" \
    "a report in parts, its names asked for"
is "$(of n3) $(values n3)" \
    '[true,null] [{"path":"Meas/rPackVoltage_V","values":13.25},{"path":"Meas/rErrorFlags","values":130},{"path":"mLive","values":{"0x10":1000,"Meas":{"rPackVoltage_V":13.25,"rSOC_pct":81.5},"0x73":-3.14,"0x7F":2}}]' \
    "items of one frame, with and without a stamp; unknown ids stay"
is "$(of n4)" '[false,"timeout after 0.3 s"]' "the dead one is named"
is "$(of n5) $(values n5)" \
    '[true,null] [{"path":"Meas","values":{"rPackVoltage_V":13.25}}]' \
    "text mode on CAN"
is "$(of n6) $(jq -c 'select(.device=="n6").answers|map(.path)' out)" \
    '[false,"?Gone: not found (A4)"] ["Meas"]' "a path that is not there"
# only GET and FETCH, in either mode
is "$(cut -c 1-2 asked | sort -u | tr '\n' ' ')" "01 05 3f " \
    "nothing is ever written to a node"
device n9 libresolar-bms-can "$can" '"unit":0' >zero.ndjson
status 2 "our own address is no node's" poll -d zero.ndjson

# ---- what is there ---------------------------------------------------------
cat >want <<'W'
0x7     Meas/
0x71    Meas/rPackVoltage_V    13.25 V
0x73    Meas/rPackCurrent_A    -3.14 A
0x74    Meas/rCellTemps_degC   [23.4,24.0] °C
0x7C    Meas/rSOC_pct          81.5 %
0x7E    Meas/rErrorFlags       130
0x7F    Meas/rBmsState         2
0x80    Meas/rCellVoltages_V   [3.312,3.313,3.31,3.315,0.0] V
0x84    Meas/rBalancingStatus  8
0x10    t_s                    1000 s
W
for at in "tcp://127.0.0.1:$port" "serial://$T/bin" "slcan://$T/can"; do
	status 0 "probe: ${at%%:*}" bms-poll probe -b -t 5s "thingset+$at"
	grep -v -e mLive -e pNodeID out >got
	same got want "what is there"
done
large=$(free_port)
peer tcp "$large" large
wait_for 20 listening "$large"
status 0 "probe: a group that is too large for one answer" \
    bms-poll probe -b "thingset+tcp://127.0.0.1:$large"
grep -v -e mLive -e pNodeID out >got
same got want "is listed all the same"
status 0 "probe: all nodes of a bus" \
    bms-poll probe -n -t 500ms "thingset+slcan://$T/can"
is "$(sort -n out)" "1   0011223344556601
2   0011223344556602
3   0011223344556603
42  001122334455662A" "by their claims"
status 111 "probe: a node that is dead" \
    bms-poll probe -b -u 77 -t 200ms "thingset+slcan://$T/can"
like "$(cat err)" 'no answer within 0.2 s' "says so"
is "$(cut -c 1-2 asked | sort -u | tr '\n' ' ')" "01 05 3f " \
    "it only reads"

# ---- our own devices ---------------------------------------------------------
sed 's/"reports":\["mLive"\]/"reports":["mLive","Meas\/rSOC_pct"]/' \
    share/profiles/libresolar-bms-live.json >share/profiles/t-live.json
sed 's/"mode": "binary",//' share/profiles/libresolar-bms-live.json \
    >share/profiles/t-live-text.json
one=$(free_port)
mkdir dev
{ device d1 libresolar-bms-can "tcp://127.0.0.1:$one"
device d2 libresolar-bms-can "serial://$T/dev/bin"
device d3 libresolar-bms-can "slcan://$T/dev/can" '"unit":3'
device d4 libresolar-bms-live "slcan://$T/dev/can" '"unit":4'
device d5 t-live "slcan://$T/dev/can" '"unit":253'
device d6 libresolar-bms-live "serial://$T/dev/live"
device d7 t-live-text "serial://$T/dev/text"
device d8 t-live-text "slcan://$T/dev/can" '"unit":9'
device d9 libresolar-bms "slcan://$T/dev/can" '"unit":10'
} >sim.ndjson
noon=2026-06-01T12:00:00Z
bms-sim --share share --frames --from $noon --to 2026-06-01T12:00:01Z \
    --devices sim.ndjson >frames
background bms-sim --share share --at $noon --devices sim.ndjson >places
wait_for 10 grep -q '^d9 ' places
status 0 "probe: our own in binary mode" \
    bms-poll probe -b "thingset+tcp://127.0.0.1:$one"
like "$(cat out)" '^0x7C +Meas/rSOC_pct +[0-9.]+ %$' "tells ids as well"
status 0 "probe: our own nodes" \
    bms-poll probe -n -t 500ms "thingset+slcan://$T/dev/can"
is "$(cut -d ' ' -f 1 out | sort -n | tr '\n' ' ')" "3 4 9 10 253 " "all"
status 0 "probe: text mode" bms-poll probe "thingset+serial://$T/dev/text"
like "$(cat out)" '^Meas/rSOC_pct +[0-9.]+ %$' "tells names and values"
status 0 "our own, on all wires" poll -d sim.ndjson
bms-normalize --share share <out | jq -cS 'del(.time)' | sort >got
bms-normalize --share share <frames | jq -cS 'del(.time)' | sort >wanted
same got wanted "what is decoded is what was encoded"
is "$(wc -l <got)" 9 "of all"
bms-sim --share share --profile libresolar-bms-live --address candump:- \
    --at $noon >log &
sim=$!
wait_for 10 grep -q ' can0 1D00' log
kill -TERM $sim
wait $sim
like "$(head -n 1 log)" \
    '^\(1780315200\.000000\) can0 1D000001#1F1831A[0-9A-F]{9}$' \
    "a log of what a node publishes"

# of logs: reports, and items of one frame; the bus of others stays out
cat >log <<'L'
(1700000000.000100) can0 1E007101#FA41540000
(1700000000.100000) can0 1D004001#1F1831A31871FA41
(1700000000.110000) can1 1D005101#5400001873FAC048
(1700000000.120000) can0 1D005101#5400001873FAC048
(1700000000.130000) can0 1D004002#1F1831A31871FA41
(1700000000.140000) can0 1D005201#F5C3187CFA42A300
(1700000000.150000) can0 1D006301#00
(1700000000.160000) can0 1E007E01#18821234
(1700000001.000000) can0 1E007101#FA41540000
L
device l1 t-items "candump://$T/log?interface=can0" >log.ndjson
status 1 "a log" poll -d log.ndjson
is "$(jq -c '[.time,.complete,.error]' out)" \
'["2023-11-14T22:13:20.160Z",true,null]
["2023-11-14T22:13:21.000Z",false,"no report Meas/rErrorFlags in 1.0 s"]' \
    "a frame when all is there, or the cycle is over"
is "$(head -n 1 out | sed 's/.*"answers"://; s/}$//')" \
    '[{"path":"Meas/rPackVoltage_V","values":13.25},{"path":"Meas/rErrorFlags","values":130},{"path":"mLive","values":{"Meas":{"rPackVoltage_V":13.25,"rSOC_pct":81.5},"0x73":-3.14}}]' \
    "with the values of the frames"
device l1 libresolar-bms-can "candump://$T/log" >log.ndjson
status 2 "a log cannot be asked" poll -d log.ndjson

done_testing
