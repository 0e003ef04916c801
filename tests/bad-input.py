"""bad-input.py KIND SEED PREFIX: lines of a kind (frames, readings, rows) of
which every second one or so is damaged. Writes PREFIX.all, PREFIX.good (what
is left of it without the damage), PREFIX.bad (the damaged ones that can be
kept: not those that are too long), PREFIX.numbers (line numbers of all
damaged ones) and PREFIX.fuzz (lines with any one bit turned, some of which
still say something). Whether a line is damaged is python's judgement."""
import json
import random
import sys

KIND, SEED, PREFIX = sys.argv[1:]
LINE_MAX = 1 << 20
rand = random.Random(int(SEED))


def strict(text):
    """Is it one object of JSON, as RFC 8259 has it?"""
    try:
        return isinstance(json.loads(text.decode('utf-8')), dict)
    except (ValueError, RecursionError):
        return False


def line(i):
    if KIND == 'rows':
        return '{"slug":"l-%05d","name":"Place %d","description":"é %d"}' % (
            i, i, i)
    head = '"time":"2026-03-01T%02d:%02d:%02d.000Z","tenant":"acme",' \
        '"device":"d-%d",' % (i // 3600, i // 60 % 60, i % 60, i % 2 + 1)
    if KIND == 'frames':
        return '{"kind":"frame",%s"profile":"pylontech-can","protocol":' \
            '"can","complete":true,"messages":["355#%02x006200",' \
            '"356#75144DFFD700"]}' % (head, i % 101)
    return '{"kind":"battery",%s"profile":"p","pack_voltage":%d.%03d,' \
        '"soc_percent":%d.50,"cell_voltages":[3.301,3.302]}' % (
            head, 40 + i % 20, i % 1000, i % 100)


def turn(text):
    at = rand.randrange(len(text))
    turned = bytearray(text)
    turned[at] ^= 1 << rand.randrange(8)
    return bytes(turned)


def in_name(text, junk):
    """Junk within the first text that is a value."""
    at = text.index(b':"') + 3
    return text[:at] + junk + text[at:]


def truncated(text, _):
    return [text[:rand.randrange(1, len(text))]]


def flipped(text, _):
    while True:
        turned = turn(text)
        # a NUL or a line end makes of it another kind of damage
        if not strict(turned) and not set(turned) & {0, 10}:
            return [turned]


def interleaved(text, other):
    at = rand.randrange(1, len(text))
    return [text[:at] + other, text[at:]]


def not_utf8(text, _):
    return [in_name(text, rand.choice([b'\xff', b'\xc3', b'\xed\xa0\x80',
                                       b'\xc0\xaf', b'\xf5\x80\x80\x80']))]


def oversized(text, _):
    return [in_name(text, b'x' * (LINE_MAX + rand.randrange(1, 70000)))]


def nonsense(text, _):
    return [rand.choice([
        b'\x01\x02\x03', b'null', b'"frame"', b'[1,2]', b'{}}', b'{',
        b'{"kind":' + b'[' * 50000, text + text, b'<html>', text + b',',
        b'\xef\xbb\xbf{', text.replace(b'"', b"'"), text[:-1] + b',"":1e}'])]


def with_nul(text, _):
    return [in_name(text, b'\0')]


def main():
    ways = [truncated, flipped, interleaved, not_utf8, nonsense, with_nul]
    number = 0
    files = {name: open(PREFIX + '.' + name, 'wb')
             for name in ('all', 'good', 'bad', 'numbers', 'fuzz')}
    for i in range(900):
        text, other = line(i).encode(), line(i + 5000).encode()
        files['all'].write(text + b'\n')
        files['good'].write(text + b'\n')
        files['fuzz'].write(turn(text).replace(b'\n', b' ') + b'\n')
        number += 1
        way = oversized if i % 100 == 50 else rand.choice(ways)
        for damaged in way(text, other):
            assert not strict(damaged) or len(damaged) > LINE_MAX
            files['all'].write(damaged + b'\n')
            if way is not oversized:
                files['bad'].write(damaged + b'\n')
            number += 1
            files['numbers'].write(b'%d\n' % number)


main()
