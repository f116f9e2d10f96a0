"""`martlet doctor` on what is stored and on settings for trials: its exit code is for monitoring."""

import os
import subprocess

from martlet import databases
from martlet.doctor import doctor
from martlet.emails import send
from martlet.programs import built


def found(server, **settings):
    code, checks = doctor(server, **settings)
    return code, {check["check"]: (check["ok"], check["detail"]) for check in checks}


def test_it_says_what_waits_and_how_old_the_backup_is(start_server, tmp_path):
    server = start_server(MARTLET_ROLES="http")
    account = server.account()
    code, checks = found(server)
    assert checks["queue"] == (True, "no email is due")
    assert checks["callbacks"] == (True, "none is due, none is parked")
    assert checks["backup"][0] and "never run" in checks["backup"][1]
    send(account, server.domain(account))
    code, checks = found(server)
    assert code == 0 and checks["queue"][0] and checks["queue"][1].startswith("1 emails are due, the oldest for ")
    if databases.SERVER:
        assert "to " in checks["clock"][1] and "disk" not in checks
        return
    assert checks["disk"][0] and "MiB are free" in checks["disk"][1]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MARTLET_DATABASE_URL": server.database.url}
    subprocess.run([built("martlet", "MARTLET_BINARY"), "backup", tmp_path / "copy"], env=environment, check=True, capture_output=True)
    backup = found(server)[1]["backup"]
    assert backup[0] and "is 0 h old" in backup[1]


def test_settings_for_trials_are_wrong_in_production(start_server):
    server = start_server()
    public = "https://mail.example.com"
    code, checks = found(server, MARTLET_PUBLIC_URL=public, MARTLET_SNS_VERIFY_SIGNATURES="false")
    assert code == 1 and not checks["production"][0]
    assert "MARTLET_TRANSPORT=capture" in checks["production"][1] and "VERIFY_SIGNATURES=false" in checks["production"][1]
    assert "production" not in found(server, MARTLET_PUBLIC_URL="http://127.0.0.1:8080")[1]
