"""The API answers as `/openapi.json` says: Schemathesis makes requests of its schemas, valid and invalid ones, with every check on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from martlet.server import MASTER

HERE = Path(__file__).parent
EXAMPLES = 5
"""Random requests for each operation and kind, beside those for each keyword of the schemas."""


@pytest.fixture(scope="module")
def server(start_server):
    return start_server(MARTLET_HTTP_TRUSTED_PROXIES="127.0.0.1", MARTLET_PUBLIC_URL="https://mail.example.com")


def run(server, token, directory):
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run", f"{server.url}/openapi.json",
        # `servers` has the public address, which is not this server.
        "--url", server.url, "--header", f"Authorization: Bearer {token}", "--checks", "all", "--max-examples", EXAMPLES, "--seed", 1,
        "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--warnings", "off",
        "--request-timeout", 30, "--no-color",
    ]
    environment = {**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "martlet.schemathesis_hooks"}
    return subprocess.run([str(part) for part in command], cwd=directory, env=environment, capture_output=True, text=True, timeout=560)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["master", "client"])
def test_answers_are_as_described(server, tmp_path, figure, role):
    account = server.account()
    server.domain(account, name=f"{role}.example")
    done = run(server, MASTER if role == "master" else account.token, tmp_path)
    (tmp_path / "schemathesis.txt").write_text(done.stdout)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2000:]
    assert server.is_running and not re.search(r'"level":"(error|critical)"', server.log), server.log[-4000:]
    figure(f"OpenAPI as the {role}: " + re.search(r"^ *(\d+ generated.*)$", done.stdout, re.MULTILINE).group(1))
