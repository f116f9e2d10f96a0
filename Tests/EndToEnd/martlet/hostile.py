"""Fields that try to run script wherever they are shown."""

SCRIPT = "\"'><script>window.hostile=1</script><img src=x onerror=window.hostile=2>{{7*7}}"
"""Runs where it is taken for markup, in text or in either kind of quotes."""

HTML = (
    "<p>Look</p><script>window.hostile=1</script><img src=https://tracker.example/pixel.gif onerror=window.hostile=2 alt=pixel>"
    "<a href='javascript:window.hostile=3'>press</a><a href='https://shop.example/'>offer</a><iframe src='javascript:window.hostile=4'></iframe>"
    "<svg onload=window.hostile=5></svg><style>@import 'https://tracker.example/x.css'; p { background: url(https://tracker.example/y.png) }</style>"
    "<form action=https://tracker.example/><button>go</button></form><meta http-equiv=refresh content='0;url=https://tracker.example/'>"
)
"""An email that tries everything: script, tracking, forms, leaving the page."""


def ran(page):
    """Whether script of either ran in any frame."""
    return [frame.url for frame in page.frames if frame.evaluate("() => window.hostile")]


class Story:
    """An account all of whose fields are hostile, with one email at every turn of its life.

    `sink` plays SES; events come unsigned. Callbacks go to `receiver`.
    """

    def __init__(self, server, sink, receiver):
        from . import sns
        from .emails import reaches, send
        from .server import unique

        self.server = server
        self.name = unique("hostile ") + SCRIPT
        answer = server.master.post("/api-keys", {"partner_ref": self.name, "name": SCRIPT})
        assert answer.status == 201, answer
        self.token = answer.json["token"]
        self.account = server.client(self.token, self.name)
        self.domain = server.domain(self.account)
        self.campaign = "spring/" + SCRIPT
        for path in ("/good?q='alert(1)'", "/bad?q=%22%3E%3Cscript%3E"):
            made = self.account.post("/callback-endpoints", {"url": receiver.url(path)})
            assert made.status == 201, made
        fields = {
            "subject": "Offer " + SCRIPT, "alias": "Ann " + SCRIPT[:120], "externalId": self.campaign, "clientId": SCRIPT, "tags": ["tag " + SCRIPT],
            "headers": {"X-Note": "x " + SCRIPT},
        }
        self.html = send(self.account, self.domain, to="html@customer.example", text="Plain " + SCRIPT, html=HTML, **fields)["id"]
        self.text = send(self.account, self.domain, to="text@customer.example", text="No tags here: 1 < 2", **fields)["id"]
        bounced = sink.message_id_of(self.text)
        source = f"news@{self.domain}"
        reaches(self.account, self.text, "SENT")
        event = sns.bounce(bounced, source, "text@customer.example")
        event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "smtp; 550 " + SCRIPT
        sns.believed(server, event)
        opened = sink.message_id_of(self.html)
        reaches(self.account, self.html, "SENT")
        for kind, details in [
            ("Delivery", {"smtpResponse": "250 " + SCRIPT}), ("Open", {"userAgent": SCRIPT}),
            ("Click", {"userAgent": SCRIPT, "link": "https://shop.example/?" + SCRIPT}),
        ]:
            sns.believed(server, sns.event(kind, opened, source, "html@customer.example", details))
        reaches(self.account, self.html, "CLICK")
        reaches(self.account, self.text, "BOUNCED_PERMANENT")
        added = self.account.post("/suppressions", {"address": "former@customer.example", "note": "asked " + SCRIPT})
        assert added.status == 201, added
        assert self.account.post("/senders", {"email": "ann@partner.example"}).status == 201
