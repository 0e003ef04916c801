#!/bin/sh
# Whatever order, portions, repetitions, sealing and runs in between: the same
# readings come to the same history, cells, counters and verdicts, byte for
# byte, and so does making all of it anew. SEED=... repeats a run, ROUNDS=...
# takes more of them.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$(date +%s)}
echo "# SEED=$seed"
# TENANT PLAUSIBILITY
fresh() {
	tenant=$1
	tenant-db create --tenant "$tenant" --timezone America/Toronto
	put_zones "$tenant" "$2"
}
append() {
	sed "s/\"tenant\":\"eds\"/\"tenant\":\"$tenant\"/" |
	    tenant-db append --tenant "$tenant" >/dev/null
}
# some hours of a measurement do not count
annul() {
	tenant-db annul --tenant "$tenant" --battery tor --measurement \
	    "$1" --from "$(date -ud "$start + 30 hours" +%FT%TZ)" --to \
	    "$(date -ud "$start + 33 hours" +%FT%TZ)" --reason 'a test' \
	    --by test >/dev/null
}
contents() {
	python3 - "$TBMS_ROOT/tenants/$tenant/tenant.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for table in ("history_rows", "cell_rows", "counter_state", "suspects"):
    query = db.execute("SELECT * FROM %s" % table)
    names = [c[0] for c in query.description]
    kept = [i for i, n in enumerate(names) if n not in ("id", "created_at")]
    for row in sorted(repr([row[i] for i in kept]) for row in query):
        print(table, row)
PY
}
# SEED: quiet values, and now and then one that nobody believes
quiet() {
	python3 -c '
import json, random, sys
rnd = random.Random(int(sys.argv[1]))
for line in sys.stdin:
    r = json.loads(line)
    if "pack_voltage" in r:
        r["pack_voltage"] = round(rnd.choice([50] * 60 + [90]) +
                                  rnd.random(), 3)
    if r.get("cell_voltages"):
        r["cell_voltages"] = [round(rnd.choice([3.3] * 200 + [5.5]) +
            rnd.random() / 20, 3) for _ in r["cell_voltages"]]
    print(json.dumps(r, separators=(",", ":")))' "$1"
}
# SEED: lines to portions, orders and what is done between them
mix() {
	python3 - "$1" "$T/in" "$T/portion" <<'PY'
import random, sys
rnd = random.Random(int(sys.argv[1]))
lines = open(sys.argv[2]).read().splitlines()
how = rnd.choice(("shuffled", "shuffled", "blocks", "backwards"))
if how == "shuffled":
    rnd.shuffle(lines)
elif how == "backwards":
    lines.reverse()
else: # stretches of time in any order
    size = rnd.randint(20, 400)
    parts = [lines[i:i + size] for i in range(0, len(lines), size)]
    rnd.shuffle(parts)
    lines = sum(parts, [])
again = rnd.sample(lines, len(lines) // 5)
for line in again:
    lines.insert(rnd.randrange(len(lines)), line)
cuts = sorted(rnd.sample(range(1, len(lines)), rnd.randint(1, 6)))
for n, (a, b) in enumerate(zip([0] + cuts, cuts + [len(lines)])):
    with open("%s.%d" % (sys.argv[3], n), "w") as f:
        print("\n".join(lines[a:b]), file=f)
    print(n, rnd.randint(0, 9), rnd.choice(("rollup", "judge", "seal",
                                            "seal rollup", "rollup",
                                            "rollup seal", "none")))
PY
}

round=0
while [ $round -lt "${ROUNDS:-3}" ]; do
	n=$((seed + round))
	round=$((round + 1))
	start=$(python3 -c '
import random, sys
r = random.Random(int(sys.argv[1]))
# changes of clocks both ways, or any day
print(r.choice(("2026-10-24", "2026-03-28", "2026-03-07", "2026-10-03",
    "2026-10-31", "2026-04-04", "20%02d-06-29" % r.randint(10, 35))))' $n)
	limits='{}'
	[ $((n % 3)) -ne 0 ] || limits='{"stuck":false,"cell_voltages":0}'
	python3 "$TESTS/rollup.py" make $n "$start" 3 1 | quiet $n >"$T/in"
	fresh "a$round" "$limits"
	append <"$T/in"
	annul "$(echo pack_current cell_voltages total_charge_ah |
	    cut -d ' ' -f $((n % 3 + 1)))"
	rollup --tenant "$tenant"
	contents >"$T/plain"
	fresh "b$round" "$limits"
	mix $n >"$T/steps"
	last=$(date -ud "$start + 4 days" +%s)
	while read -r portion hour what; do
		append <"$T/portion.$portion"
		for do in $what; do
			case $do in
			rollup) rollup --tenant "$tenant" ;;
			judge) tenant-db judge --tenant "$tenant" ;;
			seal) tenant-db seal --tenant "$tenant" --now \
			    "$(date -ud "@$((last - hour * 43000))" \
			    +%Y-%m-%dT%H:%M:%SZ)" ;;
			esac
		done
	done <"$T/steps"
	annul "$(echo pack_current cell_voltages total_charge_ah |
	    cut -d ' ' -f $((n % 3 + 1)))"
	rollup --tenant "$tenant"
	contents >"$T/mixed"
	same "$T/mixed" "$T/plain" "seed $n, $start: $(wc -l <"$T/in") lines in $(wc -l <"$T/steps") portions, $(grep -c '^suspects' "$T/plain") suspects"
	rollup --rebuild --tenant "$tenant"
	contents >"$T/again"
	same "$T/again" "$T/plain" 'and anew'
	tenant-db judge --rebuild --tenant "$tenant"
	rollup --rebuild --tenant "$tenant"
	contents >"$T/again"
	same "$T/again" "$T/plain" 'and judged anew'
done
done_testing
