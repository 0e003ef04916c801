"""concurrency.py SECONDS ROWS: everything at once on one tenant.

The stream comes in as fast as it goes while all that cron runs, and those who
ask, run beside it, over and over. Nobody may find the database locked, and
the log of the database stays small beside readers of our own that never stop.
"""
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import traceback

import durable_stream as stream

SECONDS, ROWS = float(sys.argv[1]), int(sys.argv[2])
ROOT = os.environ['TBMS_ROOT']
SPOOL = ROOT + '/spool'
ONE = ['--tenant', 'alpha']
NOW = '2026-03-03T00:00:00Z'
LOG_MAX = 64 << 20

trouble, runs = [], {}
stop = threading.Event()
lock = threading.Lock()


def thread(work, *operands):
    def inner():
        try:
            work(*operands)
        except BaseException:
            trouble.append(traceback.format_exc())
            stop.set()
    one = threading.Thread(target=inner)
    one.start()
    return one


def again(name, command, text=None):
    while not stop.is_set():
        done = subprocess.run(command, input=text, capture_output=True)
        with lock:
            runs[name] = runs.get(name, 0) + 1
            if done.returncode != 0 or b'locked' in done.stderr:
                trouble.append('%s: %d %s' % (
                    name, done.returncode, done.stderr.decode()[:200]))


def field(sent):
    """Both ways in: most through the spool, some by a plain pipe."""
    process = subprocess.Popen(['spool', 'put', SPOOL],
                               stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)
    while not stop.is_set():
        text = ''.join(stream.line(k) + '\n'
                       for k in range(sent[0], sent[0] + 300)).encode()
        sent[0] += 300
        process.stdin.write(text)
        process.stdin.flush()
        time.sleep(.03)
    process.stdin.close()
    process.wait()


def watch(largest):
    path = ROOT + '/tenants/alpha/tenant.db-wal'
    while not stop.is_set():
        try:
            largest[0] = max(largest[0], os.stat(path).st_size)
        except FileNotFoundError:
            pass
        time.sleep(.005)


def reader(path, length):
    base = sqlite3.connect(path, isolation_level=None)
    while not stop.is_set():
        base.execute('BEGIN')
        base.execute('SELECT count(*) FROM batteries').fetchall()
        time.sleep(length)
        base.execute('ROLLBACK')


def overlap():
    """Readers of whom there is always one: without help from the writers
    the log of SQLite would never begin again."""
    root = os.getcwd() + '/overlap'
    os.mkdir(root)
    stream.create(root, ['alpha'])
    lines = ''.join(stream.line(k) + '\n' for k in range(ROWS)).encode()
    made = stream.run('bms-normalize', input=lines).stdout
    one = [x for x in made.splitlines(True) if b'"alpha"' in x]
    random.Random(1).shuffle(one)  # so that each batch writes many pages
    path = root + '/tenants/alpha/tenant.db'
    stop.clear()
    workers = []
    for _ in range(3):
        workers.append(thread(reader, path, .3))
        time.sleep(.1)
    process = subprocess.Popen(
        ['tenant-db', 'append', '--root', root, *ONE],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    largest = 0
    for at in range(0, len(one), 1000):
        process.stdin.write(b''.join(one[at:at + 1000]))
        process.stdin.flush()
        largest = max(largest, os.stat(path + '-wal').st_size)
    process.stdin.close()
    if process.wait() != 0:
        trouble.append('append beside readers: %d' % process.returncode)
    largest = max(largest, os.stat(path + '-wal').st_size)
    stop.set()
    for worker in workers:
        worker.join()
    print('# beside readers without a gap, %d rows: the log had %d kB' % (
        len(one), largest >> 10))
    if largest > LOG_MAX:
        trouble.append('the log grew to %d bytes beside readers' % largest)


def main():
    stream.create(ROOT)
    key = os.getcwd() + '/key'
    stream.run('tenant-db', 'key', 'create', key)
    jobs = {
        'seal': ['tenant-db', 'seal', *ONE],
        'judge': ['tenant-db', 'judge', *ONE],
        'rollup': ['rollup', *ONE],
        'alert-eval': ['alert-eval', '--now', NOW, *ONE],
        'dashboard': ['dashboard', '--now', NOW, *ONE],
        'backup': ['tenant-db', 'backup', '--key', key, *ONE],
        'check': ['tenant-db', 'check', *ONE],
        'export': ['tenant-export', *ONE, 'readings'],
        'query': ['tenant-db', 'query', *ONE,
                  'SELECT battery_id, avg(pack_voltage) FROM bms_data'
                  ' GROUP BY 1'],
        'get': ['tenant-db', 'get', *ONE, 'batteries'],
    }
    sent, largest = [0], [0]
    text = b'{"slug":"here","name":"There"}\n'
    log = open('each.err', 'wb')
    pipeline = subprocess.Popen(
        ['spool', 'each', '-s', '500ms', SPOOL, '--', 'bms-normalize', '|',
         'tenant-db', 'append', '--all', '|', 'live', '--all'], stderr=log)
    workers = [thread(field, sent), thread(watch, largest), thread(
        again, 'put', ['tenant-db', 'put', *ONE, 'locations'], text)]
    workers += [thread(again, name, jobs[name]) for name in jobs]
    stop.wait(SECONDS)
    stop.set()
    for worker in workers:
        worker.join()
    while any(x[0] != '.' for x in os.listdir(SPOOL + '/new')) and \
            pipeline.poll() is None:
        time.sleep(.05)
    pipeline.terminate()
    if pipeline.wait() != 0:
        trouble.append('spool each ended with %d' % pipeline.returncode)
    wrong, rows = stream.compare(ROOT, sent[0], tenants=['alpha'])
    said = open('each.err', 'rb').read()
    if said:
        trouble.append('spool each: %s' % said.decode()[:300])
    if largest[0] > LOG_MAX:
        trouble.append('the log grew to %d bytes' % largest[0])
    print('# %d lines, %d rows compared; the log had at most %d kB' % (
        sent[0], rows, largest[0] >> 10))
    print('# runs: %s' % ', '.join(
        '%s %d' % one for one in sorted(runs.items())))
    overlap()
    for one in (trouble + wrong)[:20]:
        print('# ' + one.replace('\n', '\n# '))
    sys.exit(1 if trouble or wrong else 0)


main()
