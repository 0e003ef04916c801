"""Appending and sealing beside a bare loop and InfluxDB, and what appending
writes to the disk."""
import os
import subprocess

import kit


def us(cpu, count):
    return '%.2f us a row' % (cpu / count * 1e6)


def append():
    kit.root_again('empty')
    return kit.run(['tenant-db', 'append', '--tenant', 'bench'],
                   kit.work + '/readings')[0]


def bare():
    path = kit.work + '/bare.db'
    for name in (path, path + '-wal', path + '-shm'):
        if os.path.exists(name):
            os.unlink(name)
    return kit.run([kit.work + '/bare', path], kit.work + '/readings')[0]


def rows(fleet, server):
    """Leaves the roots `fresh` and `sealed`."""
    kit.compile('bare', '-lsqlite3')
    ours, loop = kit.beside(append, bare)
    kit.keep_root('fresh')
    kit.row('append: a bare C loop, one packed row, no index',
            us(ours, fleet.rows), us(loop, fleet.rows), ours / loop, 2.5, 2,
            most=True)
    begin = server.cpu()
    server.load(kit.work + '/readings')
    loaded = server.cpu() - begin
    kit.row('append: InfluxDB 1.6, line protocol, server only, while loading',
            us(ours, fleet.rows), us(loaded, fleet.rows), loaded / ours, 6, 12)
    server.settle()
    settled = server.cpu() - begin

    def seal():
        kit.root_again('fresh')
        return kit.run(['tenant-db', 'seal', '--tenant', 'bench', '--now',
                        fleet.end])[0]

    sealed, = kit.beside(seal)
    kit.keep_root('sealed')
    kit.row('append and seal: InfluxDB with its compaction',
            us(ours + sealed, fleet.rows), us(settled, fleet.rows),
            settled / (ours + sealed), None)


def written(argv, directory):
    """Bytes that a program and its children write to files there."""
    log = kit.work + '/strace'
    subprocess.run(['strace', '-f', '-y', '-qq', '-o', log, '-e',
                    'trace=write,pwrite64,writev,pwritev'] + argv,
                   env=kit.env, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    total = 0
    with open(log) as lines:
        for line in lines:
            if '<' + directory in line and ' = ' in line:
                total += max(0, int(line.rsplit(' = ', 1)[1].split()[0]))
    return total


def spooled(frames, per_commit):
    """Bytes written for each of these frames on their way through a spool,
    so many in a segment and so in a commit; and to seal them."""
    kit.root_again('sealed')
    spool = kit.work + '/root/spool'
    for n in range(0, len(frames), per_commit):
        subprocess.run(['spool', 'put', spool], env=kit.env, check=True,
                       input=''.join(frames[n:n + per_commit]).encode(),
                       stdout=subprocess.DEVNULL)
    size = sum(map(len, frames))  # put writes each line once, in its segment
    size += written(['spool', 'each', '-1', spool, '--', 'bms-normalize', '|',
                     'tenant-db', 'append', '--tenant', 'bench'],
                    kit.work + '/root')
    sealing = written(['tenant-db', 'seal', '--tenant', 'bench'],
                      kit.work + '/root')
    return size / len(frames), sealing / len(frames)


def writing(fleet):
    path = kit.work + '/frames'
    kit.simulate_frames('bench', fleet.batteries, fleet.end,
                        fleet.at(fleet.seconds + 6000), '30s', path)
    with open(path) as lines:
        frames = lines.readlines()
    for per_commit, count, must, stretch in ((100, 20000, 1200, 850),
                                             (4, 2000, None, None)):
        size, sealing = spooled(frames[:count], per_commit)
        kit.row('bytes written a row, frame to fresh row, %d rows a commit, '
                'spool, archive and checkpoints included' % per_commit,
                '%.0f B' % size, 'and %.0f B to seal it' % sealing, size,
                must, stretch, most=True, unit=' B')
