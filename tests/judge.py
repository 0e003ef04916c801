#!/usr/bin/env python3
"""judge.py make SEED DIR: readings of a few batteries with all that can be
wrong over time, as lines in DIR/lines. judge.py expect DIR: what must be
found in them, straight from the definitions of tenant-db-judge(1), as
suspects and fault_events in the order of their keys. judge.py deal SEED DIR:
the lines in another order, some twice, in DIR/part.1 and so on."""
import json
import os
import random
import sys

T0 = 1772323200  # 2026-03-01T00:00:00Z
HOUR = 3600
# measurement: step, slew a minute, share of the value
STEPS = {'pack_voltage': (2, 1, .2), 'cell_voltages': (.8, .1, 0),
         'temperatures': (15, 5, 0), 'soc_percent': (10, 5, 0),
         'soh_percent': (5, 0, 0)}
CAPACITY = 100  # Ah


def stamp(seconds):
    days, rest = divmod(seconds - T0, 86400)
    return '2026-03-%02dT%02d:%02d:%02d.000Z' % (
        1 + days, rest // 3600, rest // 60 % 60, rest % 60)


def seconds(text):
    return T0 + (int(text[8:10]) - 1) * 86400 + int(text[11:13]) * 3600 + \
        int(text[14:16]) * 60 + int(text[17:19])


def one_battery(rand, slug, every, hours):
    now, soc, cell, faults = T0 + rand.randrange(3600), 50.0, 3.3, []
    level, mode, sign, frozen = 0.0, 0.0, 1, 0
    while now < T0 + hours * HOUR:
        if rand.random() < .01:
            mode = rand.choice((-40.0, -10.0, 0.0, 10.0, 40.0))
        if rand.random() < .004:
            sign = -sign
        if rand.random() < .004:
            frozen = now + rand.randrange(5) * HOUR
        if rand.random() < .01:
            level = rand.choice((0.0, 8.0, -7.0))
        soc = min(100.0, max(0.0, soc + mode * every / HOUR))
        if now >= frozen:
            shown = soc
            cell = 3.2 + soc / 500
        row = {'pack_current': sign * mode,
               'pack_voltage': 4 * cell + level,
               'cell_voltages': [cell, cell + .01, None, cell - .01],
               'temperatures': [20.0, 21.0], 'soc_percent': shown,
               'soh_percent': 99.0}
        for name, value in (('pack_voltage', 55.0), ('soc_percent', 0.0),
                            ('temperatures', [20.0, 80.0]),
                            ('cell_voltages', [cell, 5.9, 0.0, cell])):
            if rand.random() < .03:
                row[name] = value
        if rand.random() < .05:
            faults = rand.choice(([], ['A'], ['A', 'B'], ['C'], []))
        if rand.random() < .8:
            row['fault_codes'] = faults
        if rand.random() < .5:
            row['warning_codes'] = ['w'] if now // 7200 % 2 else []
        if rand.random() < .1:
            del row[rand.choice(('pack_current', 'soc_percent',
                                 'cell_voltages'))]
        quality = 'good'
        if rand.random() < .02:
            quality = rand.choice(('invalid', 'poor'))
        line = {'kind': 'battery', 'time': stamp(now), 'tenant': 'eds',
                'battery': slug}
        for name in ('pack_voltage', 'pack_current', 'cell_voltages',
                     'temperatures', 'soc_percent', 'soh_percent',
                     'fault_codes', 'warning_codes'):
            if name not in row:
                continue
            value = row[name]
            if name in ('pack_voltage', 'pack_current', 'soc_percent'):
                value = round(value, 2)
            if name == 'cell_voltages':
                value = [v and round(v, 3) for v in value]
            line[name] = value
        line['data_quality'] = quality
        yield line
        now += rand.randrange(max(1, every // 2), every * 2)
        if rand.random() < .01:
            now += rand.randrange(4 * HOUR)


def make(seed, where):
    rand = random.Random(seed)
    rows = []
    for slug, every in (('a', 60), ('b', 300), ('c', 1200), ('d', 4000)):
        rows += one_battery(rand, slug, every, rand.randrange(6, 30))
    with open(where + '/lines', 'w') as out:
        for row in rows:
            out.write(json.dumps(row, separators=(',', ':')) + '\n')


def deal(seed, where):
    rand = random.Random(seed)
    lines = open(where + '/lines').readlines()
    lines += rand.sample(lines, len(lines) // 10)
    way = rand.randrange(3)
    if way == 0:
        rand.shuffle(lines)
    else:  # in order of time, with some late
        lines.sort(key=lambda line: seconds(json.loads(line)['time']) +
                   (rand.random() < .05) * rand.randrange(
                       9000 if way == 1 else 90000))
    parts = rand.randrange(2, 12)
    for n in range(parts):
        with open('%s/part.%d' % (where, n), 'w') as out:
            out.writelines(lines[n * len(lines) // parts:
                                 (n + 1) * len(lines) // parts])
    print(parts)


# ---- what must be found ---------------------------------------------------

def agree(name, a, b, apart):
    step, slew, share = STEPS[name]
    # as scaled integers do it
    scale = 100 if name in ('temperatures', 'soc_percent',
                            'soh_percent') else 1000
    x, y = round(a * scale), round(b * scale)
    allowed = round(step * scale) + round(slew * scale) * apart * 1000 // 60000
    allowed += max(abs(x), abs(y)) * round(share * 100) // 100
    return abs(x - y) <= allowed


def doubted(name, pick, rows, n, near):
    mine = pick(rows[n])
    if mine is None:
        return False
    others = [(pick(rows[i]), abs(rows[i]['at'] - rows[n]['at']))
              for i in near]
    votes = [agree(name, mine, other, apart)
             for other, apart in others if other is not None]
    held = 1 + sum(votes)
    against = len(votes) - sum(votes)
    return against > 0 and held < 3 and held <= against


def steps(rows):
    for n, row in enumerate(rows):
        near = [i for i in range(max(0, n - 4), min(len(rows), n + 5))
                if i != n and abs(rows[i]['at'] - row['at']) <= HOUR]
        names = []
        for name in STEPS:
            if name not in row:
                continue
            picks = [lambda r: r.get(name)]
            if isinstance(row[name], list):
                picks = [lambda r, k=k: (r.get(name) or [])[k]
                         if k < len(r.get(name) or []) else None
                         for k in range(len(row[name]))]
            if any(doubted(name, pick, rows, n, near) for pick in picks):
                names.append(name)
        if names:
            yield row['at'] * 1000, row['at'] * 1000, 'step', names


def sums(rows):
    has = [row for row in rows if 'pack_current' in row]
    charge = covered = 0
    for a, b in zip(has, has[1:]):
        if b['at'] - a['at'] <= 900:
            charge += (round(a['pack_current'] * 1000) +
                       round(b['pack_current'] * 1000)) * \
                (b['at'] - a['at']) * 1000
            covered += b['at'] - a['at']
    return charge, covered


def pair(a, b):
    """What two hours in a row say: names stuck, names of wrong sign."""
    (c1, t1), (c2, t2) = sums(a), sums(b)
    charge = c1 + c2
    percent = 2 * HOUR * 1000 / 100 * CAPACITY * 1000
    if t1 + t2 < HOUR or abs(charge) < 5 * percent:
        return [], []
    stuck, sign = [], []

    def values(name, rows):
        return [row[name] for row in rows if name in row]
    s1, s2 = values('soc_percent', a), values('soc_percent', b)
    if len(s1) > 1 and len(s2) > 1:
        if len(set(s1 + s2)) == 1 and \
                (s1[0] < 99 if charge > 0 else s1[0] > 1):
            stuck.append('soc_percent')
        moves = [round(y * 100) - round(x * 100)
                 for x, y in zip(s1 + s2, (s1 + s2)[1:])]
        moved = sum(moves)
        if all(abs(m) <= 200 for m in moves) and \
                (moved <= -200 if charge > 0 else moved >= 200):
            sign.append('pack_current')
    if abs(charge) >= 10 * percent:
        for name in ('pack_voltage', 'cell_voltages'):
            v1, v2 = values(name, a), values(name, b)
            if len(v1) > 1 and len(v2) > 1 and \
                    len({str(v) for v in v1 + v2}) == 1:
                stuck.append(name)
    return stuck, sign


ORDER = ['pack_voltage', 'pack_current', 'cell_voltages', 'temperatures',
         'soc_percent', 'soh_percent']


def whole_hours(rows):
    hours = {}
    for row in rows:
        hours.setdefault(row['at'] // HOUR, []).append(row)
    found = {}
    for hour in sorted(hours):
        if hour + 1 not in hours:
            continue
        stuck, sign = pair(hours[hour], hours[hour + 1])
        for h in (hour, hour + 1):
            for reason, names in (('stuck', stuck), ('sign', sign)):
                found.setdefault((h, reason), set()).update(names)
    for (hour, reason), names in found.items():
        if names:
            yield hour * HOUR * 1000, (hour + 1) * HOUR * 1000 - 1, \
                reason, sorted(names, key=ORDER.index)


def faults(rows):
    for kind in ('fault', 'warning'):
        up = {}
        for row in rows:
            codes = row.get(kind + '_codes')
            if codes is None or row['data_quality'] == 'invalid' and \
                    not codes:
                continue
            for code in [c for c in up if c not in codes]:
                yield up.pop(code), kind, code, row['at'] * 1000
            for code in codes:
                up.setdefault(code, row['at'] * 1000)
        for code, at in up.items():
            yield at, kind, code, ''


def expect(where):
    rows = {}
    for line in open(where + '/lines'):
        row = json.loads(line)
        row['at'] = seconds(row['time'])
        rows.setdefault(row['battery'], []).append(row)
    for slug in sorted(rows):
        rows[slug].sort(key=lambda row: row['at'])
        valid = [row for row in rows[slug]
                 if row['data_quality'] != 'invalid']
        mine = list(steps(valid)) + list(whole_hours(valid))
        for at, until, reason, names in sorted(mine):
            names = sorted(names, key=ORDER.index)
            print('%s|%d|%d|%s|%s' % (slug, at, until, reason, json.dumps(
                names, separators=(',', ':'))))
    for slug in sorted(rows):
        for at, kind, code, over in sorted(faults(rows[slug])):
            print('%s|%d|%s|%s|%s' % (slug, at, kind, code, over))


if sys.argv[1] == 'make':
    os.makedirs(sys.argv[3], exist_ok=True)
    make(int(sys.argv[2]), sys.argv[3])
elif sys.argv[1] == 'deal':
    deal(int(sys.argv[2]), sys.argv[3])
else:
    expect(sys.argv[2])
