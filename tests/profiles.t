#!/bin/sh
# What a profile can say: sums, bits that nobody named, addresses that count
# bytes. Values are worked out by hand beside each frame.
. "$(dirname "$0")/lib.sh"

mkdir own
# decode PROTOCOL-PART MEASUREMENTS FRAME-PART: one reading
decode() {
	printf '{"protocol":"modbus","modbus":%s,"measurements":%s}' \
	    "$1" "$2" >own/one.json
	printf '{"kind":"frame","time":"2026-01-02T03:04:05.000Z","tenant":"t","device":"d","profile":"one","protocol":"modbus","complete":true,%s}\n' \
	    "$3" | bms-normalize --profiles own 2>&1
}
# blocks ADDRESS DATA [ADDRESS DATA]
blocks() {
	printf '"blocks":['
	comma=
	while [ $# -gt 0 ]; do
		printf '%s{"function":3,"address":%d,"data":"%s"}' \
		    "$comma" "$1" "$2"
		comma=,
		shift 2
	done
	printf ']'
}

# bits: 0x8005 has bits 0, 2 and 15
named='[{"name":"fault_codes","at":1,"bits":{"0":"low"}},
	{"name":"warning_codes","at":1,"bits":{"1":"warm","2":"high"}}]'
is "$(decode '{}' "$named" "$(blocks 1 8005)" |
    jq -c '[.fault_codes,.warning_codes]')" \
    '[["low","unknown_bit_15"],["high"]]' \
    "a bit without a name is unknown_bit_N, once, and a fault"
is "$(decode '{}' "$named" "$(blocks 1 0002)" |
    jq -c '[.fault_codes,.warning_codes]')" '[[],["warm"]]' \
    "bits that another rule names are known"
is "$(decode '{}' '[{"name":"fault_codes","at":1,"bits":{"0":"low","15":null}}]' \
    "$(blocks 1 8000)" | jq -c .fault_codes)" '[]' "null: a bit without a say"
is "$(decode '{}' '[{"name":"fault_codes","at":1,"bits":{"0":"low"}},
	{"name":"charging_enabled","at":1,"bit":3}]' "$(blocks 1 0018)" |
    jq -c .fault_codes)" '["unknown_bit_4"]' \
    "a bit that is read alone is known"
is "$(decode '{}' '[{"name":"fault_codes","at":1,"bits":{"0":"low"}},
	{"name":"fault_codes","at":2,"bits":{"0":"high"}}]' \
    "$(blocks 1 00020003)" | jq -c .fault_codes)" \
    '["unknown_bit_1","high","unknown_bit_1_at_2"]' \
    "of a second place it says where"
is "$(decode '{}' '[{"name":"fault_codes","at":1,"bit":8,"width":8,
	"bits":{"0":"low"}},{"name":"pack_voltage","at":1,"bit":0,"width":8}]' \
    "$(blocks 1 0334)" | jq -c '[.fault_codes,.pack_voltage]')" \
    '[["low","unknown_bit_9"],52]' "part of a register: its own bits only"

like "$(decode '{}' '[{"name":"fault_codes","at":1,"bits":{"16":"low"}}]' \
    "$(blocks 1 0001)")" 'fault_codes: 16 is no raw value or bit$' \
    "a bit that a register does not have"

# sums: 0x0100 + 0x0020 - 0x0003 = 285
sum='[{"name":"pack_power","sum":[{"at":1},{"at":3},{"at":5,"minus":true}],
	"absent":65535,"scale":2}]'
is "$(decode '{}' "$sum" "$(blocks 1 0100 3 0020 5 0003)" |
    jq -c '[.pack_power,.charge_power]')" '[570,570]' "a sum, and minus"
is "$(decode '{}' "$sum" "$(blocks 1 0100 3 ffff 5 0003)" |
    jq -c .pack_power)" 506 "what is marked as absent does not count"
like "$(decode '{}' "$sum" "$(blocks 1 ffff 3 ffff 5 ffff)")" \
    'nothing known' "nothing known, no sum"
like "$(decode '{}' "$sum" "$(blocks 1 0100 5 0003)")" 'nothing known' \
    "what is not in the frame makes it unknown"
is "$(decode '{}' '[{"name":"pack_power","sum":[{"at":1,"type":"f32"},
	{"at":3,"type":"s32"}]}]' "$(blocks 1 3fc00000fffffffe)" |
    jq -c .pack_power)" -0.5 "1.5 as a float and -2"
like "$(decode '{}' '[{"name":"pack_power","sum":[{"at":1}]}]' \
    "$(blocks 1 0001)")" 'sum: not 2 to 32' "a sum of one is refused"
like "$(decode '{}' '[{"name":"pack_power","sum":[{"at":1},{"add":1}]}]' \
    "$(blocks 1 0001)")" 'sum\[1\]: not a place' "and one without a place"

# addresses that count bytes: 16 cells are 32 of them
bytes='[{"name":"cell_voltages","at":"0x1200","count":3,"scale":0.001},
	{"name":"pack_voltage","at":"0x1290","type":"u32","scale":0.001},
	{"name":"soc_percent","at":"0x12a6","bit":0,"width":8}]'
is "$(decode '{"byte_addresses":true}' "$bytes" \
    "$(blocks 0x1200 0ce50ce60ce3 0x1290 0000ce4b 0x12a6 024d)" |
    jq -c '[.cell_voltages,.pack_voltage,.soc_percent]')" \
    '[[3.301,3.302,3.299],52.811,77]' "addresses that count bytes"

# asked by bms-poll: a unit that answers as another, and addresses in bytes
port=$(free_port)
background python3 "$TESTS/profiles-peer.py" "$port" "$TBMS_SHARE" >peer
wait_for 10 grep -q listening peer
for pair in daly-modbus-81:129 jk-pb-modbus:1; do
	printf '{"kind":"device","device":"%s","tenant":"t","profile":"%s","unit":%s,"address":"rtu+tcp://127.0.0.1:%s"}\n' \
	    "${pair%:*}" "${pair%:*}" "${pair#*:}" "$port"
done >devices
bms-poll --devices devices >polled 2>err
bms-normalize <polled >readings
is "$(jq -s -c 'sort_by(.device)[] | [.pack_voltage, .pack_current,
    .soc_percent, (.cell_voltages | length)]' readings | tr '\n' ' ')" \
    '[53,-8.9,86.4,16] [52.811,-12.5,77,16] ' \
    "a unit with another number, and addresses that count bytes"
is "$(jq -s -c 'map(.complete)' polled)" '[true,true]' "both are whole"

# what the profiles say of themselves, on their page and at the shell
page=$B/man/bms-profiles.7
bms-normalize --list-profiles >list
is "$(cut -f 1 list | sort)" "$(printf '%s\n' "$TBMS_SHARE"/profiles/*.json |
    sed 's|^.*/||;s|\.json$||' | sort)" "each profile is in the list"
for profile in "$TBMS_SHARE"/profiles/*.json; do
	name=$(basename "$profile" .json)
	jq -e '[.maker, .model, .source, .licence] |
	    all(type == "string" and length > 1)' "$profile" >said
	ok $? "$name says maker, model, source and licence"
	jq -e '(.notes | length > 0) and (.vectors | length > 0)' \
	    "$profile" >said
	ok $? "$name has its quirks and vectors"
	is "$(awk -F '\t' -v name="$name" '$1 == name {
	    print $2 "|" $3 "|" $4 "|" $5 }' list)" \
	    "$(jq -r '[.maker, .model, .protocol, .kind // "battery"] |
	    join("|")' "$profile")" "$name is in the list as it is"
	[ -f "$page" ] || continue
	awk -v name=".It Cm $name" '$0 == name { on = 4 } on-- > 0' \
	    "$page" >entry
	is "$(sed -n 2,3p entry | tr '\n' ' ')" \
	    "$(jq -r '"\(.maker): \(.model) .Pq \(.protocol), \(
	    .kind // "battery") "' "$profile")" "$name is on the page"
done
for dbc in "$TBMS_SHARE"/profiles/*.dbc; do
	name=$(basename "$dbc")
	grep -ql "\"$name\"" "$TBMS_SHARE"/profiles/*.json
	ok $? "$name is of a profile"
done
is "$([ "$(wc -l <list)" -ge 25 ] && echo enough)" enough \
    "at least 25 devices"
done_testing
