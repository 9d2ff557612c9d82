#!/usr/bin/env python3
"""pymodbus writes to the emulated board over a line on which the board hears itself: two_wires.py IMAGE [COUNT].

A bridge gives the board each byte that it sends back before pymodbus gets it. COUNT requests of 05, 06, 0F and 10 are sent, every
second of which is equal to the one before; each must be answered at the first attempt and done once.
"""

import os
import select
import socket
import subprocess
import sys
import threading
import time
import tty

from pymodbus.client import ModbusSerialClient

image, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
UNIT = 17

board, theirs = socket.socketpair()
command = "qemu-system-arm -machine mps2-an385 -display none -monitor none -icount shift=3".split()
command += ["-chardev", f"socket,id=wire,fd={theirs.fileno()}", "-serial", "chardev:wire", "-kernel", image]
emulator = subprocess.Popen(command, pass_fds=[theirs.fileno()])
theirs.close()
line, terminal = os.openpty()
tty.setraw(terminal)
echoed = 0


def bridge():
    global echoed
    while True:
        ready, _, _ = select.select([board, line], [], [])
        if board in ready:
            sent = board.recv(256)
            if not sent:
                return
            # The board hears itself first, as on a wire.
            board.sendall(sent)
            echoed += len(sent)
            os.write(line, sent)
        if line in ready:
            board.sendall(os.read(line, 256))


threading.Thread(target=bridge, daemon=True).start()
client = ModbusSerialClient(os.ttyname(terminal), baudrate=19200, timeout=10, retries=0)
try:
    assert client.connect()
    begun = time.monotonic()
    for index in range(count):
        change = index // 2
        at, value = change % 60, change * 7 & 0xFFFF
        kind = change % 4
        if kind == 0:
            answer = client.write_coil(at, bool(change & 8), device_id=UNIT)
            assert answer.bits == [bool(change & 8)], answer
        elif kind == 1:
            answer = client.write_register(at, value, device_id=UNIT)
            assert answer.registers == [value], answer
        elif kind == 2:
            answer = client.write_coils(at, [True, bool(change & 8), False], device_id=UNIT)
            assert (answer.address, answer.count) == (at, 3), answer
        else:
            answer = client.write_registers(at, [value, value ^ 0xFFFF], device_id=UNIT)
            assert (answer.address, answer.count) == (at, 2), answer
        assert not answer.isError() and emulator.poll() is None, answer
    took = time.monotonic() - begun
    writes, echoes = client.read_input_registers(0, count=2, device_id=UNIT).registers
    print(f"two wires: {count} writes sent, {writes} done, {count} answered right at the first attempt, {echoes} echoes heard, {took:.1f} s")
    assert writes == count and echoes == count and echoed >= 8 * count
finally:
    emulator.kill()
