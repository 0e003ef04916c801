#!/bin/sh
# bms-poll and bms-normalize against HTTP devices that share no code with
# them.
. "$(dirname "$0")/lib.sh"

PY=/usr/bin/python3
peer() {
	background "$PY" "$TESTS/bms-poll-http.peer.py" "$@" >>"$T/peer.log" 2>&1
}
poll() { bms-poll --share "$T/share" "$@"; }
# device NAME PROFILE ADDRESS [MORE MEMBERS]
device() {
	printf '{"kind":"device","tenant":"eds","device":"%s",' "$1"
	printf '"profile":"%s","address":"%s"%s}\n' "$2" "$3" "${4:+,$4}"
}
# profile PATH...: a profile that asks for these; prints its name
profile() {
	profile_name=p$(printf '%s' "$*" | cksum | cut -d ' ' -f 1)
	jq -cn --arg paths "$*" '{protocol:"http",
	    http:{requests:($paths|split(" "))},
	    measurements:[{name:"pack_voltage",item:"v"},
	    {name:"soc_percent",item:"soc"}]}' \
	    >"share/profiles/$profile_name.json"
	echo "$profile_name"
}
listening() { "$PY" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
mkdir -p share/profiles

# ---- what a profile and an address may say -----------------------------
good=$(profile /good)
web=$(free_port)
PEER_LOG=$T/asked peer http "$web" 1
wait_for 20 listening "$web"
ok $? "a server"
wrong_profile() {	# JSON of http, pattern, name
	jq -cn --argjson http "$1" '{protocol:"http",http:$http,
	    measurements:[{name:"pack_voltage",item:"v"}]}' \
	    >share/profiles/wrong.json
	device a wrong "http://127.0.0.1:$web" >bad.ndjson
	status 2 "$3" poll -d bad.ndjson
	like "$(cat err)" "$2" "... and it says so"
}
wrong_profile '{"requests":["good"]}' 'not the path' "a path without /"
wrong_profile '{"requests":["/a b"]}' 'not the path' "a path with a blank"
wrong_profile '{"requests":[]}' 'not 1 to 32' "no path"
wrong_profile '{"requests":["/a","/b"],"stream":"sse"}' 'not one' \
    "two paths of a stream"
wrong_profile '{"requests":["/a"],"stream":"udp"}' 'not sse' \
    "a stream that is none"
wrong_profile '{"requests":["/a"],"must":["x"]}' 'only for streams' \
    "must without a stream"
for item in 'a..b' '[x' 'a[1' 'a[*].b[*]' '/x#v' ''; do
	jq -cn --arg item "$item" '{protocol:"http",http:{requests:["/a"]},
	    measurements:[{name:"pack_voltage",item:$item}]}' \
	    >share/profiles/wrong.json
	device a wrong "http://127.0.0.1:$web" >bad.ndjson
	status 2 "no item: $item" poll -d bad.ndjson
done
rm share/profiles/wrong.json
for address in http:// http://a:0 http://a:99999 'http://u:p@h/' \
    'http://h/../x' 'http://h/#x' 'http://h?cafile=/x' 'https://h?secret=x' \
    'http://h?x=1' 'http://h/%41' ftp://h/; do
	device a "$good" "$address" >bad.ndjson
	status 2 "no address: $address" poll -d bad.ndjson
done
device a "$good" "tcp://127.0.0.1:$web" >bad.ndjson
status 2 "HTTP does not go over tcp://" poll -d bad.ndjson
device a "$good" "ws://127.0.0.1:$web" >bad.ndjson
status 2 "nor what is asked over ws://" poll -d bad.ndjson

# ---- good answers ----------------------------------------------------------
multi=$(profile /good /array)
based=$(profile /good)
localhost=localhost
getent hosts localhost >/dev/null || localhost=127.0.0.1
{ device a "$multi" "http://127.0.0.1:$web"
device b "$based" "http://$localhost:$web/base/"; } >good.ndjson
status 0 "two devices answer" poll -d good.ndjson --require-box
is "$(grep -o '"answers":.*' out | sort)" \
'"answers":[{"path":"/good","values":{"v":1.5}}]}
"answers":[{"path":"/good","values":{"v":52.5,"soc":87,"big":12345678901234567,"e":1.10e2}},{"path":"/array","values":[{"t":"a","v":1},{"t":"b","v":"x \" y"}]}]}' \
    "with the numbers as they came and no blanks"
is "$(jq -rc '[.kind,.protocol,.complete,.error]' out | sort -u)" \
    '["frame","http",true,null]' "whole frames"
is "$(bms-normalize --share "$T/share" out | jq -c '[.device,.pack_voltage,
    .soc_percent,.data_quality]' | sort)" '["a",52.5,87,"good"]
["b",1.5,null,"good"]' "and readings of them"
# nothing of the environment counts
status 0 "proxies are not asked" env http_proxy=http://127.0.0.1:1 \
    HTTPS_PROXY=http://127.0.0.1:1 ALL_PROXY=socks5://127.0.0.1:1 \
    bms-poll --share share -d good.ndjson

# ---- answers that are none -------------------------------------------------
: >bad.ndjson
for case in text empty nul joined deep many slow drip short length denied \
    broken file away large endless head garbage gone; do
	wait_ms=10000
	case $case in slow | drip) wait_ms=500 ;; esac
	device "$case" "$(profile /$case)" "http://127.0.0.1:$web" \
	    "\"timeout_ms\":$wait_ms" >>bad.ndjson
done
device refused "$good" "http://127.0.0.1:$(free_port)" >>bad.ndjson
device nowhere "$good" "http://no.such.invalid" '"timeout_ms":20000' \
    >>bad.ndjson
status 1 "devices that misbehave" poll -d bad.ndjson --require-box
is "$(jq -r .device out | sort | tr '\n' ' ')" \
"away broken deep denied drip empty endless file garbage gone head joined \
large length many nowhere nul refused short slow text " "a frame of each"
error() { jq -r --arg d "$1" 'select(.device==$d).error' out; }
says() { like "$(error "$1")" "$2" "$1: $2"; }
says text '^/text: is no JSON: '
says empty '^/empty: HTTP 200 without a body$'
says nul '^/nul: is no JSON: has a NUL'
says joined '^/joined: is no JSON: '
says deep '^/deep: is nested deeper than 16$'
says many '^/many: has more than 4096 members$'
says slow '^timeout after 0\.5 s$'
says drip '^timeout after 0\.5 s$'
says short 'bytes remaining to read'
says length 'Invalid Content-Length'
says denied '^/denied: HTTP 401$'
says broken '^/broken: HTTP 500$'
says file '^/file: HTTP 302, a redirection, which is not followed$'
says away '^/away: HTTP 302, a redirection, which is not followed$'
says large '^/large: more than 1048576 bytes$'
says endless '^/endless: more than 1048576 bytes$'
says head 'Too large response headers'
says garbage 'HTTP/0.9'
says gone '^/gone: HTTP 404$'
says refused '^connect: Connection refused$'
says nowhere '^Could not resolve host'
is "$(jq -r '(.answers|length),.complete' out | sort -u | tr '\n' ' ')" "0 false " "and nothing is kept of them"
mv out frames
status 0 "readings of them" bms-normalize --share "$T/share" frames
is "$(jq -r .kind out | sort | uniq -c | awk '{ print $1 $2 }' |
    tr '\n' ' ')" "21status " "are of kind status"
device over "$(profile /over)" "http://127.0.0.1:$web" >over.ndjson
status 0 "more than was announced" poll -d over.ndjson
is "$(jq -c '.answers[].values.soc' out)" 87 "is cut there"
part=$(profile /gone /good /denied /good)
device a "$part" "http://127.0.0.1:$web" >part.ndjson
status 1 "one page of several is not there" poll -d part.ndjson
is "$(jq -c '[.complete,.error,[.answers[].path]]' out)" \
    '[false,"/gone: HTTP 404",["/good"]]' \
    "the others are read, up to one that forbids"

# ---- TLS ------------------------------------------------------------------
tls=$(free_port)
{ openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem \
    -subj /CN=ca -days 2 &&
openssl req -newkey rsa:2048 -nodes -keyout srv.key -out srv.csr \
    -subj /CN=localhost &&
printf 'subjectAltName=IP:127.0.0.1,DNS:envoy.test' >ext &&
openssl x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 2 -extfile ext -out srv.pem &&
printf 'subjectAltName=DNS:other.test' >ext &&
openssl x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 2 -extfile ext -out other.pem; } >/dev/null 2>&1
ok $? "certificates"
PEER_LOG=$T/asked peer https "$tls" srv.pem srv.key
other=$(free_port)
peer https "$other" other.pem srv.key
wait_for 20 listening "$tls" && wait_for 20 listening "$other"
ok $? "TLS servers"
{ device unknown "$good" "https://127.0.0.1:$tls"
device known "$good" "https://127.0.0.1:$tls?cafile=$T/ca.pem"
device name "$good" "https://127.0.0.1:$other?cafile=$T/ca.pem"
device plain "$good" "https://127.0.0.1:$web?cafile=$T/ca.pem"
device mixed "$good" "http://127.0.0.1:$tls"; } >tls.ndjson
status 1 "TLS" poll -d tls.ndjson --require-box
is "$(error known)" null "a certificate of the given authority is good"
says unknown '[Cc]ertificate'
says name '(no alternative certificate subject name|name .*match)'
says plain 'wrong version number'
says mixed '.'
device a "$good" "https://127.0.0.1:$tls?cafile=$T/none.pem" >bad.ndjson
status 2 "an authority that is not there" poll -d bad.ndjson

# ---- credentials ---------------------------------------------------------
umask 077
secret() {	# NAME LINE...: a file for the plain server
	secret_file=$T/$1.key
	shift
	printf '%s\n' "# test" "for http://127.0.0.1:$web" "$@" >"$secret_file"
}
: >cred.ndjson
secret bearer "bearer tok-4711"
secret basic "basic me:a b:c"
secret digest "digest envoy:122233"
secret header "header X-API-Key: k 1"
for case in bearer basic digest header; do
	device "$case" "$(profile /$case)" \
	    "http://127.0.0.1:$web?secret=$T/$case.key" >>cred.ndjson
done
device none "$(profile /bearer)" "http://127.0.0.1:$web" >>cred.ndjson
status 1 "credentials" poll -d cred.ndjson --require-box
is "$(jq -c '[.device,.error]' out | sort | tr '\n' ' ')" \
'["basic",null] ["bearer",null] ["digest",null] ["header",null] ["none","/bearer: HTTP 401"] ' \
    "are shown where they are named, and nowhere else"
is "$(cat out err | grep -Ec 'tok-4711|a b:c|122233|k 1')" 0 \
    "and never printed"
refused() {	# PATTERN NAME: the file bearer.key is refused
	device a "$(profile /bearer)" \
	    "http://127.0.0.1:$web?secret=$T/bearer.key" >bad.ndjson
	status 2 "$2" poll -d bad.ndjson
	like "$(cat err)" "$1" "... and it says so"
	is "$(grep -c tok-4711 err)" 0 "... without the token"
}
chmod 0604 bearer.key
refused 'chmod 0600' "a file that all may read"
chmod 0660 bearer.key
refused 'chmod 0600' "a file that a group may write"
chmod 0600 bearer.key
printf 'for http://127.0.0.1:%s\nbearer tok-4711\n' "$tls" >bearer.key
refused 'not "for"' "a file for another port"
printf 'for https://127.0.0.1:%s\nbearer tok-4711\n' "$web" >bearer.key
refused 'not "for"' "a file for another scheme"
printf 'bearer tok-4711\n' >bearer.key
refused 'not "for"' "a file for nobody"
printf 'for http://127.0.0.1:%s\n' "$web" >bearer.key
refused 'no credentials' "an empty file"
printf 'for http://127.0.0.1:%s\ntoken tok-4711\n' "$web" >bearer.key
refused 'line 2' "a line that is none"
printf 'for http://127.0.0.1:%s\nheader Host: tok-4711\n' "$web" >bearer.key
refused 'line 2' "another host's name"
rm bearer.key && mkdir bearer.key
refused 'regular' "a directory"
rmdir bearer.key
refused 'No such file' "no file"
umask 022

# ---- one connection, and slots ---------------------------------------------
: >asked
{ device a "$good" "http://127.0.0.1:$web"
device b "$multi" "http://127.0.0.1:$web"
device c "$(profile /slow)" "http://127.0.0.1:$web" '"timeout_ms":200'
device d "$good" "http://127.0.0.1:$web"; } >slots.ndjson
background bms-poll --share share -d slots.ndjson --every 500ms >slots.out
slots=$!
at_least() { test "$(grep -c "$1" "$2")" -ge "$3"; }
wait_for 20 at_least '"device":"d"' slots.out 3
ok $? "each in its slots, a silent one among them"
kill "$slots"
wait "$slots"
is $? 0 "until the end is asked for"
is "$(jq -r '"\(.device) \(.error)"' slots.out | sort -u)" "a null
b null
c timeout after 0.2 s
d null" "only that one fails"

# ---- streams ---------------------------------------------------------------
# stream NAME KIND MEMBERS: a profile of a stream at /NAME
stream() {
	jq -cn --arg path "/$1" --arg kind "$2" --argjson more "$3" \
	    '{protocol:"http",cycle:"400ms",
	    http:({requests:[$path],stream:$kind}+$more),
	    measurements:[{name:"pack_voltage",item:"pack#v"},
	    {name:"soc_percent",item:"soc#soc"}]}' >"share/profiles/$1.json"
}
both='{"must":["pack","soc"]}'
stream events sse "$both"
stream lines lines '{"must":["pack","soc"],"key":"topic"}'
stream half sse "$both"
for case in quiet nonsense ends cut long flood gone; do
	stream "$case" sse '{"must":["pack"]}'
done
for case in events lines half quiet nonsense ends cut long flood gone; do
	wait_ms=20000
	case $case in half | quiet | nonsense) wait_ms=1200 ;; esac
	device "$case" "$case" "http://127.0.0.1:$web" "\"timeout_ms\":$wait_ms"
done >streams.ndjson
status 1 "streams" poll -d streams.ndjson --require-box
is "$(jq -c 'select(.device=="events" or .device=="lines")|[.device,.complete,
    .error,([.answers[].path]|sort)]' out | sort)" \
    '["events",true,null,["pack","soc"]]
["lines",true,null,["pack","soc"]]' "one whole cycle of each"
is "$(jq -c 'select(.device=="half")|[.complete,.error,.answers]' out)" \
    '[false,null,[{"path":"pack","values":{"v":1.5}}]]' \
    "one that lacks something says so"
is "$(jq -c 'select(.device=="ends" or .device=="half" or .device=="lines" or
    .device=="events")' out | bms-normalize --share "$T/share" |
    jq -c '[.device,(.pack_voltage|floor),.soc_percent,.data_quality]' |
    sort)" '["ends",2,null,"good"]
["events",52,87,"good"]
["half",1,null,"fair"]
["lines",52,87,"good"]' "and readings of them"
says quiet '^timeout after 1\.2 s$'
says nonsense '^is no JSON: '
says cut '^stream ended by the device$'
says long '^a message of more than 1048576 bytes$'
says flood '^more than (4194304 bytes in one cycle|a frame can hold)$'
says gone '^/gone: HTTP 404$'
grep -E '"device":"(events|ends|gone)"' streams.ndjson >every.ndjson
background bms-poll --share share -d every.ndjson --every 500ms >every.out
every=$!
wait_for 20 at_least '"device":"events".*"complete":true' every.out 4 &&
    wait_for 20 at_least '"device":"ends".*"complete":true' every.out 2
ok $? "a stream that ended is opened anew"
kill "$every"
wait "$every"
is $? 0 "until the end is asked for"
is "$(jq -r 'select(.device=="events")|"\(.complete) \(.error)"' every.out |
    sort -u)" "true null" "one that goes on is whole in each slot"
is "$(jq -r 'select(.device=="gone").error' every.out | sort -u)" \
    "/gone: HTTP 404" "one that is not there fails in each"

# ---- WebSocket -------------------------------------------------------------
ws=$(free_port) wss=$(free_port) mute=$(free_port)
peer ws "$ws"
peer ws "$wss" srv.pem srv.key
peer mute "$mute"
wait_for 20 listening "$ws" && wait_for 20 listening "$wss" &&
    wait_for 20 listening "$mute"
ok $? "WebSocket servers"
both='{"must":["pack","soc"],"key":"topic"}'
stream ws websocket '{"must":["pack","soc"],"key":"topic",
    "subscribe":["{\"subscribe\":\"pack\"}","{\"subscribe\":\"soc\"}"]}'
cases="ws ws-split ws-large ws-long ws-endless ws-binary ws-bytes ws-close
ws-reset ws-wrong ws-silent"
: >ws.ndjson
for case in $cases; do
	[ "$case" = ws ] || stream "$case" websocket "$both"
	wait_ms=20000
	case $case in ws-binary | ws-silent) wait_ms=1200 ;; esac
	device "$case" "$case" "ws://127.0.0.1:$ws" "\"timeout_ms\":$wait_ms" \
	    >>ws.ndjson
done
for case in denied away gone good; do
	stream "$case" websocket "$both"
	device "ws-$case" "$case" "ws://127.0.0.1:$web" '"timeout_ms":20000' \
	    >>ws.ndjson
done
{ device named ws "ws://$localhost:$ws/base" '"timeout_ms":20000'
device tls ws "wss://127.0.0.1:$wss?cafile=$T/ca.pem" '"timeout_ms":20000'
device stranger ws "wss://127.0.0.1:$wss" '"timeout_ms":20000'
device wrongname ws "wss://127.0.0.1:$other?cafile=$T/ca.pem" \
    '"timeout_ms":20000'
device mute ws "ws://127.0.0.1:$mute" '"timeout_ms":700'
device refused ws "ws://127.0.0.1:$(free_port)"
device nowhere ws "ws://no.such.invalid" '"timeout_ms":20000'
device plain ws "wss://127.0.0.1:$ws" '"timeout_ms":20000'; } >>ws.ndjson
umask 077
printf 'for ws://127.0.0.1:%s\nbearer tok-4711\n' "$ws" >ws.key
umask 022
stream ws-auth websocket "$both"
device ws-auth ws-auth "ws://127.0.0.1:$ws?secret=$T/ws.key" \
    '"timeout_ms":20000' >>ws.ndjson
status 1 "gateways" env http_proxy=http://127.0.0.1:1 \
    socks_proxy=127.0.0.1:1 bms-poll --share share -d ws.ndjson --require-box
is "$(jq -r .device out | sort | tr '\n' ' ')" \
"mute named nowhere plain refused stranger tls wrongname ws ws-auth ws-away ws-binary \
ws-bytes ws-close ws-denied ws-endless ws-gone ws-good ws-large ws-long ws-reset \
ws-silent ws-split ws-wrong " "a frame of each"
is "$(jq -c 'select(.complete)|[.device,([.answers[].path]|sort)]' out |
    sort | tr '\n' ' ')" \
'["named",["pack","soc"]] ["tls",["pack","soc"]] ["ws",["pack","soc"]] ["ws-auth",["pack","soc"]] ["ws-bytes",["pack","soc"]] ["ws-large",["pack","soc"]] ["ws-split",["pack","soc"]] ' \
    "the good ones are whole"
is "$(jq -c 'select(.device=="ws")' out | bms-normalize --share "$T/share" |
    jq -c '[.pack_voltage,.soc_percent]')" '[52.5,87]' "and a reading of one"
says ws-long '^a message of more than 1048576 bytes$'
says ws-endless '^a message of more than 1048576 bytes$'
says ws-binary '^is no JSON'
says ws-close '^connection closed by the device$'
is "$(jq -c 'select(.device=="ws-close")|[.answers[].path]' out)" '["pack"]' \
    "what came before is kept"
says ws-reset '^connection closed by the device$'
says ws-wrong '^connection closed by the device$'
says ws-gone '^/gone: HTTP 404$'
says ws-good '^/good: HTTP 200$'
says ws-denied '^/denied: HTTP 401$'
says ws-away '^/away: HTTP 302$'
says ws-silent '^timeout after 1\.2 s$'
says stranger '^no TLS, or a certificate'
says wrongname '^no TLS, or a certificate'
says mute '^timeout after 0\.7 s$'
says refused '^Unable to connect$'
says nowhere '^look up: '
says plain '^no TLS, or a certificate'
is "$(cat out err | grep -c tok-4711)" 0 "no token is printed"
grep -E '"device":"(ws|ws-close)"' ws.ndjson >every.ndjson
background bms-poll --share share -d every.ndjson --every 500ms >every2.out
every=$!
wait_for 20 at_least '"device":"ws".*"complete":true' every2.out 4 &&
    wait_for 20 at_least '"device":"ws-close".*"pack"' every2.out 2
ok $? "one that was closed is opened anew"
kill "$every"
wait "$every"
is $? 0 "until the end is asked for"

# ---- while it runs ----------------------------------------------------------
umask 077
printf 'for http://127.0.0.1:%s\nbearer wrong\n' "$web" >turn.key
umask 022
stream late websocket '{"must":["pack","soc"],"key":"topic"}'
sed 's#/late#/ws-silent#' share/profiles/late.json >late.json
sed 's#/late#/ws-split#' share/profiles/late.json >later.json
cp late.json share/profiles/late.json
{ device turn "$(profile /bearer)" "http://127.0.0.1:$web?secret=$T/turn.key"
device late late "ws://127.0.0.1:$ws" '"timeout_ms":400'; } >run.ndjson
background bms-poll --share share -d run.ndjson --every 500ms --require-box \
    >run.out
run=$!
wait_for 20 at_least '"turn".*401' run.out 1 &&
    wait_for 20 at_least '"late".*timeout' run.out 1
ok $? "a wrong token, and a gateway that is silent"
umask 077
printf 'for http://127.0.0.1:%s\nbearer tok-4711\n' "$web" >turn.new
umask 022
mv turn.new turn.key
cp later.json share/profiles/late.json
kill -HUP "$run"
wait_for 60 at_least '"turn".*"complete":true' run.out 1
ok $? "a new token counts from the next poll on"
wait_for 30 at_least '"late".*"complete":true' run.out 1
ok $? "a new profile of a stream makes a new connection"
kill "$run"
wait "$run"
is $? 0 "until the end is asked for"

# ---- a name server that says nothing -----------------------------------------
cat >names.sh <<'E'
ip link set lo up
echo 'nameserver 127.0.0.1' >names.conf
mount --bind names.conf /etc/resolv.conf
PY=/usr/bin/python3
"$PY" -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
time.sleep(60)' &
mute=$!
"$PY" "$TESTS/bms-poll-http.peer.py" http 8080 1 &
web=$!
until "$PY" -c 'import socket
socket.create_connection(("127.0.0.1", 8080), 1)' 2>/dev/null; do sleep 0.1; done
bms-poll --share share -d names.ndjson --every 200ms >names.out &
poll=$!
sleep 6
kill "$poll"
wait "$poll"
echo $? >names.status
kill "$mute" "$web"
E
{ device near "$good" "http://127.0.0.1:8080"
for i in 1 2 3; do
	device "far$i" "$good" "http://far$i.test" '"timeout_ms":300'
done
device push ws "ws://push.test" '"timeout_ms":300'; } >names.ndjson
export TESTS
if unshare -rnm true 2>/dev/null && unshare -rnm sh names.sh 2>>peer.log; then
	is "$(cat names.status)" 0 "ends when it is asked to"
	is "$(jq -r 'select(.device!="near").error' names.out | sort -u)" \
	    "connect: timeout
timeout after 0.3 s" "names that nobody knows are in time too late"
	is "$(jq -r 'select(.device=="near")|"\(.error) \(.mono)"' names.out |
	    awk '$1 != "null" { bad = 1 }
	    NR > 1 && $2 - last > 1500 { bad = 1 }
	    { last = $2 }
	    END { print bad + 0, (NR > 10) }')" "0 1" \
	    "and keep nobody else waiting"
else
	skip "no network namespaces" "a silent name server"
fi

# ---- bms-sim plays them -----------------------------------------------------
sims=$(free_port)
sock=$(free_port)
{ device fs fronius-storage "http://127.0.0.1:$sims/box"
device es enphase-storage "http://127.0.0.1:$sims/box"
device sse events "http://127.0.0.1:$(free_port)"
device lines lines "http://127.0.0.1:$(free_port)"
device fox foxbms-websocket "ws://127.0.0.1:$sock"; } >sim.ndjson
cp "$TBMS_SHARE"/profiles/fronius-storage.json \
    "$TBMS_SHARE"/profiles/enphase-storage.json \
    "$TBMS_SHARE"/profiles/foxbms-websocket.json share/profiles
background bms-sim --share share --devices sim.ndjson \
    --at 2026-06-10T13:00:00Z >sim.out
wait_for 20 listening "$sock"
ok $? "bms-sim listens"
sed 's/}$/,"timeout_ms":20000}/' sim.ndjson >ask.ndjson
status 0 "bms-poll reads what bms-sim tells" poll -d ask.ndjson
soc() { bms-normalize --share "$T/share" | jq -c '[.device,.soc_percent,
    .data_quality]' | sort; }
bms-sim --share share --devices sim.ndjson --frames --every 1m \
    --from 2026-06-10T13:00:00Z --to 2026-06-10T13:01:00Z | soc >want
grep -c '"good"' want >count
is "$(cat count)" 5 "five batteries"
soc <out >got
same got want "by pages, events, lines and messages"
is "$(curl -s "http://127.0.0.1:$sims/box/ivp/ensemble/secctrl" |
    jq .ENC_agg_soc)" "$(jq -r 'select(.[0]=="es")[1]' want)" \
    "curl reads it too"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$sims/none")" \
    404 "and other pages are not there"
is "$("$PY" - "$sock" <<'P'
import asyncio, json, sys, websockets
async def main():
    async with websockets.connect("ws://127.0.0.1:%s/bms" % sys.argv[1]) as ws:
        names = set()
        await (await ws.ping(b"hello"))
        while len(names) < 3:
            names.add(json.loads(await ws.recv())["message"])
        print(len(names))
asyncio.run(asyncio.wait_for(main(), 20))
P
)" 3 "as a WebSocket client of others does"

# ---- captures of real devices ---------------------------------------------
captured() {	# DIRECTORY: serve it; the port in $capture
	capture=$(free_port)
	PEER_ROOT=$1 peer http "$capture"
	wait_for 20 listening "$capture"
}
reading() {	# PROFILE: of the device at $capture
	device c "$1" "http://127.0.0.1:$capture" >capture.ndjson
	bms-poll -d capture.ndjson >frames
	bms-normalize frames
}
agrees() {	# PROFILE JQ-OF-READING FILE JQ-OF-CAPTURE
	is "$(reading "$1" | jq -c "$2")" "$(jq -c "$4" "$3")" \
	    "$1 of $(echo "$3" | sed 's/.*telemetry.//')"
}
at=$CAPTURES/json-telemetry
two='def two: if . == null then . else (. * 100 | round) / 100 end;'
if [ -d "$at/enphase-envoy" ]; then
	for dir in "$at"/enphase-envoy/*; do
		captured "$dir"
		f=$dir/production.json
		agrees enphase-production '[.source_type,.power_w,.energy_wh_total]' \
		    "$f" "$two"'.production[]|select(.measurementType=="production")
		    |["production",(.wNow|two),(.whLifetime|two)]'
		agrees enphase-consumption \
		    '[.source_type,.power_w,.energy_wh_total]' "$f" \
		    "$two"'.consumption[]|select(.measurementType==
		    "total-consumption")|["consumption",(.wNow|two),
		    (.whLifetime|two)]'
		agrees enphase-grid '[.source_type,.power_w]' "$f" \
		    "$two"'.consumption[]|select(.measurementType==
		    "net-consumption")|["grid_import",(.wNow|two)]'
		[ -f "$dir/ivp_ensemble_inventory.json" ] || continue
		agrees enphase-storage '[.soc_percent,.soh_percent]' \
		    "$dir/ivp_ensemble_secctrl.json" '[.ENC_agg_soc,.ENC_agg_soh]'
		agrees enphase-storage .temperatures \
		    "$dir/ivp_ensemble_inventory.json" \
		    '[.[]|select(.type=="ENCHARGE").devices[].temperature]'
	done
	for f in symo_powerflow gen24_storage_powerflow; do
		mkdir -p "$f/solar"
		cp "$at/fronius/$f.json" \
		    "$f/solar_api_v1_GetPowerFlowRealtimeData.fcgi"
		cp "$at/fronius/gen24_storage_storage.json" \
		    "$f/solar_api_v1_GetStorageRealtimeData.cgi"
		captured "$T/$f"
		f=$at/fronius/$f.json
		agrees fronius-production '[.source_type,.power_w,.energy_wh_total]' \
		    "$f" "$two"'.Body.Data.Site|["production",(.P_PV|two),
		    (.E_Total|two)]'
		agrees fronius-grid '[.source_type,.power_w]' "$f" \
		    "$two"'.Body.Data.Site|["grid_import",(.P_Grid|two)]'
		agrees fronius-consumption '[.source_type,.power_w]' "$f" \
		    "$two"'.Body.Data.Site|["consumption",(-.P_Load|two)]'
	done
	agrees fronius-storage '[.soc_percent,.temperatures,.pack_voltage,
	    (.bms_timestamp|sub("[.]000Z";"Z")|fromdate)]' \
	    "$at/fronius/gen24_storage_storage.json" \
	    '.Body.Data["0"].Controller|[.StateOfCharge_Relative,
	    [.Temperature_Cell],null,.TimeStamp]'
else
	skip "no captures at $at" "Enphase and Fronius"
fi
# ---- the longest path that base and profile make ------------------------
letters() { printf "%$1s" '' | tr ' ' "$2"; }
long=$(free_port)
cat >first.py <<'E'
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    peer = server.accept()[0]
    line = peer.recv(4096).split(b"\r\n")[0]
    if line:
        open("first", "wb").write(line)
    peer.close()
E
background "$PY" first.py "$long"
wait_for 20 listening "$long"
jq -cn --arg path "/$(letters 255 p)" '{protocol:"http",
    http:{requests:[$path],stream:"websocket",must:["pack"]},
    measurements:[{name:"pack_voltage",item:"pack#v"}]}' \
    >share/profiles/longest.json
device a longest "ws://127.0.0.1:$long/$(letters 470 b)" >long.ndjson
status 1 "a long path of a WebSocket" poll -d long.ndjson
is "$(cat first)" "GET /$(letters 470 b)/$(letters 255 p) HTTP/1.1" "is whole"

done_testing
