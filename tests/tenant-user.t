#!/bin/sh
# tenant-user: logins are made, listed, changed and removed; passwords come
# and go by files and terminals only.
. "$(dirname "$0")/lib.sh"
mkdir -p "$TBMS_ROOT/tenants/eds" "$TBMS_ROOT/tenants/acme"
umask 022
access() { sqlite3 "$TBMS_ROOT/access.db" "$1"; }

# terminal COMMAND...: with a terminal on all three; input from $T/type
cat >"$T/terminal.py" <<'PY'
import os, pty, sys, time
typed = open(sys.argv[1], 'rb').read().splitlines(True)
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
got = b''
try:
    while True:
        piece = os.read(fd, 1000)
        if not piece:
            break
        got += piece
        if got.endswith(b': ') and typed:
            time.sleep(0.2)
            os.write(fd, typed.pop(0))
except OSError:
    pass
sys.stdout.buffer.write(got.replace(b'\r\n', b'\n'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
terminal() { python3 "$T/terminal.py" "$T/type" "$@"; }
: >"$T/type"

status 2 "list before init" tenant-user list
like "$(cat "$T/err")" 'tenant-user init' "says who makes it"
status 2 "without a terminal or a file no password is told" \
    tenant-user init boss
is "$(cat "$T/out")" "" "not even on standard output"
terminal tenant-user init boss >"$T/told"
is $? 0 "init on a terminal"
like "$(cat "$T/told")" '^[A-Za-z0-9]{20}$' "prints 20 letters"
is "$(stat -c %a "$TBMS_ROOT/access.db")" 600 "access.db is ours alone"
is "$(access 'SELECT name, role, must_change, tenant IS NULL FROM logins')" \
    "boss|super_admin|1|1" "the first login"
is "$(access 'SELECT password_expires_at - password_changed_at FROM logins')" \
    86400000 "its password lasts a day"
is "$(access 'SELECT count(*) FROM grants')" 0 "it sees no site"
terminal tenant-user init again >"$T/told"
is $? 2 "a second init is refused"

python3 - "$(access 'SELECT password_hash FROM logins')" <<'PY'
import re, sys
sys.exit(not re.fullmatch(r'\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]+'
    r'\$[A-Za-z0-9+/]+', sys.argv[1]))
PY
ok $? "the hash is Argon2id with 64 MiB and 3 passes"

add() { tenant-user add --tenant eds --role viewer --view all "$@"; }
status 0 "add with a file for the password" add --password-out "$T/ann" ann
is "$(stat -c '%a %s' "$T/ann")" "600 21" "which nobody else may read"
is "$(cat "$T/out" "$T/err")" "" "and nothing is printed"
status 1 "a name that is taken" add --password-out "$T/x" ANN
[ ! -e "$T/x" ]
ok $? "leaves no password behind"
status 2 "a file that is there is not written over" \
    add --password-out "$T/ann" ben
printf 'a long pass phrase\n' >"$T/in"
status 2 "a password file that others may read" add --password-in "$T/in" ben
chmod 600 "$T/in"
status 0 "a password from a file" add --password-in "$T/in" ben
(add --password-in - eve <"$T/in")
ok $? "and from standard input"
printf 'typed by hand\ntyped by hand\n' >"$T/type"
terminal tenant-user add --tenant eds --role viewer --view all --ask \
    dan >"$T/told"
is $? 0 "and from the terminal"
! grep -q typed "$T/told"
ok $? "without showing it"
printf 'typed by hand\ntyped by foot\n' >"$T/type"
terminal tenant-user add --tenant eds --role viewer --view all --ask \
    dora >"$T/told"
is $? 2 "two that differ are refused"

# bad PASSWORD NAME [option...]
bad() {
	printf '%s\n' "$1" >"$T/in"
	what=$2
	shift 2
	status 2 "$what" "$@" --password-in "$T/in" mallory
}
bad 'short12' "seven characters" add
bad 'eleven1234x' "eleven for an admin" \
    tenant-user add --tenant eds --role admin
bad "$(printf '%0129d' 0)" "129 characters" add
bad 'I am Mallory' "the name" add
bad 'TrackingBMS1' "the product" add
bad "$(printf '\377\376abcdefgh')" "what is no UTF-8" add
printf 'pass\0word1234\n' >"$T/in"
status 2 "a NUL" add --password-in "$T/in" mallory
printf '%0128d\n' 0 >"$T/in"
status 0 "128 characters" add --password-in "$T/in" long
printf 'été à Gaspé\n' >"$T/in"
status 0 "accents" add --password-in "$T/in" accent

for view in ../acme A a/b '' .; do
	status 2 "--view '$view' is no slug" tenant-user add --tenant eds \
	    --role viewer --view "$view" --password-in "$T/in" mallory
done
for tenant in ../acme none EDS ''; do
	status 2 "--tenant '$tenant' is none" tenant-user add \
	    --tenant "$tenant" --role viewer --view all \
	    --password-in "$T/in" mallory
done
status 2 "no super_admin by add" tenant-user add --tenant eds \
    --role super_admin --view all --password-in "$T/in" mallory
status 2 "a viewer without a view" tenant-user add --tenant eds \
    --role viewer --password-in "$T/in" mallory
status 2 "an admin with one" tenant-user add --tenant eds --role admin \
    --view all --password-in "$T/in" mallory
status 2 "a name with a blank" add --password-in "$T/in" 'mal lory'
status 2 "a name with a line end" add --password-in "$T/in" "mal
lory"
status 2 "no name" add --password-in "$T/in"
is "$(access "SELECT count(*) FROM logins WHERE name LIKE 'mal%'")" 0 \
    "none of these was added"

printf 'a long pass phrase\n' >"$T/in"
tenant-user add --tenant acme --role operator --view north --view south \
    --password-in "$T/in" oscar
tenant-user add --tenant acme --role admin --password-in "$T/in" ada
is "$(tenant-user list --tenant acme | jq -c '[.name, .role, .grants]')" \
    '["ada","admin",["/acme/"]]
["oscar","operator",["/acme/north/","/acme/south/"]]' "list of a tenant"
is "$(tenant-user list | jq -r .name | sort | tr '\n' ' ')" \
    "accent ada ann ben boss dan eve long oscar " "list of all"

before=$(access "SELECT password_hash FROM logins WHERE name = 'ben'")
access "INSERT INTO sessions SELECT zeroblob(32), id, 0, 0, 9e15,
    zeroblob(16) FROM logins WHERE name = 'ben'" 2>/dev/null ||
    access "INSERT INTO sessions SELECT zeroblob(32), id, 0, 0, 1 << 50,
    zeroblob(16) FROM logins WHERE name = 'ben'"
status 0 "passwd" tenant-user passwd --password-in "$T/in" ben
after=$(access "SELECT password_hash FROM logins WHERE name = 'ben'")
[ "$before" != "$after" ]
ok $? "makes another hash of the same password"
is "$(access 'SELECT count(*) FROM sessions')" 0 "and ends the sessions"
status 1 "passwd of nobody" tenant-user passwd --password-in "$T/in" nobody
status 0 "remove" tenant-user remove oscar
is "$(access "SELECT count(*) FROM grants WHERE prefix LIKE '/acme/%'")" 1 \
    "takes its grants along"
status 1 "remove of nobody" tenant-user remove oscar

strace -f -qq -o "$T/trace" -e trace=open,openat,openat2 \
    tenant-user add --tenant eds --role viewer --view all \
    --password-in "$T/in" traced
if [ -s "$T/trace" ]; then
	! grep -v ENOENT "$T/trace" | grep -q 'root/tenants'
	ok $? "no file of a tenant is opened"
else
	skip "no strace here" "no file of a tenant is opened"
fi
access 'PRAGMA user_version = 99'
status 2 "a newer access.db is refused" tenant-user list
printf 'no database at all, only text, and long enough' \
    >"$TBMS_ROOT/access.db"
rm -f "$TBMS_ROOT"/access.db-*
status 2 "so is what is no database" tenant-user list
done_testing
