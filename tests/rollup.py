"""An independent rollup:
python3 rollup.py make SEED FIRST-DAY DAYS PACE > lines;
python3 rollup.py check LINES HISTORY.csv [LEAST] compares, says what differs;
there must be more than LEAST (100) rows.

Shares nothing with the C code but the definitions of rollup(5): straight
lines between readings at most GAP apart, cut at the edges of the period.
Every period, the longest too, is computed from the readings themselves.
"""
import csv, json, random, sys
from bisect import bisect_left
from decimal import ROUND_HALF_UP, Decimal
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

GAP = 900000  # times are whole milliseconds
ZONES = {"tor": "America/Toronto", "par": "Europe/Paris",
         "ktm": "Asia/Kathmandu", "lhi": "Australia/Lord_Howe"}
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


def make(seed, first, days, pace):
    """PACE: how many times longer than usual the breaks are."""
    rnd = random.Random(seed)
    rows = []
    start = datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp()
    for battery in ZONES:
        t, soc, soh = start + rnd.random() * 60, 50.0, 99.0
        while t < start + days * 86400:
            current = rnd.choice([0, 0, 1, -1]) * rnd.uniform(0, 90)
            soc = min(100, max(0, soc + current / 50))
            soh = max(9, soh - 0.001)
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
            # now and then unknown for long: a mean weighs what it covers
            if int(t / 7000) % 5 == 0:
                row.pop("pack_voltage", None)
            if rnd.random() < (0.8 if int(t / 86400) % 3 == 0 else 0.05):
                del row["data_quality"]
            if rnd.random() < 0.2:
                row["communication_errors"] = rnd.randint(0, 3)
            rows.append((t, battery, row))
            t += rnd.choice([10, 30, 30, 60, 300, 899.999, 900, 900.001,
                             2000]) + rnd.choice([0, 0.25])
            if rnd.random() < 0.004:
                t += rnd.uniform(3600, 30000) * pace
    rows.sort(key=lambda r: r[0])
    for _, _, row in rows:
        print(json.dumps(row, separators=(",", ":")))


def milliseconds(text):
    t = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (t - datetime(1970, 1, 1)) // timedelta(milliseconds=1)


def hours(zone, first, last):
    """Local hours as [start, end), by local clock times of each instant."""
    step, key, start = 900000, None, None
    t = first // 86400000 * 86400000 - 86400000
    while t < last + 86400000:
        local = datetime.fromtimestamp(t // 1000, zone)
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
        if not 0 < t1 - t0 <= GAP or t1 <= a or t0 >= b:
            continue
        at = lambda t: v0 + (v1 - v0) * (t - t0) / (t1 - t0)
        lo, hi = max(a, t0), min(b, t1)
        if hi > lo:
            yield lo, hi, at(lo), at(hi)


def halves(pieces):
    """Area above and below zero."""
    up = down = 0.0
    for t0, t1, v0, v1 in pieces:
        parts = [(t1 - t0, v0, v1)]
        if v0 * v1 < 0:
            head = (t1 - t0) * abs(v0) / (abs(v0) + abs(v1))
            parts = [(head, v0, 0.0), (t1 - t0 - head, 0.0, v1)]
        for length, x, y in parts:
            s = (x + y) / 2 * length
            up, down = (up + s, down) if s > 0 else (up, down - s)
    return up, down


def near(points, edge):
    """Those that reach into the period."""
    return points[bisect_left(points, (edge[0] - GAP,)):
                  bisect_left(points, (edge[1] + GAP + 1,))]


def extreme(row, column, what, points, edge):
    """The least or largest, and when it was that first."""
    sign = 1 if what == "min" else -1
    v, t = min((sign * v, t) for t, v in points
               if edge[0] <= t < edge[1])
    row[column] = sign * v
    row[column + "_time"] = t


def period_row(series, edge, all_points):
    a, b = edge
    row = {}
    series = {k: near(v, edge) for k, v in series.items()}
    for field, column, what in COLUMNS:
        points = series.get(field, [])
        inside = [v for t, v in points if a <= t < b]
        if what == "avg":
            pieces = list(lines(points, edge))
            span = sum(p[1] - p[0] for p in pieces)
            if span > 0:
                row[column] = sum((p[2] + p[3]) / 2 * (p[1] - p[0])
                                  for p in pieces) / span
                row[column[:-3] + "covered"] = span / 60000
        elif inside and what in ("min", "max"):
            extreme(row, column, what, points, edge)
        elif inside:
            row[column] = inside[0 if what == "first" else -1]
    pieces = list(lines(series.get("power", []), edge))
    if pieces:
        up, down = halves(pieces)
        row["energy_charged_wh"] = up / 3.6e6
        row["energy_discharged_wh"] = down / 3.6e6
    up, down = halves(lines(series.get("pack_current", []), edge))
    if up + down > 0:
        row["partial_cycles"] = (up + down) / 3.6e6 / 2 / 100
    for mode in MODES:
        row["time_" + mode] = sum(
            min(b, t1) - max(a, t0) for (t0, m), (t1, _) in
            zip(series["mode"], series["mode"][1:])
            if m == mode and 0 < t1 - t0 <= GAP and t1 > a and
            t0 < b) / 60000
    row["time_covered"] = sum(p[1] - p[0] for p in
                              lines(series["any"], edge)) / 60000
    here = [r for _, r in all_points[
        bisect_left(all_points, a, key=lambda p: p[0]):
        bisect_left(all_points, b, key=lambda p: p[0])]]
    row["data_points_count"] = len(here)
    row["communication_errors_total"] = sum(
        r.get("communication_errors", 0) for r in here)
    told = [POINTS[QUALITY.index(r["data_quality"])] for r in here
            if "data_quality" in r]
    if told:
        row["data_quality_avg"] = sum(told) / len(told)
        row["data_quality_count"] = len(told)
    efficiency(row)
    return row if here or row["time_covered"] > 0 else None


def efficiency(row):
    up, down = (row.get("energy_%scharged_wh" % d, 0) for d in ("", "dis"))
    if 1e-6 < down <= up and "soc_end" in row and \
            abs(row["soc_end"] - row["soc_start"]) <= 5:
        row["efficiency_percent"] = 100 * down / up


def watts(volts, amperes):
    """In hundredths, halves away from zero."""
    exact = Decimal(str(volts)) * Decimal(str(amperes))
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def series_of(rows):
    series = {"mode": [], "any": []}
    for t, r in rows:
        if r.get("data_quality") in ("poor", "invalid"):
            continue
        put = lambda k, v: series.setdefault(k, []).append((t, v))
        for name in ("pack_voltage", "pack_current", "soc_percent",
                     "soh_percent"):
            if name in r:
                put(name, r[name])
        if "pack_voltage" in r:
            put("power", watts(r["pack_voltage"], r["pack_current"]))
        put("tmin", min(r["temperatures"]))
        put("tmax", max(r["temperatures"]))
        put("mode", r["operation_mode"])
        put("any", 0)
    return series


def local(zone, day):
    return 1000 * int(datetime(day.year, day.month, day.day,
                               tzinfo=zone).timestamp())


def longer(zone, period, first, last):
    """Days, weeks and months as [start, end), by the calendar."""
    day = datetime.fromtimestamp(first // 1000, zone).date() - timedelta(days=1)
    if period == "weekly":
        day -= timedelta(days=day.isoweekday() - 1)
    elif period == "monthly":
        day = day.replace(day=1)
    while local(zone, day) <= last + GAP:
        if period == "monthly":
            then = (day + timedelta(days=31)).replace(day=1)
        else:
            then = day + timedelta(days=1 if period == "daily" else 7)
        yield local(zone, day), local(zone, then)
        day = then


def wanted(path):
    readings = {}
    with open(path) as f:
        for line in f:
            r = json.loads(line)
            readings.setdefault(r["device"][2:], {})[
                milliseconds(r["time"])] = r
    out = {}
    for battery, by_time in readings.items():
        zone = ZoneInfo(ZONES[battery])
        rows = sorted(by_time.items())
        series = series_of(rows)
        first, last = rows[0][0], rows[-1][0]
        edges = [("hourly", e) for e in hours(zone, first, last)]
        for period in ("daily", "weekly", "monthly"):
            edges += [(period, e) for e in longer(zone, period, first, last)]
        for period, edge in edges:
            row = period_row(series, edge, rows)
            if row is not None:
                row["period_end"] = edge[1]
                row["zone"] = ZONES[battery]
                out[battery, period, edge[0]] = row
    return out


def differs(text, value):
    if isinstance(value, str) or text == "":
        return text != value
    # what is stored is rounded, three decimals behind what is shown
    return abs(float(text) - value) > 2e-5 + abs(value) * 1e-11


def check(path, table, least):
    want, bad, values = wanted(path), 0, 0
    known = {column for row in want.values() for column in row}
    with open(table) as f:
        got = {(r["slug"], r["period_type"], int(r["period_start"])):
               r for r in csv.DictReader(f)}
    for key in sorted(set(want) ^ set(got)):
        print("only", "here" if key in want else "there", key)
        bad += 1
    for key in sorted(set(want) & set(got)):
        for column, value in want[key].items():
            text = got[key][column]
            values += 1
            if differs(text, value):
                print(key, column, "wanted", value, "got", text)
                bad += 1
        for column, text in got[key].items():
            if text != "" and column in known and column not in want[key]:
                print(key, column, "wanted nothing, got", text)
                bad += 1
    print(len(want), "rows", values, "values", bad, "differ")
    return bad == 0 and len(want) > least


if sys.argv[1] == "make":
    make(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
else:
    least = int(sys.argv[4]) if len(sys.argv) > 4 else 100
    sys.exit(0 if check(sys.argv[2], sys.argv[3], least) else 1)
