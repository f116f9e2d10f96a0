"""A server with something on every page, for looking at: long names, every status, limits nearly used, failing callbacks."""

from . import sns
from .emails import reaches, send
from .wait import eventually

SUBJECTS = [
    "Your order 4711 has been shipped and will arrive on Thursday between 10 and 12 o'clock at the address that you gave", "Invoice 2026-1",
    "Reset your password", "Ten things that you may have missed in November, and three that you will want to read again",
]
LONG = "a.very.long.local.part.with.many.dots.in.it@subdomain.of.a.long.company.example"


class Filled:
    """Three accounts, of which the first has everything."""

    def __init__(self, server, sink, receiver, emails=60):
        self.server = server
        self.account = server.account("a-customer-with-quite-a-long-reference")
        self.quiet = server.account("quiet")
        self.domain = server.domain(self.account, "marketing.a-long-domain-name.example")
        server.domain(self.quiet, "quiet.example", outbound_monthly_limit=10)
        server.domain(self.account, "suspended.example")
        assert server.master.put("/domains/suspended.example/outbound", {"outbound_status": "suspended"}).status == 200
        self.account.post("/domains", {"name": "not-verified.example"})
        server.master.put(f"/domains/{self.domain}/outbound", {"outbound_daily_limit": emails + 5, "outbound_monthly_limit": 1_234_567})
        for path in ("/good", "/bad/with/a/long/path/that/does/not/end?token=12345678901234567890"):
            assert self.account.post("/callback-endpoints", {"url": receiver.url(path)}).status == 201
        self.ids = [
            send(self.account, self.domain, to=LONG if number % 7 == 0 else f"user{number}@customer.example", subject=SUBJECTS[number % 4],
                 alias="Maximilian Mustermann-Schmidt" if number % 3 == 0 else None, externalId=f"autumn campaign {number % 5}", tags=["tag"])["id"]
            for number in range(emails)
        ]
        for number, id in enumerate(self.ids[:12]):
            self._feedback(sink, number, id)
        self.bounced, self.opened = self.ids[0], self.ids[1]
        reaches(self.account, self.bounced, "BOUNCED_PERMANENT")
        assert self.account.post("/emails", {"to": "someone@customer.example", "from": "n@foreign.example", "subject": "s", "text": "t"}).status == 403
        for number in range(30):
            note = "asked by telephone, and by letter, and again by telephone " * (number % 2)
            assert self.account.post("/suppressions", {"address": f"gone{number}@customer.example", "note": note}).status == 201
        self.account.post("/senders", {"email": "ann.of.the.partner.company@partner.example"})
        self.account.post("/subscriptions", {"email": "user1@customer.example", "list": "news", "from": f"news@{self.domain}"})
        self.delivery = eventually(self._failing, what="a callback fails")

    def _feedback(self, sink, number, id):
        reaches(self.account, id, "SENT")
        message, source = sink.message_id_of(id), f"news@{self.domain}"
        to = self.account.get(f"/emails/{id}").data["to"]
        if number % 4 == 0:
            event = sns.bounce(message, source, to)
            event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "smtp; 550 5.1.1 The email account that you tried to reach does not exist"
            return sns.believed(self.server, event)
        sns.believed(self.server, sns.event("Delivery", message, source, to, {"smtpResponse": "250 2.6.0 queued"}))
        if number % 4 == 1:
            sns.believed(self.server, sns.event("Open", message, source, to, {"userAgent": "Mozilla/5.0"}))

    def _failing(self):
        found = self.account.get("/callback-deliveries?status=pending").data
        return next((one["id"] for one in found if one["attempts"]), None)

    def pages(self):
        """Every page, by a name for its picture."""
        of = f"?account={self.account.ref}"
        return {
            "overview": "", "overview-account": of, "domains": "/domains", "domain": f"/domains/{self.domain}", "dns": f"/domains/{self.domain}/dns",
            "emails": "/emails", "emails-account": "/emails" + of, "email-bounced": f"/emails/{self.bounced}", "email-opened": f"/emails/{self.opened}",
            "address": "/addresses?address=user1@customer.example", "search": "/search?q=user1", "refusals": "/refusals", "campaigns": "/campaigns", "campaign": f"/campaigns/autumn%20campaign%201{of}", "suppressions": "/suppressions",
            "suppressions-account": "/suppressions" + of, "senders": "/senders", "callbacks": "/callbacks", "callbacks-account": "/callbacks" + of,
            "callback": f"/callbacks/deliveries/{self.delivery}", "accounts": "/accounts", "account": "/accounts/1", "reviews": "/reviews", "keys": "/keys",
            "billing": "/billing", "audit": "/audit",
        }
