"""Signed SNS messages through the real verification: https fetch of the certificate, RSA, topic. Runs in name spaces of its own."""

import json
import re
import sys
import uuid
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from martlet import sns
from martlet.server import REGION
from martlet.sns_host import CERTIFICATE_URL, HOST, SNSHost, in_own_world, run_in_own_world

inside = pytest.mark.skipif(not in_own_world(), reason="runs in the world that test_signatures makes")


@pytest.mark.skipif(in_own_world(), reason="is the one who made this world")
def test_signatures(figure):
    done = run_in_own_world([sys.executable, "-m", "pytest", "-q", __file__])
    if done is None:
        figure("signed SNS messages: not tested, this machine allows no name spaces")
        pytest.skip("this machine allows no name spaces")
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.fixture(scope="module")
def host():
    return SNSHost().start()


@pytest.fixture(scope="module")
def server(start_server, host):
    return start_server(MARTLET_SNS_TOPIC_ARNS=sns.TOPIC, MARTLET_GUILLOTINE_MINIMUM_SENT="1000")


def post(server, message):
    return server.client(None).post("/webhooks/ses", json.dumps(message), Content_Type="text/plain; charset=UTF-8")


def bounce(domain, **fields):
    return sns.envelope(sns.bounce("signed", f"app@{domain}", "x@customer.example"), **fields)


def confirmation(topic=sns.TOPIC):
    url = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={topic}&Token=t0ken"
    return sns.envelope("You have chosen to subscribe", kind="SubscriptionConfirmation", Token="t0ken", SubscribeURL=url, TopicArn=topic)


def ago(**span):
    return (datetime.now(timezone.utc) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@inside
@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("fields", [{}, {"Subject": "Amazon SES Email Event Notification"}, {"MessageAttributes": {}}], ids=str)
def test_believed(server, host, domain, version, fields):
    assert post(server, host.signed(bounce(domain, **fields), version)).status == 200
    assert server.outbound(domain)["bounce_count"] == 1


LONE_SURROGATE = r'"subject":"Sale \ud83d"'
ODD_EVENTS = {
    "half a surrogate pair in the subject": lambda text: text.replace('"sendingAccountId"', LONE_SURROGATE + ',"sendingAccountId"'),
    "a control character": lambda text: text.replace("no such user", "no such\x01 user\t"),
    "an unknown escape": lambda text: text.replace("no such user", r"no \such user"),
    "nested deeply": lambda text: text.replace('"sendingAccountId"', f'"x":{"[" * 500}{"]" * 500},"sendingAccountId"'),
    "a long diagnostic code": lambda text: text.replace("no such user", "é" * 100_000),
    "no times": lambda text: re.sub(r'"timestamp": "[^"]*",?', "", text),
    "times of another form": lambda text: re.sub(r'"timestamp": "[^"]*"', '"timestamp": "Mon, 8 Oct 2018"', text),
    "types in another case": lambda text: text.replace('"Bounce"', '"bounce"').replace("Permanent", "PERMANENT"),
    "no recipients": lambda text: re.sub(r'"bouncedRecipients": \[.*?\]', '"bouncedRecipients": null', text),
    "a name before the address": lambda text: text.replace('"emailAddress": "', '"emailAddress": "Jo <').replace('", "status"', '>", "status"'),
    "a number for a text": lambda text: text.replace('"General"', "7"),
}


@inside
@pytest.mark.parametrize("change", ODD_EVENTS.values(), ids=ODD_EVENTS.keys())
def test_what_is_wrong_in_a_part_costs_that_part(server, host, domain, account, change):
    recipient = f"odd@{uuid.uuid4().hex}.example"
    text = json.dumps(sns.bounce(uuid.uuid4().hex, f"app@{domain}", recipient), ensure_ascii=False)
    changed = change(text)
    assert changed != text
    answer = post(server, host.signed(sns.envelope(changed)))
    assert answer.status == 200, answer
    assert server.outbound(domain)["bounce_count"] == 1
    listed = account.get(f"/suppressions?address={recipient}").data
    assert [entry["reason"] for entry in listed] == ["hard_bounce"]


@inside
def test_certificate_is_fetched_once(server, host, domain):
    for _ in range(5):
        assert post(server, host.signed(bounce(domain))).status == 200
    assert host.fetched == 1


def forgeries(host):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    message = bounce("DOMAIN")
    good = host.signed(message)
    yield "signed by another key", host.signed(message, key=other)
    yield "message changed", {**good, "Message": good["Message"].replace("signed", "forged")}
    yield "id changed", {**good, "MessageId": "11111111-2222-3333-4444-555555555555"}
    yield "subject added", {**good, "Subject": "x"}
    yield "time changed", {**good, "Timestamp": ago(minutes=1)}
    yield "version 2 over a version 1 signature", {**good, "SignatureVersion": "2"}
    yield "version 3", {**good, "SignatureVersion": "3"}
    yield "empty signature", {**good, "Signature": ""}
    yield "no base64", {**good, "Signature": "%%%"}
    yield "too old", host.signed({**message, "Timestamp": ago(minutes=61)})
    yield "foreign topic", host.signed({**message, "TopicArn": f"arn:aws:sns:{REGION}:999999999999:other"})
    for url in (
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace(HOST, HOST + ":8443"),
        CERTIFICATE_URL.replace(HOST, "user@" + HOST),
        CERTIFICATE_URL.replace(HOST, HOST + ".evil.example"),
        CERTIFICATE_URL.replace(HOST, "sns.us-east-1.amazonaws.com"),
        CERTIFICATE_URL.replace(HOST, "s3.amazonaws.com"),
        CERTIFICATE_URL.replace("SimpleNotificationService", "other"),
        CERTIFICATE_URL.replace(".pem", ".pem?x=1"),
        f"https://{HOST}/../SimpleNotificationService-00.pem",
    ):
        yield f"certificate at {url}", {**good, "SigningCertURL": url}


@inside
def test_forgeries_change_nothing(server, host, domain):
    for name, message in forgeries(host):
        message = json.loads(json.dumps(message).replace("DOMAIN", domain))
        answer = post(server, message)
        assert answer.status == 403 and answer.explain, (name, answer)
    assert server.outbound(domain)["bounce_count"] == 0


@inside
def test_subscription_is_confirmed(server, host):
    assert post(server, host.signed(confirmation())).status == 200
    assert host.confirmed == [f"/?Action=ConfirmSubscription&TopicArn={sns.TOPIC}&Token=t0ken"]


@inside
def test_confirmation_elsewhere_is_not_visited(server, host):
    host.confirmed.clear()
    message = sns.envelope("subscribe", kind="SubscriptionConfirmation", Token="t", SubscribeURL="https://127.0.0.1/")
    assert post(server, host.signed(message)).status == 403
    assert host.confirmed == []


@inside
def test_first_confirmed_topic_is_pinned(start_server, host):
    """No topic is listed: the first signed confirmation decides, others are refused from then on."""
    server = start_server()
    domain = server.domain(server.account())
    assert post(server, host.signed(bounce(domain))).status == 403
    assert post(server, host.signed(confirmation())).status == 200
    assert post(server, host.signed(bounce(domain))).status == 200
    other = sns.TOPIC.replace("ses-events", "other")
    assert post(server, host.signed(confirmation(other))).status == 403
    assert post(server, host.signed({**bounce(domain), "TopicArn": other})).status == 403
    assert server.outbound(domain)["bounce_count"] == 1
