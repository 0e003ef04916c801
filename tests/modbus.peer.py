"""A Modbus device made of pymodbus: modbus.peer.py PORT MAP...

MAP is FUNCTION:ADDRESS:FILE, registers of two bytes from that address on, or
FUNCTION:ADDRESS:hex. What no map has is refused as an illegal address.
"""
import asyncio
import os
import struct
import sys

from pymodbus.datastore import (ModbusServerContext, ModbusSlaveContext,
                                ModbusSparseDataBlock)
from pymodbus.server import StartAsyncTcpServer

port, maps = int(sys.argv[1]), sys.argv[2:]
tables = {1: {}, 2: {}, 3: {}, 4: {}}
for one in maps:
    function, address, what = one.split(':')
    if os.path.exists(what):
        data = open(what, 'rb').read()
    else:
        data = bytes.fromhex(what)
    table = tables[int(function)]
    if int(function) <= 2:
        words = [data[i // 8] >> i % 8 & 1 for i in range(8 * len(data))]
    else:
        words = struct.unpack('>%dH' % (len(data) // 2), data)
    for i, word in enumerate(words):
        table[int(address) + i + 1] = word    # this library counts from 1


def block(function):
    return ModbusSparseDataBlock(tables[function] or {65536: 0})


context = ModbusServerContext(single=True, slaves=ModbusSlaveContext(
    co=block(1), di=block(2), hr=block(3), ir=block(4)))
asyncio.run(StartAsyncTcpServer(context=context, address=("127.0.0.1", port)))
