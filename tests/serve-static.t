#!/bin/sh
# serve-static: two tenants, who sees what, and what raw sockets can do.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"

site=$TBMS_ROOT/site
mkdir -p "$TBMS_ROOT/tenants/eds" "$TBMS_ROOT/tenants/acme" \
    "$site/eds/all/fr" "$site/eds/all/data/live" "$site/eds/north" \
    "$site/eds/north2" "$site/acme/all"
echo canary-tenant >"$TBMS_ROOT/tenants/eds/tenant.db"
echo canary-eds-all >"$site/eds/all/index.html"
echo canary-eds-fr >"$site/eds/all/fr/index.html"
echo '{"canary":"live"}' >"$site/eds/all/data/live/fleet.json"
echo canary-csv >"$site/eds/all/data/list.csv"
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$site/eds/all/c.svg"
echo 'let a = 1' >"$site/eds/all/a.js"
echo canary-php >"$site/eds/all/a.php"
echo canary-hidden >"$site/eds/all/.hidden.html"
echo canary-loose >"$site/eds/all/loose.html"
echo canary-north >"$site/eds/north/index.html"
echo canary-north2 >"$site/eds/north2/index.html"
echo canary-acme >"$site/acme/all/index.html"
ln -s /etc/passwd "$site/eds/all/link.html"
ln -s ../../acme "$site/eds/all/there"
echo canary-two >"$site/eds/all/two.html"
ln "$site/eds/all/two.html" "$T/other-name"
mkfifo "$site/eds/all/pipe.html"
chmod -R go-w "$site"
chmod o+w "$site/eds/all/loose.html"

# ---- what is refused before it starts -----------------------------------
status 2 "without access.db it does not start" serve-static -l 127.0.0.1:1
like "$(cat "$T/err")" 'tenant-user init' "and names who makes it"

umask 077
echo 'correct horse battery' >"$T/pw"
tenant-user init --password-out "$T/first" boss
for user in ann:eds:all bob:acme:all nora:eds:north; do
	view=${user##*:} user=${user%:*}
	tenant-user add -t "${user#*:}" --role viewer --view "$view" \
	    --password-in "$T/pw" "${user%:*}"
done
status 2 "an outside address needs TLS" serve-static -l 192.0.2.1:8080
status 2 "and behind TLS a name" serve-static -l 192.0.2.1:8080 --behind-tls
status 2 "a bad address" serve-static -l 127.0.0.1
status 2 "a certificate without its key" serve-static --cert x
status 2 "an operand is wrong usage" serve-static site
chmod 644 "$TBMS_ROOT/access.db"
status 2 "access.db that others may read" serve-static -l 127.0.0.1:1
chmod 600 "$TBMS_ROOT/access.db"

# ---- start --------------------------------------------------------------
port=$(free_port)
url=http://127.0.0.1:$port
background serve-static -l "127.0.0.1:$port" --log "$T/log" 2>"$T/server.err"
server=$!
wait_for 20 grep -q listening "$T/server.err"
ok $? "it starts"
like "$(cat "$T/server.err")" 'keeper: box: .*no_new_privs' "the keeper's box"
like "$(cat "$T/server.err")" 'front: box: .*no_new_privs' "the front's box"

# get JAR PATH [curl options]: status in $code, header $T/h, body $T/b
get() {
	jar=$1 path=$2
	shift 2
	: >"$T/b"
	code=$(curl -s --path-as-is -b "$T/$jar.jar" -o "$T/b" -D "$T/h" \
	    -w '%{http_code}' "$@" "$url$path")
}
header() {
	sed -n "s/\r$//;s/^$1: //Ip" "${2:-$T/h}"
}
field() {
	sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$T/b"
}
# login USER PASSWORD [NEXT]: answers as get does
login() {
	: >>"$T/$1.jar"
	curl -s -b "$T/$1.jar" -c "$T/$1.jar" -o "$T/b" \
	    "$url/-/login?next=${3:-}"
	code=$(curl -s -b "$T/$1.jar" -c "$T/$1.jar" -o "$T/b2" -D "$T/h" \
	    -w '%{http_code}' -H "Origin: $url" -H 'Sec-Fetch-Site: same-origin' \
	    --data-urlencode "token=$(field token)" \
	    --data-urlencode "next=$(field next)" \
	    --data-urlencode "user=$1" --data-urlencode "password=$2" \
	    "$url/-/login")
	cp "$T/b2" "$T/b"
}
: >"$T/none.jar"

# ---- strangers ----------------------------------------------------------
get none / -H 'Accept: text/html'
is "$code $(header location)" "303 /-/login" "/ goes to the login"
get none /eds/all/fr/ -H 'Accept: text/html'
is "$code $(header location)" "303 /-/login?next=/eds/all/fr/" \
    "a page goes to the login and will come back"
get none /eds/all/nothing/ -H 'Accept: text/html'
is "$code" 303 "so does a page that does not exist"
get none /eds/all/data/list.csv
cp "$T/b" "$T/there"
is "$code" 401 "a file is 401"
get none /eds/all/data/lisp.csv
is "$code $(cmp "$T/b" "$T/there" && echo same)" "401 same" \
    "the same for one that does not exist"
get none /-/assets/css/site.css
is "$code $(cmp "$T/b" "$TBMS_SHARE/web/css/site.css" && echo same)" \
    "200 same" "the style of the login page is open to all"
for path in /-/assets/../../etc/passwd /-/assets/ /-/assets /-/x; do
	get none "$path"
	like "$code" '^(404|401)$' "$path is not"
done
get none /-/login -H 'Accept-Language: de, pt-BR;q=0.8, en'
like "$(cat "$T/b")" '<html lang="pt">' "the login speaks Portuguese"
get none '/-/login?lang=en' -H 'Accept-Language: fr'
like "$(cat "$T/b")" 'Unknown|Sign in' "or English"
get none '/-/login?next=//evil.example/'
is "$(field next)" "" "next does not leave the site"
get none '/-/login?next=/a"><script>'
is "$(field next)" "" "nor carry markup"
is "$(header cache-control)" no-store "the form is not stored"
get none /eds/all/ -X POST -d a=b
is "$code $(header allow)" "405 GET, HEAD, POST" "POST to a page is 405"

# ---- logging in ---------------------------------------------------------
login ann wrong-password
is "$code" 403 "a wrong password"
cp "$T/b" "$T/wrong"
cp "$T/h" "$T/wrong.h"
login nobody-here wrong-password
is "$code" 403 "an unknown name"
blank() { sed 's/value="[A-Za-z0-9_-]\{43\}"/value=""/' "$1"; }
blank "$T/wrong" >"$T/1"; blank "$T/b" >"$T/2"
same "$T/1" "$T/2" "has the same page"
for h in "$T/wrong.h" "$T/h"; do
	sed 's/login=[^;]*//;/^Date/d' "$h" >"$h.x"
done
same "$T/wrong.h.x" "$T/h.x" "and the same header"
login ann 'correct horse battery' /eds/all/fr/
is "$code $(header location)" "303 /eds/all/fr/" "the right one goes on"
like "$(header set-cookie)" \
    '^tbms=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax$' "the cookie"
get ann /eds/all/fr/
is "$code $(cat "$T/b")" "200 canary-eds-fr" "and the page is there"
get ann /
is "$code $(header location)" "303 /eds/all/" "/ goes to the first view"
login bob 'correct horse battery' //evil.example
is "$code $(header location)" "303 /" "a foreign next is dropped"
login nora 'correct horse battery'
login boss "$(cat "$T/first")"
get boss /
is "$code" 200 "a super_admin sees that there is nothing to see"
get boss /eds/all/
is "$code" 404 "and no site"

token=$(awk '$6 == "tbms" { print $7 }' "$T/ann.jar")
hash=$(python3 - "$token" <<'PY'
import base64, hashlib, sys
print(hashlib.sha256(base64.urlsafe_b64decode(sys.argv[1] + '=')).hexdigest())
PY
)
is "$(sqlite3 "$TBMS_ROOT/access.db" \
    "SELECT count(*) FROM sessions WHERE lower(hex(hash)) = '$hash'")" 1 \
    "the store holds the SHA-256 of the token"
sqlite3 "$TBMS_ROOT/access.db" .dump >"$T/dump"
! grep -q -e "$token" -e 'correct horse' "$T/dump"
ok $? "and neither token nor password"
like "$(grep -o 'argon2[^$]*\$[^$]*\$[^$]*' "$T/dump" | head -n 1)" \
    '^argon2id\$v=19\$m=65536,t=3,p=1$' "passwords are Argon2id, 64 MiB, 3"

# ---- who sees what ------------------------------------------------------
get ann /eds/all/nothing.html
cp "$T/b" "$T/404"; sed '/^Date/d' "$T/h" >"$T/404.h"
is "$code" 404 "what is not there is 404"
for path in /acme/all/ /acme/all/index.html /acme/all/nothing.html /acme \
    /acme/ /none/all/ /eds /eds/ /eds/north/ /eds/north2/index.html \
    /eds/allx/ /eds/al /-/x /eds/all/.hidden.html /eds/all/link.html \
    /eds/all/there/all/index.html /eds/all/two.html /eds/all/pipe.html \
    /eds/all/loose.html /eds/all/a.php /eds/all/fr/index.html/ \
    /eds/all/data/ /eds/all//index.html /eds/all/./index.html \
    /eds/north/../all/index.html /eds/all/../../acme/all/index.html \
    /eds/all/%2e%2e/north/index.html /EDS/all/ /eds/all/INDEX.HTML; do
	get ann "$path"
	sed '/^Date/d' "$T/h" >"$T/h.x"
	is "$code $(cmp "$T/b" "$T/404") $(cmp "$T/h.x" "$T/404.h")" \
	    "404  " "ann: $path is the same 404"
done
get bob /acme/all/
is "$code $(cat "$T/b")" "200 canary-acme" "bob sees acme"
get bob /eds/all/
is "$code" 404 "and not eds"
get nora /eds/north/
is "$code $(cat "$T/b")" "200 canary-north" "nora sees north"
for path in /eds/north2/ /eds/all/ /eds/all/data/live/fleet.json; do
	get nora "$path"
	is "$code" 404 "and not $path"
done
tenant-user add -t eds --role admin --password-in "$T/pw" adam
login adam 'correct horse battery'
get adam /eds/north2/
is "$code $(cat "$T/b")" "200 canary-north2" "an admin sees all views"
get adam /
is "$(header location)" /eds/all/ "and begins with the default one"
get adam /acme/all/
is "$code" 404 "of one tenant"

# ---- files --------------------------------------------------------------
get ann /eds/all
is "$code $(header location)" "308 /eds/all/" "a folder without its slash"
get ann /eds/all/fr/
tag=$(header etag)
like "$tag" '^"[0-9a-f]{32}"$' "a strong ETag"
get ann /eds/all/fr/ -H "If-None-Match: \"x\", $tag"
is "$code $(cat "$T/b" 2>/dev/null)" "304 " "If-None-Match"
get none /eds/all/fr/ -H "If-None-Match: $tag"
is "$code" 401 "is no way around the login"
get bob /eds/all/fr/ -H "If-None-Match: $tag"
is "$code" 404 "nor around the grant"
get ann /eds/all/data/live/fleet.json
is "$(header cache-control) $(header content-type)" \
    "no-store application/json; charset=utf-8" "live data are not stored"
get ann /eds/all/data/list.csv
is "$(header content-disposition)" attachment "a table is for saving"
get ann /eds/all/c.svg
like "$(header content-security-policy)" sandbox "SVG is in a sandbox"
get ann /eds/all/a.js -H 'Sec-Fetch-Site: cross-site'
is "$code" 403 "a script is not given to another site's page"
get ann '/eds/all/?a=/../b&lang=en'
is "$code" 200 "a query is ignored"
get ann /eds/all/fr/ -I
is "$code $(header content-length)" "200 14" "HEAD"

# ---- headers on every status --------------------------------------------
wanted='X-Content-Type-Options X-Frame-Options Referrer-Policy
Cross-Origin-Opener-Policy Cross-Origin-Resource-Policy Permissions-Policy
Content-Security-Policy Cache-Control'
check_headers() {
	missing=
	for h in $wanted; do
		[ -n "$(header "$h")" ] || missing="$missing $h"
	done
	is "$missing$(header server)$(header x-powered-by)" "" \
	    "$code has all headers"
}
get ann /eds/all/fr/; check_headers
get ann /eds/all/fr/ -H "If-None-Match: $tag"; check_headers
get ann /; check_headers
get ann /eds/all; check_headers
get none /eds/all/a.js; check_headers
get ann /none; check_headers
get ann '/%00'; check_headers
get ann / -X PUT; check_headers
get ann / -X FOO; check_headers
get ann / -H 'Host: evil.example'; check_headers
is "$code" 421 "a foreign Host is 421"
get none /-/login -X POST -d a=b; check_headers
is "$code" 403 "a form without its token is 403"

# ---- forms --------------------------------------------------------------
get ann /-/logout -X POST
is "$code $(header location)" "303 /-/logout" \
    "the button of a page leads to the form"
get ann /-/logout
form=$(field token)
for case in 'Sec-Fetch-Site: cross-site' 'Sec-Fetch-Site: none' \
    'Sec-Fetch-Site: same-site' 'Origin: http://evil.example' \
    'Origin: null' 'X-Nothing: 1'; do
	get ann /-/logout -d "token=$form" -H "$case"
	is "$code" 403 "a form with $case is refused"
done
get ann /-/logout -H "Origin: $url" -d "token=${form#?}A"
is "$code" 403 "a wrong token is refused"
get bob /-/logout -H "Origin: $url" -d "token=$form"
is "$code" 403 "another session's token is refused"
get ann /-/logout -H "Origin: $url" -H 'Content-Type: text/plain' \
    -d "token=$form"
is "$code" 403 "so is another type of body"
get ann /eds/all/fr/
is "$code" 200 "the session still lives"

old=$(cat "$T/ann.jar")
login ann 'correct horse battery'
printf '%s\n' "$old" >"$T/old.jar"
get old /eds/all/fr/
is "$code" 401 "a new login ends the old session"
get ann /eds/all/fr/
is "$code" 200 "and the new one lives"
cp "$T/ann.jar" "$T/old.jar"
get ann /-/logout
get ann /-/logout -H "Origin: $url" -d "token=$(field token)"
is "$code $(header location)" "303 /-/login" "logging out"
is "$(header clear-site-data)" '"cache", "storage"' "clears what was kept"
like "$(header set-cookie)" '^tbms=;.*Max-Age=0' "expires the cookie"
get old /eds/all/fr/
is "$code" 401 "and ends the session"
python3 -c 'print("127.0.0.1\tFALSE\t/\tFALSE\t0\ttbms\t" + "A" * 43)' \
    >"$T/made.jar"
get made /eds/all/fr/
is "$code" 401 "a token of the client's making is none"

# ---- time, and changes by others ----------------------------------------
login ann 'correct horse battery'
get ann /eds/all/
is "$code" 200 "ann is in"
access() { sqlite3 "$TBMS_ROOT/access.db" ".timeout 5000" "$1"; }
gone() { get "$1" "$2"; [ "$code" = "$3" ]; }
access "UPDATE sessions SET last_used_at = last_used_at - 3590000"
sleep 2
get ann /eds/all/
is "$code" 200 "59 idle minutes are not enough"
access "UPDATE sessions SET last_used_at = last_used_at - 3601000"
wait_for 5 gone ann /eds/all/ 401
ok $? "a session that was idle for an hour is over"
login ann 'correct horse battery'
access "UPDATE sessions SET expires_at = expires_at - 12 * 3600000"
wait_for 5 gone ann /eds/all/ 401
ok $? "and one of 12 hours"
login nora 'correct horse battery'
get nora /eds/north/
access "DELETE FROM grants WHERE prefix = '/eds/north/'"
wait_for 5 gone nora /eds/north/ 404
ok $? "a grant that is taken back"
login bob 'correct horse battery'
get bob /acme/all/
is "$code" 200 "bob is in"
tenant-user passwd --password-in "$T/pw" bob
wait_for 5 gone bob /acme/all/ 401
ok $? "a new password ends the sessions"
login bob 'correct horse battery'
access "UPDATE logins SET status = 'inactive' WHERE name = 'bob'"
wait_for 5 gone bob /acme/all/ 401
ok $? "an inactive login ends the sessions"
login bob 'correct horse battery'
is "$code" 403 "and does not come in"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	rm -f "$T/adam.jar"
	login adam 'correct horse battery'
done
is "$(access "SELECT count(*) FROM sessions JOIN logins l ON
    l.id = login_id WHERE l.name = 'adam'")" 10 "ten sessions of an account"

# ---- failures are counted -----------------------------------------------
access "DELETE FROM counters"
for _ in 1 2 3 4 5; do login ann wrong-password; done
is "$code" 403 "five failures are answered"
login ann 'correct horse battery'
is "$code" 429 "then this account waits, right password or not"
like "$(header retry-after)" '^(900|89[0-9])$' "15 minutes"
login adam 'correct horse battery'
is "$code" 303 "another account does not"
access "UPDATE counters SET until = until - 900001, since = since - 900001"
login ann 'correct horse battery'
is "$code" 303 "after that it is let in again"
access "DELETE FROM counters"
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	login "guess$n" wrong-password
done
login adam 'correct horse battery'
is "$code" 429 "twenty failures refuse the source"
access "DELETE FROM counters"

# ---- raw sockets --------------------------------------------------------
login ann 'correct horse battery'
token=$(awk '$6 == "tbms" { print $7 }' "$T/ann.jar")
python3 "$TESTS/raw-http.py" "$port" "$token" >"$T/raw"
while read -r verdict name; do
	[ "$verdict" = ok ]
	ok $? "raw: $name"
done <"$T/raw"
[ "$(wc -l <"$T/raw")" -gt 60 ]
ok $? "the whole corpus was sent"

# ---- what the two processes have open -----------------------------------
keeper=$(pgrep -P "$server")
! readlink "/proc/$server"/fd/* | grep -q 'access\.db\|tenants'
ok $? "the front has no database open"
readlink "/proc/$keeper"/fd/* | grep -q 'access\.db$'
ok $? "the keeper has"
! readlink "/proc/$keeper"/fd/* | grep -q '/site\|/tenants'
ok $? "and nothing of the site or a tenant"
sockets() {
	for fd in /proc/"$1"/fd/*; do readlink "$fd"; done |
	    sed -n 's/^socket:\[\(.*\)\]$/\1/p' | sort
}
awk 'NR > 1 { print $10 }' /proc/net/tcp /proc/net/tcp6 | sort >"$T/tcp"
sockets "$keeper" | comm -12 - "$T/tcp" >"$T/keeper.tcp"
is "$(wc -l <"$T/keeper.tcp")" 0 "the keeper has no TCP socket"
sockets "$server" | comm -12 - "$T/tcp" | grep -q .
ok $? "the front has"

# ---- the end ------------------------------------------------------------
! grep -q "correct horse\|$token" "$T/log" "$T/server.err"
ok $? "no secret in any log"
is "$(jq -r .path "$T/log" | grep -c '?')" 0 "the log is JSON, no queries"
kill "$server"
wait "$server"
is $? 0 "SIGTERM ends it with 0"
wait_for 5 sh -c "! kill -0 $keeper"
ok $? "and the keeper"

background serve-static -l "127.0.0.1:$port" 2>"$T/server.err"
server=$!
wait_for 20 grep -q listening "$T/server.err"
get ann /eds/all/
is "$code" 200 "a session outlives a new start"
kill -9 "$(pgrep -P "$server")"
wait "$server"
is $? 111 "without its keeper the front ends with 111"

done_testing
