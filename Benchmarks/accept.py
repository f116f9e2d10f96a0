"""The way in: how much of the rate of a server that does nothing is left when each answer waits for the disk."""

import yardsticks
from bench import HTTP_ONLY, costed, directory, median, say
from martlet.load import Load
from martlet.server import Server

DOMAINS = 10_000


def create_domains(server, count=DOMAINS):
    """d0.example … d<count-1>.example, all of one account."""
    say(f"creating {count} domains")
    account = server.account()
    numbers = iter(range(count))

    def create(_):
        number = next(numbers, None)
        if number is None:
            return False
        answer = server.master.post("/domains", {"name": f"d{number}.example", "partner_ref": account.ref})
        assert answer.status == 201, answer

    Load(16, create).__enter__().wait()
    return account


def limit(server, account, daily):
    answer = server.master.put(f"/accounts/{account.ref}/limits", {"daily_limit": daily})
    assert answer.status == 200, answer


def measure(table, seconds, rounds):
    server = Server(directory(), MARTLET_GATE_REQUIRE_VERIFIED="false", **HTTP_ONLY).start()
    results = {name: [] for name in ("nio", "hummingbird", "healthz", "emails", "hot", "many", "limited")}
    try:
        account = create_domains(server)
        domain = server.domain(account)
        increment = "/domains/d0.example/outbound/increment"
        with yardsticks.running("nio", "hummingbird") as idle:
            for _ in range(rounds):
                for kind, yardstick in idle.items():
                    results[kind].append(yardstick.load(seconds))
                results["healthz"].append(costed(server, "/healthz", seconds))
                results["emails"].append(costed(server, "/emails", seconds, "emails.lua", TOKEN=account.token, DOMAIN=domain))
                results["hot"].append(costed(server, increment, seconds, "increment.lua", TOKEN=account.token, DOMAINS="1"))
                results["many"].append(costed(server, increment, seconds, "increment.lua", TOKEN=account.token, DOMAINS=str(DOMAINS)))
                limit(server, account, 10**12)
                results["limited"].append(costed(server, increment, seconds, "increment.lua", TOKEN=account.token, DOMAINS=str(DOMAINS)))
                limit(server, account, 0)
    finally:
        server.stop()
    rate, cpu = yardsticks.bare_sqlite(seconds)
    nio, hummingbird, emails = (median(results[name]) for name in ("nio", "hummingbird", "emails"))
    table.add_load("POST, a plain SwiftNIO handler", nio)
    table.add_load("POST, Hummingbird that does nothing", hummingbird)
    table.add("SQLite alone, an email's rows", f"{rate:,.0f}/s", f"batches of 64, {cpu:.0f} µs of CPU")
    table.add_load("GET /healthz", median(results["healthz"]), hummingbird)
    table.add_load("POST /emails, durable", emails, hummingbird, 0.45, 30)
    table.add("CPU of an email ÷ the plain handler's", f"{emails.cpu / nio.cpu:.1f} ×", "", "≤ 5 ×", emails.cpu <= 5 * nio.cpu)
    table.add_load("increment, one hot domain", median(results["hot"]), hummingbird, 0.65)
    table.add_load("increment, 10,000 domains", median(results["many"]), hummingbird, 0.55)
    table.add_load("increment, 10,000 domains, one account with a limit", median(results["limited"]), hummingbird, 0.5)
