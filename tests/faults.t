#!/bin/sh
# bms-sim --fault against bms-poll: each fault is a frame with its reason,
# the next polls heal, and no other device notices, also not one behind the
# same connection or line.
. "$(dirname "$0")/lib.sh"

noon=2026-06-10T13:00:00Z
mkdir dev
one=$(free_port)
two=$(free_port)
three=$(free_port)
cat >devices <<LINES
{"kind":"device","tenant":"sim","device":"tcp","profile":"seplos-v3","address":"tcp://127.0.0.1:$one","timeout_ms":400,"interval_ms":1000}
{"kind":"device","tenant":"sim","device":"tcp-2","profile":"seplos-v3","address":"tcp://127.0.0.1:$one","unit":2,"timeout_ms":400,"interval_ms":1000}
{"kind":"device","tenant":"sim","device":"rtu","profile":"seplos-v3","address":"serial://$T/dev/rtu?baud=115200","unit":3,"timeout_ms":400,"interval_ms":1000}
{"kind":"device","tenant":"sim","device":"rtu-2","profile":"seplos-v3","address":"serial://$T/dev/rtu?baud=115200","unit":4,"timeout_ms":400,"interval_ms":1000}
{"kind":"device","tenant":"sim","device":"gate","profile":"seplos-v3","address":"rtu+tcp://127.0.0.1:$three","unit":5,"timeout_ms":400,"interval_ms":1000}
{"kind":"device","tenant":"sim","device":"text","profile":"libresolar-bms","address":"tcp://127.0.0.1:$two","timeout_ms":400,"interval_ms":1000}
LINES

# healed: is the last frame of each device a whole one?
healed() {
	jq -rs 'group_by(.device) | map(last | select(.complete)) | length' \
	    frames | grep -qx 6
}

# play FAULT DEVICE...: serve with the fault in those devices, poll until
# all have answered well again; the reasons are in `errors`
play() {
	fault=$1
	shift
	options=
	for device; do options="$options --fault $device=$fault"; done
	: >places
	: >frames
	# shellcheck disable=SC2086 # options of ours, without blanks
	background bms-sim --at "$noon" --devices devices $options >places
	sim=$!
	wait_for 10 grep -q '^text ' places
	background bms-poll -d devices -e 1s >frames 2>err
	poller=$!
	wait_for 60 healed
	ok $? "$fault: all answer again in the end"
	kill "$poller" "$sim"
	wait "$poller" "$sim"
	jq -r 'select(.error) | .device + ": " + .error' frames |
	    sort -u >errors
}

play drop@1..2 tcp rtu gate text
is "$(cat errors)" 'gate: timeout after 0.4 s
rtu: timeout after 0.4 s
tcp: timeout after 0.4 s
text: timeout after 0.4 s' "an answer that never comes"

play delay@1..2 tcp rtu text
is "$(cat errors)" 'rtu: timeout after 0.4 s
tcp: timeout after 0.4 s
text: timeout after 0.4 s' "an answer that comes too late"

play delay:50ms@1..9 tcp rtu text
is "$(cat errors)" "" "one that comes late, but in time"

play unit@1..2 tcp rtu gate
is "$(cat errors)" 'gate: answer from unit 4 instead of 5
rtu: answer from unit 2 instead of 3
tcp: answer from unit 0 instead of 1' "an answer of another unit"

play crc@1..2 rtu gate text
is "$(cat errors)" 'gate: answer with a wrong checksum
rtu: answer with a wrong checksum
text: answer with a wrong checksum' "a wrong sum"

play half@1..2 tcp rtu gate text
is "$(cat errors)" 'gate: answer cut after 8 of 17 bytes
rtu: answer cut after 8 of 17 bytes
tcp: answer cut after 10 bytes
text: timeout after 0.4 s' "half an answer"

play reset@1..2 tcp gate text
is "$(cat errors)" 'gate: Connection reset by peer
tcp: Connection reset by peer
text: Connection reset by peer' "a connection that is reset"

play garbage@1..2 tcp rtu
is "$(cat errors)" 'tcp: what came is no Modbus TCP' \
    "noise before an answer: a serial line has it, and goes on"

# ---- CAN ------------------------------------------------------------------
cat >can.ndjson <<LINES
{"kind":"device","tenant":"sim","device":"can","profile":"pylontech-can","address":"slcan://$T/dev/can"}
LINES
# hear FAULT...: frames of a bus where it is, until $1 whole ones came
hear() {
	: >places
	: >frames
	background bms-sim --at "$noon" --devices can.ndjson "$@" >places
	sim=$!
	wait_for 10 grep -q '^can ' places
	background bms-poll -d can.ndjson -e 2s >frames 2>err
	poller=$!
}
hush() {
	kill "$poller" "$sim"
	wait "$poller" "$sim"
}
whole() {
	jq -r .complete frames | grep -q true
}
# of eight messages in each cycle the second, 355, is missing at first
hear --fault can=drop@2..2 --fault can=drop@10..10 --fault can=drop@18..18
wait_for 30 whole
ok $? "CAN: a cycle without a fault is whole"
hush
jq -c '[.complete,.error,(.messages|length)]' frames >told
is "$(sed -n 1p told)" '[false,null,7]' "one that misses a message is not"
is "$(sed -n 1p frames | jq '[.messages[] | select(test("^(351|356)"))] |
    length')" 2 "and has the others"
hear --fault can=drop
wait_for 30 test -s frames
hush
is "$(jq -r .error frames | sort -u)" "timeout after 1.0 s" "a silent bus"
hear --fault can=half@1..1
wait_for 30 whole
ok $? "half a message"
hush
like "$(cat err)" "^bms-poll: $T/dev/can: damaged line from the adapter$" \
    "is named, and the next cycle is whole"

# ---- calls ----------------------------------------------------------------
bms-sim --at "$noon" --devices can.ndjson --fault can=drop@50% >/dev/null \
    2>err &
sim=$!
sleep 0.3
kill $sim
wait $sim
is $? 0 "a part of them at random"
for wrong in rain drop@0 drop@3..2 drop@101% drop:1s delay:x drop@; do
	status 2 "no fault: $wrong" bms-sim --profile seplos-v3 --fault $wrong
done
status 2 "no sum in Modbus TCP" bms-sim --devices devices --fault tcp=crc
like "$(cat err)" '^bms-sim: --fault: tcp: crc: it has no sum' "is said"
status 2 "no connection of a serial line" bms-sim --devices devices \
    --fault rtu=reset
status 2 "no unit in ThingSet" bms-sim --devices devices --fault text=unit
status 2 "no faults in frames" bms-sim --frames --from $noon --fault drop \
    --profile seplos-v3
done_testing
