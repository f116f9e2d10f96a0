"""Customers who send at a steady rate and do not give up, Amazon's SNS which reports on every email, and the reckoning of both afterwards."""

import json
import random
import threading
import time
from collections import Counter

from martlet import sns
from martlet.client import BROKEN, Client
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.server import unique
from martlet.wait import eventually

CLIENTS = 12
PATIENCE = 180
"""Seconds that a customer goes on asking about one email."""
RECIPIENT = "user@customer.example"


class Customers:
    """Sends through all nodes in turn, each email under a key until it is accepted."""

    def __init__(self, nodes, sink):
        self.nodes = nodes
        self.account = nodes[0].account()
        self.domain = nodes[0].domain(self.account)
        assert self.account.post("/callback-endpoints", {"url": sink.callback("soak"), "events": ["DELIVERED"]}).status == 201
        self.clients = [node.client(self.account.token, self.account.ref, timeout=15) for node in nodes]
        self.tally = Tally()
        self.times = []
        self.rate = None
        self._began = time.monotonic()
        self._slots = iter(range(1 << 62))
        self._lock = threading.Lock()

    def load(self):
        return Load(CLIENTS, self._step)

    def pace(self, rate):
        """From now on so many emails a second; None is as many as the clients can send."""
        with self._lock:
            self.rate, self._began, self._slots = rate, time.monotonic(), iter(range(1 << 62))

    def _step(self, number):
        with self._lock:
            due = self._began + next(self._slots) / self.rate if self.rate else 0
            # What a fault kept from being sent is not made up for all at once.
            if self.rate and due < time.monotonic() - 1:
                self._began, self._slots = time.monotonic(), iter(range(1 << 62))
        time.sleep(max(0, due - time.monotonic()))
        self._send(number)

    def _send(self, number):
        key, began = unique("key"), time.monotonic()
        for attempt in range(10_000):
            client = self.clients[(number + attempt) % len(self.clients)]
            try:
                answer = client.post("/emails", email(self.domain, to=RECIPIENT), Idempotency_Key=key)
            except BROKEN:
                self.tally.add("unanswered")
                time.sleep(0.2)
                continue
            if answer.status == 202:
                self.tally.keep("ids", answer.data["id"])
                self.times.append((time.monotonic(), time.monotonic() - began))
                return
            self.tally.add(str(answer.status))
            if answer.status != 503:
                self.tally.keep("wrong", repr(answer))
                return
            assert time.monotonic() < began + PATIENCE, f"no acceptance within {PATIENCE} s: {answer}"
            time.sleep(0.2)

    @property
    def accepted(self):
        return len(self.tally.list("ids"))


class Notifier:
    """SNS: posts a delivery event for each message that SES has accepted, again and again until it is answered by 200; every tenth twice."""

    THREADS = 4

    def __init__(self, nodes, sink, domain):
        self.nodes, self.source, self.sink = nodes, f"news@{domain}", sink
        self.is_silent = False
        self.sent, self.refused = 0, Counter()
        self._waiting = []
        self._lock = threading.Lock()
        self._position = 0
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(self.THREADS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _next(self):
        """Events in an order of no meaning, as SNS has it."""
        with self._lock:
            if not self._waiting and not self.is_silent:
                self._read()
            if self.is_silent or not self._waiting:
                return None
            return self._waiting.pop(random.randrange(len(self._waiting)))

    def _read(self):
        if not self.sink.accepted_path.exists():
            return
        with open(self.sink.accepted_path) as log:
            log.seek(self._position)
            for line in iter(log.readline, ""):
                if not line.endswith("\n"):
                    break
                self._position += len(line)
                _, id, message_id = line.split()
                message = sns.event("Delivery", message_id, self.source, RECIPIENT, tags={"martlet-id": id})
                body = json.dumps(sns.envelope(message))
                self._waiting += [body] * (2 if random.random() < 0.1 else 1)

    def _run(self, number):
        clients = [Client(node.port, None, timeout=15) for node in self.nodes]
        attempt = number
        while not self._stopping.is_set():
            body = self._next()
            if body is None:
                self._stopping.wait(0.05)
                continue
            while not self._stopping.is_set():
                attempt += 1
                try:
                    status = clients[attempt % len(clients)].post("/webhooks/ses", body, Content_Type="text/plain; charset=UTF-8").status
                except BROKEN:
                    status = "unanswered"
                if status == 200:
                    self.sent += 1
                    break
                self.refused[status] += 1
                self._stopping.wait(0.2)


def reckon(customers, sink):
    """Waits until everything is done; returns facts as a dictionary, with `faults`: sentences about what must not be."""
    account = customers.account

    ids = customers.tally.list("ids")
    # An email is DELIVERED before anybody is told so: a page of a list may be empty and not the last, so that is no sign of the end.
    told = eventually(lambda: _told(sink, ids), within=1800, every=5, what="every email is delivered, and the customer told so")
    stored = {item["id"]: item["status"] for item in listed(account)}
    handed = sink.times_by_id()
    outbound = customers.nodes[0].outbound(customers.domain)
    faults = [sentence for wrong, sentence in (
        (set(ids) - set(stored), "an acknowledged email is lost"),
        (len(ids) != len(set(ids)), "two keys, one email"),
        (set(stored) - set(ids), "an email that nobody was told of"),
        (set(stored.values()) - {"DELIVERED"}, f"statuses {Counter(stored.values())}"),
        (set(stored) - set(handed), "an email never reached SES"),
        (outbound["outbound_sent_month"] != len(ids), f"counted {outbound['outbound_sent_month']} of {len(ids)}"),
        (customers.tally.list("wrong"), f"answers other than 202 and 503: {customers.tally.list('wrong')[:3]}"),
    ) if wrong]
    return {
        "accepted": len(ids), "503": customers.tally["503"], "unanswered": customers.tally["unanswered"],
        "sent twice": sum(count - 1 for count in handed.values()), "callbacks": sum(told.values()),
        "callbacks twice": sum(told.values()) - len(told), "faults": faults,
    }


def _told(sink, ids):
    """How often each callback was made, by its id; None as long as there are fewer than emails."""
    told = Counter(call.id for call in sink.called())
    return told if len(told) >= len(ids) else None
