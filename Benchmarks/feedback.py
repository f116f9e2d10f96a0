"""What SES reports: signed events a second, three in ten of them duplicates.

The server checks real signatures against a certificate that it fetched from a stand-in for SNS, in name spaces of this run's own.
Then bounces of the same few accounts by different domains, through one node on PostgreSQL and through two; unsigned, so that what is compared is
what nodes share.
"""

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bench
from martlet import sns
from martlet.server import Server
from martlet.wait import eventually
from scratch import postgres
from martlet.sns_host import SNSHost, run_in_own_world

MESSAGES = 20_000
REPEATED = 3  # of ten


NODE_MESSAGES = 6_000
ACCOUNTS, DOMAINS_EACH = 3, 8
TOKEN = "metrics-token-of-the-benchmarks"


def measure(table, seconds, rounds):
    _signed(table)
    with postgres():
        rates = {1: [], 2: []}
        repeated = 0
        for number in range(rounds):
            for count in (1, 2) if number % 2 else (2, 1):
                rate, repeats = _through_nodes(count)
                rates[count].append(rate)
                repeated += repeats
    one, two = (sorted(rates[count])[rounds // 2] for count in (1, 2))
    note = f"{NODE_MESSAGES:,} bounces of {ACCOUNTS} accounts by {ACCOUNTS * DOMAINS_EACH} domains"
    table.add("POST /webhooks/ses, PostgreSQL, one node", f"{one:,.0f}/s", note, "")
    table.add("the same, two nodes", f"{two:,.0f}/s = {two / one:.2f} ×", f"{repeated} transactions repeated", "≥ 1.0 ×, 0 repeated", two >= one and repeated == 0)


def _through_nodes(count):
    """Bounces a second, and how many transactions the nodes repeated."""
    settings = {"MARTLET_SNS_VERIFY_SIGNATURES": "false", "MARTLET_GUILLOTINE_MINIMUM_SENT": "1000000000", "MARTLET_METRICS_TOKEN": TOKEN, **bench.HTTP_ONLY}
    first = Server(bench.directory(), **settings).start()
    servers = [first] + [Server(bench.directory(), **settings, MARTLET_DATABASE_URL=first.database.url).start() for _ in range(count - 1)]
    try:
        accounts = [first.account() for _ in range(ACCOUNTS)]
        domains = [first.domain(accounts[number % ACCOUNTS]) for number in range(ACCOUNTS * DOMAINS_EACH)]
        files = [_unsigned_messages(domains, node, NODE_MESSAGES // count) for node in range(count)]
        began = time.monotonic()
        with ThreadPoolExecutor() as pool:
            loads = list(pool.map(lambda at: _post(*at, bench.CONNECTIONS // count), zip(servers, files)))
        rate = NODE_MESSAGES / (time.monotonic() - began)
        assert all(load.failed == 0 for load in loads), loads
        # The load ends with as many answers as messages, of which the last repeats some: one may still be under way.
        total = NODE_MESSAGES // count * count
        eventually(lambda: sum(first.outbound(domain)["bounce_count"] for domain in domains) == total, within=20, what=f"{total} bounces are counted")
        return rate, sum(_repeats(server) for server in servers)
    finally:
        for server in servers:
            server.stop()


def _post(server, path, connections):
    return bench.wrk(f"{server.url}/webhooks/ses", 120, "sns.lua", threads=1, connections=connections, MESSAGES=str(path))


def _unsigned_messages(domains, node, count):
    """One message a line; every node goes through the domains in another order."""
    path = Path(bench.directory()) / "messages"
    step = (1, 7)[node % 2]
    lines = [
        sns.envelope(sns.bounce(f"node{node}-{number}", f"app@{domains[number * step % len(domains)]}", f"u{node}-{number}@customer.example"))
        for number in range(count)
    ]
    # wrk asks for a request before it begins, and does not send it.
    path.write_text("\n".join(map(json.dumps, lines[:1] + lines)))
    return path


def _repeats(server):
    text = server.client(TOKEN).get("/metrics").body.decode()
    found = re.search(r"^martlet_database_retries_total(?:\{.*\})? (\S+)$", text, re.MULTILINE)
    return int(float(found.group(1))) if found else 0


def _signed(table):
    done = run_in_own_world([sys.executable, __file__])
    if done is None:
        return table.add("POST /webhooks/ses", "not measured", "this machine allows no name spaces", "≥ 2,000/s")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    load = bench.Load(**result["load"])
    met = load.rate >= 2000 and load.failed == 0 and result["counted"] == result["unique"]
    table.add(
        "POST /webhooks/ses, RSA checked",
        f"{load.rate:,.0f}/s",
        f"p50 {load.p50:.1f} ms, p99 {load.p99:.1f} ms; {MESSAGES:,} messages, {result['unique']:,} bounces in them, {result['counted']:,} counted",
        "≥ 2,000/s",
        met,
    )


def main():
    """Inside the name spaces: the figures as JSON on standard output."""
    host = SNSHost().start()
    directory = bench.directory()
    server = Server(directory, MARTLET_SNS_TOPIC_ARNS=sns.TOPIC, MARTLET_GUILLOTINE_MINIMUM_SENT="1000000000", **bench.HTTP_ONLY).start()
    try:
        domain = server.domain(server.account())
        unique = MESSAGES * (10 - REPEATED) // 10
        path = Path(directory) / "messages"
        path.write_text("\n".join(_messages(host, domain, unique)))
        load = bench.wrk(f"{server.url}/webhooks/ses", 60, "sns.lua", threads=1, MESSAGES=str(path))
        counted = server.outbound(domain)["bounce_count"]
    finally:
        server.stop()
    print(json.dumps({"load": vars(load), "unique": unique, "counted": counted}))


def _messages(host, domain, unique):
    """Signed messages, one a line; three in ten come a second time, right after the first."""
    for number in range(unique):
        bounce = sns.bounce(f"bench-{number}", f"app@{domain}", f"u{number}@customer.example", shape="notificationType")
        line = json.dumps(host.signed(sns.envelope(bounce), "2" if number % 2 else "1"))
        yield line
        if number % 7 < REPEATED:
            yield line


if __name__ == "__main__":
    main()
