"""The audit log from outside: every change by API, dashboard and command line is one row, and no row has a secret or a whole address."""

import csv
import io
import sqlite3
import subprocess

import pytest

from martlet import databases
from martlet.client import Client
from martlet.emails import email
from martlet.server import MASTER, unique
from martlet.wait import eventually
from test_cli import martlet, printed


@pytest.fixture(scope="module")
def server(start_server):
    return start_server(MARTLET_GUILLOTINE_MINIMUM_SENT="0", MARTLET_SENDERS_APPROVAL="support")


def rows(client, query=""):
    """Newest first, page by page, as `Link` leads."""
    found, path = [], "/audit?limit=7" + query
    while path:
        answer = client.get(path)
        assert answer.status == 200, answer
        found += answer.json
        link = answer.headers.get("Link")
        path = link[1 : link.index(">")] if link else None
    return found


def dump(server):
    """The table of the log, as text."""
    columns = "actor_kind, actor_name, address, action, target, old_values, new_values"
    if databases.SERVER:
        done = subprocess.run(["psql", "-X", "-A", "-t", "-c", f"SELECT {columns} FROM audit_log", server.database.url], check=True, capture_output=True, text=True)
        return done.stdout
    with sqlite3.connect(f"file:{server.database.path}?mode=ro", uri=True) as connection:
        return "\n".join(str(row) for row in connection.execute(f"SELECT {columns} FROM audit_log"))


def by_api(server, account):
    """Changes by the API; the rows that they lead to, oldest first."""
    ref, name = account.ref, unique("audit") + ".example"
    steps = [
        (account.post("/domains", {"name": name}), "domain.create", f"domain:{name}"),
        (server.master.put(f"/domains/{name}/outbound", {"outbound_daily_limit": 500}), "domain.update", f"domain:{name}"),
        (account.post("/templates", {"name": "t", "subject": "s", "text": "Hello"}), "template.create", "template:t"),
        (account.put("/templates/t", {"subject": "s", "text": "Hello again"}), "template.update", "template:t"),
        (account.delete("/templates/t"), "template.delete", "template:t"),
        (account.post("/senders", {"email": f"ann@{unique('mail')}.example"}), "sender.request", "sender:ann@"),
        (account.post("/suppressions", {"address": "jane.roe@customer.example", "note": "jane.roe@customer.example asked"}), "suppression.add", "recipient:"),
        (account.request("POST", "/suppressions/import", "address\nfile.one@customer.example\n", {"Content-Type": "text/csv"}), "suppression.import", f"account:{ref}"),
        (account.post("/callback-endpoints", {"url": "https://hooks.example.com/a?token=s3cret-of-the-hook"}), "endpoint.create", "endpoint:"),
        (account.post("/callback-secret/rotate"), "callback_secret.rotate", f"account:{ref}"),
        (server.master.post(f"/accounts/{ref}/review", {"decision": "block", "note": "spam traps"}), "account.block", f"account:{ref}"),
        (server.master.post(f"/accounts/{ref}/review", {"decision": "lift"}), "account.lift", f"account:{ref}"),
    ]
    for answer, action, _ in steps:
        assert answer.status in (200, 201, 204), (action, answer)
    return [(action, target) for _, action, target in steps]


def test_changes_by_the_api(server):
    account = server.account()
    before = len(rows(account))
    expected = by_api(server, account)
    found = rows(account)[: -before or None][::-1]
    assert [row["action"] for row in found] == [action for action, _ in expected]
    for row, (action, target) in zip(found, expected):
        assert row["target"].startswith(target), row
        assert row["address"] == "127.0.0.1" and row["partner_ref"] == account.ref
        assert row["actor"]["kind"] == ("master" if action in ("domain.update", "account.block", "account.lift") else "key")
    by_action = {row["action"]: row for row in found}
    assert by_action["domain.update"]["before"]["outbound_daily_limit"] == 0 and by_action["domain.update"]["after"]["outbound_daily_limit"] == 500
    assert by_action["account.block"]["before"] == {"status": "ok"} and by_action["account.block"]["after"]["note"] == "spam traps"
    assert by_action["suppression.add"]["after"]["address"]["masked"] == "j***@customer.example"
    assert by_action["suppression.import"]["after"]["imported"] == 1
    assert rows(account, "&target=recipient:jane.roe@customer.example") == [by_action["suppression.add"]]


def test_changes_by_the_command_line(server):
    name = unique("audit") + ".example"
    settings = {"MARTLET_URL": server.url, "MARTLET_TOKEN": MASTER}
    for command in (["domain", "create", name], ["domain", "suspend", name], ["domain", "resume", name]):
        assert martlet(server.directory, *command, **settings).returncode == 0
    found = printed(martlet(server.directory, "audit", "--target", f"domain:{name}", "--json", **settings))
    assert [row["action"] for row in found][::-1] == ["domain.create", "domain.suspend", "domain.activate"]
    assert {row["actor"]["kind"] for row in found} == {"master"} and {row["address"] for row in found} == {"127.0.0.1"}
    shown = martlet(server.directory, "audit", "--target", f"domain:{name}", "--action", "domain.suspend", **settings)
    assert shown.returncode == 0 and "domain.suspend" in shown.stdout and "domain.create" not in shown.stdout
    table = list(csv.DictReader(io.StringIO(martlet(server.directory, "audit", "--actor", "master", "--csv", **settings).stdout)))
    assert [row["action"] for row in table if row["target"] == f"domain:{name}"] == [row["action"] for row in found]
    assert martlet(server.directory, "audit", "--action", "domain.explode", **settings).returncode == 1


def test_what_the_program_does_by_itself(server, account, domain):
    sent = account.post("/emails", email(domain, to="bounce+audit@simulator.martlet.test"))
    assert sent.status == 202
    eventually(lambda: server.outbound(domain)["outbound_status"] == "suspended", within=20, what="the guillotine")
    row = rows(account, "&action=domain.suspend")[0]
    assert row["actor"] == {"kind": "system", "id": None, "name": "martlet"} and row["address"] is None
    assert row["target"] == f"domain:{domain}" and row["before"] == {"outbound_status": "active"}
    assert "guillotine" in row["after"]["suspended_reason"]


def test_two_accounts(server):
    first, second = server.account(), server.account()
    first.post("/templates", {"name": "mine", "subject": "s", "text": "t"})
    assert [row["target"] for row in rows(first, "&action=template")] == ["template:mine"]
    assert rows(second, "&action=template") == []
    assert second.get(f"/audit?partner_ref={first.ref}").status == 404
    assert {row["partner_ref"] for row in rows(second)} <= {second.ref}
    reader = server.account(scopes=["read", "send"])
    assert reader.get("/audit").status == 403
    assert Client(server.port).get("/audit").status == 401


def test_refused_calls_leave_no_row(server, account):
    before = rows(server.master)
    other = server.account()
    extra = len(rows(server.master)) - len(before)
    refused = [
        account.post("/templates", {"name": "t"}), account.put("/templates/none", {"subject": "s", "text": "t"}),
        account.delete("/suppressions/999999999"), other.delete("/callback-endpoints/1"), account.post("/suppressions", {"address": "no"}),
        account.post(f"/accounts/{account.ref}/review", {"decision": "lift"}), account.post("/outbound/reset-daily"),
    ]
    assert all(400 <= answer.status < 500 for answer in refused), refused
    assert len(rows(server.master)) == len(before) + extra


@pytest.mark.skipif(databases.SERVER is not None, reason="what pages show does not depend on the engine")
def test_changes_by_the_dashboard(server, tab):
    from martlet.browser import expect

    account = server.account()
    tab.log_in(account.token)
    tab.open("/dashboard/suppressions")
    tab.page.locator("#address").fill("page.person@customer.example")
    tab.page.get_by_role("button", name="Suppress", exact=True).click()
    expect(tab.page.get_by_text("page.person@customer.example is suppressed.")).to_be_visible()
    tab.open("/dashboard/audit")
    expect(tab.page.get_by_role("heading", name="Audit log", level=1)).to_be_visible()
    for action in ("session.create", "suppression.add"):
        expect(tab.page.get_by_role("rowheader", name=action)).to_be_visible()
    expect(tab.page.get_by_role("link", name="recipient:p***@customer.example")).to_be_visible()
    tab.look("dashboard-audit-customer")
    found = rows(account)
    assert [row["action"] for row in found[:2]] == ["suppression.add", "session.create"]
    assert all(row["actor"]["kind"] == "key" and row["address"] == "127.0.0.1" for row in found[:2])


def test_no_secret_and_no_whole_address(server):
    account = server.account()
    by_api(server, account)
    secret = account.get("/callback-secret").data["secret"]
    stored = dump(server).lower()
    assert "suppression.add" in stored
    for word in ("jane.roe", "file.one", "s3cret-of-the-hook", MASTER.lower(), account.token.lower(), secret.lower(), secret.lower().removeprefix("whsec_")):
        assert word not in stored, word
