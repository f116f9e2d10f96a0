"""Twenty times SIGKILL under load: what was acknowledged exists and is sent; how often SES got a message twice is printed."""

import random
import time

import pytest

from martlet.client import BROKEN
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.wait import eventually

ROUNDS = 20
CLIENTS = 8
PER_ROUND = 150


@pytest.mark.timeout(300)
def test_twenty_kills(start_server, start_sink, figure):
    sink = start_sink("--latency-ms", "50")
    server = start_server(MARTLET_DELIVERY_LEASE_SECONDS="2", MARTLET_DELIVERY_GRACE_SECONDS="2", **sink.environment)
    account = server.account()
    domain = server.domain(account)
    tally = Tally()

    def submit(_):
        try:
            answer = account.post("/emails", email(domain, to="user@customer.example"))
        except BROKEN:
            return False
        assert answer.status in (202, 503), answer
        if answer.status == 202:
            tally.keep("ids", answer.data["id"])

    for round in range(ROUNDS):
        before = len(tally.list("ids"))
        with Load(CLIENTS, submit) as load:
            eventually(lambda: len(tally.list("ids")) >= before + PER_ROUND or not load.is_running, within=30, every=0.005)
            time.sleep(random.uniform(0, 0.1))
            server.kill()
            load.wait()
        server.start()

    acknowledged = set(tally.list("ids"))
    eventually(lambda: _unfinished(account) == 0, within=90, every=1, what="every email is sent")
    emails = {item["id"]: item["status"] for item in listed(account)}
    assert acknowledged <= set(emails), "an acknowledged email is lost"
    assert set(emails.values()) == {"SENT"}

    handed_over = sink.times_by_id()
    assert set(emails) == set(handed_over), "a sent email never reached SES"
    twice = sum(times - 1 for times in handed_over.values())
    figure(
        f"{ROUNDS} kills: {len(acknowledged)} emails acknowledged, {len(emails)} stored, all SENT; {twice} handed to SES again "
        f"({twice / ROUNDS:.1f} a kill): calls whose answer died with the process and that no event settled within the grace time"
    )
    # What is claimed and not yet answered when a process dies bounds what can be sent twice.
    assert twice < 100 * ROUNDS


def _unfinished(account):
    return sum(len(account.get(f"/emails?status={status}&limit=1000").data) for status in ("QUEUED", "DEQUEUED"))
