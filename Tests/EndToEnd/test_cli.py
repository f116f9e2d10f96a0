"""The commands beside `serve`: what they do, what they print, how they exit."""

import json
import os
import subprocess

import pytest

from martlet import databases
from martlet.emails import source
from martlet.programs import built, free_port
from martlet.server import AWS, MASTER, unique
from martlet.sns import TOPIC


def martlet(directory, *arguments, stdin="", **environment):
    """Runs a command to its end in a directory of its own settings."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(directory), **environment}
    return subprocess.run(
        [str(built("martlet", "MARTLET_BINARY")), *arguments], cwd=directory, env=clean, input=stdin, capture_output=True, text=True, timeout=60
    )


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("variables", "faults"),
    [
        ({"MARTLET_HTTP_PORT": "80a"}, ['MARTLET_HTTP_PORT is "80a": expected a whole number from 1 to 65535']),
        ({"MARTLET_HTTP_PROT": "80"}, ["MARTLET_HTTP_PROT is no setting: did you mean MARTLET_HTTP_PORT?"]),
        ({"MARTLET_LOG_LEVEL": "loud", "MARTLET_TRANSPORT": "pigeon"}, ["MARTLET_LOG_LEVEL", "MARTLET_TRANSPORT"]),
        ({"MARTLET_SNS_VERIFY_SIGNATURES": "false", "MARTLET_HTTP_HOST": "0.0.0.0"}, ["anybody could forge bounces"]),
        ({"MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": TOPIC, "AWS_REGION": "nowhere!"}, ["AWS_REGION: expected"]),
        ({"MARTLET_TRANSPORT": "ses", **AWS}, ["MARTLET_SNS_TOPIC_ARNS is not set: with MARTLET_TRANSPORT=ses expected the topics"]),
    ],
)
def test_wrong_configuration_stops_the_start(tmp_path, variables, faults):
    done = martlet(tmp_path, "serve", **variables)
    assert done.returncode == 78
    for fault in faults:
        assert fault in done.stderr


def test_check_config(tmp_path):
    assert martlet(tmp_path, "check-config").returncode == 0
    wrong = martlet(tmp_path, "check-config", "--json", MARTLET_MASTER_TOKEN="short")
    assert wrong.returncode == 78
    assert json.loads(wrong.stdout)["ok"] is False
    assert "short" not in wrong.stdout + wrong.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is made"


def test_example_configuration_is_right_and_careful(tmp_path):
    (tmp_path / "martlet.env").write_text(martlet(tmp_path, "check-config", "--example").stdout)
    assert martlet(tmp_path, "check-config", "--config", "martlet.env").returncode == 0
    assert "\nMARTLET_GUILLOTINE_MINIMUM_SENT=100\n" in (tmp_path / "martlet.env").read_text()


@pytest.mark.parametrize("arguments", [["--nonsense"], ["key", "create"], ["simulate", "--bounce", "101"]], ids=str)
def test_wrong_usage(tmp_path, arguments):
    assert martlet(tmp_path, *arguments).returncode == 64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serv"], "martlet: serv is no command: did you mean `martlet serve`? See `martlet --help`.\n"),
        (["domain", "lst"], "martlet: lst is no command: did you mean `martlet domain list`? See `martlet domain --help`.\n"),
        (["domian", "list", "--json"], "martlet: domian is no command: did you mean `martlet domain`? See `martlet --help`.\n"),
        (["frobnicate"], "martlet: frobnicate is no command. See `martlet --help`.\n"),
    ],
)
def test_mistyped_commands(tmp_path, arguments, said):
    done = martlet(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", said)


def test_database_is_made_in_private(tmp_path):
    assert printed(martlet(tmp_path, "migrate", "--json"))["applied"]
    assert printed(martlet(tmp_path, "migrate", "--json"))["applied"] == []
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_first_start_makes_a_token_that_works(start_server):
    server = start_server(MARTLET_MASTER_TOKEN="generated-below-1")
    server.stop()
    del server.settings["MARTLET_MASTER_TOKEN"]
    # Beside the data; in var where that is elsewhere.
    path = server.directory / ("var/master-token" if databases.SERVER else "master-token")
    environment = {"MARTLET_HTTP_PORT": str(server.port), "MARTLET_DATABASE_URL": server.database.url}
    server.launch([built("martlet", "MARTLET_BINARY"), "serve"], environment)
    from martlet.wait import eventually

    eventually(lambda: server._is_ready(), within=30)
    token = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    # Standard output is no terminal here: it says where the token is, and not what it is.
    assert token not in server.log and "master-token" in server.log and server.log.count("curl") >= 5
    assert server.client(token).get("/domains").status == 200


def test_first_start_is_one_line_of_migrations(server):
    """A database that is created has no history that anybody would read step by step."""
    created = [json.loads(line) for line in server.log.splitlines() if line.startswith("{") and '"Database' in line]
    assert [line["message"] for line in created] == ["Database created"] and created[0]["migration.count"] > 30


def test_health_is_readiness_as_an_exit_code(server, tmp_path):
    settings = {"MARTLET_HTTP_PORT": str(server.port)}
    well = martlet(tmp_path, "health", **settings)
    assert (well.returncode, well.stdout) == (0, server.client(None).get("/readyz").body.decode().rstrip("\n") + "\n")
    nobody = martlet(tmp_path, "health", MARTLET_HTTP_PORT=str(free_port()))
    assert nobody.returncode == 1 and "No answer from http://127.0.0.1:" in nobody.stderr and nobody.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "nothing is made"


def test_keys_beside_a_running_server(server):
    settings = {"MARTLET_URL": server.url, "MARTLET_TOKEN": MASTER}
    ref = unique("partner")
    key = printed(martlet(server.directory, "key", "create", ref, "--scopes", "read", "--json", **settings))
    client = server.client(key["token"])
    assert client.get("/domains").status == 200
    assert client.post("/domains", {"name": "x.example"}).status == 403
    listed = printed(martlet(server.directory, "key", "list", "--json", **settings))
    assert key["id"] in [item["id"] for item in listed] and all("token" not in item for item in listed)
    assert printed(martlet(server.directory, "key", "revoke", str(key["id"]), "--json", **settings))["active"] is False
    assert martlet(server.directory, "key", "revoke", "999999", **settings).returncode == 1


def test_keys_with_bounds_and_their_rotation(server):
    settings = {"MARTLET_URL": server.url, "MARTLET_TOKEN": MASTER}
    bounds = ("--domains", "a.example,b.example", "--allowed-ips", "127.0.0.1,::1", "--rate-limit", "7")
    key = printed(martlet(server.directory, "key", "create", unique("partner"), *bounds, "--json", **settings))
    assert (key["domains"], key["allowed_ips"], key["rate_limit"]) == (["a.example", "b.example"], ["127.0.0.1", "::1"], 7)
    rotated = printed(martlet(server.directory, "key", "rotate", str(key["id"]), "--overlap", "60", "--json", **settings))
    for token in (key["token"], rotated["token"]):
        assert server.client(token).get("/domains").status == 200
    rotated = printed(martlet(server.directory, "key", "rotate", str(key["id"]), "--json", **settings))
    assert server.client(key["token"]).get("/domains").explain == "Invalid API key"
    for wrong in (("--domains", "-"), ("--allowed-ips", "localhost"), ("--rate-limit", "0")):
        assert martlet(server.directory, "key", "create", "x", *wrong, **settings).returncode == 64


def test_the_first_key_without_a_server(start_server):
    server = start_server()
    server.stop()
    settings = {"MARTLET_DATABASE_URL": server.database.url}
    key = printed(martlet(server.directory, "key", "create", "first", "--offline", "--json", **settings))
    assert set(key) == {"id", "token", "partner_ref"} and key["partner_ref"] == "first"
    server.start()
    assert server.client(key["token"]).get("/domains").status == 200


def test_domains_beside_a_running_server(server):
    settings = {"MARTLET_URL": server.url, "MARTLET_TOKEN": MASTER}
    name = unique("cli") + ".example"

    def domain(verb):
        return printed(martlet(server.directory, "domain", verb, name, "--json", **settings))

    assert domain("create")["ses_verified"] is False
    assert martlet(server.directory, "domain", "create", name, **settings).returncode == 1
    verified = domain("verify")
    assert verified["ses_verified"] is True and [record["type"] for record in verified["dns_records"]] == ["TXT"] + ["CNAME"] * 3
    assert domain("suspend")["outbound_status"] == "suspended"
    assert server.outbound(name)["outbound_status"] == "suspended"
    assert domain("resume")["outbound_status"] == "active"
    assert domain("show")["ses_verified"] is True
    assert martlet(server.directory, "domain", "show", "nobody.example", **settings).returncode == 1


def test_send(server, account, domain):
    settings = {"MARTLET_URL": server.url, "MARTLET_TOKEN": account.token}
    email = ["--from", f"news@{domain}", "--to", "success@simulator.martlet.test", "--subject", "Grüße", "--text", "-"]
    answer = printed(martlet(server.directory, "send", *email, "--unsubscribe", "no more", "--json", stdin="Hallo", **settings))
    assert answer["data"]["status"] == "QUEUED" and answer["data"]["subject"] == "Grüße" and answer["data"]["text"] == "Hallo"
    more = ["--cc", "c@customer.example", "--cc", "d@customer.example", "--bcc", "b@customer.example", "--attach", str(server.directory / "order.txt")]
    (server.directory / "order.txt").write_text("two pieces")
    data = printed(martlet(server.directory, "send", *email, *more, "--json", stdin="Hallo", **settings))["data"]
    assert data["cc"] == ["c@customer.example", "d@customer.example"] and data["bcc"] == ["b@customer.example"]
    assert [part.get_content() for part in source(account, data["id"]).iter_attachments()] == ["two pieces"]
    assert martlet(server.directory, "send", *email, "--attach", "absent.txt", **settings).returncode == 1
    account.post("/templates", {"name": "hello", "subject": "{{who}}", "text": "{{who}} {{what}}"})
    filled = [*email[:4], "--template", "hello", "--var", "who=Zoë", "--var", "what=a=b", "--send-at", "2999-01-01T00:00:00Z"]
    assert "at the latest" in martlet(server.directory, "send", *filled, **settings).stderr
    assert printed(martlet(server.directory, "send", *filled[:-2], "--json", **settings))["data"]["text"] == "Zoë a=b"
    assert martlet(server.directory, "send", *email[:4], "--template", "hello", "--var", "who", **settings).returncode == 64
    assert martlet(server.directory, "send", *email[:4], "--subject", "s", **settings).returncode == 64
    refused = martlet(server.directory, "send", *email[2:], "--from", "news@nobody.example", **settings)
    assert refused.returncode == 1 and "BAD_FROM" in refused.stderr
    alone = martlet(server.directory, "send", *email, "--url", "http://127.0.0.1:1", "--token", "x" * 20)
    assert alone.returncode == 1 and "No answer from http://127.0.0.1:1" in alone.stderr and "Connection refused" in alone.stderr


def test_simulation_ends_under_the_guillotine(server):
    done = martlet(
        server.directory, "simulate", "--emails", "200", "--bounce", "10", "--json", "--url", server.url, "--token", MASTER
    )
    result = printed(done)
    assert result["suspended"] is True and result["accepted"] < 200
    assert "suspended" in result["refusal"] and result["outbound"]["bounce_count"] >= 1


def test_simulation_of_a_clean_list(server):
    done = martlet(server.directory, "simulate", "--emails", "30", "--bounce", "0", "--url", server.url, "--token", MASTER)
    assert done.returncode == 0, done.stderr
    assert "All 30 emails were accepted" in done.stdout
