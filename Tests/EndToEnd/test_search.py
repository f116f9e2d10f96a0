"""Searches see what was acknowledged a moment before, at every node, while the segments of the search are built."""

import itertools

import pytest

from martlet import databases
from martlet.client import BROKEN
from martlet.emails import email
from martlet.load import Load, Tally
from martlet.wait import eventually

CLIENTS = 8
# Segments have 1,024 emails each, and as many may be behind them.
EMAILS = 3500


@pytest.mark.timeout(300)
def test_what_was_acknowledged_is_found_at_once(start_server, figure):
    nodes = [start_server()]
    if databases.SERVER:
        nodes.append(start_server(MARTLET_DATABASE_URL=nodes[0].database.url))
    account = nodes[0].account()
    other = nodes[0].account()
    domain, others = nodes[0].domain(account), nodes[0].domain(other)
    clients = [node.client(account.token, account.ref) for node in nodes]
    numbers, tally = itertools.count(), Tally()

    def step(_):
        number = next(numbers)
        here, there = clients[number % len(clients)], clients[(number + 1) % len(clients)]
        wanted = dict(clientId=f"client-{number}", externalId=f"campaign-{number % 7}", tags=[f"tag-{number % 5}"])
        try:
            answer = here.post("/emails", email(domain, to=f"r{number}@customer.example", **wanted))
        except BROKEN:
            return False
        assert answer.status == 202, answer
        tally.keep("ids", answer.data["id"])
        if number % 5 == 3:
            tally.keep("tagged", answer.data["id"])
        query = f"clientId=client-{number}" if number % 2 else f"to=r{number}@customer.example"
        found = there.get(f"/emails?{query}")
        assert [item["id"] for item in found.data] == [answer.data["id"]], query
        if number % 50 == 0:
            assert other.post("/emails", email(others, to=f"r{number}@customer.example", **wanted)).status == 202
            newest = there.get("/emails?tag=tag-0&limit=100").data
            assert all(item["from"].endswith(domain) for item in newest)
        return len(tally.list("ids")) < EMAILS

    with Load(CLIENTS, step) as load:
        eventually(lambda: not load.is_running, within=200, every=0.05)
    ids = tally.list("ids")
    for client in clients:
        assert sorted(pages(client, "limit=1000"), reverse=True) == sorted(ids, reverse=True)
        assert pages(client, "limit=300") == sorted(ids, reverse=True), "newest first, each once"
        assert pages(client, "tag=tag-3&limit=77") == sorted(tally.list("tagged"), reverse=True)
    figure(f"{len(ids)} emails on {len(nodes)} node(s): each found by clientId or recipient right after its 202")


def pages(client, query):
    """The ids of a list, page by page."""
    found, after = [], ""
    while True:
        answer = client.get(f"/emails?{query}{after}")
        assert answer.status == 200, answer
        found += [item["id"] for item in answer.data]
        if "next" not in answer.json["meta"]:
            return found
        after = f"&after={answer.json['meta']['next']}"
