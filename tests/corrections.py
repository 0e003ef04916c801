#!/usr/bin/env python3
"""Random readings, what people say of them, and how they are then.

make SEED DIR   readings, wishes-N.PROGRAM in the order in which they are
                made, undo (wishes by their place), right: the readings as
                they must be seen, computed here
deal SEED FILE  the lines in another order, some twice
vary SEED FILE  some of the lines with other values, for the same times
"""
import json
import math
import random
import sys

START = 1772359200000  # 2026-03-01T10:00Z
LISTS = {"cell_voltages": 4, "temperatures": 2}
DECIMALS = {
    "pack_voltage": 3, "pack_current": 3, "cell_voltages": 3,
    "temperatures": 2, "soc_percent": 2, "cell_voltage_min": 3,
    "cell_voltage_max": 3, "power_w": 2, "energy_wh_total": 2,
    "ambient_temp": 2,
}
SPAN = {
    "pack_voltage": (12000, 14000), "pack_current": (-20000, 20000),
    "cell_voltages": (3200, 3400), "temperatures": (1500, 2500),
    "soc_percent": (4000, 5000), "cell_voltage_min": (3200, 3250),
    "cell_voltage_max": (3350, 3400), "power_w": (0, 500000),
    "energy_wh_total": (100000, 200000), "ambient_temp": (1000, 2000),
}
HIGH = {
    "pack_voltage": 2000, "pack_current": 5000, "cell_voltages": 10,
    "temperatures": 150, "soc_percent": 100, "cell_voltage_min": 10,
    "cell_voltage_max": 10, "power_w": 1000000000,
    "energy_wh_total": 2000000000, "ambient_temp": 100,
}
LOW = {
    "pack_current": -5000, "temperatures": -60, "ambient_temp": -60,
    "power_w": -1000000000,
}
KINDS = {
    "b-1": ("battery", ["pack_voltage", "pack_current", "cell_voltages",
                        "temperatures", "soc_percent", "ambient_temp"]),
    "b-2": ("battery", ["pack_voltage", "cell_voltage_min",
                        "cell_voltage_max", "soc_percent"]),
    "b-3": ("energy", ["power_w", "energy_wh_total", "ambient_temp"]),
}


def stamp(ms):
    s, ms = divmod(ms, 1000)
    import time
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(s)) + ".%03dZ" % ms


def shown(name, value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and name in LISTS:
        return [shown(name, v) if v is not None else None for v in value]
    if isinstance(value, int):
        return round(value / 10 ** DECIMALS[name], DECIMALS[name])
    return value


def line(battery, ms, values):
    kind = KINDS[battery][0]
    out = {"kind": kind, "time": stamp(ms), "tenant": "eds",
           "battery": battery}
    if kind == "energy" and values.get("data_quality") != "invalid":
        out["source_type"] = "production"
    for name, value in values.items():
        out[name] = shown(name, value)
    return out


def a_value(rng, name):
    return rng.randint(*SPAN[name])


def make_rows(rng):
    rows = {}
    for battery, (kind, names) in KINDS.items():
        ms = START + rng.randint(0, 30) * 1000
        while ms < START + 3 * 3600000:
            values = {}
            for name in names:
                if rng.random() < 0.1:
                    continue
                values[name] = ([a_value(rng, name)
                                 for _ in range(LISTS[name])]
                                if name in LISTS else a_value(rng, name))
            if kind == "battery" and rng.random() < 0.3:
                values["fault_codes"] = rng.choice([[], ["f1"], ["f1", "f2"]])
            rows[battery, ms] = values
            ms += rng.choice([60000, 60000, 61500, 30000, 1800000])
    return rows


def a_stretch(rng, rows, battery):
    times = sorted(ms for b, ms in rows if b == battery)
    if rng.random() < 0.4:
        ms = rng.choice(times)
        return ms, ms, {"time": stamp(ms)}
    low, high = sorted(rng.sample(times, 2))
    high += rng.randint(0, 1)
    if rng.random() < 0.1:
        return low, 1 << 60, {"from": stamp(low)}
    return low, high - 1, {"from": stamp(low), "to": stamp(high)}


def a_wish(rng, rows, program):
    battery = rng.choice(list(KINDS))
    kind, names = KINDS[battery]
    name = rng.choice(names + (["fault_codes"] if kind == "battery" else []))
    low, high, said = a_stretch(rng, rows, battery)
    wish = {"battery": battery, "measurement": name, "low": low, "high": high,
            "program": program, "item": 0}
    said.update({"battery": battery, "measurement": name})
    if name in LISTS and rng.random() < 0.6:
        wish["item"] = said["item"] = rng.randint(1, LISTS[name] + 1)
    if program == "annul" and rng.random() < 0.08:
        wish["measurement"] = said["measurement"] = "all"
        wish["item"] = 0
        said.pop("item", None)
    elif program == "correct" and name == "fault_codes":
        wish["value"] = said["value"] = rng.choice([[], ["f3"]])
    elif program == "correct" and rng.random() < 0.5:
        value = ([a_value(rng, name) for _ in range(LISTS[name])]
                 if name in LISTS and not wish["item"] else a_value(rng, name))
        wish["value"] = value
        said["value"] = shown(name, value)
    elif program == "correct":
        wish["scale"] = rng.choice([-1, 0.1, 10, 1, 1.5])
        wish["offset"] = rng.choice([0, 1, 250, -100])
        said["scale"] = wish["scale"]
        said["offset"] = wish["offset"] / 10 ** DECIMALS[name]
    if rng.random() < 0.2:
        said["kind"] = kind
    return wish, said


def shifted(wish, name, old):
    value = old * wish["scale"]
    whole = math.floor(abs(value) + 0.5)
    new = (whole if value >= 0 else -whole) + wish["offset"]
    unit = 10 ** DECIMALS[name]
    return new if LOW.get(name, 0) * unit <= new <= HIGH[name] * unit else None


def said_of(wish, name, old):
    if wish["program"] == "annul":
        return None
    if "value" in wish:
        return wish["value"]
    if isinstance(old, list):
        return [None if v is None else shifted(wish, name, v) for v in old]
    return shifted(wish, name, old)


def right(values, wishes):
    """Each value by the last that speaks of it, from what was stored."""
    out = {}
    void = any(w["measurement"] == "all" for w in wishes)
    for name, old in values.items():
        of_it = [w for w in wishes if w["measurement"] in (name, "all")]
        whole = [w for w in of_it if not w["item"]]
        last = whole[-1] if whole else None
        new = old
        if last is not None:
            new = None if last["measurement"] == "all" else \
                said_of(last, name, old)
        for w in of_it:
            if not w["item"] or w["item"] > len(old) or \
                    (last is not None and w["place"] < last["place"]):
                continue
            new = [None] * len(old) if new is None else list(new)
            new[w["item"] - 1] = said_of(w, name, old[w["item"] - 1])
        if new is not None:
            out[name] = new
    if void:
        out["data_quality"] = "invalid"
    return out


def make(seed, where):
    rng = random.Random(seed)
    rows = make_rows(rng)
    programs = ["annul", "correct"] * 2
    wishes = []
    for n, program in enumerate(programs):
        with open(f"{where}/wishes-{n}.{program}", "w") as out:
            for _ in range(12):
                wish, said = a_wish(rng, rows, program)
                wish["place"] = len(wishes)
                wishes.append(wish)
                out.write(json.dumps(said) + "\n")
    undone = rng.sample(range(len(wishes)), 8)
    with open(f"{where}/undo", "w") as out:
        for place in undone:
            out.write(json.dumps({"undo": place + 1}) + "\n")
    left = [w for w in wishes if w["place"] not in undone]
    with open(f"{where}/readings", "w") as raw, \
            open(f"{where}/right", "w") as out:
        for (battery, ms), values in rows.items():
            raw.write(json.dumps(line(battery, ms, values)) + "\n")
            of_it = [w for w in left if w["battery"] == battery and
                     w["low"] <= ms <= w["high"]]
            out.write(json.dumps(
                line(battery, ms, right(values, of_it))) + "\n")


def deal(seed, name):
    rng = random.Random(seed)
    lines = open(name).read().splitlines()
    lines += rng.sample(lines, len(lines) // 5)
    rng.shuffle(lines)
    print("\n".join(lines))


def vary(seed, name):
    rng = random.Random(seed)
    lines = open(name).read().splitlines()
    for one in rng.sample(lines, len(lines) // 4):
        row = json.loads(one)
        row["ambient_temp"] = rng.randint(1, 9)
        row["data_quality"] = rng.choice(["excellent", "good", "fair"])
        print(json.dumps(row))


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "vary":
    vary(sys.argv[2], sys.argv[3])
else:
    deal(sys.argv[2], sys.argv[3])
