"""Submission by SMTP beside Postfix's own accept, both durable: 32 sessions that send one message after another, with TLS and without.

Postfix's `smtp-source` can neither log in nor speak TLS, so both are loaded by the generator below. Postfix delivers nothing meanwhile.
"""

import multiprocessing
import smtplib
import ssl
import time
from pathlib import Path

import bench
from martlet.postfix import Postfix
from martlet.programs import free_port
from martlet.server import Server
from martlet.submission import Authority

SESSIONS = 32
PROCESSES = 2
RECIPIENT = "user@customer.example"
BODY = "Subject: hello\r\n\r\n" + "we have a new offer this week, and it is a good one\r\n" * 40


def measure(table, seconds, rounds):
    authority = Authority(Path(bench.directory()) / "authority")
    for name, with_tls in (("TLS off", False), ("TLS on", True)):
        postfix = bench.median([_postfix(authority, with_tls, seconds) for _ in range(rounds)])
        martlet = bench.median([_martlet(authority, with_tls, seconds) for _ in range(rounds)])
        table.add_load(f"smtp, {SESSIONS} sessions, {name}, Postfix", postfix)
        table.add_load(f"smtp, {SESSIONS} sessions, {name}, martlet", martlet, reference=postfix, ratio=3)


def _martlet(authority, with_tls, seconds):
    port = free_port()
    settings = {"MARTLET_ROLES": "http,submission", "MARTLET_LOG_LEVEL": "warning", **authority.settings}
    server = Server(bench.directory(), MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}", **settings).start()
    try:
        account = server.account()
        domain = server.domain(account)
        before = bench.cpu_seconds(server)
        load = _load(port, f"news@{domain}", account.token, str(authority.certificate) if with_tls else None, seconds)
        load.cpu = (bench.cpu_seconds(server) - before) / max(1, load.rate * seconds) * 1e6
        return load
    finally:
        server.stop()


def _postfix(authority, with_tls, seconds):
    files = {"smtpd_tls_cert_file": authority.certificate, "smtpd_tls_key_file": authority.key, "smtpd_tls_security_level": "may"}
    running = Postfix(defer_transports="smtp", in_flow_delay="0", smtpd_client_message_rate_limit="0", **files).start()
    try:
        return _load(running.port, "news@shop.example", None, str(authority.certificate) if with_tls else None, seconds)
    finally:
        running.stop()


def _load(port, sender, token, trust, seconds):
    """What all sessions together were answered 250 in the time."""
    share = SESSIONS // PROCESSES
    with multiprocessing.Pool(PROCESSES) as pool:
        found = pool.starmap(_sessions, [(port, sender, token, trust, seconds, share)] * PROCESSES)
    latencies = sorted(latency for times, _ in found for latency in times)
    if not latencies:
        return bench.Load(rate=0, p50=0, p99=0, failed=1)
    return bench.Load(
        rate=len(latencies) / seconds, p50=latencies[len(latencies) // 2] * 1000, p99=latencies[len(latencies) * 99 // 100] * 1000,
        failed=sum(failed for _, failed in found),
    )


def _sessions(port, sender, token, trust, seconds, count):
    import threading

    latencies, failures = [], []

    def run():
        try:
            client = smtplib.SMTP("127.0.0.1", port, timeout=30)
            client.ehlo()
            if trust:
                client.starttls(context=ssl.create_default_context(cafile=trust))
                client.ehlo()
            if token:
                client.login("load", token)
            deadline = time.monotonic() + seconds
            _messages(client, sender, deadline, latencies)
        except (OSError, smtplib.SMTPException) as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, len(failures)


def _messages(client, sender, deadline, latencies):
    """Commands of a message go together (PIPELINING), as mail servers send them."""
    envelope = f"MAIL FROM:<{sender}>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()
    content = f"From: {sender}\r\nTo: {RECIPIENT}\r\n{BODY}.\r\n".encode()
    replies, send = client.file.readline, client.sock.sendall
    while (began := time.monotonic()) < deadline:
        send(envelope)
        for _ in range(3):
            answer = replies()
        if not answer.startswith(b"354"):
            raise smtplib.SMTPDataError(int(answer[:3] or 0), answer)
        send(content)
        answer = replies()
        if not answer.startswith(b"250"):
            raise smtplib.SMTPDataError(int(answer[:3] or 0), answer)
        latencies.append(time.monotonic() - began)
