"""Outbound control as the customer's document describes it: its curl lines, every field, every reason, both resets."""

import json
import subprocess
from datetime import datetime, timezone

import pytest

from martlet.server import MASTER

# The document's lines; only the host and the token are replaced.
SHOW = """curl https://mail.emboux.com/domains/example.com/outbound \\
-H "Authorization: Bearer {API_KEY}\""""
CHANGE = """curl -X PUT https://mail.emboux.com/domains/example.com/outbound \\
-H "Authorization: Bearer {API_KEY}" \\
-H "Content-Type: application/json" \\
-d '{"outbound_daily_limit": 500, "outbound_monthly_limit": 10000}'"""
VERIFY = """curl -X POST https://mail.emboux.com/domains/example.com/ses-verify \\
-H "Authorization: Bearer {API_KEY}\""""

FIELDS = {
    "name": str,
    "outbound_tier": str,
    "outbound_status": str,
    "outbound_daily_limit": int,
    "outbound_monthly_limit": int,
    "outbound_sent_today": int,
    "outbound_sent_month": int,
    "outbound_enforcement": str,
    "bounce_count": int,
    "complaint_count": int,
    "bounce_rate": (int, float),
    "complaint_rate": (int, float),
    "ses_verified": bool,
}
FROZEN = {
    "name", "partner_ref", "outbound_sent_month", "outbound_monthly_limit", "bounce_count", "complaint_count", "bounce_rate", "complaint_rate",
}


def pasted(server, line, token=MASTER):
    """Runs a line of the document in a shell and returns the answer."""
    line = line.replace("https://mail.emboux.com", server.url).replace("{API_KEY}", token)
    done = subprocess.run(["bash", "-c", line.replace("curl ", "curl -sS ", 1)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def has_documented_fields(answer):
    for name, kind in FIELDS.items():
        assert isinstance(answer[name], kind), f"{name}: {answer[name]!r}"
        assert kind is bool or not isinstance(answer[name], bool), f"{name}: {answer[name]!r}"
    return True


def increment(client, domain, body=None):
    answer = client.post(f"/domains/{domain}/outbound/increment", body)
    assert answer.status == 200, answer
    return answer.json


def test_curl_lines_of_the_document(start_server):
    server = start_server()
    account = server.account()
    assert account.post("/domains", {"name": "example.com"}).status == 201

    shown = pasted(server, SHOW)
    assert has_documented_fields(shown)
    assert shown["name"] == "example.com"
    assert shown["outbound_tier"] == "shared"
    assert shown["outbound_status"] == "active"
    assert shown["outbound_enforcement"] == "hard"
    assert shown["ses_verified"] is False
    assert [shown[name] for name in FIELDS if FIELDS[name] is int] == [0] * 6

    changed = pasted(server, CHANGE, account.token)
    assert has_documented_fields(changed)
    assert (changed["outbound_daily_limit"], changed["outbound_monthly_limit"]) == (500, 10000)
    assert pasted(server, SHOW) == changed

    verification = pasted(server, VERIFY)
    assert set(verification) == {"name", "ses_verification_token", "ses_dkim_tokens", "ses_verified", "dns_records"}
    token, dkim = verification["ses_verification_token"], verification["ses_dkim_tokens"]
    assert verification["name"] == "example.com" and verification["ses_verified"] is False
    assert isinstance(token, str) and token and len(dkim) == 3 and len(set(dkim)) == 3
    assert verification["dns_records"] == [
        {"type": "TXT", "name": "_amazonses.example.com", "value": token},
        *({"type": "CNAME", "name": f"{key}._domainkey.example.com", "value": f"{key}.dkim.amazonses.com"} for key in dkim),
    ]


def test_status_of_the_verification(server, account):
    name = "status.example"
    assert account.post("/domains", {"name": name}).status == 201
    before = account.get(f"/domains/{name}/ses-status").json
    assert set(before) == {"name", "ses_verified", "verification_status", "dkim_status"}
    assert before == {"name": name, "ses_verified": False, "verification_status": "NotStarted", "dkim_status": "NotStarted"}
    server.domain(account, "other-status.example")
    after = account.get("/domains/other-status.example/ses-status").json
    assert after == {"name": "other-status.example", "ses_verified": True, "verification_status": "Success", "dkim_status": "Success"}
    assert server.outbound("other-status.example")["ses_verified"] is True


def test_repeated_verification_stops_no_mail(server, account, domain):
    again = account.post(f"/domains/{domain}/ses-verify").json
    assert again["ses_verified"] is False
    assert server.outbound(domain)["ses_verified"] is True
    assert increment(account, domain)["allowed"] is True


@pytest.mark.parametrize("slash", ["", "/"])
def test_paths_answer_with_and_without_slash(server, account, domain, slash):
    assert account.get(f"/domains/{domain}/outbound{slash}").status == 200
    assert account.post(f"/domains/{domain}/outbound/increment{slash}").status == 200
    assert account.get(f"/domains{slash}").status == 200


def test_unverified_domain_is_blocked(server, account):
    for enforcement in ("hard", "soft"):
        name = f"unverified-{enforcement}.example"
        account.post("/domains", {"name": name})
        server.master.put(f"/domains/{name}/outbound", {"outbound_enforcement": enforcement})
        answer = increment(account, name)
        assert answer["allowed"] is False and answer["reason"] == "domain_not_verified", enforcement
        assert answer["outbound_sent_today"] == answer["outbound_sent_month"] == 0


def test_increment_counts(account, domain):
    assert increment(account, domain) == {"name": domain, "outbound_sent_today": 1, "outbound_sent_month": 1, "allowed": True}
    assert increment(account, domain, {"count": 4})["outbound_sent_today"] == 5
    assert increment(account, domain)["outbound_sent_month"] == 6


REASONS = [
    ({"outbound_status": "suspended", "outbound_enforcement": "hard"}, False, "outbound_suspended"),
    ({"outbound_status": "suspended", "outbound_enforcement": "soft"}, True, "outbound_suspended_soft"),
    ({"outbound_daily_limit": 2, "outbound_enforcement": "hard"}, False, "daily_limit_exceeded"),
    ({"outbound_daily_limit": 2, "outbound_enforcement": "soft"}, True, "daily_limit_exceeded_soft"),
    ({"outbound_monthly_limit": 2, "outbound_enforcement": "hard"}, False, "monthly_limit_exceeded"),
    ({"outbound_monthly_limit": 2, "outbound_enforcement": "soft"}, True, "monthly_limit_exceeded_soft"),
    # The first that applies is the reason.
    ({"outbound_daily_limit": 2, "outbound_monthly_limit": 2, "outbound_enforcement": "hard"}, False, "daily_limit_exceeded"),
    ({"outbound_status": "suspended", "outbound_daily_limit": 2, "outbound_enforcement": "hard"}, False, "outbound_suspended"),
]


@pytest.mark.parametrize("settings, allowed, reason", REASONS, ids=lambda value: value if isinstance(value, str) else "")
def test_reasons(server, account, domain, settings, allowed, reason):
    """Two go through, then the setting applies; hard does not count, soft does."""
    limits = {name: value for name, value in settings.items() if name != "outbound_status"}
    server.master.put(f"/domains/{domain}/outbound", limits)
    for count in (1, 2):
        before = increment(account, domain)
        assert before["allowed"] is True and "reason" not in before and before["outbound_sent_today"] == count
    server.master.put(f"/domains/{domain}/outbound", settings)
    answer = increment(account, domain)
    counted = 3 if allowed else 2
    assert answer == {
        "name": domain, "outbound_sent_today": counted, "outbound_sent_month": counted, "allowed": allowed, "reason": reason,
    }


CHANGES = [
    {"outbound_daily_limit": 7},
    {"outbound_monthly_limit": 8},
    {"outbound_tier": "dedicated"},
    {"outbound_enforcement": "soft"},
    {"outbound_status": "suspended"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_put_changes_only_what_it_names(server, domain, change):
    before = server.outbound(domain)
    answer = server.master.put(f"/domains/{domain}/outbound", change)
    assert answer.status == 200 and has_documented_fields(answer.json)
    asked = {name: answer.json[name] for name in FIELDS}
    assert asked == {**{name: before[name] for name in FIELDS}, **change}


BAD_CHANGES = [
    (b'{"outbound_daily_limit": 5', 400, ""),
    (b"", 400, ""),
    (b"[]", 422, ""),
    ({"outbound_daily_limit": -1}, 422, "outbound_daily_limit"),
    ({"outbound_daily_limit": "5"}, 422, "outbound_daily_limit"),
    ({"outbound_daily_limit": 1.5}, 422, "outbound_daily_limit"),
    ({"outbound_monthly_limit": True}, 422, "outbound_monthly_limit"),
    ({"outbound_monthly_limit": None}, 422, "outbound_monthly_limit"),
    ({"outbound_tier": "gold"}, 422, "outbound_tier"),
    ({"outbound_enforcement": 1}, 422, "outbound_enforcement"),
    ({"outbound_status": "paused"}, 422, "outbound_status"),
    ({"bounce_count": 0}, 422, "bounce_count"),
    ({"name": "other.example"}, 422, "name"),
    ({"colour": "blue"}, 422, "colour"),
    ({"outbound_daily_limit": 5, "outbound_tier": "gold"}, 422, "outbound_tier"),
]


@pytest.mark.parametrize("body, status, named", BAD_CHANGES, ids=lambda value: str(value)[:48])
def test_bad_changes_change_nothing(server, domain, body, status, named):
    before = server.outbound(domain)
    answer = server.master.put(f"/domains/{domain}/outbound", body, Content_Type="application/json")
    assert answer.status == status, answer
    assert answer.json["detail"] and named in answer.json["detail"]
    assert server.outbound(domain) == before


def test_client_changes_limits_only(server, account, domain):
    for change in CHANGES[2:]:
        answer = account.put(f"/domains/{domain}/outbound", {"outbound_daily_limit": 9, **change})
        assert answer.status == 403 and answer.json["detail"], answer
    assert server.outbound(domain)["outbound_daily_limit"] == 0
    assert account.put(f"/domains/{domain}/outbound", {"outbound_daily_limit": 9}).status == 200


def test_domains_are_created_listed_and_deleted(server, account):
    created = account.post("/domains", {"name": "MiXed.Example"})
    assert created.status == 201 and set(created.json) == {"id", "name", "created_at"}, created
    assert created.json["name"] == "mixed.example"
    again = account.post("/domains", {"name": "mixed.example"})
    assert (again.status, again.json["detail"]) == (400, "Domain already exists")
    idna = account.post("/domains", {"name": "bücher.example"})
    assert idna.json["name"] == "xn--bcher-kva.example"
    assert [item["name"] for item in account.get("/domains").json] == ["xn--bcher-kva.example", "mixed.example"]
    first = account.get("/domains?limit=1").json
    assert [item["name"] for item in first] == ["xn--bcher-kva.example"]
    assert account.delete("/domains/mixed.example").status == 204
    assert account.get("/domains/mixed.example/outbound").status == 404


@pytest.mark.parametrize("name", ["", " ", "no_dot", "a..b", "-a.example", "a.example-", "a b.example", "x" * 64 + ".example", "1.2.3.4", 5, None])
def test_bad_domain_names(server, account, name):
    answer = account.post("/domains", {"name": name})
    assert answer.status in (400, 422) and answer.json["detail"], answer


def test_resets(start_server):
    server = start_server(MARTLET_RESETS_MODE="external")
    account = server.account("frozen-partner")
    first, second = server.domain(account), server.domain(account, outbound_monthly_limit=50)
    increment(account, first, {"count": 4})
    increment(account, second, {"count": 2})

    daily = server.master.post("/outbound/reset-daily")
    assert (daily.status, daily.json) == (200, {"reset_count": 2})
    after = server.outbound(first)
    assert (after["outbound_sent_today"], after["outbound_sent_month"]) == (0, 4)

    monthly = server.master.post("/outbound/reset-monthly")
    assert monthly.status == 200 and set(monthly.json) == {"frozen", "reset_count"}
    assert monthly.json["reset_count"] == 2
    frozen = {entry["name"]: entry for entry in monthly.json["frozen"]}
    assert all(set(entry) == FROZEN for entry in frozen.values())
    assert (frozen[first]["outbound_sent_month"], frozen[second]["outbound_sent_month"]) == (4, 2)
    assert frozen[second]["outbound_monthly_limit"] == 50 and frozen[first]["partner_ref"] == "frozen-partner"
    assert server.outbound(first)["outbound_sent_month"] == 0

    increment(account, first)
    server.master.post("/outbound/reset-monthly")
    period = datetime.now(timezone.utc).strftime("%Y-%m")
    billing = server.master.get(f"/outbound/billing?period={period}").json
    assert billing["period"] == period and len(billing["freezes"]) == 2
    assert {entry["name"]: entry["outbound_sent_month"] for entry in billing["domains"]} == {first: 5, second: 2}


@pytest.mark.parametrize("call", ["/outbound/reset-daily", "/outbound/reset-monthly"])
def test_resets_need_the_master(account, call):
    answer = account.post(call)
    assert (answer.status, answer.json["detail"]) == (403, "Master token required")
