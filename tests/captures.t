#!/bin/sh
# Captures that others recorded from real equipment, decoded to the values
# that were published for them. They are not part of this tree.
. "$(dirname "$0")/lib.sh"

tool=$B/unit/dbc
mkdir own

# capture FOLDER FUNCTION ARGUMENT NAME
capture() {
	if [ ! -d "$CAPTURES/$1" ]; then
		skip "no captures in $CAPTURES/$1" "$4"
		return
	fi
	python3 "$TESTS/captures.py" "$2" "$CAPTURES" "$3" >report 2>&1
	ok $? "$4"
	sed 's/^# /#   /;s/^\([^#]\)/# \1/' report
}

capture dbc dbc "$tool" "DBC files: cantools' decode vectors"
capture can/foxbms foxbms "$tool" "foxBMS log: cantools' values, pack state"
capture can/foxbms old_foxbms own "foxBMS log: cells of the old numbering"
capture can/kona kona "$tool" "Hyundai Kona pack logs: cantools' values"
# logs NAME ARGUMENTS...: of CAN
logs() {
	if [ ! -d "$CAPTURES/can/tesla-ms" ]; then
		skip "no captures in $CAPTURES/can" "$1"
		return
	fi
	name=$1
	shift
	python3 "$TESTS/captures_can.py" "$CAPTURES" "$@" >report 2>&1
	ok $? "$name"
	sed 's/^# /#   /;s/^\([^#]\)/# \1/' report
}
logs "CAN logs in eight forms: each signal of cantools, through ours" \
    "$T/own"
logs "multiplexed layouts, and what cantools refuses" "$T/own" \
    "$tool"
capture can/kona kona_profile own "Hyundai Kona pack: profile, lenient DBC"
capture can/pylon35x pylon - "Pylontech-style CAN cycles"
capture bms/aiobmsble jk - "JK frames: JK02 of five firmwares, stream, 4E57"
capture modbus/sunspec sunspec own "SunSpec register images"
done_testing
