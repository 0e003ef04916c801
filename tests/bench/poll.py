#!/usr/bin/env python3
"""poll.py BUILD: what polling a fleet costs, on one core: late slots, delay
that dead devices add to the others, polls a second, CPU beside a loop of
pymodbus, and memory. BENCH_POLL_SECONDS is how long the fleet of 1,000 with
300 dead is polled (default 600); BENCH_POLL_EVERY how often (5 seconds)."""
import collections
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime

build = os.path.abspath(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
seconds = float(os.environ.get('BENCH_POLL_SECONDS', '600'))
every = float(os.environ.get('BENCH_POLL_EVERY', '5'))
LIVE, SILENT, GONE = 700, 200, 100
PEER = '/usr/bin/python3'
core = min(os.sched_getaffinity(0))
others = os.sched_getaffinity(0) - {core} or {core}
work = tempfile.mkdtemp(prefix='tbms-bench.')
env = dict(os.environ, PATH=build + '/bin:' + os.environ['PATH'],
           TBMS_SHARE=os.path.join(here, '../../share'))
at = collections.namedtuple('at', 'device slot delay')


def serve():
    """The devices; (their process, ports that answer, silent ports)."""
    subprocess.run(['cc', '-O2', '-o', work + '/modbusd',
                    here + '/modbusd.c'], check=True)
    server = subprocess.Popen(
        [work + '/modbusd', str(LIVE), str(SILENT)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, others))
    ports = {'live': [], 'silent': []}
    for line in server.stdout:
        if line == 'ready\n':
            return server, ports['live'], ports['silent']
        kind, port = line.split()
        ports[kind].append(int(port))
    sys.exit('bench: the server does not start')


def devices(name, interval, live, dead):
    path = work + '/' + name
    with open(path, 'w') as out:
        for kind, ports in (('live', live), ('dead', dead)):
            for n, port in enumerate(ports):
                out.write(json.dumps(dict(
                    kind='device', tenant='bench', device=kind + str(n),
                    profile='seplos-v3', interval_ms=int(interval * 1000),
                    address='tcp://127.0.0.1:%d' % port)) + '\n')
    return path


class Run:
    """bms-poll on its one core, and what came out of it."""

    def __init__(self, path, interval, keep=True):
        self.frames, self.bad, self.count, self.memory = [], 0, 0, []
        self.interval, self.keep = interval, keep
        self.process = subprocess.Popen(
            ['bms-poll', '-d', path, '-e', '%gs' % interval], env=env,
            stdout=subprocess.PIPE, stderr=open(work + '/said', 'w'),
            text=True, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.count += 1
            if not self.keep:
                continue
            frame = json.loads(line)
            if frame['device'].startswith('dead'):
                continue
            if 'error' in frame:
                self.bad += 1
                continue
            when = datetime.fromisoformat(
                frame['time'].replace('Z', '+00:00')).timestamp()
            self.frames.append(at(frame['device'], int(when / self.interval),
                                  when % self.interval))

    def resident(self):
        with open('/proc/%d/statm' % self.process.pid) as file:
            return int(file.read().split()[1]) * 4

    def run(self, how_long):
        end = time.monotonic() + how_long
        while time.monotonic() < end:
            time.sleep(min(1, max(0, end - time.monotonic())))
            self.memory.append(self.resident())
        self.process.send_signal(signal.SIGTERM)
        self.reader.join()
        with open(work + '/said') as said:
            self.said = said.read().splitlines()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.user = usage.ru_utime
        return self

    def late(self):
        """Slots in which a device was not read, of all whole slots."""
        seen = collections.Counter((f.device, f.slot) for f in self.frames)
        slots = sorted({f.slot for f in self.frames})[1:-1]
        names = {f.device for f in self.frames}
        missing = sum((name, slot) not in seen
                      for name in names for slot in slots)
        return missing + LIVE - len(names), len(slots)

    def delays(self):
        """Milliseconds after the slot's begin: median, 99 %, the last."""
        values = sorted(f.delay * 1000 for f in self.frames)
        return (statistics.median(values), values[len(values) * 99 // 100],
                values[-1])


def requests_of(path):
    """The requests of one poll, as the plan of the profile has them."""
    line = subprocess.run(['bms-poll', '-d', path], env=env, check=True,
                          capture_output=True, text=True).stdout
    return [(b['function'], b['address'],
             len(b['data']) * 4 if b['function'] <= 2 else
             len(b['data']) // 4) for b in json.loads(line)['blocks']]


def peer(requests, ports, how_long, interval):
    out = subprocess.run(
        [PEER, here + '/poll_peer.py', str(how_long), str(interval),
         ','.join(map(str, ports))], input=json.dumps(requests), check=True,
        capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core})).stdout
    polls, cpu, own, took = map(float, out.split())
    return cpu / polls, own / polls, polls / took


def main():
    server, live, silent = serve()
    gone = range(1, GONE + 1)    # privileged ports that nobody serves
    short = max(3 * every, min(seconds / 3, 20))
    one = devices('one', 0, live[:1], [])
    fleet = devices('fleet', every, live, silent + list(gone))
    only = devices('only', every, live, [])
    quick = devices('quick', 0.1, live, [])
    requests = requests_of(one)
    good = True

    def bar(held, text):
        nonlocal good
        good &= held
        print(text + ('' if held else '  NOT HELD'), flush=True)

    print('%d devices, %d dead, every %g s for %g s, on one core; %d requests '
          'a poll' % (LIVE + SILENT + GONE, SILENT + GONE, every, seconds,
                      len(requests)), flush=True)
    alone = Run(only, every).run(short)
    run = Run(fleet, every).run(seconds)
    late, slots = run.late()
    bar(late == 0 and slots > 0 and run.bad == 0 and not run.said,
        'late slots: %d of %d; failed polls of live devices: %d; said: %s' %
        (late, slots * LIVE, run.bad, run.said[:1]))
    before, after = alone.delays(), run.delays()
    print('after the slot: median %.0f ms, 99 %% %.0f ms, last %.0f ms; '
          'without the dead %.0f, %.0f and %.0f ms' % (after + before))
    bar(after[0] <= before[0] * 1.5 + 20,
        'delay that 300 dead devices add: %.0f ms (median)' %
        max(0, after[0] - before[0]))
    third = run.memory[len(run.memory) // 3]
    bar(run.memory[-1] - third <= 512,
        'memory: %d KiB after a third, %d KiB at the end' %
        (third, run.memory[-1]))
    theirs, their_own, _ = peer(requests, live, short, every)
    ours, own = alone.cpu / len(alone.frames), alone.user / len(alone.frames)
    bar(theirs / ours >= 2.5 and their_own / own >= 8,
        'CPU of 1,000 polls: %.1f ms, pymodbus %.1f ms: %.1f x (bar 2.5 x); '
        'without the kernel %.1f and %.1f ms: %.1f x (bar 8 x)' %
        (ours * 1e6, theirs * 1e6, theirs / ours, own * 1e6, their_own * 1e6,
         their_own / own))
    print('CPU of this fleet: %.2f %% of a core' % (run.cpu / seconds * 100))
    fast = Run(quick, 0.1, keep=False).run(5)
    _, _, their_rate = peer(requests, live, 5, 0)
    bar(fast.count / 5 >= 2.5 * their_rate,
        'polls a second as fast as it goes: %.0f; pymodbus %.0f: %.1f x '
        '(bar 2.5 x)' % (fast.count / 5, their_rate,
                       fast.count / 5 / their_rate))
    server.stdin.close()
    server.wait()
    print('all bars held' if good else 'a bar was NOT held')
    return 0 if good else 1


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    status = main()
finally:
    shutil.rmtree(work)
sys.exit(status)
