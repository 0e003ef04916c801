#!/usr/bin/env python3
"""can.py BUILD: what it costs to hear a CAN log and decode its DBC signals,
beside jq on the same lines and a plain C loop over the same signals, as
user+sys CPU of interleaved runs. BENCH_MESSAGES sets the number of messages
(default 800,000), BENCH_RUNS the runs (default 3)."""
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
count = int(os.environ.get('BENCH_MESSAGES', '800000'))
runs = int(os.environ.get('BENCH_RUNS', '3'))
work = tempfile.mkdtemp(prefix='tbms-bench.')
share = os.path.join(here, '../../share')
env = dict(os.environ, PATH=build + '/bin:' + os.environ['PATH'],
           TBMS_SHARE=share, TBMS_ROOT=work + '/root', LC_ALL='C.UTF-8')
NOISE = 8  # messages of others in each cycle of 16


def motorola(bits, start, size, value):
    bit = start
    for i in range(size - 1, -1, -1):
        bits[bit // 8 * 8 + 7 - bit % 8] = value >> i & 1
        bit = bit - 1 if bit % 8 else bit + 15


def message(identifier, *signals):
    bits = [0] * 64
    for start, size, value in signals:
        motorola(bits, start, size, value & (1 << size) - 1)
    return '%03X#%016X' % (identifier, int(''.join(map(str, bits)), 2))


def cycle(rng):
    """The messages of one cycle and what they say."""
    cells = [3300 + rng.randint(-20, 20) for _ in range(16)]
    temps = [rng.randint(-5, 40) for _ in range(4)]
    volt, current = rng.randint(500, 560), rng.randint(-9000, 9000)
    soc = rng.randint(100, 999)
    out = [message(0x220, (3, 4, 5), (7, 4, 1)),
           message(0x233, (7, 15, volt), (8, 15, volt), (40, 17, current)),
           message(0x235, (7, 10, soc), (13, 10, soc), (47, 8, 198))]
    for mux in range(4):
        c = cells[4 * mux:4 * mux + 4]
        out.append(message(0x250, (7, 8, mux), (15, 4, 15), (11, 13, c[0]),
                           (30, 13, c[1]), (33, 13, c[2]), (52, 13, c[3])))
    out.append(message(0x260, (7, 8, 0), (15, 8, 15), (23, 8, temps[0]),
                       (31, 8, temps[1]), (39, 8, temps[2]),
                       (47, 8, temps[3])))
    for i in range(NOISE):
        out.insert(2 * i + 1, '%03X#%016X' % (0x300 + i,
                                              rng.getrandbits(64)))
    return out, dict(pack_voltage=volt / 10, pack_current=-current / 100,
                     soc_percent=soc / 10,
                     cell_voltages=[c / 1000 for c in cells],
                     temperatures=[float(t) for t in temps])


def make():
    """The log, and what is to come of it; cycles are 2.5 s apart."""
    rng = random.Random(1)
    kinds = [cycle(rng) for _ in range(500)]
    wanted = []
    with open(work + '/log', 'w') as out:
        for i in range(count // 16):
            lines, told = kinds[i % len(kinds)]
            wanted.append(told)
            start = 1700000000 + 2.5 * i
            out.writelines('(%.6f) can0 %s\n' % (start + k / 1000, line)
                           for k, line in enumerate(lines))
    with open(work + '/devices', 'w') as out:
        out.write(json.dumps({
            'kind': 'device', 'tenant': 'bench', 'device': 'c',
            'profile': 'foxbms2', 'address': 'candump://' + work + '/log'}))
    return wanted


def run(argv, source='/dev/null', target='/dev/null'):
    with open(source, 'rb') as i, open(target, 'wb') as o:
        child = subprocess.Popen(argv, stdin=i, stdout=o, env=env)
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit('bench: %s ended with %d' % (argv[0], status))
    return usage.ru_utime + usage.ru_stime


def ours():
    cpu = run(['bms-poll', '-d', work + '/devices'], target=work + '/frames')
    return cpu + run(['bms-normalize'], work + '/frames', work + '/readings')


def check(path, wanted):
    n = 0
    for line, told in zip(open(path), wanted):
        got = json.loads(line)
        for name, value in told.items():
            if got[name] != value:
                sys.exit('bench: cycle %d: %s is %r, wanted %r' % (
                    n, name, got[name], value))
        n += 1
    if n != len(wanted):
        sys.exit('bench: %d cycles, not %d' % (n, len(wanted)))


def main():
    wanted = make()
    subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-std=c17', '-o',
                    work + '/loop', here + '/canloop.c'], check=True)
    peers = {'bms-poll and bms-normalize': ours,
             'plain C loop, printf': lambda: run(
                 [work + '/loop'], work + '/log', work + '/loop.out'),
             'jq -cR . (does not decode)': lambda: run(
                 ['jq', '-cR', '.'], work + '/log')}
    took = {name: [] for name in peers}
    for _ in range(runs):
        for name, peer in peers.items():
            took[name].append(peer())
    check(work + '/readings', wanted)
    check(work + '/loop.out', wanted)
    mid = {name: statistics.median(t) for name, t in took.items()}
    print('CAN: %d messages, half of them of others, %d cycles of 22 values '
          'equal what was packed' % (count // 16 * 16, len(wanted)))
    for name, seconds in mid.items():
        print('%-34s %9.0f messages/s of CPU  %6.2f us each' % (
            name, count / seconds, seconds / count * 1e6))
    mine, loop, jq = mid.values()
    print('jq takes %.1f x (bar 2 x), the C loop %.2f x (bar 0.5 x)' % (
        jq / mine, loop / mine), flush=True)
    return 0 if jq / mine >= 2 and loop / mine >= 0.5 else 1


try:
    result = main()
finally:
    shutil.rmtree(work)
sys.exit(result)
