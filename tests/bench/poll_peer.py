#!/usr/bin/env python3
"""poll_peer.py SECONDS EVERY PORTS: what an integrator writes with pymodbus,
a connection to each device and all of them asked at once. Reads the requests
of one poll as JSON on standard input. Prints polls, seconds of
CPU in all and of our own code, and seconds."""
import asyncio
import json
import os
import resource
import sys
import time

from pymodbus.client import AsyncModbusTcpClient


async def poll(client, requests):
    calls = {1: client.read_coils, 2: client.read_discrete_inputs,
             3: client.read_holding_registers, 4: client.read_input_registers}
    for function, address, count in requests:
        answer = await calls[function](address, count, slave=1)
        if answer.isError():
            raise SystemExit("peer: %r" % answer)


async def main():
    seconds, every = float(sys.argv[1]), float(sys.argv[2])
    requests = json.load(sys.stdin)
    clients = [AsyncModbusTcpClient("127.0.0.1", port=int(port))
               for port in sys.argv[3].split(",")]
    await asyncio.gather(*(c.connect() for c in clients))
    before, begin, polls = os.times(), time.monotonic(), 0
    while True:
        await asyncio.gather(*(poll(c, requests) for c in clients))
        polls += len(clients)
        if time.monotonic() - begin >= seconds:
            break
        await asyncio.sleep(max(0, every - (time.monotonic() - begin) % every)
                            if every else 0)
    after = os.times()
    print(polls, after.user + after.system - before.user - before.system,
          after.user - before.user, time.monotonic() - begin)

resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main())
