# Sourced by the tests of check, backup and restore: a tenant with sealed
# days and fresh hours.
# shellcheck shell=sh
make_tenant() { # TENANT
	tenant-db create --tenant "$1" --timezone America/Toronto
	put_fleet "$1" 48 16 '1 2 3' p
	mkdir -p "$T/lines"
	[ -f "$T/lines/all" ] || python3 "$TESTS/sealed.py" 11 "$T/lines"
	sed "s/TENANT/$1/" "$T/lines/all" |
	    tenant-db append --tenant "$1" >/dev/null
	tenant-db seal --tenant "$1" --now 2026-03-03T12:00:00Z
	rollup --tenant "$1" >/dev/null
}
