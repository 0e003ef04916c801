#!/bin/sh
# Native serial protocols: peers that share no code with us, and bms-sim.
. "$(dirname "$0")/lib.sh"

# device NAME PROFILE ADDRESS [MORE MEMBERS]
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s",' "$1"
	printf '"profile":"%s","address":"%s"%s}\n' "$2" "$3" "${4:+,$4}"
}
# peer KIND FAULT: a battery at $T/line
peer() {
	rm -f "$T/line"
	background /usr/bin/python3 "$TESTS/serial.peer.py" "$1" "$2" \
	    "$T/line" >"$T/peer.log" 2>&1
	peer=$!
	wait_for 20 test -L "$T/line"
}
# ask PROFILE [MORE MEMBERS]: one poll; frames in $T/frames, readings in
# $T/readings
ask() {
	device a "$1" "serial://$T/line?baud=9600" "$2" >list
	bms-poll -d list >frames 2>err
	polled=$?
	bms-normalize <frames >readings 2>>err
	kill "$peer" 2>/dev/null
	wait "$peer" 2>/dev/null
}
get() { jq -c "[$1]" "${2:-readings}"; }

# ---- JBD ------------------------------------------------------------------
values='.pack_voltage,.pack_current,.soc_percent,.cell_voltages,.temperatures,
    .charge_cycles'
wanted='[15.600,-2.870,100.00,[3.430,3.425,3.432,3.417],[22.40,22.30,21.70],42]'
wanted=$(echo "$wanted" | jq -c .)
for fault in none echo crc1; do
	peer jbd "$fault"
	ask jbd
	is "$(get "$values")" "$wanted" "jbd, $fault: values"
	is "$(get '.complete,.error,(.lines|length)' frames)" '[true,null,2]' \
	    "jbd, $fault: a whole frame of two answers"
done
is "$(grep -c dda50300fffd77 peer.log)" 2 "asked once more after damage"
peer jbd crc
ask jbd '"timeout_ms":500'
is "$polled" 1 "damage that stays fails the poll"
is "$(get '.complete,.error' frames)" \
    '[false,"answer to \"03\": its checksum is wrong"]' "and says why"
is "$(get '.kind,.pack_voltage')" '["status",null]' "no values of it"
peer jbd half
ask jbd '"timeout_ms":300'
is "$(get '.error' frames)" \
    '["answer to \"03\" is cut or foreign (18 bytes)"]' "half an answer"
peer jbd silent
ask jbd '"timeout_ms":300'
is "$(get '.error' frames)" '["timeout after 0.3 s"]' "silence"
is "$(wc -l <peer.log | tr -d ' ')" 2 "asked twice in that time: it may sleep"
peer jbd asleep
ask jbd '"timeout_ms":600'
is "$(get '.complete,.error,(.lines|length)' frames)" '[true,null,2]' \
    "a board that had to be woken"
peer daly silent
ask daly-uart '"timeout_ms":300'
is "$(get '.error' frames)" '["timeout after 0.3 s"]' "another that is silent"
is "$(wc -l <peer.log | tr -d ' ')" 1 "is not asked again"
peer jbd refuse
ask jbd
is "$(get '.error' frames)" '["03 refused (code 0x80)"]' "a refusal"

# ---- Daly -----------------------------------------------------------------
values='.pack_voltage,.pack_current,.soc_percent,.cell_voltages,.temperatures,
    .charge_cycles,.fault_codes,.warning_codes,.remaining_capacity_ah'
wanted='[52.5,-2.5,56.1,[3.312,3.313,3.314,3.315,3.316,3.317,3.318],[25,-4],60,
["discharge_overcurrent"],["cell_imbalance"],117.8]'
wanted=$(echo "$wanted" | jq -c .)
for fault in none echo crc1 long; do
	peer daly "$fault"
	ask daly-uart
	is "$(get "$values" | jq -c .)" "$wanted" "daly, $fault: values"
done
peer daly none
ask daly-uart '"unit":3'
is "$(get "$values" | jq -c .)" "$wanted" "daly, the third board"
is "$(head -n 1 peer.log | cut -d ' ' -f 2)" a54290080000000000000000\
"$(printf %02x $(((0xa5 + 0x42 + 0x90 + 8) & 255)))" "its host's address"

# ---- JK -------------------------------------------------------------------
for fault in none echo crc1; do
	peer jk "$fault"
	ask jk02-32s
	is "$(get '.pack_voltage,.pack_current,.soc_percent,.cell_voltages' |
	    jq -c .)" '[26.508,-7.063,68,[3.31,3.311,3.312,3.313,3.314,3.315,3.316,3.317]]' \
	    "jk02, $fault: values"
	peer jk_4e57 "$fault"
	ask jk-4e57
	is "$(get '.pack_voltage,.pack_current,.soc_percent,.cell_voltages' |
	    jq -c .)" '[6.62,2.08,15,[3.309,3.31]]' "jk-4e57, $fault: values"
done
peer jk none
ask jk02-32s '"unit":2'
is "$(head -n 1 peer.log | cut -d ' ' -f 2)" 021016200001020000c201 \
    "jk02: the unit is in the request"

peer push none
ask jk02-24s
is "$(get '.pack_voltage,.soc_percent,.cell_voltages' | jq -c .)" \
    '[13.246,77,[3.31,3.311,3.312,3.313]]' "jk02: heard among junk and damage"
is "$(get '.complete,.error,(.lines|length)' frames)" '[true,null,1]' \
    "jk02: the status and nothing else"
peer push crc
ask jk02-24s
is "$(get '.error' frames)" '["heard a frame whose checksum is wrong"]' \
    "jk02: only damage is heard"

# ---- Pylontech ------------------------------------------------------------
values='.pack_voltage,.pack_current,.remaining_capacity_ah,.full_capacity_ah,
    .charge_cycles,.temperatures,.charge_voltage_limit,
    (.cell_voltages|length),.charging_enabled,.fault_codes'
wanted='[49.547,-2.6,33.5,50,31,[22,22,22,22],28.4,15,true,[]]'
for fault in none echo crc1; do
	peer pylontech "$fault"
	ask pylontech-rs485 '"unit":2'
	is "$(get "$values" | jq -c .)" "$wanted" "pylontech, $fault: values"
	is "$(get '.complete,.error,(.lines|length)' frames)" '[true,null,6]' \
	    "pylontech, $fault: three answers, each behind its request"
done
peer pylontech none
{ for unit in 2 3 4; do
	device "p$unit" pylontech-rs485 "serial://$T/line?baud=9600" \
	    "\"unit\":$unit,\"timeout_ms\":400"
done; } >list
bms-poll -d list 2>err | bms-normalize | jq -c '[.device,.pack_voltage,.error]' |
    sort >readings
kill "$peer"
wait "$peer" 2>/dev/null
is "$(cat readings)" '["p2",49.547,null]
["p3",49.548,null]
["p4",null,"timeout after 0.4 s"]' "two modules on one bus, and a third that is not"
peer pylontech refuse
ask pylontech-rs485 '"unit":2'
is "$(get '.error,(.lines|length)' frames)" '["44 refused (code 0x02)",4]' \
    "one command refused: the others are there"

peer console none
ask pylontech-console '"unit":2'
is "$(get '.pack_voltage,.pack_current,.soc_percent,.full_capacity_ah,
    .charge_cycles,.soh_percent,(.cell_voltages|length,.[14]),
    .temperatures[0]' | jq -c .)" '[49.959,-5.939,45,74,108,99,15,3.344,27.5]' \
    "console: pages of one module"
peer console refuse
ask pylontech-console '"unit":2'
like "$(get '.error' frames)" 'pwr .unit. refused' "console: a refusal"

# ---- bms-sim --------------------------------------------------------------
# sim PROFILE: served on a terminal and on TCP; what comes back is what its
# own printed frame means
sim() {
	bms-sim --profile "$1" --frames --from 2026-01-02T10:00:00Z \
	    --to 2026-01-02T10:01:00Z --unit 2 | bms-normalize |
	    jq -c 'del(.time,.tenant,.device)' >told
	rm -f "$T/sim"
	background bms-sim --profile "$1" --link "$T/sim" --unit 2 \
	    --at 2026-01-02T10:00:00Z >/dev/null
	one=$!
	port=$(free_port)
	background bms-sim --profile "$1" --address "tcp://127.0.0.1:$port" \
	    --unit 2 --at 2026-01-02T10:00:00Z >/dev/null
	two=$!
	{ device a "$1" "serial://$T/sim" '"unit":2,"timeout_ms":3000'
	device b "$1" "tcp://127.0.0.1:$port" '"unit":2,"timeout_ms":3000'
	} >list
	wait_for 20 test -L "$T/sim"
	wait_for 20 /usr/bin/python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$port"
	bms-poll -d list | bms-normalize |
	    jq -c 'del(.time,.tenant,.device)' >heard
	cat told told >twice
	is "$(jq -r ".kind == \"status\"" told)" false "$1: bms-sim tells values"
	same heard twice "$1: the same over a terminal and over TCP"
	kill "$one" "$two"
	wait "$one" "$two" 2>/dev/null
}
for profile in $(cd "$TBMS_SHARE/profiles" &&
    grep -l '"protocol": *"serial"' -- *.json | sed 's/\.json$//'); do
	[ "$profile" = green-bms ] || sim "$profile"
done

# a page that is longer than what a terminal holds
rm -f "$T/sim"
background bms-sim --profile pylontech-console-sc --cells 225 \
    --temperatures 225 --link "$T/sim" >/dev/null
one=$!
wait_for 20 test -L "$T/sim"
device a pylontech-console-sc "serial://$T/sim" '"timeout_ms":5000' >list
for _ in 1 2 3; do
	bms-poll -d list
done | bms-normalize | jq '.cell_voltages|length' >readings
is "$(tr '\n' ' ' <readings)" "225 225 225 " "a stack of 225 cells, three times"
kill "$one"
wait "$one" 2>/dev/null

# three modules on one line that bms-sim plays, one of them with a fault
port=$(free_port)
for unit in 2 3 4; do
	device "p$unit" pylontech-rs485 "tcp://127.0.0.1:$port" \
	    "\"unit\":$unit,\"timeout_ms\":500"
done >list
for fault in crc half drop delay:700ms garbage; do
	background bms-sim --devices list --fault "p3=$fault" \
	    --at 2026-01-02T10:00:00Z >/dev/null
	one=$!
	wait_for 20 /usr/bin/python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$port"
	bms-poll -d list 2>err | bms-normalize | sort -t : -k 6 |
	    jq -c '[.device,.kind,.error]' | sort >readings
	case $fault in
	crc) why='"answer to \"42\": its checksum is wrong"' ;;
	half) why='"answer to \"42\" is cut or foreign' ;;
	garbage) why=null ;;
	*) why='"timeout after 0.5 s"' ;;
	esac
	is "$(grep -c '^."p[24]","battery",null.' readings)" 2 \
	    "$fault: its neighbours are read"
	is "$(grep '"p3"' readings | grep -cF "$why")" 1 "$fault: it says why"
	kill "$one"
	wait "$one" 2>/dev/null
done

# ---- damage ---------------------------------------------------------------
for profile in ant daly-uart jbd jk-4e57 jk02-24s jk02-32s pace pylontech-rs485 \
    seplos-v2 seplos-v2-binary tdt; do
	count=$(python3 "$TESTS/serial.damage.py" "$profile" damaged)
	bms-normalize damaged >readings 2>err
	is "$(cat readings; wc -l <err | tr -d ' ')" "$count" \
	    "$profile: cut or with one bit turned, all are refused"
done

# ---- what a profile may ask -------------------------------------------------
mkdir -p own/profiles
for pair in jbd:e1 jbd:00 daly-uart:d9 daly-uart:21 jk02-32s:1606 jk-4e57:02 \
    pylontech-rs485:94 pylontech-rs485:95 seplos-v2:45:01 \
    "pylontech-console:shut" "pylontech-console:bat 1; shut"; do
	jq --arg request "${pair#*:}" '.serial.requests = [$request]' \
	    "$TBMS_SHARE/profiles/${pair%%:*}.json" >own/profiles/bad.json
	device a bad "serial://$T/line" >list
	status 2 "$pair is no request that reads" bms-poll --share own -d list
done
done_testing
