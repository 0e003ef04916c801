#!/bin/sh
# A power cut, in a user-mode Linux: all that spool put had acknowledged is in
# the spool or in the store when the machine runs again, and nothing is there
# twice. TBMS_CUTS is how often the power goes, one after the other on one
# disk; SEED what the instants are drawn from.
. "$(dirname "$0")/lib.sh"

need 'a power cut' 'user-mode-linux bubblewrap busybox-static e2fsprogs' \
    linux.uml bwrap busybox mkfs.ext4 cc python3 sqlite3
not_san "no room for a sanitizer in there" "a power cut"
cuts=${TBMS_CUTS:-3}
seed=${SEED:-$(date +%s)}
echo "# seed $seed, $cuts cuts (SEED=$seed TBMS_CUTS=$cuts)"
python=$(python3 -c 'import sys; print(sys.executable)')
PYTHONPATH=$TESTS
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE

mkdir -p vm/root
printf 000000000 | tee vm/acked >vm/sent
python3 -c 'import durable_stream, sys; durable_stream.create(sys.argv[1])' \
    "$T/vm/root" || exit 1
truncate -s 96M vm/disk.img
mkfs.ext4 -q -F vm/disk.img
cat >vm/job.sh <<X
PATH=$B/bin:\$PATH
export B=$B TBMS_SHARE=$TBMS_SHARE PYTHONPATH=$TESTS PYTHONDONTWRITEBYTECODE=1
export LC_ALL=$LC_ALL TZ=UTC
field="$python $TESTS/durable_power.py $T/vm"
X
cat >>vm/job.sh <<'X'
mkdir /run/d
busybox mount -t ext4 /dev/ubda /run/d || exit 9
if ! [ -e /run/d/root ]; then
	cp -R root /run/d/root.new
	sync
	mv /run/d/root.new /run/d/root
	sync
fi
[ -e /run/d/canary ] && wc -l </run/d/canary >canary.$(cat run)
export TBMS_ROOT=/run/d/root
spool put $TBMS_ROOT/spool </dev/null
each() {
	spool each "$@" $TBMS_ROOT/spool -- bms-normalize '|' \
	    tenant-db append --all '|' live --all
}
if [ -e last ]; then
	$field 1 || exit 1
	each --once || exit 2
	for job in "tenant-db seal" "tenant-db judge" rollup "tenant-db check"; do
		$job --all || exit 3
	done
	cp -R /run/d/root after
	cat /run/d/root/spool/new/* /run/d/root/spool/fed/* >left 2>/dev/null
	busybox umount /run/d
	exit 0
fi
each --sync 700ms &
while :; do
	tenant-db seal --all
	rollup --all
	sleep 0.3
done &
: >going
sync going
$field 0
X
n=0
cut=0
while [ $n -lt "$cuts" ]; do
	n=$((n + 1))
	echo $n >vm/run
	wait=$(python3 -c "import random, sys
print('%.2f' % random.Random('$seed-$n').uniform(1, 6))")
	sh "$TESTS/vm/uml.sh" "$T/vm" "$wait" 2>vm/why || break
	cut=$((cut + 1))
	echo "# cut $n after $wait s, $(cat vm/acked) lines acknowledged" \
	    "of $(cat vm/sent)"
done
if [ $cut -eq 0 ]; then
	skip "$(tail -n 1 vm/why)" "no user-mode Linux starts here"
	done_testing
fi
is $cut "$cuts" "the power was cut"
: >vm/last
echo last >vm/run
sh "$TESTS/vm/uml.sh" "$T/vm" 2>vm/why
is $? 0 "the machine runs again and feeds what is left"
[ "$(cat vm/rc 2>/dev/null)" = 0 ] ||
    tail -n 20 vm/log vm/console vm/why | sed 's/^/# /'
like "$(cat vm/acked)" '^0*[1-9][0-9]*' "lines had been acknowledged"
is "$(cat vm/left)" "" "nothing is left in the spool"
python3 - "$T/vm" >report 2>&1 <<'X'
import os
import sys
import durable_stream as stream
out = sys.argv[1]
sent = int(open(out + '/sent').read())
wrong, rows = stream.compare(out + '/after', sent)
quiet = out + '/quiet'
os.mkdir(quiet)
stream.create(quiet)
text = ''.join(stream.line(k) + '\n' for k in range(sent)).encode()
made = stream.run('bms-normalize', input=text).stdout
stream.run('tenant-db', 'append', '--root', quiet, '--all', input=made)
for job in ['tenant-db', 'seal'], ['tenant-db', 'judge'], ['rollup']:
    stream.run(*job, '--root', quiet, '--all')
more, derived = stream.compare_derived(out + '/after', quiet)
print('# %d lines, %d stored rows compared, %d derived ones'
      % (sent, rows, derived))
for one in wrong + more:
    print('# ' + one)
sys.exit(1 if wrong or more else 0)
X
is $? 0 "each line is stored once, with its value, and what follows of it"
cat report
done_testing
