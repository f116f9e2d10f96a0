"""Whose a domain is, and what deleting forgives: two accounts, an SES of the test's own (moto), and a real DNS server."""

from datetime import datetime, timedelta, timezone

import pytest

from martlet import databases, sns
from martlet.clock import Clock
from martlet.emails import email
from martlet.load import Load, Tally
from martlet.name_server import FAILS, NameServer
from martlet.policy import PolicyConnection
from martlet.programs import free_port
from martlet.server import unique
from martlet.wait import eventually


@pytest.fixture(scope="module")
def table():
    return {}


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def server(start_server, moto, table, port):
    with NameServer(table) as dns:
        yield start_server(
            MARTLET_DNS_NAMESERVER=dns.address,
            MARTLET_SNS_VERIFY_SIGNATURES="false",
            MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}",
            MARTLET_POLICY_UNKNOWN_DOMAIN="dunno",
            **moto.environment(),
        )


@pytest.fixture
def other(server):
    return server.account()


def new_name():
    return unique("owned") + ".example"


def identities(moto):
    return moto.client("ses").list_identities()["Identities"]


def create(account, name, **fields):
    answer = account.post("/domains", {"name": name, **fields})
    assert answer.status == 201, answer
    return answer.json


def records(account, name):
    answer = account.post(f"/domains/{name}/ses-verify")
    assert answer.status == 200 and answer.json["ses_verified"] is False, answer
    return answer.json["dns_records"]


def proof(account, name):
    """The fifth record, which has to be there."""
    found = records(account, name)
    assert [record["type"] for record in found] == ["TXT", "CNAME", "CNAME", "CNAME", "TXT"], found
    assert found[4]["name"] == f"_martlet.{name}" and found[4]["value"].startswith("martlet-verify=")
    return found[4]


def is_verified(account, name):
    answer = account.get(f"/domains/{name}/ses-status")
    assert answer.status == 200, answer
    return answer.json["ses_verified"]


def ownership(client, name):
    answer = client.get(f"/domains/{name}")
    return answer.json["ownership"] if answer.status == 200 else answer.status


def own(account, name=None):
    """A domain that the account has proven in the plain case."""
    name = name or new_name()
    create(account, name)
    assert len(records(account, name)) == 4
    assert is_verified(account, name)
    return name


def test_the_plain_case_is_as_documented(server, account):
    name = new_name()
    assert set(create(account, name)) == {"id", "name", "created_at"}
    assert ownership(account, name) == "pending"
    found = records(account, name)
    assert [record["type"] for record in found] == ["TXT", "CNAME", "CNAME", "CNAME"]
    assert is_verified(account, name) and ownership(account, name) == "proven"
    assert account.post("/emails", email(name)).status == 202


def test_what_the_aws_account_has_verified_proves_nothing(server, moto, table, account):
    """The operator's own domain at SES: a client who claims it sends nothing before its own record is in the DNS."""
    name = new_name()
    moto.client("ses").verify_domain_identity(Domain=name)
    create(account, name)
    assert not is_verified(account, name)
    record = proof(account, name)
    assert not is_verified(account, name)
    refused = account.post("/emails", email(name))
    assert refused.status == 403 and refused.data["status"] == "BAD_FROM", refused
    assert account.post(f"/domains/{name}/outbound/increment").json["reason"] == "domain_not_verified"

    # A DNS that fails, and one with another text, prove nothing; and neither is remembered.
    for wrong in (FAILS, {"TXT": ["martlet-verify=0123456789abcdef"]}):
        table[record["name"]] = wrong
        assert not is_verified(account, name)
    table[record["name"]] = {"TXT": ["something else", record["value"]]}
    assert is_verified(account, name) and ownership(account, name) == "proven"
    assert account.post("/emails", email(name)).status == 202
    assert name in identities(moto)
    assert account.delete(f"/domains/{name}").status == 204
    assert name in identities(moto), "Martlet did not make this identity"


def test_a_background_poll_proves_too(server, moto, table, account):
    name = new_name()
    moto.client("ses").verify_domain_identity(Domain=name)
    create(account, name)
    record = proof(account, name)
    table[record["name"]] = {"TXT": [record["value"]]}
    eventually(lambda: ownership(account, name) == "proven", within=75, every=1, what="the poll has seen the record")


def test_the_master_believes_and_approves(server, moto, account):
    name = new_name()
    moto.client("ses").verify_domain_identity(Domain=name)
    create(account, name)
    proof(account, name)
    assert not is_verified(account, name)
    assert account.post(f"/domains/{name}/approve").status == 403
    approved = server.master.post(f"/domains/{name}/approve")
    assert approved.status == 200 and approved.json["ownership"] == "proven", approved
    assert is_verified(account, name)

    made = new_name()
    moto.client("ses").verify_domain_identity(Domain=made)
    create(server.master, made, partner_ref=account.ref)
    assert ownership(account, made) == "proven" and len(records(account, made)) == 4
    assert is_verified(account, made)
    actions = [row["action"] for row in server.master.get(f"/audit?target=domain:{name}").json]
    assert actions.count("domain.approve") == 1 and "domain.create" in actions


def test_who_proves_first_has_it(server, table, account, other):
    name = new_name()
    create(account, name)
    assert create(other, name)["ownership"] == "pending"
    assert (ownership(account, name), ownership(other, name)) == ("pending", "pending")
    again = other.post("/domains", {"name": name})
    assert again.status == 400 and again.json["detail"] == "Domain already exists"
    oldest = server.master.get(f"/domains/{name}").json["id"]
    assert oldest == account.get(f"/domains/{name}").json["id"]
    assert server.master.get(f"/domains/{name}?partner_ref={other.ref}").json["id"] == other.get(f"/domains/{name}").json["id"]
    assert other.get(f"/domains/{name}?partner_ref={account.ref}").status == 403

    record = proof(other, name)
    table[record["name"]] = {"TXT": [record["value"]]}
    assert is_verified(other, name) and ownership(other, name) == "proven"
    assert ownership(account, name) == 404
    assert other.post("/emails", email(name)).status == 202
    assert account.post("/emails", email(name)).status == 403


def test_proving_what_another_has_proven_goes_to_review(server, table, account, other):
    name = own(account)
    create(other, name)
    record = proof(other, name)
    table[record["name"]] = {"TXT": [record["value"]]}
    assert not is_verified(other, name) and ownership(other, name) == "review"
    assert other.post("/emails", email(name)).status == 403
    assert account.post("/emails", email(name)).status == 202
    assert server.master.get(f"/domains/{name}").json["ownership"] == "proven"
    assert server.master.post(f"/domains/{name}/approve").json["ownership"] == "proven"
    assert (ownership(account, name), ownership(other, name)) == (404, "proven")
    assert other.post("/emails", email(name)).status == 202


def test_deleting_forgives_nothing(server, moto, account, other):
    name = own(account)
    changes = {
        "outbound_tier": "dedicated", "outbound_enforcement": "soft", "outbound_daily_limit": 3, "outbound_monthly_limit": 9,
        "warmup_profile": "fast", "spike_max_multiplier": 2.5,
    }
    assert server.master.put(f"/domains/{name}/outbound", changes).status == 200
    for _ in range(2):
        assert account.post(f"/domains/{name}/outbound/increment").json["allowed"]
    before = server.master.put(f"/domains/{name}/outbound", {"outbound_status": "suspended"}).json
    assert account.delete(f"/domains/{name}").status == 204
    assert account.get(f"/domains/{name}").status == 404 and name not in identities(moto), "Martlet made this identity"

    create(account, name)
    after = account.get(f"/domains/{name}/outbound").json
    assert after == {**before, "ses_verified": False}
    assert len(records(account, name)) == 4 and is_verified(account, name)
    assert account.post(f"/domains/{name}/outbound/increment").json["reason"] == "outbound_suspended_soft"
    server.master.put(f"/domains/{name}/outbound", {"outbound_enforcement": "hard"})
    assert account.post("/emails", email(name)).status == 403

    # Given up in disgrace, the name comes to another account as a matter of the operator's.
    assert account.delete(f"/domains/{name}").status == 204
    assert create(other, name)["ownership"] == "review"
    proof(other, name)
    assert not is_verified(other, name)
    assert other.post("/emails", email(name)).status == 403
    assert other.post(f"/domains/{name}/outbound/increment").json["reason"] == "domain_not_verified"
    assert server.master.post(f"/domains/{name}/approve?partner_ref={other.ref}").status == 200
    assert other.post("/emails", email(name)).status == 202


def test_a_domain_of_a_blocked_account_comes_back_suspended(server, account, other):
    name = own(account)
    assert server.master.post(f"/accounts/{account.ref}/review", {"decision": "block", "note": "spam"}).status == 200
    assert account.delete(f"/domains/{name}").status == 204
    assert server.master.post(f"/accounts/{account.ref}/review", {"decision": "lift", "note": "sorry"}).status == 200
    create(account, name)
    assert account.get(f"/domains/{name}/outbound").json["outbound_status"] == "suspended"
    assert account.delete(f"/domains/{name}").status == 204
    assert create(other, name)["ownership"] == "review"


def test_senders_fall_with_their_domain(server, account):
    name = own(account)
    address, elsewhere = f"sales@{name}", f"sales@{new_name()}"
    for sender in (address, elsewhere):
        assert account.post("/senders", {"email": sender}).status == 201
    verified = {sender["email"]: sender["status"] for sender in account.get("/senders").data}
    assert verified == {address: "VERIFIED", elsewhere: "VERIFIED"}
    assert server.master.put(f"/domains/{name}/outbound", {"outbound_status": "suspended"}).status == 200
    assert account.post("/emails", {**email(name), "from": address}).status == 403
    assert account.delete(f"/domains/{name}").status == 204
    assert account.post("/emails", {**email(name), "from": address}).status == 403
    assert account.post("/emails", {**email(name), "from": elsewhere}).status == 202
    assert account.post("/senders", {"email": address}).data["status"] == "REQUESTED"
    assert account.post("/emails", {**email(name), "from": address}).status == 403


def test_a_bare_claim_has_no_effect_on_mail_servers(server, port, account, other):
    name = own(account)
    bare, made = new_name(), new_name()
    create(other, bare)
    create(server.master, made, partner_ref=other.ref)
    below = other.post("/domains", {"name": f"mail.{name}"})
    assert below.status == 403 and below.json["code"] == "name_not_allowed"
    create(other, name)
    login = own(other)
    with PolicyConnection(port) as connection:
        assert connection.ask(f"a@{bare}") == "DUNNO"
        assert connection.ask(f"a@{name}") == "DUNNO"
        assert connection.ask(f"a@{made}").startswith("REJECT 5.7.1")
        assert connection.ask(f"a@{bare}", sasl_username=f"u@{login}").startswith("REJECT 5.7.1")
    assert server.outbound(name)["outbound_sent_today"] == 1


def test_events_of_a_bare_claim_go_to_no_account(server, account, other):
    name = own(account)
    bare = new_name()
    create(other, bare)
    create(other, name)
    victim, own_bounce = unique("victim") + "@customer.example", unique("gone") + "@customer.example"
    sns.believed(server, sns.bounce(unique("bare-"), f"postmaster@{bare}", victim))
    sns.believed(server, sns.bounce(unique("own-"), f"postmaster@{name}", own_bounce))
    assert other.get("/suppressions").data == []
    assert [entry["address"] for entry in account.get("/suppressions").data] == [own_bounce]
    assert other.get(f"/domains/{bare}/outbound").json["bounce_count"] == 0
    assert account.get(f"/domains/{name}/outbound").json["bounce_count"] == 1


@pytest.mark.parametrize("name", ["com.br", "co.uk", "github.io"])
def test_public_suffixes_are_refused_to_clients(server, account, name):
    refused = account.post("/domains", {"name": name})
    assert refused.status == 403 and refused.json["code"] == "name_not_allowed", refused
    assert "public suffix" in refused.json["detail"]


def test_names_around_a_proven_one_are_refused_to_clients(server, account, other):
    parent = new_name()
    name = own(account, f"shop.{parent}")
    for related in (parent, f"mail.{name}", f"a.b.{name}"):
        assert other.post("/domains", {"name": related}).status == 403, related
        assert account.post("/domains", {"name": related}).status == 201
    assert other.post("/domains", {"name": f"sister.{new_name()}"}).status == 201
    assert server.master.post("/domains", {"name": f"mine.{name}", "partner_ref": other.ref}).status == 201


def test_claims_are_bounded_also_at_once(server, other):
    """1,500 claims in 9 s were taken: 50 are, however many come at the same moment."""
    tally = Tally()

    def claim(number):
        answer = other.post("/domains", {"name": f"{unique('claim')}.example"})
        assert answer.status == 201 or (answer.status == 403 and answer.json["code"] == "pending_limit"), answer
        tally.add(answer.status)
        return tally.add("asked") < 120

    with Load(8, claim) as load:
        load.wait()
    assert tally[201] == 50
    listed = other.get("/domains?limit=1000").json
    assert len(listed) == 50 and {domain["ownership"] for domain in listed} == {"pending"}
    assert other.delete(f"/domains/{listed[0]['name']}").status == 204
    create(other, new_name())
    assert server.master.post("/domains", {"name": new_name(), "partner_ref": other.ref}).status == 201


@pytest.mark.skipif(databases.SERVER is not None, reason="the time is that of the database's server; OwnershipTests run on both engines")
def test_claims_lapse(start_server, tmp_path):
    clock = Clock(tmp_path)
    server = start_server(MARTLET_DOMAINS_CLAIM_DAYS="2", **clock.environment)
    account = server.account()
    bare, kept = new_name(), server.domain(account)
    create(account, bare)
    server.stop()
    clock.set_to(datetime.now(timezone.utc) + timedelta(days=1, hours=23))
    server.start()
    assert ownership(account, bare) == "pending"
    server.stop()
    clock.set_to(datetime.now(timezone.utc) + timedelta(days=2, hours=1))
    server.start()
    eventually(lambda: ownership(account, bare) == 404, within=20, what="the claim has lapsed")
    assert ownership(account, kept) == "proven"
    rows = account.get(f"/audit?target=domain:{bare}").json
    assert rows[0]["action"] == "domain.lapse" and rows[0]["actor"]["kind"] == "system", rows


def test_the_record_can_be_asked_of_all_and_capture_plays_the_dns(start_server):
    server = start_server(MARTLET_DOMAINS_OWNERSHIP="always")
    account, other = server.account(), server.account()
    name = new_name()
    create(account, name)
    proof(account, name)
    assert is_verified(account, name)
    create(other, name)
    proof(other, name)
    assert not is_verified(other, name) and ownership(other, name) == "review"
