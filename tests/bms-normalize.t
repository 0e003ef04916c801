#!/bin/sh
# bms-normalize: frames to readings, line by line, and what is refused.
. "$(dirname "$0")/lib.sh"

# frame PROFILE PROTOCOL REST: one canonical frame line
frame() {
	printf '{"kind":"frame","time":"2026-01-02T03:04:05.000Z",'
	printf '"tenant":"acme","device":"r1","profile":"%s",' "$1"
	printf '"protocol":"%s",%s}\n' "$2" "$3"
}
can() {
	frame pylontech-can can '"complete":true,"messages":["356#75144DFFD700"]'
}

bms-normalize --check-profiles >vectors
is "$?" 0 "all vectors of all profiles"
for profile in "$TBMS_SHARE"/profiles/*.json; do
	name=$(basename "$profile" .json)
	grep -q "^ok $name: vector" vectors
	ok $? "$name carries vectors that hold"
done
grep '^not ok' vectors | sed 's/^/# /'

can >one
status 0 "one frame" bms-normalize one
is "$(jq -c '[.kind, .time, .tenant, .device, .profile, .pack_voltage,
	.pack_current, .temperatures, .data_quality]' out)" \
	'["battery","2026-01-02T03:04:05.000Z","acme","r1","pylontech-can",52.37,-17.9,[21.5],"good"]' \
	"its reading"
bms-normalize one one >twice
is "$(sort -u twice | wc -l | tr -d ' ')" 1 "the same line, the same reading"
jq -c . one | bms-normalize >canonical
same canonical out "a frame that jq printed gives the same"
jq . one | tr -d '\n' | bms-normalize >loose
same loose out "and one with blanks, in the slow way"

frame pylontech-can can '"complete":false,"error":"timeout after 1.0 s"' |
	bms-normalize >status
is "$(jq -c '[.kind,.error]' status)" '["status","timeout after 1.0 s"]' \
	"an error without content is a status"
frame pylontech-can can '"complete":false,"messages":["356#75144DFFD700"]' |
	bms-normalize >fair
is "$(jq -r .data_quality fair)" fair "an incomplete frame is fair"
frame pylontech-can can '"complete":true,"messages":["355#C8006200","356#75144DFFD700"]' |
	bms-normalize >poor
is "$(jq -c '[.data_quality,.notes,.soc_percent,.soh_percent]' poor)" \
	'["poor",["soc_percent 200.00 % above 100 %"],null,98]' \
	"what is implausible is absent and named"
frame pylontech-can can '"complete":true,"messages":["356#000000000000"]' |
	bms-normalize >zero
is "$(jq -r .data_quality zero)" invalid "a pack of 0 V is invalid"
is "$(jq -c 'del(.kind, .time, .tenant, .device, .profile)' zero)" \
	'{"data_quality":"invalid","notes":["all of the pack is 0: no data"]}' \
	"and tells nothing"
frame pylontech-can can '"complete":true,"messages":["355#32006200","356#000000000000"]' |
	bms-normalize >zero
is "$(jq -c '[.data_quality,.notes,.soc_percent]' zero)" \
	'["invalid",["pack_voltage and cells are 0"],50]' \
	"0 V with a charge is invalid as well"
late='"complete":true,"messages":["356#75144DFFD700"]'
frame pylontech-can can "$late" | sed 's/,"tenant"/,"received":"2026-01-01T00:00:00.000Z"&/' >ahead
bms-normalize ahead >reading
is "$(jq -c '[.time,.bms_timestamp,.notes,.data_quality]' reading)" \
	"[\"2026-01-01T00:00:00.000Z\",$(jq -c .time ahead),[\"time is ahead: that of receipt taken\",\"bms_timestamp is ahead\"],\"good\"]" \
	"a stamp from the future becomes the time of receipt"
jq -c . ahead | sed 's/:/: /' | bms-normalize >slow
same slow reading "and so in the slow way"
frame pylontech-can can "$late" | sed 's/,"tenant"/,"received":"2036-01-01T00:00:00.000Z"&/' |
	bms-normalize >reading
is "$(jq -c '[.time,.notes]' reading)" "[$(jq -c .time ahead),null]" \
	"one from the past stays"

cat >mixed <<'EOF'
{"kind":"battery","time":"2026-01-02T03:04:05.000Z","tenant":"a","device":"b"}
{"kind":"alert","id":1}
{"kind":"mark","segment":7}
{"kind":"unheard-of","x":[1,2]}
EOF
status 0 "lines of other kinds" bms-normalize mixed
same out mixed "pass through unchanged"

{
	can
	frame nobody can '"complete":true,"messages":["356#75144DFFD700"]'
	echo 'no json'
	echo '{"kind":"frame","time":"2026-01-02T03:04:05.000Z"}'
	frame pylontech-can can '"complete":true,"messages":["7FF#00"]'
	frame pylontech-can modbus '"complete":true,"blocks":[{"function":3,"address":0,"data":"0001"}]'
	can | head -c 90
	echo
	printf '{"kind":"frame","x":"\377"}\n'
	can
} >bad
status 1 "bad lines among good ones" bms-normalize --reject rejects bad
is "$(wc -l <out | tr -d ' ')" 2 "the good ones come out"
is "$(wc -l <err | tr -d ' ')" 7 "one diagnostic a bad line"
is "$(cut -d: -f1-3 err | tr '\n' ' ')" \
	"bms-normalize: bad:2 bms-normalize: bad:3 bms-normalize: bad:4 bms-normalize: bad:5 bms-normalize: bad:6 bms-normalize: bad:7 bms-normalize: bad:8 " \
	"with file and line"
sed -n '2,8p' bad >wanted
same rejects wanted "--reject keeps them as they came"
{ head -c 1100000 /dev/zero | tr '\0' x; echo; can; } >long
status 1 "a line that is too long" bms-normalize long
is "$(wc -l <out | tr -d ' ')" 1 "the next one comes out"

python3 - >junk <<'END'
import json
print(json.dumps({"kind": "frame", "time": "2026-03-01T00:00:00.000Z",
    "tenant": "t", "device": "d", "profile": "pylontech-console",
    "protocol": "serial", "complete": True,
    "lines": ["pwr\n@" * 10000] * 13}, separators=(",", ":")))
END
status 1 "heads of pages without an end do not take a minute" timeout 30 \
    bms-normalize junk

status 2 "no such directory" bms-normalize --profiles nowhere one
status 2 "no such profile" bms-normalize -p nobody one
status 2 "no such file" bms-normalize nothing
status 2 "no such option" bms-normalize --what
mkdir own
echo '{"protocol":"modbus","measurements":[{"name":"pack_voltage","at":1,"sacle":2}]}' >own/typo.json
status 2 "a profile with a wrong member" bms-normalize --profiles own one
like "$(cat err)" 'own/typo\.json: .*measurements\[0\].*sacle' "says where"
cp -R "$TBMS_SHARE/profiles" damaged
head -c 3000 damaged/foxbms2.dbc | tr : ';' >damaged/x
mv damaged/x damaged/foxbms2.dbc
status 2 "a DBC file that is damaged" bms-normalize --profiles damaged one
like "$(cat err)" 'foxbms2\.json: foxbms2\.dbc: line [0-9]+' "says where"
status 111 "output that cannot be written" sh -c 'exec bms-normalize one >/dev/full'

mkfifo pipe
background bms-normalize pipe >live
normalize=$!
exec 9>pipe
can >&9
wait_for 10 grep -q pack_voltage live
ok $? "a reading is flushed before it waits for more"
if grep -q '^Seccomp:' "/proc/$normalize/status" 2>/dev/null; then
	is "$(awk '/^(NoNewPrivs|Seccomp):/ { printf "%s%s ", $1, $2 }' \
	    "/proc/$normalize/status")" "NoNewPrivs:1 Seccomp:2 " \
	    "it has given up its rights before the first line"
else
	skip "no seccomp in this kernel" "it has given up its rights"
fi
kill -TERM "$normalize"
wait "$normalize"
is "$?" 0 "SIGTERM ends it with 0"
exec 9>&-
done_testing
