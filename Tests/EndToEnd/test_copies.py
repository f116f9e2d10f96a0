"""`cc`, `bcc` and `attachments`: one request, an email for each recipient, and files that arrive as they were."""

import base64
import os
import random

import pytest

from martlet.emails import email, listed, reaches, send, source, unsubscribe_link
from martlet.load import Load, Tally

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")


def attachment(filename, data, **fields):
    return {"filename": filename, "content": base64.b64encode(data).decode(), **fields}


def copies(data):
    """The ids of an email's copies by their addresses."""
    return {copy["address"]: copy["id"] for copy in data["copies"]}


def test_each_recipient_has_an_email_of_its_own(account, domain):
    data = account.post("/emails?unsubscribeMsg=bye", email(
        domain, to="success@simulator.martlet.test", cc=["bounce@simulator.martlet.test", "softbounce@simulator.martlet.test"],
        bcc="complaint@simulator.martlet.test, success+2@simulator.martlet.test", alias="Ann", text="<p>Hi</p>",
    )).data
    assert data["to"] == "success@simulator.martlet.test"
    assert data["cc"] == ["bounce@simulator.martlet.test", "softbounce@simulator.martlet.test"]
    assert data["bcc"] == ["complaint@simulator.martlet.test", "success+2@simulator.martlet.test"]
    assert [(copy["kind"], copy["status"]) for copy in data["copies"]] == [("cc", "QUEUED")] * 2 + [("bcc", "QUEUED")] * 2
    expected = ["DELIVERED", "BOUNCED_PERMANENT", "BOUNCED", "COMPLAINED", "DELIVERED"]
    ids = [data["id"], *copies(data).values()]
    for id, status in zip(ids, expected):
        reaches(account, id, status)
    assert [copy["status"] for copy in account.get(f"/emails/{data['id']}").data["copies"]] == expected[1:]
    for copy in data["copies"]:
        shown = account.get(f"/emails/{copy['id']}").data
        assert (shown["to"], shown["copyOf"], shown["kind"]) == (copy["address"], data["id"], copy["kind"])
        assert "copies" not in shown and "bcc" not in shown
    assert len({unsubscribe_link(account, id) for id in ids}) == 5
    for id in ids:
        message = source(account, id)
        assert [(to.display_name, to.addr_spec) for to in message["To"].addresses] == [("Ann", data["to"])]
        assert [to.addr_spec for to in message["Cc"].addresses] == data["cc"]
        assert message["Bcc"] is None and "success+2" not in message.as_string()
        assert message["X-Martlet-Id"] == id
    assert account.get(f"/domains/{domain}/outbound").json["outbound_sent_today"] == 5
    assert len(listed(account)) == 5


def test_the_message_holds_the_files_as_they_were(account, domain):
    data = random.Random(7).randbytes(200_001)
    files = [
        attachment("Übersicht “2026”.pdf", data), attachment('a"b;c.bin', b"", contentType="application/x-thing; charset=utf-8"),
        attachment("logo.png", PIXEL, contentId="logo@shop"),
    ]
    sent = send(account, domain, text='<p>Hi <img src="cid:logo@shop"></p>', cc=["success+cc@simulator.martlet.test"], attachments=files)
    for id in [sent["id"], *copies(sent).values()]:
        message = source(account, id)
        assert message.defects == []
        assert all(len(line) <= 998 for line in account.get(f"/emails/{id}/source").body.split(b"\r\n"))
        assert message.get_content_type() == "multipart/mixed"
        body, *listed_files = message.iter_parts()
        assert [(part.get_filename(), part.get_content(), part.get_content_disposition()) for part in listed_files] == [
            ("Übersicht “2026”.pdf", data, "attachment"), ('a"b;c.bin', b"", "attachment"),
        ]
        assert [part.get_content_type() for part in listed_files] == ["application/pdf", "application/x-thing"]
        plain, related = body.iter_parts()
        html, image = related.iter_parts()
        assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
        assert (image["Content-ID"], image.get_content_disposition(), image.get_content()) == ("<logo@shop>", "inline", PIXEL)
        shown = account.get(f"/emails/{id}").data["attachments"]
        assert shown == [
            {"filename": "Übersicht “2026”.pdf", "contentType": "application/pdf", "size": 200_001},
            {"filename": 'a"b;c.bin', "contentType": "application/x-thing; charset=utf-8", "size": 0},
            {"filename": "logo.png", "contentType": "image/png", "size": len(PIXEL), "contentId": "logo@shop"},
        ]


def test_a_repeated_request_answers_the_same_copies(account, domain):
    body = email(domain, cc=["c@customer.example"], bcc=["b@customer.example"], attachments=[attachment("a.txt", b"a")])
    first = account.post("/emails", body, Idempotency_Key="once").data
    again = account.post("/emails", body, Idempotency_Key="once").data
    assert copies(again) == copies(first) and again["id"] == first["id"]
    other = account.post("/emails", body | {"cc": []}, Idempotency_Key="once")
    assert other.status == 409
    assert len(listed(account)) == 3


def test_a_suppressed_copy_stops_no_other(account, domain):
    assert account.post("/suppressions", {"address": "no@customer.example"}).status == 201
    answer = account.post("/emails", email(domain, cc=["No@customer.example", "yes@customer.example"]))
    assert answer.status == 202 and "cc[0]" in answer.json["meta"]["explain"]
    assert [copy["status"] for copy in answer.data["copies"]] == ["BLACKLISTED", "QUEUED"]
    reaches(account, copies(answer.data)["yes@customer.example"], "DELIVERED")
    assert account.get(f"/domains/{domain}/outbound").json["outbound_sent_today"] == 2


def test_a_hard_limit_takes_all_recipients_or_none(server, account):
    limit, tally = 100, Tally()
    domain = server.domain(account, outbound_daily_limit=limit)

    def step(number):
        answer = account.post("/emails", email(domain, cc=[f"c{number}@customer.example"], bcc=[f"b{number}@customer.example"]))
        assert answer.status in (202, 429), answer
        tally.add(str(answer.status))
        return tally["429"] < 40

    with Load(16, step) as load:
        load.wait()
    assert tally["202"] == limit // 3
    assert len(listed(account, f"from=news@{domain}")) == limit // 3 * 3
    assert server.outbound(domain)["outbound_sent_today"] == limit // 3 * 3
    assert account.post(f"/domains/{domain}/outbound/increment").json["allowed"]
    assert not account.post(f"/domains/{domain}/outbound/increment").json["allowed"]


@pytest.mark.parametrize(
    "fields, status, words",
    [
        ({"cc": 5}, 422, "cc: expected an array of addresses"),
        ({"cc": ["x"]}, 422, "cc[0]: "),
        ({"cc": ["success@simulator.martlet.test"]}, 422, "cc[0]: the address stands in to already"),
        ({"bcc": [f"b{n}@customer.example" for n in range(50)]}, 422, "at most 49 addresses in all, found 50"),
        ({"attachments": {}}, 422, "attachments: expected an array of at most 1000 objects"),
        ({"attachments": ["x"]}, 422, "attachments[0]: expected an object"),
        ({"attachments": [{"filename": "a.txt", "content": "", "size": 3}]}, 422, "attachments[0].size: unknown field"),
        ({"attachments": [{"filename": "a.txt"}]}, 422, "attachments[0].content: missing"),
        ({"attachments": [{"filename": "a.txt", "content": "Zm9v\nZm9v"}]}, 422, "attachments[0].content: character 5 "),
        ({"attachments": [attachment("../a.txt", b"")]}, 422, "attachments[0].filename: "),
        ({"attachments": [attachment("run.exe", b"")]}, 422, ".exe files are not sent"),
        ({"attachments": [attachment("a.txt", b"", contentType="x")]}, 422, "attachments[0].contentType: "),
    ],
)
def test_refusals(account, domain, fields, status, words):
    answer = account.post("/emails", email(domain, **fields))
    assert answer.status == status and words in answer.json["meta"]["explain"], answer
    batch = account.post("/emails/batch", {"emails": [email(domain, **fields), email(domain, cc=["c@customer.example"])]}).data
    assert [item["status"] for item in batch] == [status, 202] and words in batch[0]["explain"]
    assert len(batch[1]["data"]["copies"]) == 1
    assert len(listed(account)) == 2


def test_sizes(start_server):
    server = start_server(MARTLET_EMAILS_MAXIMUM_BYTES=2048, MARTLET_EMAILS_MAXIMUM_ATTACHMENT_BYTES=100_000)
    account = server.account()
    domain = server.domain(account)
    assert account.post("/emails", email(domain, attachments=[attachment("a.bin", os.urandom(100_000))])).status == 202
    refused = account.post("/emails", email(domain, attachments=[attachment("a.bin", os.urandom(60_000)), attachment("b.bin", os.urandom(40_001))]))
    assert refused.status == 413 and "at most 100000 bytes in all, decoded, found 100001" in refused.json["meta"]["explain"]
    refused = account.post("/emails", email(domain, text="x" * 2100))
    assert refused.status == 413 and "expected at most 2048" in refused.json["meta"]["explain"]
    refused = account.post("/emails", email(domain, text="x" * 140_000))
    assert refused.status == 413 and "The body is larger than 135384 bytes" in refused.json["meta"]["explain"]
    assert len(listed(account)) == 1


@pytest.mark.timeout(120)
def test_many_large_ones_at_once(start_server):
    """Far more than there is room for at a time; each arrives whole."""
    server = start_server()
    account = server.account()
    domain = server.domain(account)
    data = random.Random(1).randbytes(8 << 20)
    sent = send(account, domain, attachments=[attachment("large.bin", data)], bcc=[f"success+{n}@simulator.martlet.test" for n in range(4)])
    small = send(account, domain, to="success+small@simulator.martlet.test")
    for id in [sent["id"], *copies(sent).values(), small["id"]]:
        assert reaches(account, id, "DELIVERED", within=60)["attempts"] == 1
    message = source(account, copies(sent)["success+3@simulator.martlet.test"])
    assert [part.get_content() for part in message.iter_attachments()] == [data]
