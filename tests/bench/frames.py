#!/usr/bin/env python3
"""frames.py COUNT FRAMES EXPECTED: COUNT realistic frames, half Modbus blocks
(Seplos V3), half CAN sets (foxBMS 2), of 100 devices of two tenants with 16
cells and 4 temperatures, packed by the makers' published layouts; and for each
the values that it says, one JSON array a line, worked out here."""
import json
import random
import struct
import sys
from datetime import datetime, timedelta, timezone

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def motorola(frame, start, size, value):
    """Put a Motorola signal (DBC: start|size@0) into a list of 64 bits."""
    bit = start
    for i in range(size - 1, -1, -1):
        frame[bit // 8 * 8 + 7 - bit % 8] = value >> i & 1
        bit = bit - 1 if bit % 8 else bit + 15


def can(identifier, *signals):
    bits = [0] * 64
    for start, size, value in signals:
        motorola(bits, start, size, value & (1 << size) - 1)
    number = int(''.join(map(str, bits)), 2)
    return '"%03X#%016X"' % (identifier, number)


class Pack:
    """One simulated device; values are whole numbers of its own units."""

    def __init__(self, number):
        self.rng = random.Random(number)
        self.number = number
        self.cells = [3300 + self.rng.randint(-5, 5) for _ in range(16)]
        self.current = 0
        self.soc = self.rng.randint(200, 900)
        self.temps = [20 + self.rng.randint(0, 4) for _ in range(4)]

    def step(self):
        r = self.rng.randint
        self.cells = [c + r(-1, 1) for c in self.cells]
        self.current = max(-9000, min(9000, self.current + r(-30, 30)))
        if r(0, 50) == 0:
            self.soc = max(0, min(1000, self.soc + r(-1, 1)))
        if r(0, 20) == 0:
            i = r(0, 3)
            self.temps[i] += r(-1, 1)

    def modbus(self):
        volt = sum(self.cells) // 10
        main = struct.pack('>HhHHHHHH', volt, self.current, 14000, 28000, 120,
                           self.soc, 990, 321) + bytes(14) + struct.pack(
                               '>HH', 200, 140)
        cells = struct.pack('>16H', *self.cells) + struct.pack(
            '>4H', *(10 * t + 2732 for t in self.temps)) + bytes(8)
        cells += struct.pack('>H', 2931)
        coils = bytearray(18)
        coils[0x40 // 8] = 8
        blocks = ((4, 0x1000, main), (4, 0x1100, cells), (1, 0x1200, coils))
        body = ','.join('{"function":%d,"address":%d,"data":"%s"}' %
                        (f, a, bytes(d).hex()) for f, a, d in blocks)
        told = [volt / 100, self.current / 100, self.soc / 10,
                [c / 1000 for c in self.cells],
                [round((10 * t + 2732) / 10 - 273.15, 2) for t in self.temps]]
        return '"protocol":"modbus","complete":true,"blocks":[%s]' % body, told

    def can(self):
        volt = sum(self.cells) // 100
        sets = [can(0x220, (3, 4, 5), (7, 4, 1)),
                can(0x233, (7, 15, volt), (8, 15, volt),
                    (40, 17, self.current)),
                can(0x235, (7, 10, self.soc), (13, 10, self.soc),
                    (47, 8, 198))]
        for mux in range(4):
            c = self.cells[4 * mux:4 * mux + 4]
            sets.append(can(0x250, (7, 8, mux), (15, 4, 15), (11, 13, c[0]),
                            (30, 13, c[1]), (33, 13, c[2]), (52, 13, c[3])))
        t = self.temps
        sets.append(can(0x260, (7, 8, 0), (15, 8, 15), (23, 8, t[0]),
                        (31, 8, t[1]), (39, 8, t[2]), (47, 8, t[3])))
        told = [volt / 10, -self.current / 100, self.soc / 10,
                [c / 1000 for c in self.cells], [float(x) for x in t]]
        return ('"protocol":"can","complete":true,"messages":[%s]' %
                ','.join(sets)), told


def main():
    count = int(sys.argv[1])
    packs = [Pack(n) for n in range(100)]
    with open(sys.argv[2], 'w') as frames, open(sys.argv[3], 'w') as expected:
        for i in range(count):
            pack = packs[i % 100]
            pack.step()
            n = pack.number
            time = START + timedelta(seconds=30 * (i // 100))
            body, told = pack.modbus() if n % 2 else pack.can()
            frames.write(
                '{"kind":"frame","time":"%s.000Z","tenant":"bench-%d",'
                '"device":"d-%d","profile":"%s","boot":"%s","mono":%d,%s}\n' %
                (time.strftime('%Y-%m-%dT%H:%M:%S'), n // 50, n,
                 'seplos-v3' if n % 2 else 'foxbms2',
                 '60240e10-4ab7-49c1-966d-ebab8c53e06c', 5000 + 300 * i,
                 body))
            expected.write(json.dumps(told) + '\n')


main()
