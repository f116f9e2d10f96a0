"""A copy of the file that is taken while the server works holds all that was acknowledged before, and a server starts on it."""

import sqlite3

import pytest

from martlet import databases
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.server import Server
from martlet.wait import eventually

pytestmark = pytest.mark.skipif(databases.SERVER is not None, reason="PostgreSQL has tools of its own")


def test_a_backup_under_load_is_whole(start_server, tmp_path):
    # Nothing is sent meanwhile: what is in the queue is what was acknowledged.
    server = start_server(MARTLET_ROLES="http")
    account = server.account()
    domain = server.domain(account)
    tally = Tally()

    def submit(_):
        answer = account.post("/emails", email(domain, to="success@simulator.martlet.test"))
        assert answer.status == 202, answer
        tally.keep("ids", answer.data["id"])

    restored = Server(tmp_path / "restored")
    with Load(4, submit):
        eventually(lambda: len(tally.list("ids")) >= 100, what="a hundred emails are acknowledged")
        before = set(tally.list("ids"))
        with sqlite3.connect(server.database.path) as source, sqlite3.connect(restored.database.path) as copy:
            # As `.backup` of the shell does, a few pages at a time while others write.
            source.backup(copy, pages=16)
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    restored.start()
    try:
        client = restored.client(account.token)
        stored = {found["id"] for found in listed(client)}
        assert before <= stored
        assert client.get(f"/domains/{domain}/outbound").json["outbound_sent_today"] == len(stored)
        eventually(
            lambda: {found["status"] for found in listed(client)} == {"DELIVERED"}, within=30, what="all that was in the queue is delivered"
        )
    finally:
        restored.stop()
