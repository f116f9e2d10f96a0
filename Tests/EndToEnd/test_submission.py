"""Submission by SMTP with clients that others made: what they send is found with its statuses, what is refused is refused in their own words."""

import random
import signal
import smtplib
import ssl
import subprocess
import time
from types import SimpleNamespace

import pytest

from martlet.client import BROKEN
from martlet.emails import listed, reaches
from martlet.load import Load, Tally
from martlet.postfix import Postfix, skip_unless_possible
from martlet.programs import free_port
from martlet.submission import CLIENTS, Authority, Refused, Wire, by_smtplib, message
from martlet.wait import eventually

TO = "success@simulator.martlet.test"
NAMES = [client.__name__.removeprefix("by_") for client in CLIENTS]


@pytest.fixture(scope="module")
def service(start_server, tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    port = free_port()
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}", MARTLET_PUBLIC_URL="https://mail.example", **authority.settings)
    return SimpleNamespace(server=server, port=port, authority=authority)


def only_email(account):
    found = listed(account)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("send", CLIENTS, ids=NAMES)
def test_what_a_client_sends_is_found_with_its_statuses(service, send):
    account = service.server.account()
    domain = service.server.domain(account)
    fields = {"X_Martlet_External_Id": "summer", "X_Martlet_Tags": "a, b", "X_Martlet_Client_Id": "7"}
    send(service.port, account.token, f"news@{domain}", TO, service.authority, **fields)
    email = reaches(account, only_email(account)["id"], "DELIVERED")
    assert (email["from"], email["to"], email["externalId"], email["clientId"]) == (f"news@{domain}", TO, "summer", "7")
    assert [entry["status"] for entry in email["timeline"]][-2:] == ["SENT", "DELIVERED"]
    assert listed(account, "tag=b")[0]["id"] == email["id"]
    assert service.server.outbound(domain)["outbound_sent_today"] == 1
    source = account.get(f"/emails/{email['id']}/source").body.decode()
    assert source.startswith(f"X-Martlet-Id: {email['id']}\r\nList-Unsubscribe: <https://mail.example/u/hidden>\r\n")
    assert "X-Martlet-External-Id" not in source and "\r\nMessage-ID: <" in source.replace("Message-Id", "Message-ID")


@pytest.mark.parametrize("send", CLIENTS, ids=NAMES)
@pytest.mark.parametrize(
    "outbound, sender, words",
    [
        ({}, "news@stranger.example", ("550", "5.7.1", "is not a domain of this account")),
        ({"outbound_status": "suspended"}, None, ("550", "5.7.1", "is suspended")),
        ({"outbound_daily_limit": 1}, None, ("452", "4.2.2", "limit of the day reached")),
        ({"outbound_monthly_limit": 1}, None, ("550", "5.7.1", "monthly limit of 1 reached")),
    ],
    ids=["from", "suspended", "daily", "monthly"],
)
def test_refusals_come_as_the_clients_own_errors(service, send, outbound, sender, words):
    account = service.server.account()
    domain = service.server.domain(account, **outbound)
    if any(name.endswith("_limit") for name in outbound):
        by_smtplib(service.port, account.token, f"news@{domain}", TO, service.authority)
    before = len(listed(account))
    with pytest.raises(Refused) as refused:
        send(service.port, account.token, sender or f"news@{domain}", TO, service.authority)
    for word in words:
        assert word in str(refused.value)
    assert len(listed(account)) == before


def test_a_wrong_key_and_one_without_send_cannot_log_in(service):
    reader = service.server.account(scopes=["read"])
    for token, words in (("mk_unknown", b"Invalid API key"), (reader.token, b"lacks the scope send")):
        with smtplib.SMTP("127.0.0.1", service.port) as client:
            client.starttls(context=service.authority.context)
            with pytest.raises(smtplib.SMTPAuthenticationError) as error:
                client.login("anybody", token)
            assert error.value.smtp_code == 535 and words in error.value.smtp_error


def test_guesses_are_throttled_together_with_those_by_http(start_server):
    port = free_port()
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"0.0.0.0:{port}")
    account = server.account()
    with Wire(port, source="127.0.0.9") as wire:
        wire.say("EHLO x")
        for number in range(6):
            assert wire.say("AUTH PLAIN AHUAd3Jvbmc=").startswith("535 5.7.8 Invalid API key")
    guesser = server.client("wrong", source="127.0.0.9")
    assert [guesser.get("/emails").status for _ in range(5)] == [401, 401, 401, 401, 429]
    with Wire(port, source="127.0.0.9") as wire:
        wire.say("EHLO x")
        assert wire.say("AUTH PLAIN AHUAd3Jvbmc=").startswith("454 4.7.0 ")
    with Wire(port) as wire:
        wire.log_in(account.token)


def test_recipients_share_one_message(service):
    account = service.server.account()
    domain = service.server.domain(account)
    made = message(f"news@{domain}", TO, Bcc="success+hidden@simulator.martlet.test")
    with smtplib.SMTP("127.0.0.1", service.port) as client:
        client.starttls(context=service.authority.context)
        client.login("anybody", account.token)
        client.sendmail(f"news@{domain}", [TO, "success+hidden@simulator.martlet.test", "success+3@simulator.martlet.test"], made.as_bytes(policy=made.policy.clone(linesep="\r\n")))
    found = eventually(lambda: (all_ := listed(account, "status=DELIVERED")) and len(all_) == 3 and all_, what="three emails are delivered")
    for email in found:
        assert b"Bcc" not in account.get(f"/emails/{email['id']}/source").body
    assert service.server.outbound(domain)["outbound_sent_today"] == 3


def test_pages_show_what_a_message_says(service):
    account = service.server.account()
    domain = service.server.domain(account)
    made = message(f"news@{domain}", TO)
    made.add_alternative("<p>we have a <b>new</b> offer</p>", subtype="html")
    made.add_attachment(b"1234", maintype="application", subtype="pdf", filename="offer.pdf")
    with smtplib.SMTP("127.0.0.1", service.port) as client:
        client.starttls(context=service.authority.context)
        client.login("anybody", account.token)
        client.send_message(made)
    email = account.get(f"/emails/{only_email(account)['id']}").data
    assert email["text"].strip() == "we have a new offer this week"
    assert [(file["filename"], file["size"]) for file in email["attachments"]] == [("offer.pdf", 4)]


# The wire


def test_nothing_behind_starttls_is_read(service):
    with Wire(service.port) as wire:
        assert "STARTTLS" in wire.say("EHLO x")
        wire.send("STARTTLS\r\nMAIL FROM:<a@b.example>\r\n")
        assert wire.answer() == ""


@pytest.mark.parametrize("end", ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r\n\0.\r\n"], ids=repr)
def test_no_message_is_smuggled(service, end):
    """The published vectors: what follows a false end is part of the message, which is refused for its line ends."""
    account = service.server.account()
    domain = service.server.domain(account)
    with Wire(service.port) as wire:
        wire.log_in(account.token).begin(TO)
        inner = f"MAIL FROM:<x@{domain}>\r\nRCPT TO:<{TO}>\r\nDATA\r\nFrom: ceo@{domain}\r\n\r\nsmuggled"
        wire.send(f"From: news@{domain}\r\n\r\nhello{end}{inner}\r\n.\r\n")
        assert wire.answer().startswith("554 5.6.0 message: line ")
        assert wire.say("NOOP").startswith("250")
    assert listed(account) == []


def test_commands_may_come_together(service):
    account = service.server.account()
    domain = service.server.domain(account)
    with Wire(service.port) as wire:
        wire.log_in(account.token)
        wire.send(f"MAIL FROM:<>\r\nRCPT TO:<{TO}>\r\nRCPT TO:<jörg@example.org>\r\nDATA\r\n")
        assert [wire.answer()[:9] for _ in range(4)] == ["250 2.1.0", "250 2.1.5", "553 5.6.7", "354 End t"]
        wire.send(f"From: news@{domain}\r\n\r\n..hello\r\n.\r\nQUIT\r\n")
        assert wire.answer().startswith("250 2.0.0 OK ")
        assert wire.answer().startswith("221")
    assert b"\r\n\r\n.hello\r\n" in account.get(f"/emails/{only_email(account)['id']}/source").body


def test_sizes_are_bounded(start_server):
    port = free_port()
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}", MARTLET_EMAILS_MAXIMUM_BYTES="100000", MARTLET_EMAILS_MAXIMUM_ATTACHMENT_BYTES="0")
    account = server.account()
    domain = server.domain(account)
    with Wire(port) as wire:
        wire.log_in(account.token)
        assert wire.say("MAIL FROM:<> SIZE=200000").startswith("552 5.3.4")
        wire.begin(TO)
        wire.send(f"From: news@{domain}\r\n\r\n" + "x" * 70 + "\r\n")
        for _ in range(100):
            wire.send(("y" * 70 + "\r\n") * 100)
        wire.send(".\r\n")
        assert wire.answer().startswith("552 5.3.4")
        wire.begin(TO)
        wire.send(f"From: news@{domain}\r\n\r\nhello\r\n.\r\n")
        assert wire.answer().startswith("250 2.0.0")


def test_a_client_holds_fifty_connections_and_nothing_else(start_server):
    port = free_port()
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}")
    account = server.account()
    domain = server.domain(account)
    slow = [Wire(port, source="127.0.0.9").__enter__() for _ in range(50)]
    for wire in slow:
        wire.send("EHL")
    with Wire(port, source="127.0.0.9") as wire:
        assert wire.greeting.startswith("421 4.7.0 Too many connections")
    with Wire(port) as wire:
        wire.log_in(account.token).begin(TO)
        wire.send(f"From: news@{domain}\r\n\r\nhello\r\n.\r\n")
        assert wire.answer().startswith("250 2.0.0")
    for wire in slow:
        wire.__exit__()


def test_passwords_need_tls_from_elsewhere(start_server, tmp_path):
    port, address = free_port(), subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    if not address:
        pytest.skip("this machine has no address but loopback")
    start_server(MARTLET_SUBMISSION_LISTEN=f"0.0.0.0:{port}", **Authority(tmp_path / "a").settings)
    with smtplib.SMTP(address[0], port) as client:
        client.ehlo()
        assert "auth" not in client.esmtp_features and "starttls" in client.esmtp_features
        assert client.docmd("AUTH", "PLAIN AHUAcA==")[0] == 538


def test_tls_may_begin_with_the_first_byte_and_its_certificate_is_read_again(start_server, tmp_path):
    port, authority = free_port(), Authority(tmp_path / "a")
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"smtps://127.0.0.1:{port}", **authority.settings)
    account = server.account()
    domain = server.domain(account)

    def send():
        with smtplib.SMTP_SSL("127.0.0.1", port, context=authority.context, timeout=20) as client:
            client.login("anybody", account.token)
            client.send_message(message(f"news@{domain}", TO))

    def trusted():
        try:
            send()
            return True
        except ssl.SSLCertVerificationError:
            return False

    send()
    authority.make()
    eventually(trusted, within=20, every=0.5, what="the new certificate is used")
    authority.make()
    server.process.send_signal(signal.SIGHUP)
    eventually(trusted, within=2, every=0.1, what="the new certificate is used after SIGHUP")
    authority.certificate.write_text("no certificate")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "cannot be used" in server.log, what="the fault is logged")
    assert server.is_running


# Repetitions and kills


def test_a_repetition_is_not_sent_again_over_a_crash_either(start_server):
    port = free_port()
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}")
    account = server.account()
    domain = server.domain(account)

    def send(id="<1@client.example>"):
        with Wire(port) as wire:
            wire.log_in(account.token).begin(TO)
            wire.send(f"From: news@{domain}\r\nMessage-ID: {id}\r\n\r\nhello\r\n.\r\n")
            answer = wire.answer()
            assert answer.startswith("250 2.0.0 OK "), answer
            return answer.split()[3].rstrip(":")

    first = send()
    assert send() == first
    server.kill()
    server.start()
    assert send() == first
    assert send("<2@client.example>") != first
    assert server.outbound(domain)["outbound_sent_today"] == 2
    server.terminate()
    server.start(MARTLET_SUBMISSION_DEDUPE_SECONDS="0")
    assert send() != first


@pytest.mark.timeout(300)
def test_twenty_kills_under_load(start_server, start_sink, figure):
    port, sink = free_port(), start_sink("--latency-ms", "20")
    settings = {"MARTLET_DELIVERY_LEASE_SECONDS": "2", "MARTLET_DELIVERY_GRACE_SECONDS": "2", **sink.environment}
    server = start_server(MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}", **settings)
    account = server.account()
    domain = server.domain(account)
    tally = Tally()

    def submit(_):
        try:
            with Wire(port) as wire:
                wire.log_in(account.token)
                while True:
                    wire.begin("user@customer.example")
                    wire.send(f"From: news@{domain}\r\n\r\nhello\r\n.\r\n")
                    answer = wire.answer()
                    if not answer:
                        return False
                    if answer.startswith("250"):
                        tally.keep("ids", answer.split()[3])
        except (OSError, AssertionError, *BROKEN):
            return False

    for _ in range(20):
        before = len(tally.list("ids"))
        with Load(8, submit) as load:
            eventually(lambda: len(tally.list("ids")) >= before + 100 or not load.is_running, within=30, every=0.005)
            time.sleep(random.uniform(0, 0.1))
            server.kill()
            load.wait()
        server.start()
    acknowledged = set(tally.list("ids"))
    unfinished = ("QUEUED", "DEQUEUED")
    eventually(lambda: not any(account.get(f"/emails?status={status}").data for status in unfinished), within=90, every=1, what="every email is sent")
    emails = {item["id"]: item["status"] for item in listed(account)}
    assert acknowledged <= set(emails), "an acknowledged message is lost"
    assert set(emails.values()) == {"SENT"}
    assert set(emails) == set(sink.times_by_id()), "a sent email never reached SES"
    figure(f"20 kills under SMTP load: {len(acknowledged)} messages answered 250, {len(emails)} stored, all handed to SES")


# Postfix


@pytest.fixture(scope="module")
def postfix(service, tmp_path_factory):
    skip_unless_possible()
    account = service.server.account()
    domain = service.server.domain(account, outbound_monthly_limit=2)
    relay = Postfix(
        default_transport="smtp",
        relayhost=f"[127.0.0.1]:{service.port}",
        smtp_sasl_auth_enable="yes",
        smtp_sasl_security_options="noanonymous",
        smtp_sasl_password_maps=f"inline:{{{{ [127.0.0.1]:{service.port} = anybody:{account.token} }}}}",
        smtp_tls_security_level="encrypt",
        smtp_tls_CAfile=str(service.authority.certificate),
    )
    yield relay.start(), account, domain
    relay.stop()


def test_postfix_relays_to_us(postfix):
    relay, account, domain = postfix
    assert relay.send(f"news@{domain}", TO)[0] == 250
    email = eventually(lambda: listed(account), within=20, what=f"the message arrives; {relay.log}")[0]
    reaches(account, email["id"], "DELIVERED")
    assert relay.send("news@stranger.example", TO)[0] == 250
    eventually(lambda: "is not a domain of this account" in relay.log and "status=bounced" in relay.log, within=20, what="the refusal bounces")
    for _ in range(2):
        relay.send(f"news@{domain}", TO)
    eventually(lambda: "monthly limit of 2 reached" in relay.log, within=20, what="the quota is told")
    assert len(listed(account)) == 2
