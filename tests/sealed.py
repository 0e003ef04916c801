"""sealed.py SEED DIR: three batteries for three days with gaps, in parts that
come in any order, some twice: DIR/part.N, the time after each in DIR/now.N,
and all of it in order in DIR/all."""
import json
import random
import sys

seed, out = int(sys.argv[1]), sys.argv[2]
rng = random.Random(seed)
start = 1772323200000  # 2026-03-01


def stamp(ms):
    import datetime
    t = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return t.strftime('%Y-%m-%dT%H:%M:%S') + '.%03dZ' % (ms % 1000)


def reading(n, ms):
    volts = rng.randrange(46000, 54000)
    r = {'kind': 'battery', 'time': stamp(ms), 'tenant': 'TENANT',
         'device': 'd-%d' % n, 'profile': 'p',
         'pack_voltage': volts / 1000,
         'pack_current': rng.randrange(-90000, 90000) / 1000}
    if rng.random() < 0.9:
        r['cell_voltages'] = [
            None if rng.random() < 0.02 else volts // 16 / 1000
            for _ in range(rng.choice((15, 16, 16, 16)))]
    if rng.random() < 0.5:
        r['soc_percent'] = rng.randrange(0, 10000) / 100
    if rng.random() < 0.2:
        r['fault_codes'] = rng.choice(
            ([], ['cell_overvoltage'], ['a', 'b']))
    if rng.random() < 0.1:
        r['bms_timestamp'] = stamp(ms - rng.randrange(0, 9999))
    if rng.random() < 0.3:
        r['data_quality'] = rng.choice(('good', 'fair', 'poor'))
    return r


rows = []
for n in (1, 2, 3):
    ms = start + rng.randrange(0, 3600000)
    end = start + 3 * 86400000 - rng.randrange(0, 30 * 3600000)
    while ms < end:
        rows.append((ms, reading(n, ms)))
        ms += rng.choice((30000, 30000, 60000, 61234, 7))
        if rng.random() < 0.01:
            ms += rng.randrange(0, 4 * 3600000)
for n in (1, 2):  # the same instant, both kinds
    for ms in range(start + 7200000, start + 90000000, 1800000):
        rows.append((ms, {
            'kind': 'energy', 'time': stamp(ms), 'tenant': 'TENANT',
            'device': 'd-%d' % n, 'profile': 'p',
            'source_type': 'production',
            'power_w': rng.randrange(0, 500000) / 100}))
rows.sort(key=lambda r: r[0])


def write(path, rows):
    with open(path, 'w') as f:
        for _, r in rows:
            f.write(json.dumps(r, separators=(',', ':')) + '\n')


write(out + '/all', rows)
late = [r for r in rows if rng.random() < 0.03]
kept = [r for r in rows if r not in late]
size = len(kept) // 6
for i in range(6):
    part = kept[i * size:(i + 1) * size if i < 5 else None]
    again = rng.sample(kept[:(i + 1) * size], 20)
    some = late[i::6]
    mixed = part + again + some
    if rng.random() < 0.5:
        rng.shuffle(mixed)
    write('%s/part.%d' % (out, i), mixed)
    with open('%s/now.%d' % (out, i), 'w') as f:
        f.write(stamp(part[-1][0] + rng.randrange(0, 2) * 86400000))
