"""Seeds of the serve harness: requests as clients send them."""
import sys

seeds = [
    b'?Meas/a', b'?Meas ["a","b"]', b'?Meas null', b'?',
    b'?Meas 77DB2B01#', b'=Meas {"a":1}', b'O', b'S6', b't1230',
    bytes.fromhex('000100000006010300000001'),
    bytes.fromhex('000100000006010100070009'),
    bytes.fromhex('01030000000ac5cd'),
]
for number, seed in enumerate(seeds):
    with open('%s/seed-%d' % (sys.argv[1], number), 'wb') as file:
        file.write(seed)
