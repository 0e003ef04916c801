#!/usr/bin/env python3
"""captures_can.py CAPTURES OWN [TOOL]: CAN logs of many programs, turned
into candump's lines, heard by bms-poll and decoded by bms-normalize with a
profile for each signal of their DBC file; what comes out is held against
what cantools made of them. With TOOL, the DBC tool of the unit tests, also
multiplexed layouts that cantools has no vectors for. Prints a line for each
difference; the status is 1 if there is any."""
import glob
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile

bad = 0


def wrong(text):
    global bad
    bad += 1
    if bad <= 20:
        print('# ' + text)


def token(identifier, extended, data):
    return ('%08X#' if extended else '%03X#') % identifier + data.upper()


# ---- logs: (seconds, bus, ID#DATA) ---------------------------------------

def pcan(path):
    for line in open(path):
        m = re.match(r'Timestamp:\s*([\d.]+)\s+ID: (\w+)\s+S Rx\s+DL:\s*\d+'
                     r'\s+([0-9a-f ]+)', line)
        if m:
            yield (float(m[1]), '0', token(int(m[2], 16), False,
                                           m[3].replace(' ', '')))


def asc(path):
    for line in open(path):
        m = re.match(r'\s*([\d.]+) \d+\s+([0-9A-F]+)(x?)\s+Rx\s+d \d '
                     r'([0-9A-F ]+)', line)
        if m:
            yield (float(m[1]), '0', token(int(m[2], 16), m[3] == 'x',
                                           m[4].replace(' ', '')))


def gvret(path):
    for line in list(open(path))[1:]:
        cells = line.rstrip().rstrip(',').split(',')
        size = int(cells[4])
        yield (int(cells[0]) / 1e6, cells[3], token(
            int(cells[1], 16), cells[2] == 'true', ''.join(cells[5:5 + size])))


def crtd(path):
    for line in open(path):
        cells = line.split()
        if cells[1] in ('R11', 'R29'):
            yield (float(cells[0]), '0', token(
                int(cells[2], 16), cells[1] == 'R29', ''.join(cells[3:])))


def busmaster(path):
    for line in open(path):
        cells = line.split()
        if len(cells) > 5 and cells[1:2] == ['Rx']:
            h, m, s, ms = map(int, cells[0].split(':'))
            yield (h * 3600 + m * 60 + s + ms / 1000, '0', token(
                int(cells[3], 16), cells[4] == 'x', ''.join(cells[6:])))


def microchip(path):
    for line in open(path):
        cells = line.strip().split(';')
        if len(cells) > 4:
            data = ''.join(c[2:] for c in cells[4:4 + int(cells[3])])
            yield int(cells[0]) / 1000, '0', token(
                int(cells[2], 16), False, data)


def generic(path):
    for line in list(open(path))[1:]:
        identifier, data = line.split(',')
        yield 0, '0', token(int(identifier, 16), False,
                            data.replace(' ', '').strip())


def candump(path):
    for line in open(path):
        m = re.match(r'\((\d+\.\d+)\) (\w+) (\S+)', line)
        yield float(m[1]), '0', m[3]


# ---- through the programs --------------------------------------------------

def through_programs(log, own, dbc, signals):
    """{signal: [values in order]}; a device and profile for each signal."""
    own = tempfile.mkdtemp(dir=own)
    folder = own + '/share/profiles'
    os.makedirs(folder)
    with open(own + '/log', 'w') as out:
        for seconds, bus, line in log:
            out.write('(%.6f) can%s %s R\n' % (1700000000 + seconds, bus,
                                               line))
    with open(dbc, 'rb') as source, open(folder + '/a.dbc', 'wb') as target:
        target.write(source.read())
    devices = own + '/devices'
    with open(devices, 'w') as out:
        for i, (name, most) in enumerate(signals):
            # as many digits behind the point as its range has room for
            scale = 10 ** min(4, math.floor(8 - math.log10(max(most, 1))))
            with open('%s/p%d.json' % (folder, i), 'w') as profile:
                json.dump({'protocol': 'can', 'kind': 'energy',
                           'cycle': '1ms', 'can': {'dbc': 'a.dbc'},
                           'measurements': [{'name': 'power_w', 'signal': name,
                                             'scale': repr(scale)}]}, profile)
            out.write(json.dumps({
                'kind': 'device', 'tenant': 't', 'device': 's%d-%d' % (
                    i, round(math.log10(scale)) + 10), 'profile': 'p%d' % i,
                'address': 'candump://%s/log?interface=can0' % own}) + '\n')
    poll = subprocess.run(
        ['bms-poll', '--share', own + '/share', '-d', devices],
        stdout=open(own + '/frames', 'w'), stderr=subprocess.PIPE)
    if poll.returncode != 0:
        wrong('bms-poll: %s' % poll.stderr.decode()[:300])
    normal = subprocess.run(
        ['bms-normalize', '--profiles', folder, own + '/frames'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    values = {name: [] for name, _ in signals}
    for line in normal.stdout.splitlines():
        reading = json.loads(line)
        if 'power_w' not in reading:
            continue
        number, power = reading['device'][1:].split('-')
        values[signals[int(number)][0]].append(
            reading['power_w'] / 10 ** (int(power) - 10))
    return values


def near(a, b, slack):
    return abs(a - b) <= slack + 1e-9 * abs(b)


def compare(name, log, own, dbc, told, spread=False):
    """All statistics of all signals of a log."""
    log = list(log)
    if told['frames'] != len([x for x in log if x[1] == '0']):
        wrong('%s: %d frames, not %d' % (name, len(log), told['frames']))
    counts = {}
    for _, bus, line in log:
        if bus == '0':
            key = '%X' % int(line.split('#')[0], 16)
            counts[key] = counts.get(key, 0) + 1
    if counts != told['count_by_id']:
        wrong('%s: other counts by identifier' % name)
    if spread:  # stamps of 10 ms hold several messages of one identifier
        log = [(i / 500, bus, line) for i, (_, bus, line) in enumerate(log)]
    signals = [('%s.%s' % (m, s), max(abs(v['min']), abs(v['max'])))
               for m, one in told['signal_stats'].items()
               for s, v in one.items()]
    got = through_programs(log, own, dbc, signals)
    for (signal, most) in signals:
        message, part = signal.split('.')
        want = told['signal_stats'][message][part]
        have = got[signal]
        slack = 0.0051 / 10 ** min(4, math.floor(
            8 - math.log10(max(most, 1))))
        if len(have) != want['n']:
            wrong('%s: %s: %d values, not %d' % (name, signal, len(have),
                                                 want['n']))
            continue
        for what, value in (('min', min(have)), ('max', max(have)),
                            ('mean', sum(have) / len(have)),
                            ('first', have[0]), ('last', have[-1])):
            if not near(value, want[what], slack):
                wrong('%s: %s: %s %r, not %r' % (name, signal, what, value,
                                                 want[what]))
    print('# %s: %d messages, %d signals, %d values' % (
        name, len(log), len(signals), sum(len(v) for v in got.values())))


def tesla_voltage(log, own, told):
    """0x102 is in no DBC file; its layout is known."""
    with open(own + '/hv.dbc', 'w') as out:
        out.write('BO_ 258 hv: 6 X\n'
                  ' SG_ volt : 0|16@1+ (0.01,0) [0|0] "V" X\n')
    log = [(i / 500, bus, line) for i, (_, bus, line) in enumerate(log)]
    have = through_programs(log, own, own + '/hv.dbc',
                            [('volt', 400)])['volt']
    want = told['id_0x102_pack_voltage']
    if (len(have), have[0], have[-1], min(have), max(have)) != tuple(
            want[k] for k in ('n', 'first', 'last', 'min', 'max')):
        wrong('0x102: %d values from %r to %r' % (len(have), min(have),
                                                  max(have)))


# ---- multiplexed layouts ---------------------------------------------------

def bits(signal):
    """Places of its bits, the highest first."""
    n = signal['start']
    if signal['byte_order'] == 'little_endian':
        return [n + i for i in reversed(range(signal['length']))]
    places = []
    for _ in range(signal['length']):
        places.append(n)
        n = n - 1 if n % 8 else n + 15
    return places


def get(signal, data):
    raw = 0
    for n in bits(signal):
        raw = raw << 1 | (data[n // 8] >> n % 8 & 1)
    if signal['signed'] and raw >> (signal['length'] - 1):
        raw -= 1 << signal['length']
    return raw


def put(signal, data, raw):
    for n in reversed(bits(signal)):
        data[n // 8] = data[n // 8] & ~(1 << n % 8) | (raw & 1) << n % 8
        raw >>= 1


def present(signal, by_name, data):
    if not signal['mux_ids']:
        return True
    selector = by_name[signal['mux_signal']]
    return (present(selector, by_name, data) and
            get(selector, data) in signal['mux_ids'])


def select(signal, by_name, data):
    """Set what must be so that the signal is there."""
    if signal['mux_ids']:
        selector = by_name[signal['mux_signal']]
        select(selector, by_name, data)
        put(selector, data, signal['mux_ids'][0])


def multiplexed(captures, tool):
    """Each signal once where its selectors say so, by a decoder of our own
    on the layout that cantools parsed; and payloads that cantools refuses."""
    rng = random.Random(1)
    values = negative = 0
    for path in sorted(glob.glob(captures + '/dbc/*/*.expected.json')):
        told = json.load(open(path))
        dbc = path[:-len('.expected.json')]
        if 'load_error' in told:
            run = subprocess.run([tool, dbc], stdin=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
            if run.returncode == 0 or b'bits' not in run.stderr:
                wrong('%s: is taken, though %s' % (dbc, told['load_error']))
            negative += 1
            continue
        for message in told['messages']:
            signals = message['signals']
            by_name = {s['name']: s for s in signals}
            if not any(s['mux_ids'] for s in signals) and all(
                    'physical' in v for v in message['vectors']):
                continue
            loads = [bytearray.fromhex(v['data'])
                     for v in message['vectors'] if 'physical' not in v]
            negative += len(loads)
            for one in signals:
                loads.append(bytearray(rng.randbytes(message['length'])))
                if max(bits(one)) < 8 * message['length']:
                    select(one, by_name, loads[-1])
            lines = [('%08X' if message['extended'] else '%03X') % message[
                'id'] + ('##0' if len(x) > 8 else '#') + x.hex()
                for x in loads]
            run = subprocess.run([tool, dbc], input='\n'.join(lines).encode(),
                                 stdout=subprocess.PIPE)
            out = [json.loads(x) for x in run.stdout.splitlines()]
            if len(out) != len(loads):
                wrong('%s: %d of %d messages' % (dbc, len(out), len(loads)))
                continue
            for data, got in zip(loads, out):
                want = {s['name']: get(s, data) for s in signals
                        if max(bits(s)) < 8 * len(data) and
                        present(s, by_name, data) and not s['float']}
                have = {k: v[0] for k, v in got.items()
                        if not by_name[k]['float']}
                values += len(want)
                if want != have:
                    wrong('%s %s %s: wanted %r, got %r' % (
                        dbc, message['name'], data.hex(), want, have))
    print('# %d values, %d files or messages that cantools refuses' % (
        values, negative))
    if values < 300:
        wrong('only %d values compared' % values)


def logs(captures, own):
    can = captures + '/can/'

    def told(name):
        return json.load(open(can + name + '.expected.json'))

    kona = can + 'kona/pcan.dbc'
    for name in ('kona-pack-idle-30s.asc', 'kona-pack-precharge-relay.asc'):
        compare(name, asc(can + 'kona/' + name), own, kona,
                told('kona/' + name))
    name = 'kona-car-power-off-on-ready.csv'
    compare(name, gvret(can + 'kona/' + name), own, kona,
            told('kona/' + name))
    compare('test_log.txt', pcan(can + 'foxbms/test_log.txt'), own,
            can + 'foxbms/foxbms.dbc', told('foxbms/test_log.txt'))
    tesla = can + 'tesla-ms/'
    forms = {'GVRET_Log.csv': gvret, 'CRTD_Log.txt': crtd,
             'BusMasterLog.log': busmaster, 'MicrochipLog.log': microchip,
             'GenericID_Log.csv': generic, 'candump.log': candump}
    messages = {n: [x[2] for x in read(tesla + n)]
                for n, read in forms.items()}
    for name, one in messages.items():
        if one != messages['GVRET_Log.csv']:
            wrong('%s: other messages than in GVRET_Log.csv' % name)
    log = list(gvret(tesla + 'GVRET_Log.csv'))
    expected = told('tesla-ms/GVRET_Log.csv')
    compare('GVRET_Log.csv', log, own, tesla + 'tesla_powertrain.dbc',
            expected, spread=True)
    tesla_voltage(log, own, expected)


if len(sys.argv) > 3:
    multiplexed(sys.argv[1], sys.argv[3])
else:
    logs(sys.argv[1], sys.argv[2])
sys.exit(bad > 0)
