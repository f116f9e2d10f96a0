"""`GET /domains/{name}/dns-check`, on a real DNS server."""

import time

import pytest

from martlet.name_server import FAILS, SILENT, NameServer


@pytest.fixture(scope="module")
def table():
    return {}


@pytest.fixture(scope="module")
def server(start_server, table):
    with NameServer(table) as dns:
        yield start_server(MARTLET_DNS_NAMESERVER=dns.address)


def states(account, name):
    check = account.get(f"/domains/{name}/dns-check").json
    assert check["name"] == name and check["checked_at"].endswith("Z")
    return {record["purpose"]: record["state"] for record in check["records"]}, check["records"]


def test_the_records_of_a_domain(server, table):
    account = server.account()
    name = server.domain(account)
    records = account.post(f"/domains/{name}/ses-verify").json["dns_records"]
    found, _ = states(account, name)
    assert set(found.values()) == {"missing"}, found

    # What the server's answer says, put into the DNS. Names that do not exist are remembered for a minute, so under another name.
    name = server.domain(account)
    for record in account.post(f"/domains/{name}/ses-verify").json["dns_records"]:
        table[record["name"]] = {record["type"]: [record["value"]]}
    table[name] = {"TXT": ["v=spf1 include:amazonses.com include:more.example -all"], "MX": [(10, "mx.example")]}
    table["more.example"] = {"TXT": ["v=spf1 a mx -all"]}
    table[f"_dmarc.{name}"] = {"TXT": [f"v=DMARC1; p=reject; rua=mailto:d@{name}"]}
    found, records = states(account, name)
    assert found == {
        "verification": "found", "dkim": "found", "spf": "found", "mail_from": "missing", "mail_from_spf": "missing", "dmarc": "found", "mx": "found",
    }
    assert next(record["lookups"] for record in records if record["purpose"] == "spf") == 4
    dmarc = next(record for record in records if record["purpose"] == "dmarc")
    assert (dmarc["policy"], dmarc["dkim_aligned"], dmarc["spf_aligned"]) == ("reject", True, False)


def test_a_dns_that_does_not_answer(server, table):
    account = server.account()
    name = server.domain(account)
    account.post(f"/domains/{name}/ses-verify")
    table.update({name: SILENT, f"_dmarc.{name}": FAILS})
    begin = time.monotonic()
    found, _ = states(account, name)
    assert (found["spf"], found["dmarc"], found["mx"]) == ("unknown",) * 3
    assert time.monotonic() - begin < 12
    assert server.account().get(f"/domains/{name}/dns-check").status == 404
