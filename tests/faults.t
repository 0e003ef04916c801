#!/bin/sh
# bms-sim --fault against bms-poll: each fault is a frame with its reason,
# the next polls heal, and no other device notices, also not one behind the
# same connection or line.
. "$(dirname "$0")/lib.sh"

noon=2026-06-10T13:00:00Z
mkdir dev
# Each fault has a fleet of its own, and all are played at once: nobody waits
# for the back-off of each. The time-outs are long for a busy machine, and of
# the interval so small a part that a neighbour's never shortens them.
# fleet FAULT PORT...: its devices
fleet() {
	while read -r one profile address unit; do
		printf '{"kind":"device","tenant":"sim","device":"%s-%s",' \
		    "$1" "$one"
		printf '"profile":"%s","address":"%s","unit":%d,' \
		    "$profile" "$address" "$unit"
		echo '"timeout_ms":2000,"interval_ms":5000}'
	done <<LINES
tcp seplos-v3 tcp://127.0.0.1:$2 1
tcp2 seplos-v3 tcp://127.0.0.1:$2 2
rtu seplos-v3 serial://$T/dev/$1?baud=115200 3
rtu2 seplos-v3 serial://$T/dev/$1?baud=115200 4
gate seplos-v3 rtu+tcp://127.0.0.1:$3 5
text libresolar-bms tcp://127.0.0.1:$4 1
LINES
}
# Name, fault, and the devices that have it.
cat >plays <<'LINES'
drop drop@1..2 tcp rtu gate text
late delay@1..2 tcp rtu text
slow delay:50ms@1..9 tcp rtu text
unit unit@1..2 tcp rtu gate
crc crc@1..2 rtu gate text
half half@1..2 tcp rtu gate text
reset reset@1..2 tcp gate text
garbage garbage@1..2 tcp rtu
LINES
free_port 24 >ports
options=
while read -r name fault who; do
	# shellcheck disable=SC2046 # numbers
	fleet "$name" $(sed -n '1,3p' ports)
	sed -i 1,3d ports
	for device in $who; do
		options="$options --fault $name-$device=$fault"
	done
done <plays >devices

# healed: is the last frame of each device a whole one?
healed() {
	jq -rs 'group_by(.device) | map(last | select(.complete)) | length' \
	    frames | grep -qx 48
}
# part: the poller, and only then what it asks: no device is seen to go away
part() {
	kill "$poller"
	wait "$poller"
	kill "$sim"
	wait "$sim"
}
: >places
: >frames
# shellcheck disable=SC2086 # options of ours, without blanks
background bms-sim --at "$noon" --devices devices $options >places
sim=$!
wait_for 30 grep -q '^garbage-text ' places
background bms-poll -d devices -e 5s >frames 2>err
poller=$!
wait_for 90 healed
ok $? "with every fault all answer again in the end"
part

# errors NAME: who of its fleet had which
errors() {
	jq -r --arg of "$1-" 'select(.error and (.device | startswith($of))) |
	    (.device | ltrimstr($of)) + ": " + .error' frames | sort -u
}
is "$(errors drop)" 'gate: timeout after 2.0 s
rtu: timeout after 2.0 s
tcp: timeout after 2.0 s
text: timeout after 2.0 s' "an answer that never comes"
is "$(errors late)" 'rtu: timeout after 2.0 s
tcp: timeout after 2.0 s
text: timeout after 2.0 s' "an answer that comes too late"
is "$(errors slow)" "" "one that comes late, but in time"
is "$(errors unit)" 'gate: answer from unit 4 instead of 5
rtu: answer from unit 2 instead of 3
tcp: answer from unit 0 instead of 1' "an answer of another unit"
is "$(errors crc)" 'gate: answer with a wrong checksum
rtu: answer with a wrong checksum
text: answer with a wrong checksum' "a wrong sum"
is "$(errors half)" 'gate: answer cut after 8 of 17 bytes
rtu: answer cut after 8 of 17 bytes
tcp: answer cut after 10 bytes
text: timeout after 2.0 s' "half an answer"
is "$(errors reset)" 'gate: Connection reset by peer
tcp: Connection reset by peer
text: Connection reset by peer' "a connection that is reset"
is "$(errors garbage)" 'tcp: what came is no Modbus TCP' \
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
whole() {
	jq -r .complete frames | grep -q true
}
# of eight messages in each cycle the second, 355, is missing at first
hear --fault can=drop@2..2 --fault can=drop@10..10 --fault can=drop@18..18
wait_for 30 whole
ok $? "CAN: a cycle without a fault is whole"
part
jq -c '[.complete,.error,(.messages|length)]' frames >told
is "$(sed -n 1p told)" '[false,null,7]' "one that misses a message is not"
is "$(sed -n 1p frames | jq '[.messages[] | select(test("^(351|356)"))] |
    length')" 2 "and has the others"
hear --fault can=drop
wait_for 30 test -s frames
part
is "$(jq -r .error frames | sort -u)" "timeout after 1.0 s" "a silent bus"
hear --fault can=half@1..1
wait_for 30 whole
ok $? "half a message"
part
like "$(cat err)" "^bms-poll: $T/dev/can: damaged line from the adapter$" \
    "is named, and the next cycle is whole"

# ---- calls ----------------------------------------------------------------
bms-sim --at "$noon" --devices can.ndjson --fault can=drop@50% >places \
    2>err &
sim=$!
wait_for 10 grep -q '^can ' places
kill $sim
wait $sim
is $? 0 "a part of them at random"
for wrong in rain drop@0 drop@3..2 drop@101% drop:1s delay:x drop@; do
	status 2 "no fault: $wrong" bms-sim --profile seplos-v3 --fault $wrong
done
status 2 "no sum in Modbus TCP" bms-sim --devices devices --fault crc-tcp=crc
like "$(cat err)" '^bms-sim: --fault: crc-tcp: crc: it has no sum' "is said"
status 2 "no connection of a serial line" bms-sim --devices devices \
    --fault reset-rtu=reset
status 2 "no unit in ThingSet" bms-sim --devices devices --fault unit-text=unit
status 2 "no faults in frames" bms-sim --frames --from $noon --fault drop \
    --profile seplos-v3
done_testing
