#!/bin/sh
# Captures of native serial protocols, decoded to the values that were
# published for them. They are not part of this tree.
. "$(dirname "$0")/lib.sh"

# capture FILE FUNCTION NAME
capture() {
	if [ ! -e "$CAPTURES/bms/$1" ]; then
		skip "no capture $CAPTURES/bms/$1" "$3"
		return
	fi
	PYTHONDONTWRITEBYTECODE=1 python3 "$TESTS/captures-serial.py" "$2" \
	    "$CAPTURES" "$T/own" >report 2>&1
	ok $? "$3"
	sed 's/^# /#   /;s/^\([^#]\)/# \1/' report
}

capture aiobmsble/jbd_bms.capture.json jbd \
    "JBD: values, cells, a damaged frame, faults"
capture aiobmsble/seplos_v2_bms.capture.json seplos \
    "Seplos V2: binary and ASCII frames"
capture syssi/ant_bms.capture.json ant "ANT: three boards and a stream"
capture aiobmsble/tdt_bms.capture.json tdt "TDT: three boards"
capture aiobmsble/pace_bms.capture.json pace "PACE"
capture aiobmsble/pylontech_bms.capture.json pylontech_ble \
    "Pylontech with Bluetooth: registers"
capture pylontech-rs485/frames.json pylontech \
    "Pylontech RS485: all modules of each answer"
capture pylontech-console/US/pwr.txt console \
    "Pylontech console: the table, each module's pages, SC"
capture pdus/JK-B2A8S20P-11.17-BLE-JK02_32S.txt jk_streams \
    "JK: whole recordings"
capture aiobmsble unsupported "what is not supported is listed"
done_testing
