"""Callbacks: signed, in order, again until they are taken, and never where they must not go."""

import socket
import threading

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from martlet.emails import email, send
from martlet.receiver import Receiver
from martlet.wait import eventually

FIELDS = {
    "id", "eventId", "status", "previousStatus", "date", "timestamp", "from", "to", "subject", "externalId", "clientId", "alias", "username",
    "operator", "callback", "explain", "details",
}


@pytest.fixture(scope="module")
def server(start_server):
    return start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


def deliveries(account, query=""):
    answer = account.get(f"/callback-deliveries?limit=1000{query}")
    assert answer.status == 200, answer
    return answer.data


def secret(account):
    answer = account.get("/callback-secret")
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store", answer
    return answer.data["secret"]


def endpoint(account, url, **fields):
    answer = account.post("/callback-endpoints", {"url": url, **fields})
    assert answer.status == 201, answer
    return answer.data


def test_signed_in_order_and_complete(account, domain, receiver):
    """The package that receivers use verifies them; each status comes once and in its order."""
    sent = send(account, domain, callbacks=[receiver.url("/a?key=1")], externalId="x1", clientId="c1", alias="Ann", subject="Grüße")
    told = receiver.waits_for(3)
    webhook = Webhook(secret(account))
    bodies = [webhook.verify(call.body, call.headers) for call in told]
    assert [body["status"] for body in bodies] == ["DEQUEUED", "SENT", "DELIVERED"]
    assert [body["previousStatus"] for body in bodies] == ["QUEUED", "DEQUEUED", "SENT"]
    for call, body in zip(told, bodies):
        assert set(body) == FIELDS and call.path == "/a?key=1"
        assert {name: body[name] for name in ("id", "from", "to", "subject", "externalId", "clientId", "alias")} == {
            "id": sent["id"], "from": sent["from"], "to": sent["to"], "subject": "Grüße", "externalId": "x1", "clientId": "c1", "alias": "Ann",
        }
        assert body["username"] == account.ref and body["operator"] == sent["operator"] and body["callback"] == receiver.url("/a?key=1")
        assert body["date"].endswith("Z") and isinstance(body["timestamp"], int) and isinstance(body["details"], dict)
    assert len({call.id for call in told}) == 3 and len({body["eventId"] for body in bodies}) == 3
    with pytest.raises(WebhookVerificationError):
        webhook.verify(told[0].body + b" ", told[0].headers)
    found = eventually(lambda: _all(deliveries(account, f"&emailId={sent['id']}"), "delivered", 3), what="all are recorded")
    assert {item["id"] for item in found} == {call.id for call in told}
    assert all([attempt["httpStatus"] for attempt in item["attempts"]] == [200] for item in found)
    assert account.get(f"/callback-deliveries/{found[0]['id']}").status == 200


def test_details_of_a_bounce(account, domain, receiver):
    send(account, domain, to="bounce@simulator.martlet.test", callbacks=receiver.url())
    last = eventually(lambda: next((call.json for call in receiver.told if call.json["status"] == "BOUNCED_PERMANENT"), None))
    assert last["details"]["bounceType"] == "Permanent" and last["explain"]


def test_rotation_overlaps(account, domain, receiver):
    old = secret(account)
    rotated = account.post("/callback-secret/rotate", {"overlapHours": 1})
    assert rotated.status == 200 and rotated.data["previous"] == old and rotated.data["previousExpiresAt"], rotated
    send(account, domain, callbacks=receiver.url())
    call = receiver.waits_for(1)[0]
    for valid in (old, rotated.data["secret"]):
        Webhook(valid).verify(call.body, call.headers)
    assert account.post("/callback-secret/rotate", {"overlapHours": 0}).data.get("previous") is None
    assert old not in account.get("/callback-secret").body.decode()


def test_endpoints_by_events_and_ping(account, domain, receiver):
    everything = endpoint(account, receiver.url("/all"))
    delivered = endpoint(account, receiver.url("/delivered"), events=["DELIVERED", "domain.suspended"])
    off = endpoint(account, receiver.url("/off"), active=False)
    assert set(everything) == {"id", "url", "events", "active", "kind", "createdAt"} and everything["events"] == []
    assert [item["id"] for item in account.get("/callback-endpoints").data] == [off["id"], delivered["id"], everything["id"]]
    send(account, domain, callbacks=receiver.url("/all"))
    told = receiver.waits_for(4)
    assert sorted(call.path for call in told) == ["/all"] * 3 + ["/delivered"]
    ping = account.post(f"/callback-endpoints/{off['id']}/ping")
    assert ping.status == 202, ping
    call = eventually(lambda: next((call for call in receiver.told if call.path == "/off"), None), what="the ping")
    assert call.json["event"] == "ping" and call.json["username"] == account.ref and call.id == ping.data["id"]
    assert account.put(f"/callback-endpoints/{everything['id']}", {"active": False}).data["active"] is False
    assert account.delete(f"/callback-endpoints/{delivered['id']}").status == 204
    send(account, domain, callbacks=receiver.url("/last"))
    eventually(lambda: [call.path for call in receiver.told].count("/last") == 3)
    assert len(receiver.told) == 8


def test_guillotine_is_told_to_the_account(server, account, domain, receiver):
    endpoint(account, receiver.url(), events=["domain.suspended"])
    send(account, domain, to="bounce@simulator.martlet.test")
    notice = receiver.waits_for(1)[0].json
    assert set(notice) == {"eventId", "event", "date", "timestamp", "username", "domain", "callback", "explain"}
    assert notice["event"] == "domain.suspended" and notice["domain"] == domain and notice["username"] == account.ref


def test_failure_is_tried_again_under_the_same_id(account, domain):
    with Receiver(lambda told, number: 500 if number == 0 else 200) as receiver:
        send(account, domain, callbacks=receiver.url())
        first, second = receiver.waits_for(2)[:2]
        assert first.id == second.id and first.body == second.body
        # Without an upper bound: the machine may be busy.
        assert second.at - first.at > 4.5
        # What happened meanwhile waited for it.
        assert [call.json["status"] for call in receiver.waits_for(4)] == ["DEQUEUED", "DEQUEUED", "SENT", "DELIVERED"]
        found = eventually(lambda: _all(deliveries(account), "delivered", 3))
        assert [attempt.get("httpStatus") for attempt in found[-1]["attempts"]] == [500, 200]


def test_pending_and_replay(account, domain):
    with Receiver(lambda told, number: 404 if number == 0 else 200) as receiver:
        send(account, domain, callbacks=receiver.url())
        waiting = eventually(lambda: [item for item in deliveries(account, "&status=pending") if item["attempts"]], what="a failure")[0]
        assert waiting["attempts"][0]["httpStatus"] == 404 and waiting["attempts"][0]["error"] and waiting["nextAttemptAt"]
        answer = account.post(f"/callback-deliveries/{waiting['id']}/replay")
        assert answer.status == 202 and answer.data["id"] == waiting["id"], answer
        told = receiver.waits_for(2)
        assert told[0].id == told[1].id == waiting["id"]
        eventually(lambda: _all(deliveries(account), "delivered", 3))
        # One that was taken can be had again too.
        account.post(f"/callback-deliveries/{waiting['id']}/replay")
        eventually(lambda: [call.id for call in receiver.told].count(waiting["id"]) == 3)


def test_what_belongs_to_others_is_not_there(server, account, domain, receiver):
    mine = endpoint(account, receiver.url("/mine"))
    ping = account.post(f"/callback-endpoints/{mine['id']}/ping").data["id"]
    other = server.account()
    assert other.put(f"/callback-endpoints/{mine['id']}", {"active": False}).status == 404
    assert other.delete(f"/callback-endpoints/{mine['id']}").status == 404
    assert other.post(f"/callback-endpoints/{mine['id']}/ping").status == 404
    assert other.get(f"/callback-deliveries/{ping}").status == 404 and other.post(f"/callback-deliveries/{ping}/replay").status == 404
    assert other.get("/callback-endpoints").data == [] and other.get("/callback-deliveries").data == []
    assert other.get(f"/callback-endpoints?userName={account.ref}").status == 404
    assert server.master.get(f"/callback-endpoints?userName={account.ref}").data[0]["id"] == mine["id"]
    assert server.master.get("/callback-endpoints").status == 422
    reader = server.account(account.ref, scopes=["read"])
    assert reader.get("/callback-deliveries").status == 200 and reader.get("/callback-secret").status == 403
    assert reader.post("/callback-endpoints", {"url": receiver.url("/x")}).status == 403


@pytest.mark.parametrize("body, field", [
    ({}, "url"), ({"url": 5}, "url"), ({"url": "nowhere"}, "url"), ({"url": "ftp://h/"}, "url"), ({"url": "https://u:p@h/"}, "url"),
    ({"url": "https://h/" + "x" * 2100}, "url"), ({"url": "https://h/#f"}, "url"), ({"url": "https://169.254.169.254/"}, "url"),
    ({"url": "https://h/", "events": ["QUEUED"]}, "events"), ({"url": "https://h/", "events": "OPEN"}, "events"),
    ({"url": "https://h/", "active": "yes"}, "active"), ({"url": "https://h/", "colour": 1}, "colour"),
])
def test_bad_endpoints(account, body, field):
    answer = account.post("/callback-endpoints", body)
    assert answer.status in (400, 422) and field in answer.explain, answer
    assert account.get("/callback-endpoints").data == []


@pytest.mark.parametrize("query", ["status=lost", "emailId=x", "after=x", "limit=0", "state=parked"])
def test_bad_queries(account, query):
    answer = account.get(f"/callback-deliveries?{query}")
    assert answer.status == 422 and query.split("=")[0] in answer.explain, answer


FORBIDDEN = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[2001:0:7f00:1::]", "[fd00::1]", "[fe80::1]", "[::]",
    "localhost",
]


@pytest.mark.timeout(120)
def test_forgery_opens_no_connection(start_server):
    """What customers must not reach is never connected to, by any way to write it; a listener on every interface counts."""
    server = start_server(MARTLET_CALLBACKS_ALLOW_HTTP="true")
    account = server.account()
    domain = server.domain(account)
    with Listener() as listener:
        for host in FORBIDDEN:
            for scheme in ("http", "https"):
                answer = account.post("/emails", email(domain, callbacks=[f"{scheme}://{host}:{listener.port}/x"]))
                assert answer.status == 202, answer
        found = eventually(lambda: _tried(deliveries(account), 2 * len(FORBIDDEN)), within=60, every=0.2, what="all are tried")
        assert listener.accepted == 0
    for item in found:
        assert all("httpStatus" not in attempt and "address is not public" in attempt["error"] for attempt in item["attempts"])
        literal = "localhost" not in item["url"]
        assert item["status"] == ("parked" if literal else "pending"), item
    for host in FORBIDDEN[:-1]:
        assert account.post("/callback-endpoints", {"url": f"https://{host}/"}).status == 422


def test_plain_http_needs_leave(start_server):
    server = start_server()
    account = server.account()
    domain = server.domain(account)
    assert account.post("/callback-endpoints", {"url": "http://hooks.example/"}).status == 422
    send(account, domain, callbacks="http://hooks.example/")
    found = eventually(lambda: _all(deliveries(account), "parked", 3), what="all are parked")
    assert found[0]["attempts"][0]["error"] == "only https is allowed"


class Listener:
    """Accepts on all addresses of this machine, and counts."""

    def __enter__(self):
        self.accepted = 0
        self._socket = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            connection.close()



def _all(items, status, count):
    return items if len(items) == count and all(item["status"] == status for item in items) else None


def _tried(items, urls):
    """The deliveries that were tried, once each of the URLs was."""
    tried = [item for item in items if item["attempts"]]
    return tried if len({item["url"] for item in tried}) == urls else None
