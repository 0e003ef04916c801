"""What the benchmarks share: a directory of their own, runs with their CPU
and memory, tenants, and the rows of the table that run.sh prints."""
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
build = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ''
runs = int(os.environ.get('BENCH_RUNS', '3'))
work = tempfile.mkdtemp(prefix='tbms-bench.',
                        dir=os.environ.get('BENCH_DIR', '/var/tmp'))
env = dict(os.environ, PATH=build + '/bin:' + os.environ['PATH'],
           TBMS_SHARE=os.path.join(here, '../../share'),
           TBMS_ROOT=work + '/root', LC_ALL='C.UTF-8')
good = True


def run(argv, source=None, target='/dev/null', **more):
    """CPU seconds and peak memory in MiB of one process."""
    with open(source or '/dev/null', 'rb') as i, open(target, 'wb') as o:
        child = subprocess.Popen(argv, stdin=i, stdout=o, env=env, **more)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    if status != 0:
        sys.exit('bench: %s ended with %d' % (' '.join(argv)[:200], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def output(argv, text=''):
    return subprocess.run(argv, input=text, env=env, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def beside(ours, *peers):
    """Medians of what each gives, of runs that take turns."""
    taken = [[] for _ in range(1 + len(peers))]
    for _ in range(runs):
        for into, one in zip(taken, (ours,) + peers):
            into.append(one())
    return [statistics.median(x) for x in taken]


def compile(name, *more):
    """A C program beside us; its path."""
    path = work + '/' + name
    subprocess.run(['cc', '-O2', '-o', path, '%s/%s.c' % (here, name)] +
                   list(more), check=True)
    return path


def say(text):
    print(text, flush=True)


def row(what, ours, peer, value, must, stretch=None, most=False, unit=' x'):
    """One row of the table: value has to be at least `must`, or at most that
    where `most`. Without `must` it is only stated."""
    global good

    def reached(bar):
        if bar is None:
            return None
        return value <= bar if most else value >= bar

    held = reached(must) is not False
    good = good and held
    line = dict(what=what, ours=ours, peer=peer, value='%.3g%s' % (value, unit)
                if value is not None else '',
                must=bar_text(must, most, unit),
                stretch=bar_text(stretch, most, unit),
                met='' if must is None else 'MISSED' if not held else
                'stretch' if reached(stretch) else 'yes')
    say('%(what)s: %(ours)s; %(peer)s; %(value)s %(met)s' % line)
    if 'BENCH_TABLE' in os.environ:
        with open(os.environ['BENCH_TABLE'], 'a') as table:
            table.write(json.dumps(line) + '\n')


def fail(text):
    global good
    good = False
    say('bench: ' + text)


def bar_text(bar, most, unit):
    return '' if bar is None else '%s %g%s' % ('<=' if most else '>=', bar,
                                               unit)


def put(tenant, table, rows):
    output(['tenant-db', 'put', '--tenant', tenant, table],
           ''.join(json.dumps(r) + '\n' for r in rows))


def tenant(slug, numbers, profile='seplos-v3'):
    """A tenant with batteries b-N, each with its device d-N."""
    output(['tenant-db', 'create', '--tenant', slug])
    put(slug, 'battery_types', [dict(
        slug='t', name='T', chemistry='lfp', nominal_voltage=51.2,
        capacity_ah=280, capacity_wh=14336, cell_count=16)])
    put(slug, 'locations', [dict(slug='l', name='L')])
    put(slug, 'batteries', [dict(
        slug='b-%d' % n, serial_number='s%d' % n, name='B %d' % n,
        battery_type='t', location='l') for n in numbers])
    put(slug, 'devices', [dict(
        device='d-%d' % n, profile=profile,
        address='tcp://127.0.0.1:502', battery='b-%d' % n,
        valid_from='2000-01-01T00:00:00Z') for n in numbers])


def tenant_file(slug='bench'):
    return '%s/tenants/%s/tenant.db' % (env['TBMS_ROOT'], slug)


def keep_root(name):
    """The root as it is, for root_again."""
    shutil.copytree(work + '/root', work + '/' + name)


def root_again(name):
    shutil.rmtree(work + '/root', ignore_errors=True)
    shutil.copytree(work + '/' + name, work + '/root')


def simulate_frames(slug, batteries, start, end, every, target):
    """Frames of bms-sim: 34 numbers each, the cells with a noise of 1 mV."""
    devices = work + '/devices.ndjson'
    with open(devices, 'w') as out:
        for n in range(batteries):
            out.write(json.dumps(dict(
                kind='device', tenant=slug, device='d-%d' % n,
                profile='seplos-v3', address='tcp://127.0.0.1:502')) + '\n')
    run(['bms-sim', '--devices', devices, '--frames', '--from', start,
         '--to', end, '--every', every], target=target)


def simulate(slug, batteries, start, end, every, target):
    """The readings of these frames, in canonical form."""
    frames = work + '/simulated'
    simulate_frames(slug, batteries, start, end, every, frames)
    run(['bms-normalize'], frames, target)
    os.unlink(frames)


def query(sql, slug='bench'):
    return json.loads(output(['tenant-db', 'query', '--tenant', slug, sql]))


def main(job):
    """Run the job; its directory goes with it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.makedirs(work + '/root', exist_ok=True)
    try:
        job()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if good else 1)
