#!/usr/bin/env python3
"""table.py FILE: the rows that the benchmarks have left there, as a table;
status 1 where a bar was missed."""
import json
import sys
import textwrap

HEAD = dict(what='what', ours='ours', peer='peer', value='ratio', must='must',
            stretch='stretch', met='met')
WIDTH = 46


def main():
    with open(sys.argv[1]) as file:
        rows = [HEAD] + [json.loads(line) for line in file]
    wide = {key: max(len(row[key]) for row in rows) for key in HEAD}
    wide['what'] = WIDTH
    for row in rows:
        parts = textwrap.wrap(row['what'], WIDTH)
        first = dict(row, what=parts[0])
        print('  '.join(first[k].ljust(wide[k]) for k in HEAD).rstrip())
        for part in parts[1:]:
            print(part)
    missed = sum(row['met'] == 'MISSED' for row in rows)
    print('%d missed' % missed if missed else 'all bars held')
    return 1 if missed else 0


sys.exit(main())
