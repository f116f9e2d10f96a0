"""Events by Amazon SQS, with moto as SES, SNS and SQS: each has one effect, whatever way it comes and whenever the program dies."""

import json
import re
import threading

import pytest

from martlet import sns
from martlet.doctor import doctor
from martlet.emails import reaches, send, status_of
from martlet.fault_proxy import Proxy
from martlet.server import unique
from martlet.wait import eventually

BOUNCES = 20
KILLS = 20


class Queue:
    """A queue of moto's. A message that was received and not deleted comes again after a second."""

    def __init__(self, moto, **attributes):
        self.sqs = moto.client("sqs")
        self.name = unique("queue")
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes={"VisibilityTimeout": "1", **attributes})["QueueUrl"]

    @property
    def arn(self):
        return self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def put(self, message):
        self.sqs.send_message(QueueUrl=self.url, MessageBody=message if isinstance(message, str) else json.dumps(message))

    def count(self):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(int(value) for value in self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"].values())

    def empties(self, within=30):
        eventually(lambda: self.count() == 0, within=within, every=0.1, what=f"{self.name} is empty")


def bridged(event):
    """An event as EventBridge hands it on."""
    return {
        "version": "0", "id": unique("event"), "detail-type": "Email Bounced", "source": "aws.ses", "account": "123456789012", "time": sns.now(),
        "region": "eu-west-1", "resources": [], "detail": event,
    }


def settings(moto, *queues, endpoint=None, **changed):
    urls = ",".join(queue.url for queue in queues)
    return {**moto.environment(endpoint), "MARTLET_SQS_QUEUE_URLS": urls, "MARTLET_GUILLOTINE_MINIMUM_SENT": "1000000", **changed}


def metric(server, name, **labels):
    """The sum of the series that have these labels."""
    text = server.master.get("/metrics").body.decode()
    found = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    return sum(float(value) for given, value in found if all(f'{label}="{wanted}"' in given for label, wanted in labels.items()))


def bounced(server, domain):
    return server.outbound(domain)["bounce_count"]


class Gateway(Proxy):
    """A proxy in front of moto that tells of each call of SQS before it is passed on, and answers 503 in its place when told so."""

    def __init__(self, target, before=lambda action: True):
        super().__init__(target)
        self.before = before

    def handle(self, handler, body):
        action = (handler.headers.get("X-Amz-Target") or "").removeprefix("AmazonSQS.")
        try:
            self.respond(handler, *(self.forward(handler, body) if self.before(action) else (503, None, b"")))
        except OSError:
            handler.close_connection = True  # The program, or the target, was killed.


def test_webhook_and_queues_have_one_effect(start_server, moto):
    """A topic with three subscriptions: the webhook, a queue, and a queue with raw delivery. All of them tell of the same bounces."""
    enveloped, raw = Queue(moto), Queue(moto)
    server = start_server(**moto.environment(), MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_GUILLOTINE_MINIMUM_SENT="1000000")
    account = server.account()
    domain = server.domain(account)
    client = moto.client("sns")
    topic = client.create_topic(Name="ses-events")["TopicArn"]
    assert topic == sns.TOPIC
    client.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{server.url}/webhooks/ses")
    client.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=enveloped.arn)
    client.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=raw.arn, Attributes={"RawMessageDelivery": "true"})
    for number in range(BOUNCES):
        client.publish(TopicArn=topic, Message=json.dumps(sns.bounce(f"both-{number}", f"news@{domain}", f"u{number}@customer.example")))
    eventually(lambda: bounced(server, domain) == BOUNCES, what="the webhook counts all")
    assert enveloped.count() == raw.count() == BOUNCES

    server.stop()
    server.start(**settings(moto, enveloped, raw))
    enveloped.empties()
    raw.empties()
    assert bounced(server, domain) == BOUNCES
    assert metric(server, "martlet_feedback_events_total", outcome="duplicate") == 2 * BOUNCES
    assert metric(server, "martlet_sqs_messages_total", queue=raw.name, outcome="ingested") == BOUNCES
    assert metric(server, "martlet_sqs_lag_seconds") >= 0 and metric(server, "martlet_sqs_oldest_seconds") == 0

    # From now on the webhook is closed, and what is published comes by the queues, each once.
    late = sns.bounce("late", f"news@{domain}", "late@customer.example")
    answer = sns.post(server, late)
    assert answer.status == 403 and "sqs.queueURLs" in answer.explain, answer
    client.publish(TopicArn=topic, Message=json.dumps(late))
    eventually(lambda: bounced(server, domain) == BOUNCES + 1, what="the queue's bounce counts")
    enveloped.empties()
    raw.empties()
    assert bounced(server, domain) == BOUNCES + 1


def test_raw_events_and_those_of_eventbridge(start_server, moto):
    queue = Queue(moto)
    server = start_server(**settings(moto, queue))
    account = server.account()
    domain = server.domain(account)
    moto.reset()
    ids = [send(account, domain, to=f"u{number}@customer.example")["id"] for number in range(3)]
    eventually(lambda: len(moto.sent) == 3, what="SES took the emails over")
    at_ses = {message.destinations[0]: message.id for message in moto.sent}

    def event(kind, number, **details):
        address = f"u{number}@customer.example"
        return sns.event(kind, next(id for to, id in at_ses.items() if address in to), f"news@{domain}", address, details)

    for id in ids:
        reaches(account, id, "SENT")
    queue.put("Successfully validated SNS topic for Amazon SES event publishing.")
    queue.put(event("Delivery", 0))
    queue.put(bridged(event("Delivery", 1)))
    queue.put(sns.envelope(bridged(event("Delivery", 2))))
    for id in ids:
        reaches(account, id, "DELIVERED")
    # A scanner's opens and clicks stand in the timeline, and move nothing; a person's do.
    queue.put(event("Open", 0, isBotEvent="Likely"))
    queue.put(bridged(event("Click", 0, isBotEvent="Likely")))
    queue.put(event("Open", 1, isBotEvent="Unlikely"))
    reaches(account, ids[1], "OPEN")
    queue.empties()
    assert status_of(account, ids[0]) == "DELIVERED"
    timeline = account.get(f"/emails/{ids[0]}").data["timeline"]
    assert {entry["status"] for entry in timeline} >= {"AUTOMATED_OPEN", "AUTOMATED_CLICK"}
    totals = account.get("/reports/emails").data["totals"]
    assert [totals[name] for name in ("opens", "clicks", "automatedOpens", "automatedClicks")] == [1, 0, 1, 1]


@pytest.mark.timeout(240)
def test_killed_between_commit_and_delete(start_server, moto):
    """The program dies when it asks to delete what it has just taken in; the same messages come again to the next one."""
    queue = Queue(moto)
    armed, died = threading.Event(), threading.Event()

    def before(action):
        if action != "DeleteMessageBatch" or not armed.is_set():
            return True
        armed.clear()
        server.process.kill()
        died.set()
        return False

    with Gateway(moto.url, before) as gateway:
        server = start_server(**settings(moto, queue, endpoint=gateway.url, MARTLET_TRANSPORT="capture"))
        domain = server.domain(server.account())
        for number in range(KILLS):
            died.clear()
            armed.set()
            queue.put(sns.envelope(sns.bounce(f"kill-{number}", f"news@{domain}", f"u{number}@customer.example"), message_id=f"id-{number}"))
            assert died.wait(30), f"no delete was asked for: {server.log[-2000:]}"
            server.process.wait()
            assert queue.count() >= 1
            server.start()
            eventually(lambda: queue.count() == 0, within=30, every=0.1, what="the message came again and was deleted")
            assert bounced(server, domain) == number + 1


def test_poison(start_server, moto):
    """What cannot be read ends in the dead-letter queue where there is one, else among the unmatched events; all else goes on."""
    dead = Queue(moto)
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    plain, redriven = Queue(moto), Queue(moto, RedrivePolicy=redrive)
    server = start_server(**settings(moto, plain, redriven, MARTLET_TRANSPORT="capture", MARTLET_SQS_MAXIMUM_RECEIVES="2"))
    account = server.account()
    domain = server.domain(account)
    for number, queue in enumerate((plain, redriven)):
        queue.put('{"nothing": "of SES"}')
        queue.put(sns.bounce(f"poison-{number}", f"news@{domain}", f"u{number}@customer.example"))
    eventually(lambda: bounced(server, domain) == 2, within=20, what="the bounces beside the poison count")
    plain.empties()
    redriven.empties()
    assert dead.count() == 1
    assert metric(server, "martlet_sqs_messages_total", queue=plain.name, outcome="kept") == 1
    assert metric(server, "martlet_sqs_messages_total", queue=redriven.name, outcome="kept") == 0
    assert "no event of SES, of SNS or of EventBridge" in server.log
    kept = server.master.get("/events/unmatched").json
    assert [(event["kind"], event["payload"]) for event in kept if event["reason"]] == [("unreadable", '{"nothing": "of SES"}')]
    assert account.get("/events/unmatched").status == 403


def test_unreachable_queue_loses_nothing(start_server, moto):
    queue = Queue(moto)
    reachable = threading.Event()
    with Gateway(moto.url, lambda action: reachable.is_set() or action == "") as gateway:
        server = start_server(**settings(moto, queue, endpoint=gateway.url, MARTLET_TRANSPORT="capture"))
        domain = server.domain(server.account())
        for number in range(BOUNCES):
            queue.put(sns.envelope(sns.bounce(f"away-{number}", f"news@{domain}", f"u{number}@customer.example")))
        eventually(lambda: metric(server, "martlet_sqs_polls_total", outcome="failed") >= 2, within=20, every=0.2, what="polls fail")
        assert queue.count() == BOUNCES and bounced(server, domain) == 0
        reachable.set()
        eventually(lambda: bounced(server, domain) == BOUNCES, within=40, every=0.1, what="all that waited counts")
        queue.empties()


def test_doctor_reads_the_queues(start_server, moto):
    queue = Queue(moto)
    server = start_server(**moto.environment(), MARTLET_SNS_VERIFY_SIGNATURES="false")
    queue.put("x")

    def finding(url):
        code, checks = doctor(server, MARTLET_SQS_QUEUE_URLS=url)
        check = next(check for check in checks if check["check"] == "sqs")
        assert check["ok"] or code == 1
        return check["ok"], check["detail"]

    assert finding(queue.url) == (True, f"{queue.name} can be read, about 1 messages wait; it has no dead-letter queue")
    ok, detail = finding(queue.url + "-gone")
    assert not ok and "does not exist" in detail.lower() + "does not exist" * ("NonExistent" in detail)
