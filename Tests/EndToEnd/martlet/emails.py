"""Requests for emails, and what becomes of them."""

from email import message_from_bytes, policy
from urllib.parse import urlsplit

from .client import Client
from .server import MASTER
from .wait import eventually


def email(domain, to="success@simulator.martlet.test", **fields):
    """A valid body of `POST /emails`."""
    return {"from": f"news@{domain}", "to": to, "subject": "Hello", "text": "we have a new offer this week", **fields}


def send(client, domain, **fields):
    """Sends one email and returns its `data`; fails unless it is accepted."""
    answer = client.post("/emails", email(domain, **fields))
    assert answer.status == 202, answer
    return answer.data


def status_of(client, id):
    answer = client.get(f"/emails/{id}")
    assert answer.status == 200, answer
    return answer.data["status"]


def reaches(client, id, *statuses, within=10):
    """Waits until the email has one of the statuses, and returns its data with the timeline."""

    def look():
        answer = client.get(f"/emails/{id}")
        assert answer.status == 200, answer
        return answer.data if answer.data["status"] in statuses else None

    return eventually(look, within=within, what=f"email {id} reaches {statuses}, is {status_of(client, id)}")


def listed(client, query="", limit=1000):
    """Every email of the list, page by page."""
    emails, after = [], None
    while True:
        position = f"&after={after}" if after else ""
        answer = client.get(f"/emails?limit={limit}{position}{'&' + query if query else ''}")
        assert answer.status == 200, answer
        emails += answer.data
        after = answer.json["meta"].get("next")
        if not after:
            return emails


def source(client, id):
    """The email as it was sent, parsed; waits until it was."""

    def look():
        answer = client.get(f"/emails/{id}/source")
        return answer if answer.status == 200 else None

    return message_from_bytes(eventually(look, what=f"the source of email {id}").body, policy=policy.default)


def unsubscribe_link(client, id):
    """The path of the link that the email carries: a customer is not shown it, the master is with the capture transport."""
    return urlsplit(source(Client(client.port, MASTER, host=client.host), id)["List-Unsubscribe"].strip("<>")).path
