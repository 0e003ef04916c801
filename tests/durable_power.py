"""durable_power.py OUT LAST: the field beside a power cut; runs in the guest.

Sends the stream to spool put, from the first line that was not acknowledged
on. OUT lies on the machine that outlives the cut: before a line is sent
OUT/sent holds a greater number, and OUT/acked the first line without its
acknowledgement. With LAST=1 it sends what was sent before, and ends.
"""
import os
import re
import subprocess
import sys
import threading
import time

import durable_stream as stream

OUT, LAST = sys.argv[1], sys.argv[2] == '1'
SPOOL = os.environ['TBMS_ROOT'] + '/spool'


def load(name):
    try:
        with open(OUT + '/' + name) as file:
            return int(file.read() or 0)
    except FileNotFoundError:
        return 0


def save(name, number):
    """Written over in place, with a fixed width, and at once outside."""
    with open(OUT + '/' + name, 'r+' if os.path.exists(OUT + '/' + name)
              else 'w') as file:
        file.write('%09d' % number)
        file.flush()
        os.fsync(file.fileno())


first, acked = load('acked'), set()
before = load('sent')


def hear(process):
    global first
    for mark in process.stdout:
        n = int(re.search(rb'"segment":(\d+)', mark)[1])
        acked.update(stream.segment(SPOOL, n) or [])
        old = first
        while first in acked:
            acked.discard(first)
            first += 1
        if first != old:
            save('acked', first)


process = subprocess.Popen(['spool', 'put', SPOOL], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
ear = threading.Thread(target=hear, args=(process,), daemon=True)
ear.start()
k = first
canary = open(os.path.dirname(os.environ['TBMS_ROOT']) + '/canary', 'a')
while not LAST or k < before:
    count = min(40, before - k) if LAST else 40
    if not LAST:
        save('sent', max(before, k + count))
    process.stdin.write(''.join(
        stream.line(n) + '\n' for n in range(k, k + count)).encode())
    process.stdin.flush()
    k += count
    canary.write('%d\n' % k)
    canary.flush()
    time.sleep(0 if LAST else .04)
process.stdin.close()
status = process.wait()
ear.join()
sys.exit(status if first == before or status else 1)
