"""Readings that others measured on real batteries, from the captures' folder:
the cycling of cells and the recordings of a Victron battery monitor. Values
and intervals are as they were recorded, rounded to the decimals that a
reading has; only the day is ours, and a rest between two discharges."""
import csv
import json
import os
import sys
from datetime import datetime, timedelta, timezone

START = datetime(2026, 1, 5, tzinfo=timezone.utc)
CELLS = ('nasa-B0005.csv', 'Time', 'Voltage_measured', 'Current_measured',
         'Temperature_measured')
ARGONNE = ('argonne-p492-13-raw.csv', 'Time_s', 'Voltage_V', 'Current_A',
           'Cell_Temperature_C')
NEWARE = ('neware-uio.csv', 'Date', 'Voltage(V)', 'Current(A)', None)
VICTRON = {'/Dc/0/Voltage': ('pack_voltage', 3),
           '/Dc/0/Current': ('pack_current', 3),
           '/Soc': ('soc_percent', 2),
           '/Capacity': ('remaining_capacity_ah', 3),
           '/System/MinCellVoltage': ('cell_voltage_min', 3),
           '/System/MaxCellVoltage': ('cell_voltage_max', 3)}


def cells(folder, device, names):
    """(seconds, reading) of one cell; a rest of ten minutes where the clock
    of the file begins anew."""
    path, clock, volt, ampere, celsius = names
    before, base = None, 0
    with open('%s/cycling/%s' % (folder, path), encoding='utf-8-sig') as file:
        for row in csv.DictReader(file):
            at = row[clock]
            at = datetime.strptime(at, '%Y-%m-%d %H:%M:%S').timestamp() \
                if ':' in at else float(at)
            if before is None:
                base, before = -at, -1
            if base + at < before:
                base = before + 600 - at
            if base + at == before or not float(row[volt]) > 0:
                continue
            reading = dict(pack_voltage=round(float(row[volt]), 3),
                           pack_current=round(float(row[ampere]), 3))
            if celsius is not None and row[celsius] != 'NaN':
                reading['temperatures'] = [round(float(row[celsius]), 2)]
            before = base + at
            yield before, device, reading


def victron(folder, device, name):
    """One reading a second in which something was told."""
    now, second, told = {}, 0, False
    with open('%s/mqtt/victron/%s.mqtt.jsonl' % (folder, name)) as lines:
        for text in lines:
            message = json.loads(text)
            if int(message['t']) != second and told:
                yield second, device, dict(now)
                told = False
            second = int(message['t'])
            path = '/' + message['topic'].split('/', 4)[4]
            value = json.loads(message['payload'])['value']
            if path in VICTRON and isinstance(value, (int, float)):
                key, decimals = VICTRON[path]
                now[key] = round(value, decimals)
                told = True
    if told:
        yield second, device, dict(now)


def write(folder, tenant, target):
    """Readings as lines; how many, and of how many devices."""
    sources = [cells(folder, 'd-0', CELLS), cells(folder, 'd-1', ARGONNE),
               cells(folder, 'd-2', NEWARE),
               victron(folder, 'd-3', 'bct-lynxbms0'),
               victron(folder, 'd-4', 'bct-smartshunt')]
    count = 0
    with open(target, 'w') as out:
        for source in sources:
            for at, device, values in source:
                time = START + timedelta(milliseconds=round(at * 1000))
                out.write(json.dumps(dict(
                    kind='battery', tenant=tenant, device=device,
                    profile='captured', time=time.strftime(
                        '%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (
                            time.microsecond // 1000), **values),
                    separators=(',', ':')) + '\n')
                count += 1
    return count, len(sources)


def folder():
    """Where the captures are, or None."""
    path = os.environ.get('TBMS_CAPTURES', '')
    return path if os.path.isdir(path + '/cycling') else None


if __name__ == '__main__':
    print(write(folder(), 'bench', sys.argv[1]))
