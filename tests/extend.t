#!/bin/sh
# What STYLE promises: a new measurement is a row and a migration, a new
# device is a file, a new program is three files, a new tenant is a command;
# nothing else is edited, and each works from field to export.
. "$(dirname "$0")/lib.sh"

not_san "it builds a tree of its own, without a sanitizer" \
    "a measurement, a device, a program, a tenant"
tree=$T/tree
mkdir "$tree"
for part in Makefile config.mk lib bin man share examples tests README.md \
    LICENSE; do
	cp -R "$TOP/$part" "$tree/"
done
before=$(cd "$tree" && find . -type f -exec cksum {} + | sort -k 3)

# a measurement: one row of the table, one migration for its history
next=$(find "$tree/share/schema/tenant" -name "*.sql" | wc -l)
next=$(printf %04d $((next + 1)))
table=$tree/lib/record/measurement.h
sed -i 's|^M(1, pack_voltage|M(99, humidity_percent, "%", 1, NUMBER, BATTERY, 0, 100, 0, ALL, "humidity", 0, 0, 0) \\\n&|' "$table"
cat >"$tree/share/schema/tenant/$next.sql" <<'SQL'
-- Humidity of the battery room.
ALTER TABLE history_rows ADD COLUMN humidity_avg REAL;
ALTER TABLE history_rows ADD COLUMN humidity_covered REAL;
ALTER TABLE history_rows ADD COLUMN humidity_min REAL;
ALTER TABLE history_rows ADD COLUMN humidity_min_time INTEGER;
ALTER TABLE history_rows ADD COLUMN humidity_max REAL;
ALTER TABLE history_rows ADD COLUMN humidity_max_time INTEGER;
SQL
# a device profile: one file
cat >"$tree/share/profiles/example-room.json" <<'JSON'
{
	"maker": "Example",
	"model": "Room sensor and pack meter",
	"source": "made for this test",
	"licence": "CC0-1.0",
	"protocol": "modbus",
	"modbus": { "function": 3 },
	"measurements": [
		{ "name": "pack_voltage", "at": 0, "type": "u16", "scale": "0.1" },
		{ "name": "humidity_percent", "at": 1, "type": "u16",
		  "scale": "0.1" }
	],
	"vectors": [
		{ "frame": { "complete": true, "blocks": [
			{ "function": 3, "address": 0, "data": "020001c7" } ] },
		  "reading": { "pack_voltage": 51.2, "humidity_percent": 45.5 } }
	]
}
JSON
# a program: its source, its page, its test
cat >"$tree/bin/bms-count.c" <<'C'
/* Counts the lines of its standard input. */
#include <stdio.h>

int
main(void)
{
	int c, lines = 0;

	while ((c = getchar()) != EOF)
		lines += c == '\n';
	printf("%d\n", lines);
	return 0;
}
C
printf '.Dd January 1, 2026\n.Dt BMS-COUNT 1\n.Os\n' >"$tree/man/bms-count.1"
echo '. "$(dirname "$0")/lib.sh"; done_testing' >"$tree/tests/bms-count.t"

after=$(cd "$tree" && find . -type f -exec cksum {} + | sort -k 3)
printf '%s\n' "$before" >"$T/before"
printf '%s\n' "$after" >"$T/after"
is "$(diff "$T/before" "$T/after" | sed -n 's/^> .* //p' | tr '\n' ' ')" \
    "./bin/bms-count.c ./lib/record/measurement.h ./man/bms-count.1 ./share/profiles/example-room.json ./share/schema/tenant/$next.sql ./tests/bms-count.t " \
    "just the files that STYLE names are touched"

make -s -C "$tree" -j "$(nproc)" OPT=-O0 FAT= >"$T/make.log" 2>&1
is "$?" 0 "the tree builds"
tail -n 12 "$T/make.log" | sed 's/^/# /'
PATH=$tree/build/bin:$PATH
TBMS_SHARE=$tree/share
export TBMS_SHARE
is "$(printf 'a\nb\n' | bms-count)" 2 "the new program is built and runs"
bms-normalize --check >"$T/check" 2>&1
is $? 0 "the vectors of all profiles hold, the new one's too"

tenant-db create --tenant t --timezone UTC
echo '{"slug":"t","name":"T","chemistry":"lfp","nominal_voltage":48,"capacity_ah":100,"capacity_wh":4800,"cell_count":15}' |
    tenant-db put --tenant t battery_types
echo '{"slug":"here","name":"Here"}' | tenant-db put --tenant t locations
echo '{"slug":"b","serial_number":"1","name":"B","battery_type":"t","location":"here"}' |
    tenant-db put --tenant t batteries
echo '{"device":"d","profile":"example-room","address":"tcp://127.0.0.1:502","battery":"b"}' |
    tenant-db put --tenant t devices
for minute in 00 10 20 30 40 50; do
	echo "{\"kind\":\"frame\",\"time\":\"2026-05-01T10:$minute:00Z\",\"tenant\":\"t\",\"device\":\"d\",\"profile\":\"example-room\",\"protocol\":\"modbus\",\"complete\":true,\"blocks\":[{\"function\":3,\"address\":0,\"data\":\"020001c7\"}]}"
done | bms-normalize | tenant-db append --tenant t >"$T/readings"
is "$(jq -r .humidity_percent "$T/readings" | sort | uniq -c | tr -s ' ')" \
    " 6 45.5" "the new measurement is in the readings"
is "$(tenant-db query --tenant t 'SELECT count(*) AS n, avg(humidity_percent) AS h FROM bms_data')" \
    '{"n":6,"h":45.5}' "and in the store"
rollup --tenant t
is "$(tenant-db query --tenant t "SELECT humidity_avg AS a, humidity_max AS m FROM history_rows WHERE period_type = 'hourly'")" \
    '{"a":45.5,"m":45.5}' "and in the history"
tenant-export --tenant t readings --format csv >"$T/csv" 2>"$T/err"
like "$(head -n 1 "$T/csv")" 'humidity_percent' "and in the export"

done_testing
