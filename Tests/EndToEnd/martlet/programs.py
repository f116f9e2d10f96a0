"""Child processes with a log, signals and a clean environment."""

import itertools
import os
import random
import signal
import socket
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def built(name, variable):
    """The path of a built program: of the release build, which is what ships, unless MARTLET_TEST_CONFIGURATION says `debug`.

    `variable` names another program to be used in its place.
    """
    configuration = os.environ.get("MARTLET_TEST_CONFIGURATION") or "release"
    assert configuration in ("debug", "release"), f"MARTLET_TEST_CONFIGURATION is {configuration}"
    path = Path(os.environ.get(variable) or ROOT / ".build" / configuration / name)
    assert path.exists(), f"{path} does not exist: build it first (swift build -c {configuration} --product {name})"
    return path


# Below what the system gives to outgoing connections, one of which would else take a port between its choice and its use.
_ports = itertools.cycle(random.sample(range(10_000, 30_000), 20_000))


def free_port():
    """A port that nobody listens on, another one at each call."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Program:
    """One child process, started in its own directory with nothing of our environment but PATH."""

    def __init__(self, directory, name):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log_path = self.directory / f"{name}.log"
        self.process = None

    def launch(self, command, environment):
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.directory), **environment}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], env=clean, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL, as a power cut to the process."""
        self.process.kill()
        self.process.wait()

    def terminate(self, within=10):
        """SIGTERM; returns the exit code, fails when the process outlives `within` seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=within)

    def stop(self):
        """Ends the process if it still runs, and fails when it does not go in good order."""
        if not self.is_running:
            return
        try:
            code = self.terminate()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        assert code == 0, f"ended with {code}: {self.log[-2000:]}"
