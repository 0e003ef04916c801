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


def miller(path, names):
    return sum(kit.run(
        ['mlr', '--icsv', '--ojson', 'stats1', '-a', 'mean,min,max', '-f',
         ','.join(names), '-g', 'battery_id,' + period, path])[0]
        for period in ('hour', 'day'))


# All that the history of such a pack is made of, its cells and sensors too.
EXTREMES = ('cell_voltage_min', 'cell_voltage_max', 'cell_voltage_diff',
            'temp_min', 'temp_max')
LISTS = {'cell_voltages': 16, 'temperatures': 4}
ITEMS = tuple('%s_%d' % (name, i) for name in LISTS
              for i in range(LISTS[name]))


def miller_file(fleet, peer, share):
    """CSV for Miller of the first part of the time, hours and days worked
    out."""
    path = kit.work + '/sums.csv'
    items = ', '.join("json_extract(%s, '$[%s]') AS %s" %
                      (*item.rsplit('_', 1), item) for item in ITEMS)
    with open(path, 'wb') as out:
        subprocess.run(
            ['sqlite3', '-csv', '-header', peer,
             'SELECT battery_id, timestamp / 3600000 AS hour,'
             ' timestamp / 86400000 AS day, %s, %s FROM readings'
             ' WHERE timestamp < %d ORDER BY timestamp' %
             (', '.join(MEANS + EXTREMES), items,
              fleet.start_ms + fleet.seconds * 1000 // share)],
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
    csv = miller_file(fleet, peer, share)
    tight = clustered(peer)
    ours, sealed, plain, best, weighted, seven, mlr, influx = kit.beside(
        lambda: rollup('fresh'), lambda: rollup('sealed'),
        lambda: group_by(peer), lambda: group_by(tight), lambda: lag(peer),
        lambda: miller(csv, MEANS) * share,
        lambda: miller(csv, MEANS + EXTREMES + ITEMS) * share,
        lambda: influxdb(server))

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
    row('mlr, mean, least and greatest of %d columns, of 1/%d of the time' %
        (len(MEANS), share), seven, None, None)
    row('mlr, the same of all %d columns, cells and sensors that this history '
        'is made of' % len(MEANS + EXTREMES + ITEMS), mlr, 25, 46)
    row('InfluxDB, 8 fields', influx, 4, 8)
