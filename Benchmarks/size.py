"""Start, memory, and whether a filled database slows the way in."""

import time

from bench import HTTP_ONLY, directory, median, resident_megabytes, wrk
from fill import fill
from martlet.server import Server


def measure(table, seconds, rounds):
    empty = _accepting(seconds, rounds)
    full = _accepting(seconds, rounds, fill)
    table.add("start to first answer", f"{empty['start']:.2f} s", f"{full['start']:.2f} s with 1,000,000 emails", "< 0.5 s", max(empty["start"], full["start"]) < 0.5)
    table.add("memory, idle", f"{empty['idle']:.0f} MB", "", "< 60 MB", empty["idle"] < 60)
    ratio = full["load"].rate / empty["load"].rate
    table.add_load("POST /emails, empty database", empty["load"])
    table.add(
        "POST /emails, 1,000,000 emails and 10,000 domains",
        f"{full['load'].rate:,.0f}/s = {ratio:.2f} ×",
        f"p50 {full['load'].p50:.1f} ms, p99 {full['load'].p99:.1f} ms",
        "≥ 0.9 × empty",
        ratio >= 0.9,
    )
    table.add("memory under load, filled database", f"{full['memory']:.0f} MB", "", "< 200 MB", full["memory"] < 200)


def _accepting(seconds, rounds, fill=None):
    server = Server(directory(), **HTTP_ONLY).start()
    try:
        account = server.account()
        domain = server.domain(account)
        if fill:
            server.stop()
            fill(server.database)
        else:
            server.stop()
        # The readiness poll of `start` asks every 20 ms: that is how exact the time is.
        before = time.monotonic()
        server.start()
        start = time.monotonic() - before
        idle = resident_megabytes(server)
        loads = [wrk(f"{server.url}/emails", seconds, "emails.lua", TOKEN=account.token, DOMAIN=domain) for _ in range(rounds)]
        return {"start": start, "idle": idle, "load": median(loads), "memory": resident_megabytes(server)}
    finally:
        server.stop()
