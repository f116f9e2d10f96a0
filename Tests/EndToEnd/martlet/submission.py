"""Clients of submission: each sends one message its own way, and says how its library tells of a refusal."""

import asyncio
import logging
import smtplib
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from urllib.parse import quote, urlencode

import aiosmtplib
import pytest


class Refused(Exception):
    """The server's answer, as the client has passed it on."""


class Authority:
    """A certificate for 127.0.0.1 that signs itself, in files."""

    def __init__(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = directory / "certificate.pem", directory / "key.pem"
        self.make()

    def make(self):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        more = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", f"{self.key}.new", "-out", f"{self.certificate}.new"]
        subprocess.run([*command, *more], check=True, capture_output=True)
        for path in (self.key, self.certificate):
            path.with_name(path.name + ".new").rename(path)

    @property
    def context(self):
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def settings(self):
        return {"MARTLET_SUBMISSION_CERTIFICATE": self.certificate, "MARTLET_SUBMISSION_KEY": self.key}


def message(sender, to, **fields):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, "Hello"
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content("we have a new offer this week\n")
    return made


def by_smtplib(port, token, sender, to, authority, **fields):
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.starttls(context=authority.context)
        client.login("anybody", token)
        try:
            client.send_message(message(sender, to, **fields), from_addr=sender, to_addrs=[to])
        except smtplib.SMTPDataError as error:
            raise Refused(f"{error.smtp_code} {error.smtp_error.decode()}") from error


def by_aiosmtplib(port, token, sender, to, authority, **fields):
    async def send():
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=True, tls_context=authority.context) as client:
            await client.login("anybody", token)
            await client.send_message(message(sender, to, **fields), sender=sender, recipients=[to])

    try:
        # In a thread: the browser of other tests has a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, send()).result()
    except aiosmtplib.SMTPDataError as error:
        raise Refused(f"{error.code} {error.message}") from error


def by_django(port, token, sender, to, authority, **fields):
    from django.conf import settings
    from django.core.mail import EmailMessage as DjangoMessage
    from django.core.mail.backends.smtp import EmailBackend

    if not settings.configured:
        settings.configure(USE_TZ=True)
    backend = EmailBackend("127.0.0.1", port, "anybody", token, use_tls=True, timeout=30)
    backend.ssl_context = authority.context
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    try:
        sent = DjangoMessage("Hello", "we have a new offer", sender, [to], headers=headers, connection=backend).send()
    except smtplib.SMTPDataError as error:
        raise Refused(f"{error.smtp_code} {error.smtp_error.decode()}") from error
    assert sent == 1


def by_swaks(port, token, sender, to, authority, **fields):
    command = ["swaks", "--server", "127.0.0.1", "--port", str(port), "--tls", "--tls-ca-path", str(authority.certificate), "--tls-verify"]
    command += ["--auth", "LOGIN", "--auth-user", "anybody", "--auth-password", token, "--from", sender, "--to", to]
    for name, value in fields.items():
        command += ["--add-header", f"{name.replace('_', '-')}: {value}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        # 26: the message was refused behind its end.
        assert done.returncode == 26, done.stdout + done.stderr
        raise Refused(next(line for line in done.stdout.splitlines() if line.startswith("<~*"))[4:])


def by_msmtp(port, token, sender, to, authority, **fields):
    command = ["msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={port}", "--tls=on", f"--tls-trust-file={authority.certificate}"]
    command += ["--auth=plain", "--user=anybody", f"--passwordeval=echo {token}", f"--from={sender}", "--", to]
    done = subprocess.run(command, input=message(sender, to, **fields).as_string(), capture_output=True, text=True, timeout=60)
    if done.returncode:
        # EX_UNAVAILABLE for 5xx, EX_TEMPFAIL for 4xx.
        assert done.returncode in (69, 75), (done.returncode, done.stderr)
        raise Refused(done.stderr)


def by_apprise(port, token, sender, to, authority, **fields):
    """Says by False that something was refused, and by its log what."""
    import apprise

    query = {"from": sender, "to": to, "mode": "starttls", "format": "text"}
    query |= {f"+{name.replace('_', '-')}": value for name, value in fields.items()}
    notifier = apprise.Apprise()
    assert notifier.add(f"mailtos://anybody:{token}@127.0.0.1:{port}?{urlencode(query, quote_via=quote)}")
    with pytest.MonkeyPatch.context() as patch, apprise.LogCapture(level=logging.DEBUG) as log:
        patch.setenv("SSL_CERT_FILE", str(authority.certificate))
        if not notifier.notify(title="Hello", body="we have a new offer"):
            raise Refused(log.getvalue())


CLIENTS = [by_smtplib, by_aiosmtplib, by_django, by_swaks, by_msmtp, by_apprise]


class Wire:
    """A connection without a library, for what no library sends."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        self.greeting = self.answer()
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def answer(self):
        """The lines of the next reply, joined; empty where the server has closed."""
        lines = []
        while line := self.file.readline().decode().rstrip("\r\n"):
            lines.append(line)
            if line[3:4] != "-":
                break
        return "\n".join(lines)

    def say(self, line):
        self.send(line + "\r\n")
        return self.answer()

    def log_in(self, token):
        import base64

        assert self.say("EHLO test").startswith("250")
        assert self.say("AUTH PLAIN " + base64.b64encode(f"\0any\0{token}".encode()).decode()).startswith("235")
        return self

    def begin(self, to, sender="any@elsewhere.example"):
        assert self.say(f"MAIL FROM:<{sender}>").startswith("250")
        assert self.say(f"RCPT TO:<{to}>").startswith("250")
        assert self.say("DATA").startswith("354")
