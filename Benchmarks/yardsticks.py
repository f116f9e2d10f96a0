"""What the ways in are compared with: servers that do nothing with a request, and SQLite alone with an email's rows."""

import contextlib
import socket
import subprocess
from pathlib import Path

from bench import ROOT, costed, directory
from martlet.programs import Program, built, free_port
from martlet.wait import eventually


class Yardstick(Program):
    """One of the servers of the program `yardsticks`: `hummingbird` collects a body and answers, `nio` answers in a channel handler."""

    def __init__(self, kind):
        super().__init__(directory(), kind)
        self.kind, self.port = kind, free_port()

    def start(self):
        self.launch([built("yardsticks", "YARDSTICKS_BINARY"), self.kind, "--port", str(self.port)], {})
        eventually(self._listens, within=20, what=f"{self.kind} listens")
        return self

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def load(self, seconds):
        return costed(self, "/", seconds, "body.lua")


@contextlib.contextmanager
def running(*kinds):
    """The servers of these kinds, for as long as the block lasts."""
    servers = {}
    try:
        for kind in kinds:
            servers[kind] = Yardstick(kind).start()
        yield servers
    finally:
        for server in servers.values():
            server.kill()


def bare_sqlite(seconds):
    """Emails a second that SQLite takes in batches of 64, and the microseconds of CPU for one."""
    path = Path(directory())
    source = ROOT / "Benchmarks" / "bare_sqlite.c"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", path / "bare_sqlite", source, "-lsqlite3"], check=True)
    done = subprocess.run([path / "bare_sqlite", path / "emails.sqlite", str(seconds)], capture_output=True, text=True, check=True)
    rate, cpu = map(float, done.stdout.split())
    return rate, cpu
