"""Clients that do not give up: they ask again, under the same key, until they know."""

import time

from .client import BROKEN
from .emails import email
from .policy import PolicyConnection
from .server import unique


def accepted(client, domain, tally, deadline):
    """Submits an email until it is accepted, and keeps its id; False when time is up first."""
    key = unique("key")
    while time.monotonic() < deadline:
        try:
            answer = client.post("/emails", email(domain), Idempotency_Key=key)
        except BROKEN:
            tally.add("unanswered")
            continue
        if answer.status == 202:
            tally.keep("ids", answer.data["id"])
            return True
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0, answer
        tally.add("503")
        time.sleep(0.05)
    return False


def allowed(address, domain, tally, deadline):
    """Asks as a mail server does, about one message, until it is not deferred; False when time is up first."""
    instance = unique("message")
    while time.monotonic() < deadline:
        try:
            with PolicyConnection(address) as connection:
                action = connection.ask(f"news@{domain}", instance=instance)
        except OSError:
            action = None
        if action == "DUNNO":
            tally.keep("messages", instance)
            return True
        assert action is None or action.startswith("DEFER"), action
        tally.add("deferred" if action else "unanswered")
        time.sleep(0.05)
    return False
