#!/usr/bin/env python3
"""bench.py BUILD: what normalizing and storing cost beside their peers, as
user+sys CPU of interleaved runs, the memory they take, and what sealing does.
BENCH_FRAMES sets the number of frames (default 1,000,000), BENCH_RUNS the
runs (default 3)."""
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
count = int(os.environ.get('BENCH_FRAMES', '1000000'))
runs = int(os.environ.get('BENCH_RUNS', '3'))
peer_share = int(os.environ.get('BENCH_PEER_SHARE', '10'))
work = tempfile.mkdtemp(prefix='tbms-bench.')
env = dict(os.environ, PATH=build + '/bin:' + os.environ['PATH'],
           TBMS_SHARE=os.path.join(here, '../../share'),
           TBMS_ROOT=work + '/root', LC_ALL='C.UTF-8')


def run(argv, source=None, target='/dev/null'):
    """CPU seconds and peak memory in MiB of one process."""
    with open(source or '/dev/null', 'rb') as i, open(target, 'wb') as o:
        child = subprocess.Popen(argv, stdin=i, stdout=o, env=env)
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit('bench: %s ended with %d' % (argv[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


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


def compare(title, ours, peer, share, bar):
    """Interleaved runs; the peer may take a share of the input."""
    mine, theirs, memory = [], [], []
    for _ in range(runs):
        cpu, mib = ours()
        mine.append(cpu)
        memory.append(mib)
        theirs.append(peer()[0] * share)
    a, b = statistics.median(mine), statistics.median(theirs)
    print('%-34s %7.2f us/line  peer %7.2f us/line  %5.1f x (bar %g x)  '
          '%5.1f MiB' % (title, a / count * 1e6, b / count * 1e6, b / a, bar,
                         max(memory)), flush=True)
    return b / a >= bar and max(memory) < 32


def make_tenants():
    def put(tenant, table, rows):
        text = ''.join(json.dumps(r) + '\n' for r in rows)
        subprocess.run(['tenant-db', 'put', '--tenant', tenant, table],
                       input=text.encode(), env=env, check=True)
    shutil.rmtree(work + '/root', ignore_errors=True)
    for t in range(2):
        tenant = 'bench-%d' % t
        subprocess.run(['tenant-db', 'create', '--tenant', tenant], env=env,
                       check=True)
        put(tenant, 'battery_types', [dict(
            slug='t', name='T', chemistry='lfp', nominal_voltage=51.2,
            capacity_ah=280, capacity_wh=14336, cell_count=16)])
        put(tenant, 'locations', [dict(slug='l', name='L')])
        numbers = range(50 * t, 50 * t + 50)
        put(tenant, 'batteries', [dict(
            slug='b-%d' % n, serial_number=str(n), name='B %d' % n,
            battery_type='t', location='l') for n in numbers])
        put(tenant, 'devices', [dict(
            device='d-%d' % n, profile='seplos-v3',
            address='tcp://127.0.0.1:502', battery='b-%d' % n,
            valid_from='2020-01-01T00:00:00Z') for n in numbers])


def append():
    make_tenants()
    return run(['tenant-db', 'append', '--all'], work + '/readings')


def sqlite_utils():
    path = work + '/peer.db'
    for name in (path, path + '-wal', path + '-shm'):
        if os.path.exists(name):
            os.unlink(name)
    return run(['sqlite-utils', 'insert', path, 'readings',
                work + '/readings.part', '--nl'])


def query(sql):
    out = subprocess.run(['tenant-db', 'query', '--tenant', 'bench-0', sql],
                         env=env, check=True, stdout=subprocess.PIPE)
    return json.loads(out.stdout)


def seal():
    """What blocks cost, take and give back, beside the rows they were."""
    day = ['tenant-export', '--tenant', 'bench-0', '--battery', 'b-0',
           '--from', '2026-01-02T00:00:00Z', '--to', '2026-01-03T00:00:00Z',
           'readings']
    rows = min(run(day, target=work + '/rows')[0] for _ in range(5))
    packed = query('SELECT avg(length(packed)) AS n FROM readings')['n']
    cpu, mib = run(['tenant-db', 'seal', '--all'])
    blocks = min(run(day, target=work + '/blocks')[0] for _ in range(5))
    with open(work + '/rows') as a, open(work + '/blocks') as b:
        same = a.read() == b.read()
    size = query('SELECT sum(length(data)) * 1.0 / sum(count) AS n'
                 ' FROM blocks')['n']
    print('tenant-db seal: %.2f us a reading, %.2f bytes in place of %.1f; '
          'a day of one battery %.1f ms, from rows %.1f ms; %.1f MiB' % (
              cpu / count * 1e6, size, packed, blocks * 1e3, rows * 1e3, mib))
    if not same:
        print('what comes out of blocks is not what went in')
    return same


def main():
    os.makedirs(work + '/root')
    print('making %d frames' % count, flush=True)
    subprocess.run([sys.executable, here + '/frames.py', str(count),
                    work + '/frames', work + '/expected'], check=True)
    sample(work + '/frames', count // peer_share, work + '/frames.part')
    run(['bms-normalize'], work + '/frames', work + '/readings')
    print('%d readings equal what the generator packed' %
          check(work + '/readings', work + '/expected'), flush=True)
    sample(work + '/readings', count // peer_share, work + '/readings.part')
    good = compare('bms-normalize : jq -c .',
                   lambda: run(['bms-normalize'], work + '/frames'),
                   lambda: run(['jq', '-c', '.'], work + '/frames.part'),
                   peer_share, 15)
    good &= compare('tenant-db append : sqlite-utils', append, sqlite_utils,
                    peer_share, 10)
    good &= seal()
    small = run(['bms-normalize'], work + '/frames.part')[1]
    large = run(['bms-normalize'], work + '/frames')[1]
    print('memory of bms-normalize: %.1f MiB after %d frames, %.1f MiB after '
          '%d' % (small, count // peer_share, large, count))
    print('all bars held' if good else 'a bar was NOT held')
    return 0 if good else 1


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    status = main()
finally:
    shutil.rmtree(work)
sys.exit(status)
