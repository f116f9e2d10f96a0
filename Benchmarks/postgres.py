"""The way in on PostgreSQL beside SQLite: with one node and with two, and what of it is spent in PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

from bench import CONNECTIONS, HTTP_ONLY, Load, cpu_seconds, directory, median, say, wrk
from confined import confined
from martlet.server import Server
from scratch import Statements, Watch, postgres, sqlite

SETTINGS = {"MARTLET_GATE_REQUIRE_VERIFIED": "false", **HTTP_ONLY}
SHARE = 0.33
"""Of a core for each node, where nodes are to be added up: two of them, the database and the load fit on two cores."""


def measure(table, seconds, rounds):
    with postgres() as server:
        with sqlite():
            alone = Nodes(1)
        one, two = Nodes(1), Nodes(2)
        everything = (alone, one, two)
        costs = Costs(server, one)
        try:
            # In turns, and so is who begins: what else the machine does falls on all.
            for number in range(rounds):
                for nodes in everything[number % 3 :] + everything[: number % 3]:
                    with costs.noted(seconds) if nodes is one else nullcontext():
                        nodes.load(seconds)
            together = [median(nodes.loads) for nodes in everything]
            apart = _on_small_machines((one, two), seconds, rounds)
        finally:
            for nodes in everything:
                nodes.stop()
        costs.report(table)
    table.add_load("POST /emails, SQLite", together[0])
    table.add_load("POST /emails, PostgreSQL, one node", together[1], together[0], 0.5)
    table.add_load("POST /emails, PostgreSQL, two nodes", together[2], together[1])
    if apart:
        table.add_load(f"the same, one node with {SHARE} of a core", apart[0])
        table.add_load(f"the same, two nodes with {SHARE} of a core each", apart[1], apart[0], 1.0)


def _on_small_machines(everything, seconds, rounds):
    """What another machine brings: on this one alone, a second node would only take from the first what it has itself."""
    try:
        for number in range(rounds):
            for nodes in everything[:: -1 if number % 2 else 1]:
                with confined(nodes.servers, SHARE):
                    nodes.load(seconds)
    except OSError as error:
        say(f"  nodes could not be confined to a share of a core: {error}")
        return None
    return [median(nodes.loads[-rounds:]) for nodes in everything]


class Nodes:
    """Nodes on one database, each with a domain of its own that is written to through it."""

    def __init__(self, count):
        first = Server(directory(), **SETTINGS).start()
        self.servers = [first]
        for _ in range(count - 1):
            self.servers.append(Server(directory(), **SETTINGS, MARTLET_DATABASE_URL=first.database.url).start())
        self.account = first.account()
        self.domains = [first.domain(self.account) for _ in self.servers]
        self.loads = []

    def load(self, seconds):
        """The same connections in all, however many nodes there are."""
        share = CONNECTIONS // len(self.servers)
        with ThreadPoolExecutor() as pool:
            parts = list(pool.map(lambda at: self._load(*at, seconds, share), zip(self.servers, self.domains)))
        self.loads.append(
            Load(sum(part.rate for part in parts), max(part.p50 for part in parts), max(part.p99 for part in parts), sum(part.failed for part in parts))
        )
        return self.loads[-1]

    def _load(self, server, domain, seconds, connections):
        threads = 2 if len(self.servers) == 1 else 1
        return wrk(
            f"{server.url}/emails", seconds, "emails.lua", threads=threads, connections=connections, TOKEN=self.account.token, DOMAIN=domain
        )

    def stop(self):
        for server in self.servers:
            server.stop()


class Costs:
    """What an email costs on PostgreSQL, with one node."""

    def __init__(self, server, nodes):
        self.server = server
        self.nodes = nodes
        self.statements = Statements(nodes.servers[0].database.url)
        self.samples = []

    @contextmanager
    def noted(self, seconds):
        self.statements.reset()
        before = self._cpu()
        watch = Watch(self.statements.url)
        yield
        shares = watch.stop()
        database, node = (after - earlier for earlier, after in zip(before, self._cpu()))
        self.samples.append((self.nodes.loads[-1].rate * seconds, *self.statements.sums(), database, node, *shares))

    def _cpu(self):
        return self.server.cpu_seconds(), cpu_seconds(self.nodes.servers[0])

    def report(self, table):
        emails, statements, transactions, rows, database, node, active, syncing, thinking = (sum(column) for column in zip(*self.samples))
        rounds = len(self.samples)
        table.add(
            "an email on PostgreSQL", f"{rows / emails:.2f} rows, {transactions / emails:.3f} transactions",
            f"{statements / emails:.2f} statements, {emails / transactions:.0f} emails in a transaction",
        )
        table.add(
            "time in PostgreSQL", f"{active / rounds:.0%}",
            f"of it {syncing / rounds:.0%} on the disk; {thinking / rounds:.0%} in the node within a transaction;"
            f" CPU for an email: {database / emails * 1e6:.0f} µs there, {node / emails * 1e6:.0f} µs in the node",
        )
        say(self.statements.top(12))
