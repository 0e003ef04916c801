#!/bin/sh
# Sealed or not, the data are the same: in any order, with what comes late,
# after a replay, and whenever the sealing is killed.
. "$(dirname "$0")/lib.sh"

create() {
	rm -rf "$TBMS_ROOT/tenants/$1"
	tenant-db create --tenant "$1" --timezone America/Toronto
	put_fleet "$1" 48 16 '1 2 3' p
}
append() { # TENANT FILE
	sed "s/TENANT/$1/" "$2" | tenant-db append --tenant "$1" >/dev/null
}
# everything that a reader can see of a tenant
seen() {
	rollup --tenant "$1" # which judges as well: what is seen depends on it
	tenant-db query --tenant "$1" \
	    'SELECT * FROM bms_data ORDER BY battery_id, timestamp, kind'
	tenant-db query --tenant "$1" "SELECT timestamp, kind, pack_voltage
	    FROM bms_data WHERE battery = 'b-2' AND timestamp
	    BETWEEN 1772370000123 AND 1772420000456 ORDER BY timestamp DESC"
	tenant-export --tenant "$1" readings
	tenant-export --tenant "$1" --format ndjson -b b-3 \
	    --from 2026-03-01T17:00:00Z --to 2026-03-02T05:30:00Z readings |
	    sed "s/\"tenant\":\"$1\"/\"tenant\":\"-\"/"
	tenant-export --tenant "$1" history
	tenant-db query --tenant "$1" "SELECT 1 AS hour, h.* FROM bms_data_history h
	    JOIN batteries b ON b.id = h.battery_id WHERE b.slug >= 'b-2'
	    AND period_type IN ('hourly', 'weekly') AND
	    period_start BETWEEN 1772370000000 AND 1772420000000
	    ORDER BY 3, 4, 5" | jq -c 'del(.id, .created_at)'
	tenant-db query --tenant "$1" "SELECT count(*), min(soc_min),
	    sum(pack_voltage_avg), max(zone) FROM bms_data_history
	    WHERE period_type = 'hourly' AND battery_id = 3 AND
	    period_start < 1772420000000"
	tenant-export --tenant "$1" cell_history | sort
}

for seed in ${SEAL_SEEDS:-1 2 3}; do
	mkdir "$T/s"
	python3 "$TESTS/sealed.py" "$seed" "$T/s"
	create plain
	append plain "$T/s/all"
	seen plain >"$T/plain"
	is "$(grep -c '^{"battery_id"' "$T/plain")" \
	    "$(wc -l <"$T/s/all")" "$seed: all readings are there"
	create sealed
	for i in 0 1 2 3 4 5; do
		append sealed "$T/s/part.$i"
		tenant-db seal --tenant sealed --now "$(cat "$T/s/now.$i")"
	done
	seen sealed >"$T/sealed"
	same "$T/sealed" "$T/plain" \
	    "$seed: $(wc -l <"$T/s/all") readings, sealed as they came"
	fresh=$(db sealed 'SELECT count(*) FROM readings')
	tenant-db seal --tenant sealed --now 2026-03-09T00:00:00Z
	seen sealed >"$T/sealed"
	same "$T/sealed" "$T/plain" "$seed: all of it sealed (before: $fresh rows)"
	is "$(db sealed 'SELECT count(*) FROM readings;
	    SELECT sum(count) FROM blocks')" "0
$(db plain 'SELECT count(*) FROM readings')" "$seed: each row is in one block"
	rm -rf "$T/s"
done

is "$(db sealed "SELECT count(*) <= 12 FROM blocks")" 1 \
    'days that are over are one block'
plain=$(db plain "SELECT sum(length(packed)) FROM readings")
sealed=$(db sealed "SELECT sum(length(data)) FROM blocks")
ok "$((sealed * 2 > plain))" "blocks take $sealed bytes, rows $plain"

# a row among those that are sealed
echo '{"kind":"battery","time":"2026-03-01T12:00:00.001Z","tenant":"TENANT","device":"d-1","profile":"p","soc_percent":1.00}' >"$T/late"
append plain "$T/late"
append sealed "$T/late"
seen plain >"$T/plain"
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" 'a row that comes late for a sealed day'
tenant-db seal --tenant sealed --now 2026-03-09T00:00:00Z
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" 'and when that day is sealed again'

is "$(tenant-db seal --tenant sealed --now 2026-03-09T00:00:00Z -v)" \
    '{"kind":"seal-run","tenant":"sealed","rows":0,"blocks":0,"bytes":0,'\
'"sheets":0}' \
    'nothing is left to do'

# hours of history that are long over
tenant-db seal --tenant sealed --now 2026-06-01T00:00:00Z
is "$(db sealed "SELECT count(*) FROM history_rows
    WHERE period_type = 'hourly'") $(db plain "SELECT count(*) > 100,
    count(*) = (SELECT count(*) FROM history_rows WHERE
    period_type = 'hourly') FROM history_rows WHERE period_type = 'hourly'")" \
    '0 1|1' 'all hours are in sheets'
is "$(db sealed 'SELECT count(*) > 0 FROM cell_blocks') $(db sealed \
    'SELECT count(*) FROM cell_rows WHERE period = 0')" '1 0' \
    'and those of cells'
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" 'and read as before'
sed 's/:[0-9][0-9]\.[0-9]*Z/:59.998Z/; 5q' "$T/late" >"$T/later"
for tenant in plain sealed; do append $tenant "$T/later"; done
seen plain >"$T/plain"
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" 'what comes late changes them all the same'
tenant-db seal --tenant sealed --now 2026-06-01T00:00:00Z
is "$(db sealed 'SELECT count(*) FROM touched')" 1 \
    'that they have changed is forgotten'
is "$(db sealed 'SELECT max(t.seq) >= max(c.seq) FROM touched t, cursors c')" \
    1 'but for the newest, so that no number comes twice'
alert-eval --tenant sealed --now 2026-06-01T00:00:00Z >/dev/null
cursor="SELECT seq FROM cursors WHERE follower = 'alert-eval'"
before=$(db sealed "$cursor")
rollup --tenant sealed --rebuild
is "$(db sealed 'SELECT count(*) > 100 FROM touched')" 1 \
    'but told again to one that begins anew'
alert-eval --tenant sealed --now 2026-06-01T00:00:00Z >/dev/null
is "$(db sealed "$cursor")" "$before" 'and not to those who know'
tenant-db judge --tenant sealed --rebuild
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" 'made anew, they are the same'
alert-eval --tenant sealed --now 2026-06-01T00:00:00Z >/dev/null
tenant-db seal --tenant sealed --now 2026-06-01T00:00:00Z
is "$(db sealed 'SELECT count(*) FROM touched')" 1 'and is forgotten again'

# killed at any instant
mkdir "$T/s"
python3 "$TESTS/sealed.py" "${KILL_SEED:-7}" "$T/s"
create plain
append plain "$T/s/all"
seen plain >"$T/plain"
create sealed
append sealed "$T/s/all"
n=0
while [ "$n" -lt "${KILLS:-10}" ]; do
	cut_off "0.0$((n * 7 % 10))" \
	    tenant-db seal --tenant sealed --now 2026-03-09T00:00:00Z
	n=$((n + 1))
done
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" "killed $n times"
is "$(db sealed 'PRAGMA integrity_check')" ok 'the file is whole'

# a writer, a sealer, a reader and a follower at once
stream() { # readings as they come, some of them late, some twice
	for i in 0 1 2 3 4 5; do
		sed 's/TENANT/sealed/' "$T/s/part.$i" | split -l 60 - "$T/s/piece."
		for piece in "$T/s/piece."*; do
			cat "$piece"
			sed -n '$s/.*"time":"\([^"]*\)".*/\1/p' "$piece" >"$T/s/next"
			mv "$T/s/next" "$T/s/time"
			sleep 0.02
		done
		rm "$T/s/piece."*
	done
}
until_end() { # COMMAND...: again and again; what fails is told
	while [ ! -e "$T/s/end" ]; do
		"$@" >"$T/s/out.$1" 2>&1 ||
		    { echo "$*: $?" && cat "$T/s/out.$1"; } >>"$T/s/failed"
	done
}
seal_now() {
	tenant-db seal --tenant sealed --grace 0s --now "$(cat "$T/s/time")"
}
# each row once, and all that an export before has told
export_all() {
	tenant-export --tenant sealed readings >"$T/s/export" || return
	cut -d , -f 1-3 "$T/s/export" | sort >"$T/s/keys"
	[ -z "$(uniq -d "$T/s/keys")" ] || return
	[ -z "$(comm -23 "$T/s/before" "$T/s/keys")" ] || return
	mv "$T/s/keys" "$T/s/before"
	echo >>"$T/s/exports"
}
create sealed
: >"$T/s/before"
echo 2026-03-01T00:00:00Z >"$T/s/time"
until_end seal_now &
sealer=$!
until_end export_all &
reader=$!
until_end rollup --tenant sealed &
follower=$!
stream | tenant-db append --tenant sealed >/dev/null
is "$?" 0 'appending while others seal and read'
: >"$T/s/end"
wait $sealer $reader $follower
is "$(cat "$T/s/failed" 2>/dev/null)" '' \
    "nothing is told twice or left out in $(wc -l <"$T/s/exports") exports"
seen sealed >"$T/sealed"
same "$T/sealed" "$T/plain" 'and in the end all is there'

# a damaged block
tenant-db seal --tenant sealed --now 2026-03-09T00:00:00Z
db sealed "UPDATE blocks SET data = zeroblob(length(data))
    WHERE id = (SELECT min(id) FROM blocks)"
tenant-export --tenant sealed readings >/dev/null 2>"$T/err"
is "$?" 2 'a damaged block is not passed over'
like "$(cat "$T/err")" 'block.*damaged' 'and named'

tenant-db seal --tenant nobody 2>"$T/err"
is "$?" 2 'a tenant that is not there'
done_testing
