"""A Postfix of the test's own, on loopback: configuration, queue and data lie in a directory of its own. What it delivers, smtp-sink takes.

Postfix starts as root alone. Debian's own instance is not touched.
"""

import os
import shutil
import smtplib
import subprocess
import tempfile
from email import message_from_bytes
from pathlib import Path

import pytest

from .programs import Program, free_port
from .wait import eventually

COMMANDS = ("/usr/sbin/postconf", "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source")

MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/spool
data_directory = {directory}/data
maillog_file = {directory}/maillog
maillog_file_prefixes = {directory}
syslog_name = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.martlet.test
mydestination =
alias_maps =
local_recipient_maps =
default_transport = smtp:[127.0.0.1]:{sink_port}
smtp_connection_cache_on_demand = no
default_process_limit = 40
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 10000
smtpd_hard_error_limit = 10000
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def skip_unless_possible():
    if os.geteuid() != 0:
        pytest.skip("Postfix's master runs as root only: run these tests as root")
    missing = [command for command in COMMANDS if not os.path.exists(command)]
    assert not missing, f"{missing} not found: run scripts/setup test"


class Postfix:
    """`settings` are lines of main.cf, above all the restrictions that ask the policy daemon."""

    def __init__(self, **settings):
        # Not pytest's directory, which nobody but root may enter: Postfix's parts run as `postfix`.
        self.directory = Path(tempfile.mkdtemp(prefix="martlet-postfix-"))
        self.directory.chmod(0o755)
        self.port = free_port()
        self.sink = MailSink(self.directory / "sink")
        self.settings = settings
        self.master = Program(self.directory, "master")

    def start(self):
        self.sink.start()
        values = {"directory": self.directory, "port": self.port, "sink_port": self.sink.port}
        configuration = self.directory / "etc"
        configuration.mkdir()
        extra = "".join(f"{name} = {value}\n" for name, value in self.settings.items())
        (configuration / "main.cf").write_text(MAIN.format(**values) + extra)
        (configuration / "master.cf").write_text(MASTER.format(**values))
        for folder in ("spool", "data"):
            (self.directory / folder).mkdir()
        shutil.chown(self.directory / "data", "postfix")
        # Makes the queue's folders with the rights they need; its warnings are about files of Debian's that it finds elsewhere.
        checked = subprocess.run(["postfix", "-c", configuration, "check"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        daemons = subprocess.run(["postconf", "-c", configuration, "-h", "daemon_directory"], capture_output=True, text=True, check=True).stdout.strip()
        self.master.launch([f"{daemons}/master", "-c", configuration, "-d"], {"MAIL_CONFIG": str(configuration)})
        eventually(self._answers, within=20, every=0.1, what=f"Postfix answers; its log: {self.log}")
        return self

    def stop(self):
        if self.master.is_running:
            self.master.terminate()
        self.sink.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def log(self):
        path = self.directory / "maillog"
        return (path.read_text(errors="replace") if path.exists() else "") + self.master.log

    def client(self):
        return smtplib.SMTP("127.0.0.1", self.port, timeout=60)

    def send(self, sender, *recipients, login=None):
        """Sends one message; returns the code and text of the answer that decided."""
        with self.client() as client:
            return submit(client, sender, *recipients, login=login)

    def source(self, sender, messages, sessions=8, recipients=1):
        """smtp-source: many messages over parallel sessions, going on when some are refused. Returns its warnings."""
        command = ["smtp-source", "-A", "-d", "-s", sessions, "-m", messages, "-r", recipients, "-f", sender, "-t", "user@customer.example"]
        done = subprocess.run([str(part) for part in [*command, f"127.0.0.1:{self.port}"]], capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()

    def _answers(self):
        assert self.master.is_running, self.log
        try:
            with self.client():
                return True
        except (OSError, smtplib.SMTPException):
            return False


def submit(client, sender, *recipients, login=None):
    if login:
        client.ehlo()
        assert client.docmd("XCLIENT", f"LOGIN={login}")[0] == 220
        client.ehlo()
    try:
        client.sendmail(sender, recipients, f"From: {sender or 'daemon@mail.martlet.test'}\r\nSubject: Hello\r\n\r\nHello.\r\n")
        return 250, ""
    except smtplib.SMTPRecipientsRefused as refusal:
        code, text = next(iter(refusal.recipients.values()))
    except smtplib.SMTPResponseException as refusal:
        code, text = refusal.smtp_code, refusal.smtp_error
        # smtplib leaves the transaction open when DATA is refused.
        client.rset()
    return code, text.decode()


class MailSink(Program):
    """smtp-sink: keeps each message in a file, behind lines of its own about the envelope."""

    def __init__(self, directory):
        super().__init__(directory, "smtp-sink")
        self.messages_directory = self.directory / "messages"
        self.port = free_port()

    def start(self):
        self.messages_directory.mkdir()
        shutil.chown(self.messages_directory, "postfix")
        command = ["smtp-sink", "-u", "postfix", "-d", f"{self.messages_directory}/%s.", f"127.0.0.1:{self.port}", "256"]
        self.launch(command, {})

    def stop(self):
        if self.is_running:
            self.kill()

    def messages(self, sender):
        """What was delivered of this sender; each has the envelope's `X-Mail-Args` and one `X-Rcpt-Args` per recipient."""
        messages = [message_from_bytes(path.read_bytes()) for path in self._files()]
        return [message for message in messages if f"<{sender}>" in (message["X-Mail-Args"] or "")]

    def _files(self):
        return sorted(self.messages_directory.iterdir())
