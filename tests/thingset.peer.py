"""A binary ThingSet device from the specification, with python3-cbor2:
thingset.peer.py tcp PORT | serial PATH | slcan PATH | text PATH [LOG]."""
import os
import socket
import struct
import sys
import threading
import time
import tty
import zlib

import cbor2


class Single(float):
    """A float that goes out in 32 bits."""


def encode(value):
    """cbor2, but singles where the firmware has them."""
    if isinstance(value, Single):
        return b"\xfa" + struct.pack(">f", value)
    if isinstance(value, list):
        assert len(value) < 24
        return bytes([0x80 + len(value)]) + b"".join(map(encode, value))
    if isinstance(value, dict):
        assert len(value) < 24
        return bytes([0xA0 + len(value)]) + b"".join(
            encode(k) + encode(v) for k, v in value.items())
    return cbor2.dumps(value)


PATHS = {0x07: "Meas", 0x10: "t_s", 0x31: "mLive",
         0x71: "Meas/rPackVoltage_V", 0x73: "Meas/rPackCurrent_A",
         0x74: "Meas/rCellTemps_degC", 0x7C: "Meas/rSOC_pct",
         0x7E: "Meas/rErrorFlags", 0x7F: "Meas/rBmsState",
         0x80: "Meas/rCellVoltages_V", 0x84: "Meas/rBalancingStatus",
         0x1D: "pNodeID"}
VALUES = {0x10: 1000, 0x71: Single(13.25), 0x73: Single(-3.14),
          0x74: [Single(23.4), 24.0], 0x7C: 81.5, 0x7E: 130, 0x7F: 2,
          0x80: [Single(3.312), Single(3.313), 3.31, Single(3.315), 0.0],
          0x84: 8, 0x1D: "DEADC0DE"}
LIVE = [0x10, 0x71, 0x73, 0x7C, 0x7F]
NONE = b"\xf6"
LARGE = len(sys.argv) > 3 and sys.argv[3] == "large"


def answer(code, payload=NONE):
    return bytes([code]) + NONE + payload


def below(path):
    prefix = path + "/" if path else ""
    return [i for i, p in PATHS.items() if p.startswith(prefix)
            and "/" not in p[len(prefix):]]


def fetch(endpoint, path, wanted):
    if endpoint == 0x17:
        if not all(i in PATHS for i in wanted):
            return answer(0xA4)
        return answer(0x85, encode([PATHS[i] for i in wanted]))
    if endpoint == 0x16:
        known = {p: i for i, p in PATHS.items()}
        return answer(0x85, encode([known[p] for p in wanted]))
    if wanted is None:
        ids = LIVE if path == "mLive" else below(path)
        return answer(0x85, encode(
            ids if isinstance(endpoint, int) else
            [PATHS[i].split("/")[-1] for i in ids]))
    ids = {PATHS[i].split("/")[-1]: i for i in below(path)}
    return answer(0x85, encode(
        [VALUES[w if isinstance(w, int) else ids[w]] for w in wanted]))


def get(endpoint, path):
    ids = below(path)
    if not ids and path != "":
        (ident,) = [i for i, p in PATHS.items() if p == path]
        return answer(0x85, encode(VALUES[ident]))
    return answer(0x85, encode(
        {i if isinstance(endpoint, int) else PATHS[i].split("/")[-1]:
         VALUES.get(i) for i in ids}))


def serve(message):
    """The answer to a message; none for what is no request."""
    if message[:1] == b"?":
        return b":85 {\"rPackVoltage_V\":13.25}"
    if message[0] not in (1, 5):
        return answer(0xA5) if message[0] < 8 else None
    stream = cbor2.CBORDecoder(__import__("io").BytesIO(message[1:]))
    endpoint = stream.decode()
    path = PATHS.get(endpoint) if isinstance(endpoint, int) else endpoint
    if endpoint == 0:
        path = ""
    if message[0] == 5:
        return fetch(endpoint, path, stream.decode())
    if path is None or (path and path not in PATHS.values()):
        return answer(0xA4)
    if LARGE and path == "Meas":
        return answer(0xAD)
    return get(endpoint, path)


def report(values_only):
    value = ([VALUES[i] for i in LIVE] if values_only
             else {i: VALUES[i] for i in LIVE})
    return b"\x1f" + encode(0x31) + encode(value)


# -- streams: the framing of the Bluetooth transport

ESCAPES = {0x0A: b"\xce\xca", 0x0D: b"\xce\xcd", 0xCE: b"\xce\xcf"}


def frame(message):
    return b"".join(ESCAPES.get(b, bytes([b])) for b in message) + b"\n"


def unframe(line):
    return (line.replace(b"\xce\xca", b"\n").replace(b"\xce\xcd", b"\r")
            .replace(b"\xce\xcf", b"\xce"))


def talk(read, write, values_only):
    lock, done = threading.Lock(), threading.Event()

    def publish():
        while not done.wait(0.1):
            with lock:
                try:
                    write(b"\n" + frame(report(values_only)))
                except OSError:
                    return
    threading.Thread(target=publish, daemon=True).start()
    left = b""
    while True:
        try:
            came = read()
        except OSError:
            break
        if not came:
            break
        *lines, left = (left + came).split(b"\n")
        for line in lines:
            reply = serve(unframe(line)) if line else None
            if reply is not None:
                with lock:
                    # in two pieces, and with a line of log before it
                    out = b"[00:00:01] <inf> log\n" + frame(reply)
                    write(out[:30])
                    time.sleep(0.01)
                    write(out[30:])
    done.set()


def tcp(port, _=None):
    server = socket.create_server(("127.0.0.1", int(port)))
    while True:
        peer, _ = server.accept()
        threading.Thread(target=talk, daemon=True, args=(
            lambda peer=peer: peer.recv(4096), peer.sendall, True)).start()


def raw(path):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    open("%s.ready" % path, "w").close()
    return fd


def serial(path):
    fd = raw(path)
    talk(lambda: os.read(fd, 4096), lambda data: os.write(fd, data), False)


def text(path):
    """Text mode: answers and reports with sums, one of them wrong."""
    fd = raw(path)

    def put(line, wrong=0):
        os.write(fd, b"%s %08X#\r\n" % (line, zlib.crc32(line) ^ wrong))

    def publish():
        while True:
            put(b'#mLive {"t_s":1,"Meas":{"rSOC_pct":99.9}}', 1)
            put(b'#mLive {"t_s":1000,"Meas":{"rSOC_pct":81.50}}')
            put(b'#mOther {"t_s":1}')
            time.sleep(0.1)
    threading.Thread(target=publish, daemon=True).start()
    left = b""
    while True:
        *lines, left = (left + os.read(fd, 4096)).split(b"\n")
        for line in lines:
            if line.startswith(b"?"):
                put(b':85 {"rPackVoltage_V":13.25}')


# -- CAN: ISO-TP and reports, behind a serial adapter

class Node:
    def __init__(self, write, address, log):
        self.write, self.address, self.log = write, address, log
        self.coming, self.size, self.sending = b"", 0, b""
        self.block = 0
        self.lock = threading.Lock()

    def put(self, ident, data):
        with self.lock:
            self.write(ident, data)

    def request(self, host, data):
        kind = data[0] >> 4
        ident = 6 << 26 | host << 8 | self.address
        if kind == 0:
            self.whole(ident, data[1:1 + data[0]])
        elif kind == 1:
            self.size = (data[0] & 15) << 8 | data[1]
            self.coming, self.block = data[2:], 8
            self.put(ident, bytes([0x30, 8, 1]))
        elif kind == 2:
            self.coming += data[1:]
            if len(self.coming) >= self.size:
                self.whole(ident, self.coming[:self.size])
            elif data[0] & 15 == self.block:
                self.block = self.block + 8 & 15
                self.put(ident, bytes([0x30, 8, 1]))
        elif kind == 3 and self.sending:
            rest, self.sending = self.sending, b""
            for number in range(0, len(rest), 7):
                self.put(ident, bytes([0x20 | (number // 7 + 1) & 15])
                         + rest[number:number + 7])

    def whole(self, ident, message):
        if self.log:
            with open(self.log, "a") as file:
                file.write(message.hex() + "\n")
        reply = serve(message)
        if reply is None:
            return
        if len(reply) < 8:
            self.put(ident, bytes([len(reply)]) + reply)
        else:
            self.sending = reply[6:]
            self.put(ident, bytes([0x10 | len(reply) >> 8, len(reply) & 255])
                     + reply[:6])

    def publish(self):
        number = 0
        while True:
            message = report(False)
            count = (len(message) + 7) // 8
            for part in range(count):
                kind = 0 if part == 0 else 2 if part == count - 1 else 1
                self.put(7 << 26 | 1 << 24 | number << 14 | kind << 12
                         | (part & 15) << 8 | self.address,
                         message[8 * part:8 * part + 8])
            number = (number + 1) & 3
            # single items; a stamp may stand behind the value
            self.put(7 << 26 | 2 << 24 | 0x71 << 8 | self.address,
                     encode(VALUES[0x71]))
            self.put(7 << 26 | 2 << 24 | 0x7E << 8 | self.address,
                     encode(VALUES[0x7E]) + b"\x12\x34")
            time.sleep(0.1)


def slcan(path, log=None):
    fd = raw(path)
    begun = False

    def write(ident, data):
        os.write(fd, b"T%08X%d%s\r" % (ident, len(data),
                                       data.hex().upper().encode()))
    nodes = {n: Node(write, n, log) for n in (1, 2, 3, 0x2A)}
    left = b""
    while True:
        *lines, left = (left + os.read(fd, 4096)).split(b"\r")
        for line in lines:
            if line[:1] in (b"O", b"L") and not begun:
                begun = True
                for node in nodes.values():
                    threading.Thread(target=node.publish, daemon=True).start()
            elif line[:1] == b"T":
                ident = int(line[1:9], 16)
                if ident & 0x1F00FFFF == 0x1300FFFE:
                    for node in nodes.values():
                        node.put(0x1300FF00 | node.address, bytes(
                            [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
                             node.address]))
                node = nodes.get(ident >> 8 & 255)
                if ident >> 24 == 0x18 and node:
                    node.request(ident & 255, bytes.fromhex(
                        line[10:].decode())[:int(line[9:10])])


def vcan(interface, log):
    """The same on SocketCAN; node 2 publishes in CAN FD frames, padded."""
    bus = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    bus.setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FD_FRAMES, 1)
    bus.bind((interface,))

    def write(ident, data):
        bus.send(struct.pack("=IB3x8s", ident | socket.CAN_EFF_FLAG,
                             len(data), data))
    nodes = {n: Node(write, n, log) for n in (1, 2)}
    threading.Thread(target=nodes[1].publish, daemon=True).start()

    def publish_fd():
        while True:
            message = report(False)
            size = min(n for n in (24, 32, 48, 64) if n >= len(message))
            bus.send(struct.pack(
                "=IBB2x64s", 0x1D003002 | socket.CAN_EFF_FLAG, size, 1,
                message))
            time.sleep(0.1)
    threading.Thread(target=publish_fd, daemon=True).start()
    open(log + ".ready", "w").close()
    while True:
        frame = bus.recv(72)
        ident, size = struct.unpack("=IB3x", frame[:8])
        node = nodes.get(ident >> 8 & 255)
        if ident & 0x1F00FFFF == 0x1300FFFE:
            for address in nodes:
                write(0x1300FF00 | address, bytes(
                    [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, address]))
        if ident & 0x1FFF0000 == 0x18000000 and node and len(frame) == 16:
            node.request(ident & 255, frame[8:8 + size])


globals()[sys.argv[1]](*sys.argv[2:])
