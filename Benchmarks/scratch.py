"""A scratch PostgreSQL whose commits are durable, for the parts that measure it."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

from bench import ROOT, say
from martlet import databases

OPTIONS = (
    "-c fsync=on -c full_page_writes=on -c shared_buffers=1GB -c max_wal_size=8GB -c effective_cache_size=8GB -c maintenance_work_mem=512MB"
    " -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.max=2000"
)


@contextmanager
def postgres():
    """Servers that are made meanwhile have a database of their own there; the server is gone at the end."""
    # The command lives until its input is closed, and the server as long as the command.
    keeper = subprocess.Popen(
        [ROOT / "scripts" / "with-postgres", "sh", "-c", 'echo "$MARTLET_TEST_POSTGRES $MARTLET_TEST_POSTGRES_FOLDER"; exec cat'],
        env={**os.environ, "MARTLET_POSTGRES_OPTIONS": OPTIONS}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    try:
        url, folder = keeper.stdout.readline().split()
        databases.SERVER = url
        yield Postgres(Path(folder))
    finally:
        databases.SERVER = None
        keeper.stdin.close()
        keeper.wait()


@contextmanager
def sqlite():
    """Servers that are made meanwhile have a file, whatever scripts/with-postgres has started."""
    server, databases.SERVER = databases.SERVER, None
    try:
        yield
    finally:
        databases.SERVER = server


class Postgres:
    """The scratch server, seen from outside."""

    def __init__(self, folder):
        self.postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])

    def cpu_seconds(self):
        """What its processes have worked so far, those that ended included."""
        listed = subprocess.run(["ps", "--ppid", str(self.postmaster), "-o", "pid="], capture_output=True, text=True)
        own = _times(self.postmaster)
        return own[0] + own[1] + sum(_times(pid)[0] for pid in map(int, listed.stdout.split()))


def _times(pid):
    """What a process and its ended children have worked."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0, 0
    ticks = os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) / ticks, (int(fields[13]) + int(fields[14])) / ticks


class Statements:
    """What a database has run since the last `reset` (pg_stat_statements)."""

    def __init__(self, url):
        self.url = url
        ask(url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def reset(self):
        ask(self.url, "SELECT pg_stat_statements_reset()")

    def sums(self):
        """Statements, transactions that wrote, rows written."""
        answer = ask(
            self.url,
            """
            SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(calls) FILTER (WHERE query LIKE 'INSERT INTO connection_commits%' AND rows > 0), 0),
                COALESCE(SUM(rows) FILTER (WHERE query ~ '^(INSERT|UPDATE|DELETE|COPY)'), 0)
            FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()
            """,
        )
        return [float(value) for value in answer.split("|")]

    def top(self, count):
        """The statements that took the longest: calls, rows, seconds, text."""
        return ask(
            self.url,
            f"""
            SELECT calls, rows, round(total_exec_time::numeric / 1000, 3), left(regexp_replace(query, '\\s+', ' ', 'g'), 110)
            FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()
            ORDER BY total_exec_time DESC LIMIT {count}
            """,
        )


class Watch:
    """Looks fifty times a second what the nodes' sessions of a database do."""

    LOOK = """
        SELECT COUNT(*) FILTER (WHERE state = 'active'), COUNT(*) FILTER (WHERE state = 'active' AND wait_event_type = 'IO'),
            COUNT(*) FILTER (WHERE state = 'idle in transaction')
        FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'martlet' \\watch 0.02
    """

    def __init__(self, url):
        self.psql = subprocess.Popen(["psql", "-XqAt", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.psql.stdin.write(self.LOOK)
        self.psql.stdin.close()

    def stop(self):
        """The share of the time in which a session worked, worked and waited for the disk, or had the node think in a transaction."""
        self.psql.terminate()
        looks = [tuple(map(int, line.split("|"))) for line in self.psql.stdout if line.count("|") == 2]
        return [sum(column) / len(looks) for column in zip(*looks)]


def ask(url, sql):
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, url], capture_output=True, text=True, check=True)
    return done.stdout.strip()
