"""Submission by SMTP beside Postfix's own accept, both durable: 32 sessions that send one message after another, with TLS and without.

Postfix's `smtp-source` can neither log in nor speak TLS, so both are loaded by `smtp_load.c`, in the same way: sessions stay open, as those of
`smtp-source -d`, and log in once. A row beside them says what `smtp-source` itself gets out of Postfix. Postfix delivers nothing meanwhile.
"""

import subprocess
import time
from pathlib import Path

import bench
from bench import ROOT
from martlet.postfix import Postfix
from martlet.programs import free_port
from martlet.server import Server
from martlet.submission import Authority

SESSIONS = 32
RECIPIENT = "user@customer.example"
LINES = 40


def measure(table, seconds, rounds):
    directory = Path(bench.directory())
    program = directory / "smtp_load"
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-o", program, ROOT / "Benchmarks" / "smtp_load.c", "-lssl", "-lcrypto"]
    subprocess.run(command, check=True)
    authority = Authority(directory / "authority")
    # By smtp-source for comparison: what the generator is worth.
    table.add_load(f"smtp, {SESSIONS} sessions, smtp-source, Postfix", _postfix(authority, lambda port: _source(port, seconds)))
    for name, trust in (("TLS off", ""), ("TLS on", authority.certificate)):
        pairs = [
            (
                _postfix(authority, lambda port: _load(program, port, "news@shop.example", "", trust, seconds)),
                _martlet(authority, lambda port, sender, token: _load(program, port, sender, token, trust, seconds)),
            )
            for _ in range(rounds)
        ]
        postfix, martlet = (bench.median(loads) for loads in zip(*pairs))
        table.add_load(f"smtp, {SESSIONS} sessions, {name}, Postfix", postfix)
        table.add_load(f"smtp, {SESSIONS} sessions, {name}, martlet", martlet, reference=postfix, ratio=3)


def _martlet(authority, load):
    port = free_port()
    settings = {"MARTLET_ROLES": "http,submission", "MARTLET_LOG_LEVEL": "warning", **authority.settings}
    server = Server(bench.directory(), MARTLET_SUBMISSION_LISTEN=f"127.0.0.1:{port}", **settings).start()
    try:
        account = server.account()
        domain = server.domain(account)
        return _costed(lambda: bench.cpu_seconds(server), lambda: load(port, f"news@{domain}", account.token))
    finally:
        server.stop()


def _postfix(authority, load):
    files = {"smtpd_tls_cert_file": authority.certificate, "smtpd_tls_key_file": authority.key, "smtpd_tls_security_level": "may"}
    running = Postfix(defer_transports="smtp", in_flow_delay="0", smtpd_client_message_rate_limit="0", **files).start()
    try:
        return _costed(lambda: _cpu_of_children(running.master.process.pid), lambda: load(running.port))
    finally:
        running.stop()


def _costed(cpu, run):
    """The load that `run` returns with its number of messages, with what each costs the server."""
    before = cpu()
    load, messages = run()
    load.cpu = (cpu() - before) / max(1, messages) * 1e6
    return load


def _cpu_of_children(parent):
    """What the processes of Postfix's master have worked: they live on between messages."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = int(path.parent.name), path.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if parent in (pid, int(fields[1])):
            # With those that the master has waited for.
            ticks += sum(map(int, fields[11:15])) if pid == parent else int(fields[11]) + int(fields[12])
    return ticks / 100


def _load(program, port, sender, token, trust, seconds):
    """What all sessions together were answered 250, and how many messages that was."""
    command = [program, "127.0.0.1", port, SESSIONS, seconds, sender, RECIPIENT, LINES, token, trust]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    accepted, failed, p50, p99, cpu = map(float, done.stdout.split())
    bench.say(f"    the generator: {cpu:.0f} µs of CPU a message{' ' + done.stderr if done.stderr else ''}")
    return bench.Load(rate=accepted / seconds, p50=p50 / 1000, p99=p99 / 1000, failed=int(failed)), int(accepted)


def _source(port, seconds):
    """`smtp-source` sends a number of messages, not for a time; it knows no latencies."""
    messages = 1_000 * seconds
    command = ["smtp-source", "-d", "-s", SESSIONS, "-m", messages, "-l", LINES * 54, "-f", "news@shop.example", "-t", RECIPIENT]
    began = time.monotonic()
    subprocess.run([str(part) for part in [*command, f"127.0.0.1:{port}"]], check=True, capture_output=True)
    return bench.Load(rate=messages / (time.monotonic() - began), p50=0, p99=0, failed=0), messages
