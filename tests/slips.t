#!/bin/sh
# Slips of the hand, with every program: one clear line and the exit status
# that tells whether to mend or to try again; never silence, never a crash.
. "$(dirname "$0")/lib.sh"

mkdir dir
tenant-db create --tenant eds --timezone UTC --language fr
bms-sim --frames --profile pylontech-can --tenant eds --device a \
    --from 2026-01-01T00:00:00Z --to 2026-01-03T00:00:00Z --every 60s >frames

# slip STATUS PATTERN COMMAND...: this status, and one line that matches
slip() {
	slip_wanted=$1
	slip_pattern=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err" <"${input:-/dev/null}"
	is "$? $(grep -c . "$T/err")" "$slip_wanted 1" \
	    "$*${input:+ <$input}: status $slip_wanted, one line"
	like "$(cat "$T/err")" "$slip_pattern" "and it says why"
}

# A root that is not there, as after a slip in TBMS_ROOT.
for program in alert-eval dashboard live rollup 'tenant-db append' \
    'tenant-db get devices' 'tenant-db migrate'; do
	# shellcheck disable=SC2086 # words of ours
	TBMS_ROOT=$T/nowhere \
	    slip 2 'nowhere: No such file' $program --all
done
TBMS_ROOT=$T/nowhere slip 2 'nowhere: No such file' health
mkdir "$T/bare"
TBMS_ROOT=$T/bare status 0 "a root without tenants is a beginning" \
    rollup --all

# A directory where lines are wanted: to try again cannot help.
slip 2 'dir: Is a directory' bms-normalize dir
slip 2 'dir: Is a directory' bms-poll --devices dir
slip 2 'dir: Is a directory' bms-sim --devices dir
slip 2 'dir: Is a directory' tenant-db put --tenant eds batteries dir
input=dir
slip 2 'standard input: Is a directory' bms-normalize
slip 2 'standard input: Is a directory' live --all
slip 2 'Is a directory' tenant-db append --all
slip 2 'standard input: Is a directory' spool put q
input=

# Names that are nobody's.
for program in alert-eval dashboard live rollup 'tenant-db append' \
    'tenant-db get devices' 'tenant-export readings'; do
	# shellcheck disable=SC2086 # words of ours
	slip 2 'nope: No such file' $program --tenant nope
	# shellcheck disable=SC2086
	slip 2 'no tenant.s slug' $program --tenant ../eds
done
# ... each of which is named, once.
tenant-db key create key
for program in 'tenant-db check' 'tenant-db seal' 'tenant-db prune' \
    'tenant-db judge' 'tenant-db digest' 'tenant-db backup --key key' \
    'tenant-db get devices' rollup; do
	# shellcheck disable=SC2086
	slip 2 '^[a-z-]+: tenant nope: /[^:]*: No such file or directory$' \
	    $program --tenant nope
done
slip 2 'no view nope' dashboard --tenant eds --view nope
slip 2 'no battery nope' dashboard --tenant eds --battery nope
slip 2 'nope.json: No such file' bms-normalize --profile nope frames
slip 2 'nope.json: No such file' bms-sim --profile nope
printf '%s%s\n' '{"kind":"device","tenant":"eds","device":"a",' \
    '"profile":"pylontech-can","address":"foo:bar"}' >devices
slip 2 'devices:1: address: begins with none of .*candump .*wss://$' \
    bms-poll --devices devices

# Values that are none, or too small or large: what is possible is told.
slip 2 '^tenant-db: --keep: 1h is not from 1d to 36500d$' \
    tenant-db backup --key key --all --keep 1h
slip 2 '^tenant-db: --grace: 31d is not from 0 to 30d$' \
    tenant-db seal --all --grace 31d
slip 2 '^rollup: --gap: 0 is not from 1ms to 1d$' rollup --all --gap 0
slip 2 '^tenant-db: --keep: "soon" is no duration such as 500ms' \
    tenant-db backup --key key --all --keep soon

slip 2 '^tenant-db: --reason is missing$' \
    tenant-db annul --tenant eds --undo 3
slip 2 '^tenant-db: --measurement is missing$' \
    tenant-db correct --tenant eds --battery b --value 3 --reason r

# An option that is none: who speaks is the program, not its subcommand.
for program in 'spool put' 'spool each' 'spool replay' 'tenant-db create' \
    'tenant-db append' 'tenant-user add'; do
	# shellcheck disable=SC2086
	$program --bogus >"$T/out" 2>"$T/err"
	is "$? $(head -n 1 "$T/err")" \
	    "2 ${program%% *}: unrecognized option '--bogus'" \
	    "$program --bogus"
done

# A full disk behind standard output, and a reader that leaves early.
bms-normalize frames >readings
for command in 'bms-normalize frames' \
    'bms-sim --frames --profile pylontech-can --from 2026-01-01T00:00:00Z
	--to 2026-01-03T00:00:00Z' \
    'tenant-db query --tenant eds WITH.RECURSIVE.n(i).AS.(SELECT.1.UNION.ALL.SELECT.i+1.FROM.n.LIMIT.90000).SELECT.*.FROM.n' \
    'health' 'tenant-db get --core clients'; do
	# shellcheck disable=SC2086
	set -- $command
	for word; do
		shift
		case $word in
		WITH.*) word=$(printf '%s' "$word" | tr . ' ') ;;
		esac
		set -- "$@" "$word"
	done
	"$@" >/dev/full 2>"$T/err"
	is "$? $(grep -c 'standard output: No space' "$T/err")" '111 1' \
	    "$1 $2 on a full disk"
	{ "$@" 2>"$T/err"; echo $? >"$T/rc"; } | head -n 1 >"$T/first"
	is "$(cat "$T/err")" '' "$1 $2 | head: quiet"
	like "$(cat "$T/rc")" '^(0|111|141)$' "and no crash"
done

done_testing
