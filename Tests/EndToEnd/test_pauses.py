"""What SES pauses (a configuration set, a tenant, an identity) waits; the mail of all others leaves at the full rate. Tiers and tenants of SES."""

import re

import pytest

from martlet.browser import expect
from martlet.emails import email, reaches, send, status_of
from martlet.receiver import Receiver
from martlet.server import MASTER, unique
from martlet.wait import eventually

RATE = 100
PAUSED, OTHERS = 300, 500
SETS = {"MARTLET_SES_CONFIGURATION_SETS": "shared:mail,dedicated:mail-dedicated"}


def accepted(account, domain, count):
    answer = account.post("/emails/batch", {"emails": [email(domain) for _ in range(count)]})
    assert answer.status == 200, answer
    return [item["data"]["id"] for item in answer.json["data"]]


def rate_of(sink, ids):
    """How many of these emails a second were taken, from the first to the last."""
    times = sorted(message.at_ms for message in sink.accepted() if message.id in ids)
    return (len(times) - 1) / (times[-1] - times[0]) * 1000


def pause(sink, **names):
    assert sink.client.post("/_pauses", {"configurationSets": [], "identities": [], **names}).status == 200


def verdict(sink, tenant, status, **more):
    assert sink.client.post("/_verdicts", {"tenant": tenant, "status": status, **more}).status == 200


def tenants(sink):
    return sink.client.post("/_verdicts").json["tenants"]


def domain_page(browser, server, domain):
    with browser.tab(server.url) as tab:
        tab.open("/dashboard/login")
        tab.page.get_by_label("Token").fill(MASTER)
        tab.page.get_by_role("button", name="Log in").click()
        expect(tab.page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
        tab.open(f"/dashboard/domains/{domain}")
        return tab.page.inner_text("main")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", ["set", "identity", "tenant"])
def test_the_others_mail_leaves_at_full_rate(browser, start_server, start_sink, figure, what):
    sink = start_sink("--max-send-rate", RATE)
    mode = {"MARTLET_SES_TENANTS": "domain"} if what == "tenant" else {}
    server = start_server(MARTLET_LOG_LEVEL="info", **SETS, **mode, **sink.environment)
    account = server.account()
    held, other = server.domain(account), server.domain(account)
    assert server.master.put(f"/domains/{held}/outbound", {"outbound_tier": "dedicated"}).status == 200
    for domain in (held, other):
        reaches(account, send(account, domain)["id"], "SENT", within=40)
    if what == "set":
        pause(sink, configurationSets=["mail-dedicated"])
    elif what == "identity":
        pause(sink, identities=[held])
    else:
        verdict(sink, next(name for name in tenants(sink) if name.startswith(held.replace(".", "-"))), "DISABLED", cause="Complaints.")
    server.stop()
    server.start(MARTLET_ROLES="http")
    account = server.client(account.token, account.ref)
    # What is paused falls due before the others.
    waiting, going = set(accepted(account, held, PAUSED)), set(accepted(account, other, OTHERS))
    server.stop()
    server.start(MARTLET_ROLES="http,delivery")
    account = server.client(account.token, account.ref)
    eventually(lambda: going <= set(sink.times_by_id()), within=60, every=0.2, what="the others' mail leaves")
    measured = rate_of(sink, going)
    figure(f"a paused {what}: the others' {OTHERS} emails left at {measured:.0f} of {RATE} a second; {sink.stats()['faults']['paused']} of {PAUSED} were tried")
    assert measured > 0.75 * RATE
    assert not waiting & set(sink.times_by_id())
    assert status_of(account, next(iter(waiting))) in ("QUEUED", "DEQUEUED")
    assert server.log.count("takes no mail of one scope") == 1
    text = domain_page(browser, server, held)
    assert "Amazon SES takes no mail of the " + {"set": "configuration set mail-dedicated", "identity": f"identity {held}", "tenant": "tenant"}[what] in text
    assert "Amazon SES takes no mail" not in domain_page(browser, server, other)
    # Resumed, it all goes, once each.
    pause(sink)
    for name in tenants(sink):
        verdict(sink, name, "ENABLED")
    eventually(lambda: waiting <= set(sink.times_by_id()), within=120, every=0.5, what="what waited is sent")
    assert sink.stats()["duplicates"] == 0
    eventually(lambda: "Amazon SES takes no mail" not in domain_page(browser, server, held), within=10, what="the page says no more of it")


def test_the_tier_picks_the_set(start_server, start_sink):
    sink = start_sink()
    server = start_server(**SETS, **sink.environment)
    account = server.account()
    shared, dedicated = server.domain(account), server.domain(account)
    assert server.master.put(f"/domains/{dedicated}/outbound", {"outbound_tier": "dedicated"}).status == 200
    for domain in (shared, shared, dedicated):
        reaches(account, send(account, domain)["id"], "SENT")
    assert sink.stats()["bySet"] == {"mail": 2, "mail-dedicated": 1}
    # A change has an effect within seconds.
    assert server.master.put(f"/domains/{shared}/outbound", {"outbound_tier": "dedicated"}).status == 200

    def moved():
        reaches(account, send(account, shared)["id"], "SENT")
        return sink.stats()["bySet"]["mail-dedicated"] > 1

    eventually(moved, within=20, every=0.5, what="the new tier has an effect")


def test_a_paused_account_holds_up_the_queue_and_fails_nothing(start_server, start_sink):
    sink = start_sink()
    server = start_server(**sink.environment)
    account = server.account()
    domain = server.domain(account)
    sink.control(pauseAccount=1)
    id = send(account, domain)["id"]
    eventually(lambda: "takes no mail; the queue waits" in server.log, what="the queue waits")
    assert status_of(account, id) in ("QUEUED", "DEQUEUED") and "takes no mail of one scope" not in server.log


def test_a_policy_of_before_still_sends(start_server, start_sink):
    """Without ses:GetAccount the quota is the one of version 1."""
    sink = start_sink("--deny-account", 1, "--max-send-rate", 50)
    server = start_server(**sink.environment)
    account = server.account()
    domain = server.domain(account)
    ids = accepted(account, domain, 20)
    eventually(lambda: set(ids) <= set(sink.times_by_id()), within=15, what="all are sent, at more than one a second")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["account", "domain"])
def test_tenants_are_made_on_first_need(start_server, start_sink, mode):
    sink = start_sink()
    with Receiver() as receiver:
        server = start_server(MARTLET_SES_TENANTS=mode, MARTLET_CALLBACKS_ALLOW_PRIVATE="true", **SETS, **sink.environment)
        account = server.account(unique("acme"))
        assert account.post("/callback-endpoints", {"url": receiver.url(), "events": ["account.reputation", "domain.reputation"]}).status == 201
        first, second = server.domain(account), server.domain(account)
        assert tenants(sink) == {}, "none before it is needed"
        for domain in (first, second, first):
            reaches(account, send(account, domain)["id"], "SENT", within=40)
        made = tenants(sink)
        assert len(made) == (1 if mode == "account" else 2)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in made)
        resources = sorted(arn.split(":")[-1] for arns in made.values() for arn in arns)
        sets = ["configuration-set/mail"] * len(made)
        assert resources == sorted([*sets, f"identity/{first}", f"identity/{second}"])
        assert sum(sink.stats()["byTenant"].values()) == 3 and "-" not in sink.stats()["byTenant"]
        # What SES says is asked for, shown, and told when it is bad.
        tenant = next(name for name in made if mode == "account" or name.startswith(first.replace(".", "-")))
        verdict(sink, tenant, "DISABLED", cause="The complaint rate is high.", impact="HIGH")
        server.stop()
        server.start()
        account = server.client(account.token, account.ref)

        def judged():
            found = account.get(f"/accounts/{account.ref}/reputation").json["tenants"]
            return next((entry for entry in found if entry["name"] == tenant and entry["status"] == "DISABLED"), None)

        entry = eventually(judged, within=90, every=0.5, what="SES's verdict is polled")
        assert (entry["domain"], entry["cause"], entry["impact"], entry["policy"]) == (
            None if mode == "account" else first, "The complaint rate is high.", "HIGH", "standard")
        told = receiver.waits_for(1)
        assert [call.json["event"] for call in told] == [f"{mode}.reputation"] and "paused the mail" in told[0].json["explain"]
        # A restart has made none anew.
        verdict(sink, tenant, "ENABLED")
        reaches(account, send(account, first)["id"], "SENT", within=40)
        assert sink.client.post("/_verdicts").json["calls"]["tenants"] == len(made)
