"""An independent rollup: python3 rollup.py make SEED > lines;
python3 rollup.py check LINES HISTORY.csv compares, says what differs.

Shares nothing with the C code but the definitions of rollup(5): straight
lines between readings at most GAP apart, cut at the edges of local hours.
"""
import csv, json, random, sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

GAP = 900.0
ZONES = {"tor": "America/Toronto", "par": "Europe/Paris",
         "ktm": "Asia/Kathmandu"}
UTC = timezone.utc
# (field, column, what): the columns of values
COLUMNS = [("pack_voltage", "pack_voltage_avg", "avg"),
           ("pack_voltage", "pack_voltage_min", "min"),
           ("pack_voltage", "pack_voltage_max", "max"),
           ("pack_current", "pack_current_avg", "avg"),
           ("pack_current", "pack_current_min", "min"),
           ("pack_current", "pack_current_max", "max"),
           ("power", "pack_power_avg", "avg"),
           ("soc_percent", "soc_avg", "avg"),
           ("soc_percent", "soc_min", "min"),
           ("soc_percent", "soc_max", "max"),
           ("soc_percent", "soc_start", "first"),
           ("soc_percent", "soc_end", "last"),
           ("soh_percent", "soh_avg", "avg"),
           ("soh_percent", "soh_start", "first"),
           ("soh_percent", "soh_end", "last"),
           ("tmin", "temp_min", "min"), ("tmax", "temp_max", "max")]
MODES = ["idle", "charging", "discharging", "balancing", "fault"]
POINTS = [4, 3, 2, 1, 0]
QUALITY = ["excellent", "good", "fair", "poor", "invalid"]


def stamp(t):
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + \
        "%03dZ" % (round(t * 1000) % 1000)


def make(seed):
    rnd = random.Random(seed)
    rows = []
    start = datetime(2026, 10, 24, tzinfo=UTC).timestamp()
    for battery in ZONES:
        t, soc, soh = start + rnd.random() * 60, 50.0, 99.0
        while t < start + 10 * 86400:
            current = rnd.choice([0, 0, 1, -1]) * rnd.uniform(0, 90)
            soc = min(100, max(0, soc + current / 50))
            soh -= 0.001
            row = {"kind": "battery", "time": stamp(t),
                   "tenant": "eds", "device": "d-" + battery,
                   "profile": "p", "pack_voltage":
                   round(rnd.uniform(44, 56), 3),
                   "pack_current": round(current, 3),
                   "temperatures": [round(rnd.uniform(-9, 40), 2)
                                    for _ in range(3)],
                   "soc_percent": round(soc, 2),
                   "soh_percent": round(soh, 2),
                   "operation_mode": rnd.choice(MODES),
                   "data_quality": rnd.choice(QUALITY[:2] * 9 + QUALITY)}
            for name in ("soc_percent", "pack_voltage", "soh_percent"):
                if rnd.random() < 0.05:
                    del row[name]
            if rnd.random() < 0.2:
                row["communication_errors"] = rnd.randint(0, 3)
            rows.append((t, battery, row))
            t += rnd.choice([10, 30, 30, 60, 300, 899.999, 900, 900.001,
                             2000]) + rnd.choice([0, 0.25])
            if rnd.random() < 0.004:
                t += rnd.uniform(3600, 30000)
    rows.sort(key=lambda r: r[0])
    for _, _, row in rows:
        print(json.dumps(row, separators=(",", ":")))


def seconds(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(
        tzinfo=UTC).timestamp()


def hours(zone, first, last):
    """Local hours as [start, end), by local clock times of each instant."""
    step, key, start = 900, None, None
    t = first // 86400 * 86400 - 86400
    while t < last + 86400:
        local = datetime.fromtimestamp(t, zone)
        now = (local.replace(minute=0, second=0), local.utcoffset())
        if now != key:
            if key is not None:
                yield start, t
            key, start = now, t
        t += step


def lines(points, edge):
    """Pieces (t0, t1, v0, v1) of the line through points, cut at edges."""
    a, b = edge
    for (t0, v0), (t1, v1) in zip(points, points[1:]):
        if not 0 < t1 - t0 <= GAP + 1e-9 or t1 <= a or t0 >= b:
            continue
        at = lambda t: v0 + (v1 - v0) * (t - t0) / (t1 - t0)
        lo, hi = max(a, t0), min(b, t1)
        if hi > lo:
            yield lo, hi, at(lo), at(hi)


def halves(pieces):
    """Area above and below zero, by fine slices where the sign changes."""
    up = down = 0.0
    for t0, t1, v0, v1 in pieces:
        if v0 * v1 < 0:
            z = t0 + (t1 - t0) * abs(v0) / (abs(v0) + abs(v1))
            parts = [(t0, z, v0, 0.0), (z, t1, 0.0, v1)]
        else:
            parts = [(t0, t1, v0, v1)]
        for a, b, x, y in parts:
            s = (x + y) / 2 * (b - a)
            up, down = (up + s, down) if s > 0 else (up, down - s)
    return up, down


def hour_row(series, edge, all_points):
    a, b = edge
    row = {}
    for field, column, what in COLUMNS:
        points = series.get(field, [])
        inside = [v for t, v in points if a <= t < b]
        if what == "avg":
            pieces = list(lines(points, edge))
            span = sum(p[1] - p[0] for p in pieces)
            if span > 0:
                row[column] = sum((p[2] + p[3]) / 2 * (p[1] - p[0])
                                  for p in pieces) / span
        elif inside:
            row[column] = {"min": min(inside), "max": max(inside),
                           "first": inside[0], "last": inside[-1]}[what]
    pieces = list(lines(series.get("power", []), edge))
    if pieces:
        up, down = halves(pieces)
        row["energy_charged_wh"] = up / 3600
        row["energy_discharged_wh"] = down / 3600
    up, down = halves(lines(series.get("pack_current", []), edge))
    if up + down > 0:
        row["partial_cycles"] = (up + down) / 3600 / 2 / 100
    for mode in MODES:
        row["time_" + mode] = sum(
            min(b, t1) - max(a, t0) for (t0, m), (t1, _) in
            zip(series["mode"], series["mode"][1:])
            if m == mode and 0 < t1 - t0 <= GAP + 1e-9 and t1 > a and
            t0 < b) / 60
    row["time_covered"] = sum(p[1] - p[0] for p in
                              lines(series["any"], edge)) / 60
    here = [r for t, r in all_points if a <= t < b]
    row["data_points_count"] = len(here)
    row["communication_errors_total"] = sum(
        r.get("communication_errors", 0) for r in here)
    if here:
        row["data_quality_avg"] = sum(
            POINTS[QUALITY.index(r["data_quality"])] for r in here) / \
            len(here)
    efficiency(row)
    return row if here or row["time_covered"] > 0 else None


def efficiency(row):
    up, down = (row.get("energy_%scharged_wh" % d, 0) for d in ("", "dis"))
    if 1e-6 < down <= up and "soc_end" in row and \
            abs(row["soc_end"] - row["soc_start"]) <= 5:
        row["efficiency_percent"] = 100 * down / up


def series_of(rows):
    series = {"mode": [], "any": []}
    for t, r in rows:
        if r["data_quality"] in ("poor", "invalid"):
            continue
        put = lambda k, v: series.setdefault(k, []).append((t, v))
        for name in ("pack_voltage", "pack_current", "soc_percent",
                     "soh_percent"):
            if name in r:
                put(name, r[name])
        if "pack_voltage" in r:
            put("power", round(r["pack_voltage"] * r["pack_current"], 2))
        put("tmin", min(r["temperatures"]))
        put("tmax", max(r["temperatures"]))
        put("mode", r["operation_mode"])
        put("any", 0)
    return series


SUMS = ["energy_charged_wh", "energy_discharged_wh", "partial_cycles",
        "time_covered", "data_points_count", "communication_errors_total"] \
    + ["time_" + m for m in MODES]


def merge(parts):
    """A longer period from its parts."""
    row = {}
    for name in SUMS:
        if any(name in p for p in parts):
            row[name] = sum(p.get(name, 0) for p in parts)
    for _, column, what in COLUMNS:
        have = [p for p in parts if column in p]
        if not have:
            continue
        v = [p[column] for p in have]
        if what == "avg":
            w = [p["time_covered"] for p in have]
            row[column] = sum(x * y for x, y in zip(v, w)) / sum(w)
        else:
            row[column] = {"min": min(v), "max": max(v), "first": v[0],
                           "last": v[-1]}[what]
    efficiency(row)
    return row


def day_of(zone, t):
    return datetime.fromtimestamp(t, zone).date()


def week_of(zone, t):
    d = day_of(zone, t)
    return d - timedelta(days=d.weekday())


def month_of(zone, t):
    return day_of(zone, t).replace(day=1)


def longer(out, battery, period, key, zone, parts):
    """Rows of a longer period from (time, row) of its parts."""
    groups, done = {}, []
    for t, row in parts:
        groups.setdefault(key(zone, t), []).append(row)
    for day, rows in groups.items():
        start = datetime(day.year, day.month, day.day,
                         tzinfo=zone).timestamp()
        out[battery, period, start] = merge(rows)
        done.append((start, out[battery, period, start]))
    return done


def wanted(path):
    readings = {}
    with open(path) as f:
        for line in f:
            r = json.loads(line)
            readings.setdefault(r["device"][2:], {})[seconds(r["time"])] = r
    out = {}
    for battery, by_time in readings.items():
        zone = ZoneInfo(ZONES[battery])
        rows = sorted(by_time.items())
        series, done = series_of(rows), []
        for edge in hours(zone, rows[0][0], rows[-1][0]):
            row = hour_row(series, edge, rows)
            if row is not None:
                out[battery, "hourly", edge[0]] = row
                done.append((edge[0], row))
        days = longer(out, battery, "daily", day_of, zone, done)
        longer(out, battery, "weekly", week_of, zone, days)
        longer(out, battery, "monthly", month_of, zone, days)
    return out


def check(path, table):
    want, bad, values = wanted(path), 0, 0
    with open(table) as f:
        got = {(r["slug"], r["period_type"], int(r["period_start"]) / 1000):
               r for r in csv.DictReader(f)}
    for key in sorted(set(want) ^ set(got)):
        print("only", "here" if key in want else "there", key)
        bad += 1
    for key in sorted(set(want) & set(got)):
        for column, value in want[key].items():
            text = got[key][column]
            values += 1
            if text == "" or abs(float(text) - value) > 1e-4 + \
                    abs(value) * 1e-8:
                print(key, column, "wanted", value, "got", text)
                bad += 1
        for column, text in got[key].items():
            if text != "" and column in [c[1] for c in COLUMNS] + SUMS + \
                    ["efficiency_percent"] and \
                    column not in want[key]:
                print(key, column, "wanted nothing, got", text)
                bad += 1
    print(len(want), "rows", values, "values", bad, "differ")
    return bad == 0 and len(want) > 100


if sys.argv[1] == "make":
    make(int(sys.argv[2]))
else:
    sys.exit(0 if check(sys.argv[2], sys.argv[3]) else 1)
