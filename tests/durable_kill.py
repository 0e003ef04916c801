"""durable_kill.py SEED ROUNDS: everything is killed while a stream runs.

A known stream goes through spool put and spool each into two stores, beside
all that cron would run. Each program is killed ROUNDS times with SIGKILL, at
instants measured in bytes and in time, and started again. What the stores
hold at the end is compared with the stream, what is derived of them with a
run that nobody disturbed. Lines that were acknowledged are never sent again.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback

import durable_stream as stream

SEED, ROUNDS = int(sys.argv[1]), int(sys.argv[2])
ROOT = os.environ['TBMS_ROOT']
SPOOL = os.path.join(ROOT, 'spool')
STAGES = 'each', 'feeder', 'bms-normalize', 'append', 'live'
NOW = '2026-03-03T00:00:00Z'  # for silence
AHEAD = 2000  # lines without their acknowledgement

hits, tries, trouble = {}, {}, []
started = []
lock = threading.Lock()
stop = threading.Event()


def start(*command, **more):
    process = subprocess.Popen(command, **more)
    started.append(process)
    return process


def guarded(work, *operands):
    """A thread; what goes wrong in it ends everything."""
    def inner():
        try:
            work(*operands)
        except BaseException:
            traceback.print_exc()
            give_up()
    thread = threading.Thread(target=inner)
    thread.start()
    return thread


def give_up(*_):
    print('# gave up: killed %s of %s' % (hits, tries), flush=True)
    for process in started:
        process.poll() is None and process.kill()
    os._exit(1)


def note(table, name):
    with lock:
        table[name] = table.get(name, 0) + 1


def progress(pid):
    """Bytes that a process has read and written; None when it is gone."""
    try:
        with open('/proc/%d/io' % pid) as file:
            text = file.read()
        return sum(int(x) for x in re.findall(r'[rw]char: (\d+)', text))
    except OSError:
        return None


def alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False


def strike(name, pid, dice, reach, patience):
    """Kill a process after some bytes or some time; True when it was hit."""
    begun, until = progress(pid) or 0, time.monotonic() + patience
    mark = begun + dice.randint(0, reach) if dice.random() < .7 else None
    if mark is None:
        until = time.monotonic() + dice.uniform(0, patience)
    while time.monotonic() < until:
        now = progress(pid)
        if now is None or (mark is not None and now >= mark):
            break
        time.sleep(.001)
    note(tries, name)
    try:
        if not alive(pid):
            return False
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    note(hits, name)
    return True


class Field:
    """Sends the stream and keeps what was acknowledged."""

    def __init__(self, dice):
        self.dice, self.acked, self.first, self.last = dice, set(), 0, 0
        self.enough = threading.Event()
        self.logs = open('put.err', 'ab')

    def hear(self, process):
        for mark in process.stdout:
            found = re.search(rb'"segment":(\d+)', mark)
            numbers = stream.segment(SPOOL, int(found[1]))
            if numbers is not None:
                self.acked.update(numbers)
            while self.first in self.acked:
                self.acked.discard(self.first)
                self.first += 1

    def send(self, process):
        """Until it is killed, or all that is wanted is on its way."""
        k, waiting = self.first, None
        try:
            while not self.enough.is_set():
                count = self.dice.randint(1, 120)
                if k - self.first > AHEAD:
                    # a segment was archived before we saw what it held
                    if waiting and time.monotonic() - waiting > 2.5:
                        k = self.first
                    waiting = waiting or time.monotonic()
                    time.sleep(.01)
                    continue
                waiting = None
                text = ''.join(stream.line(n) + '\n'
                               for n in range(k, k + count)
                               if n not in self.acked)
                k += count
                self.last = max(self.last, k)
                process.stdin.write(text.encode())
                process.stdin.flush()
                time.sleep(self.dice.uniform(0, .06))
            # what was begun is sent to its end
            process.stdin.write(''.join(
                stream.line(n) + '\n' for n in range(k, self.last)
                if n not in self.acked).encode())
            process.stdin.close()
            return process.wait() == 0
        except (BrokenPipeError, ValueError):
            return False

    def run(self):
        done = False
        while not done:
            process = start('spool', 'put', SPOOL, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=self.logs)
            ear = guarded(self.hear, process)
            killer = None
            if hits.get('put', 0) < ROUNDS:
                killer = guarded(strike, 'put', process.pid, self.dice,
                                 400000, 2.5)
            done = self.send(process)
            if killer:
                killer.join()
            process.wait()
            ear.join()


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
            return [int(x) for x in file.read().split()]
    except OSError:
        return []


def find(pid, name):
    """The process of that name under spool each, which is pid itself."""
    if name == 'each':
        return pid
    for child in children(pid):
        try:
            with open('/proc/%d/cmdline' % child, 'rb') as file:
                words = file.read().decode().split('\0')
        except OSError:
            continue
        told = 'feeder' if words[:2] == ['spool', 'each'] else \
            'append' if words[0] == 'tenant-db' else words[0]
        if told == name:
            return child
    return None


def each(*more):
    return ['spool', 'each', *more, SPOOL, '--', 'bms-normalize', '|',
            'tenant-db', 'append', '--all', '|', 'live', '--all']


def moved(process):
    """Wait for a mark that comes back from the stages, behind lines."""
    fed, until = None, time.monotonic() + 15
    while time.monotonic() < until and process.poll() is None:
        now = set(os.listdir(SPOOL + '/fed'))
        if fed is not None and now - fed:
            return
        fed = now if fed is None else fed & now
        time.sleep(.002)


def pipeline(dice):
    """As systemd would: started again whenever it has ended."""
    log = open('each.err', 'ab')
    while not stop.is_set():
        process = start(*each('-s', '300ms'), stderr=log)
        while process.poll() is None and not stop.is_set():
            left = [n for n in STAGES if hits.get(n, 0) < ROUNDS]
            if not left:
                time.sleep(.02)
                continue
            name = dice.choice(left)
            if dice.random() < .8:  # else nothing would ever come forward
                moved(process)
            pid = find(process.pid, name)
            if pid:
                strike(name, pid, dice, 300000, .5)
            else:
                time.sleep(.005)
        if stop.is_set():
            process.terminate()
        process.wait()
        time.sleep(.02)


MIGRATE = ['tenant-db', 'migrate', '--root', 'old', '--tenant', 'old']
REPLAY = ('spool replay -t alpha "$1" | bms-normalize |'
          ' tenant-db append --tenant alpha >/dev/null')


def jobs():
    key = os.path.join(os.getcwd(), 'key')
    stream.run('tenant-db', 'key', 'create', key)
    both = [x for t in stream.TENANTS for x in ('--tenant', t)]
    return {
        'seal': ['tenant-db', 'seal', *both],
        'judge': ['tenant-db', 'judge', *both],
        'rollup': ['rollup', *both],
        'alert-eval': ['alert-eval', '--now', NOW, *both],
        'dashboard': ['dashboard', *both],
        'backup': ['tenant-db', 'backup', '--key', key, *both],
        'migrate': MIGRATE,
        'replay': None,
    }


def replay():
    """The replay alone is to be killed, not the shell before it."""
    process = start('sh', '-c', REPLAY, 'sh', SPOOL,
                    stderr=open('replay.err', 'ab'))
    for _ in range(200):
        for child in children(process.pid):
            try:
                with open('/proc/%d/comm' % child) as file:
                    if file.read().strip() == 'spool':
                        return process, child
            except OSError:
                pass
        if process.poll() is not None:
            break
        time.sleep(.001)
    return process, process.pid


OLD_ROWS = 20000


def old_tenant():
    """A database of the first edition, with rows; put back each time."""
    path = 'old/tenants/old/tenant.db'
    if not os.path.exists('old.db'):
        os.makedirs(os.path.dirname(path))
        stream.first_edition('old.db', OLD_ROWS)
    for end in '', '-wal', '-shm':
        if os.path.exists(path + end):
            os.unlink(path + end)
    shutil.copy('old.db', path)


def migrated(log):
    """After a kill the next run brings it to the newest schema, whole."""
    path = 'old/tenants/old/tenant.db'
    newest = len(os.listdir(os.path.join(
        os.environ['TBMS_SHARE'], 'schema/tenant')))
    done = subprocess.run(MIGRATE, stderr=log)
    got = stream.run('sqlite3', path, 'PRAGMA integrity_check; PRAGMA'
                     ' user_version; SELECT count(*) FROM clients_config')
    if done.returncode != 0 or got.stdout.decode().split() != [
            'ok', str(newest), str(OLD_ROWS)]:
        trouble.append('migrate: %d %s' % (done.returncode, got.stdout))


def cron(dice, mine, table):
    """Each job is killed on its way; now and then one may end."""
    usual = {name: 1.3 if name == 'replay' else .05 for name in mine}
    reach = {name: 100000 for name in mine}
    log = open('cron.err', 'ab')
    while not stop.is_set() and any(hits.get(n, 0) < ROUNDS for n in mine):
        name = dice.choice([n for n in mine if hits.get(n, 0) < ROUNDS])
        if name == 'migrate':
            old_tenant()
        begun = time.monotonic()
        if name == 'replay':
            process, pid = replay()
        else:
            process = start(*table[name], stderr=log,
                            stdout=subprocess.DEVNULL)
            pid = process.pid
        if dice.random() < .8:
            strike(name, pid, dice, reach[name], usual[name])
            process.wait()
            if name == 'migrate':
                migrated(log)
        else:
            seen = 0
            while process.poll() is None:
                seen = max(seen, progress(pid) or 0)
                time.sleep(.002)
            usual[name] = max(.01, time.monotonic() - begun)
            reach[name] = max(20000, seen)
            if process.returncode not in (0,):
                trouble.append('%s ended with %d' % (name, process.returncode))


def backups():
    """What killed backups left: whole files only, each can be restored."""
    count = 0
    for tenant in stream.TENANTS:
        folder = os.path.join(ROOT, 'backups', tenant)
        # under load each may have been killed before it made the folder
        made = os.listdir(folder) if os.path.isdir(folder) else []
        for name in sorted(made):
            if name.startswith('.'):
                continue
            count += 1
            subprocess.run(['rm', '-rf', 'restored'], check=True)
            done = subprocess.run(
                ['tenant-db', 'restore', '--root', 'restored', '--tenant',
                 tenant, '--key', 'key', os.path.join(folder, name)],
                capture_output=True)
            if done.returncode != 0:
                trouble.append('%s: %s' % (name, done.stderr.decode()))
    return count


def finish(root):
    for command in (['tenant-db', 'seal'], ['tenant-db', 'judge'], ['rollup'],
                    ['alert-eval', '--now', NOW], ['dashboard', '--now', NOW]):
        both = [x for t in stream.TENANTS for x in ('--tenant', t)]
        done = subprocess.run([*command, '--root', root, *both],
                              capture_output=True)
        if done.returncode != 0:
            trouble.append('%s at the end: %s' % (command, done.stderr))


def archived():
    text = stream.run('sh', '-c', 'find "$1/archive" -name "*.zst"'
                      ' -exec zstd -qdc {} +', 'sh', SPOOL).stdout
    return {stream.number(x) for x in text.splitlines()}


def quiet(last):
    root = os.path.join(os.getcwd(), 'quiet')
    os.mkdir(root)
    stream.create(root)
    text = ''.join(stream.line(k) + '\n' for k in range(last)).encode()
    made = stream.run('bms-normalize', input=text).stdout
    stream.run('tenant-db', 'append', '--root', root, '--all', input=made)
    finish(root)
    return root


def main():
    print('# seed %d, %d rounds (SEED=%d TBMS_KILLS=%d)' % (
        SEED, ROUNDS, SEED, ROUNDS))
    dice = random.Random(SEED)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(300 + 60 * ROUNDS)
    stream.create(ROOT)
    table = jobs()
    field = Field(random.Random(dice.random()))
    stream.run('spool', 'put', SPOOL, input=b'')
    first = ('seal', 'judge', 'rollup', 'alert-eval')
    sender = guarded(field.run)
    workers = [guarded(pipeline, random.Random(dice.random()))] + [
        guarded(cron, random.Random(dice.random()), mine, table)
        for mine in (first, [n for n in table if n not in first])]
    until = time.monotonic() + 120 + 30 * ROUNDS
    while time.monotonic() < until and any(
            hits.get(n, 0) < ROUNDS for n in (*STAGES, 'put', *table)):
        time.sleep(.1)
    field.enough.set()
    sender.join()
    stop.set()
    for worker in workers:
        worker.join()
    judge(field)


def judge(field):
    with open('last.err', 'wb') as log:
        while subprocess.run(['flock', '-n', SPOOL + '/each.lock', 'true']
                             ).returncode != 0:
            time.sleep(.05)
        done = subprocess.run(each('--once'), stderr=log)
    if done.returncode != 0:
        trouble.append('the last run ended with %d' % done.returncode)
    finish(ROOT)
    waited = b'has to wait' in open('each.err', 'rb').read()
    wrong, rows = stream.compare(ROOT, field.last, counted=not waited)
    wrong2, more = stream.compare_derived(ROOT, quiet(field.last))
    lost = set(range(field.last)) - archived()
    trouble.extend(wrong + wrong2)
    if lost:
        trouble.append('%d lines are not in the archive' % len(lost))
    left = [name for part in ('new', 'fed', 'wait', 'refused')
            for name in os.listdir(os.path.join(SPOOL, part))]
    if left:
        trouble.append('left in the spool: %s' % left[:5])
    for log in 'each.err', 'cron.err', 'replay.err', 'last.err', 'put.err':
        if b'locked' in open(log, 'rb').read():
            trouble.append('%s: somebody found it locked' % log)
    whole = backups()
    for name in sorted(tries):
        print('# killed %-13s %3d of %3d times while it ran' % (
            name, hits.get(name, 0), tries[name]))
        if hits.get(name, 0) < ROUNDS:
            trouble.append('%s was not killed often enough' % name)
    print('# %d lines, %d stored rows compared, %d derived ones, %d backups'
          % (field.last, rows, more, whole))
    for one in trouble:
        print('# %s' % one)
    sys.exit(1 if trouble else 0)


main()
