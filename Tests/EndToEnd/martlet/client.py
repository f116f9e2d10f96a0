"""A small HTTP client with one kept connection per thread. Only a GET is repeated, when the kept connection has ended meanwhile."""

import http.client
import json
import socket
import threading
import time


IDLE_SECONDS = 5
"""How long a connection is kept without a request; the server ends idle ones sooner or later."""

BROKEN = (OSError, http.client.HTTPException)
"""What `Client` raises when a request was not answered."""


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    @property
    def explain(self):
        """What the answer says about the fault, in either of the two error forms."""
        try:
            value = self.json
        except ValueError:
            return ""
        if not isinstance(value, dict):
            return ""
        meta = value.get("meta")
        return value.get("detail") or (meta.get("explain") if isinstance(meta, dict) else "") or ""

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Client:
    """Requests in the name of one token. `ref` is the account of the token, None for the master."""

    def __init__(self, port, token=None, ref=None, source="127.0.0.1", timeout=30, host="127.0.0.1"):
        self.host = host
        self.port = port
        self.token = token
        self.ref = ref
        self.source = source
        self.timeout = timeout
        self._local = threading.local()

    def get(self, path, **headers):
        return self.request("GET", path, None, headers)

    def post(self, path, body=None, **headers):
        return self.request("POST", path, body, headers)

    def put(self, path, body=None, **headers):
        return self.request("PUT", path, body, headers)

    def delete(self, path, **headers):
        return self.request("DELETE", path, None, headers)

    def request(self, method, path, body=None, headers=None):
        """`body`: bytes or str go as they are, anything else as JSON. Raises OSError or HTTPException on a broken connection."""
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        is_kept = getattr(self._local, "connection", None) is not None
        try:
            return self._exchange(method, path, body, sent)
        except BROKEN:
            if method != "GET" or not is_kept:
                raise
            return self._exchange(method, path, body, sent)

    def _exchange(self, method, path, body, sent):
        connection = self._connection()
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except BROKEN:
            self.close()
            raise

    def close(self):
        """Forgets this thread's connection."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _connection(self):
        connection = getattr(self._local, "connection", None)
        if connection is not None and time.monotonic() - self._local.used > IDLE_SECONDS:
            self.close()
            connection = None
        self._local.used = time.monotonic()
        if connection is None:
            source = (self.source, 0) if self.host == "127.0.0.1" else None
            connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout, source_address=source)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._local.connection = connection
        return connection
