#!/usr/bin/env python3
"""bench.py BUILD: what normalizing and storing cost beside their peers, as
user+sys CPU of interleaved runs, and the memory they take.
BENCH_FRAMES sets the number of frames (default 1,000,000), BENCH_RUNS the
runs (default 3)."""
import json
import os
import subprocess
import sys

import kit
from kit import here, run, work

count = int(os.environ.get('BENCH_FRAMES', '1000000'))
peer_share = int(os.environ.get('BENCH_PEER_SHARE', '10'))


def sample(path, lines, target):
    with open(path) as i, open(target, 'w') as o:
        for n, line in enumerate(i):
            if n == lines:
                break
            o.write(line)


def check(readings, expected):
    """Each reading against what the generator packed."""
    names = ('pack_voltage', 'pack_current', 'soc_percent', 'cell_voltages',
             'temperatures')
    n = 0
    with open(readings) as got, open(expected) as wanted:
        for g, w in zip(got, wanted):
            g, w = json.loads(g), json.loads(w)
            for name, value in zip(names, w):
                if g[name] != value and abs(g[name] - value) > 1e-9:
                    sys.exit('bench: reading %d: %s is %r, wanted %r' %
                             (n, name, g[name], value))
            n += 1
    return n


def compare(title, ours, peer, share, must, stretch):
    """Interleaved runs; the peer may take a share of the input."""
    memory = []

    def mine():
        cpu, mib = ours()
        memory.append(mib)
        return cpu

    a, b = kit.beside(mine, lambda: peer()[0] * share)
    kit.row(title, '%.2f us a line, %.1f MiB' % (a / count * 1e6, max(memory)),
            '%.2f us' % (b / count * 1e6), b / a, must, stretch)
    if max(memory) >= 32:
        kit.fail(title + ': takes too much memory')


def make_tenants():
    for t in range(2):
        kit.tenant('bench-%d' % t, range(50 * t, 50 * t + 50))


def append():
    kit.root_again('none')
    make_tenants()
    return run(['tenant-db', 'append', '--all'], work + '/readings')


def sqlite_utils():
    path = work + '/peer.db'
    for name in (path, path + '-wal', path + '-shm'):
        if os.path.exists(name):
            os.unlink(name)
    return run(['sqlite-utils', 'insert', path, 'readings',
                work + '/readings.part', '--nl'])


def main():
    kit.keep_root('none')
    print('making %d frames' % count, flush=True)
    subprocess.run([sys.executable, here + '/frames.py', str(count),
                    work + '/frames', work + '/expected'], check=True)
    sample(work + '/frames', count // peer_share, work + '/frames.part')
    run(['bms-normalize'], work + '/frames', work + '/readings')
    print('%d readings equal what the generator packed' %
          check(work + '/readings', work + '/expected'), flush=True)
    sample(work + '/readings', count // peer_share, work + '/readings.part')
    compare('bms-normalize, %d frames: jq -c .' % count,
            lambda: run(['bms-normalize'], work + '/frames'),
            lambda: run(['jq', '-c', '.'], work + '/frames.part'),
            peer_share, 15, 30)
    compare('append, %d readings: sqlite-utils insert' % count, append,
            sqlite_utils, peer_share, 10, 18)
    small = run(['bms-normalize'], work + '/frames.part')[1]
    large = run(['bms-normalize'], work + '/frames')[1]
    print('memory of bms-normalize: %.1f MiB after %d frames, %.1f MiB after '
          '%d' % (small, count // peer_share, large, count))


kit.main(main)
