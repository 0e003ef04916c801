#!/usr/bin/env python3
"""captures.py WHAT CAPTURES [TOOL]: compare what our programs make of
captures with the values that were published for them. Prints a line for
each difference; the status is 1 if there is any."""
import glob
import json
import math
import os
import re
import subprocess
import sys

bad = 0


def wrong(text):
    global bad
    bad += 1
    if bad <= 20:
        print('# ' + text)


def near(a, b, slack=1e-9):
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=slack, abs_tol=slack)


def readings(frames, *options):
    """The readings of frames, through bms-normalize."""
    lines = ''.join(json.dumps(f, separators=(',', ':')) + '\n'
                    for f in frames)
    run = subprocess.run(['bms-normalize', *options], input=lines.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = [json.loads(line) for line in run.stdout.splitlines()]
    return out, run.stderr.decode(), run.returncode


def frame(profile, protocol, number=0, **content):
    return dict(kind='frame', time='2026-01-02T03:04:%06.3fZ' % number,
                tenant='test', device='test', profile=profile,
                protocol=protocol, complete=True, **content)


def expect(name, reading, wanted):
    for key, value in wanted.items():
        got = reading.get(key)
        same = (isinstance(value, list) and isinstance(got, list) and
                len(got) == len(value) and
                all(near(a, b, 1e-6) for a, b in zip(got, value)))
        if not same and (isinstance(value, (list, dict, str, bool)) or
                         isinstance(got, (list, str)) or
                         not near(got, value, 1e-6)):
            if got != value:
                wrong('%s: %s: wanted %r, got %r' % (name, key, value, got))


def decode(tool, path, frames):
    """Lines ID#DATA through the DBC tool."""
    run = subprocess.run([tool, path], input='\n'.join(frames).encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode != 0:
        return None, run.stderr.decode().strip()
    return [json.loads(line) for line in run.stdout.splitlines()], ''


def candump(identifier, extended, fd, data):
    text = '%08X' % identifier if extended else '%03X' % identifier
    return text + ('##0' if fd else '#') + data


def dbc(captures, tool):
    """Every decode vector that cantools made, but what it refuses."""
    signals = messages = 0
    skipped = []
    for expected in sorted(glob.glob(captures + '/dbc/*/*.expected.json')):
        told = json.load(open(expected))
        path = expected[:-len('.expected.json')]
        name = os.path.basename(path)
        if 'load_error' in told or not told['messages']:
            skipped.append(name + ' (no messages, or refused by cantools)')
            continue
        for message in told['messages']:
            vectors = [v for v in message['vectors'] if 'physical' in v and
                       len(v['data']) <= 128]
            lines = [candump(message['id'], message['extended'],
                             len(v['data']) > 16, v['data'])
                     for v in vectors]
            if not lines:
                skipped.append('%s %s (no vectors)' % (name, message['name']))
                continue
            got, why = decode(tool, path, lines)
            if got is None:
                wrong('%s: %s' % (name, why))
                break
            messages += 1
            for vector, one in zip(vectors, got):
                if set(one) != set(vector['physical']):
                    wrong('%s %s %s: signals differ: %s' % (
                        name, message['name'], vector['data'],
                        sorted(set(one) ^ set(vector['physical']))))
                    continue
                for signal, value in vector['physical'].items():
                    signals += 1
                    if not near(one[signal][1], value) or not near(
                            one[signal][0], vector['raw'][signal]):
                        wrong('%s %s.%s %s: wanted %r (raw %r), got %r' % (
                            name, message['name'], signal, vector['data'],
                            value, vector['raw'][signal], one[signal]))
    for one in skipped:
        print('# skipped: ' + one)
    print('# %d messages, %d values' % (messages, signals))
    if signals < 4000:
        wrong('only %d values compared' % signals)


def log_values(captures, tool, dbc_path, expected_path, frames):
    """First and last decode of each message of a log."""
    told = json.load(open(expected_path))
    names = {}
    for line in open(dbc_path, encoding='latin-1'):
        match = re.match(r'\s*BO_ (\d+) (\w+)\s*:', line)
        if match:
            names[match.group(2)] = int(match.group(1))
    values = 0
    for part in ('first_decoded', 'last_decoded'):
        for name, one in told[part].items():
            line = candump(names[name], False, False, one['data'])
            if line not in frames:
                wrong('%s: %s is not in the log' % (name, line))
            got, why = decode(tool, dbc_path, [line])
            if got is None:
                return wrong(why)
            for signal, value in one['signals'].items():
                values += 1
                if signal not in got[0] or not near(got[0][signal][1], value):
                    wrong('%s %s.%s: wanted %r, got %r' % (
                        line, name, signal, value, got[0].get(signal)))
    if told['frames'] != len(frames):
        wrong('%d frames, not %d' % (len(frames), told['frames']))
    print('# %d frames, %d values' % (len(frames), values))


def pcan_log(path):
    """(seconds, ID#DATA) of a PCAN text log."""
    for line in open(path):
        match = re.match(r'Timestamp:\s*([\d.]+)\s+ID: (\w+)\s+S Rx\s+'
                         r'DL:\s*\d+\s+([0-9a-f ]+)', line)
        if match:
            yield (float(match.group(1)), candump(
                int(match.group(2), 16), False, False,
                match.group(3).replace(' ', '')))


def asc_log(path):
    for line in open(path):
        match = re.match(r'\s*([\d.]+) \d+\s+([0-9A-F]+)\s+Rx\s+d \d '
                         r'([0-9A-F ]+)', line)
        if match:
            yield (float(match.group(1)), candump(
                int(match.group(2), 16), False, False,
                match.group(3).replace(' ', '').lower()))


def turns(log, first):
    """A frame's messages: from one `first` to the next, newest of each."""
    now = {}
    for _, line in log:
        key = line.split('#')[0]
        if key == first and now:
            yield list(now.values())
            now = {}
        now[key] = line
    if now:
        yield list(now.values())


def foxbms(captures, tool):
    base = captures + '/can/foxbms/'
    log = list(pcan_log(base + 'test_log.txt'))
    log_values(captures, tool, base + 'foxbms.dbc',
               base + 'test_log.txt.expected.json', [x for _, x in log])
    # the pack state through the profile: emergency shutoff, CAN timing
    frames = [frame('foxbms2', 'can', i, messages=[
        line for line in one if line.split('#')[0] == '220'])
        for i, one in enumerate(turns(log, '220'))]
    frames = [f for f in frames if f['messages']]
    out, err, status = readings(frames)
    if len(out) != 14 or status != 0:
        wrong('%d readings of 14 states, status %d: %s' % (
            len(out), status, err))
    for one in out:
        expect('state', one, {'fault_codes': [
            'emergency_shutoff', 'can_timing_error'],
            'operation_mode': 'idle'})


def old_foxbms(captures, own):
    """The cells of the old numbering, 0x240 to 0x24F, through a profile
    that is made for the purpose; values worked out from the bits."""
    with open(own + '/old.dbc', 'w') as out:
        for i in range(16):
            out.write('BO_ %d cells_%d: 8 Bms\n' % (0x240 + i, i))
            for k, start in enumerate((11, 30, 33, 52)):
                out.write(' SG_ cell_%02d : %d|13@0+ (0.001,0) [0|0] "V" X\n'
                          % (4 * i + k, start))
    with open(own + '/foxbms-old.json', 'w') as out:
        json.dump({'protocol': 'can', 'can': {'dbc': 'old.dbc'},
                   'measurements': [{'name': 'cell_voltages',
                                     'signals': 'cell_{00..63}'}]}, out)
    log = list(pcan_log(captures + '/can/foxbms/test_log.txt'))
    frames = [frame('foxbms-old', 'can', i, messages=one)
              for i, one in enumerate(turns(log, '241'))]
    out, err, status = readings(frames, '--profiles', own)
    if len(out) != len(frames) or status != 0:
        wrong('%d readings of %d: %s' % (len(out), len(frames), err))
    for f, one in zip(frames, out):
        cells = [None] * 64
        for line in f['messages']:
            number = int(line[:3], 16) - 0x240
            if not 0 <= number < 16:
                continue
            b = bytes.fromhex(line[4:])
            cells[4 * number:4 * number + 4] = [x / 1000 for x in (
                (b[1] & 15) << 9 | b[2] << 1 | b[3] >> 7,
                (b[3] & 0x7f) << 6 | b[4] >> 2,
                (b[4] & 3) << 11 | b[5] << 3 | b[6] >> 5,
                (b[6] & 0x1f) << 8 | b[7])]
        while cells and cells[-1] is None:
            cells.pop()
        expect('cells', one, {'cell_voltages': cells})
    first = out[0]['cell_voltages'][4:8]
    if first != [4.057, 4.056, 4.057, 4.057]:
        wrong('the published first message: %r' % first)
    print('# %d readings of up to 64 cells' % len(out))


def kona(captures, tool):
    base = captures + '/can/kona/'
    for name in ('kona-pack-idle-30s', 'kona-pack-precharge-relay'):
        log = list(asc_log(base + name + '.asc'))
        log_values(captures, tool, base + 'pcan.dbc',
                   base + name + '.asc.expected.json', [x for _, x in log])


def kona_profile(captures, own):
    """The pack through a profile beside its lenient DBC."""
    base = captures + '/can/kona/'
    with open(base + 'pcan.dbc') as source, \
            open(own + '/pcan.dbc', 'w') as target:
        target.write(source.read())
    with open(own + '/kona.json', 'w') as out:
        json.dump({'protocol': 'can', 'can': {
            'dbc': 'pcan.dbc', 'must': ['Batt_HV_Status', 'BMS_542']},
            'measurements': [
                {'name': 'pack_voltage', 'signal': 'Batt_HV_Status.VBatt'},
                {'name': 'pack_current', 'scale': -1,
                 'signal': 'Batt_HV_Status.IBatt'},
                {'name': 'soc_percent', 'signal': 'SocDisp'}]}, out)
    log = list(asc_log(base + 'kona-pack-idle-30s.asc'))
    frames = [frame('kona', 'can', i % 60, messages=one)
              for i, one in enumerate(turns(log, '594'))]
    out, err, status = readings(frames, '--profiles', own)
    told = json.load(open(base + 'kona-pack-idle-30s.asc.expected.json'))
    if len(out) != told['count_by_id']['594'] or status != 0:
        wrong('%d readings: %s' % (len(out), err))
    stats = next(v for k, v in told.items() if isinstance(v, dict) and
                 'Batt_HV_Status' in v and k not in (
                     'first_decoded', 'last_decoded'))
    for key, message, signal in (('pack_voltage', 'Batt_HV_Status', 'VBatt'),
                                 ('soc_percent', 'BMS_542', 'SocDisp')):
        one = stats[message][signal]
        got = [r[key] for r in out if key in r]
        for what, value in (('min', min(got)), ('max', max(got))):
            if not near(one[what], value, 1e-6):
                wrong('%s: %s %r, wanted %r' % (key, what, value, one[what]))
    if out[0]['pack_voltage'] != 360.8 or out[0]['soc_percent'] != 50:
        wrong('first reading: %r' % out[0])
    print('# %d readings' % len(out))


def pylon(captures, _):
    keys = {'charge_voltage_V': 'charge_voltage_limit',
            'charge_current_limit_A': 'charge_current_limit',
            'discharge_current_limit_A': 'discharge_current_limit',
            'discharge_voltage_V': 'discharge_voltage_limit',
            'soc_percent': 'soc_percent', 'soh_percent': 'soh_percent',
            'voltage_V': 'pack_voltage', 'current_A': 'pack_current',
            'charge_enable': 'charging_enabled',
            'discharge_enable': 'discharging_enabled',
            'capacity_Ah': 'full_capacity_ah',
            'cell_min_V': 'cell_voltage_min',
            'cell_max_V': 'cell_voltage_max'}
    paths = sorted(glob.glob(captures + '/can/pylon35x/*.candump'))
    for path in paths:
        messages = []
        for line in open(path):
            _, identifier, _, data = line.split(None, 3)
            messages.append(identifier + '#' + data.replace(' ', '').strip())
        out, err, _ = readings([frame('pylontech-can', 'can',
                                      messages=messages)])
        told = json.load(open(path[:-8] + '.expected.json'))['expected']
        name = os.path.basename(path)
        if len(out) != 1:
            wrong(name + ': ' + err)
            continue
        wanted = {keys[k]: v for k, v in told.items() if k in keys}
        wanted['temperatures'] = [told['temperature_C']]
        wanted['fault_codes'] = wanted['warning_codes'] = []
        expect(name, out[0], wanted)
    if len(paths) != 3:
        wrong('%d cycles, not 3' % len(paths))


def jk(captures, _):
    base = captures + '/bms/'
    capture = json.load(open(base + 'aiobmsble/jikong_bms.capture.json'))
    told = json.load(open(base + 'aiobmsble/jikong_bms.expected.json'))
    keys = {'voltage': 'pack_voltage', 'current': 'pack_current',
            'battery_level': 'soc_percent', 'battery_health': 'soh_percent',
            'cycle_charge': 'remaining_capacity_ah', 'cycles': 'charge_cycles',
            'design_capacity': 'full_capacity_ah',
            'cell_voltages': 'cell_voltages', 'balancer': 'balancing_active',
            'chrg_mosfet': 'charging_enabled',
            'dischrg_mosfet': 'discharging_enabled'}
    for name, one in capture['data']['_PROTO_DEFS'].items():
        wanted = told['_RESULT_DEFS'][name]
        profile = 'jk02-24s' if '24S' in name else 'jk02-32s'
        pieces = [part['hex'] for part in (one['dev'], one['ack'],
                                           one['cell']) if part['hex']]
        out, err, _ = readings([frame(profile, 'serial', lines=pieces)])
        if len(out) != 1:
            wrong(name + ': ' + err)
            continue
        values = {keys[k]: v for k, v in wanted.items() if k in keys}
        values['temperatures'] = [t for t in wanted['temp_values']
                                  if not isinstance(t, dict)]
        values['fault_codes'] = []
        expect(name, out[0], values)
    jk_stream(base)
    jk_4e57(base)


def jk_stream(base):
    """Good frames among junk, and a corrupt one that is refused."""
    parts = json.load(open(base + 'batmon/jk_issue377.json'))['fixtures']
    stream = [parts[k]['hex'] for k in (
        'FRAME_01_SETTINGS', 'JUNK_AFTER_02', 'FRAME_02_STATUS',
        'JUNK_AFTER_02', 'FRAME_03_DEVINFO', 'JUNK_AFTER_03')]
    out, err, _ = readings([frame('jk02-32s', 'serial', lines=stream)])
    b = bytes.fromhex(parts['FRAME_02_STATUS']['hex'])
    cells = [int.from_bytes(b[6 + 2 * i:8 + 2 * i], 'little') / 1000
             for i in range(8)]
    if len(out) != 1:
        wrong('stream: ' + err)
    else:
        expect('stream', out[0], {
            'cell_voltages': cells,
            'pack_voltage': int.from_bytes(b[150:154], 'little') / 1000,
            'soc_percent': b[173]})
    out, err, status = readings([frame(
        'jk02-32s', 'serial', lines=[parts['CORRUPT_FRAME_02']['hex']])])
    if out or status != 1 or 'checksum' not in err:
        wrong('the corrupt frame: %r %r' % (out, err))


def jk_4e57(base):
    capture = json.load(open(base + 'syssi/jk_bms.capture.json'))
    told = {}
    for test in json.load(open(base + 'syssi/jk_bms.expected.json'))['tests']:
        told.update(test['expected'])
    body = bytes(4) + b'\x06\x00\x01' + bytes.fromhex(
        capture['frames']['STATUS_FRAME_14S']['hex']) + bytes(4) + b'\x68'
    data = b'\x4e\x57' + (len(body) + 6).to_bytes(2, 'big') + body
    data += bytes(2) + (sum(data) & 0xffff).to_bytes(2, 'big')
    out, err, _ = readings([frame('jk-4e57', 'serial', lines=[data.hex()])])
    if len(out) != 1:
        return wrong('4E57: ' + err)
    expect('4E57', out[0], {
        'pack_voltage': told['total_voltage'],
        'pack_current': told['current'],
        'temperatures': [told['temperature_sensor_1'],
                         told['temperature_sensor_2']],
        'soc_percent': told['state_of_charge'],
        'full_capacity_ah': told['full_charge_capacity'],
        'charge_cycles': told['charging_cycles'],
        'charging_enabled': told['charging'],
        'discharging_enabled': told['discharging'],
        'balancing_active': told['balancing'],
        'cell_voltage_min': told['min_cell_voltage'],
        'cell_voltage_max': told['max_cell_voltage'],
        'cell_voltage_diff': told['delta_cell_voltage'],
        'fault_codes': []})
    cells = out[0]['cell_voltages']
    for key, value in told.items():
        match = re.match(r'cell_voltage\[(\d+)\]', key)
        if match and not near(cells[int(match.group(1))], value):
            wrong('4E57: %s: %r' % (key, cells))
    if len(cells) != told['cell_count']:
        wrong('4E57: %d cells' % len(cells))


def sunspec(captures, own):
    """Points of the images, through a profile that names them: the same
    walk, types, absent values and scale factors that batteries use."""
    base = captures + '/modbus/sunspec/'
    cases = {
        # its scale factors are not implemented: raw values
        'ha_inverter': [('power_w', 103, 14, 's16', None, 'W', -32768),
                        ('energy_wh_total', 103, 24, 'u32', None, 'WH', 0),
                        ('ambient_temp', 103, 33, 's16', None, 'TmpCab',
                         -32768),
                        ('module_temp', 103, 34, 's16', None, 'TmpSnk',
                         -32768)],
        'device_1547': [('power_w', 701, 10, 's16', 116, 'W', -32768),
                        ('energy_wh_total', 701, 19, 'u64', 120, 'TotWhInj',
                         -1),
                        ('ambient_temp', 701, 35, 's16', 122, 'TmpAmb',
                         -32768),
                        ('module_temp', 701, 36, 's16', 122, 'TmpCab',
                         -32768)]}
    for name, points in cases.items():
        image = json.load(open(base + name + '.registers.json'))
        told = {m['model']: m for m in json.load(
            open(base + name + '.expected.json'))}
        rules = [{'name': 'source_type', 'fixed': 'production'},
                 {'name': 'status', 'model': 1, 'at': 18, 'type': 'string',
                  'size': 32}]
        for key, model, at, kind, power, _, absent in points:
            rules.append({'name': key, 'model': model, 'at': at,
                          'type': kind, 'absent': absent})
            if power is not None:
                rules[-1]['exponent'] = {'model': model, 'at': power}
        with open(own + '/sun.json', 'w') as out:
            json.dump({'protocol': 'modbus', 'kind': 'energy', 'modbus': {
                'models': [[1, 66]], 'base': image['base_address']},
                'measurements': rules}, out)
        registers = image['registers']
        blocks = [{'function': 3, 'address': image['base_address'] + i,
                   'data': ''.join('%04x' % r for r in registers[i:i + 125])}
                  for i in range(0, len(registers), 125)]
        out, err, _ = readings([frame('sun', 'modbus', blocks=blocks)],
                               '--profiles', own, '-p', 'sun')
        if len(out) != 1:
            wrong('%s: %s' % (name, err))
            continue
        expect(name, out[0], {'status': told[1]['scaled']['Md'],
                              'source_type': 'production'})
        for key, model, _, _, _, point, _ in points:
            expect(name, out[0], {key: told[model]['scaled'][point]})
    # a battery image has its vectors in sunspec-battery.json
    registers = json.load(open(base + 'device_1547.registers.json'))
    blocks = [{'function': 3, 'address': 40000 + i, 'data': ''.join(
        '%04x' % r for r in registers['registers'][i:i + 125])}
        for i in range(0, len(registers['registers']), 125)]
    out, err, status = readings([frame('sunspec-battery', 'modbus',
                                       blocks=blocks)])
    if out or status != 1 or 'nothing known' not in err:
        wrong('an inverter is no battery: %r %r' % (out, err))


if __name__ == '__main__':
    globals()[sys.argv[1]](sys.argv[2], sys.argv[3])
    sys.exit(1 if bad else 0)
