#!/bin/sh
# What the programs that work on a tenant's database, and the filters before
# them, cannot do, from inside.
. "$(dirname "$0")/lib.sh"

for tenant in eds other; do
	tenant-db create --tenant $tenant --timezone UTC
	put_fleet $tenant 48 15 1
	echo '{"code":"x","severity":"info","category":"soc","title":"t","message":"m","expression":"soc_percent > 0"}' |
	    tenant-db put --tenant $tenant alert_rules
done
echo secret >"$TBMS_ROOT/access.db"
echo '{"kind":"battery","time":"2026-03-01T10:00:00.000Z","tenant":"eds","battery":"b-1","soc_percent":50.00}' |
    tenant-db append --tenant eds >"$T/in"

not_san "no preloading beside a sanitizer" "the box"
cc -D_GNU_SOURCE -shared -fPIC -o "$T/probe.so" \
    "$TESTS/analysis-box.probe.c" -ldl
ok $? 'the probe is made'
cat >"$T/want" <<'WANT'
read another tenant: Permission denied
read access.db: Permission denied
read a password: Permission denied
make a file: Permission denied
read the own one: done
kill another: Operation not permitted
connect: Operation not permitted
WANT
boxed() {
	LD_PRELOAD=$T/probe.so PROBE_OTHER=$TBMS_ROOT/tenants/other/tenant.db \
	    PROBE_ACCESS=$TBMS_ROOT/access.db PROBE_NEW=$TBMS_ROOT/new \
	    PROBE_OWN=$TBMS_ROOT/tenants/eds/tenant.db "$@" \
	    <"$T/in" >"$T/out" 2>"$T/err"
}
boxed rollup -v --tenant eds
same "$T/err" "$T/want" 'rollup'
boxed alert-eval --tenant eds --now 2026-03-01T10:00:00Z
same "$T/err" "$T/want" 'alert-eval'
boxed tenant-export --tenant eds readings
same "$T/err" "$T/want" 'tenant-export'
boxed live --tenant eds
same "$T/err" "$T/want" 'live'
boxed tenant-db append --tenant eds
same "$T/err" "$T/want" 'tenant-db append'
boxed tenant-db get --tenant eds batteries
same "$T/err" "$T/want" 'tenant-db get'
boxed tenant-db query --tenant eds 'SELECT 1 AS one'
same "$T/err" "$T/want" 'tenant-db query'
# what opens no database at all
sed 's/^read the own one: done$/read the own one: Permission denied/' \
    "$T/want" >"$T/none"
boxed bms-normalize
same "$T/err" "$T/none" 'bms-normalize'
boxed spool put "$T/s"
same "$T/err" "$T/none" 'spool put'
spool each -1 "$T/s" -- cat
boxed spool replay --tenant eds "$T/s"
same "$T/err" "$T/none" 'spool replay'
# an operator's program: all tenants, but nothing of access.db than its size
sed 's/^read another tenant: .*/read another tenant: done/' "$T/want" \
    >"$T/all"
boxed health
grep -v '^health: ' "$T/err" >"$T/got"
same "$T/got" "$T/all" 'health'
for program in 'rollup -v --rebuild' 'tenant-export -f ndjson'; do
	last=$([ "${program%% *}" = rollup ] || echo readings)
	# shellcheck disable=SC2086
	PROBE_EXEC=1 boxed $program --tenant eds $last
	is $? 159 "${program%% *} that starts a program is ended (SIGSYS)"
done
done_testing
