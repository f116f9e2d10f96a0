"""Waiting for what must come true."""

import time


def eventually(check, within=10.0, every=0.02, what=None):
    """Calls `check` until it gives something true and returns that; fails with its last value after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or 'condition'}; last value {value!r}")
        time.sleep(every)
