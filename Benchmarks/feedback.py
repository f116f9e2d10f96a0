"""What SES reports: events a second, three in ten of them duplicates."""

import time

from bench import HTTP_ONLY, directory, median, wrk
from martlet.server import Server


def measure(table, seconds, rounds):
    server = Server(
        directory(), MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_GUILLOTINE_MINIMUM_SENT="1000000000", **HTTP_ONLY
    ).start()
    try:
        account = server.account()
        domain = server.domain(account)
        loads = [
            wrk(f"{server.url}/webhooks/ses", seconds, "sns.lua", DOMAIN=domain, RUN=f"{time.time_ns()}") for _ in range(rounds)
        ]
        counted = server.outbound(domain)["bounce_count"]
    finally:
        server.stop()
    load = median(loads)
    table.add_load("POST /webhooks/ses, signatures off", load)
    table.add("bounces counted", f"{counted:,}", "of 10 messages 7 are new")
