#!/bin/sh
# The raw archive, sealed: what was put comes back, only with the key, and
# only where it was; what is not as it was is said, and closes no hour.
. "$(dirname "$0")/lib.sh"

M=$T/master
Q=$TBMS_ROOT/spool
tenant-db key create "$M"
tenant-db create --tenant clear
line() { # TENANT HOUR NUMBER
	echo "{\"kind\":\"frame\",\"time\":\"2026-01-02T0$2:00:0$3.000Z\",\"tenant\":\"$1\",\"device\":\"d\",\"profile\":\"p\",\"protocol\":\"serial\",\"complete\":true,\"lines\":[\"canary $3\"]}"
}
feed() { # LINES...: archived at once
	spool put "$Q" >/dev/null && spool each -1 "$Q" -- cat
}
replay() { # TENANT OPTIONS...
	replay_tenant=$1
	shift
	spool replay -g 1 -t "$replay_tenant" "$@" -u 2026-01-03T00:00:00Z "$Q"
}
values() { # of the lines of a replay
	jq -r 'select(.kind == "frame") | .lines[0][7:]' "$1" | tr '\n' ' '
}
hours() { # that the closing marks of a replay name
	jq -r 'select(.kind == "mark" and .replay.opens != true) | .replay.from[11:13] + "-" + .replay.to[11:13]' \
	    "$1" | tr '\n' ' '
}

# ---- without a master key, then with ----------------------------------------
line clear 3 0 | feed
export TBMS_MASTER_KEY="$M"
tenant-db create --tenant eds
{ line eds 3 1; line clear 3 2; line none 3 3; } | feed
{ line eds 3 4; line eds 4 5; } | feed
line eds 3 6 | feed
A=$Q/archive
is "$(cd "$A" && find . -name '*.zst*' | sort | tr '\n' ' ')" \
    "./clear/2026-01-02/03.ndjson.zst ./eds/2026-01-02/03.ndjson.zst.sealed ./eds/2026-01-02/04.ndjson.zst.sealed ./none/2026-01-02/03.ndjson.zst " \
    'a tenant with a key is sealed, one without is not'
is "$(stat -c %a "$A/eds/2026-01-02/03.ndjson.zst.sealed")" 600 \
    'for its owner only'
replay eds >"$T/got"
is "$?" 0 'replay opens it'
is "$(values "$T/got")" '1 4 6 5 ' 'all lines come, as they were put'
is "$(hours "$T/got")" '03-05 ' 'and the hours are whole'
tenant-db key init --tenant clear
line clear 3 7 | feed
replay clear >"$T/got"
is "$(values "$T/got") $(hours "$T/got")" '0 2 7  03-04 ' \
    'lines in clear from before come with those behind'
tenant-db key rotate --tenant eds
line eds 3 8 | feed
replay eds >"$T/got"
is "$(values "$T/got")" '1 4 6 8 5 ' 'older versions of the key open too'

# ---- from outside -------------------------------------------------------------
# the words of spool(5) and tenant-db-key(1) with libsodium alone
cat >"$T/open.py" <<'PY'
import struct, subprocess, sys
from sodium import kdf, unseal
master, keys, archive, name = sys.argv[1:]
tenant = name.split('/')[0]
wrap = kdf(open(master, 'rb').read(), 1, b'tbms-arc')
data, at = open(archive + '/' + name, 'rb').read(), 0
while at < len(data):
    version, zero, size = struct.unpack_from('<HHI', data, at + 8)
    assert data[at:at + 8] == b'TBMSARC\1' and zero == 0
    key = open('%s/%s.%d' % (keys, tenant, version), 'rb').read()
    key = unseal(key[48:], b'tbms-wrap-1|%s|%d' % (tenant.encode(), version),
                 key[24:48], wrap)
    frame = unseal(data[at + 40:at + 40 + size],
                   data[at:at + 16] + b'|%s|%d' % (name.encode(), at),
                   data[at + 16:at + 40], key)
    sys.stdout.buffer.write(subprocess.run(['zstd', '-dc'], input=frame,
        stdout=subprocess.PIPE).stdout)
    at += 40 + size
PY
if python3 "$TESTS/sodium.py" 2>/dev/null &&
    command -v zstd >/dev/null; then
	PYTHONPATH=$TESTS python3 -B "$T/open.py" "$M" \
	    "$TBMS_ROOT/keys/archive" "$A" \
	    eds/2026-01-02/03.ndjson.zst.sealed >"$T/got" 2>"$T/err"
	is "$(values "$T/got")" '1 4 6 8 ' 'it is as spool(5) says'
else
	skip 'libsodium.so.23 or zstd is missing' 'it is as spool(5) says'
fi

# ---- not without the key --------------------------------------------------------
is "$(LC_ALL=C grep -rla canary "$A/eds" "$Q/fed" "$Q/new" | wc -l | tr -d ' ')" \
    0 'nothing of it is in clear'
status 1 'without the master key' env TBMS_MASTER_KEY= \
    spool replay -g 1 -t eds -u 2026-01-03T00:00:00Z "$Q"
like "$(cat "$T/err")" '03.ndjson.zst.sealed: is sealed, and its key' \
    'each file is named'
is "$(hours "$T/out")" '' 'and no hour is closed'
tenant-db key create "$T/m2"
status 1 'with another master key' spool replay -m "$T/m2" -g 1 -t eds \
    -u 2026-01-03T00:00:00Z "$Q"

# ---- what is not as it was --------------------------------------------------------
F=$A/eds/2026-01-02/03.ndjson.zst.sealed
cat >"$T/harm.py" <<'PY'
import struct, sys
path, how = sys.argv[1:]
data, at, frames = open(path, 'rb').read(), 0, []
while at < len(data):
    size = 40 + struct.unpack_from('<I', data, at + 12)[0]
    frames.append(data[at:at + size])
    at += size
n = len(frames)
if how == 'swap': frames[1], frames[2] = frames[2], frames[1]
elif how == 'drop': del frames[1]
elif how == 'double': frames.insert(1, frames[0])
elif how == 'cut': frames[-1] = frames[-1][:-1]
elif how == 'head': frames[-1] = frames[-1][:20]
elif how == 'more': frames.append(b'x' * 50)
else:
    part, at = map(int, how.split(':'))
    one = bytearray(frames[part]); one[at] ^= 1; frames[part] = bytes(one)
open(path, 'wb').write(b''.join(frames))
PY
harm() { # NAME: the spool as it is, harmed by the function of that name
	cp -R "$Q" "$T/s.$1"
	"harm_$1" "$T/s.$1/archive"
	spool replay -g 1 -t "${2:-eds}" -u 2026-01-03T00:00:00Z "$T/s.$1" \
	    >"$T/got.$1" 2>/dev/null
	echo "$? $(hours "$T/got.$1")" >"$T/end.$1"
}
n=0
for how in swap drop double cut head more 0:8 0:12 0:20 1:41 3:-1; do
	n=$((n + 1))
	eval "harm_$n() { python3 '$T/harm.py' \"\$1/eds/2026-01-02/03.ndjson.zst.sealed\" $how; }"
	harm $n &
done
harm_hour() {
	cp "$1/eds/2026-01-02/04.ndjson.zst.sealed" \
	    "$1/eds/2026-01-02/05.ndjson.zst.sealed"
}
harm_tenant() {
	cp "$1/eds/2026-01-02/03.ndjson.zst.sealed" \
	    "$1/clear/2026-01-02/05.ndjson.zst.sealed"
}
harm hour &
harm tenant clear &
wait
n=0
for how in swap drop double cut head more 0:8 0:12 0:20 1:41 3:-1; do
	n=$((n + 1))
	is "$(cat "$T/end.$n")" '1 04-05 ' "$how: said, and its hour is open"
done
is "$(cat "$T/end.hour")" '1 03-05 ' 'a copy under another hour'
is "$(cat "$T/end.tenant")" '1 03-04 ' "another tenant's file"

# ---- a power cut while it grows ----------------------------------------------------
# the journal as it stands when the power goes behind the write
before=$(stat -c %s "$F")
line eds 3 9 | spool put "$Q" >/dev/null
segment=$(cd "$Q/new" && echo *)
cp "$Q/new/$segment" "$T/segment"
spool each -1 "$Q" -- cat
[ "$(stat -c %s "$F")" -gt "$before" ]
ok $? 'it grows'
cp "$T/segment" "$Q/fed/$segment"
printf 'F %s %s\nS %s\n' "$before" eds/2026-01-02/03.ndjson.zst.sealed \
    "$segment" >"$A/.journal"
spool each -1 "$Q" -- cat
replay eds >"$T/got"
is "$? $(values "$T/got")" '0 1 4 6 8 9 5 ' 'each line is there once'

# ---- a key that is gone stops it, and loses nothing ----------------------------------
line eds 3 1 | spool put "$Q" >/dev/null
status 111 'another master key: it waits' spool each -1 -m "$T/m2" "$Q" -- cat
like "$(cat "$T/err")" 'wrapped by another master key' 'and says why'
is "$(find "$Q/fed" -type f | wc -l | tr -d ' ')" 1 'the line is kept'
status 0 'the right one: it goes on' spool each -1 "$Q" -- cat
replay eds >"$T/got"
is "$(values "$T/got")" '1 4 6 8 9 1 5 ' 'nothing is lost'
done_testing
