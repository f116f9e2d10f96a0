"""A limit of N lets N and only N through, whatever comes at once and whenever the process dies."""

import random
import smtplib
import time

import pytest
from botocore.exceptions import ClientError, ConnectionError as ClientConnectionError, HTTPClientError

from martlet.client import BROKEN
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.policy import PolicyConnection
from martlet.programs import free_port
from martlet.ses_clients import AccessKey
from martlet.wait import eventually

CLIENTS = 64
LIMIT = 1000


class Attempts:
    """Calls both interfaces in turn and notes what was answered."""

    def __init__(self, server, account, domain, per_client=None):
        self.tally = Tally()
        self.account, self.domain = account, domain
        self.per_client = per_client
        self.done = [0] * CLIENTS

    def __call__(self, number):
        self.done[number] += 1
        try:
            self._email() if (number + self.done[number]) % 2 else self._increment()
        except BROKEN:
            self.tally.add("unanswered")
            return False
        return None if self.per_client is None else self.done[number] < self.per_client

    @property
    def allowed(self):
        return self.tally["emails"] + self.tally["increments"]

    def _email(self):
        answer = self.account.post("/emails", email(self.domain))
        if answer.status == 202:
            self.tally.add("emails")
            self.tally.keep("ids", answer.data["id"])
        elif answer.status == 429:
            assert int(answer.headers["Retry-After"]) > 0
            self.tally.add("refused")
        else:
            assert answer.status == 503, answer

    def _increment(self):
        answer = self.account.post(f"/domains/{self.domain}/outbound/increment")
        if answer.status == 503:
            return
        assert answer.status == 200, answer
        if answer.json["allowed"]:
            self.tally.add("increments")
        else:
            assert answer.json["reason"] == "daily_limit_exceeded", answer
            self.tally.add("refused")


def test_exactly_the_limit(server, account):
    domain = server.domain(account, outbound_daily_limit=LIMIT)
    attempts = Attempts(server, account, domain, per_client=24)
    Load(CLIENTS, attempts).__enter__().wait()
    assert attempts.allowed == LIMIT
    assert attempts.tally["emails"] > 0 and attempts.tally["increments"] > 0 and attempts.tally["refused"] == CLIENTS * 24 - LIMIT
    assert server.outbound(domain)["outbound_sent_today"] == LIMIT
    assert len(listed(account)) == attempts.tally["emails"]


def test_exactly_the_limit_over_a_crash(server, account, figure):
    domain = server.domain(account, outbound_daily_limit=LIMIT)
    before = Attempts(server, account, domain)
    with Load(CLIENTS, before) as load:
        eventually(lambda: before.allowed >= LIMIT // 3, within=60, every=0.005)
        time.sleep(random.uniform(0, 0.05))  # somewhere inside a commit
        server.kill()
        load.wait()
    assert before.allowed < LIMIT, "the process was killed too late"

    server.start()
    counted = server.outbound(domain)["outbound_sent_today"]
    assert before.allowed <= counted <= before.allowed + before.tally["unanswered"]
    stored = {item["id"] for item in listed(account)}
    assert set(before.tally.list("ids")) <= stored
    figure(f"crash at the limit: {before.allowed} allowed answers seen, {counted} counted, {before.tally['unanswered']} requests unanswered")

    after = Attempts(server, account, domain, per_client=30)
    Load(CLIENTS, after).__enter__().wait()
    assert after.allowed == LIMIT - counted
    assert server.outbound(domain)["outbound_sent_today"] == LIMIT


UNANSWERED = (*BROKEN, ClientConnectionError, HTTPClientError, smtplib.SMTPException)
"""What clients raise whose server has died."""


class EveryWayIn:
    """Calls one interface after the other, and notes how many recipients each has allowed."""

    is_killed = False
    """Whether calls may remain unanswered: then their client makes no more of them."""

    def __init__(self, server, account, domain, port, smtp_port, per_client):
        self.tally = Tally()
        self.smtp_port = smtp_port
        self.account, self.domain, self.per_client = account, domain, per_client
        key = AccessKey(server, account)
        # Clients of boto3 may be shared by threads.
        self.ses, self.sesv2 = (key.client(service, config={"max_pool_connections": CLIENTS}) for service in ("ses", "sesv2"))
        self.connections = [PolicyConnection(port) for _ in range(CLIENTS)]
        self.done = [0] * CLIENTS
        self.ways = [self._email, self._batch, self._increment, self._policy, self._smtp, self._ses, self._ses_bulk]

    def __call__(self, number):
        self.done[number] += 1
        try:
            self.ways[(number + self.done[number]) % len(self.ways)](number)
        except UNANSWERED:
            if not self.is_killed:
                raise
            return False
        return self.done[number] < self.per_client

    def close(self):
        for connection in self.connections:
            connection.close()

    @property
    def allowed(self):
        return sum(self.tally[way.__name__] for way in self.ways)

    @property
    def emails(self):
        return sum(self.tally[way] for way in ("_email", "_batch", "_smtp", "_ses", "_ses_bulk"))

    def _email(self, _):
        answer = self.account.post("/emails", email(self.domain))
        assert answer.status in (202, 429), answer
        self.tally.add("_email", answer.status == 202)

    def _batch(self, _):
        answer = self.account.post("/emails/batch", {"emails": [email(self.domain) for _ in range(3)]})
        assert answer.status == 200, answer
        statuses = [item["status"] for item in answer.data]
        assert set(statuses) <= {202, 429}, answer
        self.tally.add("_batch", statuses.count(202))

    def _increment(self, _):
        answer = self.account.post(f"/domains/{self.domain}/outbound/increment")
        assert answer.status == 200, answer
        self.tally.add("_increment", answer.json["allowed"])

    def _policy(self, number):
        action = self.connections[number].ask(f"a@{self.domain}", recipient_count="2")
        if action is None:
            raise ConnectionResetError
        assert action == "DUNNO" or action.startswith("DEFER_IF_PERMIT"), action
        self.tally.add("_policy", 2 * (action == "DUNNO"))

    def _smtp(self, _):
        # A connection for each message: an address has 50 at once.
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as connection:
            connection.login("any", self.account.token)
            try:
                connection.sendmail(f"a@{self.domain}", ["success@simulator.martlet.test"], f"From: a@{self.domain}\r\nSubject: s\r\n\r\nt\r\n")
            except smtplib.SMTPDataError as error:
                assert error.smtp_code == 452, error
                return
        self.tally.add("_smtp")

    def _ses(self, number):
        message = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
        try:
            if number % 2:
                self.ses.send_email(Source=f"a@{self.domain}", Destination={"ToAddresses": ["success@simulator.martlet.test"]}, Message=message)
            else:
                self.sesv2.send_email(
                    FromEmailAddress=f"a@{self.domain}",
                    Destination={"ToAddresses": ["success@simulator.martlet.test"]},
                    Content={"Raw": {"Data": f"From: a@{self.domain}\r\nSubject: s\r\n\r\nt\r\n".encode()}},
                )
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("Throttling", "LimitExceededException"), error
            return
        self.tally.add("_ses")

    def _ses_bulk(self, _):
        answer = self.sesv2.send_bulk_email(
            FromEmailAddress=f"a@{self.domain}",
            DefaultContent={"Template": {"TemplateName": "exact", "TemplateData": "{}"}},
            BulkEmailEntries=[{"Destination": {"ToAddresses": ["success@simulator.martlet.test"]}} for _ in range(2)],
        )
        statuses = [item["Status"] for item in answer["BulkEmailEntryResults"]]
        assert set(statuses) <= {"SUCCESS", "ACCOUNT_DAILY_QUOTA_EXCEEDED"}, answer
        self.tally.add("_ses_bulk", statuses.count("SUCCESS"))


@pytest.fixture
def every_way_in(start_server):
    """A server with every interface; an account with a limit on its domain."""
    port, smtp_port = free_port(), free_port()
    server = start_server(MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{smtp_port}")
    account = server.account()
    domain = server.domain(account, outbound_daily_limit=LIMIT)
    assert account.post("/templates", {"name": "exact", "subject": "s", "text": "t"}).status == 201
    return server, account, domain, port, smtp_port


def test_exactly_the_limit_over_every_way_in_and_a_crash(every_way_in, figure):
    server, account, domain, *ports = every_way_in
    before = EveryWayIn(server, account, domain, *ports, per_client=10**6)
    with Load(CLIENTS, before) as load:
        eventually(lambda: before.allowed >= LIMIT // 3, within=60, every=0.005)
        before.is_killed = True
        server.kill()
        load.wait()
    before.close()
    assert before.allowed < LIMIT, "the process was killed too late"
    server.start()
    counted = server.outbound(domain)["outbound_sent_today"]
    assert before.allowed <= counted <= before.allowed + 3 * CLIENTS
    after = EveryWayIn(server, account, domain, *ports, per_client=28)
    Load(CLIENTS, after).__enter__().wait()
    after.close()
    assert after.allowed == LIMIT - counted
    assert server.outbound(domain)["outbound_sent_today"] == LIMIT
    figure(f"every way in, and a crash: {before.allowed} allowed answers seen, {counted} counted, then {after.allowed}")


def test_exactly_the_limit_over_every_way_in(every_way_in, figure):
    server, account, domain, port, smtp_port = every_way_in
    attempts = EveryWayIn(server, account, domain, port, smtp_port, per_client=28)
    Load(CLIENTS, attempts).__enter__().wait()
    attempts.close()
    assert attempts.allowed == LIMIT
    assert all(attempts.tally[way.__name__] > 0 for way in attempts.ways)
    assert server.outbound(domain)["outbound_sent_today"] == LIMIT
    assert len(listed(account)) == attempts.emails
    figure("every way in: " + ", ".join(f"{way.__name__[1:]} {attempts.tally[way.__name__]}" for way in attempts.ways))
