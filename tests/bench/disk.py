"""What readings take on the disk when they are sealed, beside InfluxDB."""
import os
import subprocess

import captured
import influx
import kit


def compact_size(slug):
    """Bytes of the tenant's file without the room that it has free."""
    path = kit.work + '/compact.db'
    subprocess.run(['sqlite3', kit.tenant_file(slug),
                    "VACUUM INTO '%s'" % path], check=True)
    size = os.path.getsize(path)
    os.unlink(path)
    return size


def simulated(fleet, server):
    kit.root_again('fresh')
    kit.run(['tenant-db', 'seal', '--tenant', 'bench'])
    size = compact_size('bench') / fleet.rows
    kit.row('disk after sealing, whole file; bms-sim, 1 mV of noise, 34 '
            'numbers a reading', '%.2f B a reading' % size,
            'InfluxDB %.1f B' % (server.tables() / fleet.rows), size, 20, 14,
            most=True, unit=' B')


def real():
    folder = captured.folder()
    if folder is None:
        kit.say('SKIPPED: disk of captured readings, no $TBMS_CAPTURES')
        return
    count, devices = captured.write(folder, 'real', kit.work + '/captured')
    kit.tenant('real', range(devices))
    kit.run(['tenant-db', 'append', '--tenant', 'real'],
            kit.work + '/captured')
    kit.run(['tenant-db', 'seal', '--tenant', 'real'])
    stored = kit.query('SELECT sum(count) AS n, sum(length(data)) AS size'
                       ' FROM blocks', 'real')
    if stored['n'] != count:
        kit.fail('captured: %d stored of %d' % (stored['n'], count))
    server = influx.Server('captured-influx')
    server.load(kit.work + '/captured')
    server.settle()
    size = server.tables()
    server.stop()
    kit.row('disk after sealing, %d captured readings (cells cycled by NASA, '
            'Argonne and UiO, Victron monitors)' % count,
            '%.2f B a reading' % (stored['size'] / count),
            'InfluxDB %.2f B' % (size / count), size / stored['size'], 5, 9)
