"""The README's quick start, pasted as it stands into a shell, beside a server started as `make run` starts it."""

import json
import re
import stat
import subprocess

from martlet.programs import ROOT, built


def quick_start():
    """The shell blocks of the README's quick start, in order."""
    section = re.search(r"^## Quick start$(.*?)(?=^## )", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert section, "the README has a section 'Quick start'"
    return re.findall(r"^```sh\n(.*?)^```$", section.group(1), re.MULTILINE | re.DOTALL)


def paste(server, text):
    """Runs lines in the server's folder; only the port differs from what the README says."""
    text = text.replace("http://127.0.0.1:8080", server.url)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(server.directory), "MARTLET_HTTP_PORT": str(server.port)}
    done = subprocess.run(["bash", "-ec", text], cwd=server.directory, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers(output):
    """The JSON values that stand one after the other."""
    decoder, at = json.JSONDecoder(), 0
    output = output.strip()
    while at < len(output):
        value, end = decoder.raw_decode(output, at)
        yield value
        at = end + len(output[end:]) - len(output[end:].lstrip())


def test_the_story(start_server):
    server = start_server(MARTLET_MASTER_TOKEN=None, MARTLET_DATABASE_URL=None)
    # The README names the debug build that `make run` makes; its lines hold for the build under test.
    folder = server.directory / ".build" / "debug"
    folder.mkdir(parents=True)
    (folder / "martlet").symlink_to(built("martlet", "MARTLET_BINARY"))
    token = server.directory / "var" / "master-token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    # Standard output is no terminal here: it says where the token is.
    assert token.read_text().strip() not in server.log and "var/master-token" in server.log and "curl" in server.log

    *story, simulation = quick_start()
    told = answers(paste(server, "".join(story)))
    name = next(told)["name"]
    records = next(told)["dns_records"]
    assert [record["type"] for record in records] == ["TXT", "CNAME", "CNAME", "CNAME"] and records[0]["name"] == f"_amazonses.{name}"
    assert next(told)["ses_verified"] is True
    assert next(told)["data"]["status"] == "QUEUED"
    assert [email["status"] for email in next(told)["data"]] == ["DELIVERED"]
    counted = next(told)
    assert (counted["outbound_sent_today"], counted["bounce_count"], counted["outbound_status"]) == (1, 0, "active")
    assert next(told)["data"]["status"] == "QUEUED"
    suspended = next(told)
    assert (suspended["bounce_count"], suspended["bounce_rate"], suspended["outbound_status"]) == (1, 50.0, "suspended")
    assert next(told)["data"]["status"] == "BLOCKED_DUE_BAD_BEHAVIOUR"
    assert next(told)["outbound_status"] == "active"
    assert list(told) == []

    assert "simulate" in simulation and paste(server, simulation)
