"""What pysunspec2 made of a register image, against our readings.

modbus.py KIND EXPECTED.json READING.ndjson: prints what differs.
"""
import json
import sys

kind, expected, reading = sys.argv[1:]
models = {}
for one in json.load(open(expected)):
    models.setdefault(one['model'], []).append(one['scaled'])
line = json.loads(open(reading).readline())
wrong = []


def first(*names):
    """The first of MODEL.POINT that the device tells."""
    for name in names:
        model, point = name.split('.')
        for one in models.get(int(model), [])[:1]:
            if one.get(point) is not None:
                return one[point]
    return None


def same(name, value, digits=2):
    got = line.get(name)
    if value is None and got is None:
        return
    if None in (value, got) or abs(got - value) > 0.5 * 10 ** -digits:
        wrong.append('%s: %r, pysunspec2 has %r' % (name, got, value))


def group(model, name, point):
    out = []
    for one in models.get(model, []):
        out += [cell.get(point) for cell in one.get(name, [])]
    return out


if kind == 'battery':
    same('pack_voltage', first('802.V', '804.V', '124.InBatV'))
    same('soc_percent', first('802.SoC', '804.SoC', '713.SoC'))
    same('soh_percent', first('802.SoH', '804.SoH', '713.SoH'))
    same('full_capacity_ah', first('802.AHRtg'))
    same('charge_cycles', first('802.NCyc', '804.NCyc'))
    same('charge_current_limit', first('802.AChaMax'))
    same('discharge_current_limit', first('802.ADisChaMax'))
    if abs(line.get('pack_current', 0)) != abs(first('802.A') or 0):
        wrong.append('pack_current')
    for name, point in ('cell_voltages', 'CellV'), ('temperatures', 'CellTmp'):
        cells = group(805, 'lithium-ion-module-cell', point)
        if line.get(name, []) != cells:
            wrong.append('%s: %r, not %r' % (name, line.get(name), cells))
elif kind == 'inverter':
    same('power_w', first('701.W', '103.W', '102.W', '101.W'))
    same('energy_wh_total', first('701.TotWhInj', '103.WH'))
else:
    same('power_w', first('203.W'))
    same('energy_wh_total', first('203.TotWhImp'))
for text in wrong:
    print(text)
sys.exit(bool(wrong))
