"""What SES refuses of one identity holds up nothing of the others."""

import pytest

from martlet.emails import email, reaches, status_of
from martlet.server import unique
from martlet.wait import eventually

DENIED = 300
OTHERS = 60


@pytest.mark.timeout(300)
def test_mail_of_a_denied_identity_waits_and_other_mail_goes_on(start_server, start_sink, figure):
    sink = start_sink("--deny-identities", 1)
    server = start_server(MARTLET_ROLES="http", **sink.environment)
    account = server.account()
    denied, domain = server.domain(account, unique("denied") + ".example"), server.domain(account)

    def accepted(domain, count):
        answer = account.post("/emails/batch", {"emails": [email(domain) for _ in range(count)]})
        assert answer.status == 200, answer
        return [item["data"]["id"] for item in answer.json["data"]]

    # More than one claim takes, and due before the others.
    waiting = accepted(denied, DENIED)
    others = accepted(domain, OTHERS)
    server.stop()
    server.start(MARTLET_ROLES="http,delivery")
    # No probe comes before half a minute has passed.
    eventually(lambda: set(others) <= set(sink.times_by_id()), within=20, what="the other mail goes on")
    tried = sink.stats()["faults"]["denied"]
    assert not set(waiting) & set(sink.times_by_id())
    assert status_of(account, waiting[-1]) in ("QUEUED", "DEQUEUED")
    assert server.log.count("takes no mail of one scope") == 1
    figure(f"a denied identity: {tried} of its {DENIED} emails were tried before it was parked")
    # What comes meanwhile goes, too.
    for id in accepted(domain, 5):
        reaches(account, id, "SENT")
    sink.control(denyIdentities=0)
    eventually(lambda: sink.stats()["unique"] == DENIED + OTHERS + 5, within=120, every=0.5, what="what waited is sent")
    assert sink.stats()["duplicates"] == 0
    for id in waiting:
        assert reaches(account, id, "SENT")["attempts"] == 1
    assert server.log.count("takes mail of a scope again") == 1
