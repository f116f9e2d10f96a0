"""Recipients that look wrong: role addresses, domains without a mail server, soft bounces in a row; and double opt-in."""

import http.client
import re
import time

import pytest

from martlet.client import Client
from martlet.emails import email, reaches, send
from martlet.name_server import FAILS, SILENT, NameServer
from martlet.programs import free_port
from martlet.submission import Wire
from martlet.wait import eventually

TABLE = {
    "good.example": {"MX": [(10, "mx.good.example")]},
    "implicit.example": {"A": ["192.0.2.1"]},
    "null.example": {"MX": [(0, "")], "A": ["192.0.2.1"]},
    "empty.example": {},
    "broken.example": FAILS,
    "silent.example": SILENT,
}


@pytest.fixture(scope="module")
def dns():
    with NameServer(TABLE) as server:
        yield server


@pytest.fixture(scope="module")
def submission_port():
    return free_port()


@pytest.fixture(scope="module")
def strict(start_server, dns, submission_port):
    return start_server(
        MARTLET_DNS_NAMESERVER=dns.address,
        MARTLET_RECIPIENTS_REQUIRE_MX="refuse",
        MARTLET_RECIPIENTS_ROLE_ADDRESSES="refuse",
        MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{submission_port}",
    )


@pytest.fixture(scope="module")
def sender(strict):
    account = strict.account()
    return account, strict.domain(account)


@pytest.mark.parametrize("name", ["good.example", "implicit.example", "broken.example", "silent.example"])
def test_domains_that_take_mail_or_may(sender, name):
    account, domain = sender
    began = time.monotonic()
    assert account.post("/emails", email(domain, to=f"ann@{name}")).status == 202
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("name", ["null.example", "empty.example", "nowhere.example"])
def test_domains_that_take_no_mail(sender, strict, name):
    account, domain = sender
    counted = strict.outbound(domain)["outbound_sent_today"]
    answer = account.post("/emails", email(domain, to=f"ann@{name}"))
    assert (answer.status, answer.data) == (422, {"status": "BAD_TO"}) and name in answer.explain
    assert strict.outbound(domain)["outbound_sent_today"] == counted
    assert account.get(f"/emails?to=ann@{name}").data == []


def test_submission_says_it_in_the_codes_of_smtp(sender, submission_port):
    account, _ = sender
    with Wire(submission_port) as wire:
        wire.log_in(account.token)
        assert wire.say("MAIL FROM:<a@b.example>").startswith("250")
        assert wire.say("RCPT TO:<ann@null.example>").startswith("556 5.1.10 ")
        assert wire.say("RCPT TO:<ann@nowhere.example>").startswith("550 5.1.2 ")
        assert wire.say("RCPT TO:<ann@good.example>").startswith("250 2.1.5")


def test_answers_are_kept(sender, dns):
    account, domain = sender
    for number in range(20):
        assert account.post("/emails", email(domain, to=f"u{number}@good.example")).status == 202
    assert dns.asked.count(("good.example", 15)) == 1


@pytest.mark.parametrize("name, status", [("postmaster", 422), ("Abuse", 422), ("noc+x", 422), ("nocturne", 202)])
def test_role_addresses(sender, name, status):
    account, domain = sender
    assert account.post("/emails", email(domain, to=f"{name}@good.example")).status == status


def test_warnings(start_server, dns):
    server = start_server(
        MARTLET_DNS_NAMESERVER=dns.address, MARTLET_RECIPIENTS_REQUIRE_MX="warn", MARTLET_RECIPIENTS_ROLE_ADDRESSES="warn"
    )
    account = server.account()
    answer = account.post("/emails", email(server.domain(account), to="noc@empty.example"))
    assert answer.status == 202 and "role address" in answer.explain and "empty.example" in answer.explain


def test_soft_bounces_in_a_row(start_server):
    server = start_server(MARTLET_RECIPIENTS_SOFT_BOUNCE_LIMIT="2")
    account = server.account()
    domain = server.domain(account)
    for number in range(3):
        reaches(account, send(account, domain, to="softbounce@simulator.martlet.test")["id"], "BOUNCED")
    # Simulators are there to be used again.
    assert account.get("/suppressions").data == []


def confirmation_link(master, address):
    """The path of the link that an email carries: only the master sees it, with the capture transport."""
    found = eventually(lambda: master.get(f"/emails?to={address}").data)[0]
    text = master.get(f"/emails/{found['id']}").data["text"]
    return re.search(r"https?://[^\s]+(/c/[A-Za-z0-9_-]+)", text).group(1)


def test_double_opt_in(server, account, domain):
    request = {"email": "reader@customer.example", "list": "news", "from": f"news@{domain}", "language": "es"}
    created = account.post("/subscriptions", request)
    assert (created.status, created.data["status"]) == (202, "PENDING")
    assert account.post("/subscriptions", request).data["id"] == created.data["id"]
    link = confirmation_link(server.master, "reader@customer.example")
    anybody = Client(server.port)
    for method in ("GET", "HEAD", "GET"):
        assert anybody.request(method, link).status == 200
    assert account.get("/subscriptions?list=news").data[0]["status"] == "PENDING"
    blocked = account.post("/emails", email(domain, to="reader@customer.example", list="news"))
    assert (blocked.status, blocked.data["status"]) == (202, "BLACKLISTED")
    assert anybody.post(link[:-1] + ("A" if link[-1] != "A" else "B")).status == 404
    assert anybody.post(link, User_Agent="e2e/1").status == 200
    found = account.get("/subscriptions?list=news").data[0]
    assert found["status"] == "CONFIRMED" and found["proof"]["ip"] == "127.0.0.1" and found["proof"]["userAgent"] == "e2e/1"
    sent = account.post("/emails", email(domain, to="reader@customer.example", list="news"))
    reaches(account, sent.data["id"], "DELIVERED")
