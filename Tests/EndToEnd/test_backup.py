"""`martlet backup`, `restore` and `release`: a copy that is taken under load holds all that was acknowledged before, and sends nothing by itself."""

import json
import os
import sqlite3
import subprocess
import time

import pytest

from martlet import databases
from martlet.emails import email, listed, reaches, send
from martlet.load import Load, Tally
from martlet.programs import built
from martlet.receiver import Receiver
from martlet.server import Server
from martlet.wait import eventually

on_sqlite = pytest.mark.skipif(databases.SERVER is not None, reason="PostgreSQL has tools of its own")


def martlet(server, *arguments, text=True):
    """Runs a command with the settings of a server, which may be running."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(server.directory), "MARTLET_DATABASE_URL": server.database.url}
    command = [str(built("martlet", "MARTLET_BINARY")), *map(str, arguments)]
    return subprocess.run(command, cwd=server.directory, env=environment, capture_output=True, text=text, timeout=120)


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_three_days():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3 * 86_400))


def rows(path, query):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


@on_sqlite
def test_after_the_worst_day(start_server, start_sink, tmp_path, figure):
    """Backup under load, SIGKILL, restore: nothing acknowledged before is missing, counters fit, nothing is sent before the release."""
    sink = start_sink()
    server = start_server(MARTLET_ROLES="http")
    account = server.account()
    domain = server.domain(account)
    later = send(account, domain, sendAt=in_three_days())["id"]
    tally = Tally()

    def submit(_):
        answer = account.post("/emails/batch", {"emails": [email(domain) for _ in range(100)]})
        assert answer.status == 200, answer
        for item in answer.data:
            assert item["status"] == 202, item
            tally.keep("ids", item["data"]["id"])

    file = tmp_path / "nightly.sqlite"
    with Load(4, submit):
        eventually(lambda: len(tally.list("ids")) >= 1000, what="a thousand emails are acknowledged")
        before = set(tally.list("ids"))
        report = printed(martlet(server, "backup", file, "--json"))
        during = len(tally.list("ids")) - len(before)
        eventually(lambda: len(tally.list("ids")) > len(before) + during, what="emails are accepted after the backup")
    server.kill()
    assert during > 0, "emails were accepted while the copy was made"
    assert report["log_bytes_after"] >= report["log_bytes_before"]
    assert file.stat().st_mode & 0o777 == 0o600 and file.stat().st_size == report["bytes"]
    stored = rows(file, "SELECT COUNT(*) FROM emails")[0][0]
    assert {table["table"]: table["rows"] for table in report["tables"]}["emails"] == stored
    figure(f"backup: {report['bytes'] >> 20} MiB with {stored} emails, {during} accepted meanwhile, log {report['log_bytes_after'] >> 20} MiB")

    restored = Server(tmp_path / "restored", **sink.environment)
    done = printed(martlet(restored, "restore", file, "--database", restored.database.path, "--json"))
    assert (done["queued"], done["scheduled"], done["attempted"], done["held"]) == (stored, 1, 0, True)
    assert restored.database.path.stat().st_mode & 0o777 == 0o600
    restored.start()
    try:
        client = restored.client(account.token)
        found = {entry["id"] for entry in listed(client)}
        assert before | {later} <= found and len(found) == stored
        assert client.get(f"/domains/{domain}/outbound").json["outbound_sent_today"] == stored
        assert "martlet release" in restored.client(None).get("/readyz").body.decode()
        assert "The database is held" in restored.log
        new = send(client, domain)["id"]
        assert {entry["status"] for entry in listed(client)} == {"QUEUED", "SCHEDULED"}
        assert sink.accepted() == []
        assert printed(martlet(restored, "release", "--json"))["released"] is True
        reaches(client, new, "SENT", within=30)
        eventually(lambda: len(sink.accepted()) == stored, within=60, what="all that was in the queue is sent once, but for the scheduled one")
        assert "The database is released" in restored.log
        assert restored.client(None).get("/readyz").body == b"ok\n"
        actions = [row["action"] for row in restored.master.get("/audit?action=database").json]
        assert actions == ["database.release", "database.restore"]
    finally:
        restored.stop()
    assert printed(martlet(restored, "release", "--json"))["released"] is False


@on_sqlite
def test_callbacks_wait_for_the_release(start_server, tmp_path):
    with Receiver() as receiver:
        server = start_server(MARTLET_ROLES="http,delivery", MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        account = server.account()
        domain = server.domain(account)
        id = send(account, domain, callbacks=[receiver.url("/status")])["id"]
        reaches(account, id, "DELIVERED")
        file = tmp_path / "copy.sqlite"
        assert martlet(server, "backup", file).returncode == 0
        restored = Server(tmp_path / "restored", MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        assert printed(martlet(restored, "restore", file, "--json"))["callbacks"] >= 2
        restored.start()
        try:
            client = restored.client(account.token)
            send(client, domain)
            assert receiver.told == []
            assert martlet(restored, "release").returncode == 0
            eventually(lambda: receiver.told, what="a callback is made")
        finally:
            restored.stop()


@on_sqlite
def test_a_backup_can_be_streamed(start_server, tmp_path):
    server = start_server()
    account = server.account()
    send(account, server.domain(account))
    done = martlet(server, "backup", "-", text=False)
    assert done.returncode == 0, done.stderr
    assert b"1 emails" in done.stderr
    file = tmp_path / "streamed.sqlite"
    file.write_bytes(done.stdout)
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert not list(server.directory.glob("*.backup-*"))
    full = subprocess.run(
        f"exec {built('martlet', 'MARTLET_BINARY')} backup - > /dev/full", shell=True, cwd=server.directory, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(server.directory), "MARTLET_DATABASE_URL": server.database.url},
    )
    assert full.returncode == 1 and "standard output" in full.stderr


@on_sqlite
def test_what_is_refused(start_server, tmp_path):
    server = start_server()
    file = tmp_path / "copy.sqlite"
    assert martlet(server, "backup", file).returncode == 0
    again = martlet(server, "backup", file)
    assert again.returncode == 1 and "--force" in again.stderr
    assert martlet(server, "backup", file, "--force").returncode == 0

    place = server.database.path
    exists = martlet(server, "restore", file)
    assert exists.returncode == 1 and "--force" in exists.stderr
    in_use = martlet(server, "restore", file, "--force")
    assert in_use.returncode == 1 and "already served" in in_use.stderr

    other = tmp_path / "other.sqlite"
    (tmp_path / "text").write_text("no database\n" * 1000)
    nothing = martlet(server, "restore", tmp_path / "text", "--database", other)
    assert nothing.returncode == 1 and "not a database" in nothing.stderr
    sqlite3.connect(tmp_path / "foreign.sqlite").execute("CREATE TABLE t (i)").connection.close()
    foreign = martlet(server, "restore", tmp_path / "foreign.sqlite", "--database", other)
    assert foreign.returncode == 1 and "no database of Martlet" in foreign.stderr
    newer = tmp_path / "newer.sqlite"
    newer.write_bytes(file.read_bytes())
    with sqlite3.connect(newer) as connection:
        connection.execute("INSERT INTO migrations VALUES ('9999-tomorrow')")
    connection.close()
    refused = martlet(server, "restore", newer, "--database", other)
    assert refused.returncode == 1 and "9999-tomorrow" in refused.stderr
    damaged = tmp_path / "damaged.sqlite"
    content = bytearray(file.read_bytes())
    content[4096 * 9 : 4096 * 12] = bytes(4096 * 3)
    damaged.write_bytes(content)
    assert martlet(server, "restore", damaged, "--database", other).returncode == 1
    assert not list(tmp_path.glob("other*")), "nothing is left of what was refused"

    assert server.terminate() == 0
    assert martlet(server, "restore", file, "--force").returncode == 0
    assert sorted(path.name for path in place.parent.glob("martlet.sqlite*")) == ["martlet.sqlite"]
    assert rows(place, "SELECT COUNT(*) FROM holds") == [(1,)]


@pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")
def test_postgresql_has_its_own_tools(start_server, tmp_path):
    server = start_server()
    done = martlet(server, "backup", tmp_path / "copy")
    assert done.returncode == 1 and "pg_dump" in done.stderr
    done = martlet(server, "restore", tmp_path / "copy")
    assert done.returncode == 1 and "pg_restore" in done.stderr
