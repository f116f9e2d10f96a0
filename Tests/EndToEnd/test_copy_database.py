"""`martlet copy-database`: a server that has outgrown SQLite goes on with PostgreSQL as if nothing had happened."""

import json
import os
import subprocess

import pytest

from martlet import databases
from martlet.emails import reaches, send
from martlet.programs import built
from martlet.server import MASTER

pytestmark = pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")


def copy(file, destination):
    environment = {"PATH": os.environ["PATH"], "HOME": str(file.parent), "MARTLET_DATABASE_URL": destination.url}
    command = [str(built("martlet", "MARTLET_BINARY")), "copy-database", "--json", "--from", str(file)]
    return subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, text=True, timeout=120)


def psql(database, sql):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, database.url], check=True)


@pytest.fixture
def small(start_server, tmp_path):
    """A server on a SQLite file, with a history."""
    file = databases.SQLite(tmp_path)
    server = start_server(MARTLET_DATABASE_URL=file.url, MARTLET_GUILLOTINE_MINIMUM_SENT=100)
    server.file = file.path
    return server


def test_a_server_goes_on_where_it_was(small):
    account = small.account()
    domain = small.domain(account, outbound_daily_limit=100)
    ids = [send(account, domain, externalId="spring", tags=["sale"])["id"] for _ in range(20)]
    bounced = send(account, domain, to="bounce@simulator.martlet.test")["id"]
    assert account.post("/templates", {"name": "offer", "subject": "s", "text": "For {{who}}"}).status == 201
    offer = {"from": f"news@{domain}", "to": "success@simulator.martlet.test", "template": "offer", "variables": {"who": "Eva"}}
    ids.append(account.post("/emails", offer).data["id"])
    for id in ids:
        reaches(account, id, "DELIVERED")
    reaches(account, bounced, "BOUNCED_PERMANENT")
    assert account.post("/suppressions", {"address": "no@example.net"}).status == 201
    before = [account.get(f"/emails/{id}").data for id in [*ids, bounced]]
    assert before[20]["text"] == "For Eva"
    outbound = small.outbound(domain)

    destination = databases.Postgres()
    running = copy(small.file, destination)
    assert running.returncode == 1
    assert "stop the server" in running.stderr
    assert small.terminate() == 0
    done = copy(small.file, destination)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {table["table"]: table["rows"] for table in report["tables"]}["emails"] == 22

    small.start(MARTLET_DATABASE_URL=destination.url)
    assert [account.get(f"/emails/{id}").data for id in [*ids, bounced]] == before
    assert small.outbound(domain) == outbound
    assert [entry["address"] for entry in account.get("/suppressions").data] == ["no@example.net"]
    reaches(account, send(account, domain)["id"], "DELIVERED")
    assert small.outbound(domain)["outbound_sent_today"] == outbound["outbound_sent_today"] + 1
    assert small.terminate() == 0
    again = copy(small.file, destination)
    assert again.returncode == 1
    assert "not empty" in again.stderr


def test_nothing_starts_on_half_a_copy(small, start_server):
    assert small.terminate() == 0
    destination = databases.Postgres()
    assert copy(small.file, destination).returncode == 0
    psql(destination, "INSERT INTO copied_tables (name, copied) VALUES ('emails', 0)")
    environment = {"PATH": os.environ["PATH"], "MARTLET_DATABASE_URL": destination.url, "MARTLET_MASTER_TOKEN": MASTER}
    served = subprocess.run([built("martlet", "MARTLET_BINARY"), "serve"], env=environment, capture_output=True, text=True, timeout=30)
    assert served.returncode == 1
    assert "run `martlet copy-database` again" in served.stderr


@pytest.mark.parametrize(("from_", "url", "words"), [("none.sqlite", None, "no such file"), ("x", "sqlite:y", "expected the postgres:// URL")])
def test_wrong_ends(tmp_path, from_, url, words):
    environment = {"PATH": os.environ["PATH"], "MARTLET_DATABASE_URL": url or databases.SERVER}
    command = [built("martlet", "MARTLET_BINARY"), "copy-database", "--from", from_]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is made"
