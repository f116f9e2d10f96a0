"""Suppression lists from outside: the commands, files, SES's own list, and the unsubscribe page."""

import http.server
import json
import os
import pty
import subprocess
import threading
from pathlib import Path
from urllib.parse import unquote

import pytest

from martlet import sns
from martlet.emails import email, unsubscribe_link
from martlet.programs import built
from martlet.server import AWS, MASTER
from martlet.wait import eventually
from test_cli import martlet, printed

COLUMNS = "address,scope,sender,reason,note"


def settings(server, account):
    return {"MARTLET_URL": server.url, "MARTLET_TOKEN": account.token}


def resident(server):
    """Megabytes of memory: the most so far."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_commands(server, account, domain):
    def run(*arguments, **options):
        return martlet(server.directory, "suppressions", *arguments, **options, **settings(server, account))

    added = printed(run("add", "Gone@x.example", "--reason", "hard_bounce", "--note", "told us", "--json"))
    assert added["address"] == "gone@x.example" and added["source"] == "api"
    assert account.post("/emails", email(domain, to="gone@x.example")).data["status"] == "BLACKLISTED"
    assert [one["id"] for one in printed(run("list", "--address", "gone@x.example", "--json"))] == [added["id"]]
    assert run("remove", str(added["id"])).returncode == 0
    assert run("remove", str(added["id"])).returncode == 1
    assert account.post("/emails", email(domain, to="gone@x.example")).data["status"] == "QUEUED"


def test_files_go_round(server, account, tmp_path):
    rows = [f"user{number}@x.example,account,,manual,note {number}" for number in range(3000)]
    (tmp_path / "list.csv").write_text("\r\n".join([COLUMNS, *rows, '"=1+1@x.example",account,,complaint,"a, ""b"""']) + "\r\n")

    def run(*arguments, **options):
        return martlet(tmp_path, "suppressions", *arguments, **options, **settings(server, account))

    assert printed(run("import", "list.csv", "--json"))["imported"] == 3001
    again = run("import", "-", stdin=(tmp_path / "list.csv").read_text())
    assert again.returncode == 0 and "duplicates  3001" in again.stdout
    assert again.stderr == "", "no bar where nobody is reading"
    exported = run("export").stdout
    other = server.account()
    (tmp_path / "exported.csv").write_text(exported)
    report = printed(martlet(tmp_path, "suppressions", "import", "exported.csv", "--json", **settings(server, other)))
    assert (report["imported"], report["rejectedCount"]) == (3001, 0)
    wrong = run("import", "-", stdin=f"{COLUMNS}\nx,,,,\nok@x.example,,,,\n")
    assert wrong.returncode == 1 and "line 2: address" in wrong.stderr and "imported    1" in wrong.stdout


def test_a_file_of_another_service(server, account, tmp_path):
    (tmp_path / "bounces.csv").write_text("\ufeffEmail Address;Created;Type\r\n\u200bgone@x.example\u00a0;1700000000;Hard bounce\r\n")
    done = martlet(tmp_path, "suppressions", "import", "bounces.csv", **settings(server, account))
    assert done.returncode == 0 and "imported    1" in done.stdout and "columns passed over: Created" in done.stderr, done
    listed = account.get("/suppressions?address=gone@x.example").data
    assert [entry["reason"] for entry in listed] == ["hard_bounce"]


def test_a_person_sees_how_far_it_has_come(server, account, tmp_path):
    (tmp_path / "list.csv").write_text("".join(f"progress{number}@x.example\n" for number in range(5000)))
    terminal, other_end = pty.openpty()
    done = subprocess.run(
        [str(built("martlet", "MARTLET_BINARY")), "suppressions", "import", "list.csv"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=other_end,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **settings(server, account)}, timeout=60,
    )
    os.close(other_end)
    assert done.returncode == 0 and b"imported    5000" in done.stdout
    assert b"] 100 % of 0.1 MB" in os.read(terminal, 65_536)
    os.close(terminal)


def test_memory_does_not_grow_with_the_file(start_server, tmp_path, figure):
    server = start_server()
    account = server.account()
    with open(tmp_path / "list.csv", "w") as file:
        file.write(COLUMNS + "\n")
        file.writelines(f"somebody.with.a.name.{number}@customer.example,account,,hard_bounce,imported from elsewhere\n" for number in range(30_000))
    send_small = martlet(tmp_path, "suppressions", "import", "-", stdin=COLUMNS, **settings(server, account))
    assert send_small.returncode == 0
    before = resident(server)
    assert printed(martlet(tmp_path, "suppressions", "import", "list.csv", "--json", **settings(server, account)))["imported"] == 30_000
    assert martlet(tmp_path, "suppressions", "export", **settings(server, account)).stdout.count("\n") == 30_001
    figure(f"suppressions: import and export of 30,000 lines took the server's memory from {before:.0f} to {resident(server):.0f} MB at the most")
    assert resident(server) < before + 64


class SES(http.server.BaseHTTPRequestHandler):
    """SES's suppression list; moto has none."""

    def _answer(self, status=200):
        self.send_response(status)
        if status == 404:
            self.send_header("x-amzn-ErrorType", "NotFoundException")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.list[body["EmailAddress"]] = body["Reason"]
        self._answer()

    def do_DELETE(self):
        address = unquote(self.path.rsplit("/", 1)[1])
        self._answer(200 if self.server.list.pop(address, None) else 404)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_error(503)

    def log_message(self, *_):
        pass


@pytest.fixture
def ses():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SES)
    server.list = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_ses_follows(start_server, ses):
    server = start_server(
        MARTLET_TRANSPORT="ses", AWS_ENDPOINT_URL=f"http://127.0.0.1:{ses.server_address[1]}", MARTLET_SUPPRESSIONS_SYNC_SES="true",
        MARTLET_ROLES="http,scheduler", MARTLET_SNS_VERIFY_SIGNATURES="false", **AWS)
    account = server.account()
    name = "synced.example"
    assert server.master.post("/domains", {"name": name, "partner_ref": account.ref}).status == 201
    ses.list.update({"b+c@x.example": "BOUNCE", "other@x.example": "COMPLAINT"})
    bounce = sns.bounce("synced", f"news@{name}", "b+c@x.example")
    assert server.client(None).post("/webhooks/ses", sns.envelope(bounce)).status == 200
    # What a customer says proves nothing: neither does it stop the mail of others, nor does it take an address off the list of all.
    claimed = account.post("/suppressions", {"address": "victim@x.example", "reason": "complaint"})
    assert claimed.status == 201
    imported = account.post("/suppressions/import", "address,reason\nvictim2@x.example,complaint\nother@x.example,complaint\n", Content_Type="text/csv")
    assert imported.data["imported"] == 2, imported
    for entry in account.get("/suppressions").data:
        assert account.delete(f"/suppressions/{entry['id']}").status == 204
    eventually(lambda: "b+c@x.example" not in ses.list, within=20, what="the address that SES reported is off SES's list")
    assert ses.list == {"other@x.example": "COMPLAINT"}


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'),
    ],
    ids=["urlencoded", "multipart"],
)
def test_one_click(server, account, domain, type, body):
    link = unsubscribe_link(account, account.post("/emails?unsubscribeMsg=bye", email(domain, to="reader@example.org")).data["id"])
    stranger = server.client(None)
    for method in ("GET", "HEAD", "GET"):
        assert stranger.request(method, link).status == 200
    assert account.post("/emails", email(domain, to="reader@example.org")).data["status"] == "QUEUED", "looking changes nothing"
    forged = link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")
    assert stranger.request("POST", forged, body, {"Content-Type": type}).status == 404
    assert account.post("/emails", email(domain, to="reader@example.org")).data["status"] == "QUEUED"
    done = stranger.request("POST", link, body, {"Content-Type": type})
    assert done.status == 200 and done.headers["Set-Cookie"] is None and b"Unsubscribed" in done.body
    assert account.post("/emails", email(domain, to="reader@example.org")).data["status"] == "BLACKLISTED"
    again = stranger.request("POST", link, b"action=resubscribe", {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "pt"})
    assert again.status == 200 and "Inscrição restabelecida".encode() in again.body
    assert account.post("/emails", email(domain, to="reader@example.org")).data["status"] == "QUEUED"
    assert server.client(MASTER).get(f"/suppressions?userName={account.ref}").data == []
