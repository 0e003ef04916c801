"""24 hours of one battery, all columns, beside a table of the same columns
with an index on (battery, time), filled in order of time."""
import subprocess
import statistics

import kit

HOUR = 3600000
BATTERY = 5


def shell(db, sql, times, more=()):
    return kit.run(['sqlite3', '-csv', db, '.load %s/lib/trackingbms' %
                    kit.build] + list(more) + [sql] * times)[0]


def query(db, sql):
    """Milliseconds of one query of the sqlite3 shell, its start not in it."""
    return (shell(db, sql, 21) - shell(db, sql, 1)) / 20 * 1e3


def export(start, end):
    """The same of tenant-export, which is started each time."""
    def one(until):
        return kit.run(['tenant-export', '--tenant', 'bench', '--battery',
                        'b-%d' % (BATTERY - 1), '--from', start, '--to',
                        until, 'readings'])[0]
    return statistics.median(one(end) - one(start) for _ in range(11)) * 1e3


def make_peer():
    """The readings of the root `fresh` as such a table."""
    kit.root_again('fresh')
    path = kit.work + '/peer.db'
    subprocess.run(
        ['sqlite3', kit.tenant_file(), '.load %s/lib/trackingbms' % kit.build,
         "ATTACH '%s' AS p" % path,
         'CREATE TABLE p.readings AS SELECT * FROM bms_data',
         'CREATE INDEX p.by_battery ON readings (battery_id, timestamp)'],
        check=True, env=kit.env)
    return path


def span(fleet, peer, what, end, must, stretch):
    """24 hours until `end`, in seconds."""
    to = fleet.start_ms + end * 1000
    where = (' WHERE battery_id = %d AND timestamp >= %d AND timestamp < %d'
             % (BATTERY, to - 24 * HOUR, to))
    names = subprocess.run(
        ['sqlite3', peer, "SELECT group_concat('count(' || name || ')')"
         " FROM pragma_table_info('readings')"], check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip()
    ours, theirs = kit.beside(
        lambda: export(fleet.at(end - 24 * 3600), fleet.at(end)),
        lambda: query(peer, 'SELECT * FROM readings' + where))
    kit.row(what + ', all columns, as CSV: tenant-export beside sqlite3 -csv '
            'of a table with (battery, time) index', '%.2f ms' % ours,
            '%.2f ms' % theirs, theirs / ours, must, stretch)
    for title, columns in (('all columns, not printed', names),
                           ('one column', 'sum(pack_voltage)')):
        sql = 'SELECT %s FROM %%s%s' % (columns, where)
        ours, theirs = kit.beside(
            lambda: query(kit.tenant_file(), sql % 'bms_data'),
            lambda: query(peer, sql % 'readings'))
        kit.row('%s, %s: bms_data in the sqlite3 shell' % (what, title),
                '%.2f ms' % ours, '%.2f ms' % theirs, theirs / ours, None)


def rows(fleet, peer):
    kit.root_again('sealed')
    sealed = fleet.seconds - 900
    span(fleet, peer, '24 h that end at the last sealed hour',
         sealed - sealed % 3600, 4, 20)
    span(fleet, peer, 'the newest 24 h', fleet.seconds, None, None)
