#!/usr/bin/env python3
"""A master of pymodbus that asks everything it can: pymodbus_master.py tcp PORT COUNT | rtu DEVICE COUNT.

The server has a thousand of everything: holding register n is n, input register n is 10000 + n, every third input is on, coils
are off. COUNT requests follow whose values are known. Prints how many answers were right, and exits with 1 if one was not.
"""

import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient

kind, where, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
unit = 17 if kind == "rtu" else 255
if kind == "tcp":
    client = ModbusTcpClient("127.0.0.1", port=int(where), timeout=2, retries=0)
else:
    client = ModbusSerialClient(where, baudrate=115200, timeout=2, retries=0)
assert client.connect()
right = 0


def expect(what, got, expected):
    global right
    if got != expected:
        print(f"{what}: got {got}, expected {expected}")
        sys.exit(1)
    right += 1


def registers(call, *arguments, **options):
    answer = call(*arguments, device_id=unit, **options)
    assert not answer.isError(), answer
    return answer.registers


def bits(call, *arguments, **options):
    answer = call(*arguments, device_id=unit, **options)
    assert not answer.isError(), answer
    return answer.bits[: options["count"]]


def refused(call, *arguments, **options):
    answer = call(*arguments, device_id=unit, **options)
    assert answer.isError(), answer
    return answer.exception_code


expect("01", bits(client.read_coils, 0, count=19), [False] * 19)
expect("02", bits(client.read_discrete_inputs, 3, count=22), [index % 3 == 0 for index in range(3, 25)])
expect("03", registers(client.read_holding_registers, 100, count=125), list(range(100, 225)))
expect("04", registers(client.read_input_registers, 7, count=2), [10007, 10008])
expect("05", client.write_coil(5, True, device_id=unit).isError(), False)
expect("06", client.write_register(7, 0xBEEF, device_id=unit).isError(), False)
pattern = [True, False, True, True, False, False, True, True, True, False]
expect("0F", client.write_coils(20, pattern, device_id=unit).isError(), False)
expect("10", client.write_registers(300, [1, 2, 0xFFFF], device_id=unit).isError(), False)
expect("05 and 01", bits(client.read_coils, 4, count=3), [False, True, False])
expect("0F and 01", bits(client.read_coils, 20, count=10), pattern)
expect("06 and 03", registers(client.read_holding_registers, 7, count=1), [0xBEEF])
expect("10 and 03", registers(client.read_holding_registers, 299, count=5), [299, 1, 2, 0xFFFF, 303])
expect("16", client.mask_write_register(address=7, and_mask=0xF2, or_mask=0x25, device_id=unit).isError(), False)
expect("16 and 03", registers(client.read_holding_registers, 7, count=1), [(0xBEEF & 0xF2) | (0x25 & ~0xF2 & 0xFFFF)])
options = {"read_address": 400, "read_count": 6, "address": 0, "write_address": 402, "values": [7, 8]}
expect("17", registers(client.readwrite_registers, **options), [400, 401, 7, 8, 404, 405])
information = client.read_device_information(read_code=1, device_id=unit).information
expect("2B/0E", information[0], b"modbus-codec")
if kind == "tcp":
    # pymodbus's RTU client does not take the answer to 18 in.
    expect("18", client.read_fifo_queue(address=10, device_id=unit).values, [10, 11, 12, 13])
else:
    answer = client.diag_query_data(b"\xa5\x37", device_id=unit)
    expect("08", answer.message, b"\xa5\x37")
    expect("0B", client.diag_get_comm_event_counter(device_id=unit).isError(), False)
    expect("0C", client.diag_get_comm_event_log(device_id=unit).isError(), False)
expect("02: address", refused(client.read_holding_registers, 999, count=2), 2)
expect("02: write", refused(client.write_coil, 1000, True), 2)
expect("01: function", refused(client.read_exception_status), 1)
for index in range(count):
    at = 500 + index % 400
    if index % 3 == 0:
        value = index * 7 & 0xFFFF
        expect("06", client.write_register(at, value, device_id=unit).isError(), False)
        expect("03", registers(client.read_holding_registers, at, count=1), [value])
    else:
        quantity = 1 + index % 40
        expect("04", registers(client.read_input_registers, at, count=quantity), list(range(10000 + at, 10000 + at + quantity)))
print(f"{right} right")
