"""`POST /emails/batch`: the answers stand in the order of the emails, whatever each of them waited for."""

import pytest

from martlet.emails import email, listed
from martlet.name_server import NameServer

ROUNDS = 3

DNS = {"good.example": {"MX": [(10, "mx.good.example")]}, "closed.example": {"MX": [(0, "")]}}


@pytest.fixture(scope="module")
def server(start_server):
    with NameServer(DNS) as dns:
        yield start_server(
            MARTLET_DNS_NAMESERVER=dns.address, MARTLET_RECIPIENTS_REQUIRE_MX="refuse", MARTLET_RECIPIENTS_ROLE_ADDRESSES="refuse"
        )


@pytest.fixture
def items(account, domain):
    """Makes the item for a position of a batch, and says how it has to be answered: (item, HTTP status, what the answer must show)."""
    assert account.post("/templates", {"name": "welcome", "subject": "s", "text": "Welcome, {{name}}"}).status == 201

    def by_template(to, name, value):
        return {"from": f"news@{domain}", "to": to, "template": name, "variables": {"name": value}}

    def item(position, shift):
        to = f"r{position}@good.example"
        return [
            # Nothing is looked up, the DNS is asked (once for each name), or a template is read.
            lambda: (email(domain, to=f"success+{position}@simulator.martlet.test"), 202, f"success+{position}@"),
            lambda: (email(domain, to=to), 202, to),
            lambda: (email(domain, to=f"r@n{position}-{shift}.example"), 422, f"n{position}-{shift}.example"),
            lambda: (email(domain, to=f"r{position}@closed.example"), 422, "closed.example"),
            lambda: (by_template(to, "welcome", f"V{position}"), 202, f"Welcome, V{position}"),
            lambda: (by_template(to, f"t{position}", "V"), 422, f"t{position}"),
            lambda: (email(domain, to="postmaster@good.example"), 422, "postmaster@"),
            lambda: (email(domain, to=f"no address {position}"), 422, "to"),
            lambda: ({**email(domain, to=to), "from": f"news@n{position}.example"}, 403, f"n{position}.example"),
            lambda: ({"to": to, "from": f"news@{domain}", "text": "t"}, 400, "subject"),
        ][(position * 7 + shift) % 10]()

    return item


@pytest.mark.parametrize("size", [1, 2, 10, 100, 400])
def test_answers_stand_in_the_order_of_the_emails(account, items, size):
    accepted = {}
    for round in range(ROUNDS):
        expected = [items(position, round) for position in range(size)]
        answer = account.post("/emails/batch", {"emails": [item for item, _, _ in expected]})
        assert answer.status == 200, answer
        assert len(answer.data) == size
        for position, (got, (item, status, shown)) in enumerate(zip(answer.data, expected)):
            assert got["status"] == status and shown in str(got), (position, item, got)
            if status == 202:
                assert got["data"]["to"] == item["to"], (position, item, got)
                assert got["data"]["id"] not in accepted
                accepted[got["data"]["id"]] = item["to"]
    # What the customer files under an id is what Martlet files under it.
    assert {one["id"]: one["to"] for one in listed(account)} == accepted
