#!/usr/bin/env python3
"""Records boots.csv and journal.csv anew: the logs of programs on an emulated Cortex-M3 board, which really is reset: by its own watchdog
for boots.csv, by itself for journal.csv.

proof/examples/run builds the programs. Each row is stamped when it comes, in microseconds since the first one: the board's clock begins
anew at each reset.
"""

import pathlib
import re
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE.parents[2] / "target/embedded/thumbv7m-none-eabi/release"
# In the second recording the board's clock does not run ahead of the host's.
QEMU = "qemu-system-arm -machine mps2-an385 -nographic -semihosting-config enable=on,target=native -icount {} -kernel"
RECORDED = [
    ("boots.csv", "shift=3", ["watchdog_torn_section", "watchdog_profile"], "plan|entity|section|boot|bench|field"),
    ("journal.csv", "shift=3,align=on", ["safe_state_recorded"], "fault|channel|step|reset|journal"),
]

for file, icount, programs, records in RECORDED:
    row_of = re.compile(rf"^\d+,(({records}),.*)$")
    rows, begun = ["t_us,record,name,value"], None
    for program in programs:
        with subprocess.Popen([*QEMU.format(icount).split(), str(PROGRAMS / program)], stdout=subprocess.PIPE, text=True) as board:
            for line in board.stdout:
                if row := row_of.match(line.strip()):
                    begun = begun or time.monotonic_ns()
                    rows.append(f"{(time.monotonic_ns() - begun) // 1000},{row[1]}")
        assert board.returncode == 0, program
    (HERE / file).write_text("\n".join(rows) + "\n")
    print(f"{file}: {len(rows) - 1} rows")
