"""Display names: what a request says is what Python's `email` reads out of the message, field by field, here and at SES."""

from email import message_from_bytes, message_from_string, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest

from martlet.emails import email, listed, reaches, send, source
from martlet.receiver import Receiver
from martlet.wait import eventually

NAMES = {
    "plain": "Ann Lee", "comma": "Acme, Inc.", "brackets": "Acme (News) [beta] <x>", "quotes": 'He said "hi" \\o/', "address": "a@b.example",
    "dots": "J. R. Doe", "semicolons": "a;b:c", "umlauts": "Zoë Müller", "japanese": "日本語株式会社", "emoji": "🎉 Party 👩‍👩‍👧 & Söhne",
    "arabic": "متجر آن", "hebrew": "חנות של אן, בע״מ", "mixed direction": "Shop חנות (متجر)", "long": "x" * 200, "long words": "word " * 39 + "words",
    "long beyond ascii": "é" * 200, "long emoji": "🎉" * 200, "encoded word": "=?utf-8?q?Zo=C3=AB?=", "half an encoded word": "=?utf-8?q?",
    "combining": "Zoe\u0308", "apostrophe": "Ann's Shop", "tilde": "~!#$%&'*+-/=?^_`{|}", "non-breaking": "A\u00a0B", "one letter": "é",
}


def quoted(name, address):
    """A mailbox with the name as a quoted string (RFC 5322 section 3.2.4)."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def mailboxes(raw, field):
    """Names and addresses of a field. The parser of the default policy keeps the space between two encoded words in Python 3.11; this one does not."""
    values = message_from_bytes(raw).get_all(field, [])
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([str(value) for value in values])]


def check(raw, field, wanted):
    """Both parsers agree with what was asked for, and the default policy finds no defect."""
    value = message_from_bytes(raw, policy=policy.default)[field]
    assert value.defects == ()
    assert [address.addr_spec for address in value.addresses] == [address for _, address in wanted]
    assert mailboxes(raw, field) == wanted
    # One encoded word, or none: the default policy reads the name too.
    for address, (name, _) in zip(value.addresses, wanted):
        if len(name.encode()) < 40:
            assert address.display_name == name


@pytest.fixture(scope="module")
def at_ses(start_server, moto):
    server = start_server(MARTLET_SNS_VERIFY_SIGNATURES="false", **moto.environment())
    account = server.account()
    return account, server.domain(account)


def everywhere(domain, number, name, as_fields):
    """A request with a name in all places, as fields of their own or within the mailboxes."""
    addresses = [f"{kind}{number}@customer.example" for kind in ("to", "cc", "bcc", "reply")]
    fields = {"cc": [quoted(name, addresses[1]), f"bare{number}@customer.example"], "bcc": quoted(name, addresses[2]), "replyTo": quoted(name, addresses[3])}
    if as_fields:
        return email(domain, to=addresses[0], alias=name, fromName=name, **fields)
    return email(domain, to=quoted(name, addresses[0]), **fields) | {"from": quoted(name, f"news@{domain}")}


def check_message(raw, domain, number, name):
    assert all(len(line) <= 998 and all(byte < 128 for byte in line) for line in raw.split(b"\r\n"))
    check(raw, "From", [(name, f"news@{domain}")])
    check(raw, "To", [(name, f"to{number}@customer.example")])
    check(raw, "Cc", [(name, f"cc{number}@customer.example"), ("", f"bare{number}@customer.example")])
    check(raw, "Reply-To", [(name, f"reply{number}@customer.example")])
    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed.defects == [] and parsed["Bcc"] is None and f"bcc{number}@" not in raw.decode()


@pytest.mark.parametrize("as_fields", [True, False], ids=["fields", "mailboxes"])
@pytest.mark.parametrize("number, kind", list(enumerate(NAMES)), ids=list(NAMES))
def test_what_is_asked_for_is_what_is_read(account, domain, number, kind, as_fields):
    name = NAMES[kind]
    answer = account.post("/emails", everywhere(domain, number, name, as_fields))
    assert answer.status == 202, answer
    data = answer.data
    assert (data["from"], data["fromName"], data["to"], data["alias"]) == (f"news@{domain}", name, f"to{number}@customer.example", name)
    assert [copy.get("name") for copy in data["copies"]] == [name, None, name]
    found = account.get(f"/emails/{data['id']}").data
    assert (found["fromName"], found["alias"]) == (name, name)
    raw = account.get(f"/emails/{data['id']}/source").body
    check_message(raw, domain, number, name)
    assert {one["fromName"] for one in listed(account)} == {name}


def test_a_table_of_names_at_ses(at_ses, moto):
    account, domain = at_ses
    moto.reset()
    ids = {}
    for number, name in enumerate(NAMES.values()):
        for as_fields in (True, False):
            answer = account.post("/emails", everywhere(domain, number, name, as_fields))
            assert answer.status == 202, answer
            ids |= {id: (number, name) for id in [answer.data["id"], *(copy["id"] for copy in answer.data["copies"])]}
    eventually(lambda: len(moto.sent) >= len(ids), within=60, every=0.2, what=f"{len(ids)} messages are at SES")
    for message in moto.sent:
        raw = message.raw_data.encode()
        number, name = ids.pop(message_from_string(message.raw_data, policy=policy.default)["X-Martlet-Id"])
        check_message(raw, domain, number, name)
        assert message.source == f"news@{domain}"
    assert ids == {}


def test_encoded_words_of_a_mailbox_are_decoded(account, domain):
    data = send(account, domain, to="=?UTF-8?B?5pel5pys?= =?utf-8?b?6Kqe?= <success@simulator.martlet.test>")
    assert data["alias"] == "日本語"
    check(account.get(f"/emails/{data['id']}/source").body, "To", [("日本語", "success@simulator.martlet.test")])
    # The name itself, not what it would stand for.
    data = send(account, domain, alias="=?utf-8?q?Zo=C3=AB?=")
    assert source(account, data["id"])["To"].addresses[0].display_name == "=?utf-8?q?Zo=C3=AB?="


def test_what_is_refused(account, domain):
    cases = [
        ({"from": f"Acme, Inc. <news@{domain}>"}, "from", "in quotes"), ({"from": f"Ann\r\nBcc: x@y.example <news@{domain}>"}, "from", "carriage return"),
        ({"from": f"=?utf-8?q?a=0D=0AX=3A_y?= <news@{domain}>"}, "from", "carriage return"), ({"fromName": "a\x00b"}, "fromName", "NUL"),
        ({"alias": "x" * 201}, "alias", "at most 200 characters"), ({"to": "Eva <e@c.example>", "alias": "Ann"}, "alias", "differs from the name in to"),
        ({"from": f"Ann <news@{domain}>", "fromName": "Eva"}, "fromName", "differs"), ({"to": "a@c.example, b@c.example"}, "to", "POST /emails/batch"),
        ({"to": ["a@c.example"]}, "to", "POST /emails/batch"), ({"cc": ["Ann <ann>"]}, "cc[0]", "not an email address"), ({"replyTo": "Team: a@c.example;"}, "replyTo[0]", ""),
        ({"to": "(" * 3000 + "a@c.example"}, "to", "parenthesis"), ({"to": "x" * 10_000 + " <a@c.example>"}, "to", "at most 4096 bytes"),
    ]
    for fields, field, words in cases:
        answer = account.post("/emails", email(domain) | fields)
        assert answer.status == 422 and answer.json["meta"]["errors"][0]["field"] == field and words in answer.explain, (fields, answer)
    assert listed(account) == []


def test_the_name_of_a_domain(account, domain):
    assert account.get(f"/domains/{domain}").json["from_name"] is None
    assert account.put(f"/domains/{domain}", {"from_name": "Ann's Shop, Ltd."}).json["from_name"] == "Ann's Shop, Ltd."
    assert send(account, domain)["fromName"] == "Ann's Shop, Ltd."
    data = send(account, domain, **{"from": f"News <news@{domain}>"})
    assert data["fromName"] == "News"
    batch = account.post("/emails/batch", {"emails": [email(domain), email(domain, fromName="Özge")]}).data
    assert [item["data"]["fromName"] for item in batch] == ["Ann's Shop, Ltd.", "Özge"]
    account.post("/templates", {"name": "hi", "subject": "Hi", "html": "<p>Hi {{name}}</p>"})
    data = account.post("/emails", {"from": f"news@{domain}", "to": "Eva <success@simulator.martlet.test>", "template": "hi", "variables": {"name": "Eva"}}).data
    assert (data["fromName"], data["alias"], data["text"].strip()) == ("Ann's Shop, Ltd.", "Eva", "Hi Eva")
    subscribed = account.post("/subscriptions", {"email": "b@customer.example", "list": "news", "from": f"Lists <news@{domain}>"})
    assert subscribed.status == 202, subscribed
    assert {one["fromName"] for one in listed(account, "to=b@customer.example")} == {"Lists"}
    row = account.get("/audit?action=domain.update").json[0]
    assert (row["before"], row["after"]) == ({"from_name": None}, {"from_name": "Ann's Shop, Ltd."})
    account.put(f"/domains/{domain}", {"from_name": None})
    assert "fromName" not in send(account, domain)


def test_names_in_callbacks(start_server):
    with Receiver() as receiver:
        server = start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        account = server.account()
        domain = server.domain(account)
        data = send(account, domain, fromName="חנות", alias="Eva, Ltd.", callbacks=[receiver.url("/names")])
        reaches(account, data["id"], "DELIVERED")
        bodies = [told.json for told in receiver.waits_for(3)]
        assert {(body["from"], body["fromName"], body["alias"]) for body in bodies} == {(f"news@{domain}", "חנות", "Eva, Ltd.")}


def test_html_alone_is_enough(account, domain):
    data = account.post("/emails", {"from": f"news@{domain}", "to": "success@simulator.martlet.test", "subject": "S", "html": "<p>Fish &amp; chips</p>"}).data
    assert data["text"].strip() == "Fish & chips"
    message = source(account, data["id"])
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "Fish & chips" in message.get_body(("plain",)).get_content() and "&amp;" in message.get_body(("html",)).get_content()


def test_no_reply_earns_a_warning(account, domain):
    answer = account.post("/emails", email(domain) | {"from": f"no-reply@{domain}", "replyTo": "Desk <noreply@desk.example>"})
    assert answer.status == 202 and answer.explain.count("nobody reads") == 2 and "replyTo[0]" in answer.explain
    assert "explain" not in account.post("/emails", email(domain)).json["meta"]


def test_marketing_has_a_visible_link(start_server):
    server = start_server(MARTLET_PUBLIC_URL="https://mail.martlet.example")
    account = server.account()
    domain = server.domain(account)
    text, html = "Buy now", "<html><body><p>Buy now</p></body></html>"
    for category, shown in (("marketing", True), ("transactional", False), (None, False)):
        message = source(account, send(account, domain, text=text, html=html, category=category)["id"])
        plain, marked = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert ("https://mail.martlet.example/u/" in plain) == shown
        assert ('<a href="https://mail.martlet.example/u/' in marked and ">Unsubscribe</a>" in marked) == shown
