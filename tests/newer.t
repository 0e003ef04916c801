#!/bin/sh
# A database that is newer than the program is refused with status 2, by
# name, by every program that opens it, and stays as it is.
. "$(dirname "$0")/lib.sh"
now=2026-03-01T10:00:00Z

# How each is called so that it opens the database in its own way. What is
# not here fails the test.
tenant_call() {
	case $1 in
	alert-eval | rollup | dashboard) "$1" --tenant eds ;;
	export | tenant-export) env "$1" --tenant eds readings ;;
	live) echo "$line" | live --tenant eds ;;
	'tenant-db append') echo "$line" | tenant-db append --tenant eds ;;
	'tenant-db put') echo '{"slug":"x","name":"X"}' |
	    tenant-db put --tenant eds locations ;;
	'tenant-db get') tenant-db get --tenant eds batteries ;;
	'tenant-db query') tenant-db query --tenant eds 'SELECT 1' ;;
	'tenant-db annul') tenant-db annul --tenant eds --undo 1 --reason r ;;
	'tenant-db correct') tenant-db correct --tenant eds --undo 1 \
	    --reason r ;;
	'tenant-db digest') tenant-db digest --tenant eds ;;
	'tenant-db move') tenant-db move --tenant eds --battery b \
	    --device d --from "$now" ;;
	'tenant-db backup') tenant-db backup --tenant eds --key "$T/key" ;;
	'tenant-db delete') tenant-db delete --tenant eds --yes eds ;;
	'tenant-db prune' | 'tenant-db migrate' | 'tenant-db judge' | 'tenant-db seal' | \
	    'tenant-db check')
		# shellcheck disable=SC2086 # two words
		$1 --tenant eds ;;
	*) return 99 ;;
	esac
}
core_call() {
	case $1 in
	'tenant-db create') tenant-db create --tenant other ;;
	'tenant-db pack') tenant-db pack --tenant eds --key "$T/key" ;;
	'tenant-db put') echo '{"slug":"eds","name":"X"}' |
	    tenant-db put --core clients ;;
	'tenant-db get') tenant-db get --core clients ;;
	'tenant-db migrate') tenant-db migrate --core ;;
	'tenant-db status') tenant-db status --tenant eds active ;;
	*) return 99 ;;
	esac
}
access_call() {
	case $1 in
	serve-static) timeout 20 serve-static --listen \
	    "127.0.0.1:$(free_port)" ;;
	'tenant-user init') tenant-user init --password-out "$T/out1" a ;;
	'tenant-user add') tenant-user add --tenant eds --role viewer \
	    --view all --password-out "$T/out1" b ;;
	'tenant-user list' | 'tenant-user migrate')
		# shellcheck disable=SC2086 # two words
		$1 ;;
	'tenant-user passwd') tenant-user passwd --password-out "$T/out1" a ;;
	'tenant-user remove') tenant-user remove a ;;
	*) return 99 ;;
	esac
}
# these open none, or first the one in a backup or pack
none='bms-normalize bms-poll bms-sim spool spool-put spool-each spool-replay
tenant-db-key tenant-db-restore tenant-db-unpack'
# these refuse it as well, and go on with what else they are for
tell='health run-job'

line='{"kind":"battery","time":"2026-03-01T10:00:00.000Z","tenant":"eds","device":"d","profile":"p","pack_voltage":50.000}'
tenant-db create --tenant eds --timezone UTC
tenant-db key create "$T/key"
tenant-user init --password-out "$T/boss" boss
for file in tenants/eds/tenant.db core.db access.db; do
	sqlite3 "$TBMS_ROOT/$file" 'PRAGMA user_version = 99;
	    PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
done
sums() {
	(cd "$TBMS_ROOT" && cksum tenants/eds/tenant.db core.db access.db)
}
sums >"$T/before"

each_program() {
	for path in "$B"/bin/*; do
		program=${path##*/}
		words=$(env "$program" -h 2>/dev/null | awk '
		    $1 == "usage:" { sub(/^usage:/, "") }
		    $2 ~ /^[a-z]+(\|[a-z]+)*$/ && $2 ~ /[|]|put|each/ {
			gsub(/\|/, "\n", $2); print $2 }' | sort -u)
		[ -n "$words" ] || words=.
		for word in $words; do
			[ "$word" = . ] && echo "$program" ||
			    echo "$program $word"
		done
	done
}
named='(tenant eds|/tenants/eds/tenant\.db|/core\.db|/access\.db)'
each_program >"$T/programs"
like "$(wc -l <"$T/programs")" '^ *[34][0-9]' 'programs and subcommands'
while read -r program; do
	opened=0
	for kind in tenant core access; do
		"${kind}_call" "$program" >"$T/out" 2>"$T/err" </dev/null
		got=$?
		[ "$got" -ne 99 ] || continue
		opened=1
		is "$got" 2 "$program refuses a newer $kind database"
		like "$(cat "$T/err")" "$named: schema 99 is newer than" \
		    '... by name'
	done
	! echo "$none $tell" | tr ' ' '\n' |
	    grep -qx "$(echo "$program" | tr ' ' -)" || opened=1
	[ "$opened" -eq 1 ] ||
	    ok 1 "$program: say in this test how it opens a database"
done <"$T/programs"

status 1 'health goes on, and tells' health
like "$(cat "$T/out" "$T/err")" 'schema 99 is newer' 'by name'
run-job job -- sh -c 'echo done' >"$T/out" 2>"$T/err"
is "$? $(cat "$T/out")" '0 done' 'run-job runs the command without a record'
like "$(cat "$T/err")" 'schema 99 is newer' 'by name'

sums >"$T/after"
same "$T/after" "$T/before" 'none of them was changed'
is "$(find "$TBMS_ROOT/tenants" -mindepth 1 -maxdepth 1)" \
    "$TBMS_ROOT/tenants/eds" 'and none made'
done_testing
