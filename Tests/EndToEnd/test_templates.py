"""Templates, variables and categories: what is filled in stays text, and what is incomplete is not sent."""

import pytest

from martlet.emails import email, listed, reaches, source, unsubscribe_link

HOSTILE = "<img src=x onerror=alert(1)> {{code}} \\{{ & \"'"


@pytest.fixture(scope="module")
def server(start_server):
    return start_server(MARTLET_PUBLIC_URL="https://mail.example.com")


@pytest.fixture
def template(account):
    body = {"name": "welcome", "subject": "Welcome, {{name}}", "text": "{{name}}: {{ code }}", "html": "<p title=\"{{name}}\">{{name}}: {{code}}</p>"}
    assert account.post("/templates", body).status == 201
    return "welcome"


def by_template(domain, name, **fields):
    body = email(domain, template=name, **fields)
    del body["subject"], body["text"]
    return body


def test_filled(account, domain, template):
    answer = account.post("/emails", by_template(domain, template, variables={"name": HOSTILE, "code": 7}))
    assert answer.status == 202 and answer.data["text"] == HOSTILE + ": 7", answer
    reaches(account, answer.data["id"], "DELIVERED")
    assert account.put(f"/templates/{template}", {"subject": "s", "text": "other"}).status == 200
    message = source(account, answer.data["id"])
    assert message["Subject"] == "Welcome, " + HOSTILE
    plain, html = (message.get_body(kind).get_content().strip() for kind in (["plain"], ["html"]))
    assert plain == HOSTILE + ": 7"
    escaped = "&lt;img src=x onerror=alert(1)&gt; {{code}} \\{{ &amp; &quot;&#39;"
    assert html == f'<p title="{escaped}">{escaped}: 7</p>'


def test_incomplete(server, account, domain, template):
    answer = account.post("/emails", by_template(domain, template, variables={"name": "Eva"}))
    assert answer.status == 202 and answer.data["status"] == "INCOMPLETE" and "code" in answer.json["meta"]["explain"], answer
    assert server.outbound(domain)["outbound_sent_today"] == 0
    assert [one["status"] for one in listed(account)] == ["INCOMPLETE"]
    report = account.get("/reports/emails").data["totals"]
    assert (report["accepted"], report["rejected"], report["sent"]) == (1, 1, 0)


def test_transactional_reaches_who_has_left_the_newsletter(server, account, domain):
    to = "reader@customer.example"
    news = account.post("/emails", email(domain, to=to, category="marketing")).data["id"]
    assert server.client(None).post(unsubscribe_link(account, news), b"List-Unsubscribe=One-Click").status == 200
    for category, status in [("marketing", "BLACKLISTED"), (None, "BLACKLISTED"), ("transactional", "QUEUED")]:
        answer = account.post("/emails", email(domain, to=to, category=category))
        assert answer.status == 202 and answer.data["status"] == status, answer
    assert source(account, answer.data["id"])["List-Unsubscribe"] is None
    assert account.post("/suppressions", {"address": to, "reason": "complaint"}).status == 201
    assert account.post("/emails", email(domain, to=to, category="transactional")).data["status"] == "BLACKLISTED"


def test_marketing_needs_a_public_url(start_server):
    server = start_server()
    account = server.account()
    answer = account.post("/emails", email(server.domain(account), category="marketing"))
    assert answer.status == 422 and "public.url" in answer.json["meta"]["explain"], answer
