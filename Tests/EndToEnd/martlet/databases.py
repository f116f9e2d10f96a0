"""The databases under test: SQLite files, or databases of the PostgreSQL server that scripts/with-postgres has started."""

import os
import secrets
import subprocess

SERVER = os.environ.get("MARTLET_TEST_POSTGRES")


class SQLite:
    """A file."""

    def __init__(self, directory):
        self.path = directory / "martlet.sqlite"
        self.url = f"sqlite:{self.path}"

    def contents(self):
        """All that is stored, as bytes to search in."""
        return b"".join(file.read_bytes() for file in self.path.parent.glob(self.path.name + "*"))

    def size(self):
        """The bytes of its files."""
        return sum(file.stat().st_size for file in self.path.parent.glob(self.path.name + "*"))


class Postgres:
    """A database of its own on the server."""

    def __init__(self):
        name = f"end_to_end_{secrets.token_hex(8)}"
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", f"CREATE DATABASE {name}", SERVER], check=True)
        self.url = SERVER.rsplit("/", 1)[0] + "/" + name

    def contents(self):
        """All that is stored, as bytes to search in."""
        return subprocess.run(["pg_dump", "--data-only", self.url], check=True, capture_output=True).stdout

    def size(self):
        """The bytes of its tables and indexes."""
        sql = "SELECT pg_database_size(current_database())"
        return int(subprocess.run(["psql", "-X", "-At", "-c", sql, self.url], check=True, capture_output=True).stdout)


def create(directory):
    return Postgres() if SERVER else SQLite(directory)
