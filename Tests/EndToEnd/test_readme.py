"""The README's quick start, pasted as it stands into a shell beside a server as `make run` starts it."""

import json
import re
import subprocess

from martlet.client import Client
from martlet.programs import ROOT
from martlet.server import MASTER
from martlet.wait import eventually


def quick_start():
    """The shell lines of the README's quick start, in order; `make run` itself is left out."""
    readme = (ROOT / "README.md").read_text()
    section = re.search(r"^## Quick start$(.*?)(?=^## )", readme, re.MULTILINE | re.DOTALL)
    assert section, "the README has a section 'Quick start'"
    blocks = re.findall(r"^```(?:sh|bash|shell|console)\n(.*?)^```$", section.group(1), re.MULTILINE | re.DOTALL)
    lines = "\n".join(block for block in blocks if "curl" in block)
    assert lines.count("curl") >= 5
    return lines


def test_lines_tell_the_story(start_server):
    server = start_server()
    (server.directory / "var").mkdir(exist_ok=True)
    (server.directory / "var" / "master-token").write_text(MASTER)
    script = quick_start().replace("http://127.0.0.1:8080", server.url)
    done = subprocess.run(
        ["bash", "-c", script], cwd=server.directory, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    domains = server.master.get("/domains").json
    assert domains, done.stdout
    name = domains[-1]["name"]
    assert "dns_records" in done.stdout and f"_amazonses.{name}" in done.stdout
    assert re.search(r'"ses_verified":\s*true', done.stdout)
    assert re.search(r'"status":\s*"QUEUED"', done.stdout)
    assert re.search(r'"status":\s*"DELIVERED"', done.stdout)
    assert server.outbound(name)["outbound_sent_today"] >= 1
