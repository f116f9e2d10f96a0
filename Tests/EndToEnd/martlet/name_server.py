"""A small DNS server on a UDP port, which answers from a table."""

import socket
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "MX": 15, "TXT": 16, "AAAA": 28}
SILENT, FAILS = "silent", "fails"


def encoded_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def encoded(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "MX":
        return struct.pack(">H", value[0]) + encoded_name(value[1])
    if kind == "TXT":
        return bytes([len(value)]) + value.encode()
    return encoded_name(value)


class NameServer:
    """`table`: {name: SILENT, FAILS or {kind: [values]}}; any other name does not exist. Counts the questions in `asked`."""

    def __init__(self, table):
        self.table = table
        self.asked = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        # An empty datagram ends the loop.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            question, source = self._socket.recvfrom(4096)
            if not question:
                return
            answer = self._answer(question)
            if answer:
                self._socket.sendto(answer, source)

    def _answer(self, packet):
        labels, position = [], 12
        while packet[position]:
            labels.append(packet[position + 1 : position + 1 + packet[position]].decode())
            position += 1 + packet[position]
        name, (kind,) = ".".join(labels).lower(), struct.unpack(">H", packet[position + 1 : position + 3])
        self.asked.append((name, kind))
        known = self.table.get(name)
        if known == SILENT:
            return None
        code = 2 if known == FAILS else 3 if known is None else 0
        values = [] if code else [(word, value) for word, number in TYPES.items() if number == kind for value in known.get(word, [])]
        records = b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in (encoded(word, value) for word, value in values)
        )
        return packet[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(values), 0, 0) + packet[12 : position + 5] + records
