"""A fresh Debian 12 in a folder, made by debootstrap: with nothing of the machine that the tests run on, apart from its kernel and network."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .programs import ROOT, Program

CACHE = ROOT / "var"
BASE = CACHE / "debian-12"
# Later the mirror may not have the packages any more that the lists in it name.
LASTS_DAYS = 14
MIRROR = "http://deb.debian.org/debian"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The mounts are those of a namespace of the command, and end with it. What apt has downloaded stays for the next run.
ENTER = 'mount -t proc proc "$1/proc" && mount --bind "$2" "$1/var/cache/apt/archives" && user=$3 root=$1 && shift 3 && exec chroot --userspec="$user" "$root" "$@"'
# As a container with a read-only root has it: what is written lies in the volume.
ENTER_READ_ONLY = (
    'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" && mount --bind "$1/var/lib/martlet" "$1/var/lib/martlet" '
    '&& mount -o remount,bind,ro "$1" && user=$3 root=$1 && shift 3 && exec chroot --userspec="$user" "$root" "$@"'
)
APT = 'APT::Get::Assume-Yes "true";\nAPT::Keep-Downloaded-Packages "true";\nAPT::Sandbox::User "root";\nAPT::Install-Recommends "false";\n'
# There is no systemd inside: what it is told is written down.
STAND_INS = 'sudo() { "$@"; }\nsystemctl() { echo "systemctl $*" >> /root/systemctl.log; }\n'


def obstacle():
    """Why no Debian can be made here; None where it can."""
    if os.geteuid() != 0:
        return "only root may make device files and change the root folder"
    if not shutil.which("debootstrap"):
        return "debootstrap is not installed (scripts/setup test installs it)"
    done = subprocess.run(["unshare", "--mount", "mount", "-t", "proc", "proc", "/proc"], capture_output=True, text=True)
    return f"mount namespaces are not permitted here: {done.stderr.strip()}" if done.returncode else None


def make_base():
    """Makes what all are copies of, where it is missing.

    Returns why it could not be made; None where it is there.
    """
    if BASE.exists():
        if time.time() - BASE.stat().st_mtime < LASTS_DAYS * 86_400:
            return None
        shutil.rmtree(BASE)
    CACHE.mkdir(exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=CACHE, prefix="debian-12."))
    done = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", partial, MIRROR], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(partial)
        return f"debootstrap failed: {done.stdout.strip().splitlines()[-1:]}"
    partial.chmod(0o755)
    partial.rename(BASE)
    return None


class Debian:
    """A Debian of its own for a test."""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(dir=CACHE, prefix="debian-12."))
        self.archives = CACHE / "debian-12-archives"
        (self.archives / "partial").mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "--archive", "--reflink=auto", f"{BASE}/.", self.root], check=True)
        (self.root / "etc/apt/apt.conf.d/99tests").write_text(APT)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")

    def remove(self):
        shutil.rmtree(self.root)

    def command(self, *arguments, user="root:root", read_only=False):
        """What runs a command inside, in the same process in the end."""
        return ["unshare", "--mount", "sh", "-c", ENTER_READ_ONLY if read_only else ENTER, "sh", self.root, self.archives, user, *arguments]

    def run(self, *arguments, check=True, **environment):
        """Runs a command inside to its end, with a clean environment."""
        clean = {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **environment}
        done = subprocess.run(self.command(*arguments), env=clean, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def paste(self, lines, **environment):
        """Pastes lines of the documentation into a shell of root's in root's folder."""
        return self.run("bash", "-ec", f"cd /root\n{STAND_INS}{lines}", **environment)

    def paths(self, name):
        """The paths of all files and folders with such a name."""
        found = self.run("find", "/", "-xdev", "-not", "-path", "/proc/*", "-not", "-path", "/root/*", "-iname", name).stdout
        return sorted(found.split())


class Unit(Program):
    """The service of a systemd unit inside, started as systemd would: its command, its user, its folder."""

    def __init__(self, debian, path, port):
        super().__init__(debian.root / "root", "unit")
        self.debian, self.port = debian, port
        self.stated = dict(re.findall(r"^(\w+)=(.*)$", (debian.root / path).read_text(), re.MULTILINE))

    def start(self):
        user = f"{self.stated['User']}:{self.stated['Group']}"
        command = ["env", "-C", self.stated["WorkingDirectory"], *self.stated["ExecStart"].split()]
        self.launch(self.debian.command(*command, user=user), {"PATH": PATH, "HOME": "/", "MARTLET_HTTP_PORT": str(self.port)})
        return self

    def status(self, field):
        """A line of the process's /proc/…/status."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return re.search(rf"^{field}:\s*(.*)$", text, re.MULTILINE).group(1)
