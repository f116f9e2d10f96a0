"""A mail server's side of the policy delegation protocol."""

import itertools
import socket

_instances = itertools.count(1)


class PolicyConnection:
    """One kept connection; `address` is a port or the path of a socket."""

    def __init__(self, address, timeout=30):
        if isinstance(address, int):
            self._socket = socket.create_connection(("127.0.0.1", address), timeout=timeout)
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            self._socket.connect(str(address))
        self._file = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, sender, **attributes):
        """Asks about a message and returns the action; None when the connection ends without an answer."""
        self.send(request(sender, **attributes))
        return self.answer()

    def send(self, content):
        self._socket.sendall(content)

    def answer(self):
        line, end = self._file.readline(), self._file.readline()
        if not line:
            return None
        assert line.startswith(b"action=") and end == b"\n", (line, end)
        return line.decode().removeprefix("action=").rstrip("\n")

    def close(self):
        self._file.close()
        self._socket.close()


def request(sender, **attributes):
    """A request at DATA about a message of its own, unless `attributes` say otherwise."""
    values = {
        "request": "smtpd_access_policy",
        "protocol_state": "DATA",
        "sender": sender,
        "recipient": "user@customer.example",
        "recipient_count": "1",
        "instance": f"test.{next(_instances)}",
        **attributes,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items()).encode() + b"\n"
