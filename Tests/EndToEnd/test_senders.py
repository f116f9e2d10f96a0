"""Single addresses to send from, verified by moto as SES, and by the capture transport's stand-in."""

from urllib.parse import quote

import pytest

from martlet.emails import reaches
from martlet.server import unique


@pytest.fixture(scope="module")
def ses_server(start_server, moto):
    return start_server(**moto.environment())


def message(address):
    return {"to": "reader@customer.example", "from": address, "subject": "Hello", "text": "Hello"}


def statuses(account):
    return {item["email"]: item["status"] for item in account.get("/senders").data}


def known_to_ses(moto):
    return moto.client("ses").list_identities(IdentityType="EmailAddress")["Identities"]


def test_an_address_is_verified_and_may_write(ses_server, moto):
    account, address = ses_server.account(), unique("ann") + "@mail.example"
    refused = account.post("/emails", message(address))
    assert (refused.status, refused.data["status"]) == (403, "BAD_FROM")
    created = account.post("/senders", {"email": address})
    assert (created.status, created.data["status"]) == (201, "PENDING")
    assert address in known_to_ses(moto)
    # moto verifies an address when it is asked to.
    assert statuses(account) == {address: "VERIFIED"}
    sent = account.post("/emails", message(address))
    assert sent.status == 202
    reaches(account, sent.data["id"], "SENT")
    assert moto.sent[-1].source == address


def test_the_next_account_needs_a_proof_of_its_own(ses_server, moto):
    first, second, address = ses_server.account(), ses_server.account(), unique("ann") + "@mail.example"
    first.post("/senders", {"email": address})
    assert statuses(first) == {address: "VERIFIED"}
    assert second.post("/senders", {"email": address}).status == 409
    assert second.post("/emails", message(address)).data["status"] == "BAD_FROM"
    assert second.delete(f"/senders/{address}").status == 404
    assert first.delete(f"/senders/{quote(address)}").status == 204
    assert address not in known_to_ses(moto)
    assert first.post("/emails", message(address)).data["status"] == "BAD_FROM"
    assert second.post("/senders", {"email": address}).data["status"] == "PENDING"


def test_an_identity_of_the_operator_waits_for_approval(ses_server, moto):
    account, address = ses_server.account(), unique("ann") + "@mail.example"
    moto.client("ses").verify_email_identity(EmailAddress=address)
    created = account.post("/senders", {"email": address})
    assert created.data["status"] == "REQUESTED" and created.explain
    assert account.post("/emails", message(address)).data["status"] == "BAD_FROM"
    assert account.post(f"/senders/{address}/approve").status == 403
    assert ses_server.master.post(f"/senders/{address}/approve").data["status"] == "VERIFIED"
    assert account.post("/emails", message(address)).status == 202


def test_approval_by_support(start_server, moto):
    server = start_server(MARTLET_SENDERS_APPROVAL="support", **moto.environment())
    account, address = server.account(), unique("ann") + "@mail.example"
    assert account.post("/senders", {"email": address}).data["status"] == "REQUESTED"
    assert address not in known_to_ses(moto)
    assert server.master.post(f"/senders/{address}/approve").data["status"] == "PENDING"
    assert statuses(account) == {address: "VERIFIED"}


def test_ses_out_of_order(start_server, moto):
    """SES's own error comes through, and nothing is left behind."""
    account = start_server(AWS_ENDPOINT_URL="http://127.0.0.1:9", **{k: v for k, v in moto.environment().items() if k != "AWS_ENDPOINT_URL"}).account()
    answer = account.post("/senders", {"email": "ann@mail.example"})
    assert answer.status == 502 and "ConnectionError" in answer.explain
    assert account.get("/senders").data == []


def test_capture_verifies_at_the_next_look(server):
    account, address = server.account(), unique("ann") + "@mail.example"
    assert account.post("/senders", {"email": address}).data["status"] == "PENDING"
    assert statuses(account) == {address: "VERIFIED"}
    sent = account.post("/emails", message(address))
    reaches(account, sent.data["id"], "DELIVERED")
    assert statuses(account) == {address: "VERIFIED"}
    assert account.post("/emails", message(address)).status == 202
