"""Ten million emails of the past year on PostgreSQL: what they cost those that are accepted and sent today, and how the oldest months go."""

import time
from concurrent.futures import ThreadPoolExecutor

from bench import HTTP_ONLY, Load, directory, median, say, wrk
from martlet.server import Server
from martlet.sink import Sink
from martlet.wait import eventually
from past import MONTHS, fill, partitions
from scratch import ask, postgres

EMAILS = 1_000_000
"""How many are stored; `--emails` says otherwise."""
SETTINGS = {"MARTLET_GATE_REQUIRE_VERIFIED": "false"}
CLAIMED = 4_000
KEPT_DAYS = 180


def measure(table, seconds, rounds):
    with postgres() as _:
        empty, full = Stage(), Stage()
        try:
            began = time.monotonic()
            full.fill(EMAILS)
            size = ask(full.server.database.url, "SELECT pg_size_pretty(pg_database_size(current_database()))")
            table.add(f"{EMAILS:,} emails of {MONTHS} months", size, f"made in {time.monotonic() - began:.0f} s")
            _in_turns(rounds, (empty, full), lambda stage: stage.accept(seconds))
            reference = median(empty.accepted)
            table.add_load("POST /emails, empty database", reference)
            table.add_load(f"POST /emails, {EMAILS:,} stored", median(full.accepted), reference, 0.9)
            _in_turns(rounds, (empty, full), lambda stage: stage.claim(CLAIMED))
            one, many = (sorted(stage.claimed)[len(stage.claimed) // 2] for stage in (empty, full))
            table.add("claimed, handed over and recorded, empty database", f"{one:,.0f}/s", f"{CLAIMED:,} a round")
            table.add(f"the same, {EMAILS:,} stored", f"{many:,.0f}/s = {many / one:.2f} ×", "", "≥ 0.9 ×", many >= 0.9 * one)
            _drop(table, full, max(seconds, 10))
        finally:
            empty.stop()
            full.stop()


def _in_turns(rounds, stages, measurement):
    """Who begins changes too: what else the machine does falls on both."""
    for number in range(rounds):
        for stage in stages[:: -1 if number % 2 else 1]:
            measurement(stage)


def _drop(table, stage, seconds):
    """A node that keeps half a year comes up while emails are accepted."""
    url = stage.server.database.url
    before = partitions(url, "emails")
    quiet = stage.accept(seconds)
    with ThreadPoolExecutor() as pool:
        load = pool.submit(stage.accept, seconds)
        time.sleep(seconds / 4)
        began = time.monotonic()
        scheduler = Server(
            directory(), MARTLET_DATABASE_URL=url, MARTLET_ROLES="http,scheduler", MARTLET_RETENTION_EMAILS_DAYS=KEPT_DAYS, **SETTINGS
        ).start()
        try:
            eventually(lambda: len(partitions(url, "emails")) < len(before), within=60, every=0.05)
            after = eventually(lambda: _settled(url), within=60, every=0.1)
            took = time.monotonic() - began
        finally:
            scheduler.stop()
        busy = load.result()
    gone = len(before) - len(after)
    table.add(
        "POST /emails while months are dropped", f"{busy.rate:,.0f}/s = {busy.rate / quiet.rate:.2f} ×",
        f"{gone} months in {took:.1f} s with the start of the node; p99 {busy.p99:.1f} ms (before {quiet.p99:.1f}),"
        f" longest {busy.longest:.0f} ms (before {quiet.longest:.0f}), {busy.failed} failed",
        "none failed, longest < 1 s", busy.failed == 0 and busy.longest < 1000,
    )


def _settled(url):
    """The months that are left, once all tables of emails have the same."""
    left = [partitions(url, table) for table in ("emails", "email_contents", "timeline", "ses_messages")]
    return left[0] if len({len(names) for names in left}) == 1 else None


class Stage:
    """A node on a database of its own, and the stand-in for SES that it sends to."""

    def __init__(self):
        self.sink = Sink(directory()).start()
        self.server = Server(directory(), **self.sink.environment, **SETTINGS, **HTTP_ONLY).start()
        self.account = self.server.account()
        self.domain = self.server.domain(self.account)
        self.accepted, self.claimed = [], []
        self.queued = 0

    def fill(self, count):
        self.accept(1)
        self.server.stop()
        fill(self.server.database.url, count)
        self.server.start()
        self.accepted.clear()

    def accept(self, seconds):
        load = wrk(f"{self.server.url}/emails", seconds, "emails.lua", TOKEN=self.account.token, DOMAIN=self.domain)
        self.accepted.append(load)
        self.queued += load.rate * seconds
        return load

    def claim(self, count):
        """Lets the node send for a while: the rate between the first and the last tenth, so that neither start nor end count."""
        while self.queued < 1.2 * count:
            self.accept(1)
            self.accepted.pop()
        before = self.sink.stats()["accepted"]
        self.server.stop()
        self.server.start(MARTLET_ROLES="http,delivery")
        eventually(
            lambda: self.sink.stats()["accepted"] >= before + count, within=300, every=0.1,
            what=f"{count} of {self.queued:.0f} queued emails are sent",
        )
        self.server.stop()
        self.queued -= self.sink.stats()["accepted"] - before
        times = [message.at_ms for message in self.sink.accepted()][before : before + count]
        span = times[count // 10 : -count // 10]
        self.claimed.append(len(span) / ((span[-1] - span[0]) / 1000))
        self.server.start(**HTTP_ONLY)

    def stop(self):
        self.server.stop()
        self.sink.stop()
