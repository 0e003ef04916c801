#!/bin/sh
# Modbus devices made of pymodbus: registers that are not there, SunSpec
# maps wherever they are, every function.
. "$(dirname "$0")/lib.sh"

PY=/usr/bin/python3
listening() { "$PY" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
# serve MAP...: the port is in $port
serve() {
	port=$(free_port)
	background "$PY" "$TESTS/modbus.peer.py" "$port" "$@" 2>>"$T/peer.log"
	wait_for 20 listening "$port"
}
# poll PROFILE [SHARE]: frames in `frames`, readings in `out`
poll() {
	printf '{"kind":"device","tenant":"eds","device":"d","profile":"%s",' \
	    "$1" >list
	printf '"address":"tcp://127.0.0.1:%s?limit=%s"}\n' "$port" \
	    "${3:-125}" >>list
	bms-poll --share "${2:-$TBMS_SHARE}" -d list >frames 2>err
	bms-normalize --share "${2:-$TBMS_SHARE}" <frames >out 2>>err
}
mkdir -p own/profiles

# ---- holes and functions --------------------------------------------------
cat >own/profiles/five.json <<'J'
{"protocol":"modbus","modbus":{"hole":16},"measurements":[
 {"name":"pack_voltage","at":0,"scale":0.01},
 {"name":"pack_current","at":2,"type":"s16","scale":0.1},
 {"name":"soc_percent","at":8},{"name":"soh_percent","at":20},
 {"name":"ambient_temp","at":28,"type":"bcd16"},
 {"name":"charge_cycles","at":10,"function":4,"type":"u32","order":"CDAB"},
 {"name":"charging_enabled","at":3,"function":1},
 {"name":"discharging_enabled","at":19,"function":2},
 {"name":"charge_voltage_limit","at":500,"optional":true}]}
J
serve 3:0:146effffff9c000000000000000000000037 \
    3:20:0062000000000000000000000000000000240000 4:10:00020001 1:0:08 \
    2:16:08
ok $? "a device with holes listens"
poll five own
is "$(jq -c '[.complete,.error,(.blocks|map([.function,.address,.data]))]' \
    frames)" '[true,null,[[1,3,"01"],[2,19,"01"],'\
'[3,0,"146effffff9c000000000000000000000037"],'\
'[3,20,"006200000000000000000000000000000024"],[4,10,"00020001"]]]' \
    "what is refused is cut, and what is optional is not missed"
is "$(jq -c '[.pack_voltage,.pack_current,.soc_percent,.soh_percent,
    .ambient_temp,.charge_cycles,.charging_enabled,.discharging_enabled,
    .data_quality]' out)" '[52.3,-10,55,98,24,65538,true,true,"good"]' \
    "functions 1 to 4, word order, BCD"
sed 's/,"optional":true//' own/profiles/five.json >own/profiles/must.json
poll must own
is "$(jq -c '[.complete,.error,(.blocks|length)]' frames)" \
    '[false,"illegal data address (exception 2) at 3:500+1",5]' \
    "what must be there is named, the rest is there"
bms-poll --share own -e 200ms -d list 2>err | head -n 3 >frames
is "$(jq -c '[.complete,(.error==null),(.blocks|length)]' frames |
    tr '\n' ' ')" '[false,false,5] [false,true,5] [false,true,5] ' \
    "once: then it is left out"

# ---- SunSpec --------------------------------------------------------------
sunspec=$VECTORS/data/sunspec
if [ -f "$sunspec/vector_battery.bin" ]; then
	for base in 40000 50000 0; do
		serve "3:$base:$sunspec/vector_battery.bin"
		poll sunspec-battery
		"$PY" "$TESTS/modbus.py" battery \
		    "$sunspec/vector_battery.expected.json" out >wrong
		ok $? "a battery's map at $base"
		sed 's/^/# /' wrong err
	done
	is "$(jq -c '[.complete,.blocks[0].address,.blocks[0].data[:8]]' \
	    frames)" '[true,0,"53756e53"]' \
	    "its frame has the marker and the wanted models"
	serve "3:40000:$sunspec/vector_battery.bin"
	poll sunspec-battery "$TBMS_SHARE" 20
	"$PY" "$TESTS/modbus.py" battery \
	    "$sunspec/vector_battery.expected.json" out >wrong
	ok $? "20 registers at a time"
	is "$(jq -c '.blocks|map(.data|length/4)|max' frames)" 20 \
	    "and not more"
	sed 's/^/# /' wrong
	poll sunspec-inverter
	is "$(jq -c '[.power_w,.status]' out)" '[4998,"mppt"]' "its inverter"
	poll sunspec-meter
	"$PY" "$TESTS/modbus.py" meter \
	    "$sunspec/vector_battery.expected.json" out >wrong
	ok $? "its meter"
	sed 's/^/# /' wrong
else
	skip "no vectors in $sunspec" "SunSpec register images"
fi
for image in "$CAPTURES"/modbus/sunspec/*.bin; do
	if [ ! -f "$image" ]; then
		skip "no captures in $CAPTURES" "SunSpec inverters"
		break
	fi
	serve "3:40000:$image"
	poll sunspec-inverter
	"$PY" "$TESTS/modbus.py" inverter "${image%.bin}.expected.json" out \
	    >wrong
	ok $? "$(basename "$image"): pysunspec2's values"
	sed 's/^/# /' wrong err
done

# Two modules of three and two cells: SunS, 805 twice, the end. Their cells
# are one list; what has no cells behind its end has none.
"$PY" - >two.bin <<'P'
import struct, sys
def module(cells, told):
    words = [805, 42 + 4 * len(cells)] + [0xffff] * 42
    words[4] = told
    words[42:44] = [0xfffd, 0]
    for volt, temp in cells:
        words += [volt, temp, 0, 0]
    return words
words = [0x5375, 0x6e53] + module([(3301, 25), (0xffff, 26), (3303, 27)], 3)
words += module([(3304, 0x8000), (3305, 29)], 9) + [0xffff]
sys.stdout.buffer.write(struct.pack('>%dH' % len(words), *words))
P
serve 3:40000:two.bin
poll sunspec-battery
is "$(jq -c '[.cell_voltages,.temperatures]' out)" \
    '[[3.301,null,3.303,3.304,3.305],[25,26,27,null,29]]' \
    "cells of two modules, one behind the other"
poll sunspec-meter
like "$(cat frames)" "none of the profile's models among the 2 from 40000" \
    "a map without the models that are wanted"
serve 3:0:0001
poll sunspec-meter
like "$(cat frames)" '"no SunSpec marker at 40000, 50000 or 0"' \
    "a device that is none"
done_testing
