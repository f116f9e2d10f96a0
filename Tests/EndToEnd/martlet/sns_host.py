"""`sns.<region>.amazonaws.com` on this machine: signs messages, serves its certificate over https, takes confirmations.

The real verification runs against it unchanged. For that the process must live in name spaces of its own (`in_own_world`), where
the host's name points to loopback, port 443 is free and the system's certificate authorities are replaced.
"""

import base64
import fcntl
import http.server
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from .server import REGION

HOST = f"sns.{REGION}.amazonaws.com"
CERTIFICATE_PATH = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
CERTIFICATE_URL = f"https://{HOST}{CERTIFICATE_PATH}"
_WORLD = ["unshare", "--map-root-user", "--mount", "--net"]
_MARK = "MARTLET_TESTS_OWN_WORLD"


def in_own_world():
    return _MARK in os.environ


def run_in_own_world(command):
    """Runs a command in name spaces of its own; None when this machine does not allow that."""
    if subprocess.run([*_WORLD, "true"], capture_output=True).returncode != 0:
        return None
    return subprocess.run([*_WORLD, *command], env={**os.environ, _MARK: "1"}, capture_output=True, text=True)


class SNSHost:
    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.confirmed = []
        self.fetched = 0
        self._directory = Path(tempfile.mkdtemp(prefix="sns-host-"))

    def start(self):
        _loopback_up()
        authority = self._certificates()
        self._replace("/etc/hosts", f"127.0.0.1 localhost {HOST}\n".encode())
        self._replace("/etc/ssl/certs/ca-certificates.crt", authority)
        self._serve()
        return self

    def signed(self, envelope, version="1", key=None):
        """The envelope with its signature, version and certificate's address."""
        names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        text = "".join(f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
        digest = hashes.SHA1() if version == "1" else hashes.SHA256()
        signature = (key or self.key).sign(text.encode(), padding.PKCS1v15(), digest)
        return {
            **envelope,
            "SignatureVersion": version,
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": CERTIFICATE_URL,
        }

    def _serve(self):
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b"<ConfirmSubscriptionResponse/>"
                if self.path == CERTIFICATE_PATH:
                    host.fetched += 1
                    body = host.certificate
                else:
                    host.confirmed.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Handler)
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / "host.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _certificates(self):
        """Makes the signing certificate and the https certificate; returns the authority to trust."""
        self.certificate = _pem(_certificate("sns.amazonaws.com", self.key))
        authority_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        authority = _certificate("Test Authority", authority_key, authority=True)
        host_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        host = _certificate(HOST, host_key, issuer=(authority, authority_key))
        private = host_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self._directory / "host.pem").write_bytes(private + _pem(host))
        return _pem(authority)

    def _replace(self, path, content):
        """Lays a file over another, in this mount name space alone."""
        file = self._directory / Path(path).name
        file.write_bytes(content)
        subprocess.run(["mount", "--bind", file, path], check=True)


def _certificate(name, key, issuer=None, authority=False):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _loopback_up():
    """`ip link set lo up` without the program: flags IFF_UP | IFF_RUNNING by SIOCSIFFLAGS."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))
