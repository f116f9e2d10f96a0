"""Start, memory, and whether a filled database slows the way in."""

import time

from bench import HTTP_ONLY, directory, median, resident_megabytes, say, wrk
from fill import fill
from martlet.emails import send
from martlet.server import Server


def measure(table, seconds, rounds):
    empty = _accepting(seconds, rounds, filled=False)
    full = _accepting(seconds, rounds, filled=True)
    starts = (empty["start"], full["start"])
    table.add("start to first answer", f"{starts[0]:.2f} s", f"{starts[1]:.2f} s with 1,000,000 emails", "< 0.5 s", max(starts) < 0.5)
    table.add("memory, idle", f"{empty['idle']:.0f} MB", "", "< 60 MB", empty["idle"] < 60)
    table.add_load("POST /emails, empty database", empty["load"])
    table.add_load("POST /emails, 1,000,000 emails and 10,000 domains", full["load"], empty["load"], 0.9)
    table.add("memory under load, filled database", f"{full['memory']:.0f} MB", "", "< 200 MB", full["memory"] < 200)


def _accepting(seconds, rounds, filled):
    server = Server(directory(), **HTTP_ONLY).start()
    try:
        account = server.account()
        domain = server.domain(account)
        send(account, domain)
        server.stop()
        if filled:
            fill(server.database.path)
            say(f"  {server.database.path.stat().st_size / 1e9:.1f} GB")
        # The readiness poll of `start` asks every 20 ms: that is how exact the time is.
        before = time.monotonic()
        server.start()
        start = time.monotonic() - before
        idle = resident_megabytes(server)
        loads = [wrk(f"{server.url}/emails", seconds, "emails.lua", TOKEN=account.token, DOMAIN=domain) for _ in range(rounds)]
        return {"start": start, "idle": idle, "load": median(loads), "memory": resident_megabytes(server)}
    finally:
        server.stop()
