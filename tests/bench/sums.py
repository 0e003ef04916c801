"""Hourly and daily history beside what others take for the plain means."""
import os
import subprocess

import kit

# What a history has of each: SQL over the columns of bms_data.
PLAIN = ', '.join(
    ['avg(%s), min(%s), max(%s)' % (c, c, c)
     for c in ('pack_voltage', 'pack_current', 'pack_power', 'soc_percent')] +
    ['avg(cell_voltage_avg), min(cell_voltage_min), max(cell_voltage_max)',
     'max(cell_voltage_diff)', 'avg(temp_avg), min(temp_min), max(temp_max)',
     'avg(soh_percent)', 'count(*)'])
PERIODS = ('timestamp / 3600000', 'timestamp / 86400000')
MEANS = ('pack_voltage', 'pack_current', 'pack_power', 'soc_percent',
         'cell_voltage_avg', 'temp_avg', 'soh_percent')
# The same, each mean weighted by the time that its value held, and energy.
WEIGHTED = (
    'CREATE TABLE s%d AS SELECT battery_id, %s AS period, ' +
    ', '.join('sum(%s * held) / sum(held), min(%s), max(%s)' % (c, c, c)
              for c in MEANS) +
    ', sum((pack_power + before) / 2 * held) / 3600000, count(*)'
    ' FROM (SELECT battery_id, timestamp, ' + ', '.join(MEANS) +
    ', timestamp - lag(timestamp) OVER w AS held,'
    ' lag(pack_power) OVER w AS before FROM r.readings WINDOW w AS'
    ' (PARTITION BY battery_id ORDER BY timestamp)) GROUP BY 1, 2')


def rollup(root):
    kit.root_again(root)
    return kit.run(['rollup', '--tenant', 'bench'])[0]


def sqlite(peer, statements):
    path = kit.work + '/sums.db'
    if os.path.exists(path):
        os.unlink(path)
    return kit.run(['sqlite3', path, "ATTACH '%s' AS r" % peer,
                    'PRAGMA synchronous = OFF'] + statements)[0]


def group_by(peer):
    return sqlite(peer, [
        'CREATE TABLE s%d AS SELECT battery_id, %s AS period, %s'
        ' FROM r.readings GROUP BY 1, 2' % (i, period, PLAIN)
        for i, period in enumerate(PERIODS)])


def lag(peer):
    return sqlite(peer, [WEIGHTED % (i, period)
                         for i, period in enumerate(PERIODS)])


def clustered(peer):
    """The same readings as SQLite reads them best."""
    path = kit.work + '/clustered.db'
    names = ('battery_id timestamp pack_voltage pack_current pack_power '
             'soc_percent soh_percent cell_voltage_avg cell_voltage_min '
             'cell_voltage_max cell_voltage_diff temp_avg temp_min '
             'temp_max').split()
    subprocess.run(
        ['sqlite3', path, "ATTACH '%s' AS r" % peer,
         'CREATE TABLE readings (%s, PRIMARY KEY (battery_id, timestamp))'
         ' WITHOUT ROWID' % ', '.join(names),
         'INSERT INTO readings SELECT %s FROM r.readings ORDER BY 1, 2' %
         ', '.join(names)], check=True)
    return path


def miller(path):
    return sum(kit.run(
        ['mlr', '--icsv', '--ojson', 'stats1', '-a', 'mean,min,max', '-f',
         ','.join(MEANS), '-g', 'battery_id,' + period, path])[0]
        for period in ('hour', 'day'))


def miller_file(peer, share):
    """CSV for Miller, hours and days worked out."""
    path = kit.work + '/sums.csv'
    with open(path, 'wb') as out:
        subprocess.run(
            ['sqlite3', '-csv', '-header', peer,
             'SELECT battery_id, timestamp / 3600000 AS hour,'
             ' timestamp / 86400000 AS day, %s FROM readings'
             ' WHERE rowid %% %d = 0' % (', '.join(MEANS), share)],
            check=True, stdout=out)
    return path


def influxdb(server):
    names = ['pack_voltage', 'pack_current', 'soc_percent', 'soh_percent'] + [
        'temperatures_%d' % i for i in range(4)]
    what = ', '.join('mean(%s), min(%s), max(%s)' % (n, n, n) for n in names)
    begin = server.cpu()
    for step in ('1h', '1d'):
        found = server.select('SELECT %s FROM r WHERE time >= 0'
                              ' AND time < now() GROUP BY time(%s), device'
                              ' fill(none)' % (what, step))
        if len(found['results'][0]['series']) < 100:
            kit.fail('InfluxDB does not find all devices')
    return server.cpu() - begin


def rows(fleet, server, peer):
    share = 10
    csv = miller_file(peer, share)
    tight = clustered(peer)
    ours, sealed, plain, best, weighted, mlr, influx = kit.beside(
        lambda: rollup('fresh'), lambda: rollup('sealed'),
        lambda: group_by(peer), lambda: group_by(tight), lambda: lag(peer),
        lambda: miller(csv) * share, lambda: influxdb(server))

    def row(what, theirs, must, stretch):
        kit.row('hourly, daily, weekly and monthly history, judging too: ' +
                what, '%.2f s' % ours, '%.2f s' % theirs, theirs / ours, must,
                stretch)

    row('sqlite3 GROUP BY of the same columns, table with (battery, time) '
        'index', plain, 2, 2.7)
    row('the same, WITHOUT ROWID table of just these columns in the best '
        'order', best, None, None)
    row('itself, from sealed blocks', sealed, None, None)
    row('sqlite3 with lag()', weighted, 5, 9)
    row('mlr of the same columns, of 1/%d' % share, mlr, 25, 46)
    row('InfluxDB, 8 fields', influx, 4, 8)
