"""Loaded by Schemathesis in test_openapi.py: every request comes from a client of its own.

The limit on failed authentications of one address would answer 429 where 401 is expected.
"""

import itertools

import requests

_clients = itertools.count(1)
_send = requests.Session.send


def _send_from_another_client(self, request, **options):
    number = next(_clients)
    request.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return _send(self, request, **options)


requests.Session.send = _send_from_another_client
