"""The Debian package, from `apt install` to `apt purge`, in a fresh Debian 12 with nothing else: by the lines of docs/install.md, as they stand."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from martlet import databases, debian
from martlet.client import BROKEN, Client
from martlet.programs import ROOT, Program, free_port
from martlet.wait import eventually

BUILD = Path(os.environ.get("MARTLET_BUILD") or ROOT / ".build")
BEFORE = "0.0.9"

pytestmark = [
    pytest.mark.skipif(bool(databases.SERVER), reason="the same on both engines: run without PostgreSQL"),
    pytest.mark.skipif(not (BUILD / "release" / "martlet").exists(), reason="there is no release build, of whose objects the package is made"),
    # The first run downloads a Debian.
    pytest.mark.timeout(600),
]


def blocks(heading):
    """The shell blocks below a heading of docs/install.md."""
    section = re.search(rf"^### {heading}$(.*?)(?=^##)", (ROOT / "docs" / "install.md").read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh\n(.*?)^```$", section.group(1), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The package, the same made once more, and one of a version before."""
    folder = tmp_path_factory.mktemp("packages")
    program = folder / "martlet"
    subprocess.run([ROOT / "scripts" / "link-static", program], check=True)
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    made = [("now", version), ("again", version), ("before", BEFORE)]
    commands = [[ROOT / "scripts" / "deb", "--fast", "--version", version, program, folder / name] for name, version in made]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    return {name: Path(process.communicate()[0].strip()) for (name, _), process in zip(made, running)}


@pytest.fixture(scope="module")
def machine():
    reason = debian.obstacle() or debian.make_base()
    if reason:
        pytest.skip(reason)
    machine = debian.Debian()
    yield machine
    machine.remove()


def test_same_bytes_from_the_same_program(packages):
    now, again = packages["now"].read_bytes(), packages["again"].read_bytes()
    assert len(now) > 10_000_000 and now == again


def completed_by_bash(folder, word):
    """What bash makes of the beginning of a command, as it calls the script on the tab key."""
    lines = f"""
        source {folder}/share/bash-completion/completions/martlet
        COMP_WORDS=(martlet {word}) COMP_CWORD=1 COMP_LINE="martlet {word}" COMP_POINT={len("martlet ") + len(word)} COMP_TYPE=9
        _martlet martlet {word} martlet
        echo "${{COMPREPLY[*]}}"
    """
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-c", lines], check=True, capture_output=True, text=True, env=environment).stdout.strip()


def test_what_is_inside(packages, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", packages["now"], tmp_path], check=True)
    needed = subprocess.run(["dpkg-deb", "--field", packages["now"], "Depends"], check=True, capture_output=True, text=True).stdout
    assert {"libpq5", "libidn2-0", "libpsl5", "libsqlite3-0", "publicsuffix", "ca-certificates", "adduser"} <= set(re.findall(r"[\w.-]+", needed))
    libraries = subprocess.run(["ldd", tmp_path / "usr/bin/martlet"], check=True, capture_output=True, text=True).stdout
    assert "swift" not in libraries and "Foundation" not in libraries
    # Every setting once, by docs/configuration.md, which a unit test compares with the code; none in effect but the place of the data.
    settings = (tmp_path / "etc/martlet/martlet.env").read_text()
    table = (ROOT / "docs/configuration.md").read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    names = re.findall(r"^\| `(MARTLET_\w+)`", table, re.MULTILINE)
    assert len(names) > 60 and sorted(re.findall(r"^#?(MARTLET_\w+)=", settings, re.MULTILINE)) == sorted(names)
    assert settings.startswith("# Martlet. Every setting"), "no version: dpkg would ask at every upgrade"
    assert re.findall(r"^[A-Z].*", settings, re.MULTILINE) == ["MARTLET_DATABASE_URL=sqlite:/var/lib/martlet/martlet.sqlite"]
    # Every command has its section and is completed by every shell.
    program = tmp_path / "usr/bin/martlet"
    help_ = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout.partition("SUBCOMMANDS:")[2]
    commands = re.findall(r"^  ([a-z][\w-]*)  ", help_, re.MULTILINE)
    page = subprocess.run(["zcat", tmp_path / "usr/share/man/man1/martlet.1.gz"], check=True, capture_output=True, text=True).stdout
    page = page.replace("\\-", "-")
    assert {"serve", "doctor", "health"} <= set(commands)
    assert [name for name in commands if not re.search(rf"^\.SS {name}\b", page, re.MULTILINE)] == []
    for path in ("bash-completion/completions/martlet", "zsh/vendor-completions/_martlet", "fish/vendor_completions.d/martlet.fish"):
        script = (tmp_path / "usr/share" / path).read_text()
        assert [name for name in commands if name not in script] == []
    assert completed_by_bash(tmp_path / "usr", "dom") == "domain"
    page = subprocess.run(["zcat", tmp_path / "usr/share/man/man5/martlet.env.5.gz"], check=True, capture_output=True, text=True).stdout
    assert [name for name in names if f".B {name}\n" not in page] == []


def bring(machine, package):
    """Puts the package where the lines look for it, in place of another version's."""
    for older in (machine.root / "root").glob("*.deb"):
        older.unlink()
    (machine.root / "root" / package.name).write_bytes(package.read_bytes())


def started(program, port):
    """Waits for a program that was launched. Returns the seconds until it is ready."""
    begin = time.monotonic()

    def is_ready():
        assert program.is_running, program.log
        try:
            return Client(port, timeout=1).get("/readyz").status == 200
        except BROKEN:
            return False

    eventually(is_ready, within=20, every=0.01, what="the service is ready")
    return time.monotonic() - begin


def emails(machine, unit):
    """Recipients and statuses, as the API tells them to the holder of the master token."""
    token = (machine.root / "var/lib/martlet/master-token").read_text().strip()
    return [(email["to"], email["status"]) for email in Client(unit.port, token).get("/emails").data]


def test_life_of_a_package(machine, packages, figure):
    port = {"MARTLET_HTTP_PORT": str(free_port())}
    begin = time.monotonic()
    bring(machine, packages["before"])
    [install] = blocks("Install")
    machine.paste(install)
    installed = time.monotonic() - begin
    assert machine.run("dpkg-query", "-W", "-f", "${Version} ${Status}", "martlet").stdout == f"{BEFORE} install ok installed"
    assert machine.run("stat", "-c", "%U:%G %a", "/etc/martlet/martlet.env", "/var/lib/martlet").stdout.split("\n")[:2] == ["root:martlet 640", "martlet:martlet 700"]

    [settings] = blocks("Settings")
    [start] = blocks("Start")
    assert len(re.findall("^MARTLET_", settings, re.MULTILINE)) == 3
    machine.paste(settings)
    machine.paste(start, **port)
    assert (machine.root / "root/systemctl.log").read_text() == "systemctl enable --now martlet\n"
    unit = debian.Unit(machine, "lib/systemd/system/martlet.service", port["MARTLET_HTTP_PORT"])
    try:
        first = started(unit.start(), unit.port)
        [story] = blocks("First email")
        assert "WRONG" not in machine.paste(story, **port).stdout
        eventually(lambda: emails(machine, unit) == [("success@simulator.martlet.test", "DELIVERED")], what="the email is delivered")
        figure(f"package: {packages['now'].stat().st_size / 1e6:.1f} MB by gzip -1, installed with dependencies in {installed:.1f} s")
        figure(f"package: ready {first:.2f} s after its first start, {int(unit.status('VmRSS').split()[0]) / 1024:.0f} MB resident, {unit.status('RssAnon')} of it its own")
        assert unit.status("Uid").split() == [machine.run("id", "-u", "martlet").stdout.strip()] * 4
        assert unit.terminate() == 0

        # The settings that were changed are no reason to ask, or to lose them.
        bring(machine, packages["now"])
        [upgrade] = blocks("Upgrade")
        machine.paste(upgrade, **port)
        assert "MARTLET_TRANSPORT=capture" in (machine.root / "etc/martlet/martlet.env").read_text()
        started(unit.start(), unit.port)
        assert emails(machine, unit) == [("success@simulator.martlet.test", "DELIVERED")]
    finally:
        unit.stop()

    remove, purge = blocks("Remove")
    machine.paste(remove)
    assert not (machine.root / "usr/bin/martlet").exists() and (machine.root / "var/lib/martlet/martlet.sqlite").exists()
    assert (machine.root / "etc/martlet/martlet.env").exists()
    machine.paste(purge)
    assert machine.paths("*martlet*") == []
    assert "martlet" not in machine.run("dpkg-query", "-W").stdout
    figure(f"package: from installation to purge in {time.monotonic() - begin:.1f} s")


class Dockerfile:
    """What the second stage says."""

    def __init__(self):
        text = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
        self.instructions = re.findall(r"^([A-Z]+) (.*)$", re.sub(r"\s*\\\n\s*", " ", text), re.MULTILINE)

    def all(self, name):
        return [value for instruction, value in self.instructions if instruction == name]

    def one(self, name):
        [value] = self.all(name)
        return value


def test_container_by_the_steps_of_the_dockerfile(machine, packages):
    """The steps of the second stage in the same Debian, then its command as its user, with nothing writable but its volume."""
    image, port = Dockerfile(), free_port()
    machine.run("sh", "-c", "! getent passwd martlet || deluser --quiet martlet")
    (machine.root / "dist").mkdir()
    (machine.root / "dist" / packages["now"].name).write_bytes(packages["now"].read_bytes())
    for step in image.all("RUN"):
        # The lists of packages are those of a moment ago.
        lines = re.sub(r"^--mount=\S+ ", "", step)
        machine.run("bash", "-ec", 'apt-get() { [ "$1" = update ] || command apt-get "$@"; }\n' + lines.replace("rm -rf /var/lib/apt/lists/*", "true"))
    environment = {**dict(pair.split("=", 1) for pair in image.one("ENV").split()), "MARTLET_HTTP_PORT": str(port), "PATH": debian.PATH}
    assert environment["MARTLET_DATABASE_URL"].removeprefix("sqlite:").startswith(image.one("VOLUME") + "/")
    command = [*json.loads(image.one("ENTRYPOINT")), *json.loads(image.one("CMD"))]
    check = json.loads(image.one("HEALTHCHECK").partition(" CMD ")[2])

    def inside(*arguments):
        return machine.command("env", "-C", image.one("WORKDIR"), *arguments, user=image.one("USER"), read_only=True)

    assert subprocess.run(inside(*check), env=environment, capture_output=True).returncode == 1
    container = Program(machine.root / "root", "container")
    container.launch(inside(*command), environment)
    try:
        started(container, port)
        healthy = subprocess.run(inside(*check), env=environment, capture_output=True, text=True)
        assert (healthy.returncode, healthy.stderr) == (0, "")
        refused = subprocess.run(inside("touch", "/usr/bin/other", "/var/lib/other"), capture_output=True, text=True)
        assert refused.returncode == 1 and refused.stderr.count("Read-only file system") + refused.stderr.count("Permission denied") == 2
        assert (machine.root / "var/lib/martlet/martlet.sqlite").stat().st_uid == 10001
    finally:
        container.stop()
