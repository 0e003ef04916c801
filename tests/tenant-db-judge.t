#!/bin/sh
# What is not believed and when faults were: against a second program that
# goes by the definitions (judge.py), in any order and batches.
. "$(dirname "$0")/lib.sh"

db=$TBMS_ROOT/tenants/eds/tenant.db
one() {
	tenant-db put --tenant eds "$1"
}
fresh() {
	rm -rf "$TBMS_ROOT"
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone UTC
	one battery_types <<-'X'
	{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":12.8,"capacity_ah":100,"capacity_wh":1280,"cell_count":4}
	X
	echo '{"slug":"here","name":"Here"}' | one locations
	for battery in a b c d; do
		echo "{\"slug\":\"$battery\",\"serial_number\":\"S-$battery\",\"name\":\"$battery\",\"battery_type\":\"t\",\"location\":\"here\"}"
	done | one batteries
}
append() {
	tenant-db append --tenant eds "$@" >/dev/null
}
found() {
	sqlite3 "$db" "SELECT b.slug, s.time, s.until, s.reason,
	    s.measurements FROM suspects s JOIN batteries b
	    ON b.id = s.battery_id ORDER BY 1, 2, 3, 4" \
	    "SELECT b.slug, raised_at, kind, code, cleared_at
	    FROM fault_events e JOIN batteries b ON b.id = e.battery_id
	    ORDER BY 1, 2, 3, 4"
}
# but for when a row was made, and where it stands
history() {
	tenant-db query --tenant eds "SELECT b.slug, h.* FROM bms_data_history h
	    JOIN batteries b ON b.id = h.battery_id
	    ORDER BY b.slug, period_type, period_start" |
	    jq -c 'del(.id, .created_at)'
}

for seed in ${JUDGE_SEEDS:-1 2 3}; do
	python3 "$TESTS/judge.py" make "$seed" "$T/s"
	python3 "$TESTS/judge.py" expect "$T/s" >"$T/expected"
	fresh
	append --reject "$T/refused" <"$T/s/lines"
	is "$(cat "$T/refused")" "" "$seed: all $(wc -l <"$T/s/lines") are stored"
	tenant-db judge --tenant eds
	found >"$T/found"
	same "$T/found" "$T/expected" \
	    "$seed: $(wc -l <"$T/expected") findings as defined"
	rollup --tenant eds
	history >"$T/history"
	for way in 1 2 3; do
		parts=$(python3 "$TESTS/judge.py" deal "$seed$way" "$T/s")
		fresh
		n=0
		while [ "$n" -lt "$parts" ]; do
			append --commit "$((n % 3 + 1))s" <"$T/s/part.$n"
			case $(((n + way) % 4)) in
			0) tenant-db judge --tenant eds ;;
			1) rollup --tenant eds ;;
			2) alert-eval --tenant eds >"$T/alerts" ;;
			3) tenant-db seal --tenant eds ;;
			esac
			n=$((n + 1))
		done
		rollup --tenant eds
		found >"$T/found"
		history >"$T/history.now"
		same "$T/found" "$T/expected" \
		    "$seed: the same in another order, $way"
		same "$T/history.now" "$T/history" "$seed: and the same history"
	done
	tenant-db judge --rebuild --tenant eds
	found >"$T/found"
	same "$T/found" "$T/expected" "$seed: the same all anew"
done

# ---- what others make of it --------------------------------------------
reading() { # MINUTE VOLTAGE [MORE]
	echo "{\"kind\":\"battery\",\"time\":\"2026-03-01T10:$1:00.000Z\",\"tenant\":\"eds\",\"battery\":\"a\",\"pack_voltage\":$2${3:+,$3}}"
}
alerts() {
	alert-eval --tenant eds --now 2026-03-01T10:10:00Z
}
fresh
one alert_rules <<'X'
{"code":"low","severity":"critical","category":"voltage","title":"low","message":"low","expression":"pack_voltage < 10"}
X
for m in 00 01 02; do reading $m 13; done | append
reading 03 0 | append
is "$(alerts)" "" "a single 0 V raises nothing"
is "$(tenant-export --tenant eds --format ndjson readings 2>"$T/err" |
    jq -c 'select(.data_quality) | [.time, .pack_voltage == 0, .data_quality,
    .notes]')" \
    '["2026-03-01T10:03:00.000Z",true,"poor",["pack_voltage doubted: step"]]' \
    "it is exported with what is wrong with it"
reading 04 0 | append
is "$(alerts)" "" "nor do two"
reading 05 0 | append
is "$(alerts | jq -r .first_occurrence)" "2026-03-01T10:05:00.000Z" \
    "the third does"
is "$(found)" "" "and nothing is doubted any more"
reading 20 13 | append
is "$(alerts | jq -r .event)" cleared "it is over"
reading 21 0 '"data_quality":"invalid"' | append
reading 22 0 '"data_quality":"invalid"' | append
reading 23 0 '"data_quality":"invalid"' | append
is "$(alerts)" "" "an invalid reading says nothing"
echo '{"slug":"t","plausibility":{"pack_voltage":100}}' | one battery_types
reading 24 50 | append
tenant-db judge --tenant eds
is "$(found)" "" "a type may allow steps"
echo '{"slug":"a","plausibility":{"pack_voltage":0}}' | one batteries
tenant-db judge --rebuild --tenant eds
is "$(found)" "" "a battery need not be judged"
echo '{"slug":"a","plausibility":{"pack_voltage":2}}' | one batteries
tenant-db judge --rebuild -v --tenant eds >"$T/judged"
is "$(found | cut -d '|' -f 2,5)" '1772360640000|["pack_voltage"]' \
    "a battery has its own limits"
for bad in '{"pack_voltage":-1}' '{"volts":1}' '{"stuck":1}' \
    '{"pack_current":1}'; do
	echo "{\"slug\":\"a\",\"plausibility\":$bad}" >"$T/in"
	status 1 "no plausibility: $bad" tenant-db put --tenant eds batteries \
	    "$T/in"
done
# a word of faults that flickers: as many events as bits that rise
fresh
python3 - 40000 >"$T/in" 2>"$T/rises" <<-'X'
	import datetime, sys
	t, before, rises = 1772323200, 0, 0
	for i in range(int(sys.argv[1])):
	    word = i * 7919 & 0xffff
	    rises += bin(word & ~before).count("1")
	    before = word
	    codes = ",".join('"bit_%d"' % b for b in range(16) if word >> b & 1)
	    time = datetime.datetime.fromtimestamp(t + i, datetime.timezone.utc)
	    print('{"kind":"battery","time":"%s.000Z","tenant":"eds",'
	        '"battery":"a","fault_codes":[%s]}'
	        % (time.strftime("%Y-%m-%dT%H:%M:%S"), codes))
	print(rises, file=sys.stderr)
X
append <"$T/in"
status 0 "it does not keep all others waiting" timeout 20 \
    tenant-db judge --tenant eds
is "$(sqlite3 "$db" 'SELECT count(*) FROM fault_events')" "$(cat "$T/rises")" \
    "and each rise is an event"

status 2 "neither --tenant nor --all" tenant-db judge
status 2 "an unknown tenant" tenant-db judge --tenant nobody

done_testing
