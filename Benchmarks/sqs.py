"""Events a second out of one queue: a stand-in for SQS that hands out what it has, and a server that takes it in and deletes it.

Each event is in SNS's envelope, and none is of a known email: what is measured is the way in. One in ten is a bounce, which counts.
"""

import json
import time

import bench
from martlet import sns
from martlet.server import AWS, Server
from martlet.sink import Sink
from martlet.wait import eventually

MESSAGES = 30_000
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/ses-events"


def measure(table, seconds, rounds):
    rates = sorted(_rate() for _ in range(rounds))
    rate = rates[rounds // 2]
    table.add("one queue of SQS", f"{rate:,.0f} events/s", f"{MESSAGES:,} messages, every tenth a bounce, each deleted after its commit", "≥ 2,000/s", rate >= 2000)


def _rate():
    """From the first poll until nothing is left in the queue."""
    sink = Sink(bench.directory()).start()
    settings = {
        "MARTLET_SQS_QUEUE_URLS": QUEUE, "MARTLET_ROLES": "http,feedback", "MARTLET_GUILLOTINE_MINIMUM_SENT": "1000000000",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{sink.port}", **AWS,
    }
    server = Server(bench.directory(), **settings).start()
    try:
        domain = server.domain(server.account())
        for first in range(0, MESSAGES, 5000):
            _fill(sink, "\n".join(_messages(domain, first, first + 5000)))
        began, at_first = time.monotonic(), _counts(sink)["deleted"]
        eventually(lambda: _counts(sink)["deleted"] >= MESSAGES, within=180, every=0.05, what="the queue is empty")
        rate = (MESSAGES - at_first) / (time.monotonic() - began)
        assert server.outbound(domain)["bounce_count"] == MESSAGES // 10
        return rate
    finally:
        server.stop()
        sink.stop()


def _messages(domain, first, end):
    for number in range(first, end):
        message_id, recipient = f"bench-{number}", f"u{number}@customer.example"
        if number % 10 == 0:
            event = sns.bounce(message_id, f"app@{domain}", recipient)
        else:
            event = sns.event("Delivery", message_id, f"app@{domain}", recipient)
        yield json.dumps(sns.envelope(event))


def _fill(sink, text):
    answer = sink.client.post("/_queue", text.encode(), Content_Type="text/plain")
    assert answer.status == 200, answer
    return answer.json


def _counts(sink):
    return _fill(sink, "")
