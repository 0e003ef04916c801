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
    absolute >date
cat >zero <<'E'
 (000.000000)  can0  RX - -  355   [4]  1E 00 64 00
 (000.010100)  can0  RX - -  356   [4]  79 14 00 00
 (000.900200)  can0  RX - -  123   [0]  remote request
 (001.000000)  can0  RX - -  355   [4]  1F 00 64 00
 (001.010100)  can0  TX - -  356   [4]  7A 14 00 00
E
cat >delta <<'E'
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
poll "candump://$T/date"
same frames want "dates"
for form in zero "delta?stamps=delta"; do
	poll "candump://$T/$form" --log-start 2023-11-14T22:13:20.500Z
	same frames want "stamps that count: ${form#*\?}"
done
# microseconds of many differences add up
seq 1 2000 | sed 's/.*/ (000.000999)  can0  356   [2]  79 14/' >delta
poll "candump://$T/delta?stamps=delta" --log-start 2023-11-14T22:13:20Z
is "$(tail -n 1 frames | jq -r .time)" 2023-11-14T22:13:21.998Z \
    "nothing is lost between them"
poll "candump://$T/delta?stamps=z"
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
done_testing
