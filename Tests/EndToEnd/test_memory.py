"""Messages under way take a bounded amount of memory, however large and however many they are."""

import os
from pathlib import Path

import pytest

from martlet.emails import email, reaches
from martlet.wait import eventually

EMAILS = int(os.environ.get("MARTLET_TEST_LARGE_EMAILS", 80))
BYTES = 9_000_000
MEGABYTES = 500


def peak(server):
    """The most memory that the process has had, in megabytes."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


@pytest.mark.timeout(900)
def test_large_texts_stay_within_the_budget_while_ses_hangs(start_server, start_sink, figure):
    sink = start_sink("--latency-ms", 25_000)
    # They are accepted by another process, whose memory is not meant here.
    server = start_server(MARTLET_ROLES="http", **sink.environment)
    account = server.account()
    domain = server.domain(account)
    text = ("The quick brown fox jumps over the lazy dog. " * 20 + "\n") * (BYTES // 901)
    ids = []
    for _ in range(EMAILS):
        answer = account.post("/emails", email(domain, text=text))
        assert answer.status == 202, answer.status
        ids.append(answer.data["id"])
    server.stop()
    server.start(MARTLET_ROLES="http,delivery")
    account.close()
    eventually(lambda: sink.stats()["accepted"] >= min(EMAILS, 3), within=60, what="calls hang")
    hanging = sink.stats()["accepted"]
    # A small email does not wait for the large ones.
    small = account.post("/emails", email(domain)).data["id"]
    eventually(lambda: small in sink.times_by_id(), within=15, what="a small email is handed over")
    sink.control(latencyMs=0)
    eventually(lambda: sink.stats()["unique"] == EMAILS + 1, within=600, every=0.5, what="all are handed over")
    assert sink.stats()["duplicates"] == 0
    for id in [*ids, small]:
        reaches(account, id, "SENT", within=30)
    most = peak(server)
    figure(f"{EMAILS} texts of {BYTES / 1e6:.0f} MB, {hanging} calls hanging: {most:.0f} MB resident at the most")
    assert most < MEGABYTES
