"""What SES reports through SNS, from the message to counters, statuses and the guillotine (signatures off: other tests forge them)."""

import itertools
import threading
import uuid

import pytest

from martlet import sns
from martlet.emails import reaches, send, status_of
from martlet.load import Load, Tally
from martlet.programs import free_port
from martlet.server import unique
from martlet.wait import eventually


@pytest.fixture(scope="module")
def sink(start_sink):
    return start_sink()


@pytest.fixture(scope="module")
def server(start_server, sink):
    """Delivers to the sink, whose log tells the message ids to report on."""
    return start_server(MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_GUILLOTINE_MINIMUM_SENT="100", **sink.environment)


class Sent:
    """An email that SES has taken over."""

    def __init__(self, server, sink, account, domain):
        self.server, self.account, self.domain = server, account, domain
        self.recipient = f"{unique('user')}@customer.example"
        self.source = f"news@{domain}"
        self.id = send(account, domain, to=self.recipient)["id"]
        self.message_id = sink.message_id_of(self.id)
        reaches(account, self.id, "SENT")

    def event(self, kind, details=None, shape="eventType"):
        return sns.event(kind, self.message_id, self.source, self.recipient, details, shape)

    def bounce(self, **options):
        return sns.bounce(self.message_id, self.source, self.recipient, **options)

    def complaint(self, **options):
        return sns.complaint(self.message_id, self.source, self.recipient, **options)

    @property
    def status(self):
        return status_of(self.account, self.id)

    def counts(self):
        outbound = self.server.outbound(self.domain)
        return outbound["bounce_count"], outbound["complaint_count"]


@pytest.fixture
def sent(server, sink, account, domain):
    return Sent(server, sink, account, domain)


@pytest.mark.parametrize("shape", ["eventType", "notificationType"])
def test_both_shapes(server, sink, account, domain, shape):
    for kind, status, counts in (("bounce", "BOUNCED_PERMANENT", (1, 0)), ("complaint", "COMPLAINED", (1, 1))):
        one = Sent(server, sink, account, domain)
        sns.believed(server, getattr(one, kind)(shape=shape))
        assert (one.status, one.counts()) == (status, counts)
    delivered = Sent(server, sink, account, domain)
    sns.believed(server, delivered.event("Delivery", shape=shape))
    assert delivered.status == "DELIVERED"
    outbound = server.outbound(domain)
    assert outbound["bounce_rate"] == outbound["complaint_rate"] == 33.33


EFFECTS = [
    ("Send", {}, "SENT", (0, 0)),
    ("Delivery", {}, "DELIVERED", (0, 0)),
    ("Open", {}, "OPEN", (0, 0)),
    ("Click", {}, "CLICK", (0, 0)),
    ("Reject", {}, "NOT_SENT", (0, 0)),
    ("Rendering Failure", {}, "NOT_SENT", (0, 0)),
    ("DeliveryDelay", {}, "SENT", (0, 0)),
    ("Subscription", {}, "SENT", (0, 0)),
    ("Something New", {}, "SENT", (0, 0)),
    ("Complaint", {"complaintFeedbackType": "abuse"}, "COMPLAINED", (0, 1)),
    ("Complaint", {"complaintFeedbackType": "not-spam"}, "SENT", (0, 0)),
]


@pytest.mark.parametrize("kind, details, status, counts", EFFECTS, ids=lambda value: str(value))
def test_effects(server, sent, kind, details, status, counts):
    sns.believed(server, sent.event(kind, details))
    assert (sent.status, sent.counts()) == (status, counts)


BOUNCES = [
    ("Permanent", "General", "BOUNCED_PERMANENT", 1),
    ("Permanent", "NoEmail", "BOUNCED_PERMANENT", 1),
    ("Permanent", "Suppressed", "BOUNCED_PERMANENT", 1),
    ("Permanent", "OnAccountSuppressionList", "BOUNCED_PERMANENT", 0),
    ("Undetermined", "Undetermined", "BOUNCED", 1),
    ("Transient", "General", "BOUNCED", 0),
    ("Transient", "MailboxFull", "BOUNCED", 0),
]


@pytest.mark.parametrize("type, subtype, status, counted", BOUNCES, ids=lambda value: str(value))
def test_bounces(server, sent, type, subtype, status, counted):
    sns.believed(server, sent.bounce(type=type, subtype=subtype))
    assert (sent.status, sent.counts()) == (status, (counted, 0))


def test_duplicates(server, sent):
    message_id = str(uuid.uuid4())
    for _ in range(3):
        sns.believed(server, sent.bounce(), message_id)
    assert sent.counts() == (1, 0)
    assert [entry["status"] for entry in sent.account.get(f"/emails/{sent.id}").data["timeline"]].count("BOUNCED_PERMANENT") == 1


def test_duplicates_at_once(server, sent):
    """SNS may deliver one message several times at the same moment; who loses may be told to come again."""
    message_id, answers = str(uuid.uuid4()), Tally()

    def once(_):
        answers.add(str(sns.post(server, sent.bounce(), message_id).status))
        return False

    Load(16, once).__enter__().wait()
    assert answers["200"] >= 1 and answers["200"] + answers["503"] == 16
    assert sent.counts() == (1, 0)


def test_duplicate_after_a_crash(server, sent):
    message_id = str(uuid.uuid4())
    sns.believed(server, sent.bounce(), message_id)
    server.kill()
    server.start()
    sns.believed(server, sent.bounce(), message_id)
    assert server.outbound(sent.domain)["bounce_count"] == 1


ORDERS = list(itertools.permutations(["Send", "Delivery", "Click", "Bounce"]))[::3]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(order))
def test_any_order_ends_in_the_same_state(server, sent, order):
    for kind in order:
        sns.believed(server, sent.bounce() if kind == "Bounce" else sent.event(kind))
    assert (sent.status, sent.counts()) == ("BOUNCED_PERMANENT", (1, 0))


def test_soft_bounce_never_hides_a_delivery(server, sent):
    sns.believed(server, sent.event("Delivery"))
    sns.believed(server, sent.bounce(type="Transient", subtype="MailboxFull"))
    assert sent.status == "DELIVERED"


def test_event_before_our_own_record(server, sink, account, domain):
    """SES reports the delivery while its answer to us is still under way."""
    sink.control(latencyMs=1500)
    try:
        id = send(account, domain, to="early@customer.example")["id"]
        message_id = sink.message_id_of(id)
        assert status_of(account, id) in ("QUEUED", "DEQUEUED")
        sns.believed(server, sns.event("Delivery", message_id, f"news@{domain}", "early@customer.example"))
        reaches(account, id, "DELIVERED")
    finally:
        sink.control(latencyMs=0)


def test_unknown_domain(server):
    sns.believed(server, sns.bounce("unknown-1", "a@foreign.example", "b@customer.example"))


def test_unknown_email_of_a_known_domain(server, account, domain):
    """Mail that went through Postfix: it counts, and its address is suppressed."""
    server.client(account.token).post(f"/domains/{domain}/outbound/increment", {"count": 10})
    sns.believed(server, sns.bounce("unknown-2", f"app@{domain}", "gone@customer.example"))
    outbound = server.outbound(domain)
    assert (outbound["bounce_count"], outbound["bounce_rate"]) == (1, 10.0)
    kept = send(account, domain, to="Gone@customer.example")
    assert kept["status"] == status_of(account, kept["id"]) == "BLACKLISTED"
    assert server.outbound(domain)["outbound_sent_today"] == 10, "what is not sent is not counted"


def test_every_bounced_recipient_counts(server, domain):
    sns.believed(server, sns.bounce("unknown-3", f"app@{domain}", "a@customer.example", "b@customer.example", "c@customer.example"))
    assert server.outbound(domain)["bounce_count"] == 3


def test_simulator_of_ses_does_not_count(server, domain):
    sns.believed(server, sns.bounce("unknown-4", f"app@{domain}", "bounce@simulator.amazonses.com"))
    assert server.outbound(domain)["bounce_count"] == 0


def test_plain_text_validation_message(server):
    text = "Successfully validated SNS topic for Amazon SES event publishing."
    sns.believed(server, text)
    assert server.client(None).post("/webhooks/ses", text, Content_Type="text/plain").status in (200, 400)


@pytest.mark.parametrize("field", ["Type", "MessageId", "TopicArn", "Message", "Timestamp"])
def test_missing_fields(server, domain, field):
    body = sns.envelope(sns.bounce("unknown-5", f"app@{domain}", "x@customer.example"))
    del body[field]
    answer = server.client(None).post("/webhooks/ses", body)
    assert answer.status == 400 and answer.explain, answer
    assert server.outbound(domain)["bounce_count"] == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff"], ids=repr)
def test_no_message_at_all(server, body):
    answer = server.client(None).post("/webhooks/ses", body)
    assert answer.status == 400 and answer.explain, answer


def test_subscribe_url_is_not_fetched_from_elsewhere(server):
    """A forged confirmation must not make us visit an address inside our network."""
    port, visited = free_port(), threading.Event()
    listener = threading.Thread(target=_accept_once, args=(port, visited), daemon=True)
    listener.start()
    for url in (f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/", "https://sns.eu-west-1.amazonaws.com.evil.example/", "ftp://x", ""):
        answer = sns.post(server, "You have chosen to subscribe", kind="SubscriptionConfirmation", SubscribeURL=url, Token="t")
        assert answer.status in (400, 403) and answer.explain, (url, answer)
    assert not visited.is_set()


def _accept_once(port, visited):
    import socket

    with socket.create_server(("127.0.0.1", port)) as listening:
        listening.settimeout(20)
        try:
            listening.accept()
            visited.set()
        except OSError:
            pass


def test_guillotine(server, account, domain):
    """More than 3 % suspends, exactly 3 % does not; reactivating starts afresh."""
    path = f"/domains/{domain}/outbound"
    account.post(f"{path}/increment", {"count": 100})

    def bounce(number):
        sns.believed(server, sns.bounce(f"guillotine-{domain}-{number}", f"app@{domain}", f"u{number}@customer.example"))
        outbound = server.outbound(domain)
        return outbound["bounce_rate"], outbound["outbound_status"]

    assert [bounce(number) for number in range(4)] == [(1.0, "active"), (2.0, "active"), (3.0, "active"), (4.0, "suspended")]
    suspended = server.outbound(domain)
    assert suspended["suspended_reason"] and suspended["suspended_at"]
    assert account.post(f"{path}/increment").json["reason"] == "outbound_suspended"
    server.master.put(path, {"outbound_status": "active"})
    # Five bounces of a hundred would block the account.
    account.post(f"{path}/increment", {"count": 50})
    assert bounce(4)[1] == "active"
    assert account.post(f"{path}/increment").json["allowed"] is True


def test_guillotine_waits_for_the_minimum(server, account, domain):
    account.post(f"/domains/{domain}/outbound/increment", {"count": 99})
    for number in range(5):
        sns.believed(server, sns.bounce(f"minimum-{domain}-{number}", f"app@{domain}", f"v{number}@customer.example"))
    assert server.outbound(domain)["outbound_status"] == "active"


def test_storms_are_counted_exactly(server, account, domain):
    """Many events at once, a third of them twice."""
    account.post(f"/domains/{domain}/outbound/increment", {"count": 100_000})
    numbers = itertools.count()

    def report(_):
        number = next(numbers)
        if number >= 400:
            return False
        message_id = f"storm-{domain}-{number - (number % 3 == 2)}"
        event = sns.bounce(message_id, f"app@{domain}", f"{message_id}@customer.example")
        eventually(lambda: sns.post(server, event, message_id).status == 200, what="the event is taken")

    Load(16, report).__enter__().wait()
    assert server.outbound(domain)["bounce_count"] == len({number - (number % 3 == 2) for number in range(400)})
