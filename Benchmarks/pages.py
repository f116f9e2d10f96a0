"""How soon the first byte of each page comes, with 10,000 domains and 1,000,000 emails stored."""

import http.client
import re
import time
from urllib.parse import quote, urlencode

from bench import directory, say
from fill import fill
from martlet.emails import reaches, send
from martlet.server import MASTER, Server

GOAL_MS = 150
TIMES = 20


def measure(table, seconds, rounds):
    server = Server(directory()).start()
    try:
        account = server.account()
        domain = server.domain(account)
        email = send(account, domain, externalId="campaign", clientId="client", tags=["tag"])["id"]
        reaches(account, email, "DELIVERED")
        server.stop()
        fill(server.database.path)
        server.start()
        for who, token in (("operator", MASTER), ("customer", account.token)):
            visitor = Visitor(server.port, token)
            slowest = [(visitor.first_byte(path), path) for path in visitor.pages() + searches(domain, email, account.ref)]
            for (middle, most), path in slowest:
                say(f"  {who} {path}: {middle:.1f} ms, at most {most:.1f} ms")
            (middle, most), path = max(slowest)
            worst = max(most for (_, most), _ in slowest)
            table.add(
                f"slowest of {len(slowest)} pages, {who}", f"{middle:.1f} ms", f"{path}; slowest answer of all {worst:.1f} ms",
                f"< {GOAL_MS} ms", worst < GOAL_MS,
            )
    finally:
        server.stop()


def searches(domain, email, ref):
    """The lists searched, a page deep in, and the pages of single things."""
    account = f"account={quote(ref)}"
    queries = [
        "to=user12345@customer.example", "externalId=campaign", "externalId=none", "status=DELIVERED", "status=QUEUED", "status=BOUNCED_PERMANENT",
        "tag=tag", "clientId=client", f"from=news@{domain}", "since=2026-01-01&until=2026-01-02", "status=COMPLAINED&externalId=campaign",
    ]
    return (
        [f"/dashboard/emails?{query}" for query in queries]
        + [f"/dashboard/emails?to=user12345@customer.example&{account}", f"/dashboard/emails/{email}", f"/dashboard/emails/{email}?view=source",
           f"/dashboard/campaigns/campaign?{account}", "/dashboard/domains?q=filled99",
           f"/dashboard/callbacks?{account}", f"/dashboard/suppressions?reason=hard_bounce&{account}", "/docs"]
    )


class Visitor:
    """A browser that is logged in, as far as requests go."""

    def __init__(self, port, token):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body = urlencode({"token": token, "next": "/dashboard"})
        self._connection.request("POST", "/dashboard/login", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        self._cookie = answer.getheader("Set-Cookie").split(";")[0]

    def pages(self):
        """What the navigation leads to."""
        self._request("/dashboard")
        navigation = self._text.split("<nav", 1)[1].split("</nav>", 1)[0]
        return re.findall(r'href="(/dashboard[^"]*)"', navigation.replace("&#x2F;", "/").replace("&amp;", "&"))

    def first_byte(self, path):
        """Milliseconds until the answer begins: the median and the most of several."""
        took = sorted(self._request(path) for _ in range(TIMES))
        return took[len(took) // 2], took[-1]

    def _request(self, path):
        started = time.perf_counter()
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        # The status line is read as soon as it is there.
        answer = self._connection.getresponse()
        took = (time.perf_counter() - started) * 1000
        self._text = answer.read().decode()
        assert answer.status == 200, f"{path}: {answer.status}"
        return took
