#!/bin/sh
# bms-poll probe against pymodbus: an unknown battery becomes a profile.
. "$(dirname "$0")/lib.sh"

PY=/usr/bin/python3
listening() { "$PY" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
serve() {
	port=$(free_port)
	background "$PY" "$TESTS/modbus.peer.py" "$port" "$@" 2>>"$T/peer.log"
	wait_for 20 listening "$port"
}
probe() { bms-poll probe "$@" "tcp://127.0.0.1:$port"; }

# ---- the command line -----------------------------------------------------
status 2 "no address" bms-poll probe
like "$(cat err)" '^usage: bms-poll probe ' "says how it is called"
status 2 "no address of Modbus" bms-poll probe can://can0
status 2 "a function that writes" bms-poll probe -f 16 tcp://127.0.0.1:1
status 2 "no measurement" bms-poll probe -m voltage=5 tcp://127.0.0.1:1
status 2 "no number" bms-poll probe -m pack_voltage=x tcp://127.0.0.1:1
status 2 "a draft of nothing" bms-poll probe -D x tcp://127.0.0.1:1
status 2 "a draft elsewhere" bms-poll probe -D ../x -m 5 tcp://127.0.0.1:1
status 111 "nobody there" bms-poll probe tcp://127.0.0.1:1

# ---- an unknown battery ---------------------------------------------------
# 53.21 V, -45.2 A, 86.5 %, four cells, an empty block, a float 10.9125 in
# both orders, text
serve 4:100:14c9fe3c0361000003e80d050d060d000cf00bb8 \
    4:120:00013c4a412e999a 4:130:4143
ok $? "it listens"
status 1 "a value that is nowhere" probe -f 4 --from 98 --count 40 \
    -m pack_voltage=53.21 -m soc_percent=86.5 -m 10.91 -m 77.77 --require-box
is "$(awk 'length > 100' out)" "" "the table fits 100 columns"
like "$(cat out)" '98 0x0062 to 99: illegal data address' \
    "what is not there is named"
like "$(cat out)" '^  100 0x0064 14c9  5321   5321 .* <$' "a match is marked"
like "$(cat out)" '101 0x0065 fe3c 65084   -452 ' "with and without a sign"
like "$(cat out)" '130 0x0082 4143 16707  16707 AC 4143' "text and BCD"
like "$(cat out)" '120 0x0078 .* 80970 .*$' "32 bits"
like "$(sed -n '/^10.91/,$p' out)" '122 0x007a  f32 ABCD +10.9125' "a float"
like "$(sed -n '/^pack_v/,$p' out | sed -n 2p)" \
    '100 0x0064  u16 \* 0.01 +53.21' "the likeliest place"
like "$(cat out)" '^77.77: nowhere$' "and what has none"

status 0 "a draft" probe -f 4 --from 95 --count 20 -m pack_voltage=53.21 \
    -m pack_current=-45.2 -m soc_percent=86.5 -D unknown
jq . unknown.json >/dev/null
ok $? "it is JSON"
is "$(jq -c '[.modbus.function,(.measurements|map([.name,.at,.type,.scale]))]' \
    unknown.json)" '[4,[["pack_voltage",100,"u16",0.01],'\
'["pack_current",101,"s16",0.1],["soc_percent",102,"u16",0.1]]]' \
    "with each value at its place"
status 2 "a draft is not written over" probe -m 5 -D unknown
mkdir profiles
sed 's/"soc_percent"/"cell_voltages", "at": 105, "count": 4, "scale": 0.001},\
  {"name": "soc_percent"/' unknown.json >profiles/unknown.json
cat >list <<E2
{"kind":"device","tenant":"eds","device":"b","profile":"unknown","address":"tcp://127.0.0.1:$port"}
E2
bms-poll --share . -d list | bms-normalize --share . >out
is "$(jq -c '[.pack_voltage,.pack_current,.soc_percent,.cell_voltages]' out)" \
    '[53.21,-45.2,86.5,[3.333,3.334,3.328,3.312]]' \
    "edited by sed, polled and decoded"

# ---- bits, offsets, energy ------------------------------------------------
serve 1:16:0901 3:10:7562 3:11:0b91 3:12:0001e240
status 0 "coils" probe -f 1 --from 15 --count 20
is "$(cat out)" '   15 0x000f: illegal data address (exception 2)
   16 0x0010 1001 0000 1000 0000
   32 0x0020 to 34: illegal data address (exception 2)' "in rows of 16"
status 0 "offsets and counters" probe --from 10 -c 4 -m pack_current=5.0 \
    -m ambient_temp=23.0 -m energy_wh_total=123456 -D energy
is "$(jq -c '[.kind,(.measurements|map([.at,.type,.scale,.offset]))]' \
    energy.json)" '["energy",[[10,"u16",0.1,-3000],[11,"u16",0.1,-273.1],'\
'[12,"u32",null,null]]]' "30000 is 0 A, 2731 is 0 degrees, 32 bits"

# ---- serial lines ---------------------------------------------------------
background socat "pty,raw,echo=0,link=$T/line" "pty,raw,echo=0,link=$T/far" \
    2>>"$T/peer.log"
wait_for 10 test -e "$T/far"
background "$PY" "$TESTS/bms-poll.peer.py" modbus_rtu "$T/far" 2>>"$T/peer.log"
wait_for 20 bms-poll probe --from 100 -c 1 -t 200ms "serial://$T/line"
status 0 "RTU on a serial line" bms-poll probe --from 99 -c 4 \
    -m pack_voltage=52.3 "serial://$T/line?baud=9600"
like "$(cat out)" '^  100 0x0064 146e  5230 .* <$' "its registers"
like "$(cat out)" '102 0x0066: illegal data address' "and what it has not"
status 111 "another unit is silent" bms-poll probe -u 9 -t 100ms \
    "serial://$T/line"
like "$(cat err)" 'unit 9 does not answer' "which is said"

# ---- SunSpec --------------------------------------------------------------
"$PY" - >map.bin <<'P'
import struct, sys
text = b'ACME'.ljust(32, b'\0') + b'ESS-10 '.ljust(32) + bytes(16)
text += b'1.02'.ljust(16, b'\0') + b'A1\x1b2'.ljust(32, b'\0') + bytes(4)
words = [0x5375, 0x6e53, 1, 66] + list(struct.unpack('>66H', text)) + \
    [802, 62] + [0] * 62 + [0xffff, 0]
sys.stdout.buffer.write(struct.pack('>%dH' % len(words), *words))
P
serve 3:40000:map.bin
status 0 "a SunSpec map" probe
is "$(cat out)" 'ACME ESS-10, version 1.02, serial number A1 2
SunSpec at 40000
model register length
    1    40002     66  common: maker, model, serial number
  802    40070     62  battery (profile sunspec-battery)' \
    "its name, its models and their profile"
status 0 "and a range of it" probe --from 40000 --count 2
like "$(cat out)" '^40000 0x9c40 5375 21365  21365 Su 5375 ' "as registers"

# ---- told to end while it connects ----------------------------------------
# a listener whose queue is full does not answer who wants to connect
cat >full.py <<'P'
import socket, time
server = socket.create_server(('127.0.0.1', 0), backlog=0)
waiting = []
for _ in range(3):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(server.getsockname())
    waiting.append(one)
print(server.getsockname()[1], flush=True)
time.sleep(300)
P
background "$PY" full.py >full.port 2>>"$T/peer.log"
wait_for 20 test -s full.port
# connecting PID: has it a socket?
connecting() { readlink /proc/"$1"/fd/* | grep -q '^socket:'; }
for kind in '' thingset+; do
	bms-poll probe -t 50s "${kind}tcp://127.0.0.1:$(cat full.port)" \
	    >out 2>err &
	probing=$!
	wait_for 30 connecting $probing
	kill -TERM $probing
	timeout 30 tail --pid=$probing -f /dev/null
	ok $? "${kind}tcp: it ends where it is told to"
	wait $probing
	is $? 111 "${kind}tcp: as nothing was found out"
done
done_testing
