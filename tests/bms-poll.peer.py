"""Devices for bms-poll.t that share no code with it: peer.py KIND WHERE ..."""
import os
import select
import socket
import struct
import sys
import threading
import time
import zlib

used = {}
REGISTERS = {100: 5230, 101: 65486, 40070: 87}


def pymodbus_context():
    from pymodbus.datastore import (ModbusServerContext, ModbusSlaveContext,
                                    ModbusSparseDataBlock)
    # this library counts from 1
    block = ModbusSparseDataBlock({k + 1: v for k, v in REGISTERS.items()})
    other = ModbusSparseDataBlock({101: 5111, 102: 20, 40071: 42})
    # unit 3 has no register 40070
    short = ModbusSparseDataBlock({101: 5230, 102: 65486})
    return ModbusServerContext(single=False, slaves={
        1: ModbusSlaveContext(hr=block), 2: ModbusSlaveContext(hr=other),
        3: ModbusSlaveContext(hr=short)})


def modbus_tcp(port):
    import asyncio
    from pymodbus.server import StartAsyncTcpServer
    asyncio.run(StartAsyncTcpServer(context=pymodbus_context(),
                                    address=("127.0.0.1", int(port))))


def modbus_rtu(path):
    import asyncio
    from pymodbus.server import StartAsyncSerialServer
    from pymodbus.transaction import ModbusRtuFramer
    asyncio.run(StartAsyncSerialServer(
        context=pymodbus_context(), framer=ModbusRtuFramer, port=path,
        baudrate=9600, parity="N", timeout=0.2))


def serve(port, talk):
    server = socket.create_server(("127.0.0.1", int(port)))
    while True:
        link, _ = server.accept()
        threading.Thread(target=talk, args=(link,), daemon=True).start()


def whole(link, size):
    data = b""
    while len(data) < size:
        got = link.recv(size - len(data))
        if not got:
            raise EOFError
        data += got
    return data


def answer(transaction, unit, function, address, count):
    values = [REGISTERS.get(address + i, 0) for i in range(count)]
    pdu = struct.pack(">BB", function, 2 * count) + b"".join(
        struct.pack(">H", v) for v in values)
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def reset(link):
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    link.close()


# What the device of each unit does wrong.
def misbehave(link, t, unit, f, address, count):
    good = answer(t, unit, f, address, count)
    if unit == 1:
        link.sendall(good)
    elif unit == 2:    # hangs in the middle of the answer
        link.sendall(good[:9])
    elif unit == 3:    # answers for another unit
        link.sendall(answer(t, 33, f, address, count))
    elif unit == 4:
        reset(link)
        return False
    elif unit == 5:
        link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    elif unit == 6:    # busy
        link.sendall(struct.pack(">HHHBBB", t, 0, 3, unit, f | 0x80, 6))
    elif unit == 8:    # byte by byte
        for byte in good:
            link.sendall(bytes([byte]))
            time.sleep(0.002)
    elif unit == 9:    # an answer to an earlier request comes first
        link.sendall(answer((t - 1) & 0xFFFF, unit, f, 7, count) + good)
    elif unit == 10:   # closes
        link.close()
        return False
    elif unit == 18:   # talks and talks
        while True:
            link.sendall(answer(t + 1, unit, f, address, count) * 1000)
    elif unit == 17:   # breaks in the moment of the second question
        if link in used:
            reset(link)
            return False
        used[link] = 1
        link.sendall(good)
    return True        # 7 and others: silent


def hostile_talk(link):
    try:
        while True:
            head = whole(link, 12)
            t, _, _, unit, f, address, count = struct.unpack(">HHHBBHH", head)
            if not misbehave(link, t, unit, f, address, count):
                return
    except (EOFError, OSError):
        pass


def hostile(port):
    serve(port, hostile_talk)


def thingset_talk(link):
    answers = {
        "?Meas": ':85 {"rPackVoltage_V":13.250, "rSOC_pct":81.5}',
        "?Device": ":85 Content. {\"cFirmwareVersion\":\"v21\"}",
        "?Gone": ':A4 "Invalid endpoint"',
    }
    try:
        for line in link.makefile("r", newline="\n"):
            text = answers.get(line.strip(), ":A0")
            if text.startswith(":85 {"):
                text += " %08X#" % zlib.crc32(text.encode())
            link.sendall(b"[00:00:01.000] <inf> log text\r\n"
                         b'#mLive {"t_s":1000}\r\n'
                         + text.encode() + b"\r\n")
    except OSError:
        pass


def thingset(port):
    serve(port, thingset_talk)


def terminal(path):
    import tty
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    return fd


def read_some(fd, seconds):
    if not select.select([fd], [], [], seconds)[0]:
        return b""
    return os.read(fd, 1000)


def slcan(path, heard):
    """An adapter: answers each command, then tells messages for ever."""
    fd = terminal(path)
    got = b""
    cycle = (b"\a\rz\rt3558", b"1E0064000000000003E8\rt3558",
             b"1E00640000000000\rt8000\rt3564791400001234\r"
             b"T000003564FFFF0000\rr3558\r")
    while True:
        got += read_some(fd, 0.05)
        with open(heard + ".new", "wb") as file:
            file.write(got)
        os.replace(heard + ".new", heard)  # never seen half written
        if b"L\r" not in got:
            continue
        for piece in cycle:
            os.write(fd, piece)
            time.sleep(0.01)


def lines(path):
    """The control unit of a Green-BMS: pages as they come."""
    fd = terminal(path)
    while True:
        for line in (b"$#g00152.3$#g00210$#g00387$#g0061$\r\n",
                     b"$#v0013.33$#t00121$#u00124$#z001000000$\r\n"):
            os.write(fd, line)
            time.sleep(0.05)


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def rtu_bus(path):
    """Echoes each request; 1 answers, 2 is another unit's voice, 3 cuts,
    4 has a wrong sum, 5 is silent, 6 has a wrong sum once."""
    fd = terminal(path)
    got = b""
    damaged = set()
    while True:
        got += read_some(fd, 1)
        while len(got) >= 8:
            ask, got = got[:8], got[8:]
            unit, f, address, count = struct.unpack(">BBHH", ask[:6])
            pdu = answer(0, unit, f, address, count)[6:]
            if unit == 2:
                pdu = b"\x2a" + pdu[1:]
            out = pdu + crc(pdu)
            if unit == 3:
                out = out[:4]
            if unit == 4 or (unit == 6 and not damaged):
                damaged.add(unit)
                out = out[:-1] + bytes([out[-1] ^ 1])
            if unit == 5:
                continue
            os.write(fd, ask + b"\x00" + out if unit == 1 else out)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
