#!/bin/sh
# CAN logs and adapters: error frames, the stamps of candump, and devices
# that must be asked. The interfaces of a kernel are in socketcan.t.
. "$(dirname "$0")/lib.sh"

mkdir -p share/profiles
cat >share/profiles/t.dbc <<'E'
VERSION ""
BU_: X
BO_ 853 B: 8 X
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" X

BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X
E
cat >share/profiles/t-can.json <<'E'
{"maker":"Test","model":"CAN","protocol":"can","cycle":"500ms",
 "can":{"dbc":"t.dbc","must":["A","B"]},
 "measurements":[{"name":"pack_voltage","signal":"A.V"},
  {"name":"soc_percent","signal":"B.SOC"}]}
E
sed 's/"dbc"/"requests":["305#0011223344556677","355#R8","18FF50E5#R"],&/' \
    share/profiles/t-can.json >share/profiles/t-ask.json
# poll ADDRESS ARGUMENTS...: into `frames`
poll() {
	printf '{"kind":"device","tenant":"eds","device":"c","profile":"%s",%s}\n' \
	    "${profile:-t-can}" "\"address\":\"$1\",\"timeout_ms\":5000" >devices
	shift
	bms-poll --share share -d devices "$@" >frames 2>err
}

# ---- logs in many directories ------------------------------------------------
mkdir lists
for i in $(seq 80); do
	mkdir -p "logs/$i"
	echo '(1700000000.000100) can0 355#1E006400' >"logs/$i/log"
	printf '{"kind":"device","tenant":"eds","device":"d%s",' "$i"
	printf '"profile":"t-can","address":"candump:%s"}\n' "$T/logs/$i/log"
done >lists/many
bms-poll --share share -d lists/many >frames 2>err
is "$?$(jq -r .error frames | sort | uniq -c | tr -s ' ')" "0 80 null" \
    "all of them may be opened"

# ---- error frames ----------------------------------------------------------
cat >log <<'E'
(1700000000.000100) can0 355#1E006400
(1700000000.001000) can0 20000004#000C000000000000
(1700000000.002000) can0 20000088#00000219000000A0 R
(1700000000.003000) can1 20000040#0000000000000000
(1700000000.004000) can0 20000100#0000000000000000
(1700000000.005000) can0 20000004#0040000000000000
(1700000000.006000) can0 20000002#0300000000000000
(1700000000.010000) can0 356#79140000
(1700000001.000100) can0 355#1F006400
(1700000001.010000) can0 356#7A140000
E
poll "candump://$T/log?interface=can0"
is "$?$(cat err)" 0 "a log with error frames"
is "$(jq -c '[.complete,.bus_errors]' frames | tr '\n' ' ')" \
    '[true,2] [true,null] ' "errors are counted; a restart, recovery and lost \
arbitration are none"
poll "candump://$T/log"
is "$(sed -n 1p frames | jq .bus_errors)" 3 "those of all interfaces"
is "$(bms-normalize --profiles share/profiles <frames |
    jq -c '[.pack_voltage,.communication_errors]' | tr '\n' ' ')" \
    '[52.41,3] [52.42,null] ' "as communication_errors"

# ---- stamps ----------------------------------------------------------------
# the same messages as candump writes them with -ta, -tA, -tz and -td
cat >absolute <<'E'
 (1700000000.500100)  can0  355   [4]  1E 00 64 00
 (1700000000.510200)  can0  356   [4]  79 14 00 00
 (1700000001.400300)  can0  123   [0]  remote request
 (1700000001.500100)  can0  355   [4]  1F 00 64 00
 (1700000001.510200)  can0  356   [4]  7A 14 00 00
E
sed 's/1700000000/2023-11-14 22:13:20/;s/1700000001/2023-11-14 22:13:21/' \
    absolute >dates
cat >zero <<'E'
 (000.000000)  can0  RX - -  355   [4]  1E 00 64 00
 (000.010100)  can0  RX - -  356   [4]  79 14 00 00
 (000.900200)  can0  RX - -  123   [0]  remote request
 (001.000000)  can0  RX - -  355   [4]  1F 00 64 00
 (001.010100)  can0  TX - -  356   [4]  7A 14 00 00
E
cat >deltas <<'E'
 (000.000000)  can0  355   [4]  1E 00 64 00
 (000.010100)  can0  356   [4]  79 14 00 00
 (000.890100)  can0  123   [0]  remote request
 (000.099800)  can0  355   [4]  1F 00 64 00
 (000.010100)  can0  356   [4]  7A 14 00 00
E
poll "candump://$T/absolute"
cp frames want
is "$(jq -r .time want | tr '\n' ' ')" \
    '2023-11-14T22:13:20.510Z 2023-11-14T22:13:21.510Z ' "absolute stamps"
poll "candump://$T/dates"
same frames want "dates"
for form in zero "deltas?stamps=delta"; do
	poll "candump://$T/$form" --log-start 2023-11-14T22:13:20.500Z
	same frames want "stamps that count: ${form#*\?}"
done
# microseconds of many differences add up
seq 1 2000 | sed 's/.*/ (000.000999)  can0  356   [2]  79 14/' >deltas
poll "candump://$T/deltas?stamps=delta" --log-start 2023-11-14T22:13:20Z
is "$(tail -n 1 frames | jq -r .time)" 2023-11-14T22:13:21.998Z \
    "nothing is lost between them"
poll "candump://$T/deltas?stamps=z"
is "$?" 2 "no such form of stamps"

# ---- devices that must be asked --------------------------------------------
if command -v socat >/dev/null; then
	cat >adapter.py <<'E'
# adapter.py TERMINAL HEARD: tells a cycle each time it is asked for one
import os, sys, tty
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(fd)
open(sys.argv[2], 'w').close()
got = told = b''
while True:
    got += os.read(fd, 1000)
    with open(sys.argv[2], 'wb') as heard:
        heard.write(got)
    if b'r3558\r' in got and not told:
        told = b'z\rt35541E006400\rt356479140000\r'
        os.write(fd, told)
E
	background socat "pty,raw,echo=0,link=$T/can" \
	    "pty,raw,echo=0,link=$T/far"
	wait_for 10 test -e "$T/far"
	background python3 adapter.py "$T/far" heard
	wait_for 10 test -e heard
	profile=t-ask
	poll "slcan://$T/can?baud=1000000&bitrate=250000"
	is "$?$(cat err)" 0 "a device that speaks when it is asked"
	is "$(jq -c '[.complete,.messages]' frames)" \
	    '[true,["355#1E006400","356#79140000"]]' "tells its messages"
	is "$(tr '\r' ' ' <heard)" \
	    '   C S5 O t30580011223344556677 r3558 R18FF50E50 ' \
	    "what its profile names was sent, and nothing else"
	is "$(stty -F "$T/can" speed)" 1000000 "at the line's speed"
	# an adapter that cannot only listen; S6 it takes
	cat >deaf.py <<'E'
import os, sys, tty
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(fd)
open(sys.argv[2], 'w').close()
while True:
    for command in os.read(fd, 1000).split(b'\r')[:-1]:
        os.write(fd, b'\a' if command in (b'C', b'L') else b'\r')
E
	background socat "pty,raw,echo=0,link=$T/can2" \
	    "pty,raw,echo=0,link=$T/far2"
	wait_for 10 test -e "$T/far2"
	background python3 deaf.py "$T/far2" deaf
	wait_for 10 test -e deaf
	profile=t-can
	poll "slcan://$T/can2"
	is "$(jq -r .error frames)" \
	    "refused by the adapter: timeout after 5.0 s" \
	    "an adapter that cannot only listen"
else
	skip "no socat" "a device that must be asked"
fi
profile=t-bad
for request in '12#00' '355#R9' '355#R88' '123#001122334455667788' '355' ''; do
	sed "s/305#0011223344556677/$request/" share/profiles/t-ask.json \
	    >share/profiles/t-bad.json
	poll "can://can0"
	is "$?" 2 "no request: $request"
done
like "$(cat err)" 'can: requests\[0\]: not a CAN message' "which is said"
is "$(jq -r '.can.requests // [] | .[]' "$TBMS_SHARE"/profiles/*.json |
    grep -c '^210#')" 0 "no profile sends the state request of a foxBMS"
rm share/profiles/t-bad.json

# ---- what a DBC file can say -----------------------------------------------
# 0x18FEF1FE of J1939, values by words, a float, CAN FD, selectors of
# selectors
cat >share/profiles/words.dbc <<'E'
VERSION ""
BU_: X
VAL_TABLE_ faults 0 "No fault" 1 "Cell over-voltage (L2)"
 2 "Fan; said \"dead\"" ;
BO_ 2566844926 Soc: 8 X
 SG_ soc : 8|8@1+ (0.5,0) [0|100] "%" X
BO_ 512 State: 3 X
 SG_ mode : 0|8@1+ (1,0) [0|9] "" X
 SG_ fault : 8|8@1+ (1,0) [0|9] "" X
 SG_ warning : 16|8@1+ (1,0) [0|9] "" X
BO_ 513 Far: 64 X
 SG_ volt : 480|32@1- (1,0) [0|9] "V" X
BO_ 514 Turns: 8 X
 SG_ page M : 0|4@1+ (1,0) [0|9] "" X
 SG_ part m1M : 4|4@1+ (1,0) [0|9] "" X
 SG_ cell_1 m1 : 8|16@1+ (0.001,0) [0|9] "V" X
 SG_ cell_2 m2 : 8|16@1+ (0.001,0) [0|9] "V" X
 SG_ cell_3 m2 : 15|16@0+ (0.001,0) [0|9] "V" X
 SG_ a_short_one : 40|8@1- (1,-40) [0|9] "C" X
BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;
BA_ "SystemSignalLongSymbol" SG_ 514 a_short_one "temperature_of_the_hottest_cell_of_all";
VAL_ 512 mode 0 "Idle" 1 "Charging" 2 "Discharging" 9 "Limp home" ;
VAL_ 512 fault faults ;
VAL_ 512 warning 0 "Fine" 1 "Hot" 2 "Hotter" ;
SIG_VALTYPE_ 513 volt : 1;
SG_MUL_VAL_ 514 part page 1-1;
SG_MUL_VAL_ 514 cell_1 part 0-3, 5-5;
SG_MUL_VAL_ 514 cell_2 part 6-6;
SG_MUL_VAL_ 514 cell_3 page 2-4;
E
cat >share/profiles/words.json <<'E'
{"maker":"Test","protocol":"can",
 "can":{"dbc":"words.dbc","mask":"0x1FFFFF00","must":["Soc"]},
 "measurements":[
  {"name":"soc_percent","signal":"soc"},
  {"name":"operation_mode","signal":"mode","values":"dbc"},
  {"name":"operation_mode","signal":"mode","values":{"Limp home":"fault"}},
  {"name":"fault_codes","signal":"fault","values":"dbc"},
  {"name":"warning_codes","signal":"warning","values":{"Hot":"warm","2":"hot"}},
  {"name":"pack_voltage","signal":"volt"},
  {"name":"cell_voltages","signals":"cell_{1..3}"},
  {"name":"temperatures","signals":["temperature_of_the_hottest_cell_of_all"]}]}
E
# told MESSAGES FILTER: of the reading of a frame with these messages
told() {
	printf '{"kind":"frame","time":"2026-01-02T03:04:05.000Z",%s%s}\n' \
	    '"tenant":"eds","device":"c","profile":"words","protocol":"can",' \
	    "\"complete\":true,\"messages\":[$1]" >frames
	bms-normalize --profiles share/profiles <frames 2>err | jq -c "$2"
}
is "$(told '"18FEF1A7#0064"' .soc_percent)" 50 "any source address"
is "$(told '"18FEF2FE#0064"' .soc_percent)" "" "but no other group"
is "$(told '"200#010100"' '[.operation_mode,.fault_codes,.warning_codes]')" \
    '["charging",["cell_over_voltage_l2"],[]]' "words of the DBC file"
is "$(told '"200#090202"' '[.operation_mode,.fault_codes,.warning_codes]')" \
    '["fault",["fan_said_dead"],["hot"]]' "and of the profile"
is "$(told '"200#070001"' '[.operation_mode,.fault_codes,.warning_codes]')" \
    '[null,[],["warm"]]' "a word that is none of a mode; no fault"
data=$(printf '%0120d' 0)$(python3 -c 'import struct
print(struct.pack("<f", 51.25).hex())')
is "$(told "\"201##0$data\"" .pack_voltage)" 51.25 "a float in CAN FD"
is "$(told '"202#51E40C0000290000"' '[.cell_voltages,.temperatures]')" \
    '[[3.3],[1]]' "a selector of a selector; a long name"
is "$(told '"202#61E40C0000000000"' .cell_voltages)" '[null,3.3]' "another"
is "$(told '"202#71E40C00"' .cell_voltages)" "" "none"
is "$(told '"202#040CE4000000"' .cell_voltages)" '[null,null,3.3]' \
    "a range, Motorola"
# a log: the newest of each turn, the mask in what must be there
cat >log <<'E'
(1700000000.000100) can0 18FEF1A7#0064
(1700000000.000200) can0 202#51E30C0000290000
(1700000000.000300) can0 202#61E50C0000290000
(1700000000.000400) can0 202#51E40C0000270000
E
profile=words
poll "candump://$T/log"
is "$(jq -c '[.complete,(.messages|length)]' frames)" '[true,3]' \
    "one message of each turn"
is "$(bms-normalize --profiles share/profiles <frames |
    jq -c '[.cell_voltages,.temperatures]')" '[[3.3,3.301],[-1]]' "the newest"
# two of a make on one bus
cat >log <<'E'
(1700000000.000100) can0 18FEF1A7#0064
(1700000000.000200) can0 18FEF1A8#0065
(1700000000.000300) can0 200#0100
E
poll "candump://$T/log?source=0xA8"
is "$(jq -c .messages frames)" '["18FEF1A8#0065","200#0100"]' "one of them"
poll "candump://$T/log?source=0x"
is $? 2 "no source"
profile=t-bad
for wrong in '"values":"dbc"' '"values":{"Fast":"idle"}'; do
	sed "s/\"soc\"/\"soc\",$wrong/;s/soc_percent/operation_mode/" \
	    share/profiles/words.json >share/profiles/t-bad.json
	poll "can://can0"
	is "$?" 2 "no such word: $wrong"
done
sed 's/BO_ 512/BO_ 2048/' share/profiles/words.dbc >share/profiles/far.dbc
sed 's/words.dbc/far.dbc/' share/profiles/words.json >share/profiles/t-bad.json
poll "can://can0"
like "$?$(cat err)" '^2.*line 7: an id of more than 11 bits' \
    "an identifier that no message can have"
done_testing
