"""Programs whose wall clock is another, and moves while they run."""

import os
import struct
import subprocess
from datetime import datetime, timezone
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """The wall clock of one program, or of several: `seconds` ahead of the machine's, or behind it where that is negative."""

    def __init__(self, directory, seconds=0):
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self._library = directory / "clock.so"
        self._offset = directory / "clock.offset"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", self._library, SOURCE], check=True)
        self._offset.write_bytes(bytes(8))
        self.set(seconds)

    def set(self, seconds):
        """Moves the clock, also of programs that run."""
        self.seconds = seconds
        file = os.open(self._offset, os.O_WRONLY)
        try:
            # In place and at once: programs have the file mapped.
            os.pwrite(file, struct.pack("=q", round(seconds * 1000)), 0)
        finally:
            os.close(file)

    def set_to(self, moment):
        """Moves the clock so that it is `moment` now (a UTC datetime)."""
        self.set((moment - datetime.now(timezone.utc)).total_seconds())

    @property
    def environment(self):
        """What a program is started with to go by this clock."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_OFFSET_FILE": str(self._offset)}
