"""What SES reports: signed events a second, three in ten of them duplicates.

The server checks real signatures against a certificate that it fetched from a stand-in for SNS, in name spaces of this run's own.
"""

import json
import sys
from pathlib import Path

import bench
from martlet import sns
from martlet.server import Server
from martlet.sns_host import SNSHost, run_in_own_world

MESSAGES = 20_000
REPEATED = 3  # of ten


def measure(table, seconds, rounds):
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
