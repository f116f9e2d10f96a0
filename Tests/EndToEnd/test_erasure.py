"""Erasing a recipient: what is known of it goes out of every corner of the database, and it is still not mailed."""

import os
import random
import subprocess
import time
from urllib.parse import quote

import pytest

from martlet import databases
from martlet.emails import email, reaches, send
from martlet.load import Load, Tally
from martlet.programs import built
from martlet.receiver import Receiver
from martlet.server import unique
from martlet.wait import eventually


def erased(client, address, **more):
    """Erases a recipient, and returns the finished job."""
    answer = client.post("/recipients/erase", {"address": address, **more})
    assert answer.status == 202, answer
    assert answer.data["state"] == "queued" and address not in answer.body.decode()

    def done():
        job = client.get(f"/jobs/{answer.data['id']}").data
        return job if job["state"] in ("done", "failed") else None

    job = eventually(done, within=60, what="the erasure is done")
    assert job["state"] == "done", job
    return job


def contents(server, whole=False):
    """All that is stored: the raw bytes of a file or a dump; of SQLite a copy without the free space of pages, where parts of moved rows may be.

    `whole`: the live file with its log, free space and all.
    """
    if databases.SERVER or whole:
        return server.database.contents().lower()
    copy = server.directory / f"{unique('copy')}.sqlite"
    environment = {"PATH": os.environ["PATH"], "HOME": str(server.directory), "MARTLET_DATABASE_URL": server.database.url}
    subprocess.run([built("martlet", "MARTLET_BINARY"), "backup", copy], env=environment, check=True, capture_output=True)
    return copy.read_bytes().lower()


def traces(server, *words):
    """Which of the words are in the database."""
    content = contents(server)
    return [word for word in words if word.lower().encode() in content]


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_left_in_the_database(start_server, seed):
    """Among hundreds of emails to others, with everything that an email can have; the raw bytes are searched, not what the API shows."""
    pick = random.Random(seed)
    with Receiver() as receiver:
        server = start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        account, other = server.account(), server.account()
        domain, second = server.domain(account), server.domain(other)
        local, subject = f"Erika.Mustermann{seed}", f"Befund-{seed}-vertraulich"
        address = f"{local}@success.example"
        for client, from_ in [(account, domain), (other, second)]:
            assert client.post("/suppressions", {"address": f"late-{address}", "note": f"not {seed}"}).status == 201
            batch = []
            for number in range(300):
                if number % 30 == 0:
                    batch.append(email(
                        from_, to=address if pick.random() < 0.7 else address.lower(), subject=subject, text=f"Dear {address}",
                        clientId=f"client-{local}", alias=f"{local} @ home", callbacks=[receiver.url(f"/status?who={local}")],
                        attachments=[{"filename": f"{subject}.txt", "content": "QUJD"}] if pick.random() < 0.5 else []))
                else:
                    batch.append(email(from_, to=f"u{pick.randrange(10**6)}@success.example", subject="x" * pick.randrange(1, 60), text="y" * pick.randrange(4000)))
            answer = client.post("/emails/batch", {"emails": batch})
            assert answer.status == 200 and {item["status"] for item in answer.data} == {202}, answer
        key = {"Idempotency-Key": f"key-{seed}"}
        mine = account.post("/emails", email(domain, to=address, subject=subject), **key).data["id"]
        scheduled = send(account, domain, to=address, subject=subject, sendAt=soon(3))["id"]
        reaches(account, mine, "DELIVERED")
        assert account.post("/subscriptions", {"email": address, "list": "news", "from": f"n@{domain}"}).status == 202
        eventually(lambda: not [one for one in account.get("/emails?limit=1000").data if one["status"] in ("QUEUED", "DEQUEUED", "SENT")],
                   within=60, what="all is delivered")
        assert account.post("/suppressions", {"address": address, "note": f"{address} called"}).status == 201
        before = server.outbound(domain)
        known = account.get(f"/recipients/{quote(address)}?limit=1000").data
        assert len(known["emails"]) == 13 and len(known["suppressions"]) == 1 and len(known["subscriptions"]) == 1
        assert traces(server, local, subject)

        job = erased(server.master, address)
        assert job["counts"]["emails"] == 23 and job["counts"]["suppressions"] == 1 and job["counts"]["cancelled"] == 1
        assert job["recipient"] == "E***@success.example"
        found = traces(server, address, local, subject)
        # The same local part at another domain is another recipient's: `late-…@` stays.
        assert subject not in found, found
        content = contents(server)
        assert content.replace(f"late-{address}".lower().encode(), b"").count(local.lower().encode()) == 0
        assert local not in server.log

        shown = account.get(f"/emails/{mine}").data
        assert shown["to"] is None and shown["erased"] is True and shown["subject"] == "" and shown["status"] == "DELIVERED"
        assert account.get(f"/emails/{mine}/source").status == 404
        assert account.get(f"/emails/{scheduled}").data["status"] == "CANCELLED"
        after = server.outbound(domain)
        assert after["outbound_sent_today"] == before["outbound_sent_today"] - 1, "the scheduled one is given back, all else stays counted"
        repeated = account.post("/emails", email(domain, to=address, subject=subject), **key)
        assert repeated.status == 202 and repeated.data["id"] == mine and repeated.data["to"] is None, "the key holds on, and sends nothing"

        refused = account.post("/emails", email(domain, to=address, subject="new"))
        assert refused.data["status"] == "BLACKLISTED"
        imported = account.post("/suppressions/import", f"address\n{address}\n".encode(), **{"Content-Type": "text/csv"})
        assert imported.data["imported"] == 0 and imported.data["duplicates"] == 1
        listed = [one for one in account.get("/suppressions").data if one["address"] is None]
        assert len(listed) == 1 and "note" not in listed[0]
        assert account.delete(f"/suppressions?address={quote(address)}").status == 204
        assert account.delete(f"/suppressions?address={quote(address)}").status == 404
        reaches(account, send(account, domain, to=address)["id"], "DELIVERED")
        audit = server.master.get("/audit?action=recipient").body.decode()
        assert "recipient.erase" in audit and local not in audit
        assert local not in server.log


def soon(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86_400))


def test_an_account_reaches_its_own_data_alone(server):
    account, other = server.account(), server.account()
    address = f"{unique('shared')}@success.example"
    ids = {client: send(client, server.domain(client), to=address)["id"] for client in (account, other)}
    for client, id in ids.items():
        reaches(client, id, "DELIVERED")
    job = erased(account, address)
    assert job["counts"]["emails"] == 1
    assert account.get(f"/emails/{ids[account]}").data["to"] is None
    assert other.get(f"/emails/{ids[other]}").data["to"] == address
    assert other.get(f"/jobs/{job['id']}").status == 404
    assert account.get(f"/recipients/{address}").data["emails"] == []
    assert len(other.get(f"/recipients/{address}").data["emails"]) == 1
    one = erased(server.master, address, userName=other.ref)
    assert one["counts"]["emails"] == 1
    for body in ({}, {"address": "no address"}, {"address": address, "userName": other.ref}):
        assert account.post("/recipients/erase", body).status in (400, 404, 422)


def test_a_killed_erasure_goes_on(start_server, figure):
    server = start_server()
    account = server.account()
    domain = server.domain(account)
    address = "erika@success.example"
    for _ in range(4):
        answer = account.post("/emails/batch", {"emails": [email(domain, to=address, subject="Befund") for _ in range(500)]})
        assert {item["status"] for item in answer.data} == {202}
    eventually(lambda: not account.get("/emails?status=QUEUED&limit=1").data, within=120, what="all is sent")
    begin = time.monotonic()
    job = account.post("/recipients/erase", {"address": address}).data
    eventually(lambda: account.get(f"/jobs/{job['id']}").data["counts"]["emails"] > 100, within=30, what="it has begun")
    server.kill()
    server.start()
    account = server.client(account.token)
    done = eventually(
        lambda: (lambda one: one if one["state"] == "done" else None)(account.get(f"/jobs/{job['id']}").data), within=90, what="it is done")
    assert done["counts"]["emails"] == 2000
    figure(f"erasure of 2,000 emails, killed once: {time.monotonic() - begin:.1f} s")
    assert account.get(f"/recipients/{address}").data["emails"] == []
    assert traces(server, address, "Befund") == []


def test_requests_do_not_wait_for_it(start_server, figure):
    server = start_server(MARTLET_ROLES="http,scheduler")
    account = server.account()
    domain = server.domain(account)
    address = "erika@success.example"
    for _ in range(4):
        account.post("/emails/batch", {"emails": [email(domain, to=address, sendAt=soon(3)) for _ in range(500)]})
    tally = Tally()

    def submit(_):
        begin = time.monotonic()
        assert account.post("/emails", email(domain)).status == 202
        tally.keep("times", time.monotonic() - begin)

    with Load(2, submit):
        eventually(lambda: len(tally.list("times")) > 100, what="emails are accepted")
        count = len(tally.list("times"))
        begin = time.monotonic()
        job = erased(account, address)
        duration = time.monotonic() - begin
    assert job["counts"]["emails"] == job["counts"]["cancelled"] == 2000
    times = sorted(tally.list("times")[count:])
    assert times, "emails were accepted meanwhile"
    figure(f"erasure of 2,000 scheduled emails: {duration:.1f} s; meanwhile accepted in {times[len(times) // 2] * 1000:.0f} ms, at most {times[-1] * 1000:.0f} ms")

