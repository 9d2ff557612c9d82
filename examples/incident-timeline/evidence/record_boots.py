#!/usr/bin/env python3
"""Records boots.csv anew: the log of two programs on an emulated Cortex-M3 board, whose own watchdog bites and resets it.

proof/examples/run builds the programs. Each row is stamped when it comes, in microseconds since the first one: the board's clock begins
anew at each reset.
"""

import pathlib
import re
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE.parents[2] / "target/embedded/thumbv7m-none-eabi/release"
QEMU = ["qemu-system-arm", "-machine", "mps2-an385", "-nographic", "-icount", "shift=3",
        "-semihosting-config", "enable=on,target=native", "-kernel"]
ROW = re.compile(r"^\d+,((plan|entity|section|boot|bench|field),.*)$")

rows, begun = ["t_us,record,name,value"], None
for program in ["watchdog_torn_section", "watchdog_profile"]:
    with subprocess.Popen([*QEMU, str(PROGRAMS / program)], stdout=subprocess.PIPE, text=True) as board:
        for line in board.stdout:
            if row := ROW.match(line.strip()):
                begun = begun or time.monotonic_ns()
                rows.append(f"{(time.monotonic_ns() - begun) // 1000},{row[1]}")
    assert board.returncode == 0, program
(HERE / "boots.csv").write_text("\n".join(rows) + "\n")
print(f"boots.csv: {len(rows) - 1} rows")
