"""The way out: a filled queue emptied into the SES stand-in."""

from bench import HTTP_ONLY, cpu_seconds, directory, say, wrk
from martlet.server import Server
from martlet.sink import Sink
from martlet.wait import eventually


def measure(table, seconds, rounds):
    unpaced, server, sink = _drained(20_000)
    rate = len(unpaced) / _span(unpaced)
    detail = f"{len(unpaced):,} emails; CPU an email: {server:.0f} µs, and {sink:.0f} µs of ses-sink"
    table.add("drain at 50 ms a call", f"{rate:,.0f}/s", detail, "≥ 4,000/s", rate >= 4000)
    paced, _, _ = _drained(10_000, "--max-send-rate", "500")
    peak, mean = _peak(paced), len(paced) / _span(paced)
    table.add(
        "drain at MaxSendRate 500", f"{mean:,.0f}/s", f"at most {peak} in any second", "≤ 500 in any second, mean ≥ 480", peak <= 500 and mean >= 480
    )


def _drained(count, *options):
    """The times in ms at which the sink took at least `count` queued emails, in order, and microseconds of CPU an email: server, sink."""
    say(f"filling the queue with {count} emails")
    sink = Sink(directory()).start("--latency-ms", "50", *options)
    server = Server(directory(), **sink.environment, **HTTP_ONLY).start()
    try:
        account = server.account()
        domain = server.domain(account)
        filled = 0
        while filled < count:
            filled += wrk(f"{server.url}/emails", 1, "emails.lua", TOKEN=account.token, DOMAIN=domain).rate
        server.stop()
        taken = cpu_seconds(sink)
        server.start(MARTLET_ROLES="http,delivery")
        eventually(lambda: sink.stats()["accepted"] >= count, within=120, every=0.2)
        # The start of the server is a tenth of a second of all.
        cpu = [seconds / sink.stats()["accepted"] * 1e6 for seconds in (cpu_seconds(server), cpu_seconds(sink) - taken)]
    finally:
        server.stop()
        sink.stop()
    return [message.at_ms for message in sink.accepted()][:count], *cpu


def _span(times):
    return (times[-1] - times[0]) / 1000


def _peak(times):
    """The most in any window of 1,000 ms, wherever it starts."""
    start, peak = 0, 0
    for end, at in enumerate(times):
        while times[start] <= at - 1000:
            start += 1
        peak = max(peak, end - start + 1)
    return peak
