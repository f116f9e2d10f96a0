"""`martlet doctor` with the settings of a server."""

import json
import subprocess

from .programs import built


def doctor(server, **changed):
    """Its exit code and its checks; `changed` settings count in place of the server's, None leaves one unset."""
    settings = {"MARTLET_HTTP_PORT": server.port, "MARTLET_DATABASE_URL": server.database.url, **server.settings, **changed}
    environment = {name: str(value) for name, value in settings.items() if value is not None}
    command = [built("martlet", "MARTLET_BINARY"), "doctor"]
    table = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, timeout=60)
    assert table.returncode == done.returncode, (table, done)
    answer = json.loads(done.stdout)
    assert answer["ok"] == (done.returncode == 0)
    assert ("WRONG" in table.stdout) == (done.returncode != 0)
    return done.returncode, answer["checks"]
