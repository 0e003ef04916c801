#!/bin/sh
# bms-poll and ThingSet nodes on a CAN interface of a kernel.
. "$(dirname "$0")/lib.sh"

need 'ThingSet on a CAN of a kernel' \
    'user-mode-linux bubblewrap busybox-static kmod can-utils iproute2' \
    linux.uml bwrap busybox insmod ip candump cc
/usr/bin/python3 -c 'import cbor2' 2>/dev/null || {
	skip "no python3-cbor2" "ThingSet on a CAN of a kernel"
	done_testing
}
not_san "no room for a sanitizer in there" "ThingSet on a CAN of a kernel"

mkdir -p vm/share/profiles
cp "$TBMS_SHARE"/profiles/libresolar-bms* vm/share/profiles
sed 's/"requests": \["Meas"\]/"requests": ["Device"]/' \
    vm/share/profiles/libresolar-bms-can.json >vm/share/profiles/t-gone.json
cp "$TESTS/thingset.peer.py" vm
# device NAME PROFILE UNIT
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s","profile":"%s",' \
	    "$1" "$2"
	printf '"address":"can://vcan0","unit":%d,"timeout_ms":%d}\n' "$3" "$4"
}
{ device n1 libresolar-bms-can 1 30000
device l1 libresolar-bms-live 1 30000
device l2 libresolar-bms-live 2 30000
device n2 t-gone 2 30000
device dead libresolar-bms-can 77 500
} >vm/devices
grep -v dead vm/devices >vm/living
echo "poll='$B/bin/bms-poll --share share'" >vm/job.sh
echo "probe='$B/bin/bms-poll probe'" >>vm/job.sh
cat >>vm/job.sh <<'E'
ip link set vcan0 mtu 72
/usr/bin/python3 thingset.peer.py vcan vcan0 asked >peer.log 2>&1 &
n=0
until [ -e asked.ready ] || [ $n -ge 300 ]; do
	sleep 0.1
	n=$((n + 1))
done
candump -L vcan0 >bus &
$poll -d devices >once
echo "status $?"
$poll -d living -e 1s >frames 2>err &
poller=$!
n=0
until [ "$(grep -c '"n1".*"Meas"' frames)" -ge 3 ] || [ $n -ge 300 ]; do
	sleep 0.1
	n=$((n + 1))
done
kill $poller
wait $poller
echo "status $?"
$probe -b -t 30s thingset+can://vcan0 >probed
echo "status $?"
$probe -n -t 4s thingset+can://vcan0 >nodes
echo "status $?"
E
sh "$TESTS/vm/uml.sh" "$T/vm" 2>vm/why
ran=$?
if [ $ran -eq 125 ]; then
	skip "$(tail -n 1 vm/why)" "no user-mode Linux starts here"
	done_testing
fi
ok $ran "the machine ran"
is "$(grep status vm/log | tr '\n' ' ')" "status 1 status 0 status 0 status 0 " \
    "once with a dead node, until SIGTERM, and two probes"
meas='{"path":"Meas","values":{"rPackVoltage_V":13.25,"rPackCurrent_A":-3.14,"rCellTemps_degC":[23.4,24.0],"rSOC_pct":81.5,"rErrorFlags":130,"rBmsState":2,"rCellVoltages_V":[3.312,3.313,3.31,3.315,0.0],"rBalancingStatus":8}}'
live='{"path":"mLive","values":{"t_s":1000,"Meas":{"rPackVoltage_V":13.25,"rPackCurrent_A":-3.14,"rSOC_pct":81.5,"rBmsState":2}}}'
of() { grep "\"device\":\"$1\"" vm/once | sed 's/.*"answers":\[//; s/]}$//'; }
is "$(of n1)" "$meas" "asked by ISO-TP"
is "$(of l1)" "$live" "a report in parts"
is "$(of l2)" "$live" "a report in one padded frame of CAN FD"
is "$(jq -r 'select(.device=="dead").error' vm/once)" \
    "timeout after 0.5 s" "the dead one is named"
is "$(jq -r 'select(.device=="n2").error' vm/once)" \
    "?Device: not found (A4)" "what is refused as well"
is "$(jq -c 'select(.device=="n1")|[.complete,.error]' vm/frames | sort -u)" \
    '[true,null]' "slot for slot"
like "$(cat vm/probed)" '^0x7C +Meas/rSOC_pct +81.5 %$' "the probe lists it"
is "$(sort -n vm/nodes)" "1   0011223344556601
2   0011223344556602" "and the nodes of the bus"
# from address 0 to a node come requests only: GET, FETCH, leave to go on
is "$(awk '$3 ~ /^1800..00#/ { print substr($3, 10, 6) }' vm/bus |
    sed -n 's/^0.\(..\).*/\1/p; s/^1...\(..\)/\1/p' | sort -u | tr '\n' ' ')" \
    "01 05 " "nothing but reads was sent"
done_testing
