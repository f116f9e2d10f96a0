"""Reports over the real program: what was sent is what is reported, by the API and by `martlet report`."""

import csv
import io
import time

from martlet.emails import email, reaches, send, unsubscribe_link
from martlet.server import MASTER
from test_cli import martlet, printed


def settings(server, token):
    return {"MARTLET_URL": server.url, "MARTLET_TOKEN": token}


def story(account, domain, campaign):
    """Six emails: three delivered, of which one recipient unsubscribes, one bounce of each kind, one to a suppressed address."""
    account.post("/suppressions", {"address": "gone@x.example"})
    send(account, domain, to="gone@x.example", externalId=campaign)
    # The hard bounce last: it suspends the domain.
    recipients = [f"{name}+{number}@simulator.martlet.test" for number, name in enumerate(["success", "success", "success", "softbounce", "bounce"])]
    bodies = [email(domain, to=to, externalId=campaign, tags=["news"]) for to in recipients]
    sent = [account.post("/emails?unsubscribeMsg=Unsubscribe", body).data for body in bodies]
    for one, status in zip(sent, ["DELIVERED"] * 3 + ["BOUNCED", "BOUNCED_PERMANENT"]):
        reaches(account, one["id"], status)
    answer = account.post(unsubscribe_link(account, sent[0]["id"]), b"List-Unsubscribe=One-Click")
    assert answer.status == 200


EXPECTED = {
    "accepted": 6, "sent": 5, "delivered": 3, "opened": 0, "opens": 0, "clicked": 0, "clicks": 0, "softBounced": 1, "hardBounced": 1, "complained": 0,
    "unsubscribed": 1, "rejected": 0, "blocked": 0, "blacklisted": 1, "automatedOpens": 0, "automatedClicks": 0, "deliveryRate": 60.0, "openRate": 0.0, "clickRate": 0.0, "bounceRate": 20.0,
    "softBounceRate": 20.0, "complaintRate": 0.0, "unsubscribeRate": 33.33,
}


def test_reports(server, account, domain, tmp_path):
    story(account, domain, "spring / 1")
    for query in ["", "?groupBy=hour&timezone=Asia/Kathmandu", f"?domain={domain}", f"?sender=news@{domain}", "?campaign=spring+/+1&groupBy=month"]:
        report = account.get(f"/reports/emails{query}").data
        assert report["totals"] == EXPECTED, query
        assert sum(step["accepted"] for step in report["series"]) == 6
    assert account.get("/reports/emails?tag=news").data["totals"]["accepted"] == 5
    assert server.account().get("/reports/emails").data["totals"]["accepted"] == 0
    assert server.client(MASTER).get(f"/reports/emails?domain={domain}").data["totals"] == EXPECTED
    campaign = account.get("/reports/campaigns/spring%20%2F%201").data
    assert campaign["totals"] == EXPECTED and sum(step["sent"] for step in campaign["series"]) == 5
    assert account.get("/reports/emails?from=2025-01-01&to=2025-04-03").json["meta"]["explain"] == "The date range exceeds the allowed limit: 92"

    def run(*arguments, token=account.token, **options):
        return martlet(tmp_path, "report", *arguments, **options, **settings(server, token))

    assert printed(run("emails", "--json"))["totals"] == EXPECTED
    table = run("emails", "--campaign", "spring / 1", "--group-by", "month", "--timezone", "Europe/Madrid").stdout.splitlines()
    assert table[0].split()[:4] == ["at", "accepted", "sent", "delivered"] and table[-1].split()[:4] == ["total", "6", "5", "3"]
    assert [one["externalId"] for one in printed(run("campaigns", "--json"))] == ["spring / 1"]
    assert run("campaigns").stdout.splitlines()[1].startswith("spring / 1 ")
    assert printed(run("campaign", "spring / 1", "--json"))["totals"] == EXPECTED
    assert "total" in run("campaign", "spring / 1").stdout
    refused = run("campaign", "autumn")
    assert refused.returncode == 1 and refused.stderr == "martlet: Report: Campaign not found\n"
    too_long = run("emails", "--from", "2025-01-01")
    assert too_long.returncode == 1 and "The date range exceeds the allowed limit: 92" in too_long.stderr
    assert run("emails", "--nonsense").returncode == 64
    assert printed(run("emails", "--account", account.ref, "--json", token=MASTER))["totals"] == EXPECTED


def test_billing(server, account, domain, tmp_path):
    send(account, domain)
    master = server.client(MASTER)
    assert master.post("/outbound/reset-monthly").status == 200
    period = time.strftime("%Y-%m", time.gmtime())
    bill = master.get(f"/outbound/billing?period={period}").json
    entry = next(one for one in bill["domains"] if one["name"] == domain)
    assert entry["outbound_sent_month"] == 1

    lines = list(csv.DictReader(io.StringIO(master.get(f"/outbound/billing?period={period}&format=csv").body.decode())))
    assert next(line for line in lines if line["name"] == domain)["outbound_sent_month"] == "1"

    def run(*arguments, token=MASTER):
        return martlet(tmp_path, "report", "billing", *arguments, **settings(server, token))

    assert entry in printed(run(period, "--json"))["domains"]
    assert any(line.split()[:3] == [domain, account.ref, "1"] for line in run(period).stdout.splitlines())
    assert run(period, token=account.token).stderr == "martlet: Billing: Master token required\n"
    assert run("2026-13").returncode == 1
