#!/usr/bin/env python3
"""serial.peer.py KIND FAULT LINK: a battery on a pseudo terminal, written from
the protocol notes alone. FAULT: none, echo (and junk before an answer), crc1
(the first answer is damaged), crc (all are), half, silent, asleep,
refuse, long."""
import os
import pty
import struct
import sys
import time
import tty


def jbd(request):
    data = {3: bytes.fromhex('0618fee101f201f4002a2c7c000000000000806403'
                             '04030b8b0b8a0b84'),
            4: bytes.fromhex('0d660d610d680d59')}
    if request[:2] != b'\xdd\xa5' or len(request) < 7:
        return None
    part = request[2:4]
    if 0x10000 - sum(part) != struct.unpack('>H', request[4:6])[0]:
        return None
    body = data.get(request[2], b'')
    status = 0 if body and fault != 'refuse' else 0x80
    if status:
        body = b''
    inner = bytes([status, len(body)]) + body
    return (bytes([0xdd, request[2]]) + inner +
            struct.pack('>H', (0x10000 - sum(inner)) & 0xffff) + b'w')


def daly(request):
    def one(command, data):
        head = bytes([0xa5, request[1] - 0x3f, command, 8]) + data
        return head + bytes([sum(head) & 255])
    if len(request) < 13 or sum(request[:12]) & 255 != request[12]:
        return None
    cells = [3312 + i for i in range(7)]
    answers = {
        0x90: [bytes.fromhex('020d000075490231')],
        0x93: [bytes.fromhex('020101070001cc28')],
        0x94: [bytes.fromhex('0702000102003c00')],
        0x95: [bytes([n + 1]) + b''.join(
            struct.pack('>H', c) for c in (cells + [0xaaaa] * 12)[
                n * 3:n * 3 + 3]) + b'\xaa'
            for n in range(5 if fault == 'long' else 3)],
        0x96: [bytes([1, 0x41, 0x24]) + bytes(5)],
        0x98: [bytes(2) + b'\x08\x01' + bytes(4)]}
    return b''.join(one(request[2], a) for a in answers.get(request[2], []))


def jk(request):
    """A PB board: 300 bytes, a 0, and the echo of a Modbus write."""
    if request[1:5] != b'\x10\x16\x20\x00' or len(request) < 11:
        return None
    frame = bytearray(300)
    frame[:6] = b'\x55\xaa\xeb\x90\x02\x07'
    for i in range(8):
        frame[6 + 2 * i:8 + 2 * i] = struct.pack('<H', 3310 + i)
    frame[70] = 0xff
    frame[150:154] = struct.pack('<I', 26508)
    frame[158:162] = struct.pack('<i', -7063)
    frame[173] = 68
    frame[299] = sum(frame[:299]) & 255
    return bytes(frame) + b'\0' + request[:6] + b'\x04\x4b\0'


def push(master):
    """An older JK board talks by itself: junk, half a frame, a damaged one
    and then a good one, over and over."""
    good = bytearray(300)
    good[:6] = b'\x55\xaa\xeb\x90\x02\x07'
    for i in range(4):
        good[6 + 2 * i:8 + 2 * i] = struct.pack('<H', 3310 + i)
    good[54] = 0x0f
    good[118:122] = struct.pack('<I', 13246)
    good[141] = 77
    good[299] = sum(good[:299]) & 255
    bad = bytearray(good)
    bad[141] = 78
    settings = bytearray(good)
    settings[4] = 1
    settings[299] = sum(settings[:299]) & 255
    pieces = [b'AT\r\n\xff\x55\xaa', good[:120], bad]
    if fault != 'crc':
        pieces += [settings, b'AT\r\n', good]
    while True:
        for piece in pieces:
            os.write(master, bytes(piece))
            time.sleep(0.05)


def jk_4e57(request):
    """Read all: registers 79, 83, 84, 85, 8A and C0."""
    if request != bytes.fromhex(
            '4e5700130000000006030000000000006800000129'):
        return None
    body = bytes.fromhex('79 06 01 0ced 02 0cee 83 0296 84 80d0 85 0f '
                         '8a 0002 c0 01')
    head = b'NW' + struct.pack('>H', 7 + 2 + len(body) + 9) + bytes(4)
    frame = head + b'\x06\x00\x01' + body + bytes(4) + b'\x68'
    return frame + struct.pack('>I', sum(frame) & 0xffff)


def ascii_frame(version, address, code, info):
    size = len(info)
    check = -(size >> 8) - (size >> 4 & 15) - (size & 15) & 15
    text = '%02X%02X46%02X%X%03X%s' % (version, address, code, check, size,
                                       info)
    return ('~%s%04X\r' % (text, -sum(text.encode()) & 0xffff)).encode()


def pylontech(request):
    """Two modules on one bus, at addresses 2 and 3."""
    try:
        address, code = int(request[3:5], 16), int(request[7:9], 16)
        info = request[13:-5].decode()
    except ValueError:
        return None
    if (ascii_frame(0x20, address, code, info) != request or
            address not in (2, 3) or info != '%02X' % address):
        return None
    volts = 49545 + address
    data = {0x42: '11%02X' % address + '0F' + '0CE7' * 15 +
            '050B910B870B870B870B87' + 'FFE6%04X82DC02C350001F' % volts,
            0x44: '00%02X' % address + '0F' + '00' * 15 + '05' + '00' * 5 +
            '0000000006C00000',
            0x92: '%02X' % address + '6EF05AA0022BFDD5C0'}
    if code not in data:
        return ascii_frame(0x20, address, 4, '')
    code_back = 2 if fault == 'refuse' and code == 0x44 else 0
    return ascii_frame(0x20, address, code_back,
                       '' if code_back else data[code])


def console(request):
    """A command is echoed before its page, and a prompt comes behind it."""
    pages = {b'pwr': ' Power  2\r\n Voltage         : 49959       mV\r\n'
             ' Current         : -5939       mA\r\n'
             ' Coulomb         : 45          %\r\n'
             ' Total Coulomb   : 74000       mAH\r\n',
             b'bat': 'Battery  Volt     Curr     Tempr    Base State   '
             'SOC          Coulomb      BAL         \r\n' + ''.join(
                 '%-9d%-9d5939     27500    Dischg       45%%         '
                 '44231 mAH      N\r\n' % (i, 3330 + i) for i in range(15)),
             b'stat': 'CYCLE Times     :      108\r\n'
             'SOH             :       99\r\n'}
    words = request.split()
    if not words or words[0] not in pages or words[1:] != [b'2']:
        return None
    done = ('Invalid command' if fault == 'refuse' else
            'Command completed successfully')
    return (request.strip() + b'\r\n@\r\n' + pages[words[0]].encode() +
            done.encode() + b'\r\n$$\r\n\r\npylon>')


kind, fault, link = sys.argv[1:4]
master, slave = pty.openpty()
tty.setraw(master)
tty.setraw(slave)
os.symlink(os.ttyname(slave), link)
spoilt = 0
if kind == 'push':
    push(master)
while True:
    time.sleep(0.01)
    request = os.read(master, 1024)
    answer = globals()[kind](request)
    print(kind, request.hex(), (answer or b'').hex(), flush=True)
    if fault == 'asleep':
        fault = 'none'
        continue
    if not answer or fault == 'silent':
        continue
    if fault == 'crc' or (fault == 'crc1' and spoilt == 0):
        answer = answer[:8] + bytes([answer[8] ^ 1]) + answer[9:]
        spoilt += 1
    if fault == 'half':
        answer = answer[:len(answer) // 2]
    if fault == 'echo':
        answer = request + b'\0\xff\xdd\x03\0\xa5\x55\xaaNW' + answer
    for at in range(0, len(answer), 50):    # as a slow line would
        os.write(master, answer[at:at + 50])
        time.sleep(0.002)
