"""Refused sends are listed with their reason, a flood of them is bounded, and soft bounces are tried again where that is set."""

import csv
import io
import time

from martlet.emails import email, listed, reaches, send
from martlet.wait import eventually

SOFT = "softbounce@simulator.martlet.test"


def refusals(client, query=""):
    """All pages of the list."""
    found, after = [], None
    while True:
        answer = client.get(f"/refusals?limit=400{f'&after={after}' if after else ''}{'&' + query if query else ''}")
        assert answer.status == 200, answer
        found += answer.data
        after = answer.json["meta"].get("next")
        if not after:
            return found


def test_why_emails_were_refused(server, account, domain):
    cases = [
        (email("foreign.example"), 403, "sender_not_allowed"), (email(domain, to="Eva, Inc. <e@c.example>"), 422, "invalid_value"),
        (email(domain, to=["a@c.example"]), 422, "wrong_type"), ({"to": "a@c.example", "subject": "s", "text": "t"}, 400, "missing_field"),
    ]
    for body, status, code in cases:
        assert account.post("/emails", body).status == status
    account.put(f"/domains/{domain}/outbound", {"outbound_daily_limit": 1})
    assert send(account, domain)["status"] == "QUEUED"
    assert account.post("/emails", email(domain, to="Late <late@c.example>")).status == 429
    found = refusals(account)
    assert [(row["status"], row["code"]) for row in found] == [(429, "daily_limit_exceeded"), *[(status, code) for _, status, code in reversed(cases)]]
    assert (found[0]["to"], found[0]["from"], found[0]["userName"]) == ("late@c.example", f"news@{domain}", account.ref)
    assert all(row["key"] == found[0]["key"] for row in found) and "limit of the day" in found[0]["explain"]
    assert refusals(server.master, f"userName={account.ref}") == found
    assert refusals(server.account()) == []
    table = list(csv.DictReader(io.StringIO(account.get("/refusals?format=csv").body.decode())))
    assert [row["code"] for row in table] == [row["code"] for row in found]
    assert len(listed(account)) == 1


def test_a_flood_is_bounded_and_survives_a_restart(start_server, figure):
    server = start_server()
    account, quiet = server.account(), server.account()
    domain = server.domain(account)
    quiet.post("/emails", email("foreign.example"))
    batch = {"emails": [email(domain) for _ in range(1000)]}
    began = time.monotonic()
    assert {item["status"] for item in account.post("/emails/batch", batch).data} == {202}
    accepted = time.monotonic() - began
    for item in batch["emails"]:
        item["from"] = "news@foreign.example"
    began = time.monotonic()
    for number in range(4):
        for place, item in enumerate(batch["emails"]):
            item["to"] = f"u{number * 1000 + place}@c.example"
        assert {item["status"] for item in account.post("/emails/batch", batch).data} == {403}
    refused = (time.monotonic() - began) / 4
    figure(f"refusals: a batch of 1,000 accepted in {accepted:.2f} s, refused in {refused:.2f} s")
    found = refusals(account)
    assert [row["to"] for row in found] == [f"u{number}@c.example" for number in range(3999, 2999, -1)]
    assert len(refusals(quiet)) == 1
    account.post("/emails", email("foreign.example", to="last@c.example"))
    server.stop()
    server.start()
    found = refusals(account)
    assert len(found) == 1000 and found[0]["to"] == "last@c.example"


def test_soft_bounces_are_tried_again(start_server):
    server = start_server(MARTLET_DELIVERY_RETRY_SOFT_BOUNCES="2", MARTLET_DELIVERY_RETRY_SECONDS="1")
    account = server.account()
    domain = server.domain(account)
    id = send(account, domain, to=SOFT)["id"]

    def ended():
        data = account.get(f"/emails/{id}").data
        return data if [entry["status"] for entry in data["timeline"]].count("BOUNCED") == 3 else None

    data = eventually(ended, within=20, what="three bounces")
    assert (data["status"], data["attempts"]) == ("BOUNCED", 3)
    retries = [entry for entry in data["timeline"] if entry["status"] == "QUEUED" and "explain" in entry]
    assert ["retry 1 of at most 2" in retries[0]["explain"], "retry 2 of at most 2" in retries[1]["explain"]] == [True, True] and len(retries) == 2
    delivered = send(account, domain)["id"]
    assert reaches(account, delivered, "DELIVERED")["attempts"] == 1
    assert account.get(f"/domains/{domain}/outbound").json["outbound_sent_today"] == 2


def test_soft_bounces_are_not_tried_again_by_default(account, domain):
    data = reaches(account, send(account, domain, to=SOFT)["id"], "BOUNCED")
    assert data["attempts"] == 1 and [entry["status"] for entry in data["timeline"]].count("QUEUED") == 1
