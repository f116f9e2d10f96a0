"""Upgrades: a database of an old version is migrated whole, nodes are replaced one by one under load, and docs/upgrade.md holds.

MARTLET_BINARY_BEFORE names the program of the version before; without it the program under test plays both, on a schema to which a later version has added.
"""

import json
import os
import re
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from martlet import databases
from martlet.client import BROKEN
from martlet.emails import email, listed, reaches, send
from martlet.load import Load, Tally
from martlet.programs import ROOT, built
from martlet.server import SECRETS_KEY, unique
from martlet.wait import eventually

FIXTURES = Path(__file__).with_name("fixtures")
"""Databases as versions of before have made them: `sqlite3`'s and `pg_dump`'s text, after an email of each kind, a bounce, a complaint and a suspension."""

on_postgres = pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")
UNLIKE = {"email_tags", "migrations", "connection_commits"}
"""Tables with other rows afterwards: labels are in the segments of the search now, and the others say what was applied and by whom."""


def fixture(database):
    """Fills a database with the fixture of its engine."""
    if databases.SERVER:
        file = FIXTURES / "schema-0013-postgres.sql"
        subprocess.run(["psql", "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-f", file, database.url], check=True)
    else:
        with sqlite3.connect(database.path) as connection:
            connection.executescript((FIXTURES / "schema-0013-sqlite.sql").read_text())
        connection.close()
    return database


def ask(database, query):
    if databases.SERVER:
        done = subprocess.run(["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", query, database.url], check=True, capture_output=True, text=True)
        return [line.split("|") for line in done.stdout.splitlines()]
    connection = sqlite3.connect(database.path)
    try:
        return [[str(value) for value in row] for row in connection.execute(query)]
    finally:
        connection.close()


def row_counts(database):
    tables = (
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace" if databases.SERVER
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {table: int(ask(database, f"SELECT count(*) FROM {table}")[0][0]) for (table,) in ask(database, tables)}


def martlet(database, folder, *arguments):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "MARTLET_DATABASE_URL": database.url}
    command = [str(built("martlet", "MARTLET_BINARY")), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.fixture
def old(tmp_path):
    return fixture(databases.create(tmp_path))


def test_a_database_of_the_first_version_is_migrated_whole(old, tmp_path, start_server, figure):
    before = row_counts(old)
    statuses = Counter(status for (status,) in ask(old, "SELECT status FROM emails"))
    assert before["emails"] > 20 and before["timeline"] > 60 and before["suppressions"] == 1
    plan = martlet(old, tmp_path, "migrate", "--plan", "--json")
    assert plan.returncode == 0, plan.stderr
    steps = json.loads(plan.stdout)
    assert steps[0]["step"] == "0014-answers" and len(steps) > 20
    assert next(step for step in steps if step["step"] == "0020-ownership")["rows"] == ["domains: 3"]
    assert [step["step"] for step in steps if step["removes"]] == ["0033-search-contract"]
    assert row_counts(old) == before, "a plan changes nothing"

    done = martlet(old, tmp_path, "migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["applied"] == [step["step"] for step in steps]
    after = row_counts(old)
    kept = {table: count for table, count in before.items() if table not in UNLIKE}
    assert {table: after.get(table) for table in kept} == kept
    assert martlet(old, tmp_path, "migrate", "--plan").stdout == "The database is up to date.\n"
    assert Counter(status for (status,) in ask(old, "SELECT status FROM emails")) == statuses

    server = start_server(MARTLET_DATABASE_URL=old.url, MARTLET_SECRETS_KEY=SECRETS_KEY)
    account = server.account("acme")
    eventually(lambda: len(listed(account, "externalId=spring&tag=news")) == 12, within=20, every=0.2, what="emails of before are found by campaign and label")
    emails = listed(account)
    assert {item["from"] for item in emails} == {"news@shop.example"}
    one = account.get(f"/emails/{emails[-1]['id']}").data
    assert [entry["status"] for entry in one["timeline"]] == ["QUEUED", "DEQUEUED", "SENT", "DELIVERED"]
    assert account.get("/templates/offer").data["text"] == "For {{name}}"
    assert server.outbound("bank.example")["outbound_status"] == "suspended"
    assert server.outbound("mass.example")["bounce_count"] >= 1
    assert account.get("/suppressions?address=former@customer.example").data[0]["note"] == "left"
    reaches(account, send(account, "shop.example")["id"], "DELIVERED")
    figure(f"{len(steps)} migrations on {sum(before.values())} rows of the first version: every row kept, the server sends")


def later(database):
    """What the version after this one may do to the schema."""
    subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", """
        ALTER TABLE emails ADD COLUMN later_word TEXT; ALTER TABLE domains ADD COLUMN later_number BIGINT NOT NULL DEFAULT 7;
        CREATE TABLE later (id BIGINT PRIMARY KEY); CREATE INDEX later_emails ON emails (later_word);
        INSERT INTO migrations (name) VALUES ('9999-later');
        """, database.url], check=True)


@on_postgres
@pytest.mark.timeout(300)
def test_nodes_are_replaced_one_by_one(start_server, start_sink, figure):
    sink = start_sink("--latency-ms", "20")
    program = os.environ.get("MARTLET_BINARY_BEFORE")
    settings = {"MARTLET_DELIVERY_LEASE_SECONDS": 10, "MARTLET_DELIVERY_GRACE_SECONDS": 2, **sink.environment}
    first = start_server(**settings)
    nodes = [first, start_server(**settings, MARTLET_DATABASE_URL=first.database.url)]
    if program:
        for node in nodes:
            node.stop()
        subprocess.run(["psql", "-X", "-q", "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public", first.database.url], check=True)
        for node in nodes:
            node.program = program
            node.start()
    account = first.account()
    domain = first.domain(account)
    clients = [node.client(account.token, account.ref) for node in nodes]
    tally, turn = Tally(), Tally()

    def step(_):
        """One email under one key, by the next node at each try, as behind a proxy."""
        key = unique("key")
        while True:
            try:
                answer = clients[turn.add("turn") % 2].post("/emails", email(domain), Idempotency_Key=key)
            except BROKEN:
                tally.add("unanswered")
                continue
            if answer.status == 202:
                return tally.keep("ids", answer.data["id"])
            assert answer.status == 503, answer
            tally.add("503")

    def goes_on():
        before = len(tally.list("ids"))
        eventually(lambda: len(tally.list("ids")) >= before + 100, within=30, what="100 more emails are accepted")

    versions = []
    with Load(8, step):
        goes_on()
        for node in nodes:
            node.stop()
            goes_on()
            if not program and node is first:
                later(first.database)
            node.program = None
            node.start()
            versions.append(node.client(None).get("/readyz").status)
            goes_on()
    assert versions == [200, 200]
    ids = tally.list("ids")
    eventually(lambda: {item["status"] for item in listed(account)} == {"SENT"}, within=60, every=0.5, what="every email is sent")
    stored = {item["id"] for item in listed(account)}
    assert set(ids) == stored and len(ids) == len(stored), "nothing is lost, nothing is accepted twice"
    assert sink.times_by_id() == Counter(stored), "each was handed over once"
    assert first.outbound(domain)["outbound_sent_today"] == len(ids)
    figure(
        f"two nodes replaced one by one{' by another build' if program else ''}: {len(ids)} emails, each once; "
        f"{tally['unanswered']} requests without an answer, {tally['503']} answers 503, all made again")


def blocks(heading):
    """The shell blocks of a section of docs/upgrade.md."""
    section = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", (ROOT / "docs" / "upgrade.md").read_text(), re.MULTILINE | re.DOTALL)
    assert section, heading
    return re.findall(r"^```sh\n(.*?)^```$", section.group(1), re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page(old, tmp_path):
    """With this machine's file and program in place of those of an installed server."""
    (tmp_path / "martlet.env").write_text(f"MARTLET_DATABASE_URL={old.url}\n")
    said = []
    for text in blocks("One server"):
        if databases.SERVER and "backup" in text:
            continue
        text = text.replace("sudo ", "").replace("/etc/martlet/martlet.env", "martlet.env").replace("/root/", f"{tmp_path}/")
        lines = [line for line in text.splitlines() if not re.match(r"apt|systemctl", line)]
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
        (tmp_path / "martlet").unlink(missing_ok=True)
        (tmp_path / "martlet").symlink_to(built("martlet", "MARTLET_BINARY"))
        done = subprocess.run(["bash", "-ec", "\n".join(lines)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, text + done.stdout + done.stderr
        said.append(done.stdout)
    said = "".join(said)
    assert "0033-search-contract removes what older versions need" in said and "Applied: 0014-answers" in said
    assert "The database is up to date." in said
