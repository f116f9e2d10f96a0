"""What a start finds on its machine: settings files of all kinds, no CA certificates, another server on the same file."""

import json
import os
import stat
import subprocess

import pytest

from martlet import databases
from martlet.server import AWS, Server
from martlet.wait import eventually
from test_cli import martlet

needs_sqlite = pytest.mark.skipif(bool(databases.SERVER), reason="about SQLite files")

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"


def mounts_are_possible():
    return subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(not mounts_are_possible(), reason="mount namespaces are not permitted here")

NO_CERTIFICATES = (
    "unshare", "-m", "sh", "-c",
    'for folder in /etc/ssl /etc/pki; do if [ -d "$folder" ]; then mount -t tmpfs none "$folder" || exit 99; fi; done; exec "$@"', "sh",
)  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_files_of_other_systems(tmp_path, end, mark):
    lines = ["# Martlet", "", "MARTLET_HTTP_PORT = 80a", "MARTLET_LOG_LEVEL='loud'", ""]
    (tmp_path / "martlet.env").write_bytes(mark + end.join(lines).encode())
    for command in ("check-config", "serve", "doctor"):
        done = martlet(tmp_path, command, "--config", "martlet.env")
        assert done.returncode == 78, done
        said = done.stdout + done.stderr
        assert 'martlet.env, line 3: MARTLET_HTTP_PORT is "80a": expected a whole number from 1 to 65535' in said
        assert 'martlet.env, line 4: MARTLET_LOG_LEVEL is "loud"' in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"export MARTLET_HTTP_PORT=9001\n", "martlet.env, line 1: `export` is for shells"),
        (b"martlet_http_port=9001\n", "martlet.env, line 1: martlet_http_port is no setting: did you mean MARTLET_HTTP_PORT?"),
        (b"MARTLET_HTTP_PORT=9001 # ours\n", "martlet.env, line 1: a comment needs a line of its own"),
        (b"MARTLET_HTTP_PORT=1\nMARTLET_HTTP_PORT=2\n", "martlet.env, line 2: MARTLET_HTTP_PORT is given twice"),
        ("MARTLET_HTTP_PORT=9001\n".encode("utf-16"), "martlet.env is UTF-16"),
        (None, "martlet.env: no such file"),
        ("folder", "martlet.env: Is a directory"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, said):
    if content == "folder":
        (tmp_path / "martlet.env").mkdir()
    elif content is not None:
        (tmp_path / "martlet.env").write_bytes(content)
    for command in ("check-config", "serve"):
        done = martlet(tmp_path, command, "--config", "martlet.env")
        assert done.returncode == 78 and said in done.stdout + done.stderr, done


def test_a_variable_in_lower_case(tmp_path):
    done = martlet(tmp_path, "check-config", martlet_http_port="9001")
    assert done.returncode == 78 and "did you mean MARTLET_HTTP_PORT?" in done.stderr


def test_what_has_no_effect_is_said(tmp_path):
    (tmp_path / "martlet.env").write_text("PGPASSWORD=x\nMARTLET_SMTP_URL=smtp://relay.example\n")
    done = martlet(tmp_path, "check-config", "--config", "martlet.env")
    assert done.returncode == 0
    assert "Note: martlet.env, line 1: PGPASSWORD has no effect" in done.stdout
    assert "Note: MARTLET_SMTP_URL has no effect" in done.stdout


@pytest.mark.parametrize("command", ["check-config", "doctor", "serve"])
def test_ses_without_a_region(tmp_path, command):
    done = martlet(tmp_path, command, MARTLET_TRANSPORT="ses", MARTLET_SNS_TOPIC_ARNS=TOPIC)
    assert done.returncode == 78, done
    assert "AWS_REGION: expected the region of your SES account" in done.stdout + done.stderr
    assert not (tmp_path / "var").exists(), "nothing is made"


def without_certificates(directory, *arguments, **variables):
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), **variables}
    from martlet.programs import built

    command = [*NO_CERTIFICATES, str(built("martlet", "MARTLET_BINARY")), *arguments]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, timeout=60)


@needs_mounts
@pytest.mark.parametrize(
    ("variables", "server"),
    [
        ({"MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": TOPIC, **AWS}, "Amazon SES"),
        ({"MARTLET_TRANSPORT": "smtp", "MARTLET_SMTP_URL": "smtps://relay.example"}, "the relay relay.example"),
    ],
    ids=["ses", "smtp"],
)
def test_no_certificates(tmp_path, variables, server):
    done = without_certificates(tmp_path, "serve", **variables)
    assert done.returncode == 1, done
    assert f"no CA certificates, against which {server} has to be verified: install the package ca-certificates" in done.stderr
    assert not (tmp_path / "var").exists(), "said before anything else happens"
    doctor = without_certificates(tmp_path, "doctor", "--json", **variables)
    found = {check["check"]: check for check in json.loads(doctor.stdout)["checks"]}
    assert found["ca certificates"]["ok"] is False and "install" in found["ca certificates"]["detail"]
    checked = without_certificates(tmp_path, "check-config", **variables)
    assert checked.returncode == 0 and "install the package ca-certificates" in checked.stdout


@needs_mounts
def test_no_certificates_for_a_command(tmp_path):
    email = ["--from", "a@b.example", "--to", "c@d.example", "--subject", "s", "--text", "t"]
    done = without_certificates(tmp_path, "send", *email, "--url", "https://mail.example.com", "--token", "x" * 20)
    assert done.returncode == 1 and "install the package ca-certificates" in done.stderr, done


@needs_mounts
def test_no_certificates_and_no_need_of_any(tmp_path):
    """The capture transport starts, and says what cannot work; other callbacks go."""
    server = Server(tmp_path / "server", MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
    server.prefix = NO_CERTIFICATES
    server.start()
    try:
        assert "no CA certificates" in server.log
        account = server.account()
        domain = server.domain(account)
        body = {"to": "success@simulator.martlet.test", "from": f"news@{domain}", "text": "t", "subject": "s", "callbacks": ["https://127.0.0.1:1/x"]}
        assert account.post("/emails", body).status == 202

        def explained():
            deliveries = account.get("/callback-deliveries").json["data"]
            return any("no CA certificates" in attempt.get("error", "") for item in deliveries for attempt in item["attempts"])

        eventually(explained, within=20)
    finally:
        server.stop()


@needs_sqlite
@pytest.mark.parametrize("path", ["{path}", "{folder}/../{name}/martlet.sqlite", "{folder}/link.sqlite", "{folder}/hard.sqlite"], ids=str)
def test_a_second_server_on_a_file(start_server, path):
    server = start_server()
    folder = server.directory
    (folder / "link.sqlite").symlink_to("martlet.sqlite")
    os.link(server.database.path, folder / "hard.sqlite")
    other = path.format(path=server.database.path, folder=folder, name=folder.name)
    done = martlet(folder, "serve", MARTLET_DATABASE_URL=f"sqlite:{other}", MARTLET_HTTP_PORT="1")
    assert done.returncode == 1, done
    assert f"{other} is already served by process {server.process.pid}" in done.stderr
    assert server.client(None).get("/readyz").status == 200
    server.kill()
    (folder / "hard.sqlite").unlink()
    server.start()


@needs_sqlite
def test_files_are_private_in_a_folder_of_all(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    server = Server(tmp_path / "server", MARTLET_DATABASE_URL=f"sqlite:{folder}/martlet.sqlite")
    server.start()
    try:
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        server.stop()
    assert {"martlet.sqlite", "martlet.sqlite-wal", "martlet.sqlite-shm"} <= set(files)
    assert set(files.values()) == {0o600}, files


FULL_DISK = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=24m none "$0" && exec "$@"')


@needs_sqlite
@needs_mounts
def test_a_full_disk_is_not_ready(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    server = Server(tmp_path / "server", MARTLET_DATABASE_URL=f"sqlite:{disk}/martlet.sqlite")
    server.prefix = (*FULL_DISK, str(disk))
    server.start()
    probe = server.client(None)
    try:
        account = server.account()
        domain = server.domain(account)
        body = {"to": "success@simulator.martlet.test", "from": f"news@{domain}", "text": "x" * 50_000, "subject": "s"}
        assert account.post("/emails", body).status == 202
        # The disk is in the server's own view of the machine.
        filler = f"/proc/{server.process.pid}/root{disk}/filler"
        with open(filler, "wb", buffering=0) as file:
            with pytest.raises(OSError):
                while True:
                    file.write(b"x" * 4096)

        def is_refused():
            return account.post("/emails", body).status == 503

        eventually(is_refused, within=20, every=0.01)
        for _ in range(20):
            answer = probe.get("/readyz")
            assert answer.status == 503 and answer.json == {"detail": "The disk of the database is full", "code": "unavailable"}, answer
        assert probe.get("/healthz").status == 200
        os.unlink(filler)
        eventually(lambda: probe.get("/readyz").status == 200, within=20, every=0.2)
        assert account.post("/emails", body).status == 202
    finally:
        server.kill()


def test_the_log(start_server):
    """Numbers are numbers, and what is asked every few seconds is not in it."""
    server = start_server(MARTLET_LOG_FORMAT="json")
    assert server.client(None).get("/healthz").status == 200
    assert server.master.get("/domains").status == 200
    eventually(lambda: "/domains" in server.log, within=5)
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["message"] == "Request"]
    assert [line["http.route"] for line in requests if line["http.status"] < 400] == ["/domains"]
    assert type(requests[-1]["http.status"]) is int and type(requests[-1]["http.duration_ms"]) in (int, float)
