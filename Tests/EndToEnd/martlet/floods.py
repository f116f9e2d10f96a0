"""What a customer or a stranger can ask for that costs much more than it seems, and what it costs the server. Used by the tests and by the
benchmark `hostile`."""

import http.server
import json
import os
import re
import select
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .client import BROKEN
from .emails import email

MIB = 1 << 20


def cpu_seconds(server):
    """What the threads of a program have worked so far."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(server, which="VmRSS"):
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+) kB", status).group(1)) / 1024


def forget_peak(server):
    """From now on `VmHWM` is the peak from now on."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


class Heartbeat:
    """Asks `/healthz` again and again; `slowest` is the longest time an answer took, in seconds."""

    def __init__(self, server):
        self._client = server.client(None, timeout=60)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.slowest = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._client.close()

    def _beat(self):
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._client.get("/healthz")
            except BROKEN:
                pass
            self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.01)


# MARK: CPU

def form_of_letters(size=65_000):
    """A form of as many different names of one letter as there is room for."""
    letters = [chr(code) for code in range(0x4E00, 0x9FFF)] + [chr(code) for code in range(0xAC00, 0xD7A3)]
    return "&".join(letters)[: size // 4].encode()


def form_of_one(size=65_000):
    return b"a=" + b"x" * (len(form_of_letters(size)) - 2)


def cost(server, path, body, times=20, client=None, **headers):
    """The CPU seconds of one such request."""
    client = client or server.client(None)
    before = cpu_seconds(server)
    for _ in range(times):
        client.post(path, body, **headers)
    return (cpu_seconds(server) - before) / times


def names_body(domain, size=350_000):
    """An email whose text has as many places of different names as there is room for, and no variables."""
    text = "".join(f"{{{{a{number}}}}}" for number in range(size // 10))
    return json.dumps(email(domain, text=text, variables={})).encode()


def plain_body(domain, size=350_000):
    return json.dumps(email(domain, text="x" * size, variables={})).encode()


# MARK: Memory

def batch_of_templates(server, account, domain, count=60):
    """A template of 1 MB, and a small batch that fills it often: megabytes at the most, megabytes of the answer, statuses, and the slowest
    answer that others got meanwhile."""
    text = "x" * 500 + "{{v}}" * 150 + "y" * 1_000_000
    made = account.post("/templates", {"name": "large", "subject": "s", "text": text})
    assert made.status == 201, made
    forget_peak(server)
    with Heartbeat(server) as others:
        answer = account.post(
            "/emails/batch", {"emails": [{"to": "a@b.example", "from": f"n@{domain}", "template": "large", "variables": {"v": "x" * 60}}] * count})
    assert answer.status == 200, answer
    return megabytes(server, "VmHWM"), len(answer.body) / 1e6, [item["status"] for item in answer.data], others.slowest


def batch_of_growth(server, account, domain, count=60):
    """The same with a template that its one variable makes ten times as large."""
    made = account.post("/templates", {"name": "growing", "subject": "s", "text": "{{v}}" * 200_000})
    assert made.status == 201, made
    forget_peak(server)
    with Heartbeat(server) as others:
        answer = account.post(
            "/emails/batch", {"emails": [{"to": "a@b.example", "from": f"n@{domain}", "template": "growing", "variables": {"v": "x" * 50}}] * count})
    assert answer.status == 200, answer
    return megabytes(server, "VmHWM"), len(answer.body) / 1e6, [item["status"] for item in answer.data], others.slowest


def unfinished(server, path, count=600, size=MIB, headers=""):
    """Bodies whose last byte never comes, all open at the same time: megabytes at the most, and the sockets."""
    forget_peak(server)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {size}\r\n\r\n".encode()
    body = b"x" * (size - 1)
    sockets = []

    def begin(_):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        sockets.append(connection)
        try:
            connection.sendall(head)
            connection.sendall(body)
        except OSError:
            pass  # refused before all was sent

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(begin, range(count)))
    return megabytes(server, "VmHWM"), sockets


def uploads(server, account, domain, count=20, size=22 * MIB):
    """Large emails of one key at the same time: megabytes at the most, and the statuses."""
    import base64

    # An attachment of 10 MB, in base64, and as much text as may be.
    attachments = [{"filename": "a.bin", "content": base64.b64encode(os.urandom(10_000_000)).decode()}]
    body = json.dumps(email(domain, text="x" * (size - 13_400_000), attachments=attachments)).encode()
    forget_peak(server)

    def upload(_):
        client = server.client(account.token, timeout=120)
        try:
            return client.post("/emails", body, Content_Type="application/json").status
        except BROKEN:
            return 0
        finally:
            client.close()

    with ThreadPoolExecutor(count) as threads:
        statuses = list(threads.map(upload, range(count)))
    return megabytes(server, "VmHWM"), statuses


# MARK: Connections

def crowd(server, count):
    """Opens connections, and returns those that stay open, and when the last of the others was closed, in seconds."""
    began = time.monotonic()
    connections = {socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(count)}
    last = 0
    while True:
        # What can be read without having asked anything is the end of the connection.
        readable, _, _ = select.select(list(connections), [], [], 1)
        if not readable:
            return list(connections), last
        last = time.monotonic() - began
        for connection in readable:
            connections.remove(connection)
            connection.close()


# MARK: Callbacks

class Tarpit:
    """Takes every connection and never says a word."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self._listener.getsockname()[1]
        self.taken = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            try:
                self.taken.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self):
        self._listener.close()
        for connection in self.taken:
            connection.close()


def queue_callbacks(account, domain, urls):
    """Sends emails with these callback URLs, ten each."""
    for start in range(0, len(urls), 10):
        answer = account.post("/emails", email(domain, callbacks=urls[start : start + 10]))
        assert answer.status == 202, answer


def callback_delay(account, domain, receiver, path):
    """How long after its email the first callback comes, in seconds."""
    began = time.time()
    answer = account.post("/emails", email(domain, callbacks=[receiver.url(path)]))
    assert answer.status == 202, answer
    from .wait import eventually

    told = eventually(lambda: [told for told in receiver.told if told.path == path], within=90, what="the callback came")
    return told[0].at - began


# MARK: SES

class IdentityAPI(http.server.ThreadingHTTPServer):
    """SES's calls for identities: all domains are verified. Keeps the time of each call."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        self.calls = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                from urllib.parse import parse_qs

                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                action = form.get("Action", [""])[0]
                api.calls.append((time.monotonic(), action))
                domain = form.get("Identities.member.1", form.get("Domain", [""]))[0]
                body = self._answer(action, domain).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _answer(self, action, domain):
                content = {
                    "VerifyDomainIdentity": "<VerificationToken>t</VerificationToken>",
                    "VerifyDomainDkim": "<DkimTokens><member>a</member><member>b</member><member>c</member></DkimTokens>",
                    "GetIdentityVerificationAttributes": f"<VerificationAttributes><entry><key>{domain}</key><value>"
                    "<VerificationStatus>Success</VerificationStatus></value></entry></VerificationAttributes>",
                    "GetIdentityDkimAttributes": f"<DkimAttributes><entry><key>{domain}</key><value>"
                    "<DkimVerificationStatus>Success</DkimVerificationStatus></value></entry></DkimAttributes>",
                }.get(action, "")
                return f"<{action}Response><{action}Result>{content}</{action}Result></{action}Response>"

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


def ask_statuses(account, domains):
    """Asks for the status of all domains at the same time: the statuses of the answers."""

    def ask(domain):
        client = type(account)(account.port, account.token, account.ref, timeout=60)
        try:
            return client.get(f"/domains/{domain}/ses-status")
        finally:
            client.close()

    with ThreadPoolExecutor(len(domains)) as threads:
        return list(threads.map(ask, domains))


# MARK: Live streams

def live_streams(server, token, count=60):
    """Logs in with one key often, and opens four streams in each session: the sockets of those that were answered with a stream."""
    from urllib.parse import urlencode

    opened = []
    for _ in range(count):
        client = server.client(None)
        answer = client.post("/dashboard/login", urlencode({"token": token, "next": "/dashboard"}), Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 303, answer
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        client.close()
        for _ in range(4):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            connection.sendall(f"GET /dashboard/live HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            if connection.recv(64).startswith(b"HTTP/1.1 200"):
                opened.append(connection)
            else:
                connection.close()
    return opened
