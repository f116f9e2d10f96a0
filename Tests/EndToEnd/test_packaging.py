"""What is shipped beside the program: the systemd unit, the containers, its bill of materials, the pinned test tools."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from martlet.programs import built

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "packaging" / "martlet.service"
# systemd's own measure of what a service could reach, 0 to 10. What is left is the network, and the host's root folder, read-only.
EXPOSURE = 1.2


@pytest.fixture
def analyze():
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("systemd is not installed (scripts/setup test installs it)")
    return lambda *arguments: subprocess.run([program, *arguments], capture_output=True, text=True)


def test_unit_is_valid(analyze, tmp_path):
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/bin/martlet", "/bin/true"))
    done = analyze("verify", str(copy))
    # It names other units of the machine as well.
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])


def test_unit_is_confined(analyze):
    stated = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.M))
    assert stated["ProtectSystem"] == "strict" and stated["MemoryMax"] and stated["TasksMax"] and stated["UMask"] == "0077"
    done = analyze("security", "--offline=yes", str(UNIT))
    exposure = float(re.search(r"Overall exposure level for martlet.service: ([\d.]+)", done.stdout).group(1))
    assert exposure <= EXPOSURE, done.stdout


def test_bill_of_materials():
    program = built("martlet", "MARTLET_BINARY")
    done = subprocess.run([ROOT / "scripts" / "sbom", program], capture_output=True, text=True, check=True)
    bill = json.loads(done.stdout)
    assert (bill["bomFormat"], bill["specVersion"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "1.5", "martlet")
    versions = {component["name"]: component["version"] for component in bill["components"]}
    pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
    assert {pin["identity"]: pin["state"]["version"] for pin in pins}.items() <= versions.items()
    assert {"swift", "libpq5", "libsqlite3-0", "libidn2-0", "libc6"} <= set(versions)
    purls = [component["purl"] for component in bill["components"]]
    assert len(set(purls)) == len(purls) and bill["dependencies"][0]["dependsOn"] == sorted(purls)


def test_dockerfile_passes_hadolint():
    """The steps of its second stage are run in test_package.py: no container engine is needed here."""
    done = subprocess.run([Path(sys.executable).parent / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_file(tmp_path):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    martlet, postgres, caddy = (compose["services"][name] for name in ("martlet", "postgres", "caddy"))
    # The lines of the documentation give every variable that it asks for.
    section = (ROOT / "docs/install.md").read_text().partition("\n## Container\n")[2]
    subprocess.run(["bash", "-euc", re.search(r"```sh\n(cat > .env.*?)```", section, re.DOTALL)[1]], cwd=tmp_path, check=True)
    given = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    asked = re.findall(r"\$\{(\w+):\?set it in .env\}", (ROOT / "compose.yaml").read_text())
    assert set(asked) == set(given) and (ROOT / "compose.yaml").read_text().count("${") == len(asked)
    # With them its settings are right.
    settings = {name: re.sub(r"\$\{(\w+):[^}]*\}", lambda found: given[found[1]], value) for name, value in martlet["environment"].items()}
    done = subprocess.run([built("martlet", "MARTLET_BINARY"), "check-config"], env=settings, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert settings["MARTLET_HTTP_TRUSTED_PROXIES"] == compose["networks"]["martlet"]["ipam"]["config"][0]["subnet"]
    assert f"@postgres/{postgres['environment']['POSTGRES_DB']}" in settings["MARTLET_DATABASE_URL"]
    # It may do nothing but serve, and only Caddy is seen from outside.
    assert martlet["read_only"] is True and martlet["cap_drop"] == ["ALL"] and martlet["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["caddy"]
    assert all("networks" in service and service["networks"] == ["martlet"] for service in compose["services"].values())
    assert {volume.split(":")[0] for service in compose["services"].values() for volume in service["volumes"]} == {*compose["volumes"], "./packaging/Caddyfile"}
    assert "reverse_proxy martlet:8080" in (ROOT / "packaging/Caddyfile").read_text() and "MARTLET_DOMAIN" in caddy["environment"]


def test_test_tools_are_pinned_by_hash():
    """Each requirement of the .in file, and all that it needs, by version and hash: pip then installs nothing else."""
    lines = (ROOT / "scripts" / "requirements.txt").read_text().replace("\\\n", " ").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert pinned and all(re.fullmatch(r"[\w.\-\[\],]+==\S+(\s*;[^-]*)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", line) for line in pinned)
    wanted = re.findall(r"^([\w\-]+)(?:\[.*\])?(==\S+)", (ROOT / "scripts" / "requirements.in").read_text(), re.M)
    assert {(name, version) for name, version in wanted} <= {re.match(r"([\w\-]+)(?:\[.*?\])?(==\S+)", line).groups() for line in pinned}
    assert "--require-hashes" in (ROOT / "scripts" / "setup").read_text()
