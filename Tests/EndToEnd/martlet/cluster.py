"""PostgreSQL servers of a test's own: a primary, and a synchronous standby where there is to be a failover."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .clock import Clock
from .programs import free_port
from .wait import eventually


def _programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "no PostgreSQL server: run scripts/setup test"
    return found[-1]


class Cluster:
    """`listen` are the addresses of the servers; clients from private networks are trusted. Their wall clock is `clock`, which
    programs may share and a test moves."""

    def __init__(self, listen="127.0.0.1"):
        # Not pytest's directory, which nobody but root may enter: the servers run as `postgres`.
        self.directory = Path(tempfile.mkdtemp(prefix="martlet-cluster-", dir="/tmp"))
        self.directory.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres")
        self.clock = Clock(self.directory)
        self.listen = listen
        self.ports = {"primary": free_port(), "standby": free_port()}
        self.running = []

    def start(self, with_standby=False):
        self._run("initdb", "--pgdata", "primary", "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
        with open(self.directory / "primary" / "pg_hba.conf", "a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        self._start_server("primary")
        self.sql("CREATE DATABASE martlet")
        if with_standby:
            source = f"postgres://postgres@127.0.0.1:{self.ports['primary']}"
            self._run("pg_basebackup", "--pgdata", "standby", "--dbname", source, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
            # What it takes over from the primary must not make it wait for a standby of its own.
            self._start_server("standby", "-c synchronous_standby_names=")
            self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.sql("SELECT pg_reload_conf()")
            eventually(lambda: self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1", within=20, what="the standby is synchronous")
        return self

    def url(self, host="127.0.0.1"):
        """Of the database on whichever server takes writes."""
        servers = ",".join(f"{host}:{self.ports[name]}" for name in self.running)
        return f"postgres://postgres@{servers}/martlet"

    def kill_primary(self):
        """Ends it as a crash would: nothing is written any more, clients are not told."""
        self._run("pg_ctl", "stop", "--silent", "--mode", "immediate", "--pgdata", "primary")
        self.running.remove("primary")

    def crash(self, name, seconds=3):
        """Ends a server as a power failure would, and starts it again."""
        self._run("pg_ctl", "stop", "--silent", "--mode", "immediate", "--pgdata", name)
        time.sleep(seconds)
        self.running.remove(name)
        self._start_server(name, "-c synchronous_standby_names=" if name == "standby" else "")

    def promote_standby(self):
        self._run("pg_ctl", "promote", "--silent", "--wait", "--pgdata", "standby")

    def sql(self, statement, server="primary", database="postgres"):
        """Runs one statement and returns what it says."""
        command = ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-p", self.ports[server], "-U", "postgres", "-d", database, "-c", statement]
        return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        for name in list(self.running):
            self._run("pg_ctl", "stop", "--silent", "--mode", "immediate", "--pgdata", name)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start_server(self, name, extra=""):
        # The tests kill programs, not the machine: nothing has to survive on the disk.
        options = f"-c listen_addresses={self.listen} -c port={self.ports[name]} -c unix_socket_directories={self.directory} -c fsync=off -c max_connections=100 {extra}"
        self._run("pg_ctl", "start", "--silent", "--wait", "--pgdata", name, "--log", f"{name}.log", "--options", options)
        self.running.append(name)

    def _run(self, program, *arguments):
        # The server refuses to run as root.
        owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        # Into a file: a server that pg_ctl starts would keep a pipe open.
        with open(self.directory / "commands.log", "ab") as log:
            command = [*owner, _programs() / program, *arguments]
            done = subprocess.run(command, cwd=self.directory, env={**os.environ, **self.clock.environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        assert done.returncode == 0, f"{program} ended with {done.returncode}: {self._logs()}"

    def _logs(self):
        return "".join(path.read_text(errors="replace")[-2000:] for path in self.directory.glob("*.log"))
