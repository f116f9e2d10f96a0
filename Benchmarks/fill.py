"""Fills a stopped server's SQLite file with domains and emails of the past, each a copy of the one that is there."""

import os
import sqlite3
import time

from bench import say

EMAILS = 1_000_000
DOMAINS = 10_000
SPAN_MS = 30 * 86_400_000
PATH = ("SENT", "DELIVERED")


def fill(database):
    say(f"filling the database with {EMAILS:,} emails and {DOMAINS:,} domains")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    with connection:
        _domains(connection)
        _emails(connection)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _domains(connection):
    template = _first(connection, "domains")
    rows = ({**template, "id": template["id"] + number, "name": f"filled{number}.example"} for number in range(1, DOMAINS + 1))
    _insert(connection, "domains", template, rows)


def _emails(connection):
    email, content = _first(connection, "emails"), _first(connection, "email_contents")
    first_domain = email["domain_id"]
    start = int(time.time() * 1000) - SPAN_MS
    moments = [(_id(at), at) for at in (start + number * SPAN_MS // EMAILS for number in range(EMAILS))]
    done = {"status": PATH[-1], "due_at": None, "lease_owner": None, "work": None, "attempts": 1}
    _insert(
        connection,
        "emails",
        email,
        (
            {**email, **done, "id": id, "created_at": at, "updated_at": at, "recipient": f"user{number * 7919 % EMAILS}@customer.example",
             "domain_id": first_domain + number % DOMAINS}
            for number, (id, at) in enumerate(moments)
        ),
    )
    _insert(connection, "email_contents", content, ({**content, "id": id} for id, _ in moments))
    connection.executemany(
        "INSERT INTO timeline (email_id, number, status, at) VALUES (?, ?, ?, ?)",
        ((id, number, status, at + 50 * number) for id, at in moments for number, status in enumerate(PATH, 1)),
    )
    connection.executemany("INSERT INTO ses_messages (message_id, email_id) VALUES (?, ?)", ((f"filled-{id.hex()}", id) for id, _ in moments))


def _first(connection, table):
    cursor = connection.execute(f"SELECT * FROM {table} LIMIT 1")
    row = cursor.fetchone()
    assert row is not None, f"{table} has no row to copy"
    return dict(zip((column[0] for column in cursor.description), row))


def _insert(connection, table, template, rows):
    marks = ", ".join("?" * len(template))
    connection.executemany(f"INSERT INTO {table} ({', '.join(template)}) VALUES ({marks})", (tuple(row.values()) for row in rows))


def _id(at_ms):
    """A UUID of version 7 of that moment."""
    random = bytearray(os.urandom(10))
    random[0] = 0x70 | random[0] & 0x0F
    random[2] = 0x80 | random[2] & 0x3F
    return at_ms.to_bytes(6, "big") + bytes(random)
