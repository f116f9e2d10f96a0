"""Addresses below a proven domain, by every interface; the MAIL FROM domain and the zone file of all records."""

import re

import pytest

from martlet.emails import email, listed, reaches, send
from martlet.policy import PolicyConnection
from martlet.programs import free_port
from martlet.server import unique


@pytest.fixture(scope="module")
def server(start_server):
    port = free_port()
    server = start_server(MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", MARTLET_POLICY_UNKNOWN_DOMAIN="reject")
    server.policy_port = port
    return server


def sent_today(server, domain):
    return server.outbound(domain)["outbound_sent_today"]


def ask(port, sender, count=1):
    with PolicyConnection(port) as connection:
        return connection.ask(sender, recipient_count=count)


def test_the_nearest_domain_above_is_charged(server, account, domain):
    reaches(account, send(account, f"news.{domain}")["id"], "DELIVERED")
    answer = account.post("/emails/batch", {"emails": [email(f"a.b.{domain}"), email(domain), email(f"news.{unique('else')}.example")]})
    assert [item["status"] for item in answer.data] == [202, 202, 403], answer
    assert sent_today(server, domain) == 3
    # The call of the outbound-control document is about the domain that it names.
    assert account.post(f"/domains/news.{domain}/outbound/increment").status == 404
    assert ask(server.policy_port, f"x@mail.{domain}", 4).startswith("DUNNO")
    assert sent_today(server, domain) == 7
    assert ask(server.policy_port, f"x@mail.{unique('else')}.example").startswith("REJECT")
    assert len(listed(account)) == 3


def test_limits_and_suspensions_hold_below(server, account):
    domain = server.domain(account, outbound_daily_limit=2)
    for _ in range(2):
        send(account, f"news.{domain}")
    assert account.post("/emails", email(f"news.{domain}")).status == 429
    assert ask(server.policy_port, f"x@mail.{domain}").startswith("DEFER_IF_PERMIT")
    assert server.master.put(f"/domains/{domain}/outbound", {"outbound_status": "suspended"}).status == 200
    refused = account.post("/emails", email(f"news.{domain}"))
    assert refused.status == 403 and refused.data["status"] == "BLOCKED_DUE_BAD_BEHAVIOUR", refused
    assert ask(server.policy_port, f"x@mail.{domain}").startswith("REJECT")


def test_a_subdomain_of_another_account_is_that_accounts(server, account, domain):
    other = server.account()
    theirs = f"theirs.{domain}"
    assert server.master.post("/domains", {"name": theirs, "partner_ref": other.ref}).status == 201
    assert other.post(f"/domains/{theirs}/ses-verify").status == 200
    assert other.get(f"/domains/{theirs}/ses-status").json["ses_verified"] is True
    refused = account.post("/emails", email(theirs))
    assert refused.status == 403 and refused.data["status"] == "BAD_FROM", refused
    send(other, theirs)
    assert (sent_today(server, domain), sent_today(server, theirs)) == (0, 1)


def test_the_setting_turns_it_off(start_server):
    port = free_port()
    server = start_server(
        MARTLET_GATE_SUBDOMAINS="false", MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", MARTLET_POLICY_UNKNOWN_DOMAIN="reject"
    )
    account = server.account()
    domain = server.domain(account)
    assert account.post("/emails", email(f"news.{domain}")).data["status"] == "BAD_FROM"
    assert ask(port, f"x@mail.{domain}").startswith("REJECT")
    send(account, domain)


def test_mail_from(server, account):
    name = unique("domain") + ".example"
    assert account.post("/domains", {"name": name}).status == 201
    assert account.get(f"/domains/{name}/records.zone").status == 409
    plain = account.post(f"/domains/{name}/ses-verify")
    assert [record["type"] for record in plain.json["dns_records"]] == ["TXT", "CNAME", "CNAME", "CNAME"], plain
    more = account.post(f"/domains/{name}/ses-verify", {"mail_from": "mail"})
    assert more.json["dns_records"][:4] == plain.json["dns_records"]
    mx, txt = more.json["dns_records"][4:]
    assert mx["type"] == "MX" and mx["name"] == txt["name"] == f"mail.{name}", more
    assert re.fullmatch(r"10 feedback-smtp\.[a-z0-9-]+\.amazonses\.com", mx["value"])
    assert (txt["type"], txt["value"]) == ("TXT", "v=spf1 include:amazonses.com ~all")
    for wrong in ("", name, "a b", 7, "_x"):
        refused = account.post(f"/domains/{name}/ses-verify", {"mail_from": wrong})
        assert refused.status == 422 and "mail_from" in refused.json["detail"], (wrong, refused)

    zone = account.get(f"/domains/{name}/records.zone")
    assert zone.status == 200 and zone.headers["Content-Type"].startswith("text/"), zone
    lines = [line for line in zone.body.decode().splitlines() if not line.startswith(";")]
    parsed = [re.fullmatch(r"(\S+)\. \d+ IN (\S+) (.+)", line).groups() for line in lines]
    value = {"TXT": lambda text: text.strip('"'), "CNAME": lambda text: text.rstrip("."), "MX": lambda text: text.rstrip(".")}
    assert [{"name": owner, "type": kind, "value": value[kind](data)} for owner, kind, data in parsed] == [
        {key: record[key] for key in ("name", "type", "value")} for record in more.json["dns_records"]
    ]
    assert server.account().get(f"/domains/{name}/records.zone").status == 404

    gone = account.post(f"/domains/{name}/ses-verify", {"mail_from": None})
    assert gone.json["dns_records"] == plain.json["dns_records"]
    assert "MX" not in account.get(f"/domains/{name}/records.zone").body.decode()
