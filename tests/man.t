#!/bin/sh
# What the manual pages promise: the EXAMPLES are typed and answer what the
# page shows; the SYNOPSIS is what -h prints; each program is in the pages.
. "$(dirname "$0")/lib.sh"

# examples PAGE: run its "$ " lines in order, compare what they print.
cat >"$T/examples.py" <<'PY'
import re, subprocess, sys, os
page = open(sys.argv[1]).read()
blocks = re.findall(r'^\.Bd -literal.*?\n(.*?)^\.Ed', page, re.S | re.M)
def plain(text):
    text = text.replace('\\&', '').replace('\\(aq', "'").replace('\\-', '-')
    return text.replace('\\e', '\\').replace('\\(dq', '"')
bad = ran = 0
for block in blocks:
    steps = re.split(r'^\$ ', plain(block), flags=re.M)
    for step in steps[1:]:
        lines = step.split('\n')
        command = lines.pop(0)
        while command.endswith('\\'):
            command = command[:-1] + lines.pop(0).lstrip('> ')
        wanted = '\n'.join(lines).rstrip('\n')
        run = subprocess.run(['sh', '-c', command], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        got = run.stdout.decode('utf-8', 'replace').rstrip('\n')
        ran += 1
        # "..." stands for any run of characters of one line
        pattern = re.escape(wanted).replace(re.escape('...'), '.*')
        if not re.fullmatch(pattern, got):
            bad += 1
            print('# $ %s\n# got:    %r\n# wanted: %r' % (command, got, wanted))
print('# %d examples' % ran)
sys.exit(1 if bad else 0)
PY
for page in "$B"/man/*.[157]; do
	name=$(basename "$page")
	mkdir -p "$T/run/$name" && cd "$T/run/$name" || exit 1
	export TBMS_ROOT="$T/run/$name/root"
	mkdir "$TBMS_ROOT"
	python3 "$T/examples.py" "$page" >"$T/report" 2>&1
	ok $? "the examples of $name answer what it shows"
	grep -q '^# 0 examples' "$T/report" || cat "$T/report"
	cd "$T" || exit 1
done

# tables PAGE: those that are wider than a terminal of 80, or with a cell that
# is wider than its column
cat >"$T/tables.py" <<'PY'
import re, shlex, sys
page = open(sys.argv[1]).read()
def size(text):
    text = re.sub(r'\b(Sy|Em|Li|Pa|Pq|No|Sx) ', '', text).replace('"', '')
    return len(re.sub(r'\\\(..', 'x', text.strip()).replace('\\&', ''))
for columns, rows in re.findall(r'^\.Bl -column ([^\n]*)\n(.*?)^\.El', page,
        re.S | re.M):
    wide = [size(column) for column in shlex.split(columns)]
    rows = [[size(cell) for cell in re.split(r' Ta ?', row[4:])]
        for row in rows.split('\n') if row.startswith('.It ')]
    gap = {5: 3}.get(len(wide), 4 if len(wide) < 5 else 1)
    all = sum(wide[:-1]) + gap * len(wide[1:]) + max(row[-1] for row in rows)
    if all > 73:
        print('%d wide: %s' % (all, columns))
    for row in rows:
        if any(cell > room for cell, room in zip(row[:-1], wide)):
            print('cell too wide: %s: %s' % (row, columns))
PY
for page in "$B"/man/*.[157]; do
	python3 "$T/tables.py" "$page"
done >"$T/wide"
is "$(cat "$T/wide")" "" "tables fit their columns and a terminal of 80"

# synopsis PAGE: the words of the SYNOPSIS, one blank between them
synopsis() {
	mandoc -Tutf8 -O width=500 "$1" | sed 's/.\x08//g' |
	    sed -n '/^SYNOPSIS/,/^[A-Z]/p' | sed '1d;/^[A-Z]/d' |
	    tr -s ' \n' ' ' | sed 's/^ //;s/ $//' | tr '‐−' '--'
}
for program in "$B"/bin/*; do
	name=$(basename "$program")
	page=$B/man/$name.1
	[ -f "$page" ] || continue
	usage=$("$program" -h 2>&1 | sed 's/^usage: *//' | tr -s ' \t\n' ' ' |
	    sed 's/^ //;s/ $//')
	is "$usage" "$(synopsis "$page")" "$name -h prints the SYNOPSIS"
	like "$("$program" --version)" "^$name \(TrackingBMS\) [0-9.]+$" \
	    "$name --version"
	"$program" --no-such-option >/dev/null 2>&1
	is $? 2 "$name refuses an unknown option with 2"
done

done_testing
