#!/bin/sh
# What is in blocks and sheets is found by any condition, join and order as
# if it stood in plain tables. SEED=... repeats a run.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$(date +%s)}
echo "# SEED=$seed"
tenant-db create --tenant x --timezone America/Toronto
put_zones x '{}'
python3 - <<'PY' | tenant-db append --tenant x >/dev/null
import time
for battery in ("tor", "par", "ktm"):
    for i in range(75 * 4):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                           time.gmtime(1767225600 + i * 21600))
        print('{"kind":"battery","time":"%s","tenant":"x","battery":"%s",'
              '"pack_voltage":%.2f,"cell_voltages":[3.3,3.4]}' %
              (at, battery, 50 + i % 7 / 10))
PY
rollup --tenant x
{
	tenant-db query --tenant x 'SELECT battery_id, battery, timestamp
	    FROM bms_data'
	tenant-db query --tenant x 'SELECT battery_id, period_type,
	    period_start FROM bms_cell_history'
} | python3 "$TESTS/tables.py" copy "$TBMS_ROOT/tenants/x/tenant.db"
is "$(sqlite3 "$TBMS_ROOT/tenants/x/tenant.db" \
    'SELECT count(*) FROM plain_bms_data')" 900 'copies'
tenant-db seal --tenant x --now 2026-03-14T00:00:00Z
is "$(sqlite3 "$TBMS_ROOT/tenants/x/tenant.db" \
    'SELECT (SELECT count(*) FROM history_blocks) * 10 +
    (SELECT count(*) FROM cell_blocks)')" 66 'most of it stands in sheets'
python3 "$TESTS/tables.py" ask "$seed" 200 >"$T/asked"
is "$(wc -l <"$T/asked")" 200 'conditions'
while read -r statement; do
	echo "$statement UNION ALL"
done <"$T/asked" | split -l 20 - "$T/part."
for part in "$T"/part.*; do
	tenant-db query --tenant x "$(sed '$s/ UNION ALL$//' "$part")"
done >"$T/said"
is "$(grep -c '"same":1' "$T/said")" 200 'all as in plain tables'
grep -vn '"same":1' "$T/said" | cut -d : -f 1 | while read -r n; do
	sed -n "${n}p" "$T/asked"
done | head -3 | sed 's/^/# /'
# OR of one battery and another's time; nothing is taken for the same row
is "$(tenant-db query --tenant x "SELECT count(*) AS n FROM bms_data
    WHERE battery = 'tor' OR timestamp < 1767225600000 + 864000000")" \
    '{"n":380}' 'two walks, no row twice and none lost'
done_testing
