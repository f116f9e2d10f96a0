"""What is shipped beside the program: the systemd unit, its bill of materials, the pinned test tools."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

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
    copy.write_text(UNIT.read_text().replace("/usr/local/bin/martlet", "/bin/true"))
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


def test_test_tools_are_pinned_by_hash():
    """Each requirement of the .in file, and all that it needs, by version and hash: pip then installs nothing else."""
    lines = (ROOT / "scripts" / "requirements.txt").read_text().replace("\\\n", " ").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert pinned and all(re.fullmatch(r"[\w.\-\[\],]+==\S+(\s*;[^-]*)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", line) for line in pinned)
    wanted = re.findall(r"^([\w\-]+)(?:\[.*\])?(==\S+)", (ROOT / "scripts" / "requirements.in").read_text(), re.M)
    assert {(name, version) for name, version in wanted} <= {re.match(r"([\w\-]+)(?:\[.*?\])?(==\S+)", line).groups() for line in pinned}
    assert "--require-hashes" in (ROOT / "scripts" / "setup").read_text()
