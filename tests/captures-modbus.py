#!/usr/bin/env python3
"""captures-modbus.py WHAT FOLDER OWN: Modbus captures through bms-normalize
against the values that were published for them. Prints a line for each
difference; the status is 1 if there is any."""
import glob
import json
import math
import os
import subprocess
import sys

bad = compared = 0


def wrong(text):
    global bad
    bad += 1
    if bad <= 20:
        print('# ' + text)


def same(name, got, wanted):
    global compared
    compared += 1
    if isinstance(wanted, list):
        fine = isinstance(got, list) and len(got) == len(wanted) and all(
            math.isclose(a, b, abs_tol=1e-6) for a, b in zip(got, wanted))
    elif isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        fine = isinstance(got, (int, float)) and math.isclose(
            got, wanted, abs_tol=1e-3)
    else:
        fine = got == wanted
    if not fine:
        wrong('%s: wanted %r, got %r' % (name, wanted, got))


def block(address, data, function=3):
    return {'function': function, 'address': address, 'data': data.hex()}


def frame(profile, blocks, number=0):
    return dict(kind='frame', time='2026-01-02T03:%02d:%06.3fZ' % (
        number // 60 % 60, number % 60), tenant='test', device='test',
        profile=profile, protocol='modbus', complete=True, blocks=blocks)


def readings(frames, *options):
    lines = ''.join(json.dumps(f, separators=(',', ':')) + '\n'
                    for f in frames)
    run = subprocess.run(['bms-normalize', *options], input=lines.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return ([json.loads(line) for line in run.stdout.splitlines()],
            run.stderr.decode())


# ---- GoodWe -------------------------------------------------------------

def answers(path):
    """Blocks of the answers of one device: AA 55 and a Modbus RTU answer."""
    capture = json.load(open(path))['responses']
    out = []
    for one in capture.values():
        if 'modbus_start' not in one:
            continue
        data = bytes.fromhex(one['hex'])
        if data[3] == 3 and one['crc_ok']:
            out.append(block(one['modbus_start'], data[5:5 + data[4]]))
    return out


def stated(path):
    told = json.load(open(path.replace('.capture.', '.expected.')))
    for test, values in told['by_test'].items():
        if test.endswith('_runtime_data'):
            return {k: v['value'] if isinstance(v, dict) else v
                    for k, v in values.items()}
    return {}


def devices(folder):
    for path in sorted(glob.glob(folder + '/*.capture.json')):
        name = os.path.basename(path).split('.')[0]
        if not name.startswith('es_'):
            yield name, answers(path), stated(path)


def aa55(folder):
    """ES and EM: frames of GoodWe's own, not Modbus."""
    for path in sorted(glob.glob(folder + '/es_*.capture.json')):
        told = stated(path)
        lines = [one['hex'] for one in
                 json.load(open(path))['responses'].values() if 'hex' in one]
        wanted = {
            'goodwe-es-battery': {
                'pack_voltage': told['vbattery1'],
                'pack_current': -told['ibattery1'],
                'soc_percent': told['battery_soc'],
                'soh_percent': told['battery_soh'] or None,
                'temperatures': [told['battery_temperature']],
                'charge_current_limit': told['battery_charge_limit'],
                'discharge_current_limit': told['battery_discharge_limit'],
                'operation_mode': {2: 'discharging', 3: 'charging'}[
                    told['battery_mode']]},
            'goodwe-es-grid': {'power_w': -told['pgrid']}}
        for profile, values in wanted.items():
            one = frame(profile, [])
            del one['blocks']
            out, why = readings([dict(one, protocol='serial', lines=lines)])
            if len(out) != 1:
                wrong('%s: %s' % (path, why))
                continue
            for key, value in values.items():
                same('%s %s' % (profile, key), out[0].get(key), value)


def profiles(folder, _):
    aa55(folder)
    for name, blocks, told in devices(folder):
        if name.startswith('dt_'):
            wanted = {'goodwe-dt': {
                'power_w': told['total_inverter_power'],
                'energy_wh_total': told['e_total'],
                'ambient_temp': told['temperature']}}
        else:
            wanted = {
                'goodwe-et-pv': {'power_w': told['ppv'],
                                 'energy_wh_total': told['e_total']},
                'goodwe-et-grid': {'power_w': -told['active_power'],
                                   'energy_wh_total': told['e_total_imp']},
                'goodwe-et-battery': {
                    'total_energy_charged_wh': told['e_bat_charge_total'],
                    'total_energy_discharged_wh':
                        told['e_bat_discharge_total']}}
        if told.get('battery_mode'):
            wanted['goodwe-et-battery'].update({
                'pack_voltage': told['vbattery1'],
                'pack_current': -told['ibattery1'],
                'soc_percent': told['battery_soc'],
                'soh_percent': told['battery_soh'],
                'temperatures': [told['battery_temperature']],
                'charge_current_limit': told['battery_charge_limit'],
                'discharge_current_limit': told['battery_discharge_limit'],
                'operation_mode': {2: 'discharging', 3: 'charging'}[
                    told['battery_mode']]})
        for profile, values in wanted.items():
            out, why = readings([frame(profile, blocks)])
            if len(out) != 1:
                wrong('%s %s: %s' % (name, profile, why))
                continue
            for key, value in values.items():
                if '_wh' in key and value is not None:
                    value = round(value * 1000, 1)
                same('%s %s %s' % (name, profile, key), out[0].get(key),
                     value)
    if compared < 55:
        wrong('only %d values' % compared)


# Registers of the ET and DT families: name, address, type, scale.
ET = """
vpv1 35103 u16 .1, ipv1 35104 u16 .1, ppv1 35105 u32 1
vpv2 35107 u16 .1, ipv2 35108 u16 .1, ppv2 35109 u32 1
vpv3 35111 u16 .1, ipv3 35112 u16 .1, ppv3 35113 u32 1
vpv4 35115 u16 .1, ipv4 35116 u16 .1, ppv4 35117 u32 1
vgrid 35121 u16 .1, igrid 35122 u16 .1, fgrid 35123 u16 .01
pgrid 35125 s16 1, vgrid2 35126 u16 .1, igrid2 35127 u16 .1
fgrid2 35128 u16 .01, pgrid2 35130 s16 1, vgrid3 35131 u16 .1
igrid3 35132 u16 .1, fgrid3 35133 u16 .01, pgrid3 35135 s16 1
grid_mode 35136 u16 1, total_inverter_power 35138 s16 1
active_power 35140 s16 1, reactive_power 35142 s16 1
apparent_power 35144 s16 1, backup_v1 35145 u16 .1
backup_i1 35146 u16 .1, backup_f1 35147 u16 .01, load_mode1 35148 u16 1
backup_p1 35150 s16 1, backup_v2 35151 u16 .1, backup_i2 35152 u16 .1
backup_f2 35153 u16 .01, load_mode2 35154 u16 1, backup_p2 35156 s16 1
backup_v3 35157 u16 .1, backup_i3 35158 u16 .1, backup_f3 35159 u16 .01
load_mode3 35160 u16 1, backup_p3 35162 s16 1, load_p1 35164 s16 1
load_p2 35166 s16 1, load_p3 35168 s16 1, backup_ptotal 35170 s16 1
load_ptotal 35172 s16 1, ups_load 35173 u16 1
temperature_air 35174 s16 .1, temperature_module 35175 s16 .1
temperature 35176 s16 .1, function_bit 35177 u16 1
bus_voltage 35178 u16 .1, nbus_voltage 35179 u16 .1
vbattery1 35180 u16 .1, ibattery1 35181 s16 .1, pbattery1 35182 s32 1
battery_mode 35184 u16 1, warning_code 35185 u16 1
safety_country 35186 u16 1, work_mode 35187 u16 1
operation_mode 35188 u16 1, error_codes 35189 u32 1
e_total 35191 u32 .1, e_day 35193 u32 .1, e_total_exp 35195 u32 .1
h_total 35197 u32 1, e_day_exp 35199 u16 .1, e_total_imp 35200 u32 .1
e_day_imp 35202 u16 .1, e_load_total 35203 u32 .1, e_load_day 35205 u16 .1
e_bat_charge_total 35206 u32 .1, e_bat_charge_day 35208 u16 .1
e_bat_discharge_total 35209 u32 .1, e_bat_discharge_day 35211 u16 .1
diagnose_result 35220 u32 1
vbattery2 35262 u16 .1, ibattery2 35263 s16 .1, pbattery2 35264 s32 1
battery2_mode 35266 u16 1, ppv_total 35301 u32 1, pv_channel 35303 u16 1
pmppt1 35337 u16 1, pmppt2 35338 u16 1, pmppt3 35339 u16 1
pmppt4 35340 u16 1, imppt1 35345 u16 .1, imppt2 35346 u16 .1
imppt3 35347 u16 .1, imppt4 35348 u16 .1, reactive_power1 35353 s32 1
reactive_power2 35355 s32 1, reactive_power3 35357 s32 1
apparent_power1 35359 s32 1, apparent_power2 35361 s32 1
apparent_power3 35363 s32 1
commode 36000 u16 1, rssi 36001 u16 1, manufacture_code 36002 u16 1
meter_test_status 36003 u16 1, meter_comm_status 36004 u16 1
active_power1 36005 s16 1, active_power2 36006 s16 1
active_power3 36007 s16 1, active_power_total 36008 s16 1
reactive_power_total 36009 s16 1, meter_power_factor1 36010 s16 .001
meter_power_factor2 36011 s16 .001, meter_power_factor3 36012 s16 .001
meter_power_factor 36013 s16 .001, meter_freq 36014 u16 .01
meter_e_total_exp 36015 f32 .001, meter_e_total_imp 36017 f32 .001
meter_active_power1 36019 s32 1, meter_active_power2 36021 s32 1
meter_active_power3 36023 s32 1, meter_active_power_total 36025 s32 1
meter_reactive_power1 36027 s32 1, meter_reactive_power2 36029 s32 1
meter_reactive_power3 36031 s32 1, meter_reactive_power_total 36033 s32 1
meter_apparent_power1 36035 s32 1, meter_apparent_power2 36037 s32 1
meter_apparent_power3 36039 s32 1, meter_apparent_power_total 36041 s32 1
meter_type 36043 u16 1, meter_sw_version 36044 u16 1
meter2_active_power 36045 s32 1, meter2_e_total_exp 36047 f32 .001
meter2_e_total_imp 36049 f32 .001, meter2_comm_status 36051 u16 1
meter_voltage1 36052 u16 .1, meter_voltage2 36053 u16 .1
meter_voltage3 36054 u16 .1, meter_current1 36055 u16 .1
meter_current2 36056 u16 .1, meter_current3 36057 u16 .1
battery_bms 37000 u16 1, battery_index 37001 u16 1
battery_status 37002 u16 1, battery_temperature 37003 s16 .1
battery_charge_limit 37004 u16 1, battery_discharge_limit 37005 u16 1
battery_error_l 37006 u16 1, battery_soc 37007 u16 1
battery_soh 37008 u16 1, battery_modules 37009 u16 1
battery_warning_l 37010 u16 1, battery_protocol 37011 u16 1
battery_error_h 37012 u16 1, battery_warning_h 37013 u16 1
battery_sw_version 37014 u16 1, battery_hw_version 37015 u16 1
battery_max_cell_temp_id 37016 u16 1, battery_min_cell_temp_id 37017 u16 1
battery_max_cell_voltage_id 37018 u16 1
battery_min_cell_voltage_id 37019 u16 1
battery_max_cell_temp 37020 s16 .1, battery_min_cell_temp 37021 s16 .1
battery_max_cell_voltage 37022 u16 .001
battery_min_cell_voltage 37023 u16 .001
"""
DT = """
vpv1 30103 u16 .1, ipv1 30104 u16 .1, vpv2 30105 u16 .1, ipv2 30106 u16 .1
vline1 30115 u16 .1, vline2 30116 u16 .1, vline3 30117 u16 .1
vgrid1 30118 u16 .1, vgrid2 30119 u16 .1, vgrid3 30120 u16 .1
igrid1 30121 u16 .1, igrid2 30122 u16 .1, igrid3 30123 u16 .1
fgrid1 30124 u16 .01, fgrid2 30125 u16 .01, fgrid3 30126 u16 .01
total_inverter_power 30127 u32 1, work_mode 30129 u16 1
error_codes 30130 u32 1, warning_code 30132 u16 1
apparent_power 30133 s32 1, reactive_power 30135 s32 1
power_factor 30139 s16 .001, temperature 30141 s16 .1
temperature_heatsink 30142 s16 .1, e_day 30144 u16 .1, e_total 30145 u32 .1
h_total 30147 u32 1, safety_country 30149 u16 1, funbit 30162 u16 1
vbus 30163 u16 .1, vnbus 30164 u16 .1, derating_mode 30165 u32 1
rssi 30172 u16 1
"""
SIZES = {'u16': 2, 's16': 2, 'u32': 4, 's32': 4, 'f32': 4}
EMPTY = {'u16': 65535, 'u32': 4294967295}


def table(text):
    for line in text.replace('\n', ',').split(','):
        if line.strip():
            name, address, kind, scale = line.split()
            yield name, int(address), kind, float(scale)


def within(blocks, address, size):
    """The bytes of a register, as they came."""
    for one in blocks:
        data = bytes.fromhex(one['data'])
        at = (address - one['address']) * 2
        if 0 <= at and at + size <= len(data):
            return data[at:at + size]
    return None


def one_rule(own, name, address, kind, scale):
    """A profile of one number; what it measures does not matter here."""
    rule = {'name': 'power_w', 'at': address, 'type': kind,
            'scale': '%.9g' % (scale if scale == 1 else scale * 100)}
    if kind in EMPTY:
        rule['absent'] = EMPTY[kind]
    elif name.startswith('temperature'):
        rule['absent'] = [-1, 32767]
    with open('%s/%s.json' % (own, name.replace('_', '-')), 'w') as out:
        json.dump({'kind': 'energy', 'protocol': 'modbus',
                   'measurements': [rule]}, out)


def registers(folder, own):
    for name, blocks, told in devices(folder):
        rules = [rule for rule in table(DT if name.startswith('dt_') else ET)
                 if rule[0] in told and
                 within(blocks, rule[1], SIZES[rule[2]]) is not None]
        here = '%s/%s' % (own, name)
        os.mkdir(here)
        for rule in rules:
            one_rule(here, *rule)
        out, _ = readings([frame(rule[0].replace('_', '-'), blocks)
                           for rule in rules], '--profiles', here)
        got = {r['profile'].replace('-', '_'): r['power_w']
               for r in out if 'power_w' in r}
        for key, address, kind, scale in rules:
            raw = within(blocks, address, SIZES[kind])
            wanted = told[key]
            # where nothing is there, the source says 0 or nothing, we nothing
            if wanted in (None, 0) and raw.count(b'\xff') == len(raw):
                wanted = None
            elif wanted in (None, 0) and raw == b'\x7f\xff':
                wanted = None
            value = got.get(key)
            if value is not None and scale != 1:
                value /= 100
            same('%s %s' % (name, key), value, wanted)
    print('# %d values' % compared)
    if compared < 400:
        wrong('only %d values' % compared)


# ---- GivEnergy ----------------------------------------------------------

def wrapped(path):
    """(unit, function, base, data) of each answer in a dongle's log."""
    for line in open(path):
        words = line.split()
        if len(words) < 3 or words[1] != 'rx':
            continue
        data = bytes.fromhex(words[2])
        if data[:2] != b'\x59\x59' or data[7] != 2 or data[27] not in (3, 4):
            continue
        base, count = (int.from_bytes(data[i:i + 2], 'big') for i in (38, 40))
        if len(data) == 44 + 2 * count:
            yield data[26], data[27], base, data[42:42 + 2 * count]


def givenergy(folder, _):
    path = folder + '/ac_arm282_1x_givbat512gen3_30min.log'
    told = json.load(open(path + '.expected.json'))
    last = told['computed_here']['last_register_values']
    frames = [(unit, frame('givenergy-ac', [block(base, data, 4)], i))
              for i, (unit, function, base, data) in enumerate(wrapped(path))
              if function == 4 and base == 0]
    out, why = readings([f for _, f in frames])
    if len(out) != len(frames) or len(out) < 60:
        wrong('%d readings of %d frames: %s' % (len(out), len(frames), why))
    final = [r for (unit, _), r in zip(frames, out) if unit == 0x11][-1]
    values = last['0x11/IR']
    total = told['stated_by_test_suite']['e_inverter_out_total_kWh']
    same('stated', max(r['total_energy_discharged_wh'] for r in out),
         total * 1000)
    for key, wanted in (('pack_voltage', values['50'] / 100),
                        ('soc_percent', values['59']),
                        ('temperatures', [values['56'] / 10]),
                        ('total_energy_discharged_wh',
                         values['46'] * 100)):
        same('0x11 ' + key, final.get(key), wanted)
    packs = {}
    for unit, function, base, data in wrapped(path):
        if function == 4 and base == 60 and unit >= 0x32:
            packs.setdefault(unit, []).append(data)
    for unit, all_data in packs.items():
        out, why = readings([frame('givenergy-battery', [block(60, d, 4)], i)
                             for i, d in enumerate(all_data)])
        for data, reading in zip(all_data, out):
            words = [int.from_bytes(data[i:i + 2], 'big')
                     for i in range(0, len(data), 2)]
            if words[37] == 0:
                same('slot %x' % unit, reading['data_quality'], 'invalid')
                continue
            same('cells', reading['cell_voltages'],
                 [v / 1000 for v in words[:16]])
            # the sum that the pack itself tells
            if abs(sum(reading['cell_voltages']) - words[20] / 1000) > 0.1:
                wrong('cells do not make their sum: %r' % reading)
            same('cycles', reading['charge_cycles'], words[36])
        if len(out) != len(all_data):
            wrong('unit %x: %s' % (unit, why))
    print('# %d values of units %s' % (compared, ' '.join(
        '%x' % unit for unit in sorted(packs))))


def ems(folder, _):
    path = folder + '/ems_arm1036_60s.log'
    last = json.load(open(path + '.expected.json'))['computed_here'][
        'last_register_values']
    for unit, key in ((1, '0x01/IR'), (3, '0x03/IR')):
        data = [d for u, f, b, d in wrapped(path)
                if (u, f, b) == (unit, 4, 60)][-1]
        out, why = readings([frame('givenergy-meter', [block(60, data, 4)])])
        power = last[key]['71']
        same('meter %d' % unit, out[0].get('power_w'),
             power - 65536 * (power > 32767))
        same('meter %d' % unit, out[0].get('energy_wh_total'),
             last[key]['85'] * 100)
        if unit == 1:  # what the battery gives is used or goes out
            plant = last['0x11/IR']
            if abs(plant['2090'] - plant['2086'] + out[0]['power_w']) > 50:
                wrong('out of balance: %r' % out[0])


# ---- batteries ----------------------------------------------------------

NAMES = {'voltage': 'pack_voltage', 'current': 'pack_current',
         'battery_level': 'soc_percent', 'battery_health': 'soh_percent',
         'cycle_charge': 'remaining_capacity_ah', 'cycles': 'charge_cycles',
         'cell_voltages': 'cell_voltages', 'chrg_mosfet': 'charging_enabled',
         'dischrg_mosfet': 'discharging_enabled',
         'balancer': 'balancing_active'}


def rtu(text):
    data = bytes.fromhex(text)
    return data[3:3 + data[2]]


def battery(profile, blocks, told, temperatures, without=()):
    out, why = readings([frame(profile, blocks)])
    if len(out) != 1:
        return wrong('%s: %s' % (profile, why))
    for key, ours in NAMES.items():
        if key in told and key not in without:
            same('%s %s' % (profile, ours), out[0].get(ours), told[key])
    same(profile + ' temperatures', out[0]['temperatures'], temperatures)


def bms(folder, _):
    def load(name, what):
        return json.load(open('%s/%s_bms.%s.json' % (folder, name, what)))
    data = load('daly', 'capture')['data']['MockDalyBleakClient.RESP']
    battery('daly-modbus', [block(0, rtu(data['0000003ed7b9']['hex']))],
            load('daly', 'expected')['ref_value'], [20, 21, 22, 23])
    data = load('gobel', 'capture')['data']['_FRAME_MAIN_DATA']
    told = load('gobel', 'expected')['_RESULT_MAIN_DATA']
    battery('gobel-modbus', [block(0, rtu(data['hex']))], told,
            told['temp_values'][:1])
    data = load('renogy', 'capture')['data']['MockRenogyBleakClient.RESP']
    told = load('renogy', 'expected')['ref_value']
    # its charge in percent is worked out from two capacities
    battery('renogy-battery', [
        block(0x1388, rtu(data['300313880022455c']['hex'])),
        block(0x13b2, rtu(data['300313b20007a48a']['hex'])),
        block(0x13ec, rtu(data['300313ec0008855c']['hex']))], told,
        told['temp_values'], without=('battery_level',))


def daly(folder, _):
    """Cells make the pack's voltage, and the current has the sign of the
    state, in every answer of two logs."""
    frames = []
    for name in ('daly_bms_24cells', 'daly_bms_blue_series_80_registers'):
        for line in open('%s/%s.txt' % (folder, name)):
            if line.startswith('0xD2'):
                frames.append(bytes(int(word, 16) for word in
                                    line.strip(' ,\n').split(',')))
    frames = [f for f in frames if f[2] in (124, 160) and
              len(f) >= 3 + f[2]]
    out, why = readings([frame('daly-modbus', [block(0, f[3:3 + f[2]])], i)
                         for i, f in enumerate(frames)])
    if len(out) != len(frames) or len(out) < 5:
        wrong('%d readings of %d: %s' % (len(out), len(frames), why))
    for reading in out:
        if abs(sum(reading['cell_voltages']) - reading['pack_voltage']) > 0.3:
            wrong('cells and pack: %r' % reading)
        mode = {'charging': 1, 'discharging': -1}.get(
            reading['operation_mode'], 0)
        if reading['pack_current'] * mode < 0:
            wrong('state and sign: %r' % reading)
    print('# %d answers' % len(out))


what, where, own_folder = sys.argv[1:4]
globals()[what](where, own_folder)
sys.exit(1 if bad else 0)
