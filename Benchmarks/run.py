"""`make bench`: builds the release programs, measures, prints one table."""

import argparse
import platform
import os

import bench
import accept
import callbacks
import drain
import feedback
import growth
import hostile
import midnight
import pages
import policy
import postgres
import ses_api
import size
import smtp
import sqs
import suppressions

PARTS = {
    "accept": accept,
    "callbacks": callbacks,
    "drain": drain,
    "feedback": feedback,
    "growth": growth,
    "hostile": hostile,
    "midnight": midnight,
    "pages": pages,
    "policy": policy,
    "postgres": postgres,
    "ses-api": ses_api,
    "size": size,
    "smtp": smtp,
    "sqs": sqs,
    "suppressions": suppressions,
}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=PARTS, action="append", help="measure this part, may be given several times")
    options.add_argument("--seconds", type=int, default=6, help="length of one measurement")
    options.add_argument("--rounds", type=int, default=3, help="measurements of a kind; the median is shown")
    options.add_argument("--emails", type=int, default=growth.EMAILS, help="how many emails the part growth stores")
    options.add_argument("--domains", type=int, default=midnight.DOMAINS, help="how many domains the part midnight stores")
    chosen = options.parse_args()
    growth.EMAILS = chosen.emails
    midnight.DOMAINS = chosen.domains
    bench.build()
    table = bench.Table()
    for name in chosen.only or PARTS:
        bench.say(f"{name}:")
        PARTS[name].measure(table, chosen.seconds, chosen.rounds)
    print(f"\n{os.cpu_count()} cores, {platform.platform()}, {bench.CONNECTIONS} connections, load from the same machine\n\n{table}")


if __name__ == "__main__":
    main()
