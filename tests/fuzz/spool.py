# Seeds: lines as programs print them, and as nobody does.
import sys
out = sys.argv[1]
lines = [b'{"kind":"frame","time":"2026-01-02T03:04:05.678Z","tenant":"eds",'
    b'"device":"d1","profile":"p","protocol":"can","complete":true,'
    b'"messages":["355#1E00"]}',
    b'{"device":"d1", "tenant":"eds","kind":"battery","time":"x"}',
    b'{"kind":"frame","tenant":"../x"}', b'[]', b'{"kind":']
for number, line in enumerate(lines):
    with open('%s/seed-%d' % (out, number), 'wb') as file:
        file.write(line)
