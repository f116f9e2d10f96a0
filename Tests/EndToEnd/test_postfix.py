"""Postfix from Debian asks the policy daemon for each message; the domain's counter equals what Postfix accepted."""

import smtplib
import sqlite3

import pytest

from martlet.databases import SQLite
from martlet.load import Load, Tally
from martlet.postfix import Postfix, skip_unless_possible, submit
from martlet.programs import free_port
from martlet.server import unique
from martlet.wait import eventually

RECIPIENT = "user@customer.example"


@pytest.fixture(scope="module", autouse=True)
def possible():
    skip_unless_possible()


@pytest.fixture(scope="module")
def start_both(start_server):
    """Starts a server with a policy door, and a Postfix that asks there: `start_both(restrictions, setting=…)`."""
    running = []

    def start(settings=None, states=("data",), default_action="451 4.3.5 Server configuration problem", **changed):
        port = free_port()
        server = start_server(MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", **(settings or {}))
        restrictions = {f"smtpd_{state}_restrictions": f"check_policy_service inet:127.0.0.1:{port}" for state in states}
        postfix = Postfix(**restrictions, smtpd_policy_service_default_action=default_action, **changed)
        running.append(postfix)
        return server, postfix.start()

    yield start
    for postfix in running:
        postfix.stop()


@pytest.fixture(scope="module")
def both(start_both):
    """As docs/postfix.md says: asked at DATA."""
    return start_both()


def delivered(postfix, sender, count):
    return eventually(
        lambda: (found := postfix.sink.messages(sender)) and len(found) >= count and found, within=20, what=f"{count} messages are delivered"
    )


def sent(server, domain):
    return server.outbound(domain)["outbound_sent_today"]


def test_all_pass_until_the_daily_limit_and_then_none(both):
    server, postfix = both
    domain = server.domain(server.account(), outbound_daily_limit=40)
    sender = f"news@{domain}"
    warnings = postfix.source(sender, messages=60)
    refused = [line for line in warnings if "450 4.7.1" in line]
    assert len(refused) == 20, warnings
    assert "has sent 40 of its daily limit of 40 emails, 1 more would exceed it; opens again" in refused[0]
    assert sent(server, domain) == 40
    code, text = postfix.send(sender, RECIPIENT)
    assert code == 450 and text.startswith("4.7.1 "), text
    assert sent(server, domain) == 40
    assert len(delivered(postfix, sender, 40)) == 40


def test_many_messages_on_one_connection(both):
    server, postfix = both
    domain = server.domain(server.account(), outbound_daily_limit=10)
    with postfix.client() as client:
        answers = [submit(client, f"news@{domain}", RECIPIENT)[0] for _ in range(15)]
    assert answers == [250] * 10 + [450] * 5
    assert sent(server, domain) == 10


@pytest.mark.parametrize(
    "outbound, code, text",
    [
        ({"outbound_status": "suspended"}, 554, "5.7.1 Outbound mail of {} is suspended"),
        ({"outbound_monthly_limit": 1}, 554, "5.7.1 {} has sent 1 of its monthly limit of 1 emails, 1 more would exceed it; opens again"),
    ],
    ids=["suspended", "monthly"],
)
def test_rejections_say_why(both, outbound, code, text):
    server, postfix = both
    domain = server.domain(server.account())
    assert postfix.send(f"news@{domain}", RECIPIENT)[0] == 250
    assert server.master.put(f"/domains/{domain}/outbound", outbound).status == 200
    answer = postfix.send(f"news@{domain}", RECIPIENT)
    assert answer[0] == code and text.removeprefix("5.7.1 ").format(domain) in answer[1] and answer[1].startswith("5.7.1 "), answer
    assert sent(server, domain) == 1


def test_unverified_domains_are_rejected(both):
    server, postfix = both
    domain = unique("unverified") + ".example"
    assert server.account().post("/domains", {"name": domain}).status == 201
    assert postfix.send(f"news@{domain}", RECIPIENT)[0] == 250, "what a customer claims is an unknown domain"
    domain = unique("unverified") + ".example"
    assert server.master.post("/domains", {"name": domain}).status == 201
    code, text = postfix.send(f"news@{domain}", RECIPIENT)
    assert (code, text.startswith("5.7.1 ")) == (554, True) and f"The domain {domain} may not send yet: it is not verified" in text


def test_soft_limits_are_seen_in_the_delivered_message(both):
    server, postfix = both
    domain = server.domain(server.account(), outbound_daily_limit=1, outbound_enforcement="soft")
    for _ in range(2):
        assert postfix.send(f"news@{domain}", RECIPIENT)[0] == 250
    headers = {message["X-Martlet-Quota"] for message in delivered(postfix, f"news@{domain}", 2)}
    assert headers == {None, "daily_limit_exceeded_soft"}
    assert sent(server, domain) == 2


def test_a_message_counts_its_recipients_and_passes_whole_or_not(both):
    server, postfix = both
    domain = server.domain(server.account(), outbound_daily_limit=8)
    recipients = [f"user{number}@customer.example" for number in range(5)]
    assert postfix.send(f"news@{domain}", *recipients)[0] == 250
    assert sent(server, domain) == 5
    code, text = postfix.send(f"news@{domain}", *recipients)
    assert code == 450 and "has sent 5 of its daily limit of 8 emails, 5 more would exceed it" in text
    assert postfix.send(f"news@{domain}", *recipients[:3])[0] == 250
    assert sent(server, domain) == 8


def test_bounces_and_unknown_domains_pass_uncounted(both):
    server, postfix = both
    assert postfix.send("", RECIPIENT)[0] == 250
    assert postfix.send("news@nobody.example", RECIPIENT)[0] == 250


def test_a_login_is_charged_for_the_null_sender(both):
    server, postfix = both
    domain = server.domain(server.account())
    assert postfix.send("", RECIPIENT, login=f"me@{domain}")[0] == 250
    assert sent(server, domain) == 1


def test_both_states_asked_count_once(start_both):
    server, postfix = start_both(states=("data", "end_of_data"))
    domain = server.domain(server.account(), outbound_daily_limit=3)
    codes = [postfix.send(f"news@{domain}", RECIPIENT)[0] for _ in range(4)]
    assert codes == [250, 250, 250, 450]
    assert sent(server, domain) == 3


def test_recipients_are_charged_at_rcpt(start_both):
    settings = {"MARTLET_POLICY_COUNT": "rcpt", "MARTLET_POLICY_DOMAIN": "sasl", "MARTLET_POLICY_UNKNOWN_DOMAIN": "reject"}
    server, postfix = start_both(settings, states=("recipient", "data"))
    domain = server.domain(server.account(), outbound_daily_limit=3)
    login = f"me@{domain}"
    with postfix.client() as client:
        client.ehlo()
        assert client.docmd("XCLIENT", f"LOGIN={login}")[0] == 220
        client.ehlo()
        client.mail("anything@elsewhere.example")
        assert [client.rcpt(f"user{number}@customer.example")[0] for number in range(5)] == [250, 250, 250, 450, 450]
    assert sent(server, domain) == 3
    code, text = postfix.send(f"news@{domain}", RECIPIENT)
    assert code == 554 and "The sender has no valid domain" in text


def test_unix_socket(start_server):
    postfix = Postfix()
    socket = postfix.directory / "policy"
    server = start_server(MARTLET_POLICY_LISTEN=f"unix:{socket}")
    postfix.settings = {"smtpd_end_of_data_restrictions": f"check_policy_service unix:{socket}"}
    try:
        postfix.start()
        domain = server.domain(server.account(), outbound_daily_limit=1)
        assert [postfix.send(f"news@{domain}", RECIPIENT)[0] for _ in range(2)] == [250, 450]
        server.kill()
        server.start()
        assert postfix.send(f"news@{domain}", RECIPIENT)[0] == 450
        server.stop()
        assert not socket.exists()
    finally:
        postfix.stop()


@pytest.mark.parametrize("on_error, code", [("defer", 450), ("dunno", 250)])
def test_locked_database(start_both, on_error, code):
    server, postfix = start_both({"MARTLET_POLICY_ON_ERROR": on_error})
    domain = server.domain(server.account())
    if not isinstance(server.database, SQLite):
        pytest.skip("PostgreSQL locks rows, never a database")
    lock = sqlite3.connect(server.database.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        answer = postfix.send(f"news@{domain}", RECIPIENT)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert answer[0] == code
    assert code == 250 or answer[1].startswith("4.3.0 "), answer
    assert "answered without the database" in server.log
    assert postfix.send(f"news@{domain}", RECIPIENT)[0] == 250
    assert sent(server, domain) == 1


@pytest.mark.timeout(240)
@pytest.mark.parametrize("on_error, action", [("defer", "DEFER_IF_PERMIT 4.3.0 Quotas cannot be checked"), ("dunno", "DUNNO")])
def test_sigkill_while_postfix_sends(start_both, figure, on_error, action):
    limit = 300
    server, postfix = start_both(
        {"MARTLET_POLICY_ON_ERROR": on_error}, default_action=action, smtpd_policy_service_retry_delay="1s", smtpd_policy_service_timeout="5s"
    )
    domain = server.domain(server.account(), outbound_daily_limit=limit)
    sender = f"news@{domain}"
    tally = Tally()

    def send(number):
        try:
            code, text = postfix.send(sender, RECIPIENT)
        except (OSError, smtplib.SMTPException):
            return tally.add("broken")
        tally.add(f"{tally['phase']} {code}")
        if "daily limit" in text:
            tally.add("full")
        return tally["full"] < 20 if code == 450 else None

    def accepted():
        return sum(tally[f"{phase} 250"] for phase in range(7))

    with Load(8, send) as load:
        for _ in range(3):
            before = accepted()
            eventually(lambda: accepted() >= before + 40, within=60, what="mail passes")
            server.kill()
            gone = f"{tally.add('phase')} {450 if on_error == 'defer' else 250}"
            eventually(lambda: tally[gone] >= 5, within=60, what="Postfix decides without an answer")
            server.start()
            tally.add("phase")
        load.wait()

    phases = {name: sum(tally[f"{phase} {code}"] for phase in (0, 2, 4, 6)) for name, code in (("up", 250), ("deferred", 450))}
    down = sum(tally[f"{phase} 250"] for phase in (1, 3, 5))
    counted = sent(server, domain)
    figure(f"SIGKILL, onError {on_error}: {phases['up']} accepted while up, {down} while down, {counted} counted of {limit}")
    assert counted == limit
    if on_error == "defer":
        # Counted, and its answer lost with the process: as many at the most as were under way.
        assert limit - 3 * 8 <= phases["up"] + down <= limit
