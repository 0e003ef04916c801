"""A stream whose readings are a formula, and what a store must say of it.

Line k is one frame of a fleet of two tenants with three devices each, every
five seconds; now and then a poll fails. Nothing here uses our own code to
work out what is to be found.
"""
import json
import os
import re
import struct
import subprocess
from datetime import datetime, timedelta, timezone

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
TENANTS = 'alpha', 'beta'
FLEET = 6  # lines of one instant
STEP = 5  # seconds
TIME = re.compile(rb'"time":"([^"]*)Z","tenant":"(\w+)","device":"d-(\d)"')


def stamp(k, start=START):
    t = start + timedelta(seconds=STEP * (k // FLEET))
    return t.strftime('%Y-%m-%dT%H:%M:%S.000Z')


def who(k):
    return TENANTS[k % 2], k % FLEET // 2 + 1


def failed(k):
    return k % 41 == 40


def values(k):
    """Charge in percent, voltage in 10 mV, current in 100 mA."""
    i, n = k // FLEET, who(k)[1]
    return i % 101, 4800 + (i * n) % 700, (i * 7 + n) % 1000 - 500


def line(k, start=START):
    tenant, n = who(k)
    head = ('{"kind":"frame","time":"%s","tenant":"%s","device":"d-%d",'
            '"profile":"pylontech-can","protocol":"can",'
            % (stamp(k, start), tenant, n))
    if failed(k):
        return head + '"complete":false,"error":"timeout after 1.0 s"}'
    soc, volt, amp = values(k)
    fault = 2 if k // FLEET % 50 < 10 else 0  # over voltage
    return head + ('"complete":true,"messages":["351#%s","359#%s","355#%s",'
                   '"356#%s"]}'
                   % (struct.pack('<HhhH', 532, 800, 800, 480).hex(),
                      struct.pack('<BBBBB', fault, 0, 0, 0, 1).hex() + '504e',
                      struct.pack('<HH', soc, 99).hex(),
                      struct.pack('<hhh', volt, amp, 215).hex()))


def segment(spool, n):
    """k of the lines of a segment, which is where spool(5) says; None when
    it is archived already, and we cannot tell."""
    for _ in range(3):
        for part in 'new', 'fed':
            try:
                with open('%s/%s/%016d' % (spool, part, n), 'rb') as file:
                    return [number(x) for x in file]
            except FileNotFoundError:
                continue
    return None


def number(text):
    """k of a line, or None."""
    found = TIME.search(text)
    if not found:
        return None
    t = datetime.fromisoformat(found[1].decode()).replace(tzinfo=timezone.utc)
    tenant = TENANTS.index(found[2].decode())
    i = int((t - START).total_seconds()) // STEP
    return i * FLEET + (int(found[3]) - 1) * 2 + tenant


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, **more)
    if done.returncode != 0:
        raise RuntimeError('%s ended with %d: %s' % (
            command, done.returncode, done.stderr.decode()[:500]))
    return done


def put(root, tenant, table, *rows):
    text = ''.join(json.dumps(row) + '\n' for row in rows)
    run('tenant-db', 'put', '--root', root, '--tenant', tenant, table,
        input=text.encode())


def create(root, tenants=TENANTS):
    for tenant in tenants:
        run('tenant-db', 'create', '--root', root, '--tenant', tenant,
            '--timezone', 'Europe/Paris')
        put(root, tenant, 'battery_types', {
            'slug': 't', 'name': 'T', 'chemistry': 'lfp',
            'nominal_voltage': 48, 'capacity_ah': 100, 'capacity_wh': 4800,
            'cell_count': 15})
        put(root, tenant, 'locations', {'slug': 'here', 'name': 'Here'})
        put(root, tenant, 'batteries', *(
            {'slug': 'b-%d' % n, 'serial_number': str(n), 'name': 'B %d' % n,
             'battery_type': 't', 'location': 'here',
             'status': 'operational'} for n in (1, 2, 3)))
        put(root, tenant, 'devices', *(
            {'device': 'd-%d' % n, 'profile': 'pylontech-can',
             'address': 'can://can%d' % n, 'battery': 'b-%d' % n}
            for n in (1, 2, 3)))
        put(root, tenant, 'alert_rules', {
            'code': 'low', 'severity': 'critical', 'category': 'soc',
            'title': 'Low', 'message': '{battery}: {value}',
            'expression': 'soc_percent < 20'})


def first_edition(path, rows):
    """A database of the tenant "old" as the first schema made it."""
    first = os.path.join(os.environ['TBMS_SHARE'], 'schema/tenant/0001.sql')
    with open(first) as file:
        run('sqlite3', path, input=(file.read() + """
            PRAGMA user_version = 1;
            INSERT INTO client (id, slug, uuid, name, company) VALUES
                (1, 'old', '00000000-0000-4000-8000-000000000000', 'O', 'O');
            INSERT INTO clients_config (config_key, config_value)
                WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL
                SELECT i + 1 FROM n WHERE i < %d)
                SELECT 'k' || i, '"' || hex(randomblob(40)) || '"' FROM n;
            """ % rows).encode())


def query(root, tenant, sql):
    out = run('tenant-db', 'query', '--root', root, '--tenant', tenant, sql)
    return [json.loads(row) for row in out.stdout.splitlines()]


def sqlite(root, tenant, sql):
    """Rows through the plain shell and the extension that is installed."""
    library = os.path.join(os.environ['B'], 'lib', 'trackingbms.so')
    path = os.path.join(root, 'tenants', tenant, 'tenant.db')
    out = run('sqlite3', '-cmd', '.load %s' % library, path, sql)
    return [row.split('|') for row in out.stdout.decode().splitlines()]


def wanted(first, last, tenant):
    """Rows as (time, battery, volts, amperes, percent), as text, in order;
    failed polls by device; the newest time of data by device."""
    rows, errors, newest = [], {}, {}
    for k in range(first, last):
        name, n = who(k)
        if name != tenant:
            continue
        if failed(k):
            errors[n] = errors.get(n, 0) + 1
            continue
        soc, volt, amp = values(k)
        t = (START + timedelta(seconds=STEP * (k // FLEET))).timestamp()
        rows.append((int(t) * 1000, n, '%.2f' % (volt / 100),
                     '%.2f' % (amp / 10), '%.2f' % soc))
        newest[n] = int(t) * 1000
    return sorted(rows), errors, newest


SELECT = ("SELECT timestamp AS t, battery_id AS n,"
          " printf('%.2f', pack_voltage) AS v,"
          " printf('%.2f', pack_current) AS a,"
          " printf('%.2f', soc_percent) AS s FROM bms_data")


def asked(root, tenant, last):
    """All rows, a day of the stream at a time: an answer has its limit."""
    day = 86400
    first = int(START.timestamp())
    for at in range(first, first + STEP * (last // FLEET) + day, day):
        yield from query(root, tenant, SELECT + ' WHERE timestamp >= %d000'
                         ' AND timestamp < %d000' % (at, at + day))
    yield from query(root, tenant, SELECT + ' WHERE timestamp < %d000'
                     ' OR timestamp >= %d000' % (first, at + day))


def compare(root, last, first=0, tenants=TENANTS, counted=True):
    """What is wrong with the stores, in words; and the rows compared."""
    wrong, compared = [], 0
    for tenant in tenants:
        rows, errors, newest = wanted(first, last, tenant)
        got = sorted(
            (r['t'], r['n'], r['v'], r['a'], r['s'])
            for r in asked(root, tenant, last))
        ways = [('tenant-db query', got)]
        if not os.environ['B'].endswith('/san'):  # it cannot be loaded then
            ways.append(('sqlite3', sorted(
                (int(r[0]), int(r[1]), r[2], r[3], r[4])
                for r in sqlite(root, tenant, SELECT))))
        for name, found in ways:
            compared += len(found)
            if found == rows:
                continue
            lost = set(rows) - set(found)
            wrong.append('%s by %s: %d rows for %d, %d lost, %d others' % (
                tenant, name, len(found), len(rows), len(lost),
                len(set(found) - set(rows))))
            wrong += ['  lost: %s' % (row,) for row in sorted(lost)[:3]]
        state = {r['device_id']: r for r in query(
            root, tenant, 'SELECT * FROM device_state')}
        for n in newest:
            if state[n]['last_data_at'] != newest[n]:
                wrong.append('%s d-%d: last data at %s for %s' % (
                    tenant, n, state[n]['last_data_at'], newest[n]))
            count = state[n]['communication_errors']
            if counted and count != errors.get(n, 0):
                wrong.append('%s d-%d: %d failed polls for %d' % (
                    tenant, n, count, errors.get(n, 0)))
        path = os.path.join(root, 'tenants', tenant, 'tenant.db')
        check = run('sqlite3', path, 'PRAGMA integrity_check;'
                    ' PRAGMA foreign_key_check;').stdout.decode().strip()
        if check != 'ok':
            wrong.append('%s: integrity_check: %s' % (tenant, check))
    return wrong, compared


DERIVED = {
    'bms_data_history': 'SELECT * FROM bms_data_history'
                        ' ORDER BY battery_id, period_type, period_start',
    'suspects': 'SELECT * FROM suspects ORDER BY time, battery_id, reason',
    'fault_events': 'SELECT * FROM fault_events'
                    ' ORDER BY battery_id, raised_at, kind, code',
    'alerts': 'SELECT battery_id, alert_code, severity, trigger_value, status,'
              ' first_occurrence FROM alerts WHERE alert_code = \'low\''
              ' ORDER BY battery_id, alert_code, first_occurrence',
}


def derived(root, tenant):
    """Rows of each derived table, without what tells when they were made."""
    result = {}
    for table, sql in DERIVED.items():
        rows = query(root, tenant, sql)
        for row in rows:
            for column in 'id', 'uuid', 'created_at', 'updated_at':
                row.pop(column, None)
        result[table] = rows
    return result


def compare_derived(root, quiet):
    wrong, compared = [], 0
    for tenant in TENANTS:
        ours, theirs = derived(root, tenant), derived(quiet, tenant)
        for table in DERIVED:
            compared += len(theirs[table])
            if ours[table] == theirs[table]:
                continue
            wrong.append('%s.%s: %d rows for %d of a quiet run' % (
                tenant, table, len(ours[table]), len(theirs[table])))
            for a, b in zip(ours[table], theirs[table]):
                if a != b:
                    wrong.append('  %s' % {c: (a[c], b[c]) for c in a
                                           if a[c] != b.get(c)})
                    break
    return wrong, compared
