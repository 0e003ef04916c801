#!/bin/sh
# What is corrected, annulled and withdrawn is seen by every reader as if it
# had been stored so: random readings, wishes and ways, judged by python.
. "$(dirname "$0")/lib.sh"

make_tenant() { # ROOT
	TBMS_ROOT=$1
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone UTC
	put_fleet eds 12 4 '1 2 3'
}
query() {
	tenant-db query --tenant eds "$1"
}
# All that is read of the readings but what tells that they were corrected.
seen() {
	query "SELECT * FROM bms_data ORDER BY battery, timestamp" |
	    jq -c 'del(.data_quality, .notes)'
	rollup --tenant eds 2>&1
	query "SELECT * FROM bms_data_history
	    ORDER BY battery_id, period_type, period_start" |
	    jq -c 'del(.id, .created_at, .updated_at) |
	    with_entries(select(.key | test("quality") | not))'
	tenant-export --tenant eds fault_events
	tenant-export --tenant eds suspects
}
append() {
	tenant-db append --tenant eds >/dev/null
}
wishes() { # DIR
	for file in "$1"/wishes-?.*; do
		tenant-db "${file##*.}" --tenant eds --reason test "$file" \
		    >>"$T/done" || return
	done
}
undo() { # DIR
	tenant-db correct -t eds --reason slip "$1/undo" >/dev/null
}

seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
echo "# SEED=$seed"
for n in 1 2 3; do
	s=$T/$n
	mkdir "$s"
	python3 "$TESTS/corrections.py" make "$seed$n" "$s"
	make_tenant "$s/right-root"
	append <"$s/right"
	seen >"$s/right.seen"

	make_tenant "$s/root"
	append <"$s/readings"
	seen >"$s/raw.seen"
	wishes "$s"
	is $? 0 "seed $seed$n: wishes are taken"
	undo "$s"
	seen >"$s/got"
	same "$s/got" "$s/right.seen" "... and readers see what is right"
	tenant-db seal --tenant eds >/dev/null
	is "$(db eds 'SELECT count(*) > 0 FROM blocks')" 1 'sealed'
	seen >"$s/got"
	same "$s/got" "$s/right.seen" '... the same'
	rollup --rebuild --tenant eds
	seen >"$s/got"
	same "$s/got" "$s/right.seen" '... the same, all made anew'
	query "SELECT battery, timestamp, pack_current, soc_percent, power_w
	    FROM bms_data ORDER BY battery, timestamp DESC" >"$s/down"
	TBMS_ROOT=$s/right-root query "SELECT battery, timestamp, pack_current,
	    soc_percent, power_w FROM bms_data
	    ORDER BY battery, timestamp DESC" >"$s/right.down"
	same "$s/down" "$s/right.down" '... the same, backwards'

	make_tenant "$s/late-root"
	wishes "$s"
	python3 "$TESTS/corrections.py" deal "$seed" "$s/readings" >"$s/dealt"
	head -n 200 "$s/dealt" | append
	seen >/dev/null
	tenant-db seal --tenant eds >/dev/null
	undo "$s"
	tail -n +201 "$s/dealt" | append
	seen >"$s/got"
	same "$s/got" "$s/right.seen" \
	    '... the same for what comes late, in any order, into sealed hours'

	tenant-db get --tenant eds corrections |
	    jq -c 'select(.withdrawn_at == null) | {undo: .id}' >"$s/rest"
	tenant-db annul -t eds --reason 'all was right' "$s/rest" >/dev/null
	is "$(db eds 'SELECT count(*), count(withdrawn_at) FROM corrections')" \
	    '48|48' 'all are withdrawn, none is gone'
	seen >"$s/got"
	same "$s/got" "$s/raw.seen" '... and all is as it came'
done
done_testing
