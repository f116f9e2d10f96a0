"""Header fields and content types that customers set, read back from the composed message by another implementation."""

import base64

import pytest

from martlet.emails import email, send, source


@pytest.mark.parametrize("name, value, read", [
    ("In-Reply-To", "<a@b>  <c@d> ", "<a@b> <c@d>"),
    ("References", " ".join(f"<message-{number}@mail.example.com>" for number in range(30)), None),
    ("Disposition-Notification-To", "Jörg Müller <j@shop.example>", None),
    ("Return-Receipt-To", '"Müller, Jörg" <j@shop.example>,  ann@shop.example', '"Müller, Jörg" <j@shop.example>, ann@shop.example'),
    ("X-Confirm-Reading-To", "j@bücher.example", "j@xn--bcher-kva.example"),
    ("List-Id", "Neues für alle <news.shop.example>", None),
    ("List-Help", "<mailto:help@shop.example>, <https://shop.example/help?a=b,c>", None),
    ("Feedback-ID", " 1:shop:news:martlet ", "1:shop:news:martlet"),
    ("Auto-Submitted", "auto-generated", None),
    ("Keywords", "Rechnung, Müller", None),
    ("X-Campaign", " spring  2026 ", "spring  2026"),
    ("X-Greeting", "Grüße an alle, die das hier lesen und noch viel weiter lesen wollen", None),
])
def test_header_fields(account, domain, name, value, read):
    message = source(account, send(account, domain, headers={name: value})["id"])
    expected = value if read is None else read
    if name in ("Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To"):
        # Fields that Python does not know: read by its grammar of addresses.
        raw = "".join(value for key, value in message.raw_items() if key == name).replace("\r", "").replace("\n", "")
        field, wanted = (message.policy.header_factory("To", text).addresses for text in (raw, expected))
        assert [(one.display_name, one.addr_spec) for one in field] == [(one.display_name, one.addr_spec) for one in wanted]
        assert all(one.addr_spec in raw for one in field), "addresses are never encoded"
    else:
        assert " ".join(message[name].split(" ")) == expected, message[name]
    assert all(len(line) <= 998 for line in message.as_bytes().splitlines())


@pytest.mark.parametrize("name, value", [
    ("In-Reply-To", "a@b"), ("References", "<ü@x>"), ("Disposition-Notification-To", "Jörg"), ("Return-Receipt-To", "jörg@shop.example"),
    ("List-Id", "news"), ("List-Help", "https://shop.example"), ("Auto-Submitted", "café"),
])
def test_values_that_a_field_does_not_allow(account, domain, name, value):
    answer = account.post("/emails", email(domain, headers={name: value}))
    assert answer.status == 422 and answer.explain.startswith(f"headers: The value of the header {name} is not valid: expected "), answer


@pytest.mark.parametrize("given, parameters", [
    ('application/pdf; name="Quarterly report 2026.pdf"', {"name": "Quarterly report 2026.pdf"}),
    ('application/pdf; name="Übersicht  “2026”.pdf"', {"name": "Übersicht  “2026”.pdf"}),
    ('application/x-a;a="b;c=\\"d\\"";e=f', {"a": 'b;c="d"', "e": "f"}),
    ("text/calendar; method=REQUEST; charset=utf-8", {"method": "REQUEST", "charset": "utf-8"}),
    (f'application/pdf; name="{"long name " * 30}.pdf"', {"name": f"{'long name ' * 30}.pdf"}),
])
def test_content_types(account, domain, given, parameters):
    data = send(account, domain, attachments=[{"filename": "a.bin", "content": base64.b64encode(b"x").decode(), "contentType": given}])
    part = list(source(account, data["id"]).iter_attachments())[0]
    assert not part["Content-Type"].defects
    assert dict(part["Content-Type"].params) == parameters
    assert part.get_content_type() == given.split(";")[0]


@pytest.mark.parametrize("given", ["application/pdf; name=Quarterly report.pdf", 'application/pdf; name="x', "application/pdf;", "a/b; x=1; x=2"])
def test_malformed_content_types(account, domain, given):
    answer = account.post("/emails", email(domain, attachments=[{"filename": "a.bin", "content": "eA==", "contentType": given}]))
    assert answer.status == 422 and answer.explain.startswith("attachments[0].contentType: "), answer
