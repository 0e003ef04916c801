#!/usr/bin/env python3
"""store.py BUILD: what storing, sealing, reading and summing up cost beside
InfluxDB, SQLite's own ways, Miller and a bare loop. BENCH_ROWS sets the
readings (1,000,000), of 100 batteries, one each 30 s."""
import os
from datetime import datetime, timezone

import append
import day
import disk
import influx
import kit
import sums


class Fleet:
    batteries = 100
    rows = int(os.environ.get('BENCH_ROWS', '1000000'))
    start_ms = 1767225600000  # 2026-01-01

    def __init__(self):
        self.seconds = self.rows // self.batteries * 30
        self.end = self.at(self.seconds)

    def at(self, seconds):
        return datetime.fromtimestamp(
            self.start_ms / 1000 + seconds, timezone.utc).strftime(
                '%Y-%m-%dT%H:%M:%SZ')


def main():
    fleet = Fleet()
    kit.tenant('bench', range(fleet.batteries))
    kit.keep_root('empty')
    kit.simulate('bench', fleet.batteries, fleet.at(0), fleet.end, '30s',
                 kit.work + '/readings')
    server = influx.Server('influx')
    append.rows(fleet, server)
    disk.simulated(fleet, server)
    peer = day.make_peer()
    sums.rows(fleet, server, peer)
    server.stop()
    disk.real()
    day.rows(fleet, peer)
    append.writing(fleet)


kit.main(main)
