#!/bin/sh
# demo-run.sh BUILD: two customers, simulated batteries over TCP, a pty and a
# CAN log, 30 days of history through the real pipeline, then live polling.
# Runs until interrupted; DEMO_SECONDS=n ends it by itself. All that it makes
# stays under BUILD/demo. DEMO_DAYS and DEMO_PORT change the scale and place.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
B=$(cd "${1:?usage: demo-run.sh BUILD}" && pwd)
PATH=$B/bin:$PATH
demo=${DEMO_DIR:-$B/demo}
days=${DEMO_DAYS:-30}
port=${DEMO_PORT:-15080}
TBMS_ROOT=$demo/root
TBMS_SHARE=$top/share
export PATH TBMS_ROOT TBMS_SHARE
tenants='eds aurora'

say() { printf '%s\n' "$*" >&2; }
step() {
	now=$(date +%s)
	printf '%4d s  %s\n' $((now - began)) "$*" >&2
}
pids=
finish() {
	trap - EXIT INT TERM
	# shellcheck disable=SC2086 # a list of groups
	[ -z "$pids" ] || kill -s TERM -- $pids 2>/dev/null || :
	wait 2>/dev/null || :
}
# keep NAME COMMAND...: in the background, its words in a log; a group of its
# own, as what a pipeline has started must end with it
keep() {
	log=$demo/$1.log
	shift
	setsid "$@" >"$log" 2>&1 &
	pids="$pids -$!"
}

rm -rf "$demo"
mkdir -p "$TBMS_ROOT" "$demo/fleet" "$demo/run"
trap finish EXIT
trap 'exit 0' INT TERM
began=$(date +%s)

step "two customers: $tenants"
# The example fleet, with its addresses on ports and paths of our own.
for tenant in $tenants; do
	mkdir -p "$demo/fleet/$tenant"
	for file in "$top/examples/fleet/$tenant"/*.ndjson; do
		sed -e "s|/run/trackingbms/|$demo/run/|g" \
		    -e "s|127.0.0.1:1502\([0-9]\)|127.0.0.1:$((port / 10 + 1))\1|g" \
		    "$file" >"$demo/fleet/$tenant/$(basename "$file")"
	done
done
tenant-db create --tenant eds --name "EDS" --company "EDS Québec" \
    --timezone America/Toronto --language fr
tenant-db create --tenant aurora --name "Aurora" --company "Aurora Cabins" \
    --timezone America/Vancouver --language en
for tenant in $tenants; do
	for table in battery_types locations batteries devices custom_fields \
	    custom_field_values maintenance_logs alert_rules; do
		file=$demo/fleet/$tenant/$table.ndjson
		[ ! -f "$file" ] ||
		    tenant-db put --tenant "$tenant" "$table" "$file"
	done
done
tenant-db get devices --all >"$demo/devices.ndjson"

step "$days days of history, through the same pipeline"
sim="--devices $demo/devices.ndjson --seed 1"
ago() { date -u -d "$1 ago" +%Y-%m-%dT%H:%M:%SZ; }
# What happened in that time: cells that drift apart until someone looks,
# and a link that was down for a night.
drift=$(ago '50 hours')..$(ago '26 hours')
silence=$(ago '20 hours')..$(ago '12 hours')
sim="$sim --noon 17 --scenario bms-lev-002=imbalance@$drift"
sim="$sim --scenario bms-lev-003=silence@$silence"
now=$(ago '0 days')
from=$(ago "$days days")
# shellcheck disable=SC2086 # options of ours
bms-sim --frames --from "$from" --to "$now" --every 60s $sim |
    spool put "$TBMS_ROOT/spool" >/dev/null
spool each --once "$TBMS_ROOT/spool" -- \
    bms-normalize '|' tenant-db append --all '|' live --all
step "history of hours and days"
rollup --all
step "alerts"
alert-eval --all >"$demo/alerts.ndjson"
step "pages"
dashboard --all

step "live: devices, polling, pages each minute"
# shellcheck disable=SC2086
keep sim bms-sim $sim
sleep 1
keep poll sh -c 'bms-poll --devices "$1" --every 5s |
    spool put "$TBMS_ROOT/spool"' - "$demo/devices.ndjson"
keep store spool each "$TBMS_ROOT/spool" -- \
    bms-normalize '|' tenant-db append --all '|' live --all
keep minute sh -c 'while sleep 60; do
    run-job alerts -- alert-eval --all
    run-job rollup -- rollup --all
    run-job pages -- dashboard --all; done'
for tenant in $tenants; do
	tenant-user add --tenant "$tenant" --view all --role viewer \
	    --password-out "$demo/$tenant.password" "$tenant"
done
keep web serve-static --listen "127.0.0.1:$port"
until curl -fsS -o /dev/null "http://127.0.0.1:$port/-/login" 2>/dev/null; do
	sleep 0.2
	[ $(($(date +%s) - began)) -lt 300 ] || { say "no site"; exit 111; }
done
step "ready"
say
say "  http://127.0.0.1:$port/"
for tenant in $tenants; do
	say "    login $tenant  password $(cat "$demo/$tenant.password")"
done
say
say "  everything is under $demo; interrupt to stop"
if [ -n "${DEMO_SECONDS:-}" ]; then
	sleep "$DEMO_SECONDS"
else
	while sleep 3600; do :; done
fi
