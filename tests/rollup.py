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


def cells(rnd):
    """Some unknown, now and then one fewer."""
    return [None if rnd.random() < 0.03 else round(rnd.uniform(3, 3.4), 3)
            for _ in range(4 if rnd.random() < 0.97 else 3)]


class Meter:
    """A counter that has the faults that counters have."""

    def __init__(self, rnd, value, wrong=999999.995):
        self.rnd, self.value, self.wrong = rnd, value, wrong

    def read(self, more):
        self.value += more
        fate = self.rnd.random()
        if fate < 0.003:
            self.value = 0.0  # starts anew
        elif fate < 0.004:
            self.value += self.wrong / 9  # another device
        elif fate < 0.006:
            return 0.0  # once
        elif fate < 0.008:
            return self.wrong  # once
        elif fate < 0.014:
            return round(self.value * 0.996, 3)
        elif fate < 0.016 and self.value < 65000:
            self.value += 65536 - self.value % 65536 - 0.2
        if 65536 <= self.value < 66000:
            self.value -= 65536
        return round(self.value, 3)


def plant(rnd, battery, start, days, pace):
    """Energy readings: two sources that take turns."""
    meters = {s: Meter(rnd, 100.0 * n) for n, s in
              enumerate(("production", "grid_import"))}
    t = start + rnd.random() * 60
    while t < start + days * 86400:
        source = rnd.choice(list(meters))
        yield t, battery, {
            "kind": "energy", "time": stamp(t), "tenant": "eds",
            "device": "d-" + battery, "profile": "p", "source_type": source,
            "power_w": round(rnd.uniform(-50, 3000), 2),
            "energy_wh_total":
                round(meters[source].read(rnd.uniform(0, 400)), 2)}
        t += rnd.choice([60, 300, 420, 899.999, 900.001]) * rnd.choice([1, 3])
        if rnd.random() < 0.04:
            t += rnd.uniform(3600, 30000) * pace


def make(seed, first, days, pace):
    """PACE: how many times longer than usual the breaks are."""
    rnd = random.Random(seed)
    rows = []
    start = datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp()
    for battery in ZONES:
        t, soc, soh = start + rnd.random() * 60, 50.0, 99.0
        charge = Meter(rnd, {"par": 65500.0}.get(battery, 0.4))
        cycles = Meter(rnd, 120, 65535)
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
                   "cell_voltages": cells(rnd),
                   "total_charge_ah": charge.read(rnd.uniform(0, 0.8)),
                   "charge_cycles": round(cycles.read(rnd.random() < 0.01)),
                   "soc_percent": round(soc, 2),
                   "soh_percent": round(soh, 2),
                   "operation_mode": rnd.choice(MODES),
                   "data_quality": rnd.choice(QUALITY[:2] * 9 + QUALITY)}
            for name in ("soc_percent", "pack_voltage", "soh_percent",
                         "cell_voltages", "total_charge_ah"):
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
    rows += [r for b in ZONES for r in plant(rnd, b, start, days, pace)]
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
    pieces = list(lines(series.get("pack_current", []), edge))
    if pieces:
        up, down = halves(pieces)
        row["charge_ah"], row["discharge_ah"] = up / 3.6e6, down / 3.6e6
        row["capacity_ah"] = 100
        if up + down > 0:
            row["partial_cycles"] = (up + down) / 3.6e6 / 2 / 100
    for source in ("production", "grid_import"):
        pieces = list(lines(series.get(source, []), edge))
        if pieces:
            up, down = halves(pieces)
            row["energy_%s_wh" % source] = (up - down) / 3.6e6
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
    """Of 100 Ah: what came out of what went in and is not stored."""
    if not {"energy_charged_wh", "soc_end", "pack_voltage_avg",
            "capacity_ah"} <= set(row):
        return
    up, down = row["energy_charged_wh"], row["energy_discharged_wh"]
    full = row["pack_voltage_avg"] * 100
    stored = (row["soc_end"] - row["soc_start"]) * full / 100
    if down > 0 and up >= full / 5 and abs(stored) <= up / 5 and \
            down <= up - stored:
        row["efficiency_percent"] = 100 * down / (up - stored)


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
        put("any", 0)
        if r["kind"] == "energy":
            put(r["source_type"], r["power_w"])
            continue
        for name, word in (("cell_voltages", "cell"),
                           ("temperatures", "temperature")):
            for n, v in enumerate(r.get(name, [])):
                if v is not None:
                    put((word, n + 1), v)
        for name in ("pack_voltage", "pack_current", "soc_percent",
                     "soh_percent"):
            if name in r:
                put(name, r[name])
        if "pack_voltage" in r:
            put("power", watts(r["pack_voltage"], r["pack_current"]))
        put("tmin", min(r["temperatures"]))
        put("tmax", max(r["temperatures"]))
        put("mode", r["operation_mode"])
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


def meters_of(rows):
    """(measurement, source): (time, value, flow), of readings that count."""
    out = {}
    for t, r in rows:
        if r.get("data_quality") in ("poor", "invalid"):
            continue
        for name in ("total_charge_ah", "charge_cycles", "energy_wh_total"):
            if name in r:
                flow = {"total_charge_ah": max(0, r.get("pack_current", 0)),
                        "energy_wh_total": abs(r.get("power_w", 0)),
                        "charge_cycles": 0}[name]
                out.setdefault((name, r.get("source_type")), []).append(
                    (t, thousandths(r[name]), thousandths(flow)))
    return out


def thousandths(value):
    return int(Decimal(str(value)) * 1000)


# the most in a day and the unit, in thousandths
LIMITS = {"total_charge_ah": (2400000, 1000, (1, 10, 100, 1000, 10000,
                                              100000, 1000000)),
          "charge_cycles": (50000, 1000, (1000, 10000, 100000, 1000000)),
          "energy_wh_total": (10**9, 1000, (10, 100, 1000, 10000, 100000,
                                            1000000))}
NAMES = {("total_charge_ah", None): "charge_counted_ah",
         ("charge_cycles", None): "cycles_counted",
         ("energy_wh_total", "production"): "energy_production_counted_wh",
         ("energy_wh_total", "grid_import"): "energy_grid_import_counted_wh"}


def counted(points, told, unit, grains):
    """[(time, counted, what)] by the rules of rollup(5), over all of it."""
    out, good, peak, before, unsure = [], None, 0, None, []
    for t, v, flow in points:
        peak = max(peak, flow)
        day = max(told, 24 * peak)

        def may(since):
            return day * (t - since + 300000) / 86400000 + unit
        if before and t - before[0] > 86400000:
            before = None
        if good is None:
            good, what, n = (t, v), "count", 0
        elif 0 <= v - good[1] <= may(good[0]):
            what, n = "count", v - good[1]
        elif good[1] // 2 < v < good[1] and good[1] - v <= \
                max(good[1] / 100, day / 1000):
            good, unsure = (t, good[1]), []
            out.append((t, 0, "dip"))
            continue
        elif before and 0 <= v - before[1] <= may(before[0]):
            what, n = "back", max(0, v - before[1] - before[2])
        else:
            rounds = [m - good[1] + v for g in grains
                      for m in (2**16 * g, 2**32 * g)
                      if max(v, good[1]) < m and m >= 10 * may(good[0])]
            rounds = [n for n in rounds if n <= may(good[0])]
            if v < good[1] and rounds:
                what, n = "wrap", min(rounds)
            else:
                goes_on = unsure and 0 <= v - unsure[-1][1] <= \
                    may(unsure[-1][0])
                unsure = unsure + [(t, v)] if goes_on else [(t, v)]
                lower = v < good[1] and v <= day
                if len(unsure) < (2 if lower else 3):
                    out.append((t, 0, "doubt"))
                    continue
                what, n = "reset", v if lower else 0
                before = (good[0], good[1], v) if lower else None
        if what in ("back", "wrap"):
            before = None
        elif what == "count" and before:
            before = before[:2] + (before[2] + n,)
        good, unsure = (t, v), []
        out.append((t, n, what))
    return out


def meters_row(row, meters, edge):
    whats = []
    for name, column in NAMES.items():
        here = [m for m in meters.get(name, [])
                if edge[0] <= m[0] < edge[1]]
        if here:
            row[column] = sum(n for _, n, _ in here) / 1000
        whats += [what for _, _, what in here]
    if whats:
        for column, what in (("counter_resets", "reset"),
                             ("counter_wraps", "wrap"),
                             ("counter_suspects", "doubt")):
            row[column] = whats.count(what)


def cells_row(out, key, series, edge):
    for name, points in series.items():
        if name[0] not in ("cell", "temperature"):
            continue
        points = near(points, edge)
        inside = [v for t, v in points if edge[0] <= t < edge[1]]
        pieces = list(lines(points, edge))
        span = sum(p[1] - p[0] for p in pieces)
        if inside or span:
            out[key + name] = (
                min(inside, default=""), sum(
                    (p[2] + p[3]) / 2 * (p[1] - p[0]) for p in pieces) /
                span if span else "", max(inside, default=""), span / 60000)


def check_cells(want, table):
    bad = 0
    with open(table) as f:
        got = {(r["battery"], r["period"], milliseconds(r["start [UTC]"]),
                r["list"], int(r["number"])):
               (r["min"], r["avg"], r["max"], r["covered"])
               for r in csv.DictReader(f)}
    for key in sorted(set(want) ^ set(got)):
        print("cells only", "here" if key in want else "there", key)
        bad += 1
    for key in set(want) & set(got):
        for n, near_by in enumerate((1e-9, 1e-4 if key[3] == "cell" else
                                     1e-3, 1e-9, 1e-6)):
            a, b = want[key][n], got[key][n]
            if a == "" or b == "":
                differ = a != b
            else:
                differ = abs(a - float(b)) > near_by
            if differ:
                print(key, n, "wanted", want[key], "got", got[key])
                bad += 1
    print(len(want), "rows of cells", bad, "differ")
    return bad


def wanted(path):
    readings = {}
    with open(path) as f:
        for line in f:
            r = json.loads(line)
            readings.setdefault(r["device"][2:], {})[
                milliseconds(r["time"]), r["kind"]] = r
    out, cell_rows = {}, {}
    for battery, by_time in readings.items():
        zone = ZoneInfo(ZONES[battery])
        rows = [(t, r) for (t, _), r in
                sorted(by_time.items(), key=lambda e: e[0])]
        series = series_of(rows)
        meters = {name: counted(points, *LIMITS[name[0]])
                  for name, points in meters_of(rows).items()}
        first, last = rows[0][0], rows[-1][0]
        edges = [("hourly", e) for e in hours(zone, first, last)]
        for period in ("daily", "weekly", "monthly"):
            edges += [(period, e) for e in longer(zone, period, first, last)]
        for period, edge in edges:
            row = period_row(series, edge, rows)
            if row is not None:
                cells_row(cell_rows, (battery, period, edge[0]), series, edge)
                meters_row(row, meters, edge)
                row["period_end"] = edge[1]
                row["zone"] = ZONES[battery]
                out[battery, period, edge[0]] = row
    return out, cell_rows


def differs(text, value):
    if isinstance(value, str) or text == "":
        return text != value
    # what is stored is rounded, three decimals behind what is shown
    return abs(float(text) - value) > 2e-5 + abs(value) * 1e-11


def check(path, table, least, cell_table=None):
    want, cell_rows = wanted(path)
    bad, values = 0, 0
    if cell_table is not None:
        bad = check_cells(cell_rows, cell_table)
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
    sys.exit(0 if check(sys.argv[2], sys.argv[3], least, *sys.argv[5:])
             else 1)
