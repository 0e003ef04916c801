"""Seeds for framing.c: the vectors of the profiles, and captures where they
are; the first byte is the place of the profile in NAMES."""
import glob
import json
import os
import re
import sys

NAMES = ('ant', 'daly-uart', 'green-bms', 'jbd', 'jk02-32s', 'jk-4e57', 'pace',
         'pylontech-rs485', 'pylontech-console', 'pylontech-console-sc',
         'seplos-v2', 'seplos-v2-binary', 'tdt', 'goodwe-es-battery')
TEXT = ('green-bms', 'pylontech-rs485', 'pylontech-console',
        'pylontech-console-sc', 'seplos-v2')
count = 0


def put(name, data):
    global count
    with open('%s/seed-%d' % (sys.argv[1], count), 'wb') as file:
        file.write(bytes([NAMES.index(name)]) + data[:4000])
    count += 1


def hexes(value):
    if isinstance(value, dict):
        for one in value.values():
            yield from hexes(one)
    elif isinstance(value, str) and re.fullmatch('([0-9a-f]{2}){8,}', value):
        yield bytes.fromhex(value)


for profile in NAMES:
    top = json.load(open('share/profiles/%s.json' % profile))
    for vector in top['vectors']:
        lines = vector['frame']['lines']
        put(profile, '\n'.join(lines).encode() if profile in TEXT else
            bytes.fromhex(''.join(lines)))
captures = os.environ.get('TBMS_CAPTURES', '../shared/data') + '/bms/'
for path, profile in (('aiobmsble/ant_bms', 'ant'),
                      ('aiobmsble/jbd_bms', 'jbd'),
                      ('aiobmsble/jikong_bms', 'jk02-32s'),
                      ('aiobmsble/pace_bms', 'pace'),
                      ('aiobmsble/seplos_v2_bms', 'seplos-v2-binary'),
                      ('aiobmsble/tdt_bms', 'tdt'),
                      ('syssi/ant_bms', 'ant')):
    if os.path.exists(captures + path + '.capture.json'):
        for data in hexes(json.load(open(captures + path + '.capture.json'))):
            put(profile, data)
for path in glob.glob(captures + 'pylontech-console/*/*.txt'):
    put('pylontech-console', open(path, 'rb').read())
