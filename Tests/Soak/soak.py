#!/usr/bin/env python3
"""`make soak`: a deployment at 80 % load with one fault after the other; exit code 1 where anything was lost, counted wrongly or answered wrongly.

    soak.py sqlite|postgres [--minutes 60] [--load 0.8]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))

from customers import Customers, Notifier, reckon  # noqa: E402
from faults import Faults  # noqa: E402
from martlet.clock import Clock  # noqa: E402
from martlet.cluster import Cluster  # noqa: E402
from martlet.server import Server  # noqa: E402
from martlet.sink import Sink  # noqa: E402

MEASURED_SECONDS = 20
FLAT_PERCENT = 10


class Deployment:
    """The parts: a sink in SES's place and the nodes; `victim` is the node that is killed, `steady` the one whose memory is looked at."""

    LATENCY_MS = 30
    SETTINGS = {
        "MARTLET_SNS_VERIFY_SIGNATURES": "false", "MARTLET_CALLBACKS_ALLOW_PRIVATE": "true", "MARTLET_CALLBACKS_ALLOW_HTTP": "true",
        "MARTLET_DELIVERY_LEASE_SECONDS": "10", "MARTLET_DELIVERY_GRACE_SECONDS": "60", "MARTLET_LOG_LEVEL": "warning",
    }

    def __init__(self, directory):
        self.directory = directory
        self.sink = Sink(directory / "sink").start("--latency-ms", self.LATENCY_MS)
        self.clock = Clock(directory / "clock")
        self.settings = {**self.SETTINGS, **self.sink.environment}

    def close(self):
        for node in self.nodes:
            node.stop()
        self.sink.stop()


class OnSQLite(Deployment):
    """One node, its file on a small disk of its own."""

    FAULTS = ["slow_ses", "silent_sns", "full_disk", "failing_ses", "clock_steps"]
    DISK = "6g"

    def __init__(self, directory):
        super().__init__(directory)
        self.disk = directory / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.DISK}", "none", self.disk], check=True)
        node = Server(directory / "node", MARTLET_DATABASE_URL=f"sqlite:{self.disk}/martlet.sqlite", **self.settings, **self.clock.environment)
        self.nodes = [node.start()]
        self.victim = self.steady = node


class OnPostgres(Deployment):
    """Two nodes on a primary with a synchronous standby. The first keeps running throughout; the second is killed, and its clock steps."""

    FAULTS = ["slow_ses", "kill", "silent_sns", "connections_killed", "failing_ses", "clock_steps", "database_crash", "kill"]

    def __init__(self, directory):
        super().__init__(directory)
        self.cluster = Cluster().start(with_standby=True)
        self.settings["MARTLET_DATABASE_URL"] = self.cluster.url()
        self.steady = Server(directory / "steady", **self.settings).start()
        self.victim = Server(directory / "victim", **self.settings, **self.clock.environment).start()
        self.nodes = [self.steady, self.victim]

    @property
    def psql_url(self):
        return self.cluster.url()

    def close(self):
        super().close()
        self.cluster.stop()


class Soak:
    """One run: measure, send at a part of that rate, one fault after the other, reckon."""

    PAUSE = 20
    """Seconds between two faults, and before the first."""

    def __init__(self, deployment, minutes, load):
        self.deployment, self.seconds, self.load = deployment, minutes * 60, load
        self.memory, self.log = [], []

    def run(self):
        deployment = self.deployment
        deployment.customers = customers = Customers(deployment.nodes, deployment.sink)
        with Notifier(deployment.nodes, deployment.sink, customers.domain) as deployment.notifier:
            with customers.load():
                most = self._measured(customers)
                customers.pace(most * self.load)
                say(f"{most:.0f} emails/s at the most here, {most * self.load:.0f}/s from now on")
                began = time.monotonic()
                self._break_things(began + self.seconds)
                seconds = time.monotonic() - began
            facts = reckon(customers, deployment.sink)
        accepted_in_time = [took for at, took in customers.times if began < at < began + seconds]
        return {**facts, "rate": round(most * self.load), "seconds": round(seconds), "steps": self.log, **self._memory(), **_latency(accepted_in_time)}

    @staticmethod
    def _measured(customers):
        """Emails a second that these clients get accepted when nothing is broken."""
        time.sleep(5)
        before = customers.accepted
        time.sleep(MEASURED_SECONDS)
        return (customers.accepted - before) / MEASURED_SECONDS

    def _break_things(self, end):
        """SIGKILL of the only node begins and ends a run on SQLite: between them its memory is looked at."""
        faults, names = Faults(self.deployment), cycle(self.deployment.FAULTS)
        is_alone = self.deployment.victim is self.deployment.steady
        if is_alone:
            for _ in range(3):
                self._do(faults, "kill")
        middle = (time.monotonic() + end) / 2
        while time.monotonic() < end - 60:
            if not is_alone and time.monotonic() > middle and len(self.deployment.cluster.running) == 2:
                self._do(faults, "failover")
            else:
                self._do(faults, next(names))
        if is_alone:
            for _ in range(3):
                self._do(faults, "kill")

    def _do(self, faults, name):
        self._wait(self.PAUSE)
        before, number = time.monotonic(), self.deployment.customers.accepted
        said = getattr(faults, name)()
        took = time.monotonic() - before
        self.log.append(name)
        say(f"{name} for {took:.0f} s: {self.deployment.customers.accepted - number} emails accepted meanwhile{'; ' + said if said else ''}")

    def _wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(2)
            self.memory.append((self.deployment.steady.process.pid, resident_megabytes(self.deployment.steady)))

    def _memory(self):
        """Of the process that lived longest: the median of the middle third and of the last."""
        if len(self.memory) < 3:
            return {"memory": "not measured", "memory is flat": True}
        pids = [pid for pid, _ in self.memory]
        longest = max(set(pids), key=pids.count)
        samples = [megabytes for pid, megabytes in self.memory if pid == longest]
        third = len(samples) // 3
        middle, last = median(samples[third : 2 * third]), median(samples[2 * third :])
        change = (last / middle - 1) * 100
        return {"memory": f"{middle:.0f} MB, then {last:.0f} MB ({change:+.1f} %)", "memory is flat": abs(change) <= FLAT_PERCENT}


def resident_megabytes(server):
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _latency(times):
    cuts = quantiles(times, n=1000)
    return {"p50 ms": round(cuts[499] * 1000), "p99 ms": round(cuts[989] * 1000), "slowest s": round(max(times), 1)}


def say(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["sqlite", "postgres"])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--load", type=float, default=0.8)
    options = parser.parse_args()
    if options.engine == "sqlite" and "SOAK_HAS_NAMESPACE" not in os.environ:
        # The disk that is filled is in this run's own view of the machine, and gone with it.
        os.environ["SOAK_HAS_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory(prefix="martlet-soak-", ignore_cleanup_errors=True) as directory:
        deployment = {"sqlite": OnSQLite, "postgres": OnPostgres}[options.engine](Path(directory))
        try:
            facts = Soak(deployment, options.minutes, options.load).run()
        finally:
            deployment.close()
    say(json.dumps({"engine": options.engine, **facts}))
    sys.exit(1 if facts["faults"] or not facts["memory is flat"] else 0)


if __name__ == "__main__":
    main()
