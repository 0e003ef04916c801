# Seeds for pack.c: rows by the format of tenant(5).
import sys
rows = ('0100', '01010182b406', '01010382b40613', '01010403c9330002',
    '01050000000008055b2245225d', '01060000000000108f4e',
    '0103071003a2b40626039867ffffffff0f02016c04fa1f0014',
    '010400000204c8139001')
for number, row in enumerate(rows):
    with open('%s/seed-%d' % (sys.argv[1], number), 'wb') as file:
        file.write(bytes.fromhex(row))
