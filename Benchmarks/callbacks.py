"""Callbacks to receivers on this machine: how many a second, and how soon after the event."""

from bench import HTTP_ONLY, directory, say, wrk
from martlet.server import Server
from martlet.sink import Sink
from martlet.wait import eventually

RECEIVERS = 100
CHANGES_PER_SECOND = 500


def measure(table, seconds, rounds):
    _throughput(table, 20_000)
    _latency(table, "event to first callback, 100 receivers", 10_000, dead=False, goal=200)
    _latency(table, "event to first callback, 1 of 100 dead", 10_000, dead=True, goal=1000)


def _throughput(table, count):
    """An outbox that was filled while nobody worked it off: two changes of status for each email."""
    with Desk() as desk:
        desk.fill(count // 2)
        desk.restart("http,delivery")
        eventually(lambda: desk.sink.stats()["accepted"] >= count // 2, within=120, every=0.2)
        desk.restart("http,callbacks")
        calls = eventually(lambda: _enough(desk.sink.called(), count), within=120, every=0.5)
    times = sorted(call.at_ms for call in calls)
    rate = len(times) / ((times[-1] - times[0]) / 1000)
    table.add("callbacks from a full outbox", f"{rate:,.0f}/s", f"{len(times):,} to {RECEIVERS} receivers", "≥ 1,000/s", rate >= 1000)


def _latency(table, name, count, dead, goal):
    with Desk() as desk:
        desk.fill(count, dead)
        desk.restart("http,delivery,callbacks", MARTLET_DELIVERY_RATE=CHANGES_PER_SECOND // 2)
        alive = 2 * count * (RECEIVERS - dead) // RECEIVERS
        calls = eventually(lambda: _enough([call for call in desk.sink.called() if "hang" not in call.path], alive), within=180, every=0.5)
    delays = sorted(call.at_ms - call.event_ms for call in calls)
    rate = len(calls) / ((max(call.event_ms for call in calls) - min(call.event_ms for call in calls)) / 1000)
    p50, p99 = delays[len(delays) // 2], delays[len(delays) * 99 // 100]
    table.add(name, f"p99 {p99} ms", f"p50 {p50} ms, {rate:,.0f} changes of status/s", f"p99 < {goal} ms", p99 < goal)


def _enough(calls, count):
    return calls if len(calls) >= count else None


class Desk:
    """A server, the sink that plays SES and the receivers, and an account with a domain."""

    def __enter__(self):
        self.sink = Sink(directory()).start()
        self.server = Server(directory(), MARTLET_CALLBACKS_ALLOW_PRIVATE="true", **self.sink.environment, **HTTP_ONLY).start()
        self.account = self.server.account()
        self.domain = self.server.domain(self.account)
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.sink.stop()

    def restart(self, roles, **changed):
        self.server.stop()
        self.server.start(MARTLET_ROLES=roles, **changed)

    def fill(self, count, dead=False):
        """Puts at least `count` emails into the queue, each with one of the receivers."""
        say(f"filling the queue with {count} emails")
        filled = 0
        while filled < count:
            first = "hang" if dead else "0"
            load = wrk(
                f"{self.server.url}/emails", 1, "callbacks.lua", threads=1, TOKEN=self.account.token, DOMAIN=self.domain,
                CALLBACKS=self.sink.callback(""), FIRST=first, RECEIVERS=str(RECEIVERS))
            filled += load.rate
