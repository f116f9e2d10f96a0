"""The slowest `POST /emails` while 100,000 domains are rolled into a new month, and during `reset-monthly`."""

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from bench import directory, say, wrk
from martlet.server import Server
from martlet.wait import eventually
from scratch import ask, postgres, sqlite

DOMAINS = 100_000
"""How many there are; `--domains` says otherwise."""
CONNECTIONS = 16
SETTINGS = {"MARTLET_GATE_REQUIRE_VERIFIED": "false"}
COPIED = (
    "account_id, created_at, tier, status, enforcement, daily_limit, monthly_limit, warmup_profile, spike_max_multiplier,"
    " ses_verified, identity_status, dkim_status, day, month"
)
FILL = f"""
    INSERT INTO domains (name, {COPIED}, sent_today, history, sent_month, bounces, complaints)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {{count}})
    SELECT 'filled' || n || '.example', {COPIED}, 0, '', 0, 0, 0 FROM numbers CROSS JOIN (SELECT * FROM domains ORDER BY id LIMIT 1) d
"""
TURN_BACK = (
    "UPDATE domains SET day = day - 1, month = month - 1, sent_today = 7, sent_month = 200, bounces = 1",
    "DELETE FROM scheduled_runs",
    "DELETE FROM job_leases",
)
"""Every domain counts in the day and month before, and nobody has rolled them."""
BEHIND = "SELECT COUNT(*) FROM domains WHERE month < {month}"


def measure(table, seconds, rounds):
    with sqlite():
        _measure(table, "SQLite", seconds)
    with postgres():
        _measure(table, "PostgreSQL", seconds)


def _measure(table, engine, seconds):
    stage = Stage()
    try:
        stage.fill(DOMAINS)
        quiet = stage.accept(seconds)
        table.add(f"{engine}: slowest POST /emails, {DOMAINS:,} domains", f"{quiet.longest:.0f} ms", f"{quiet.rate:,.0f}/s")
        midnight, took = stage.midnight(seconds)
        _add(table, f"{engine}: the same at midnight", midnight, f"rolled {took:.1f} s after the start")
        reset, took = stage.reset(seconds)
        _add(table, f"{engine}: the same during reset-monthly", reset, f"answered after {took:.1f} s")
    finally:
        stage.server.stop()


def _add(table, name, load, detail):
    met = load.failed == 0 and load.longest < 1000
    detail = f"{load.rate:,.0f}/s, p99 {load.p99:.0f} ms, {load.failed} failed; {detail}"
    table.add(name, f"{load.longest:.0f} ms", detail, "< 1 s, none failed", met)


class Stage:
    """A node that accepts, and rolls the counters at its start."""

    def __init__(self):
        self.server = Server(directory(), MARTLET_ROLES="http,scheduler", **SETTINGS).start()
        self.account = self.server.account()
        self.domain = self.server.domain(self.account)

    def fill(self, count):
        say(f"filling the database with {count:,} domains")
        self.accept(1)
        self.server.stop()
        self.change(FILL.format(count=count))
        self.server.start()

    def accept(self, seconds):
        return wrk(
            f"{self.server.url}/emails", seconds, "emails.lua", connections=CONNECTIONS, TOKEN=self.account.token, DOMAIN=self.domain
        )

    def midnight(self, seconds):
        """The load, and how long it took until no domain was left in the month before."""
        now = datetime.now(timezone.utc)
        behind = BEHIND.format(month=now.year * 12 + now.month - 1)
        self.server.stop()
        self.change(*TURN_BACK)
        self.server.start()
        began = time.monotonic()
        with ThreadPoolExecutor() as pool:
            load = pool.submit(self.accept, seconds)
            eventually(lambda: self.number(behind) == 0, within=600, every=0.2)
            return load.result(), time.monotonic() - began

    def reset(self, seconds):
        """The load, and how long the call took that began in the middle of it."""
        with ThreadPoolExecutor() as pool:
            load = pool.submit(self.accept, seconds)
            time.sleep(seconds / 4)
            began = time.monotonic()
            answer = self.server.client(self.server.master.token, timeout=600).post("/outbound/reset-monthly")
            took = time.monotonic() - began
        found = json.loads(answer.body)
        assert found["reset_count"] > DOMAINS and len(found["frozen"]) > DOMAINS, answer
        return load.result(), took

    def change(self, *statements):
        if hasattr(self.server.database, "path"):
            with sqlite3.connect(self.server.database.path) as connection:
                for statement in statements:
                    connection.execute(statement)
            connection.close()
        else:
            ask(self.server.database.url, "; ".join([*statements, "ANALYZE domains"]))

    def number(self, query):
        if hasattr(self.server.database, "path"):
            connection = sqlite3.connect(f"file:{self.server.database.path}?mode=ro", uri=True)
            try:
                return connection.execute(query).fetchone()[0]
            finally:
                connection.close()
        return int(ask(self.server.database.url, query))
