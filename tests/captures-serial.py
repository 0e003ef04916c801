#!/usr/bin/env python3
"""captures-serial.py WHAT CAPTURES OWN: what our programs make of captures of
native serial protocols, compared with the values published for them. OWN is
a folder for profiles of the test. Prints a line for each difference; the
status is 1 if there is any."""
import glob
import json
import os
import re
import sys

import captures
from captures import expect, frame, near, readings, wrong

SHARE = os.environ['TBMS_SHARE'] + '/profiles/'
KEYS = {'voltage': 'pack_voltage', 'current': 'pack_current',
        'battery_level': 'soc_percent', 'battery_health': 'soh_percent',
        'cycle_charge': 'remaining_capacity_ah', 'cycles': 'charge_cycles',
        'design_capacity': 'full_capacity_ah',
        'cell_voltages': 'cell_voltages', 'balancer': 'balancing_active',
        'chrg_mosfet': 'charging_enabled',
        'dischrg_mosfet': 'discharging_enabled'}


def one(name, profile, lines, wanted, *options, **more):
    """One frame of lines must come out as wanted."""
    out, err, _ = readings([frame(profile, 'serial', lines=lines, **more)],
                           *options)
    if len(out) != 1:
        return wrong('%s: %s' % (name, err))
    expect(name, out[0], wanted)
    return out[0]


def refused(name, profile, lines, why):
    out, err, status = readings([frame(profile, 'serial', lines=lines)])
    if out or status != 1 or why not in err:
        wrong('%s: not refused for %r: %r %r' % (name, why, out, err))


def load(captures_dir, path):
    return json.load(open('%s/bms/%s' % (captures_dir, path)))


def mapped(values, *without):
    return {KEYS[k]: v for k, v in values.items()
            if k in KEYS and k not in without}


def temperatures(values):
    return [t for t in values['temp_values'] if not isinstance(t, dict)]


def of_type(values, kind):
    return [t['temp'] for t in values['temp_values'] if t['type'] == kind]


def told(captures_dir, name):
    """All values that the tests of one syssi component state."""
    values = {}
    for test in load(captures_dir, 'syssi/%s.expected.json' % name)['tests']:
        for key, value in test['expected'].items():
            if value != 'NaN' and 'Settings' not in test['test']:
                values[key] = value
    return values


def numbered(name, got, values, stem):
    """cell_voltage[3] and its like against a list."""
    for key, value in values.items():
        match = re.match(stem + r'\[(\d+)\]$', key)
        if match and (int(match.group(1)) >= len(got) or
                      not near(got[int(match.group(1))], value, 1e-6)):
            wrong('%s: %s: wanted %r, got %r' % (name, key, value, got))


def copy(own, name, base, change):
    """A profile of the test, made out of one of ours."""
    os.makedirs(own + '/profiles', exist_ok=True)
    top = json.load(open(SHARE + base + '.json'))
    top.pop('vectors')
    change(top)
    json.dump(top, open('%s/profiles/%s.json' % (own, name), 'w'))


def jbd(base, _):
    data = load(base, 'aiobmsble/jbd_bms.capture.json')['data']
    values = load(base, 'aiobmsble/jbd_bms.expected.json')['_RESULT_DEFS']
    cells = data['test_problem_response_line_365']['hex']
    wanted = mapped(values)
    wanted['temperatures'] = temperatures(values)
    wanted['fault_codes'] = []
    one('jbd', 'jbd', [data['_response_line_108']['hex'], cells], wanted)
    one('jbd, bytes behind', 'jbd', [data['_response_line_170']['hex'],
                                     data['_response_line_176']['hex']],
        wanted)
    one('jbd, a name between', 'jbd', [
        data['_response_line_117']['hex'], data['_response_line_108']['hex'],
        cells], wanted)
    refused('jbd, no end mark', 'jbd', [data['fix_response_line_270']['hex']],
            'checksum is wrong')
    one('jbd, bit 0', 'jbd', [data['prb_response_line_322']['hex']],
        {'fault_codes': ['cell_overvoltage']})
    one('jbd, bit 15', 'jbd', [data['prb_response_line_329']['hex']],
        {'pack_voltage': values['voltage']})


def seplos(base, _):
    data = load(base, 'aiobmsble/seplos_v2_bms.capture.json')['data']
    values = load(base, 'aiobmsble/seplos_v2_bms.expected.json')['REF_VALUE']
    wanted = mapped(values, 'balancer', 'chrg_mosfet', 'dischrg_mosfet')
    wanted['temperatures'] = of_type(values, 'cell')
    wanted['ambient_temp'] = of_type(values, 'ambient')[0]
    answers = data['MockSeplosv2BleakClient.RESP']
    one('seplos-v2-binary', 'seplos-v2-binary',
        [a['hex'] for a in answers.values()], wanted)
    # the ASCII form: the capture has neither its sum nor its ends
    sent = bytes.fromhex(load(base, 'syssi/seplos_bms.capture.json')['frames'][
        'TELEMETRY_FRAME']['hex'])
    size = len(sent[6:]) * 2
    text = '20004600%X%03X%s' % (
        -(size >> 8) - (size >> 4 & 15) - (size & 15) & 15, size,
        sent[6:].hex().upper())
    text = '~%s%04X' % (text, -sum(text.encode()) & 0xffff)
    values = told(base, 'seplos_bms')
    got = one('seplos-v2', 'seplos-v2', [text], {
        'pack_voltage': values['total_voltage'],
        'pack_current': values['current'],
        'soc_percent': values['state_of_charge'],
        'soh_percent': values['state_of_health'],
        'charge_cycles': values['charging_cycles'],
        'remaining_capacity_ah': values['residual_capacity'],
        'full_capacity_ah': values['battery_capacity'],
        'cell_voltage_min': values['min_cell_voltage'],
        'cell_voltage_max': values['max_cell_voltage'],
        'ambient_temp': values['temperature[4]']})
    if got:
        numbered('seplos-v2', got['cell_voltages'], values, 'cell_voltage')
        numbered('seplos-v2', got['temperatures'], {
            k: v for k, v in values.items()
            if k not in ('temperature[4]', 'temperature[5]')}, 'temperature')
    refused('seplos-v2, a digit off', 'seplos-v2',
            [text[:40] + ('1' if text[40] != '1' else '2') + text[41:]],
            'checksum is wrong')


def ant(base, _):
    """The current is taken the other way than there: see the stream."""
    for name in ('ant_bms', 'ant_bms_ble'):
        values = told(base, name)
        data = load(base, 'syssi/%s.capture.json' % name)['frames']
        got = one(name, 'ant', [data['STATUS_FRAME_16S']['hex']], {
            'pack_voltage': values['total_voltage'],
            'pack_current': -values['current'],
            'soc_percent': values['soc'],
            'soh_percent': values['state_of_health'],
            'full_capacity_ah': values['total_battery_capacity_setting'],
            'remaining_capacity_ah': values['capacity_remaining'],
            'total_discharge_ah': values['total_discharging_capacity'],
            'total_charge_ah': values['total_charging_capacity'],
            'cell_voltage_min': values['min_cell_voltage'],
            'cell_voltage_max': values['max_cell_voltage'],
            'charging_enabled': values['charging'],
            'discharging_enabled': values['discharging'],
            'balancing_active': values['balancer'],
            'temperatures': [values['temperature[0]'],
                             values['temperature[1]']]})
        if got:
            numbered(name, got['cell_voltages'], values, 'cell_voltage')
            if len(got['cell_voltages']) != values['battery_strings']:
                wrong(name + ': number of cells')
        refused(name + ', other frames', 'ant', [
            data['SETTINGS_RESP_CELL_HIGH_PROTECT']['hex'][:-2]], 'ant frame')
    data = load(base, 'aiobmsble/ant_bms.capture.json')['data']
    values = load(base, 'aiobmsble/ant_bms.expected.json')['_RESULT_DEFS']
    wanted = mapped(values, 'current', 'cycles')
    wanted['remaining_capacity_ah'] = round(values['cycle_charge'], 3)
    wanted['pack_current'] = -values['current']
    wanted['temperatures'] = temperatures(values)
    one('ant', 'ant', [data['MockANTBleakClient.RESP']['1']['hex']], wanted)
    ant_stream(base)


def ant_stream(base):
    """Frames one after the other: what is left falls as current flows."""
    lines = [line.strip() for line in open(
        base + '/bms/pdus/btsnoop_hci_ANT-BLE16ZMUB.txt')]
    frames = [frame('ant', 'serial', n % 60, lines=[line])
              for n, line in enumerate(lines) if line.startswith('7ea111')]
    out, err, _ = readings(frames)
    if len(out) != len(frames) or len(out) < 40:
        wrong('ant stream: %d of %d: %s' % (len(out), len(frames), err))
    raw = [int.from_bytes(bytes.fromhex(f['lines'][0])[90:94], 'little')
           for f in frames]
    fell = sum(1 for n in range(1, len(raw)) if raw[n] < raw[n - 1])
    rose = sum(1 for n in range(1, len(raw)) if raw[n] > raw[n - 1])
    flows = [r['pack_current'] for r in out]
    if not (fell > 10 * rose and all(c <= 0 for c in flows)):
        wrong('ant stream: fell %d, rose %d, currents %r' % (
            fell, rose, flows))
    print('# ant: %d frames of a stream' % len(out))


def tdt(base, _):
    data = load(base, 'aiobmsble/tdt_bms.capture.json')['data']['_PROTO_DEFS']
    told_ = load(base, 'aiobmsble/tdt_bms.expected.json')['ref_value']
    for name, values in told_.items():
        wanted = mapped(values, 'chrg_mosfet', 'dischrg_mosfet')
        wanted['temperatures'] = of_type(values, 'cell')
        wanted['ambient_temp'] = of_type(values, 'ambient')[0]
        one('tdt ' + name, 'tdt', [a['hex'] for a in data[name].values()],
            wanted)


def pace(base, _):
    data = load(base, 'aiobmsble/pace_bms.capture.json')['data']
    values = load(base, 'aiobmsble/pace_bms.expected.json')['dict_at_line_149']
    wanted = mapped(values)
    wanted['temperatures'] = temperatures(values)
    one('pace', 'pace', [a['hex'] for a in data[
        'MockPaceBleakClient._RESP'].values()], wanted)


def pylontech_ble(base, _):
    """Not a framing: Modbus registers."""
    data = load(base, 'aiobmsble/pylontech_bms.capture.json')['data']
    values = load(base, 'aiobmsble/pylontech_bms.expected.json')['ref_value']
    for name, temps in (('_RESP_MAIN', values['temp_values']),
                        ('_RESP_MAIN_COLD', [-2, -2])):
        block = {'function': 3, 'address': 0x1016,
                 'data': data[name]['hex'][6:-4]}
        out, err, _ = readings([frame('pylontech-modbus', 'modbus',
                                      blocks=[block])])
        if len(out) != 1:
            wrong('pylontech-modbus: ' + err)
            continue
        expect('pylontech-modbus', out[0], {
            'pack_voltage': values['voltage'],
            'pack_current': values['current'],
            'soc_percent': values['battery_level'],
            'soh_percent': values['battery_health'],
            'full_capacity_ah': values['design_capacity'],
            'cell_voltage_max': max(values['cell_voltages']),
            'cell_voltage_min': min(values['cell_voltages']),
            'temperatures': temps})


def pylontech(base, own):
    for case in load(base, 'pylontech-rs485/frames.json')['cases']:
        values, lines = case['expected'], [
            line.rstrip('\r') for line in case['responses']]
        if 'ChargeVoltageLimit' in values:
            one(case['test'], 'pylontech-rs485',
                ['~20024692E00202FD2E'] + lines, {
                    'charge_voltage_limit': values['ChargeVoltageLimit'],
                    'discharge_voltage_limit':
                        values['DischargeVoltageLimit'],
                    'charge_current_limit': values['ChargeCurrentLimit'],
                    'discharge_current_limit':
                        -values['DischargeCurrentLimit'],
                    'charging_enabled': True, 'discharging_enabled': True})
            continue
        for n in range(values['NumberOfModules']):
            def module(top):
                for rule in top['measurements']:
                    for place in (rule, rule.get('count'), rule.get('when'),
                                  rule.get('per')):
                        if isinstance(place, dict) and 'part' in place:
                            place['part'] += 3 * n
            copy(own, 'module-%d' % n, 'pylontech-rs485', module)
            stem = 'Module[%d].' % n
            one('%s, module %d' % (case['test'], n), 'module-%d' % n, lines, {
                'cell_voltages': values[stem + 'CellVoltages'],
                'temperatures': values[stem + 'GroupedCellsTemperatures'],
                'pack_current': values[stem + 'Current'],
                'pack_voltage': values[stem + 'Voltage'],
                'charge_cycles': values[stem + 'CycleNumber'],
                'remaining_capacity_ah': values[stem + 'RemainingCapacity'],
                'full_capacity_ah': values[stem + 'TotalCapacity'],
                'soc_percent': round(100 * values[stem + 'RemainingCapacity'] /
                                     values[stem + 'TotalCapacity'], 2)},
                '--share', own)


def text_lines(path):
    return [line for line in re.split('[\r\n]+', open(path).read()) if line]


def console(base, own):
    """The table of all modules, and each module's own pages."""
    base += '/bms/pylontech-console/'
    rows = json.load(open(base + 'US/pwr.txt.expected.json'))
    if rows['modules_present'] != len(rows['rows']):
        wrong('console: rows')
    for row in rows['rows'] + [{'power': 5}]:
        def of_table(top):
            stem = 'pwr/%d/' % row['power']
            top['measurements'] = [
                {'name': 'pack_voltage', 'item': stem + 'Volt',
                 'scale': 0.001},
                {'name': 'pack_current', 'item': stem + 'Curr',
                 'scale': 0.001},
                {'name': 'temperatures', 'item': stem + 'Tempr',
                 'scale': 0.001},
                {'name': 'soc_percent', 'item': stem + 'Coulomb'},
                {'name': 'charge_cycles', 'item': 'pwr/1/Volt'}]
        copy(own, 'row', 'pylontech-console', of_table)
        wanted = {} if row['power'] == 5 else {
            'pack_voltage': row['volt_mV'] / 1000,
            'pack_current': row['curr_mA'] / 1000,
            'temperatures': [row['tempr_mC'] / 1000],
            'soc_percent': int(row['raw_fields'][12].rstrip('%'))}
        got = one('console row %d' % row['power'], 'row',
                  text_lines(base + 'US/pwr.txt'), wanted, '--share', own)
        if row['power'] == 5 and got and 'pack_voltage' in got:
            wrong('console: a module that is absent has a voltage')
    for n in range(1, 5):
        pages = {}
        for page in ('pwr', 'bat', 'stat', 'soh'):
            pages[page] = text_lines('%sUS/%s_%d.txt' % (base, page, n))
        said = dict(re.split(r'\s*:\s*', line.strip(), maxsplit=1)
                    for page in ('pwr', 'stat') for line in pages[page]
                    if ':' in line)
        cells = [re.split(r'\s+', line) for line in pages['bat']
                 if re.match(r'\d+\s', line)]
        one('console, module %d' % n, 'pylontech-console',
            pages['pwr'] + pages['soh'] + pages['bat'] + pages['stat'], {
                'pack_voltage': int(said['Voltage'].split()[0]) / 1000,
                'pack_current': int(said['Current'].split()[0]) / 1000,
                'soc_percent': int(said['Coulomb'].split()[0]),
                'full_capacity_ah':
                    int(said['Total Coulomb'].split()[0]) / 1000,
                'charge_cycles': int(said['CYCLE Times']),
                'soh_percent': int(said.get('SOH', 0)) or None,
                'cell_voltages': [int(c[1]) / 1000 for c in cells],
                'temperatures': [int(c[3]) / 1000 for c in cells]})
    pages = [line for page in ('pwr', 'bat', 'soh', 'stat')
             for line in text_lines('%sSC/%s.txt' % (base, page))]
    row = next(line for line in pages if line.startswith('235573')).split()
    cells = [line.split() for line in text_lines(base + 'SC/bat.txt')
             if re.match(r'\d+\s', line)]
    one('console, SC', 'pylontech-console-sc', pages, {
        'pack_voltage': int(row[0]) / 1000, 'pack_current': int(row[1]) / 1000,
        'soc_percent': int(row[15].rstrip('%')),
        'remaining_capacity_ah': int(row[16]) / 1000,
        'charge_cycles': 203, 'soh_percent': 99,
        'charge_current_limit': 37, 'discharge_current_limit': 0,
        'cell_voltages': [int(c[1]) / 1000 for c in cells],
        'temperatures': [int(c[3]) / 1000 for c in cells]})


def jk_streams(base, _):
    """Whole recordings: every frame whose sum is right, and no other."""
    for name, profile, least in (
            ('JK-B2A24S20P-10.07-BLE-JK02', 'jk02-24s', 1),
            ('JK-B2A8S20P-11.17-BLE-JK02_32S', 'jk02-32s', 60)):
        lines = [''.join(re.findall(r'0x(\w\w)', line)).lower() for line in open(
            '%s/bms/pdus/%s.txt' % (base, name))]
        good = [line for line in lines if line.startswith('55aaeb9002') and
                len(line) == 600 and
                sum(bytes.fromhex(line)[:299]) & 255 == int(line[598:], 16)]
        out, err, _ = readings([frame(profile, 'serial', n % 60, lines=[line])
                                for n, line in enumerate(good)])
        if len(out) != len(good) or len(out) < least:
            wrong('%s: %d of %d: %s' % (name, len(out), len(good), err[:300]))
        for reading in out:
            if abs(sum(reading['cell_voltages']) -
                   reading['pack_voltage']) > 0.1:
                wrong('%s: cells and pack differ: %r' % (name, reading))
        print('# %s: %d frames' % (name, len(out)))
    text = open(base + '/bms/pdus/JK-B2A24S20P-10.07-UART-TTL.txt').read()
    line = re.search('<<< ([0-9A-F:]+)', text).group(1).replace(':', '')
    one('4E57 stream', 'jk-4e57', [line], {
        'pack_voltage': 53.13, 'soc_percent': 94, 'pack_current': 0,
        'cell_voltage_max': 4.094, 'cell_voltage_min': 4.047})


def unsupported(base, _):
    """What of the captures none of our framings speaks."""
    known = {'jbd', 'daly', 'jikong', 'seplos_v2', 'pylontech', 'pace', 'tdt',
             'ant', 'gobel', 'renogy'}
    for path in sorted(glob.glob(base + '/bms/aiobmsble/*.capture.json')):
        name = os.path.basename(path)[:-len('_bms.capture.json')]
        if name not in known:
            print('# not supported: ' + name + ' (Bluetooth only)')
    print('# not supported: JBD-UP16S020-two-devices (its own Modbus)')


globals()[sys.argv[1]](sys.argv[2], sys.argv[3])
sys.exit(1 if captures.bad else 0)
