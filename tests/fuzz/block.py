# Seeds for block.c: bodies by the format of block_make.c, a byte before them
# for the number of rows less one.
import sys


def varint(n):
    out = b''
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def code(n):
    return varint(2 * n if n >= 0 else -2 * n - 1)


def runs(*pairs):
    return b''.join(varint(v) + varint(n) for v, n in pairs)


def head(times, layout):
    out, before, step = b'', 0, 0
    for i, time in enumerate(times):
        now = time - before
        out += code(now - (step if i > 1 else 0))
        before, step = time, now
    n = len(times)
    return (bytes([n - 1]) + out + runs((0, n)) * 2 + runs((255, n)) +
            runs((1, n)) + runs((7, n)) + varint(1) + varint(len(layout)) +
            b''.join(varint(b - a) for a, b in zip([0] + layout, layout)) +
            runs((0, n)))


t = 1772323200000
seeds = [
    head([t], []),
    head([t, t + 1, t + 2], [1]) + code(52000) + code(1) + code(-1),
    head([t, t + 30000], [3]) + runs((2, 2)) + varint(1 + 2 * 3300) * 2 +
    b'\0' + varint(1 + 2 * 3301),
    head([t, t + 9], [36, 45]) + varint(1) + varint(2) + b'[]' +
    runs((0, 2)) + code(-5) + code(0)]
for number, seed in enumerate(seeds):
    with open('%s/seed-%d' % (sys.argv[1], number), 'wb') as file:
        file.write(seed)
