"""Emails with a `sendAt`: they go when their time has come, and not when they are cancelled before."""

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from martlet.emails import email, listed, reaches, send, source, status_of

HOUR = 3600


def ahead(seconds):
    return datetime.now(timezone(timedelta(hours=2))) + timedelta(seconds=seconds)


def test_goes_when_its_time_has_come(server, account, domain):
    time = ahead(1.5)
    data = send(account, domain, sendAt=time.isoformat())
    assert data["status"] == "SCHEDULED" and server.outbound(domain)["outbound_sent_today"] == 1
    assert datetime.fromisoformat(data["sendAt"]) == time.replace(microsecond=time.microsecond // 1000 * 1000)
    done = reaches(account, data["id"], "DELIVERED")
    assert [entry["status"] for entry in done["timeline"]][:2] == ["SCHEDULED", "DEQUEUED"]
    taken = datetime.fromisoformat(done["timeline"][1]["at"])
    assert timedelta(0) <= taken - datetime.fromisoformat(data["sendAt"]) < timedelta(seconds=3)
    assert abs(parsedate_to_datetime(source(account, data["id"])["Date"]) - time) < timedelta(seconds=2)


def test_past_is_at_once(account, domain):
    answer = account.post("/emails", email(domain, sendAt=ahead(-HOUR).isoformat()))
    assert answer.data["status"] == "QUEUED" and "sendAt" in answer.json["meta"]["explain"]
    reaches(account, answer.data["id"], "DELIVERED")


def test_cancelled_is_not_sent(server, account):
    domain = server.domain(account, outbound_daily_limit=2)
    kept, cancelled = (send(account, domain, sendAt=ahead(2).isoformat())["id"] for _ in range(2))
    assert account.post("/emails", email(domain)).status == 429
    assert account.delete(f"/emails/{cancelled}").status == 204
    assert server.outbound(domain)["outbound_sent_today"] == 1
    reaches(account, kept, "DELIVERED")
    assert status_of(account, cancelled) == "CANCELLED"
    answer = account.delete(f"/emails/{kept}")
    assert answer.status == 409 and answer.data["status"] in ("DELIVERED", "SENT"), answer
    assert [one["id"] for one in listed(account, "status=CANCELLED")] == [cancelled]


def test_suppressed_in_the_meantime(account, domain):
    id = send(account, domain, to="reader@customer.example", sendAt=ahead(1.5).isoformat())["id"]
    assert account.post("/suppressions", {"address": "reader@customer.example", "reason": "manual"}).status == 201
    last = reaches(account, id, "BLACKLISTED")["timeline"][-1]
    assert last["status"] == "BLACKLISTED" and "suppression list" in last["explain"]


def test_too_far_ahead(start_server):
    server = start_server(MARTLET_EMAILS_MAXIMUM_SCHEDULE_DAYS="2")
    account = server.account()
    domain = server.domain(account)
    answer = account.post("/emails", email(domain, sendAt=ahead(49 * HOUR).isoformat()))
    assert answer.status == 422 and "at the latest" in answer.json["meta"]["explain"], answer
    send(account, domain, sendAt=ahead(47 * HOUR).isoformat())
    server.stop()
    server.start()
    assert [one["status"] for one in listed(server.client(account.token, account.ref))] == ["SCHEDULED"]
