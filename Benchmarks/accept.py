"""The way in: how much of the bare server's rate is left when each answer waits for the disk."""

from bench import HTTP_ONLY, directory, median, say, wrk
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
        answer = account.post("/domains", {"name": f"d{number}.example"})
        assert answer.status == 201, answer

    Load(16, create).__enter__().wait()
    return account


def measure(table, seconds, rounds):
    server = Server(directory(), MARTLET_GATE_REQUIRE_VERIFIED="false", **HTTP_ONLY).start()
    try:
        account = create_domains(server)
        domain = server.domain(account)
        increment = f"{server.url}/domains/d0.example/outbound/increment"
        results = {"healthz": [], "emails": [], "hot": [], "many": []}
        for _ in range(rounds):
            results["healthz"].append(wrk(f"{server.url}/healthz", seconds))
            results["emails"].append(wrk(f"{server.url}/emails", seconds, "emails.lua", TOKEN=account.token, DOMAIN=domain))
            results["hot"].append(wrk(increment, seconds, "increment.lua", TOKEN=account.token, DOMAINS="1"))
            results["many"].append(wrk(increment, seconds, "increment.lua", TOKEN=account.token, DOMAINS=str(DOMAINS)))
    finally:
        server.stop()
    healthz = median(results["healthz"])
    table.add_load("GET /healthz", healthz)
    table.add_load("POST /emails, durable", median(results["emails"]), healthz, 0.45, 15)
    table.add_load("increment, one hot domain", median(results["hot"]), healthz, 0.65)
    table.add_load("increment, 10,000 domains", median(results["many"]), healthz, 0.65)
