"""What an account must know: by callback, by email to its contacts and the operator, and on the dashboard, once each."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from standardwebhooks import Webhook

from martlet import databases
from martlet.doctor import doctor
from martlet.emails import email, listed, reaches, send, source
from martlet.receiver import Receiver
from martlet.server import unique
from martlet.wait import eventually

FROM, OPERATOR = "notices@operator.example", "watch@operator.example"
KINDS = [
    "account.warning", "account.blocked", "account.reviewed", "account.quota", "domain.suspended", "domain.resumed", "domain.quota",
    "domain.verified", "callbacks.failing",
]
WITHOUT_VERIFIED = [kind for kind in KINDS if kind != "domain.verified"]
"""For contacts who are entered while the notice of the fixture's domain may still be on its way."""
BOUNCE = "bounce@simulator.martlet.test"
SETTINGS = {
    "MARTLET_NOTICES_FROM": FROM, "MARTLET_NOTICES_TO": OPERATOR, "MARTLET_CALLBACKS_ALLOW_PRIVATE": "true",
    "MARTLET_REPUTATION_MINIMUM_SENT": "40",
}


@pytest.fixture(scope="module")
def nodes(start_server):
    """Two servers on one database, or one where the engine is SQLite."""
    first = start_server(**SETTINGS)
    if not databases.SERVER:
        return [first]
    return [first, start_server(MARTLET_DATABASE_URL=first.database.url, **SETTINGS)]


@pytest.fixture(scope="module")
def server(nodes):
    return nodes[0]


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


def contacts(account, *items):
    answer = account.put(f"/accounts/{account.ref}/contacts", list(items))
    assert answer.status == 200, answer
    return answer.json


def mails(server, address):
    """The subjects of the notices that were mailed to an address, oldest first."""
    found = [one for one in listed(server.master, f"to={address}") if one["from"] == FROM]
    return [one["subject"] for one in reversed(found)]


def review(server, account, decision):
    answer = server.master.post(f"/accounts/{account.ref}/review", {"decision": decision, "note": "looked at"})
    assert answer.status == 200, answer


def test_a_domain_on_its_way(nodes, server, account, receiver, browser):
    """From its verification over a warning, its suspension and resumption to the end of its quota."""
    ann, ana = f"{unique('ann')}@people.example", f"{unique('ana')}@people.example"
    contacts(
        account, {"address": ann}, {"address": ana, "events": ["domain.quota", "account.warning"], "language": "es"},
        {"address": f"{unique('none')}@people.example", "events": ["callbacks.failing"]},
    )
    endpoint = account.post("/callback-endpoints", {"url": receiver.url("/notices"), "events": KINDS})
    assert endpoint.status == 201, endpoint
    domain = server.domain(account, outbound_daily_limit=100)
    assert account.post(f"/domains/{domain}/outbound/increment", {"count": 60}).json["allowed"]
    # 2 of 62 are more than the 2.5 % of a warning, and than the guillotine's 3 %.
    for _ in range(2):
        reaches(account, send(account, domain, to=BOUNCE)["id"], "BOUNCED_PERMANENT")
    eventually(lambda: server.outbound(domain)["outbound_status"] == "suspended", what="the guillotine")
    answer = server.master.put(f"/domains/{domain}/outbound", {"outbound_status": "active"})
    assert answer.status == 200, answer

    clients = [node.client(account.token, account.ref) for node in nodes]
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(clients[number % len(nodes)].post, f"/domains/{domain}/outbound/increment") for number in range(60)]
    assert sum(call.result().json["allowed"] for call in calls) == 38

    expected = [
        ("domain.verified", None), ("account.warning", None), ("domain.suspended", None), ("domain.resumed", None), ("domain.quota", 80),
        ("domain.quota", 100),
    ]
    told = receiver.waits_for(len(expected))
    webhook = Webhook(account.get("/callback-secret").data["secret"])
    bodies = [webhook.verify(call.body, call.headers) for call in told]
    found = [(one["event"], one.get("details", {}).get("level")) for one in bodies]
    assert sorted(found, key=str) == sorted(expected, key=str), bodies
    assert all(one["username"] == account.ref and one["explain"] for one in bodies)
    assert all(one["domain"] == domain for one in bodies if one["event"].startswith("domain."))
    for one in (one for one in bodies if one["event"] == "domain.quota"):
        level = one["details"]["level"]
        assert one["details"] == {"period": "day", "level": level, "limit": 100, "sent": level}

    subjects = [
        f"{domain} is verified", f"Warning: the account {account.ref} is near a block", f"{domain} is suspended",
        f"{domain} may send again", f"80 % of the daily limit of {domain} is used", f"The daily limit of {domain} is reached",
    ]
    eventually(lambda: len(mails(server, ann)) >= len(subjects), what=f"Ann's mail, has {mails(server, ann)}")
    assert sorted(mails(server, ann)) == sorted(subjects)
    spanish = [
        f"Aviso: la cuenta {account.ref} está cerca de un bloqueo", f"Se ha usado el 80 % del límite diario de {domain}",
        f"Se ha alcanzado el límite diario de {domain}",
    ]
    assert sorted(mails(server, ana)) == sorted(spanish)
    assert sorted(subject for subject in mails(server, OPERATOR) if domain in subject or account.ref in subject) == sorted(subjects)

    with browser.tab(server.url) as tab:
        tab.log_in(account.token)
        lines = tab.page.locator(".told li").all_inner_texts()
        for kind, level in expected:
            count = sum(kind in line for line in lines)
            assert count == (2 if level else 1), (kind, lines)
        assert any("80 %" in line for line in lines) and len(lines) == len(expected), lines
        tab.look("notices")
    assert tab.faults == []

    # None of it counts for the customer, whose own list does not have it.
    assert server.outbound(domain)["outbound_sent_today"] == 100
    assert server.master.get(f"/accounts/{account.ref}/outbound").json["sent_today"] == 100
    assert len(listed(account)) == 2 and len(receiver.told) == len(expected)


def test_the_mail_is_plain_and_has_no_unsubscribe_link(server, account, domain):
    ann = f"{unique('ann')}@people.example"
    contacts(account, {"address": ann, "language": "pt", "events": WITHOUT_VERIFIED})
    review(server, account, "block")
    eventually(lambda: len(mails(server, ann)) == 2, what=f"both notices, {mails(server, ann)}")
    blocked = next(one for one in listed(server.master, f"to={ann}") if "bloqueada" in one["subject"])
    message = source(server.master, blocked["id"])
    assert message.get_content_type() == "text/plain" and message["List-Unsubscribe"] is None and message["From"] == FROM
    text = message.get_content()
    assert "looked at" in text and account.ref in text and "novos e-mails são recusados" in text
    reaches(server.master, blocked["id"], "DELIVERED")
    assert account.post("/emails", email(domain)).status == 403


def test_an_account_is_told_of_its_own_limits(server, account, domain, receiver):
    account.post("/callback-endpoints", {"url": receiver.url(), "events": ["account.quota"]})
    assert server.master.put(f"/accounts/{account.ref}/limits", {"monthly_limit": 10}).status == 200
    for count in (8, 2):
        assert account.post(f"/domains/{domain}/outbound/increment", {"count": count}).json["allowed"]
    told = sorted((call.json["details"] for call in receiver.waits_for(2)), key=lambda one: one["level"])
    assert told == [{"period": "month", "level": level, "limit": 10, "sent": sent} for level, sent in ((80, 8), (100, 10))]


def test_one_of_a_kind_an_hour_and_never_to_a_suppressed_address(server, account, domain):
    ann, bob, cid = (f"{unique(name)}@people.example" for name in ("ann", "bob", "cid"))
    contacts(account, *({"address": address, "events": WITHOUT_VERIFIED} for address in (ann, bob, cid)))
    assert account.post("/suppressions", {"address": bob}).status == 201
    for status in ("suspended", "active", "suspended", "active"):
        assert server.master.put(f"/domains/{domain}/outbound", {"outbound_status": status}).status == 200
    eventually(lambda: len(mails(server, ann)) == 2, what=f"Ann's mail, {mails(server, ann)}")
    # As a bounce or complaint of a notice does, which the simulator's addresses do not.
    assert server.master.post("/suppressions", {"address": cid, "userName": "martlet:system"}).status == 201
    review(server, account, "keep")
    eventually(lambda: len(mails(server, ann)) == 3, what=f"Ann's mail, {mails(server, ann)}")
    assert sorted(mails(server, ann)) == sorted(
        [f"{domain} is suspended", f"{domain} may send again", f"The account {account.ref} was reviewed"]
    )
    assert mails(server, bob) == [] and len(mails(server, cid)) == 2


def test_a_notice_survives_the_death_of_its_node(start_server):
    server = start_server(**SETTINGS, MARTLET_ROLES="http,delivery,callbacks")
    account = server.account()
    domain = server.domain(account)
    ann = f"{unique('ann')}@people.example"
    contacts(account, {"address": ann, "events": ["domain.suspended"]})
    assert server.master.put(f"/domains/{domain}/outbound", {"outbound_status": "suspended"}).status == 200
    assert mails(server, ann) == []
    server.kill()
    server.start(MARTLET_ROLES=None)
    eventually(lambda: mails(server, ann) == [f"{domain} is suspended"], within=20, what="the mail")


def test_without_a_sender_there_is_the_dashboard_and_doctor_says_so(server, start_server):
    silent = start_server(MARTLET_NOTICES_TO=OPERATOR)
    account = silent.account()
    contacts(account, {"address": "ann@people.example"})
    domain = silent.domain(account)
    assert silent.master.put(f"/domains/{domain}/outbound", {"outbound_status": "suspended"}).status == 200
    found = {check["check"]: check["detail"] for check in doctor(silent)[1]}
    assert "MARTLET_NOTICES_FROM is not set" in found["notices"] and "MARTLET_NOTICES_TO" in found["configuration"], found
    assert listed(silent.master) == []
    found = {check["check"]: check["detail"] for check in doctor(server)[1]}
    assert "are mailed from n***@operator.example" in found["notices"], found
