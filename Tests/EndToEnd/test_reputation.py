"""What an account's bounces and complaints lead to: warning, block, review."""

import pytest

from martlet.emails import email, reaches, send
from martlet.wait import eventually

BOUNCE = "bounce@simulator.martlet.test"
COMPLAINT = "complaint@simulator.martlet.test"


@pytest.fixture(scope="module")
def server(start_server):
    """The guillotine stays out of the way: here it is the account that is judged."""
    return start_server(MARTLET_GUILLOTINE_BOUNCE_PERCENT="100", MARTLET_REPUTATION_MINIMUM_SENT="40")


def reputation(client, ref):
    answer = client.get(f"/accounts/{ref}/reputation")
    assert answer.status == 200, answer
    return answer.json


def becomes(server, account, status):
    return eventually(
        lambda: (lambda now: now if now["status"] == status else None)(reputation(account, account.ref)),
        what=f"{account.ref} is {status}, {reputation(account, account.ref)}",
    )


def fill(account, domain, count):
    """Counts emails as a mail server would, without sending any."""
    assert account.post(f"/domains/{domain}/outbound/increment", {"count": count}).json["allowed"]


def test_below_the_minimum_nobody_is_judged(server, account, domain):
    for _ in range(5):
        reaches(account, send(account, domain, to=BOUNCE)["id"], "BOUNCED_PERMANENT")
    assert reputation(account, account.ref)["bounce_rate"] == 100.0
    assert reputation(account, account.ref)["status"] == "ok"


def test_warning_block_review_lift(server, account, domain):
    fill(account, domain, 199)
    for _ in range(5):
        reaches(account, send(account, domain, to=BOUNCE)["id"], "BOUNCED_PERMANENT")
    # 5 of 204 are less than 2.5 %.
    assert reputation(account, account.ref)["status"] == "ok"
    reaches(account, send(account, domain, to=BOUNCE)["id"], "BOUNCED_PERMANENT")
    warned = becomes(server, account, "warning")
    assert (warned["sent"], warned["bounces"]) == (205, 6) and "bounce rate" in warned["reason"]
    assert send(account, domain)["status"] == "QUEUED", "a warning stops nothing"
    for _ in range(5):
        reaches(account, send(account, domain, to=BOUNCE)["id"], "BOUNCED_PERMANENT")
    becomes(server, account, "blocked")
    refused = account.post("/emails", email(domain))
    assert refused.status == 403 and refused.data["status"] == "BLOCKED_DUE_BAD_BEHAVIOUR", refused
    assert account.post(f"/domains/{domain}/outbound/increment").json["reason"] == "account_blocked"
    assert account.post(f"/accounts/{account.ref}/review", {"decision": "lift"}).status == 403
    assert account.post("/emails", email(domain)).status == 403
    assert account.ref in [one["partner_ref"] for one in server.master.get("/accounts?status=blocked").json]
    kept = server.master.post(f"/accounts/{account.ref}/review", {"decision": "keep", "note": "asked for their list"}).json
    assert kept["status"] == "blocked"
    lifted = server.master.post(f"/accounts/{account.ref}/review", {"decision": "lift", "note": "list cleaned"}).json
    assert lifted["status"] == "ok" and lifted["sent"] == 0 and [one["decision"] for one in lifted["reviews"]] == ["lift", "keep"]
    # In the fresh window the next bounce is no verdict.
    reaches(account, send(account, domain, to=BOUNCE)["id"], "BOUNCED_PERMANENT")
    reaches(account, send(account, domain)["id"], "DELIVERED")
    assert reputation(account, account.ref)["status"] == "ok"


def test_one_complaint_in_a_thousand_blocks(server, account, domain):
    fill(account, domain, 999)
    reaches(account, send(account, domain, to=COMPLAINT)["id"], "COMPLAINED")
    assert becomes(server, account, "blocked")["complaint_rate"] == 0.1


def test_a_block_outlives_a_restart(server, account, domain):
    server.master.post(f"/accounts/{account.ref}/review", {"decision": "block", "note": "phishing"})
    account.close()
    server.stop()
    server.start()
    assert account.post("/emails", email(domain)).status == 403
    assert reputation(account, account.ref)["reason"] == "blocked by the operator: phishing"


def test_others_do_not_see_it(server, account):
    assert server.account().get(f"/accounts/{account.ref}/reputation").status == 404
    assert server.client(None).get(f"/accounts/{account.ref}/reputation").status == 401
