#!/usr/bin/env python3
"""Records the evidence in this folder: programs that nobody here wrote, talking to each other on this machine.

    apt-get install mbpoll tcpdump; pip install pymodbus==3.16.1 pyserial; ./record.py

plant.pcapng (tcpdump, loopback): pymodbus's TCP server, its TCP client, and mbpoll (libmodbus). The server is slow on purpose
after a while, answers for unit 9 not at all, and refuses addresses that it does not have.

line.csv (a relay between two ptys): pymodbus's RTU server and, one after the other, mbpoll and pymodbus's serial client. The
relay hands each character on at the pace of a line with 19,200 baud and 11-bit characters, stamps it, and writes it down. It
loses one request, flips a bit in one answer and puts one stray byte on the line, and says so on standard error.
"""

import asyncio
import os
import pty
import subprocess
import sys
import termios
import threading
import time
import tty

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusSerialServer, ModbusTcpServer

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 502
CHARACTER_S = 11 / 19_200


def devices(numbers):
    def device():
        return ModbusDeviceContext(
            di=ModbusSequentialDataBlock(1, [True, False] * 40),
            co=ModbusSequentialDataBlock(1, [False, True, True] * 40),
            hr=ModbusSequentialDataBlock(1, [0x1234, 0x41B8, 0x0000] + list(range(3, 150))),
            ir=ModbusSequentialDataBlock(1, list(range(1000, 1150))),
        )

    return ModbusServerContext(devices={number: device() for number in numbers}, single=False)


def identity():
    return ModbusDeviceIdentification(
        info_name={"VendorName": "pymodbus", "ProductCode": "PM", "MajorMinorRevision": "3.16.1"}
    )


class Trouble:
    """The server's own hook for packets: it answers late, and does not hear unit 9."""

    delay_s = 0.0

    @classmethod
    def trace(cls, is_sending, packet):
        if is_sending:
            time.sleep(cls.delay_s)
            return packet
        return b"" if packet[6:7] == b"\x09" else packet


def serve(make):
    """Runs a server of pymodbus in a thread of its own."""
    started = threading.Event()

    def run():
        async def main():
            server = await make()
            started.set()
            await server.serve_forever()

        asyncio.run(main())

    threading.Thread(target=run, daemon=True).start()
    started.wait(5)
    time.sleep(0.3)


def attempt(call, *arguments, **options):
    """What a client does when nothing comes back: it says so and goes on."""
    try:
        return call(*arguments, **options)
    except ModbusException as error:
        print(f"  {call.__name__}{arguments}: {error}", file=sys.stderr)


def mbpoll(*arguments):
    subprocess.run(["mbpoll", "-1", "-q", *map(str, arguments)], stdout=subprocess.DEVNULL, check=False)


def every_type(client, unit):
    attempt(client.read_coils, 0, count=19, device_id=unit)
    attempt(client.read_discrete_inputs, 0, count=22, device_id=unit)
    attempt(client.read_holding_registers, 0, count=3, device_id=unit)
    attempt(client.read_input_registers, 0, count=10, device_id=unit)
    attempt(client.write_coil, 5, True, device_id=unit)
    attempt(client.write_register, 7, 0xBEEF, device_id=unit)
    attempt(client.write_coils, 8, [True, False, True, True, False, False, True, True, True, False], device_id=unit)
    attempt(client.write_registers, 10, [1, 2, 0xFFFF], device_id=unit)
    attempt(client.mask_write_register, address=7, and_mask=0xF2, or_mask=0x25, device_id=unit)
    attempt(client.readwrite_registers, read_address=0, read_count=6, write_address=20, values=[7, 8], device_id=unit)
    attempt(client.read_device_information, read_code=1, device_id=unit)
    attempt(client.diag_query_data, b"\xa5\x37", device_id=unit)
    # An address and a function that are refused.
    attempt(client.read_holding_registers, 4000, count=2, device_id=unit)
    attempt(client.read_fifo_queue, address=4000, device_id=unit)


def record_tcp(capture):
    async def server():
        return ModbusTcpServer(
            devices([1, 2]), identity=identity(), address=("127.0.0.1", PORT), trace_packet=Trouble.trace
        )

    serve(server)
    dump = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", "/tmp/plant.pcap", "tcp", "port", str(PORT)], stderr=subprocess.PIPE
    )
    dump.stderr.readline()
    time.sleep(0.5)
    client = ModbusTcpClient("127.0.0.1", port=PORT, timeout=0.4, retries=3)
    client.connect()
    every_type(client, 1)
    for _ in range(20):
        attempt(client.read_holding_registers, 0, count=10, device_id=1)
        time.sleep(0.02)
    mbpoll("-m", "tcp", "-p", PORT, "-a", 2, "-r", 1, "-c", 5, "-t", 3, "127.0.0.1")
    mbpoll("-m", "tcp", "-p", PORT, "-a", 2, "-r", 1, "-c", 12, "-t", 0, "127.0.0.1")
    mbpoll("-m", "tcp", "-p", PORT, "-a", 2, "-r", 1, "-t", 4, "127.0.0.1", 11, 22, 33)
    # The server slows down.
    for step in range(1, 15):
        Trouble.delay_s = 0.004 * step
        attempt(client.read_holding_registers, 0, count=10, device_id=1)
    Trouble.delay_s = 0
    # Nobody is unit 9: four requests, no answer.
    attempt(client.read_holding_registers, 0, count=2, device_id=9)
    client.close()
    client.connect()
    attempt(client.read_coils, 0, count=8, device_id=1)
    client.close()
    time.sleep(2)
    dump.terminate()
    dump.wait()
    subprocess.run(["editcap", "-F", "pcapng", "/tmp/plant.pcap", capture], check=True)


class Relay:
    """Two ptys and the line between them."""

    def __init__(self, csv):
        self.csv = open(csv, "w", encoding="ascii")
        self.csv.write("start_us,end_us,byte_hex,line\n")
        self.started = time.monotonic()
        self.lock = threading.Lock()
        self.requests = self.answers = 0
        self.client_end, self.client_name = self.open()
        self.server_end, self.server_name = self.open()

    @staticmethod
    def open():
        ours, theirs = pty.openpty()
        tty.setraw(ours, termios.TCSANOW)
        tty.setraw(theirs, termios.TCSANOW)
        return ours, os.ttyname(theirs)

    def start(self):
        threading.Thread(target=self.carry, args=(self.client_end, self.server_end, True), daemon=True).start()
        threading.Thread(target=self.carry, args=(self.server_end, self.client_end, False), daemon=True).start()

    def write_down(self, byte, at):
        start_us = (at - self.started) * 1e6
        self.csv.write(f"{start_us:.0f},{start_us + CHARACTER_S * 1e6:.0f},{byte:02x},bus\n")

    def carry(self, source, sink, is_request):
        while True:
            message = bytearray(os.read(source, 300))
            with self.lock:
                is_lost = self.disturb(message, is_request)
                for index, byte in enumerate(message):
                    now = time.monotonic()
                    time.sleep(CHARACTER_S)
                    # A request that is cut on its way reaches nobody.
                    self.write_down(byte, now)
                    if is_lost and index == 3:
                        break
                # Nobody on this line is unit 5.
                if not is_lost and message[:1] != b"\x05":
                    os.write(sink, bytes(message))

    def disturb(self, message, is_request):
        if is_request:
            self.requests += 1
            if self.requests == 24:
                print("  request 24 is cut after four bytes", file=sys.stderr)
                return True
            if self.requests == 30:
                print("  a stray byte before request 30", file=sys.stderr)
                self.write_down(0xFE, time.monotonic())
                time.sleep(CHARACTER_S)
            return False
        self.answers += 1
        if self.answers == 27:
            print("  a bit of answer 27 flips", file=sys.stderr)
            message[4] ^= 0x08
        return False


def record_serial(csv):
    relay = Relay(csv)

    async def server():
        return ModbusSerialServer(
            devices([1, 17]),
            framer=FramerType.RTU,
            identity=identity(),
            port=relay.server_name,
            baudrate=19_200,
        )

    serve(server)
    relay.start()
    line = ["-m", "rtu", "-b", 19_200, "-P", "none"]
    mbpoll(*line, "-a", 17, "-r", 1, "-c", 4, "-t", 3, relay.client_name)
    mbpoll(*line, "-a", 17, "-r", 1, "-c", 9, "-t", 0, relay.client_name)
    mbpoll(*line, "-a", 17, "-r", 5, "-t", 4, relay.client_name, 100, 200)
    client = ModbusSerialClient(relay.client_name, baudrate=19_200, timeout=0.5, retries=2)
    client.connect()
    every_type(client, 1)
    for _ in range(14):
        attempt(client.read_holding_registers, 0, count=4, device_id=17)
        time.sleep(0.03)
    attempt(client.read_input_registers, 0, count=2, device_id=5)
    attempt(client.read_input_registers, 0, count=2, device_id=17)
    client.close()
    time.sleep(0.5)
    relay.csv.close()


if __name__ == "__main__":
    record_tcp(os.path.join(HERE, "plant.pcapng"))
    record_serial(os.path.join(HERE, "line.csv"))
