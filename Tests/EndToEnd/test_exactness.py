"""A limit of N lets N and only N through, whatever comes at once and whenever the process dies."""

import random
import time

from martlet.client import BROKEN
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.wait import eventually

CLIENTS = 64
LIMIT = 1000


class Attempts:
    """Calls both interfaces in turn and notes what was answered."""

    def __init__(self, server, account, domain, per_client=None):
        self.tally = Tally()
        self.account, self.domain = account, domain
        self.per_client = per_client
        self.done = [0] * CLIENTS

    def __call__(self, number):
        self.done[number] += 1
        try:
            self._email() if (number + self.done[number]) % 2 else self._increment()
        except BROKEN:
            self.tally.add("unanswered")
            return False
        return None if self.per_client is None else self.done[number] < self.per_client

    @property
    def allowed(self):
        return self.tally["emails"] + self.tally["increments"]

    def _email(self):
        answer = self.account.post("/emails", email(self.domain))
        if answer.status == 202:
            self.tally.add("emails")
            self.tally.keep("ids", answer.data["id"])
        elif answer.status == 429:
            assert int(answer.headers["Retry-After"]) > 0
            self.tally.add("refused")
        else:
            assert answer.status == 503, answer

    def _increment(self):
        answer = self.account.post(f"/domains/{self.domain}/outbound/increment")
        if answer.status == 503:
            return
        assert answer.status == 200, answer
        if answer.json["allowed"]:
            self.tally.add("increments")
        else:
            assert answer.json["reason"] == "daily_limit_exceeded", answer
            self.tally.add("refused")


def test_exactly_the_limit(server, account):
    domain = server.domain(account, outbound_daily_limit=LIMIT)
    attempts = Attempts(server, account, domain, per_client=24)
    Load(CLIENTS, attempts).__enter__().wait()
    assert attempts.allowed == LIMIT
    assert attempts.tally["emails"] > 0 and attempts.tally["increments"] > 0 and attempts.tally["refused"] == CLIENTS * 24 - LIMIT
    assert server.outbound(domain)["outbound_sent_today"] == LIMIT
    assert len(listed(account)) == attempts.tally["emails"]


def test_exactly_the_limit_over_a_crash(server, account, figure):
    domain = server.domain(account, outbound_daily_limit=LIMIT)
    before = Attempts(server, account, domain)
    with Load(CLIENTS, before) as load:
        eventually(lambda: before.allowed >= LIMIT // 3, within=60, every=0.005)
        time.sleep(random.uniform(0, 0.05))  # somewhere inside a commit
        server.kill()
        load.wait()
    assert before.allowed < LIMIT, "the process was killed too late"

    server.start()
    counted = server.outbound(domain)["outbound_sent_today"]
    assert before.allowed <= counted <= before.allowed + before.tally["unanswered"]
    stored = {item["id"] for item in listed(account)}
    assert set(before.tally.list("ids")) <= stored
    figure(f"crash at the limit: {before.allowed} allowed answers seen, {counted} counted, {before.tally['unanswered']} requests unanswered")

    after = Attempts(server, account, domain, per_client=30)
    Load(CLIENTS, after).__enter__().wait()
    assert after.allowed == LIMIT - counted
    assert server.outbound(domain)["outbound_sent_today"] == LIMIT
