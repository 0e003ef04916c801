#!/usr/bin/env python3
"""years.py BUILD: a tenant over years: the size of its file, one new hour
summed up in it and in a file of a month, the daily history of a year, and
check, backup and restore of a file of a gigabyte, a writer beside each.
BENCH_YEARS (5) of BENCH_YEARS_BATTERIES (10) with a reading each
BENCH_YEARS_EVERY (300) seconds are made, two weeks at a time, as years would:
appended, summed up, sealed. BENCH_YEARS_MIB (1024) is that gigabyte."""
import os
import shutil
import statistics
import subprocess
import threading
import time
from datetime import datetime, timedelta, timezone

import kit

years = float(os.environ.get('BENCH_YEARS', '5'))
batteries = int(os.environ.get('BENCH_YEARS_BATTERIES', '10'))
every = int(os.environ.get('BENCH_YEARS_EVERY', '300'))
mib = int(os.environ.get('BENCH_YEARS_MIB', '1024'))
END = datetime(2026, 1, 5, tzinfo=timezone.utc)
STEP = timedelta(days=14)


def text(when):
    return when.strftime('%Y-%m-%dT%H:%M:%SZ')


def ms(when):
    return int(when.timestamp() * 1000)


def add(begin, end, seal=True):
    """What a fleet says from `begin` to `end`, and what cron makes of it."""
    path = kit.work + '/step'
    kit.simulate('bench', batteries, text(begin), text(end), '%ds' % every,
                 path)
    kit.run(['tenant-db', 'append', '--tenant', 'bench'], path)
    os.unlink(path)
    if not seal:
        return
    kit.run(['rollup', '--tenant', 'bench'])
    kit.run(['tenant-db', 'seal', '--tenant', 'bench', '--now', text(end)])


def grow(begin):
    while begin < END:
        end = min(begin + STEP, END)
        add(begin, end)
        begin = end


def rollup():
    return kit.run(['rollup', '--tenant', 'bench'])[0]


class Hour:
    """A file in which one new hour waits to be summed up."""

    def __init__(self, root):
        self.kept = '%s/hour-%s' % (kit.work, root)
        kit.root_again(root)
        add(END, END + timedelta(hours=1), seal=False)
        shutil.copy(kit.tenant_file(), self.kept)

    def cpu(self):
        """Of that hour, the program's start not in it."""
        shutil.copy(self.kept, kit.tenant_file())
        return rollup() - rollup()


def incremental(times=15):
    hours = Hour('years'), Hour('month')
    taken = [[hour.cpu() for hour in hours] for _ in range(times)]
    all_years, month = map(statistics.median, zip(*taken))
    kit.row('rollup of one new hour of %d batteries in a file of %g years: in '
            'one of a month' % (batteries, years), '%.1f ms' %
            (all_years * 1e3), '%.1f ms' % (month * 1e3), all_years / month,
            1.2, most=True)
    for hour in hours:
        os.unlink(hour.kept)


def shell(db, statements):
    return kit.run(['sqlite3', db, '.load %s/lib/trackingbms' % kit.build] +
                   statements)[0]


def daily_history():
    db = kit.tenant_file()
    sql = ("SELECT * FROM bms_data_history WHERE battery_id = 2 AND"
           " period_type = 'daily' AND period_start >= %d AND period_start"
           " < %d ORDER BY period_start" % (ms(END) - 365 * 86400000, ms(END)))
    found = len(kit.output(['sqlite3', db, '.load %s/lib/trackingbms' %
                            kit.build, sql]).splitlines())
    if found < min(365, int(years * 365)) - 1:
        kit.fail('%d days of history' % found)
    took, = kit.beside(lambda: (shell(db, [sql] * 101) - shell(db, [sql])) /
                       100 * 1e3)
    kit.row('one battery, one year, daily history, all columns, printed by '
            'the sqlite3 shell', '%.2f ms' % took, '', took, 10, 2, most=True,
            unit=' ms')


def state_size():
    db = kit.tenant_file()
    readings = kit.query('SELECT sum(count) AS n, sum(length(data)) AS size'
                         ' FROM blocks')
    largest = kit.output(
        ['sqlite3', '-separator', ' ', db,
         "SELECT m.tbl_name, round(sum(d.pgsize) / 1e6) FROM dbstat d JOIN"
         ' sqlite_schema m ON m.name = d.name GROUP BY 1 ORDER BY 2 DESC'
         ' LIMIT 4']).replace('\n', ' MB, ')
    size = os.path.getsize(db)
    kit.row('file of %g years of %d batteries, one reading each %d s (%d '
            'readings); in it %s' % (years, batteries, every, readings['n'],
                                     largest.rstrip(', ')),
            '%.0f MB' % (size / 1e6), '', None, None)
    if readings['n'] == 0:
        return
    hundred = 100 / batteries * 5 / years
    kit.row('5 years of 100 batteries, worked out from that: at %d s, and at '
            '60 s with as many bytes a reading' % every,
            '%.2f GB, %.2f GB' % (
                size * hundred / 1e9,
                (size + readings['size'] * (every / 60 - 1)) * hundred / 1e9),
            '', None, None)


# ---- a gigabyte ---------------------------------------------------------

def columns(db, table, but):
    return ', '.join(n for n in kit.output(
        ['sqlite3', db, "SELECT name FROM pragma_table_info('%s')" % table]
        ).split() if n not in but)


def clone():
    """The same batteries again and again, until the file is that large. Old
    hours of history, which name their battery, only once."""
    db = kit.tenant_file()
    subprocess.run(['sqlite3', db, 'UPDATE client SET max_devices = 0'],
                   check=True)
    kinds = columns(db, 'batteries', ('id', 'slug', 'serial_number', 'uuid'))
    n = 0
    while os.path.getsize(db) < mib << 20:
        n += 1000
        sql = ["INSERT INTO batteries (id, slug, serial_number, %s) SELECT"
               " id + %d, slug || '-%d', serial_number || '-%d', %s FROM"
               " batteries WHERE id < 1000" % (kinds, n, n, n, kinds)]
        sql.append('INSERT INTO blocks SELECT id + (%d << 32), first, last,'
                   ' count, data FROM blocks WHERE id < 1000 << 32' % n)
        for table in ('history_rows', 'cell_rows', 'counter_state'):
            rest = columns(db, table, ('id', 'battery_id'))
            sql.append('INSERT INTO %s (battery_id, %s) SELECT battery_id +'
                       ' %d, %s FROM %s WHERE battery_id < 1000' % (
                           table, rest, n, rest, table))
        subprocess.run(['sqlite3', db, 'BEGIN; %s; COMMIT; PRAGMA'
                        ' wal_checkpoint(TRUNCATE)' % '; '.join(sql)],
                       check=True, stdout=subprocess.DEVNULL)
    return os.path.getsize(db)


class Writer:
    """tenant-db append beside us: a reading of each battery ten times a
    second, committed each second."""

    def __init__(self, slug):
        self.slug = slug

    def __enter__(self):
        self.stop = False
        self.process = subprocess.Popen(
            ['tenant-db', 'append', '--tenant', self.slug], env=kit.env,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self.feed)
        self.thread.start()
        return self

    def feed(self):
        at = END + timedelta(days=1)
        while not self.stop:
            at += timedelta(milliseconds=100)
            for n in range(batteries):
                self.process.stdin.write(
                    '{"kind":"battery","time":"%s.%03dZ","tenant":"%s",'
                    '"device":"d-%d","pack_voltage":52.620}\n' %
                    (at.strftime('%Y-%m-%dT%H:%M:%S'),
                     at.microsecond // 1000, self.slug, n))
            self.process.stdin.flush()
            time.sleep(0.1)

    def __exit__(self, *_):
        self.stop = True
        self.thread.join()
        self.process.stdin.close()
        if self.process.wait() != 0:
            kit.fail('the writer beside ended with %d' %
                     self.process.returncode)


def timed(argv):
    """(seconds on the wall, CPU seconds)."""
    begin = time.monotonic()
    cpu = kit.run(argv)[0]
    return time.monotonic() - begin, cpu


def quiet(db):
    copy = kit.work + '/quiet'
    took = timed(['sqlite3', db, ".backup '%s'" % copy])
    os.unlink(copy)
    return took


def backup(key):
    """And the file that it made."""
    shutil.rmtree(kit.work + '/backups', ignore_errors=True)
    took = timed(['tenant-db', 'backup', '--key', key, '--to',
                  kit.work + '/backups', '--tenant', 'bench'])
    made, = os.listdir(kit.work + '/backups/bench')
    return took, kit.work + '/backups/bench/' + made


def restore(key, made):
    """What is restored has no writer yet: one writes beside it."""
    shutil.rmtree(os.path.dirname(kit.tenant_file()))
    return timed(['tenant-db', 'restore', '--key', key, '--tenant', 'bench',
                  made])


def gigabyte():
    size = clone()
    db = kit.tenant_file()
    kit.tenant('other', range(batteries))
    key = kit.work + '/key'
    kit.output(['tenant-db', 'key', 'create', key])
    taken = []
    for _ in range(kit.runs):
        peer = quiet(db)
        with Writer('bench'):
            check = timed(['tenant-db', 'check', '--tenant', 'bench'])
            sealed, made = backup(key)
        with Writer('other'):
            back = restore(key, made)
        taken.append((peer, check, sealed, back))
    middle = [[statistics.median(run[i][j] for run in taken) for j in (0, 1)]
              for i in range(4)]
    for what, (wall, cpu) in zip(('check', 'backup, sealed,',
                                  'restore, which checks,'), middle[1:]):
        kit.row('%s of a tenant of %.2f GB, a writer beside it: sqlite3 '
                '.backup of the quiet file, seconds on the clock' %
                (what, size / 1e9), '%.1f s (CPU %.1f s)' % (wall, cpu),
                '%.1f s (CPU %.1f s)' % tuple(middle[0]), wall / middle[0][0],
                4, most=True)
    kit.say('the sealed backup has %.2f GB' % (os.path.getsize(made) / 1e9))


def main():
    kit.tenant('bench', range(batteries))
    kit.keep_root('empty')
    grow(END - timedelta(days=30))
    kit.keep_root('month')
    kit.root_again('empty')
    begin = time.monotonic()
    grow(END - timedelta(days=round(365.25 * years)))
    kit.say('made in %.0f s' % (time.monotonic() - begin))
    kit.keep_root('years')
    state_size()
    daily_history()
    incremental()
    kit.root_again('years')
    gigabyte()


kit.main(main)
