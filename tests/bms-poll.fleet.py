"""Fleets for bms-poll-fleet.t: fleet.py KIND ... ; none shares code with
ours. Each answers reads of holding registers with their own address."""
import asyncio
import os
import select
import socket
import struct
import sys
import time
import tty


def pdu(unit, function, address, count):
    return struct.pack(">BBB", unit, function, 2 * count) + b"".join(
        struct.pack(">H", (address + i) & 0xFFFF) for i in range(count))


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


async def requests(reader):
    """The requests of one Modbus TCP connection."""
    while True:
        try:
            head = await reader.readexactly(12)
        except (asyncio.IncompleteReadError, OSError):
            return
        yield struct.unpack(">HHHBBHH", head)


def put(writer, transaction, unit, function, address, count):
    body = pdu(unit, function, address, count)
    writer.write(struct.pack(">HHH", transaction, 0, len(body)) + body)


def bound(address="127.0.0.1"):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, 0))
    return server


def tell(path, lines):
    with open(path + ".new", "w") as file:
        file.write("".join("%s\n" % line for line in lines))
    os.rename(path + ".new", path)


def many(path, live, silent, gone, address="127.0.0.1"):
    """So many endpoints that answer, are silent, or refuse: the lines of
    `path` say which at which port."""
    async def answer(reader, writer):
        async for t, _, _, unit, f, at, count in requests(reader):
            put(writer, t, unit, f, at, count)
        writer.close()

    async def run():
        names, keep = [], []
        for kind, count in (("live", live), ("silent", silent),
                            ("gone", gone)):
            for _ in range(int(count)):
                server = bound(address)
                names.append("%s %d" % (kind, server.getsockname()[1]))
                if kind == "live":
                    await asyncio.start_server(answer, sock=server)
                elif kind == "silent":
                    server.listen(16)    # a connection, and no word
                keep.append(server)
        tell(path, names)
        await asyncio.Event().wait()
    asyncio.run(run())


def gateways(path, units, *living):
    """One gateway for each list of living units (1,2,3) of `units`."""
    async def run():
        names = []
        for text in living:
            alive = {int(unit) for unit in text.split(",")}

            async def answer(reader, writer, alive=alive):
                async for t, _, _, unit, f, at, count in requests(reader):
                    if unit in alive:
                        put(writer, t, unit, f, at, count)
                writer.close()
            server = bound()
            names.append("%s %d" % (text, server.getsockname()[1]))
            await asyncio.start_server(answer, sock=server)
        tell(path, names)
        await asyncio.Event().wait()
    asyncio.run(run())


def bus(path, living):
    """A serial line on which only these units answer."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    alive = {int(unit) for unit in living.split(",")}
    got = b""
    while True:
        if not select.select([fd], [], [], 1)[0]:
            got = b""
            continue
        got += os.read(fd, 1000)
        while len(got) >= 8:
            ask, got = got[:8], got[8:]
            unit, f, at, count = struct.unpack(">BBHH", ask[:6])
            if crc(ask[:6]) == ask[6:] and unit in alive:
                body = pdu(unit, f, at, count)
                os.write(fd, body + crc(body))


def diary(path, log):
    """Answers, and writes down what happened: open, close, ask and the
    seconds since the answer before. Serves one connection at a time."""
    server = bound()
    server.listen(16)
    tell(path, ["diary %d" % server.getsockname()[1]])
    out = open(log, "w", buffering=1)
    while True:
        link, _ = server.accept()
        out.write("open\n")
        last = None
        while True:
            head = link.recv(12)
            if len(head) < 12:
                break
            if last is not None:
                out.write("ask %.3f\n" % (time.monotonic() - last))
            t, _, _, unit, f, at, count = struct.unpack(">HHHBBHH", head)
            body = pdu(unit, f, at, count)
            last = time.monotonic()
            link.sendall(struct.pack(">HHH", t, 0, len(body)) + body)
        out.write("close\n")
        link.close()


def tired(path, times, seconds):
    """Takes so long for each of the first answers, then none."""
    left = int(times)
    server = bound()
    server.listen(16)
    tell(path, ["tired %d" % server.getsockname()[1]])
    while True:
        link, _ = server.accept()
        while True:
            head = link.recv(12)
            if len(head) < 12:
                break
            if left > 0:
                left -= 1
                time.sleep(float(seconds))
            t, _, _, unit, f, at, count = struct.unpack(">HHHBBHH", head)
            body = pdu(unit, f, at, count)
            link.sendall(struct.pack(">HHH", t, 0, len(body)) + body)


def rtu_tcp(port):
    """pymodbus with the frames of a serial line over TCP."""
    from pymodbus.datastore import (ModbusServerContext, ModbusSlaveContext,
                                    ModbusSparseDataBlock)
    from pymodbus.server import StartAsyncTcpServer
    from pymodbus.transaction import ModbusRtuFramer
    units = {unit: ModbusSlaveContext(hr=ModbusSparseDataBlock(
        {101: 5230 + unit, 102: 65486, 40071: 87})) for unit in (1, 2)}
    asyncio.run(StartAsyncTcpServer(
        context=ModbusServerContext(single=False, slaves=units),
        framer=ModbusRtuFramer, address=("127.0.0.1", int(port))))


def judge(every, path, *devices):
    """Prints what is wrong with the frames of `path`: each device has one
    frame without an error in each slot between the first and the last."""
    import json
    from datetime import datetime
    every = float(every)
    slots = {}
    for line in open(path):
        try:
            frame = json.loads(line)
        except ValueError:
            continue    # cut by the end
        at = datetime.fromisoformat(
            frame["time"].replace("Z", "+00:00")).timestamp()
        slots.setdefault(frame["device"], []).append(
            (int(at / every), frame.get("error")))
    last = min(max(s for s, _ in slots.get(d, [(0, "")])) for d in devices)
    first = max(min(s for s, _ in slots.get(d, [(0, "")])) for d in devices)
    if last - first < 3:
        print("only %d slots" % (last - first + 1))
    for device in devices:
        got = [s for s, e in slots.get(device, []) if first <= s <= last]
        if got != list(range(first, last + 1)):
            print("%s: slots %s of %d to %d" % (device, got, first, last))
        for s, error in slots.get(device, []):
            if error is not None:
                print("%s: %d: %s" % (device, s, error))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
