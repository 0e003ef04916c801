"""InfluxDB as a peer: a server of its own, and readings as line protocol."""
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse

import kit

CONFIG = '''reporting-enabled = false
bind-address = "127.0.0.1:%(backup)d"
[meta]
  dir = "%(dir)s/meta"
[data]
  dir = "%(dir)s/data"
  wal-dir = "%(dir)s/wal"
  # it compacts at once what it would after minutes and hours
  cache-snapshot-write-cold-duration = "2s"
  compact-full-write-cold-duration = "4s"
  trace-logging-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:%(http)d"
  log-enabled = false
[logging]
  level = "warn"
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
'''
# What derives from other values is not stored by us; it gets none either.
DERIVED = {'cell_voltage_min', 'cell_voltage_max', 'cell_voltage_avg',
           'cell_voltage_diff', 'charge_current', 'discharge_current',
           'pack_power', 'charge_power', 'discharge_power', 'temp_min',
           'temp_max', 'temp_avg'}
HEAD = {'kind', 'time', 'tenant', 'device', 'battery', 'profile', 'gen'}


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def ms_of(text, days={}):
    """Milliseconds since 1970 of a canonical time."""
    day = days.get(text[:10])
    if day is None:
        from datetime import date
        day = date.fromisoformat(text[:10]).toordinal() - 719163
        days[text[:10]] = day
    return day * 86400000 + int(text[11:13]) * 3600000 + \
        int(text[14:16]) * 60000 + int(text[17:19]) * 1000 + int(text[20:23])


def line(reading):
    """Numbers as floats, as its clients send them; a field for each item
    of a list."""
    fields = []
    for name, value in reading.items():
        if name in HEAD or name in DERIVED:
            continue
        if isinstance(value, list):
            if value and isinstance(value[0], (int, float)):
                fields += ['%s_%d=%s' % (name, i, v)
                           for i, v in enumerate(value) if v is not None]
            elif value:
                fields.append('%s="%s"' % (name, ' '.join(map(str, value))))
        elif isinstance(value, bool):
            fields.append('%s=%s' % (name, 'true' if value else 'false'))
        elif isinstance(value, str):
            fields.append('%s="%s"' % (name, value.replace('"', '')))
        elif isinstance(value, (int, float)):
            fields.append('%s=%s' % (name, value))
    return 'r,device=%s %s %d\n' % (reading['device'], ','.join(fields),
                                    ms_of(reading['time']))


class Server:
    def __init__(self, name):
        self.dir = kit.work + '/' + name
        os.makedirs(self.dir)
        self.port = free_port()
        with open(self.dir + '/config', 'w') as out:
            out.write(CONFIG % dict(dir=self.dir, backup=free_port(),
                                    http=self.port))
        with open(self.dir + '/said', 'w') as log:
            self.process = subprocess.Popen(
                ['influxd', '-config', self.dir + '/config'], stdout=log,
                stderr=log, env=dict(kit.env, HOME=self.dir))
        for _ in range(300):
            try:
                self.ask('/ping', None, 'GET')
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit('bench: influxd does not start')
        self.ask('/query?' + urllib.parse.urlencode(
            {'q': 'CREATE DATABASE b'}), '')

    def ask(self, path, body, method='POST'):
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=600)
        connection.request(method, path, body)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            sys.exit('bench: influxd: %s' % text[:300])
        return text

    def cpu(self):
        """Of the server until now, in seconds."""
        with open('/proc/%d/stat' % self.process.pid) as file:
            words = file.read().rsplit(')', 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')

    def load(self, readings):
        """A file of readings, 5,000 a request; how many."""
        batch, count = [], 0
        with open(readings) as lines:
            for text in lines:
                batch.append(line(json.loads(text)))
                count += 1
                if len(batch) == 5000:
                    self.write(batch)
                    batch = []
        if batch:
            self.write(batch)
        return count

    def write(self, batch):
        self.ask('/write?db=b&precision=ms', ''.join(batch).encode())

    def files(self):
        return [os.path.join(at, name)
                for top in ('data/b', 'wal/b')
                for at, _, names in os.walk(self.dir + '/' + top)
                for name in names]

    def tables(self):
        """Bytes of its compacted tables alone, without its index."""
        return sum(os.path.getsize(f) for f in self.files()
                   if f.endswith('.tsm'))

    def settle(self):
        """Wait until all is compacted: no log, and no work any more."""
        quiet, before = 0, self.cpu()
        for _ in range(600):
            time.sleep(1)
            now = self.cpu()
            log = sum(os.path.getsize(f) for f in self.files()
                      if f.endswith('.wal'))
            quiet = quiet + 1 if now - before < 0.05 and log < 4096 else 0
            before = now
            if quiet == 6:
                return
        sys.exit('bench: influxd goes on compacting')

    def select(self, query):
        return json.loads(self.ask('/query?' + urllib.parse.urlencode(
            {'db': 'b', 'epoch': 'ms', 'q': query}), None, 'GET'))

    def stop(self):
        self.process.terminate()
        self.process.wait()
