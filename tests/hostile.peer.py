#!/usr/bin/env python3
"""hostile.peer.py KIND ...: devices that mean harm, or are broken as if.
daly PORT: a frame of its list each 0.2 s, 85 of them.
names PORT LOG: ThingSet whose names are commands and cursor moves.
heads PORT: beginnings of console pages, without an end.
events PORT: events with long names and nothing in them, without an end.
slcan PATH HEARD: an adapter with one living device behind it."""
import os
import socket
import struct
import sys
import time
import tty


def connections(port):
    server = socket.create_server(("127.0.0.1", int(port)))
    while True:
        yield server.accept()[0]


def daly_frame(request, data):
    head = bytes([0xa5, request[1] - 0x3f, request[2], 8]) + data
    return head + bytes([sum(head) & 255])


def daly(port):
    state = bytes([255, 255]) + bytes(6)
    for peer in connections(port):
        try:
            while len(request := peer.recv(100)) >= 13:
                if request[2] not in (0x95, 0x96):
                    peer.sendall(daly_frame(request, state))
                    continue
                for number in range(1, 86):
                    cells = struct.pack(">BHHHB", number, 3300, 3300, 3300, 0)
                    peer.sendall(daly_frame(request, cells))
                    time.sleep(0.2)
        except OSError:
            pass
        peer.close()


def names(port, log):
    answer = (b':85 {"Wide\\u001b[2J":null,"Evil\\n=Conf {\\"sOff\\":true}":'
              b'null,"Rub\\u007f":null,"rGood_V":12.5}\r\n')
    for peer in connections(port):
        for line in peer.makefile("rb"):
            with open(log, "ab") as file:
                file.write(line)
            peer.sendall(answer if line.strip() == b"?" else b":A4\r\n")


def events(port):
    one = b"event: " + b"x" * 120 + b"\ndata:\n\n"
    for peer in connections(port):
        try:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: "
                         b"text/event-stream\r\n\r\n")
            for _ in range(200):
                peer.sendall(one * 1000)
        except OSError:
            pass
        peer.close()


def heads(port):
    for peer in connections(port):
        try:
            for _ in range(2000):
                peer.sendall(b"pwr\n@" * 1000)
        except OSError:
            pass
        peer.close()


def slcan(path, heard):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    os.set_blocking(fd, False)
    got = b""
    while True:
        with open(heard, "wb") as file:
            file.write(got)
        try:
            got += os.read(fd, 1000)
        except BlockingIOError:
            pass
        if got.endswith(b"L\r"):
            os.write(fd, b"t35541E006400\r")
        time.sleep(0.1)


globals()[sys.argv[1]](*sys.argv[2:])
