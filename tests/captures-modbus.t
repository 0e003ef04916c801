#!/bin/sh
# Captures of Modbus devices, decoded to the values that their sources state.
# They are not part of this tree.
. "$(dirname "$0")/lib.sh"

# capture FOLDER FUNCTION NAME
capture() {
	if [ ! -d "$CAPTURES/$1" ]; then
		skip "no captures in $CAPTURES/$1" "$3"
		return
	fi
	mkdir -p "$T/$2"
	python3 "$TESTS/captures-modbus.py" "$2" "$CAPTURES/$1" "$T/$2" \
	    >report 2>&1
	ok $? "$3"
	sed 's/^# /#   /;s/^\([^#]\)/# \1/' report
}

capture modbus/goodwe profiles "GoodWe: the profiles, what is stated of eight devices"
capture modbus/goodwe registers "GoodWe: every register with a stated value"
capture modbus/givenergy givenergy "GivEnergy: half an hour of a dongle's log"
capture modbus/givenergy ems "GivEnergy: meters of an EMS, power in balance"
capture bms/aiobmsble bms "Daly, Gobel, Renogy: answers with stated values"
capture bms/pdus daly "Daly: a log of answers, cells against their sum"
done_testing
