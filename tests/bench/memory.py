#!/usr/bin/env python3
"""memory.py BUILD: peak memory of the programs that open a tenant, with
BENCH_MEMORY_ROWS readings (100,000) of it and with ten times as many."""
import os
import subprocess

import kit

small = int(os.environ.get('BENCH_MEMORY_ROWS', '100000'))
BATTERIES = 20
MONTH = 2592000


def peak(argv, source=None):
    """MiB. A process begins with the memory of the one that starts it: a
    small one does."""
    into = kit.work + '/peak'
    kit.run(['time', '-o', into, '-f', '%M'] + argv, source)
    with open(into) as file:
        return int(file.read().split()[-1]) / 1024


def at(seconds):
    return subprocess.run(['date', '-u', '-d', '@%d' % (1767225600 + seconds),
                           '+%Y-%m-%dT%H:%M:%SZ'], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def programs(key):
    """In the order in which a tenant meets them."""
    def one(*words):
        return list(words) + ['--tenant', 'bench']
    return [
        ('tenant-db append', one('tenant-db', 'append')),
        ('rollup, judging', one('rollup')),
        ('tenant-db judge --rebuild', one('tenant-db', 'judge', '--rebuild')),
        ('rollup --rebuild', one('rollup', '--rebuild')),
        ('tenant-db seal', one('tenant-db', 'seal', '--now', at(MONTH))),
        ('rollup --rebuild, sealed', one('rollup', '--rebuild')),
        ('tenant-db check', one('tenant-db', 'check')),
        ('tenant-db backup', one('tenant-db', 'backup', '--key', key, '--to',
                                 kit.work + '/backups')),
        ('alert-eval', one('alert-eval')),
        ('live', one('live', '--now', at(MONTH))),
        ('tenant-export readings', one('tenant-export') + ['readings']),
        ('dashboard', one('dashboard', '--now', at(MONTH))),
    ]


def measure(rows):
    """Peaks by program of a month with so many readings."""
    kit.root_again('none')
    kit.tenant('bench', range(BATTERIES))
    every = MONTH * BATTERIES // rows
    path = kit.work + '/readings'
    kit.simulate('bench', BATTERIES, at(0), at(MONTH), '%ds' % every, path)
    peaks = {}
    key = kit.work + '/key'
    if not os.path.exists(key):
        kit.output(['tenant-db', 'key', 'create', key])
    for name, argv in programs(key):
        peaks[name] = peak(argv, path if name.endswith('append') or
                           name == 'live' else None)
    return peaks


def big_hour(rows):
    """Peak of sealing one hour of so many readings."""
    kit.root_again('none')
    kit.tenant('bench', range(BATTERIES))
    path = kit.work + '/readings'
    kit.simulate('bench', BATTERIES, at(0), at(3600),
                 '%dms' % (3600000 * BATTERIES // rows), path)
    kit.run(['tenant-db', 'append', '--tenant', 'bench'], path)
    return peak(['tenant-db', 'seal', '--tenant', 'bench', '--now', at(MONTH)])


def main():
    kit.keep_root('none')
    less, more = big_hour(small // 10), big_hour(small)
    kit.row('memory of tenant-db seal, %d readings in one hour: a tenth of '
            'them' % small, '%.1f MiB' % more, '%.1f MiB' % less, more, 16,
            most=True, unit=' MiB')
    less, more = measure(small), measure(10 * small)
    for name in less:
        kit.row('memory of %s, %d readings: a tenth of them' % (
            name, 10 * small), '%.1f MiB' % more[name], '%.1f MiB' %
                less[name], more[name], 16, most=True, unit=' MiB')


kit.main(main)
