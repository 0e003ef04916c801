#!/usr/bin/env python3
"""profiles-peer.py PORT: RTU over TCP, two devices with ways of their own:
unit 129 answers as unit 81; unit 1 has addresses that count bytes. Prints a
line when it listens."""
import json
import socketserver
import sys


def crc(data):
    value = 0xffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xa001 if value & 1 else 0)
    return value.to_bytes(2, 'little')


def vector(name, number):
    top = json.load(open('%s/profiles/%s.json' % (sys.argv[2], name)))
    return [(b['address'], bytes.fromhex(b['data']))
            for b in top['vectors'][number]['frame']['blocks']]


daly = {}
for first, data in vector('daly-modbus-81', 0):
    for i in range(0, len(data), 2):
        daly[first + i // 2] = data[i:i + 2]
jk = {}
for first, data in vector('jk-pb-modbus', 1):
    for i, byte in enumerate(data):
        jk[first + i] = bytes([byte])


def registers(unit, address, count):
    if unit == 129:
        return 81, b''.join(daly.get(address + i, b'\0\0')
                            for i in range(count))
    return unit, b''.join(jk.get(address + i, b'\0')
                          for i in range(2 * count))


class Peer(socketserver.BaseRequestHandler):
    def handle(self):
        waiting = b''
        while True:
            more = self.request.recv(256)
            if not more:
                return
            waiting += more
            while len(waiting) >= 8:
                ask, waiting = waiting[:8], waiting[8:]
                if crc(ask[:6]) != ask[6:]:
                    return
                unit, data = registers(
                    ask[0], int.from_bytes(ask[2:4], 'big'),
                    int.from_bytes(ask[4:6], 'big'))
                answer = bytes([unit, ask[1], len(data)]) + data
                self.request.sendall(answer + crc(answer))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


with Server(('127.0.0.1', int(sys.argv[1])), Peer) as server:
    print('listening', flush=True)
    server.serve_forever()
