#!/bin/sh
# bms-normalize --explain: what it says of frames whose values were worked
# out by hand, and that it never says other than the reading does.
. "$(dirname "$0")/lib.sh"

# frame PROFILE PROTOCOL REST
frame() {
	printf '{"kind":"frame","time":"2026-01-02T03:04:05.000Z",'
	printf '"tenant":"acme","device":"r1","profile":"%s",' "$1"
	printf '"protocol":"%s","complete":true,%s}\n' "$2" "$3"
}
# says TEXT NAME: a whole line of the last explanation
says() {
	grep -qxF -- "$1" out
	ok $? "$2"
}

# 0x1475 = 5237, 0xff4d = -179: hundredths of volts, tenths of amperes
frame pylontech-can can \
    '"messages":["356#75144DFFD700","355#C8006200","7FF#00"]' >can.ndjson
status 0 "a CAN frame" bms-normalize --explain can.ndjson
says 'frame 2026-01-02T03:04:05.000Z of acme/r1, profile pylontech-can, can' \
    "says which"
says '    356#75144DFFD700' "the bytes as they came"
says '    7FF#00, not of this profile' "messages that nobody wants"
says 'pack_voltage: 52.370 V' "a value and its unit"
says '    message 0x356 values, signal voltage (16 bits from 0, little endian): 5237' \
    "the signal and its raw number"
says '    x 0.01' "the scale"
says 'pack_current: -17.900 A' "a negative one"
says 'soc_percent: refused: "soc_percent 200.00 % above 100 %"' \
    "what is implausible"
says 'charge_voltage_limit: absent, not in the frame' "what is not there"
says 'pack_power: -937.42 W, derived' "what follows from others"
says 'data_quality: "poor"' "and how much of it is trusted"

# 0x751f = 29983 is (29983 - 30000) / 10 A; sensors at raw - 40
cells=$(printf '0ce5%.0s' 1 2)$(printf '0000%.0s' $(seq 30))
frame daly-modbus modbus "\"blocks\":[{\"function\":3,\"address\":0,\"data\":\"${cells}0041ffff0000000000000000000000000042751f01f400000000000000000000010000020002\"},{\"function\":3,\"address\":58,\"data\":\"0002\"}]" >modbus.ndjson
status 0 "a Modbus frame" bms-normalize --explain modbus.ndjson
says 'pack_current: -1.700 A' "a value with an offset"
says '    function 3, register 41: 751f = 29983' "register and bytes"
says '    - 3000' "the offset"
says 'cell_voltages: 3.301, 3.301 V' "a list"
says '    as many as function 3, register 49: 0002 = 2' "and how long it is"
says '    function 3, register 33: ffff = 65535, not implemented' \
    "an item that the device has not"
says 'fault_codes: "cell_overvoltage"' "a bit"
says '    function 3, register 58: 0002 = 2' "and where it is"

# the second rule replaces the first; a condition that does not hold
mkdir own
cat >own/two.json <<'JSON'
{"protocol":"modbus","measurements":[
 {"name":"soc_percent","at":1},
 {"name":"soc_percent","at":2,"scale":0.1,"absent":65535},
 {"name":"soh_percent","at":3,"absent":65535},
 {"name":"charge_cycles","at":4,"when":{"at":1,"above":90}},
 {"name":"pack_power","sum":[{"at":5},{"at":6,"minus":true}]},
 {"name":"operation_mode","at":7,"values":{"1":"charging"}}]}
JSON
frame two modbus '"blocks":[{"function":3,"address":1,"data":"00320205ffff000703e803f2"},{"function":3,"address":7,"data":"0009"}]' >two.ndjson
status 0 "a profile with conditions" bms-normalize --explain --profiles own two.ndjson
says 'soc_percent: 50.00 % (replaced by a later rule)' "what was replaced"
says 'soc_percent: 51.70 %' "by what"
says 'soh_percent: absent, marked as not implemented' "a sentinel"
says 'charge_cycles: nothing, a condition does not hold' "a condition"
says '    when function 3, register 1 is above 90: 0032 = 50, does not hold' \
    "and what it looked at"
says 'pack_power: -10.00 W' "1000 - 1010"
says '    minus function 3, register 6: 03f2 = 1010' "a term taken off"
says 'operation_mode: nothing, the raw value stands for none' \
    "a number without a word"

frame sunspec-battery modbus "$(jq -c '.vectors[0].frame.blocks' \
    "$TBMS_SHARE/profiles/sunspec-battery.json" | sed 's/^/"blocks":/')" >sun.ndjson
status 0 "a SunSpec chain" bms-normalize --explain sun.ndjson
like "$(grep -A 3 '^pack_voltage' out)" \
    'times 10 to the model 802 .*, register 59: fffe = -2' "its scale factor"
frame jk-4e57 serial "$(jq -c '.vectors[0].frame.lines' \
    "$TBMS_SHARE/profiles/jk-4e57.json" | sed 's/^/"lines":/')" >jk.ndjson
status 0 "a serial frame" bms-normalize --explain jk.ndjson
like "$(grep -A 1 '^pack_voltage' out)" 'tag 131 .*byte 0: 03e0 = 992' \
    "its tag"
sed s/03e0/03e1/ jk.ndjson >damaged.ndjson
status 1 "a serial frame with a flipped bit" \
    bms-normalize --explain damaged.ndjson
like "$(sed -n 2p out)" '^    line 0: its checksum is wrong$' \
    "its damage is said"

{
	cat can.ndjson
	echo '{"kind":"mark","segment":7}'
	echo '{"kind":"battery","tenant":"a"}'
	echo 'no json'
	frame pylontech-can can '"messages":["7FF#00"]'
} >mixed.ndjson
status 1 "lines of all kinds" bms-normalize --explain mixed.ndjson
is "$(grep -c '^frame ' out)" 2 "frames only"
is "$(wc -l <err | tr -d ' ')" 2 "what is bad is named"

# every vector of every profile: what is said is what the reading has
cat >all.py <<'PY'
import glob, json, os, re, subprocess, sys
frames, bad, seen = [], 0, 0
for path in sorted(glob.glob(sys.argv[1] + '/profiles/*.json')):
    profile = json.load(open(path))
    for vector in profile.get('vectors', []):
        frame = {'kind': 'frame', 'time': '2026-01-02T03:04:05.000Z',
                 'tenant': 't', 'device': 'd', 'complete': True,
                 'profile': os.path.basename(path)[:-5],
                 'protocol': profile['protocol']}
        frame.update(vector['frame'])
        frames.append(json.dumps(frame, separators=(',', ':')))
for frame in frames:
    run = [subprocess.run(['bms-normalize', *more, '-p',
                           json.loads(frame)['profile']],
                          input=frame.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
           for more in ([], ['--explain'])]
    if not run[0].stdout:
        continue
    reading = json.loads(run[0].stdout)
    told = {}
    for line in run[1].stdout.decode().splitlines():
        match = re.match(r'([a-z_]+): (-?[0-9.]+|"[A-Za-z0-9_-]+"|true|false)'
                         r'( [^ ,0-9]+)?(, derived|, noted: .*)?$', line)
        if match:
            told[match.group(1)] = json.loads(match.group(2))
    for key, value in reading.items():
        if key in ('kind', 'time', 'tenant', 'device', 'profile', 'notes'):
            continue
        if isinstance(value, (list, dict)):
            continue
        seen += 1
        if told.get(key) != value and key != 'bms_timestamp':
            bad += 1
            print('# %s %s: %r, not %r' % (reading['profile'], key,
                                           told.get(key), value))
print('# %d values of %d frames' % (seen, len(frames)))
sys.exit(1 if bad or seen < 500 else 0)
PY
python3 all.py "$TBMS_SHARE" >report 2>&1
ok $? "every value of every vector is explained as it is"
cat report
done_testing
