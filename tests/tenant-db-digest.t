#!/bin/sh
# Two ways to the same data give the same sum, and other data another one.
. "$(dirname "$0")/lib.sh"

make_tenant() { # ROOT
	TBMS_ROOT=$1
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone America/Toronto
	put_fleet eds 12 4 "$2" # in another order they have other numbers
}
sum() {
	tenant-db digest --tenant eds | jq -r .sha256
}
wishes() {
	for wish in "$1"/wishes-?.*; do
		tenant-db "${wish##*.}" --tenant eds --reason test --by me \
		    "$wish" >/dev/null
	done
}
undo() {
	tenant-db annul -t eds --reason slip --by me "$1/undo" >/dev/null
}
random() { # MOST
	awk -v seed="$seed$((step = step + 1))" -v most="$1" \
	    'BEGIN { srand(seed); print int(rand() * most) }'
}

seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
step=0
echo "# SEED=$seed"
s=$T/s
mkdir "$s"
python3 "$TESTS/corrections.py" make "$seed" "$s"
python3 "$TESTS/corrections.py" vary "$seed" "$s/readings" >"$s/others"
cat "$s/others" >>"$s/readings"

make_tenant "$T/plain" '1 2 3'
tenant-db append --tenant eds <"$s/readings" >/dev/null
wishes "$s"
undo "$s"
rollup --tenant eds
plain=$(sum)

# ---- what the sum is of ---------------------------------------------------
tenant-db digest --tenant eds >"$T/sums"
is "$(jq -r '.parts.readings.rows' "$T/sums")" \
    "$(db eds 'SELECT count(*) FROM readings')" 'all readings'
for part in $(jq -r '.parts | keys_unsorted[]' "$T/sums"); do
	tenant-db digest --tenant eds --lines "$part" >"$T/lines"
	is "$(jq -r ".parts.$part | \"\(.rows) \(.sha256)\"" "$T/sums")" \
	    "$(wc -l <"$T/lines") $(sha256sum <"$T/lines" | cut -d ' ' -f 1)" \
	    "the sum of $part is that of its lines"
	jq -e 'type == "array"' "$T/lines" >/dev/null || [ ! -s "$T/lines" ]
	ok $? '... each an array'
done
jq -r '.parts | to_entries[] | select(.key != "alerts") |
    "\(.key) \(.value.sha256)"' "$T/sums" >"$T/all"
is "$(sha256sum <"$T/all" | cut -d ' ' -f 1)" "$plain" 'the whole is of them'
tenant-db digest --tenant eds --lines readings |
    jq -r '"\(.[0]) \(.[1]) \(.[2]) \(.[3]) \(.[4])"' >"$T/lines"
db eds "SELECT slug || ' ' || time || ' ' || kind || ' ' || quality || ' ' ||
    lower(hex(packed)) FROM readings JOIN batteries b ON b.id = battery_id
    ORDER BY slug, time, kind" >"$T/rows"
same "$T/lines" "$T/rows" 'a line holds the row'
is "$(tenant-db digest --tenant eds --lines none 2>&1)" \
    'tenant-db: tenant eds: none: is no part of the content' 'no such part'
tenant-db digest --tenant eds --lines none 2>/dev/null
is $? 2 '... exits 2'

# ---- the same data --------------------------------------------------------
for way in 1 2 3 4; do
	make_tenant "$T/way$way" '3 1 2'
	python3 "$TESTS/corrections.py" deal "$seed$way" "$s/readings" \
	    >"$s/dealt"
	split -n "l/$((2 + $(random 6)))" "$s/dealt" "$T/part$way."
	when=$(random 3)
	for file in "$T/part$way".*; do
		[ "$when" != 0 ] || wishes "$s"
		when=$((when - 1))
		tenant-db append --tenant eds <"$file" >/dev/null
		case $(random 5) in
		0) rollup --tenant eds ;;
		1) tenant-db seal --tenant eds ;;
		2) tenant-db judge --tenant eds ;;
		3)
			tenant-db seal --tenant eds
			rollup --tenant eds
			;;
		esac
	done
	[ "$when" -lt 0 ] || wishes "$s"
	undo "$s"
	[ "$(random 2)" = 0 ] || tenant-db seal --tenant eds
	rollup --tenant eds
	got=$(sum)
	is "$got" "$plain" "way $way: the same sum"
	[ "$got" = "$plain" ] || for part in $(jq -r '.parts | keys_unsorted[]' \
	    "$T/sums"); do
		tenant-db digest --tenant eds --lines "$part" >"$T/got"
		TBMS_ROOT=$T/plain tenant-db digest --tenant eds \
		    --lines "$part" >"$T/wanted"
		diff "$T/got" "$T/wanted" | sed "s/^/# $part: /" |
		    cut -c 1-300 | head -n 6
	done
done
tenant-db seal --tenant eds
is "$(sum)" "$plain" 'sealed'
tenant-db judge --rebuild --tenant eds
rollup --rebuild --tenant eds
is "$(sum)" "$plain" 'made anew'
jq -c '.gen = 3' "$s/dealt" | tenant-db append --tenant eds >/dev/null
jq -c '.gen = 3' "$s/readings" | tenant-db append --tenant eds >/dev/null
rollup --tenant eds
is "$(sum)" "$plain" 'brought again by a replay'
tenant-db key create "$T/key"
tenant-db backup --tenant eds --key "$T/key" --to "$T/backups"
mkdir "$T/restored"
tenant-db restore --root "$T/restored" --tenant eds --key "$T/key" \
    "$T"/backups/eds/* 2>/dev/null
is "$(TBMS_ROOT=$T/restored sum)" "$plain" 'backed up and restored'

# ---- other data -----------------------------------------------------------
differs() { # NAME
	got=$(sum)
	[ "$got" != "$last" ]
	ok $? "$1"
	last=$got
}
last=$plain
echo '{"kind":"battery","time":"2026-03-01T10:00:00.001Z","tenant":"eds","battery":"b-1","soc_percent":1}' |
    tenant-db append --tenant eds >/dev/null
differs 'a reading more'
rollup --tenant eds
differs 'the history follows it'
tenant-db annul --tenant eds -b b-1 -m soc_percent \
    --time 2026-03-01T10:00:00.001Z --reason x >/dev/null
differs 'a value that is annulled'
tenant-db annul --tenant eds --reason y --undo 49 >/dev/null
differs 'one that is withdrawn'
db eds "UPDATE batteries SET name = 'C' WHERE slug = 'b-2'"
differs 'a name'
done_testing
