# Sourced by each tests/*.t: TAP on standard output, a directory of its own.
# The caller sets nothing; run.sh puts the built programs first on PATH.
# shellcheck shell=sh
tests_run=0
tests_failed=0
TESTS=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$TESTS/.." && pwd)
B=${B:-$TOP/build}
# What need.sh gets lies there: another python3 lacks its modules, and may be
# a script of a version manager that takes ten times as long to start.
PATH=$B/bin:/usr/bin:$PATH
TBMS_SHARE=${TBMS_SHARE:-$TOP/share}
CAPTURES=${TBMS_CAPTURES:-$TOP/../shared/data}
VECTORS=${TBMS_VECTORS:-$TOP/../shared/protocols}
LC_ALL=C.UTF-8
TZ=UTC
TBMS_MASTER_KEY= # whatever this machine has: none but a test's own
export PATH TBMS_SHARE TBMS_MASTER_KEY LC_ALL TZ B TOP
T=$(mktemp -d "${TMPDIR:-/tmp}/tbms.XXXXXX") || exit 1
TBMS_ROOT=$T/root
export T TBMS_ROOT
mkdir -p "$TBMS_ROOT"
pids=
cleanup() {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
cd "$T" || exit 1

# background COMMAND...: runs until the test ends; its pid in $!
background() {
	"$@" &
	pids="$pids $!"
}
# cut_off SECONDS COMMAND...: killed after so long
cut_off() {
	cut_after=$1
	shift
	"$@" &
	cut_pid=$!
	sleep "$cut_after"
	kill -9 "$cut_pid" 2>/dev/null
	wait "$cut_pid" 2>/dev/null
}
# ok STATUS NAME
ok() {
	tests_run=$((tests_run + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests_run - $2"
	else
		tests_failed=$((tests_failed + 1))
		echo "not ok $tests_run - $2"
	fi
}
# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then ok 0 "$3"; else
		ok 1 "$3"
		printf '#   got:    %s\n#   wanted: %s\n' "$1" "$2" |
		    cut -c 1-2000
	fi
}
# like GOT PATTERN(extended regular expression) NAME
like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then ok 0 "$3"; else
		ok 1 "$3"
		printf '#   got:     %s\n#   pattern: %s\n' "$1" "$2" |
		    cut -c 1-2000
	fi
}
# same FILE_GOT FILE_WANTED NAME
same() {
	if cmp -s "$1" "$2"; then ok 0 "$3"; else
		ok 1 "$3"
		diff -u "$2" "$1" | head -n 40 | sed 's/^/# /'
	fi
}
# status WANTED NAME COMMAND...: the exit status of a command; its output
# in $T/out and $T/err
status() {
	status_wanted=$1
	status_name=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null
	status_got=$?
	is "$status_got" "$status_wanted" "$status_name"
	[ "$status_got" = "$status_wanted" ] || head -n 5 "$T/err" |
	    sed 's/^/# /'
}
# skip REASON NAME: loud, and not a failure
skip() {
	tests_run=$((tests_run + 1))
	echo "ok $tests_run - $2 # SKIP $1"
}
# need NAME PACKAGES TOOL...: without one of the tools, which PACKAGES have
# ('' for what any machine has), the test ends here, skipped
need() {
	need_name=$1
	need_how=${2:+: apt-get install $2}
	shift 2
	for need_tool; do
		command -v "$need_tool" >/dev/null && continue
		skip "$need_tool is missing$need_how" "$need_name"
		done_testing
	done
}
# not_san REASON NAME: beside a sanitizer the test ends here, skipped
not_san() {
	case $B in
	*/san)
		skip "$1" "$2"
		done_testing
		;;
	esac
}
# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	wait_until=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$wait_until" ] || return 1
		sleep 0.1
	done
}
# free_port [COUNT]: TCP ports of the loopback that are free now
free_port() {
	python3 -c 'import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held: s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' "${1:-1}"
}
# db TENANT STATEMENT: what the sqlite3 shell says of a tenant's database
db() {
	sqlite3 "$TBMS_ROOT/tenants/$1/tenant.db" "$2"
}
# put_fleet TENANT VOLTS CELLS NUMBERS [PROFILE]: in a tenant that is there a
# type t of 100 Ah, a place here, a battery b-N for each of the numbers and,
# with a profile, a device d-N of each
put_fleet() {
	jq -nc --argjson volts "$2" --argjson cells "$3" '{slug: "t",
	    name: "T", chemistry: "lfp", nominal_voltage: $volts,
	    capacity_ah: 100, capacity_wh: ($volts * 100),
	    cell_count: $cells}' | tenant-db put --tenant "$1" battery_types
	echo '{"slug":"here","name":"Here"}' |
	    tenant-db put --tenant "$1" locations
	echo "$4" | tr ' ' '\n' | jq -Rc '{slug: "b-\(.)", serial_number: .,
	    name: "B \(.)", battery_type: "t", location: "here"}' |
	    tenant-db put --tenant "$1" batteries
	[ $# -gt 4 ] || return 0
	echo "$4" | tr ' ' '\n' | jq -Rc --arg profile "$5" '{device: "d-\(.)",
	    profile: $profile, address: "can://can\(.)", battery: "b-\(.)"}' |
	    tenant-db put --tenant "$1" devices
}
# put_zones TENANT PLAUSIBILITY: the same with batteries in four zones, each
# with its device: tor, par, ktm and lhi
put_zones() {
	jq -nc --argjson limits "$2" '{slug: "t", name: "T",
	    chemistry: "lfp", nominal_voltage: 48, capacity_ah: 100,
	    capacity_wh: 4800, cell_count: 15, plausibility: $limits}' |
	    tenant-db put --tenant "$1" battery_types
	# the zone of the nearest place above that has one, else the client's
	tenant-db put --tenant "$1" locations <<-'X'
	{"slug":"toronto","name":"Toronto"}
	{"slug":"paris","name":"Paris","timezone":"Europe/Paris"}
	{"slug":"cellar","name":"Cellar","parent":"paris"}
	{"slug":"ktm","name":"Kathmandu","timezone":"Asia/Kathmandu"}
	{"slug":"lhi","name":"Lord Howe","timezone":"Australia/Lord_Howe"}
	X
	tenant-db put --tenant "$1" batteries <<-'X'
	{"slug":"tor","serial_number":"1","name":"T","battery_type":"t","location":"toronto"}
	{"slug":"par","serial_number":"2","name":"P","battery_type":"t","location":"cellar"}
	{"slug":"ktm","serial_number":"3","name":"K","battery_type":"t","location":"ktm"}
	{"slug":"lhi","serial_number":"4","name":"L","battery_type":"t","location":"lhi"}
	X
	printf '%s\n' tor par ktm lhi | jq -Rc '{device: "d-\(.)",
	    profile: "p", address: "can://\(.)", battery: .}' |
	    tenant-db put --tenant "$1" devices
}
done_testing() {
	echo "1..$tests_run"
	[ "$tests_failed" -eq 0 ]
	exit
}
