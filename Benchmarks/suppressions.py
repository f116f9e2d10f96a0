"""What the look at the suppression list costs the way in, with very many addresses on it."""

import sqlite3
import statistics

from bench import HTTP_ONLY, costed, directory, median, say
from martlet.server import Server

ADDRESSES = 5_000_000


def fill(server):
    """Suppresses addresses among which those of the load lie; none is one of them."""
    say(f"filling the list with {ADDRESSES:,} addresses")
    server.stop()
    connection = sqlite3.connect(server.database.path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    with connection:
        connection.execute(
            """
            WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1 - 1)
            INSERT INTO suppressions (account_id, address, scope, sender, reason, source, created_at)
            SELECT (SELECT MAX(id) FROM accounts), printf('user%07d@suppressed.example', n), 'account', '', 'hard_bounce', 'import', 0 FROM numbers
            """,
            (ADDRESSES,),
        )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    server.start()


def measure(table, seconds, rounds):
    servers = [Server(directory(), MARTLET_GATE_REQUIRE_VERIFIED="false", **HTTP_ONLY).start() for _ in range(2)]
    try:
        accounts = [server.account() for server in servers]
        domains = [server.domain(account) for server, account in zip(servers, accounts)]
        fill(servers[1])
        loads = ([], [])
        # In turns, and so is who begins: what else the machine does falls on both.
        for number in range(2 * rounds):
            for index in (0, 1) if number % 2 else (1, 0):
                load = costed(
                    servers[index], "/emails", seconds, "emails.lua", TOKEN=accounts[index].token, DOMAIN=domains[index],
                    RECIPIENT="user%07dx@suppressed.example", ADDRESSES=str(ADDRESSES),
                )
                loads[index].append(load)
    finally:
        for server in servers:
            server.stop()
    empty = median(loads[0])
    table.add_load("POST /emails, none suppressed", empty)
    table.add_load(f"POST /emails, {ADDRESSES:,} suppressed", median(loads[1]), empty, 0.95)
    none, many = (statistics.median(load.cpu for load in found) for found in loads)
    table.add("CPU for an email, with them", f"{many:.0f} µs = {many / none:.2f} ×", f"{none:.0f} µs without")
