"""The policy daemon beside two of Debian's, on one hot domain and over 10,000, at 1, 16 and 64 connections.

All three write down what they count before the answer, or keep it in memory alone (postfwd2). Each measurement of policyd-rate-limit
begins with an empty database: it counts rows, and slows down with what it has counted.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import bench
from accept import DOMAINS, create_domains
from martlet.programs import Program, built, free_port
from martlet.server import Server
from martlet.wait import eventually

CONNECTIONS = (1, 16, 64)
SPREADS = {"one hot domain": 1, "10,000 domains": DOMAINS}
REFERENCE = 16
UNLIMITED = 1_000_000_000


def measure(table, seconds, rounds):
    loads = {(name, connections): {} for name in SPREADS for connections in CONNECTIONS}
    for key, domains, connections in ((key, SPREADS[key[0]], key[1]) for key in loads):
        for daemon in (PolicydRateLimit, Postfwd):
            loads[key][daemon.name] = _median([_peer(daemon, connections, domains, seconds) for _ in range(rounds)])
    exact = _martlet(loads, seconds, rounds)
    for (spread, connections), by_daemon in loads.items():
        for daemon, load in by_daemon.items():
            _row(table, f"policy, {spread}, {connections} conn., {daemon}", load, by_daemon, connections, daemon)
    table.add("policy, counters at the end", f"{exact[0]:,} counted", f"{exact[1]:,} answered DUNNO", "equal", exact[0] == exact[1])


def _row(table, name, load, by_daemon, connections, daemon):
    goal, met, ratio = "", None, ""
    if daemon == "martlet" and connections == REFERENCE:
        ratios = [load.rate / by_daemon[peer.name].rate for peer in (PolicydRateLimit, Postfwd)]
        ratio = f" = {ratios[0]:.1f} × {PolicydRateLimit.name}, {ratios[1]:.1f} × {Postfwd.name}"
        goal, met = "≥ 15 ×, ≥ 10 ×, p99 < 5 ms", ratios[0] >= 15 and ratios[1] >= 10 and load.p99 < 5 and not load.failed
    failed = f", {load.failed} connections broke" if load.failed else ""
    table.add(name, f"{load.rate:,.0f}/s{ratio}", f"p50 {load.p50:.2f} ms, p99 {load.p99:.2f} ms{failed}", goal, met)


def _martlet(loads, seconds, rounds):
    """Fills in our own figures; returns how many emails were counted and how many were let pass."""
    port = free_port()
    settings = {"MARTLET_ROLES": "http,policy", "MARTLET_GATE_REQUIRE_VERIFIED": "false", "MARTLET_LOG_LEVEL": "warning"}
    server = Server(bench.directory(), MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", **settings).start()
    passed = 0
    try:
        create_domains(server)
        for (spread, connections), by_daemon in loads.items():
            measured = [_ask(port, connections, SPREADS[spread], seconds, "DATA") for _ in range(rounds)]
            passed += sum(actions.get("DUNNO", 0) for _, actions in measured)
            by_daemon["martlet"] = _median([load for load, _ in measured])
    finally:
        server.stop()
    with sqlite3.connect(server.database.path) as database:
        return database.execute("SELECT SUM(sent_month) FROM domains").fetchone()[0], passed


def _peer(daemon, connections, domains, seconds):
    running = daemon().start()
    try:
        return _ask(running.port, connections, domains, seconds, daemon.state)[0]
    finally:
        running.stop()


def _ask(port, connections, domains, seconds, state):
    options = {"port": port, "connections": connections, "domains": domains, "seconds": seconds, "state": state}
    command = [built("policy-load", "POLICY_LOAD_BINARY"), *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return bench.Load(rate=done["rate"], p50=done["p50_ms"], p99=done["p99_ms"], failed=done["broken"]), done["actions"]


def _median(loads):
    return bench.median(loads)


class Peer(Program):
    """A daemon of Debian's, with files that its own user may write."""

    state = "RCPT"

    def __init__(self):
        directory = Path(bench.directory())
        shutil.chown(directory, self.user)
        super().__init__(directory, self.name)
        self.port = free_port()

    def start(self):
        self.launch(self.command(), {})
        eventually(self._answers, within=20, every=0.1, what=f"{self.name} answers; its log: {self.log[-2000:]}")
        return self

    def stop(self):
        if self.is_running:
            self.terminate()

    def _answers(self):
        assert self.is_running, self.log
        load, _ = _ask(self.port, 1, 1, 0.05, self.state)
        return load.failed == 0 and load.rate > 0


class PolicydRateLimit(Peer):
    name = "policyd-rate-limit"
    user = "policyd-rate-limit"

    def command(self):
        configuration = self.directory / "configuration.yaml"
        configuration.write_text(
            f"""
debug: False
user: "{self.user}"
group: "{self.user}"
pidfile: "{self.directory}/pid"
sqlite_config: {{database: "{self.directory}/db.sqlite3"}}
backend: 0
SOCKET: ["127.0.0.1", {self.port}]
limits: [[{UNLIMITED}, 86400]]
limit_by_sasl: True
success_action: "dunno"
fail_action: "defer_if_permit Rate limit reach, retry later"
db_error_action: "dunno"
report: False
delay_to_close: 300
"""
        )
        return ["policyd-rate-limit", "--file", configuration]


class Postfwd(Peer):
    """Its rates are kept by a process beside its workers, which it starts as a daemon only: the program we start ends at once."""

    name = "postfwd2"
    user = "postfw"
    limit = UNLIMITED

    def command(self):
        rule = f"id=R1; sasl_username=~/./; action=rate(sasl_username/{self.limit}/86400/450 4.7.1 too many)"
        listen = ["--interface", "127.0.0.1", "--port", self.port]
        return ["postfwd2", "--daemon", "--user", self.user, "--group", self.user, *listen, "--pidfile", self._pidfile, "--rule", rule]

    @property
    def is_running(self):
        return True  # as far as the program knows that we started

    def stop(self):
        pid = int(self._pidfile.read_text())
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not Path(f"/proc/{pid}").exists(), what="postfwd2 ends")

    @property
    def _pidfile(self):
        return self.directory / "pid"
