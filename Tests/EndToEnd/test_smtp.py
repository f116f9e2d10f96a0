"""The smtp transport against aiosmtpd: a relay written by others."""

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from martlet.emails import reaches, send
from martlet.programs import free_port
from martlet.wait import eventually


class Relay:
    """Keeps what it was given. Defers each recipient `later@…` once, and refuses `never@…`."""

    def __init__(self):
        self.messages, self.logins, self.deferred = [], [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("never@"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later@") and address not in self.deferred:
            self.deferred.add(address)
            return "451 4.3.0 try again"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 2.0.0 queued"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((mechanism, data.login, data.password))
        return AuthResult(success=data.password == b"p/w", handled=False)


@pytest.fixture
def relay():
    handler = Relay()
    controller = Controller(
        handler, hostname="127.0.0.1", port=free_port(), authenticator=handler.authenticate, auth_require_tls=False, auth_required=True
    )
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def test_emails_leave_by_the_relay(start_server, relay):
    server = start_server(
        MARTLET_TRANSPORT="smtp", MARTLET_SMTP_URL=f"smtp://me:p%2Fw@127.0.0.1:{relay.port}?tls=off", MARTLET_DELIVERY_RETRY_SECONDS=1
    )
    account = server.account()
    domain = server.domain(account)
    sent = send(account, domain, to="eva@customer.example", subject="Grüße", text="a\n.\n.b")
    reaches(account, sent["id"], "SENT")
    mail_from, recipients, message = relay.messages[0]
    assert (mail_from, recipients) == (f"news@{domain}", ["eva@customer.example"])
    assert f"X-Martlet-Id: {sent['id']}" in message
    assert "\r\na\r\n.\r\n.b\r\n" in message
    assert relay.logins[0] == ("PLAIN", b"me", b"p/w")

    later = send(account, domain, to="later@customer.example")
    assert reaches(account, later["id"], "SENT")["attempts"] == 2
    never = send(account, domain, to="never@customer.example")
    entry = reaches(account, never["id"], "NOT_SENT")["timeline"][-1]
    assert entry["explain"] == "550 5.1.1 nobody of that name"
    assert len(relay.messages) == 2


def test_a_wrong_password_fails_no_email(start_server, relay):
    server = start_server(MARTLET_TRANSPORT="smtp", MARTLET_SMTP_URL=f"smtp://me:wrong@127.0.0.1:{relay.port}?tls=off")
    account = server.account()
    id = send(account, server.domain(account))["id"]
    eventually(lambda: relay.logins, within=10, what="the relay is asked")
    eventually(lambda: "The provider takes no mail" in server.log, within=10, what="the log says so")
    assert account.get(f"/emails/{id}").data["status"] in ("QUEUED", "DEQUEUED")
    assert "wrong" not in server.log
    assert relay.messages == []


def test_each_recipient_is_handed_over_alone(start_server, relay):
    server = start_server(MARTLET_TRANSPORT="smtp", MARTLET_SMTP_URL=f"smtp://me:p%2Fw@127.0.0.1:{relay.port}?tls=off")
    account = server.account()
    file = {"filename": "a.bin", "content": "AAECAwQF"}
    addresses = [f"{name}@customer.example" for name in "acb"]
    sent = send(account, server.domain(account), to=addresses[0], cc=[addresses[1]], bcc=[addresses[2]], attachments=[file])
    for id in [sent["id"], *(copy["id"] for copy in sent["copies"])]:
        reaches(account, id, "SENT")
    assert sorted(recipients for _, recipients, _ in relay.messages) == [[address] for address in sorted(addresses)]
    for _, _, message in relay.messages:
        assert f"To: {addresses[0]}\r\nCc: {addresses[1]}\r\n" in message
        assert addresses[2] not in message and "\r\nAAECAwQF\r\n" in message
