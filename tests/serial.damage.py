#!/usr/bin/env python3
"""serial.damage.py PROFILE FILE: frames of a profile's first vector, its first
answer cut at any place or with one bit turned. None may be taken for one."""
import json
import os
import sys

name = sys.argv[1]
top = json.load(open('%s/profiles/%s.json' % (os.environ['TBMS_SHARE'], name)))
lines = top['vectors'][0]['frame']['lines']
text = lines[0].startswith('~')
# an ASCII answer stands behind its request; hexadecimal may lie in pieces
line = lines[1] if text else ''.join(lines) if len(lines[-1]) > 100 and len(
    lines) > 1 and name == 'jk02-24s' else lines[0]
data = line.encode() if text else bytes.fromhex(line)
if name == 'jk02-24s':  # what a Bluetooth module says stands before it
    data = data[4:]
bad = [data[:at] for at in range(1, len(data), 1 + len(data) // 60)]
step = 1 + len(data) * 8 // 500
for bit in range(0, len(data) * 8, step):
    one = bytearray(data)
    one[bit // 8] ^= 1 << bit % 8
    if one.upper() != data.upper() or not text:  # a sum in small letters
        bad.append(bytes(one))
with open(sys.argv[2], 'w') as file:
    for number, one in enumerate(bad):
        # bytes that are no text cannot be in a line
        out = one.decode('latin-1') if text else one.hex()
        file.write(json.dumps(dict(
            kind='frame', time='2026-01-02T03:%02d:%02d.000Z' % (
                number // 60 % 60, number % 60), tenant='t', device='d',
            profile=name, protocol='serial', complete=True,
            lines=[out])) + '\n')
print(len(bad))
