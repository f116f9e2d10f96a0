"""A customer's server that callbacks go to: keeps what it was told, and answers as a test wants."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .wait import eventually


class Told:
    """One request."""

    def __init__(self, path, headers, body):
        self.at = time.time()
        self.path = path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers["webhook-id"]


class Receiver:
    """Answers 200, or what `answer(told, number)` says: a status, or None for no answer before the receiver stops."""

    def __init__(self, answer=None, host="127.0.0.1"):
        self._answer = answer or (lambda told, number: 200)
        self._lock = threading.Lock()
        self._told = []
        self._stopping = threading.Event()
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                with receiver._lock:
                    receiver.connections += 1

            def do_POST(self):
                told = Told(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                with receiver._lock:
                    number = len(receiver._told)
                    receiver._told.append(told)
                status = receiver._answer(told, number)
                if status is None:
                    receiver._stopping.wait()
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *_):
                """Callers die here on purpose."""

        self._server = Server((host, 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def told(self):
        with self._lock:
            return list(self._told)

    def waits_for(self, count, within=15):
        """Waits until it was called so many times, and returns the calls."""
        return eventually(lambda: self.told if len(self.told) >= count else None, within=within, what=f"{count} callbacks")
