"""HTTP proxies in front of a stand-in of Amazon's services, which fail as a test says."""

import http.client
import json
import threading
from base64 import b64decode
from collections import Counter
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# The status, the name of the error and the explanation of an answer.
FAULTS = {
    "throttle": (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
    "unavailable": (503, "ServiceUnavailable", "Service is unavailable."),
    "failure": (500, "InternalServiceErrorException", "An internal failure occurred."),
    "gateway": (502, None, "<html>Bad Gateway</html>"),
    "reject": (400, "MessageRejected", "Email address is not verified."),
}
DROP_BEFORE, DROP_AFTER = "drop-before", "drop-after"


class Proxy:
    """Listens at `url` while it is entered; a subclass answers a request in `handle(handler, body)`."""

    def __init__(self, target):
        self.target = urlsplit(target)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                proxy.handle(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def forward(self, handler, body):
        """The answer of the target: status, content type, body."""
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        connection.request(handler.command, handler.path, body, {name: value for name, value in handler.headers.items() if name.lower() != "connection"})
        response = connection.getresponse()
        answer = response.status, response.headers["Content-Type"], response.read()
        connection.close()
        return answer

    def respond(self, handler, status, kind, body, error=None):
        handler.send_response(status)
        handler.send_header("Content-Type", kind or "text/xml")
        if error:
            handler.send_header("x-amzn-ErrorType", error)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class FaultProxy(Proxy):
    """`plan(id, attempt)` names the fault of one SendEmail, or None; other calls pass."""

    def __init__(self, target, plan):
        super().__init__(target)
        self.plan = plan
        self.attempts = Counter()
        self.faults = Counter()
        self._lock = threading.Lock()

    def handle(self, handler, body):
        fault = self._fault_of(handler, body)
        if fault in FAULTS:
            status, error, text = FAULTS[fault]
            return self.respond(handler, status, "application/json", json.dumps({"message": text}).encode() if error else text.encode(), error)
        if fault == DROP_BEFORE:
            return self._drop(handler)
        status, kind, answer = self.forward(handler, body)
        if fault == DROP_AFTER:
            return self._drop(handler)
        self.respond(handler, status, kind, answer)

    def _fault_of(self, handler, body):
        if not handler.path.endswith("/v2/email/outbound-emails"):
            return None
        id = message_from_bytes(b64decode(json.loads(body)["Content"]["Raw"]["Data"]))["X-Martlet-Id"]
        with self._lock:
            self.attempts[id] += 1
            fault = self.plan(id, self.attempts[id])
            self.faults[fault] += 1
        return fault

    def _drop(self, handler):
        handler.close_connection = True
        handler.connection.close()
