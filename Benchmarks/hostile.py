"""What a customer or a stranger can ask for that costs more than it seems: the table of bounds."""

from bench import directory
from martlet import floods
from martlet.name_server import SILENT, NameServer
from martlet.receiver import Receiver
from martlet.server import AWS, Server

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
JSON = {"Content_Type": "application/json"}


def measure(table, seconds, rounds):
    _cpu(table)
    _memory(table)
    _connections(table)
    _callbacks(table)
    _control(table)
    _streams(table)


def _running(**settings):
    return Server(directory(), **settings).start()


def _cpu(table):
    server = _running()
    try:
        for path in ("/u/x", "/dashboard/login"):
            cost = floods.cost(server, path, floods.form_of_letters(), **FORM) * 1000
            table.add(f"65 kB form of names, {path}", f"{cost:.1f} ms of CPU", "", "< 50 ms", cost < 50)
        account = server.account()
        domain = server.domain(account)
        cost = floods.cost(server, "/emails", floods.names_body(domain), client=account, **JSON) * 1000
        table.add("350 kB of variables in an email", f"{cost:.1f} ms of CPU", "", "< 50 ms", cost < 50)
    finally:
        server.stop()


def _memory(table):
    server = _running()
    try:
        account = server.account()
        domain = server.domain(account)
        for name, flood in (("1 MB", floods.batch_of_templates), ("10 MB", floods.batch_of_growth)):
            before = floods.megabytes(server)
            peak, answer, statuses, slowest = flood(server, account, domain)
            detail = f"from {before:.0f} MB; {answer:.0f} MB answered, {statuses.count(202)} of 60 accepted, others waited {slowest * 1000:.0f} ms"
            table.add(f"batch of 60 texts of {name}", f"{peak:.0f} MB", detail, "others < 1 s", slowest < 1)
    finally:
        server.stop()
    server = _running()
    try:
        before = floods.megabytes(server)
        peak, sockets = floods.unfinished(server, "/webhooks/ses")
        for connection in sockets:
            connection.close()
        table.add("600 unfinished bodies of 1 MiB, no token", f"{peak:.0f} MB", f"from {before:.0f} MB", "< 200 MB", peak < 200)
    finally:
        server.stop()
    server = _running()
    try:
        account = server.account()
        domain = server.domain(account)
        before = floods.megabytes(server)
        peak, statuses = floods.uploads(server, account, domain)
        detail = f"from {before:.0f} MB; {statuses.count(202)} accepted, {statuses.count(503)} answered 503"
        table.add("20 emails of 22 MiB, one key", f"{peak:.0f} MB", detail, "< 700 MB", peak < 700)
    finally:
        server.stop()


def _connections(table):
    server = _running(MARTLET_HTTP_MAX_CONNECTIONS=64)
    try:
        kept, seconds = floods.crowd(server, 200)
        for connection in kept:
            connection.close()
        table.add("200 connections, 64 allowed", f"{len(kept)} stay", f"others closed within {seconds:.1f} s", "≤ 64", len(kept) <= 64)
    finally:
        server.stop()


def _callbacks(table):
    slow = {f"slow{number}.example": SILENT for number in range(60)}
    tarpit = floods.Tarpit()
    with NameServer(slow) as dns, Receiver() as receiver:
        for name, urls in (
            ("60 slow names", [f"http://slow{number}.example/x" for number in range(60)]),
            ("600 tarpits", [f"http://127.0.0.1:{tarpit.port}/{number}" for number in range(600)]),
        ):
            server = _running(MARTLET_DNS_NAMESERVER=dns.address, MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
            try:
                account, other = server.account(), server.account()
                domain, others = server.domain(account), server.domain(other)
                floods.queue_callbacks(account, domain, urls)
                delay = max(floods.callback_delay(other, others, receiver, f"/{len(urls)}/{number}") for number in range(5))
                table.add(f"callback beside {name} of another account", f"{delay:.2f} s", "", "< 1 s", delay < 1)
            finally:
                server.stop()
    tarpit.close()


def _control(table):
    api = floods.IdentityAPI()
    server = _running(
        MARTLET_TRANSPORT="ses", MARTLET_ROLES="http", AWS_ENDPOINT_URL=api.url,
        MARTLET_SNS_TOPIC_ARNS="arn:aws:sns:eu-west-1:123456789012:events", **AWS)
    try:
        account = server.account()
        domains = [f"paced{number}.example" for number in range(40)]
        for domain in domains:
            server.master.post("/domains", {"name": domain, "partner_ref": account.ref})
        statuses = [answer.status for answer in floods.ask_statuses(account, domains)]
        times = [at for at, _ in api.calls]
        span = times[-1] - times[0]
        detail = f"in {span:.1f} s; {statuses.count(503)} answered 503"
        table.add("40 ses-status of one key", f"{len(times)} calls of SES", detail, "≤ 1/s and 3", len(times) <= span + 4)
    finally:
        server.stop()
        api.shutdown()


def _streams(table):
    server = _running()
    try:
        streams = floods.live_streams(server, server.account().token)
        others = floods.live_streams(server, server.account().token, count=1)
        for connection in streams + others:
            connection.close()
        table.add("live streams of one key", f"{len(streams)} of 200", f"another one gets {len(others)} of 4", "≤ 100", len(streams) <= 100)
    finally:
        server.stop()
