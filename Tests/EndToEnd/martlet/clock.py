"""Servers whose wall clock is another: midnight comes when a test wants it."""

import subprocess
from datetime import datetime, timezone
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


def moved_to(moment, directory):
    """Settings of a server for which it is `moment` now (a UTC datetime)."""
    library = Path(directory) / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE], check=True)
    offset = round((moment - datetime.now(timezone.utc)).total_seconds())
    return {"LD_PRELOAD": str(library), "CLOCK_OFFSET_SECONDS": str(offset)}
