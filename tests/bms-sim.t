#!/bin/sh
# bms-sim: clients of others read it and agree with the profile; what it
# encodes bms-normalize decodes; one time gives one answer, asked in any way.
. "$(dirname "$0")/lib.sh"

noon=2026-06-10T13:00:00Z
after=2026-06-10T13:01:00Z

# value FILE MEMBER: of the first reading
value() {
	sed -n 1p "$1" | jq -r ".$2"
}
# frame ARGUMENTS...: the reading of one frame at noon
frame() {
	bms-sim --frames --from "$noon" --to "$after" "$@" | bms-normalize
}

# told MEASUREMENT: by the profile
told() {
	case " $names " in *" $1 "*) ;; *) return 1 ;; esac
}

# ---- frames ------------------------------------------------------------
current=$(frame --profile seplos-v3 | jq .pack_current)
for profile in "$TBMS_SHARE"/profiles/*.json; do
	name=$(basename "$profile" .json)
	names=$(jq -r '[.measurements[].name] | join(" ")' "$profile")
	bms-sim --frames --from "$noon" --to "$after" --profile "$name" \
	    >frame 2>err
	if grep -q 'framing cannot be made' err; then
		skip "it cannot be encoded" "$name"
		continue
	fi
	bms-normalize <frame >reading 2>err
	is $? 0 "$name: what is encoded is decoded"
	is "$(value reading kind)" "$(jq -r '.kind // "battery"' "$profile")" \
	    "$name: as what it is"
	# not every device tells all of it
	if told soc_percent; then
		is "$(jq '(.soc_percent - 81) | fabs < 1.01' reading)" true \
		    "$name: its state of charge"
	fi
	if told pack_voltage; then
		is "$(jq '(.pack_voltage - 53.49) | fabs < 0.1' reading)" true \
		    "$name: its voltage"
	fi
	if told operation_mode || told pack_current; then
		is "$(value reading operation_mode)" charging "$name: its mode"
	fi
	if told power_w; then
		# what charges 16 cells of 3.2 V, and 4 % more
		is "$(jq --argjson current "$current" \
		    '(.power_w - $current * 53.248) | fabs < 6' reading)" \
		    true "$name: its power"
	fi
	if told energy_wh_total; then
		is "$(jq '.energy_wh_total > 100000' reading)" true \
		    "$name: its counter"
	fi
done

bms-sim --frames --from "$noon" --to "$after" --profile seplos-v3 >one
bms-sim --frames --from "$noon" --to "$after" --profile seplos-v3 >two
same two one "one time gives one frame"
bms-sim --frames --from "$noon" --to "$after" --profile seplos-v3 --seed 1 \
    >two
cmp -s one two
is $? 1 "another seed gives another"
bms-sim --frames --from 2026-06-10T12:00:00Z --to 2026-06-10T14:00:00Z \
    --every 1h --profile seplos-v3 | sed -n 2p >two
same two one "a stretch of time holds the frame of each instant"
is "$(bms-sim --frames --from 2026-06-10T00:00:00Z --every 30s \
    --to 2026-06-10T01:00:00Z --profile seplos-v3 | wc -l)" 120 \
    "as many frames as fit, the last before the end"

# the counters and the current tell the same story of a day, within the
# noise of the current; judged by python, not by us
bms-sim --frames --from 2026-06-10T00:00:00Z --to 2026-06-11T00:00:00Z \
    --profile jk02-32s | bms-normalize >day
cat >"$T/day.py" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
out = sum(r['discharge_current'] for r in rows) / 60
into = sum(r['charge_current'] for r in rows) / 60
change = rows[-1]['remaining_capacity_ah'] - rows[0]['remaining_capacity_ah']
assert 30 < into < 90 and 30 < out < 90, (into, out)
assert abs(into - out - change) < 6, (into, out, change)
for r in rows:
    cells = r['cell_voltages']
    assert len(cells) == 16 and 2.8 < min(cells) <= max(cells) < 3.65
    assert abs(sum(cells) - r['pack_voltage']) < 0.02
    assert 0 <= r['soc_percent'] <= 100
PY
status 0 "a day adds up" python3 "$T/day.py" day

# ---- scenarios ----------------------------------------------------------
frame --profile jk02-32s --scenario fault >reading
is "$(jq -c '[.operation_mode, .fault_codes, .discharging_enabled]' reading)" \
    '["fault",["discharge_overcurrent"],false]' "a fault"
# coil 0x1264 of the maker's sheet is discharge overcurrent
frame --profile seplos-v3 --scenario fault >reading
is "$(jq -c '[.fault_codes, .discharging_enabled]' reading)" \
    '[["discharge_overcurrent"],false]' "a fault among coils"
bms-sim --frames --from "$noon" --to "$after" --profile seplos-v3 \
    --scenario fault | head -n 1 | jq -r '.blocks[0] |
    select(.function == 1) | [.address, .data] | @tsv' >coils
is "$(python3 -c 'import sys
first, data = sys.stdin.read().split()
bits = int.from_bytes(bytes.fromhex(data), "little")
print([hex(i + int(first)) for i in range(96) if bits >> i & 1])' <coils)" \
    "['0x1264']" "is the coil that the sheet has for it"
frame --profile jk02-32s --scenario silence >reading
is "$(jq -c '[.kind, .error, .pack_voltage]' reading)" \
    '["status","timeout after 1.0 s",null]' "silence"
frame --profile jk02-32s --scenario discharge >reading
is "$(jq '.pack_current < -10' reading)" true "discharge"
frame --profile jk02-32s --scenario charge >reading
is "$(jq '.pack_current > 10' reading)" true "charge"
frame --profile jk02-32s --scenario normal --scenario \
    "sim-1=imbalance@2026-06-10T12:00:00Z..2026-06-10T13:01:00Z" >reading
is "$(jq '.cell_voltage_max > 3.65' reading)" true "imbalance at its end"
frame --profile jk02-32s --scenario \
    "sim-1=imbalance@2026-06-10T12:00:00Z..2026-06-10T13:00:00Z" >reading
is "$(jq '.cell_voltage_diff < 0.05' reading)" true "and over it is over"
frame --profile jk02-32s --scenario other=fault >reading
is "$(value reading operation_mode)" charging "another device's fault"

# ---- wrong calls ---------------------------------------------------------
status 2 "neither --devices nor --profile" bms-sim --frames
status 2 "no such profile" bms-sim --frames --from $noon --profile nothing
status 2 "no such scenario" bms-sim --profile seplos-v3 --scenario rain
status 2 "a span that ends before it begins" bms-sim --profile seplos-v3 \
    --scenario "fault@$after..$noon"
status 2 "CAN over TCP" bms-sim --profile pylontech-can \
    --address tcp://127.0.0.1:1
status 2 "a file without devices" bms-sim --devices /dev/null
echo '{"kind":"device","tenant":"x"}' >bad
status 2 "a bad device line" bms-sim --devices bad
like "$(cat err)" '^bms-sim: bad:1: ' "which is named"

# ---- live ----------------------------------------------------------------
mkdir dev
one=$(free_port)
two=$(free_port)
cat >devices <<LINES
{"kind":"device","tenant":"sim","device":"m1","profile":"seplos-v3","address":"tcp://127.0.0.1:$one"}
{"kind":"device","tenant":"sim","device":"m2","profile":"seplos-v3","address":"tcp://127.0.0.1:$one","unit":2}
{"kind":"device","tenant":"sim","device":"m3","profile":"seplos-v3","address":"tcp://127.0.0.1:$one","unit":3}
{"kind":"device","tenant":"sim","device":"rtu","profile":"seplos-v3","address":"serial://$T/dev/rtu","unit":4}
{"kind":"device","tenant":"sim","device":"things","profile":"libresolar-bms","address":"tcp://127.0.0.1:$two"}
{"kind":"device","tenant":"sim","device":"green","profile":"green-bms","address":"serial://$T/dev/green"}
{"kind":"device","tenant":"sim","device":"can","profile":"pylontech-can","address":"slcan://$T/dev/can"}
{"kind":"device","tenant":"sim","device":"log","profile":"pylontech-can","address":"candump://$T/dev/log"}
LINES
bms-sim --frames --from "$noon" --to "$after" --devices devices >frames
bms-normalize <frames >readings
# of DEVICE FILTER: of its reading
of() {
	jq -r "select(.device == \"$1\") | $2" readings
}
background bms-sim --at "$noon" --scenario m3=silence --devices devices \
    >places
sim=$!
wait_for 30 grep -q '^log ' places
is $? 0 "it says where its devices are"
is "$(sed -n 's/^m2 //p' places)" "tcp://127.0.0.1:$one" "a socket"
is "$(readlink "$T/dev/can")" "$(sed -n 's/^can //p' places)" "a terminal's link"

# registers ARGUMENTS...: their values in a row, as mbpoll prints them
registers() {
	mbpoll "$@" -0 -1 -o 1 2>&1 | sed -n 's/^\[[0-9]*\]:[^0-9]*//p' |
	    sed 's/ .*//' | tr '\n' ' '
}
if command -v mbpoll >/dev/null; then
	# 0x1000 in 10 mV, 0x1100 the cells in mV: the register sheet
	for device in m1:1 m2:2; do
		unit=${device#*:}
		device=${device%:*}
		is "$(registers -m tcp -p "$one" -a "$unit" -t 3 -r 4096 \
		    127.0.0.1)" "$(of "$device" \
		    '.pack_voltage * 100 | round') " "mbpoll: $device's voltage"
		is "$(registers -m tcp -p "$one" -a "$unit" -t 3 -r 4352 \
		    -c 16 127.0.0.1)" "$(of "$device" '.cell_voltages |
		    map(. * 1000 | round) | join(" ")') " \
		    "mbpoll: $device's cells"
	done
	is "$(registers -m rtu -b 19200 -P none -a 4 -t 3 -r 4352 -c 16 \
	    "$T/dev/rtu")" "$(of rtu '.cell_voltages |
	    map(. * 1000 | round) | join(" ")') " "mbpoll: over a serial line"
	like "$(mbpoll -m tcp -p "$one" -a 1 -t 4 -r 9 -0 -1 127.0.0.1 2>&1)" \
	    'Illegal data address' "mbpoll: no such register"
	like "$(mbpoll -m tcp -p "$one" -a 3 -t 3 -r 4096 -0 -1 -o 0.3 \
	    127.0.0.1 2>&1)" 'timed out' "mbpoll: the silent one"
	like "$(mbpoll -m tcp -p "$one" -a 1 -t 4 -r 4096 -0 -1 127.0.0.1 \
	    5 2>&1)" 'Illegal function' "mbpoll: writing is refused"
else
	skip "no mbpoll" "Modbus by a client of others"
fi

cat >"$T/thingset.py" <<'PY'
import binascii, socket, sys
peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)
answers = peer.makefile('rb')
for text in sys.argv[2:]:
    line = text.encode()
    if not text.startswith('??'):
        peer.sendall(line + b' %08X#\r\n' % binascii.crc32(line))
    else:
        peer.sendall(line[1:] + b'\n')
    answer = answers.readline().rstrip(b'\r\n')
    body = answer[:-10]
    assert answer[-10:] == b' %08X#' % binascii.crc32(body), answer
    print(body.decode())
PY
python3 "$T/thingset.py" "$two" '?Meas/rPackVoltage_V' '??Meas ["rSOC_pct"]' \
    '?Nope' '=Meas {"rSOC_pct":1}' >things
is "$(sed -n 1p things)" ":85 $(of things .pack_voltage)" \
    "ThingSet: one value, its sum right"
is "$(sed -n 2p things)" ":85 [$(of things .soc_percent)]" "ThingSet: a list"
like "$(sed -n 3p things)" '^:A4' "ThingSet: no such item"
like "$(sed -n 4p things)" '^:A3' "ThingSet: writing is refused"

jq -r 'select(.device == "can").messages[]' frames |
    sed 's/#\(.*\)/ \1/' | while read -r id data; do
	printf 't%s%d%s\n' "$id" $((${#data} / 2)) "$data"
done >messages
all_came() { [ "$(tr '\r' '\n' <can | grep -c ^t)" -ge "$(wc -l <messages)" ]; }
: >can
(printf 'V\rS6\rO\r'; wait_for 30 all_came; printf 'C\r') |
    timeout 40 socat -T 30 -t 1 - "$T/dev/can,raw,echo=0" >can
is "$(tr '\r' '\n' <can | grep ^t | sort -u)" "$(sort -u messages)" \
    "slcan: an adapter that hears the frame's messages"
timeout 30 sh -c 'head -n 3' <"$T/dev/green" | tr -d '\r' >green
is "$(grep -c '^\$#.*\$$' green)" 3 "Green-BMS: its lines"
wait_for 30 grep -q '#' "$T/dev/log"
sed 's/.* can0 //' "$T/dev/log" | sort -u >heard
jq -r 'select(.device == "log").messages[]' frames | sort -u >messages
same heard messages "candump: the frame's messages"

# our own poller: what it asks for is what would have been printed
grep -E '"(m1|m2|rtu|things|can)"' devices >asked
bms-poll --devices asked >polled
is $? 0 "bms-poll reads them"
bms-normalize <polled | jq -cS 'del(.time)' | sort >got
jq -cS 'select(.device | test("^(m1|m2|rtu|things|can)$")) | del(.time)' \
    readings | sort >wanted
same got wanted "and gets what --frames prints"

kill -TERM $sim
wait $sim
is $? 0 "SIGTERM ends it cleanly"
is "$(ls "$T/dev/can" "$T/dev/rtu" "$T/dev/green" 2>/dev/null)" "" "its links are gone"

bms-sim --profile pylontech-can --address candump:- --at "$noon" >standard &
sim=$!
wait_for 30 grep -q 'can0 351#' standard
is $? 0 "a log on standard output"
kill -TERM $sim
wait $sim
is $? 0 "SIGTERM ends that as well"

# ---- links that are not ours ---------------------------------------------------
ln -s /dev/null real
status 111 "the link of a real line" timeout 10 bms-sim --profile jbd --link real
is "$(readlink real)" /dev/null "stays"
ln -s /dev/pts/99999 left
background bms-sim --profile jbd --link left >/dev/null 2>&1
replaced() { [ "$(readlink left)" != /dev/pts/99999 ] && [ -e left ]; }
wait_for 30 replaced
ok $? "one that was left is replaced"

done_testing
