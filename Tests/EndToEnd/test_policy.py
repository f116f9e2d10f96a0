"""The policy daemon without a mail server: both interfaces on one counter, restarts, shutdown, what is no request; and `martlet doctor`."""

import signal
import sqlite3
import subprocess

import pytest

from martlet.doctor import doctor
from martlet.load import Load, Tally
from martlet.policy import PolicyConnection, request
from martlet.programs import built, free_port


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def server(start_server, port):
    return start_server(MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}")


def test_both_doors_share_the_limit(server, port):
    account = server.account()
    domain = server.domain(account, outbound_daily_limit=50)
    tally = Tally()

    def ask(number):
        if number % 2:
            with PolicyConnection(port) as connection:
                allowed = connection.ask(f"news@{domain}") == "DUNNO"
        else:
            allowed = account.post(f"/domains/{domain}/outbound/increment").json["allowed"]
        tally.add("allowed", int(allowed))
        return tally.add("asked") < 150

    with Load(8, ask) as load:
        load.wait()
    assert tally["allowed"] == 50
    assert server.outbound(domain)["outbound_sent_today"] == 50


def test_a_repeated_question_counts_once_also_after_a_kill(server, port):
    domain = server.domain(server.account(), outbound_daily_limit=2)
    questions = {f"kill.{number}": None for number in range(3)}
    with PolicyConnection(port) as connection:
        for instance in questions:
            questions[instance] = connection.ask(f"news@{domain}", instance=instance)
    assert [answer.split()[0] for answer in questions.values()] == ["DUNNO", "DUNNO", "DEFER_IF_PERMIT"]
    server.kill()
    server.start()
    with PolicyConnection(port) as connection:
        assert {instance: connection.ask(f"news@{domain}", instance=instance) for instance in questions} == questions
    assert server.outbound(domain)["outbound_sent_today"] == 2


@pytest.mark.parametrize("junk", [b"x" * 1_048_576, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\n", b"request=other\n\n"], ids=lambda junk: str(junk[:10]))
def test_what_is_no_request_closes_that_connection_only(server, port, junk):
    domain = server.domain(server.account())
    with PolicyConnection(port) as good, PolicyConnection(port) as bad:
        assert bad.ask(f"news@{domain}") == "DUNNO"
        try:
            bad.send(junk)
            assert bad.answer() is None
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert good.ask(f"news@{domain}") == "DUNNO"
    assert server.outbound(domain)["outbound_sent_today"] == 2


def test_what_was_counted_was_answered_when_the_server_ends(start_server):
    """SIGTERM under load, many requests written ahead on each connection."""
    port = free_port()
    server = start_server(MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}")
    domain = server.domain(server.account())
    tally = Tally()

    def ask(_):
        try:
            with PolicyConnection(port) as connection:
                while True:
                    connection.send(b"".join(request(f"news@{domain}") for _ in range(20)))
                    for _ in range(20):
                        if connection.answer() != "DUNNO":
                            return False
                        if tally.add("answered") == 500:
                            server.process.send_signal(signal.SIGTERM)
        except OSError:
            return False

    with Load(8, ask) as load:
        load.wait()
    assert server.process.wait(timeout=10) == 0
    server.start()
    assert server.outbound(domain)["outbound_sent_today"] == tally["answered"]


def test_a_taken_port_is_said(server, port, tmp_path):
    environment = {"MARTLET_HTTP_PORT": str(free_port()), "MARTLET_DATABASE_URL": f"sqlite:{tmp_path}/x.sqlite", "MARTLET_POLICY_LISTEN": f"127.0.0.1:{port}"}
    done = subprocess.run([built("martlet", "MARTLET_BINARY"), "serve"], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"Cannot listen for policy requests on 127.0.0.1:{port}" in done.stderr


def test_doctor(server, port, tmp_path):
    code, findings = doctor(server)
    assert code == 0, findings
    assert {finding["check"] for finding in findings} >= {"configuration", "ca certificates", "notices", "database", "clock", "http"}
    assert findings[-1]["check"] == "policy"
    assert findings[-1]["detail"] == f"127.0.0.1:{port} answers a request with DUNNO"

    code, findings = doctor(server, MARTLET_HTTP_PORT=free_port(), MARTLET_POLICY_LISTEN=f"127.0.0.1:{free_port()}")
    assert (code, wrong(findings)) == (1, ["http", "policy"])
    code, findings = doctor(server, MARTLET_DATABASE_URL=f"sqlite:{tmp_path}/nothing.sqlite")
    assert (code, wrong(findings)) == (1, ["database"])
    assert not (tmp_path / "nothing.sqlite").exists()
    sqlite3.connect(tmp_path / "old.sqlite").execute("CREATE TABLE migrations (name TEXT PRIMARY KEY)").connection.close()
    code, findings = doctor(server, MARTLET_DATABASE_URL=f"sqlite:{tmp_path}/old.sqlite")
    assert (code, wrong(findings)) == (1, ["database"])
    assert any("0002-policy" in finding["detail"] for finding in findings if finding["check"] == "database")
    code, findings = doctor(server, MARTLET_POLICY_LISTEN="10040")
    assert (code, wrong(findings)) == (78, ["configuration"])


def wrong(findings):
    return [finding["check"] for finding in findings if not finding["ok"]]
