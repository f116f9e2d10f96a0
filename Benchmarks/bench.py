"""What the parts of the benchmark share: programs, wrk, the table."""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

CONNECTIONS = 64
HTTP_ONLY = {"MARTLET_ROLES": "http"}
"""Only accepts: what is measured is the way in, and the queue stays for the drain."""


def build():
    """Builds the release programs, but for those that a variable such as `MARTLET_BINARY` names; `built` finds them."""
    os.environ["MARTLET_TEST_CONFIGURATION"] = "release"
    for product in ("martlet", "ses-sink", "policy-load", "yardsticks"):
        if product.upper().replace("-", "_") + "_BINARY" in os.environ:
            continue
        print(f"building {product}", file=sys.stderr, flush=True)
        done = subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)


def directory():
    """A new directory, gone at the end of the run."""
    path = tempfile.mkdtemp(prefix="martlet-bench-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def say(text):
    print(text, file=sys.stderr, flush=True)


@dataclass
class Load:
    """What wrk measured: requests a second, latencies in milliseconds, answers that were not 2xx or 3xx.

    `cpu` is what the server worked for a request, in microseconds, where it was measured.
    """

    rate: float
    p50: float
    p99: float
    failed: int
    longest: float = 0
    cpu: float | None = None


def wrk(url, seconds, script=None, threads=2, connections=CONNECTIONS, **environment):
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    if script:
        command += ["-s", str(ROOT / "Benchmarks" / "wrk" / script)]
    done = subprocess.run([*command, url], env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    text = done.stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        p50=_milliseconds(re.search(r"^ +50% +(\S+)", text, re.MULTILINE).group(1)),
        p99=_milliseconds(re.search(r"^ +99% +(\S+)", text, re.MULTILINE).group(1)),
        failed=int(failed.group(1)) if failed else 0,
        longest=_milliseconds(re.search(r"^ +Latency +\S+ +\S+ +(\S+)", text, re.MULTILINE).group(1)),
    )


def costed(server, path, seconds, script=None, **environment):
    """The load on a program that listens on `server.port`, with what it costs the program."""
    before = cpu_seconds(server)
    load = wrk(f"http://127.0.0.1:{server.port}{path}", seconds, script, **environment)
    load.cpu = (cpu_seconds(server) - before) / (load.rate * seconds) * 1e6
    return load


def median(loads):
    """The load with the median rate."""
    return sorted(loads, key=lambda load: load.rate)[len(loads) // 2]


def _milliseconds(text):
    for unit, factor in (("us", 0.001), ("ms", 1), ("s", 1000), ("m", 60_000)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * factor
    raise ValueError(text)


def cpu_seconds(server):
    """What a program's threads have worked so far: unlike rates, it hardly depends on what else the machine does."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(server):
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


class Table:
    """Rows of measurement, value, goal; a goal is a text and whether it is met."""

    def __init__(self):
        self.rows = []

    def add(self, name, value, detail="", goal="", met=None):
        self.rows.append((name, value, detail, goal, {None: "", True: "yes", False: "**no**"}[met]))
        say(f"  {name}: {value} {detail}")

    def add_load(self, name, load, reference=None, ratio=None, p99=None):
        share = load.rate / reference.rate if reference else None
        goals = [f"≥ {ratio} ×"] * (ratio is not None) + [f"p99 < {p99} ms"] * (p99 is not None)
        met = (ratio is None or share >= ratio) and (p99 is None or load.p99 < p99) and load.failed == 0 if goals else None
        value = f"{load.rate:,.0f}/s" + (f" = {share:.2f} ×" if share else "")
        failed = f", {load.failed} failed" if load.failed else ""
        cost = f", {load.cpu:.0f} µs of CPU" if load.cpu else ""
        self.add(name, value, f"p50 {load.p50:.1f} ms, p99 {load.p99:.1f} ms{cost}{failed}", ", ".join(goals), met)

    def __str__(self):
        head = ("measured", "value", "detail", "goal", "met")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(5)]
        lines = [head, tuple("-" * width for width in widths), *self.rows]
        return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)
