"""Fixtures of the end-to-end tests. Most tests share a server per file and have an account and a domain of their own."""

import pytest

from martlet.server import Server
from martlet.sink import Sink

_figures = []


@pytest.fixture(scope="module")
def start_server(tmp_path_factory):
    """Starts servers that live as long as the file's tests: `start_server(MARTLET_…=…)`."""
    servers = []

    def start(**settings):
        server = Server(tmp_path_factory.mktemp("server"), **settings)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def start_sink(tmp_path_factory):
    """Starts SES stand-ins: `start_sink("--latency-ms", 50)`."""
    sinks = []

    def start(*options):
        sink = Sink(tmp_path_factory.mktemp("sink"))
        sinks.append(sink)
        return sink.start(*options)

    yield start
    for sink in sinks:
        sink.stop()


@pytest.fixture(scope="module")
def server(start_server):
    """A server with the capture transport, as `make run` starts it."""
    return start_server()


@pytest.fixture
def account(server):
    return server.account()


@pytest.fixture
def domain(server, account):
    return server.domain(account)


@pytest.fixture
def figure():
    """Notes a measured figure, printed at the end of the run."""
    return _figures.append


def pytest_terminal_summary(terminalreporter):
    if _figures:
        terminalreporter.section("figures")
        for line in _figures:
            terminalreporter.write_line(line)
