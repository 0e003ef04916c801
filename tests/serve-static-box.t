#!/bin/sh
# serve-static: what its two processes cannot do, TLS, and a proxy before it.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"

site=$TBMS_ROOT/site
mkdir -p "$TBMS_ROOT/tenants/eds" "$site/eds/all"
echo secret >"$TBMS_ROOT/tenants/eds/tenant.db"
echo canary >"$site/eds/all/index.html"
chmod -R go-w "$site"
umask 077
echo 'correct horse battery' >"$T/pw"
tenant-user add -t eds --role viewer --view all --password-in "$T/pw" ann
port=$(free_port)

# start [ENVIRONMENT] OPTION...: its pid in $server
start() {
	: >"$T/server.err"
	background "$@" 2>"$T/server.err"
	server=$!
	wait_for 20 grep -q listening "$T/server.err"
}
stop() {
	kill "$server"
	wait "$server"
}
field() {
	sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$T/b"
}
header() {
	sed -n "s/\r$//;s/^$1: //Ip" "$T/h"
}
# login URL ORIGIN [curl options]: the status in $code
login() {
	url=$1 origin=$2
	shift 2
	curl -s "$@" -b "$T/jar" -c "$T/jar" -o "$T/b" "$url/-/login"
	code=$(curl -s "$@" -b "$T/jar" -c "$T/jar" -o "$T/b2" -D "$T/h" \
	    -w '%{http_code}' -H "Origin: $origin" \
	    --data-urlencode "token=$(field token)" -d user=ann \
	    --data-urlencode "password=${password:-correct horse battery}" \
	    "$url/-/login")
}
: >"$T/jar"

# ---- from inside --------------------------------------------------------
probed() { LD_PRELOAD=$T/probe.so PROBE_ROOT=$TBMS_ROOT PROBE_PORT=$port \
    exec "$@"; }
case $B in
*/san) skip "no preloading beside a sanitizer" "the boxes" ;;
*)
	cc -D_GNU_SOURCE -shared -fPIC -o "$T/probe.so" \
	    "$TESTS/serve-static.probe.c" -ldl
	ok $? "the probe is made"
	start probed serve-static -l "127.0.0.1:$port"
	ok $? "it starts with the probe"
	front=$server
	keeper=$(pgrep -P "$server")
	wait_for 10 grep -q "^$keeper kill" "$T/server.err"
	said() { sed -n "s/^$1 //p" "$T/server.err"; }
	said "$front" >"$T/front"
	said "$keeper" >"$T/keeper"
	cat >"$T/front.want" <<'E'
read access.db: Permission denied
read a page: done
write a page: Permission denied
read a tenant: Permission denied
make a file: Permission denied
connect: Operation not permitted
kill another: Operation not permitted
E
	sed -e 's/^read access.*/read access.db: done/' \
	    -e 's/^read a page.*/read a page: Permission denied/' \
	    "$T/front.want" >"$T/keeper.want"
	same "$T/front" "$T/front.want" "what the front's box refuses"
	same "$T/keeper" "$T/keeper.want" "what the keeper's box refuses"
	login "http://127.0.0.1:$port" "http://127.0.0.1:$port"
	is "$code" 303 "and in their boxes they do their work"
	stop
	PROBE_EXEC=1 start probed serve-static -l "127.0.0.1:$port"
	wait "$server"
	like $? '^(159|111)$' "who starts a program is ended (SIGSYS)"
	;;
esac

# ---- the calls of a whole login -----------------------------------------
start strace -f -qq -o "$T/trace" -e trace=open,openat,openat2 \
    serve-static -l "127.0.0.1:$port"
login "http://127.0.0.1:$port" "http://127.0.0.1:$port"
curl -s -b "$T/jar" -o "$T/b" "http://127.0.0.1:$port/eds/all/"
is "$(cat "$T/b")" canary "a page under strace"
kill "$(pgrep -P "$server")"
wait "$server"
keeper=$(grep 'access\.db"' "$T/trace" | head -n 1 | cut -d ' ' -f 1)
front=$(grep 'eds/all/index' "$T/trace" | head -n 1 | cut -d ' ' -f 1)
[ -n "$keeper" ] && [ -n "$front" ] && [ "$keeper" != "$front" ]
ok $? "one process opens the database, another the pages"
is "$(grep "^$front " "$T/trace" | grep -c 'access\.db\|tenants')" 0 \
    "the front never opens the database or a tenant's file"
is "$(grep "^$keeper " "$T/trace" | grep -c '/site\|tenants')" 0 \
    "the keeper never opens the site or a tenant's file"

# ---- the database does not answer ---------------------------------------
start serve-static -l "127.0.0.1:$port"
python3 -c "
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
time.sleep(120)" "$TBMS_ROOT/access.db" >"$T/locked" &
locker=$!
wait_for 30 grep -q locked "$T/locked"
login "http://127.0.0.1:$port" "http://127.0.0.1:$port" -m 20
is "$code $(header retry-after)" "503 5" "a database that is locked is 503"
kill "$locker" 2>/dev/null
wait "$locker" 2>/dev/null
login "http://127.0.0.1:$port" "http://127.0.0.1:$port"
is "$code" 303 "and back when it is not"
stop

# ---- logins that wait ---------------------------------------------------
start serve-static -l "127.0.0.1:$port"
curl -s -c "$T/jar40" -o "$T/b" "http://127.0.0.1:$port/-/login"
jobs40=
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 \
    26 27 28 29 30 31 32 33 34 35 36 37 38 39 40; do
	curl -s -b "$T/jar40" -o "$T/none" -w '%{http_code}\n' \
	    -H "Origin: http://127.0.0.1:$port" -d "token=$(field token)" \
	    -d "user=guess$n" -d password=wrong-password \
	    "http://127.0.0.1:$port/-/login" >"$T/code.$n" &
	jobs40="$jobs40 $!"
done
curl -s -b "$T/jar" -m 5 -o "$T/b3" "http://127.0.0.1:$port/eds/all/"
is "$(cat "$T/b3")" canary "a page while 40 logins come at once"
# shellcheck disable=SC2086 # a list of pids
wait $jobs40
is "$(cat "$T"/code.* | sort -u | grep -v '^429$\|^503$')" 403 \
    "each is 403, 429 or 503"
[ "$(grep -l 403 "$T"/code.* | wc -l)" -le 20 ]
ok $? "no more than 20 are looked at"
stop
sqlite3 "$TBMS_ROOT/access.db" 'DELETE FROM counters'

# ---- behind a proxy -----------------------------------------------------
start serve-static -l "127.0.0.1:$port" --behind-tls -H bms.example.com \
    --trusted-proxy 127.0.0.1 --log "$T/log"
behind() {
	curl -s -H 'Host: bms.example.com' -D "$T/h" -o "$T/b" "$@"
}
came() { head -n 1 "$T/h" | cut -d ' ' -f 2; }
behind "http://127.0.0.1:$port/-/login" \
    -H 'X-Forwarded-For: 9.9.9.9, 192.0.2.7'
like "$(header set-cookie)" '^__Host-tbms-login=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax$' \
    "the cookie is bound to https"
like "$(header strict-transport-security)" 'max-age=63072000' "HSTS"
cookie=$(header set-cookie | sed 's/;.*//')
behind "http://127.0.0.1:$port/-/login" -H 'Origin: http://bms.example.com' \
    -H "Cookie: $cookie" -d "token=$(field token)&user=ann" \
    --data-urlencode 'password=correct horse battery'
is "$(came)" 403 "the origin is an https one"
behind "http://127.0.0.1:$port/-/login" -H "Cookie: $cookie"
behind "http://127.0.0.1:$port/-/login" -H 'Origin: https://bms.example.com' \
    -H "Cookie: $cookie" -H 'X-Forwarded-For: 2001:db8::1' \
    -d "token=$(field token)&user=ann" \
    --data-urlencode 'password=correct horse battery'
is "$(came)" 303 "then it goes in"
like "$(header set-cookie)" '^__Host-tbms=[A-Za-z0-9_-]{43}; Path=/; Secure' \
    "with a cookie for https only"
behind "http://127.0.0.1:$port/" -H 'X-Forwarded-For: nonsense'
stop
is "$(jq -r .source "$T/log" | tr '\n' ' ')" \
    "192.0.2.7 127.0.0.1 127.0.0.1 2001:db8::1 127.0.0.1 " \
    "the last X-Forwarded-For of the proxy is the source"

# ---- TLS ----------------------------------------------------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$T/key.pem" -out "$T/cert.pem" -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2>"$T/openssl.err"
chmod 600 "$T/key.pem"
status 2 "a key of mode 0600" serve-static -l "127.0.0.1:$port" \
    --cert "$T/cert.pem" --key "$T/key.pem"
chmod 400 "$T/key.pem"
echo nonsense >"$T/bad.pem"
status 2 "a certificate that is none" serve-static -l "127.0.0.1:$port" \
    --cert "$T/bad.pem" --key "$T/key.pem"
start serve-static -l "127.0.0.1:$port" --cert "$T/cert.pem" \
    --key "$T/key.pem"
ok $? "it starts with TLS"
url=https://localhost:$port
tls() { openssl s_client -connect "127.0.0.1:$port" -CAfile "$T/cert.pem" \
    "$@" </dev/null >"$T/tls" 2>&1; }
tls -tls1_3 && grep -q 'TLSv1.3' "$T/tls"
ok $? "TLS 1.3"
tls -tls1_2 && grep -Eq \
    'Cipher *(is|:) *ECDHE-ECDSA-(AES(128|256)-GCM|CHACHA20)' "$T/tls"
ok $? "TLS 1.2 with forward secrecy and AEAD"
for how in '-tls1_1 -cipher DEFAULT@SECLEVEL=0' \
    '-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA' \
    '-tls1_2 -cipher AES128-GCM-SHA256'; do
	# shellcheck disable=SC2086 # options of ours
	! tls $how
	ok $? "refused: $how"
done
rm -f "$T/jar"; : >"$T/jar"
login "$url" "$url" --cacert "$T/cert.pem"
is "$code" 303 "a login over TLS"
like "$(header set-cookie)" '^__Host-tbms=.*; Path=/; Secure; HttpOnly' \
    "with a cookie for https only"
curl -s --cacert "$T/cert.pem" -b "$T/jar" -D "$T/h" -o "$T/b" \
    "$url/eds/all/"
is "$(cat "$T/b")" canary "and a page"
like "$(header strict-transport-security)" 'max-age=63072000' "HSTS"
stop
is $? 0 "SIGTERM ends it"
start serve-static -l "127.0.0.1:$port" --cert "$T/cert.pem" \
    --key "$T/key.pem" --tls13-only
! tls -tls1_2
ok $? "--tls13-only refuses TLS 1.2"
tls -tls1_3
ok $? "and takes 1.3"
stop

# ---- another user -------------------------------------------------------
status 2 "an unknown user" serve-static -l "127.0.0.1:$port" \
    --user nobody-here
if [ "$(id -u)" = 0 ]; then
	chown -R nobody "$TBMS_ROOT"
	chmod 755 "$T" "$TBMS_ROOT"
	# the source may lie where only its owner comes
	cp -R "$TBMS_SHARE" "$T/share" && chmod -R a+rX "$T/share"
	start serve-static -l "127.0.0.1:$port" --user nobody \
	    --share "$T/share"
	ok $? "it becomes another user"
	is "$(stat -c %U "/proc/$server" "/proc/$(pgrep -P "$server")" |
	    sort -u)" nobody "both processes do"
	rm -f "$T/jar"; : >"$T/jar"
	login "http://127.0.0.1:$port" "http://127.0.0.1:$port"
	is "$code" 303 "and work"
	stop
else
	skip "not root" "it becomes another user"
fi
done_testing
