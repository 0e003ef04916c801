# Sourced by the tests of check, backup and restore: a tenant with sealed
# days and fresh hours.
# shellcheck shell=sh
db() { # TENANT STATEMENT
	sqlite3 "$TBMS_ROOT/tenants/$1/tenant.db" "$2"
}
make_tenant() { # TENANT
	tenant-db create --tenant "$1" --timezone America/Toronto
	echo '{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":48,"capacity_ah":100,"capacity_wh":4800,"cell_count":16}' |
	    tenant-db put --tenant "$1" battery_types
	echo '{"slug":"here","name":"Here"}' |
	    tenant-db put --tenant "$1" locations
	for n in 1 2 3; do
		echo "{\"slug\":\"b-$n\",\"serial_number\":\"$n\",\"name\":\"B\",\"battery_type\":\"t\",\"location\":\"here\"}" |
		    tenant-db put --tenant "$1" batteries
		echo "{\"device\":\"d-$n\",\"profile\":\"p\",\"address\":\"can://can$n\",\"battery\":\"b-$n\"}" |
		    tenant-db put --tenant "$1" devices
	done
	mkdir -p "$T/lines"
	[ -f "$T/lines/all" ] || python3 "$TESTS/sealed.py" 11 "$T/lines"
	sed "s/TENANT/$1/" "$T/lines/all" |
	    tenant-db append --tenant "$1" >/dev/null
	tenant-db seal --tenant "$1" --now 2026-03-03T12:00:00Z
	rollup --tenant "$1" >/dev/null
}
