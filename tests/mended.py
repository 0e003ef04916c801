#!/usr/bin/env python3
"""mended.py SEED: random CAN frames of two devices over some hours, with
faults, gaps, and some that only a wrong profile makes a reading of."""
import random
import sys
import time

rng = random.Random(sys.argv[1])
START = 1772359200


def stamp(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S",
                         time.gmtime(ms // 1000)) + ".%03dZ" % (ms % 1000)


def low(value, size):
    return (value & (1 << 8 * size) - 1).to_bytes(size, "little").hex()


for device in "d-1", "d-2":
    ms = START * 1000 + rng.randint(0, 60000)
    while ms < (START + 5 * 3600) * 1000:
        messages = []
        if rng.random() < 0.85:
            messages.append("356#" + low(rng.randint(4700, 5200), 2) +
                            low(rng.randint(-300, 300), 2) +
                            low(rng.randint(150, 300), 2))
        messages.append("355#" + low(rng.randint(20, 90), 2) + low(99, 2))
        if rng.random() < 0.3:
            messages.append("359#" + rng.choice(
                ["00000000", "02000000", "00000200"]) + "01504e")
        listed = ",".join('"%s"' % m.upper() for m in messages)
        print('{"kind":"frame","time":"%s","tenant":"eds","device":"%s",'
              '"profile":"pylontech-can","protocol":"can","complete":true,'
              '"messages":[%s]}' % (stamp(ms), device, listed))
        ms += rng.choice([30000, 60000, 60000, 61500, 900000])
