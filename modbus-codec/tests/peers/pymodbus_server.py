#!/usr/bin/env python3
"""A server of pymodbus: pymodbus_server.py tcp PORT | rtu DEVICE. Holding register n is n, of 1000; unit 1 and 0xFF."""

import asyncio
import sys
import warnings

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.framer import FramerType
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusSerialServer, ModbusTcpServer

warnings.simplefilter("ignore")


def device():
    bits = [index % 3 == 0 for index in range(1000)]
    # A block begins at address 0 of the wire with the value at 1.
    return ModbusDeviceContext(
        di=ModbusSequentialDataBlock(1, bits),
        co=ModbusSequentialDataBlock(1, [False] * 1000),
        hr=ModbusSequentialDataBlock(1, list(range(1000))),
        ir=ModbusSequentialDataBlock(1, [10000 + index for index in range(1000)]),
    )


async def main():
    kind, where = sys.argv[1:3]
    context = ModbusServerContext(devices={1: device(), 255: device()}, single=False)
    identity = ModbusDeviceIdentification(
        info_name={"VendorName": "pymodbus", "ProductCode": "PM", "MajorMinorRevision": "3"}
    )
    if kind == "tcp":
        server = ModbusTcpServer(context, identity=identity, address=("127.0.0.1", int(where)))
    else:
        server = ModbusSerialServer(context, identity=identity, framer=FramerType.RTU, port=where, baudrate=115200)
    await server.serve_forever(background=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
