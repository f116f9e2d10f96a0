"""Fixtures of the end-to-end tests. Most tests share a server per file and have an account and a domain of their own."""

from contextlib import ExitStack

import pytest

from martlet.browser import Browser
from martlet.server import Server
from martlet.sink import Sink

_figures = []


@pytest.fixture(scope="module")
def start_server(tmp_path_factory):
    """Starts servers that live as long as the file's tests: `start_server(MARTLET_…=…)`."""
    with ExitStack() as running:

        def start(**settings):
            server = Server(tmp_path_factory.mktemp("server"), **settings)
            running.callback(server.stop)
            return server.start()

        yield start


@pytest.fixture(scope="module")
def start_sink(tmp_path_factory):
    """Starts SES stand-ins: `start_sink("--latency-ms", 50)`."""
    with ExitStack() as running:

        def start(*options):
            sink = Sink(tmp_path_factory.mktemp("sink"))
            running.callback(sink.stop)
            return sink.start(*options)

        yield start


@pytest.fixture(scope="module")
def moto():
    """SES, SNS and SQS of Amazon, as moto plays them."""
    from martlet.aws import Moto  # takes seconds, which other files need not wait for

    server = Moto().start()
    yield server
    server.stop()


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


@pytest.fixture(scope="session")
def browser():
    """One browser for the run."""
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def tab(browser, server):
    """A tab in a fresh profile, for the pages of the server; fails the test when a page complains of anything."""
    with browser.tab(server.url) as tab:
        yield tab


@pytest.fixture
def figure():
    """Notes a measured figure, printed at the end of the run."""
    return _figures.append


def pytest_terminal_summary(terminalreporter):
    if _figures:
        terminalreporter.section("figures")
        for line in _figures:
            terminalreporter.write_line(line)
