#!/bin/sh
# bms-poll with many devices, of which many are dead.
. "$(dirname "$0")/lib.sh"

PY=/usr/bin/python3
fleet() { background "$PY" "$TESTS/bms-poll.fleet.py" "$@" \
    >>"$T/peer.log" 2>&1; }
judge() { "$PY" "$TESTS/bms-poll.fleet.py" judge "$@"; }
poll() { bms-poll --share "$T/share" "$@"; }
# device NAME ADDRESS [MORE MEMBERS]
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s",' "$1"
	printf '"profile":"t-modbus","address":"%s"%s}\n' "$2" "${3:+,$3}"
}
stay() {	# stay NAME EVERY: poll NAME.ndjson into NAME.out
	background bms-poll --share "$T/share" -d "$1.ndjson" -e "$2" \
	    >"$1.out" 2>"$1.err"
}
stop() { for stopped; do kill "$stopped"; done; wait "$@"; }
listening() { "$PY" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
pair() {
	background socat "pty,raw,echo=0,link=$T/$1" \
	    "pty,raw,echo=0,link=$T/$1.far" 2>>"$T/peer.log"
	wait_for 10 test -e "$T/$1.far"
}

mkdir -p share/profiles
cat >share/profiles/t-modbus.json <<'P'
{"maker":"Test","model":"Modbus","protocol":"modbus",
 "modbus":{"function":3,"limit":100,"hole":8},
 "measurements":[
  {"name":"pack_voltage","at":100,"type":"u16","scale":"0.01"},
  {"name":"pack_current","at":101,"type":"s16","scale":"0.1"},
  {"name":"soc_percent","at":40070,"type":"u16","scale":"1"}]}
P

# ---- 200 endpoints, 60 dead; and one bus with all but some dead, each way ----
fleet many "$T/many.at" 140 30 30
fleet gateways "$T/gateways.at" 8 8 7,8 3,7,8 1,3,5,7,8 2,3,4,5,6,7,8
pair bus
fleet bus "$T/bus.far" 6
wait_for 30 test -s many.at && wait_for 30 test -s gateways.at
ok $? "peers listen"
awk '{ printf("{\"kind\":\"device\",\"tenant\":\"eds\",\"device\":\"%s%d\"," \
    "\"profile\":\"t-modbus\",\"address\":\"tcp://127.0.0.1:%d\"}\n",
    $1, NR, $2) }' many.at >many.ndjson
while read -r living port; do
	for unit in 1 2 3 4 5 6 7 8; do
		device "g$living-$unit" "tcp://127.0.0.1:$port" \
		    "\"unit\":$unit" | sed 's/"g\([0-9,]*\)-/"g\1-/; s/,\([0-9]\)/_\1/g'
	done
done <gateways.at >gateways.ndjson
for unit in 1 2 3 4 5 6; do
	device "bus-$unit" "serial://$T/bus?baud=19200" "\"unit\":$unit"
done >bus.ndjson
# slots in which a busy machine may stand still for a second
stay many 2s
many=$!
stay gateways 2s
gateways=$!
stay bus 2s
bus=$!
sleep 14
stop $many $gateways $bus
# shellcheck disable=SC2046 # names without blanks
is "$(judge 2 many.out $(awk '/live/ { print $1 NR }' many.at))" "" \
    "140 of 200 answer, each once in every slot"
is "$(jq -r 'select(.device|startswith("live")|not)|
    .device' many.out | sort -u | wc -l)" 60 "the others are frames as well"
is "$(jq -r 'select(.error)|.error' many.out | sort -u)" \
'connect: Connection refused
timeout after 1.0 s' "with their reasons"
is "$(jq -r 'select(.device|startswith("gone"))|.device' many.out |
    sort | uniq -c | awk '$1 > 4')" "" "and are left alone more and more"
is "$(cat many.err)" "" "no slot is left out"
while read -r living port; do
	names=$(echo "$living" | tr , '\n' |
	    sed "s/^/g$(echo "$living" | tr , _)-/")
	# shellcheck disable=SC2086 # names without blanks
	is "$(judge 2 gateways.out $names)" "" \
	    "of 8 units behind a gateway only $living live: in every slot"
done <gateways.at
is "$(jq -r 'select(.error)|.device' gateways.out | sort -u | wc -l)" \
    "$(awk '{ n += 8 - split($1, a, ",") } END { print n }' gateways.at)" \
    "the dead ones are frames as well"
is "$(judge 2 bus.out bus-6)" "" \
    "5 of 6 units on a serial line are dead: the last is read in every slot"

# ---- pauses, connections that are closed, overruns --------------------------
fleet diary "$T/kept.at" "$T/kept"
fleet diary "$T/brief.at" "$T/brief"
fleet tired "$T/tired.at" 4 0.8
wait_for 30 test -s kept.at && wait_for 30 test -s brief.at &&
    wait_for 30 test -s tired.at
ok $? "peers listen"
for unit in 1 2; do
	device "k$unit" "tcp://127.0.0.1:$(cut -d' ' -f2 kept.at)" \
	    "\"unit\":$unit" >>diary.ndjson
	device "b$unit" "tcp://127.0.0.1:$(cut -d' ' -f2 \
	    brief.at)?pause=150&close=yes" "\"unit\":$unit" >>diary.ndjson
done
device t "tcp://127.0.0.1:$(cut -d' ' -f2 tired.at)" >tired.ndjson
stay diary 2s
diary=$!
stay tired 1s
tired=$!
sleep 11
stop $diary $tired
is "$(judge 2 diary.out k1 k2 b1 b2)" "" "all are read"
is "$(grep -c open kept)" 1 "one connection for all units and slots"
test "$(grep -c open brief)" -ge 4 &&
    test "$(grep -c open brief)" -eq "$(grep -c close brief)"
ok $? "close=yes: one for each slot, and it is closed"
is "$(awk '/ask/ && $2 < 0.149' brief)" "" \
    "pause=150: so long is nothing asked"
is "$(grep -c 'eds/t: takes longer than its 1.0 s, slots are left out' \
    tired.err)" 1 "an overrun is said once"
like "$(cat tired.err)" 'eds/t: in time again after [23] slots' \
    "and how many slots it cost"
is "$(jq -r '.error//"fine"' tired.out | sort -u)" fine "nothing is lost"

# ---- stopped, and gone on --------------------------------------------------------
stay many 200ms
many=$!
wait_for 20 grep -q live1 many.out
kill -STOP $many
sleep 1.5
kill -CONT $many
wait_for 20 grep -q 'was late' many.err
ok $? "slots that were slept through are counted"
is "$(grep -c 'was late' many.err)" 1 "in one line"
stop $many

# ---- back-off from run to run ------------------------------------------------------
state=$T/kept-here/state.ndjson
port=$(free_port)
device gone "tcp://127.0.0.1:$port" >cron.ndjson
runs() { poll -d cron.ndjson --state "$state" 2>&1; }
is "$(runs | jq -r .error)" "connect: Connection refused" "fails, and is kept"
is "$(runs | jq -r .error)" "connect: Connection refused" "is asked again"
status 1 "is left alone" runs
is "$(cat out)" "" "and makes no frame"
is "$(jq -c '[.kind,.device,.failures,.reason,.last_good,
    ((.next_try|sub("\\.\\d+";"")|fromdate) -
     (.since|sub("\\.\\d+";"")|fromdate) >= 10)]' "$state")" \
    '["poll","gone",2,"connect: Connection refused",null,true]' \
    "polls that are left out do not count"
status 1 "--status" bms-poll --status --state "$state"
like "$(sed -n 2p out)" '^eds +gone +fails +never +2 +20[-0-9T:.]*Z  connect' \
    "a row for the device"
status 1 "--status --json" bms-poll --status --json --state "$state"
same out "$state" "is the file"
past() {	# its time has come
	jq -c '.next_try="2020-01-01T00:00:00.000Z"' "$state" >s &&
	    mv s "$state"
}
past
runs >/dev/null
is "$(jq -c .failures "$state")" 3 "in time it is asked again"
device gone "tcp://127.0.0.1:$port" '"timeout_ms":999' >cron.ndjson
is "$(runs)" "" "another time-out is no reason to ask"
device gone "tcp://127.0.0.1:$port" '"unit":2' >cron.ndjson
is "$(runs | jq -r .error)" "connect: Connection refused" "another unit is"
device gone "rtu+tcp://127.0.0.1:$port" >cron.ndjson
fleet rtu_tcp "$port"
wait_for 30 listening "$port"
is "$(runs | jq -c '[.complete,(.blocks|map(.data))]')" \
    '[true,["146fffce","0057"]]' "RTU over TCP: pymodbus answers"
is "$(jq -c '[.failures,.next_try,.reason,(.last_good|length)]' "$state")" \
    '[0,null,null,24]' "the first answer clears all"
status 0 "--status: all is well" bms-poll --status --state "$state"
is "$(cat err)" "" "and new"
touch -d '1 hour ago' "$state"
bms-poll --status --state "$state" 2>err >/dev/null
like "$(cat err)" 'state.ndjson: written 60 minutes ago$' \
    "of an old table the age is said"
for bad in '{"kind":"poll"' '{"kind":"poll"}' '[]' 'x' \
    '{"kind":"poll","tenant":"../x","device":"a","address":"","unit":1,"failures":1}' \
    '{"kind":"poll","tenant":"eds","device":"gone","address":"","unit":1,"failures":-1}' \
    "$(head -c 300 /dev/urandom | base64 -w0)"; do
	printf '%s' "$bad" >"$state"
	runs >out
	is "$(grep -c '^bms-poll: .*state.ndjson:1: ' out) $(wc -l <out) \
$(jq -r .failures "$state")" "1 2 0" "damaged state: said once, all are asked"
done
printf '{"kind":"poll","tenant":"eds","device":"gone","address":"a","unit":1,"failures":1,"reason":"\\u001b[2J\\nx"}\n' >"$state"
status 1 "a reason that would clear the screen" \
    bms-poll --status --state "$state"
like "$(sed -n 2p out)" '\?\[2J\?x$' "is tamed"
echo x >"$state"
status 2 "--status of a damaged file" bms-poll --status --state "$state"
status 2 "--status without a file" bms-poll --status --state "$T/none"
status 2 "--status and a list" bms-poll --status -d cron.ndjson
status 111 "a state that cannot be kept" poll -d cron.ndjson \
    --state "$T/share/profiles/t-modbus.json/state"

# ---- what SIGHUP leaves as it is, and a way that comes back --------------------
back=$(free_port)
for unit in 1 2 3; do
	device "w$unit" "rtu+tcp://127.0.0.1:$back" "\"unit\":$unit"
done >way.ndjson
background bms-poll --share share -d way.ndjson -e 1s \
    --state "$T/way.state" >way.out 2>way.err
way=$!
wait_for 30 sh -c '[ "$(jq -r "select(.error)|.device" way.out | sort |
    uniq -c | awk "\$1 >= 3" | wc -l)" = 3 ]'
ok $? "three units that nobody answers for"
sed -i 's/"unit":3/"unit":3,"timeout_ms":900/' way.ndjson
kill -HUP $way
fleet rtu_tcp "$back"
wait_for 60 sh -c '[ "$(jq -r "select(.error|not)|.device" way.out |
    sort -u | wc -l)" = 2 ]'
ok $? "are asked once the gateway is there"
wait_for 60 grep -q '"w3".*"error":"timeout' way.out
ok $? "all of them"
kill -TERM $way
wait $way
is "$(jq -r '[.device,.failures > 3,(.reason//"")[:7]]|@csv' way.state)" \
    '"w1",false,""
"w2",false,""
"w3",true,"timeout"' "the one that is still dead goes on counting"
is "$(jq -r 'select(.device=="w2" and (.error|not))|.time[:19] + "Z" |
    fromdate' way.out | head -n 1 | awk -v first="$(jq -r \
    'select(.device=="w1" and (.error|not))|.time[:19] + "Z" | fromdate' \
    way.out | head -n 1)" '{ d = $1 - first; print (d > -8 && d < 8) }')" 1 \
    "the first that is back brings the other"

# ---- logs and pipes that fall silent ------------------------------------------------
cat >share/profiles/t-can.json <<'P'
{"maker":"Test","model":"CAN","protocol":"can","cycle":"200ms",
 "can":{"dbc":"t.dbc"},
 "measurements":[{"name":"pack_voltage","signal":"A.V"}]}
P
cat >share/profiles/t.dbc <<'P'
VERSION ""
BU_: X
BO_ 854 A: 8 X
 SG_ V : 0|16@1- (0.01,0) [0|100] "V" X
P
{ device log "candump://$T/silent.log" '"timeout_ms":300'
device pipe candump:- '"timeout_ms":300'
device pipe2 "candump:-?interface=can9" '"timeout_ms":300'; } |
    sed 's/t-modbus/t-can/' >silent.ndjson
echo "(1700000000.000100) can0 356#79140000" >silent.log
mkfifo fifo
sleep 60 >fifo &
pids="$pids $!"
bms-poll --share share -d silent.ndjson -e 500ms <fifo \
    >silent.out 2>silent.err &
silent=$!
pids="$pids $silent"
echo "(1700000000.000100) can0 356#79140000" >fifo
wait_for 30 sh -c '[ "$(jq -r "select(.error)|.device" silent.out | sort |
    uniq -c | awk "\$1 >= 2" | wc -l)" = 3 ]'
ok $? "a silent log, a silent pipe: a frame for each slot"
is "$(jq -r 'select(.error)|.error' silent.out | grep -vc \
    '^no message of it for [0-9.]* s')" 0 "with the reason"
is "$(jq -r 'select(.device=="pipe" and .messages)|.messages[0]' silent.out)" \
    356#79140000 "what was heard before is there"
stop $silent

# ---- RTU over TCP ---------------------------------------------------------------------
{ device r1 "rtu+tcp://127.0.0.1:$port"
device r2 "rtu+tcp://127.0.0.1:$port" '"unit":2'
device r9 "rtu+tcp://127.0.0.1:$port" '"unit":9,"timeout_ms":300'; } >rtu.ndjson
poll -d rtu.ndjson >out
is "$(jq -rc '[.device,.error,(.blocks//[]|map(.data)|join(" "))]' out |
    sort)" '["r1",null,"146fffce 0057"]
["r2",null,"1470ffce 0057"]
["r9","timeout after 0.3 s",""]' "three units in turn, one of them dead"
{ device r1 "rtu+tcp://127.0.0.1:$port"
device r2 "tcp://127.0.0.1:$port"; } >mixed.ndjson
status 2 "one port with both framings" poll -d mixed.ndjson
sim=$(free_port)
background bms-sim --share "$TOP/share" --profile seplos-v3 \
    --address "rtu+tcp://127.0.0.1:$sim" >sim.out 2>&1
wait_for 20 listening "$sim"
echo '{"kind":"device","tenant":"eds","device":"s","profile":"seplos-v3","address":"rtu+tcp://127.0.0.1:'"$sim"'"}' >sim.ndjson
status 0 "bms-sim answers" bms-poll --share "$TOP/share" -d sim.ndjson
is "$(jq -c .complete out)" true "with all it has"
is "$("$PY" -c '
from pymodbus.client import ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer
import sys
c = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), framer=ModbusRtuFramer)
c.connect()
print(len(c.read_input_registers(0x1000, 10, slave=1).registers))' "$sim")" 10 \
    "also a client that is not ours"

# ---- hosts that swallow every packet -------------------------------------------------
# Two hosts in namespaces of their own. Of a third the neighbour is known, and
# nobody is there; the second goes away in the middle.
cat >one <<'S'
ip link set lo up && ip link add v0 type veth peer name v1 &&
    ip addr add 10.99.0.1/24 dev v0 && ip link set v0 up &&
    ip neigh add 10.99.0.3 lladdr 02:00:00:00:00:03 dev v0 || exit 9
unshare -n sh "$T/two" &
two=$!
await() { while [ -d "$T" ] && [ ! -e "$T/$1" ]; do sleep 0.1; done; }
await apart
ip link set v1 netns $two || exit 9
"$PY" "$TESTS/bms-poll.fleet.py" many "$T/one.at" 10 0 0 &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$T/one.at" ] && [ -s "$T/two.at" ] || sleep 0.5
done
{ sed 's/^live/127.0.0.1/' "$T/one.at"; sed 's/^live/10.99.0.2/' "$T/two.at"
for port in 1 2 3 4 5; do echo "10.99.0.3 $port"; done; } |
    awk '{ printf("{\"kind\":\"device\",\"tenant\":\"eds\"," \
    "\"device\":\"d%d\",\"profile\":\"t-modbus\"," \
    "\"address\":\"tcp://%s:%d\"}\n", NR, $1, $2) }' >"$T/net.ndjson"
timeout 15 bms-poll --share "$T/share" -d "$T/net.ndjson" -e 2s >"$T/net.out" &
poller=$!
sleep 7
: >"$T/down"
wait $poller
: >"$T/over"
kill $server
S
cat >two <<'S'
: >"$T/apart"
await() { while [ -d "$T" ] && [ ! -e "$T/$1" ]; do sleep 0.1; done; }
for i in $(seq 50); do ip link show v1 && break; sleep 0.1; done
ip addr add 10.99.0.2/24 dev v1 && ip link set v1 up || exit 9
"$PY" "$TESTS/bms-poll.fleet.py" many "$T/two.at" 5 0 0 10.99.0.2 &
server=$!
await down
ip link set v1 down
await over
kill $server
S
export PY TESTS T
if ! unshare -rn ip link add v0 type veth peer name v1 2>/dev/null; then
	skip "no network namespaces here" "dropped packets"
else
	timeout 60 unshare -rn sh one >net.log 2>&1
	# shellcheck disable=SC2046 # names without blanks
	is "$(judge 2 net.out $(seq -f d%g 1 10))" "" \
	    "hosts that swallow every packet: the others in every slot"
	is "$(jq -r 'select(.error)|.device' net.out | sort -V | uniq |
	    tr '\n' ' ')" "d11 d12 d13 d14 d15 d16 d17 d18 d19 d20 " \
	    "one host was never there, one went away"
	is "$(jq -r 'select(.device=="d11" and .error == null)|.time' net.out |
	    wc -l | awk '{ print ($1 >= 2) }')" 1 "and had answered before"
	is "$(jq -r 'select(.error)|.error' net.out | sort -u)" \
	    "timeout after 1.0 s" "their reason"
fi

done_testing
