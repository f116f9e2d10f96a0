"""moto as SES and SNS: what arrives there is what was asked for, and faults in front of it lose and double nothing."""

import base64
import json
import random
from collections import Counter
from email import message_from_string, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from martlet import sns
from martlet.doctor import doctor
from martlet.emails import email, listed, reaches, send, status_of
from martlet.fault_proxy import DROP_AFTER, DROP_BEFORE, FaultProxy
from martlet.load import Load, Tally
from martlet.wait import eventually

EMAILS = 500


@pytest.fixture(autouse=True)
def nothing_sent(moto):
    moto.reset()


@pytest.fixture(scope="module")
def server(start_server, moto):
    return start_server(MARTLET_SNS_VERIFY_SIGNATURES="false", **moto.environment())


def parsed(message):
    return message_from_string(message.raw_data, policy=policy.default)


def recipient_of(message):
    """Display name and address of `To`. The new parser of Python 3.11 keeps the space between encoded words of a name; this one does not."""
    name, address = parseaddr(message_from_string(message.raw_data)["To"])
    return str(make_header(decode_header(name))), address


def part(message, kind):
    return next(piece.get_content() for piece in message.walk() if piece.get_content_type() == kind)


def same_text(left, right):
    return left.replace("\r\n", "\n").rstrip("\n") == right.replace("\r\n", "\n").rstrip("\n")


def test_domain_is_verified_by_ses(server, moto, account):
    name = "verified-by-moto.example"
    account.post("/domains", {"name": name})
    assert account.get(f"/domains/{name}/ses-status").json["verification_status"] == "NotStarted"
    verification = account.post(f"/domains/{name}/ses-verify").json
    asked = moto.client("ses")
    assert verification["ses_verification_token"] == asked.verify_domain_identity(Domain=name)["VerificationToken"]
    assert verification["ses_dkim_tokens"] == asked.verify_domain_dkim(Domain=name)["DkimTokens"]
    assert account.get(f"/domains/{name}/ses-status").json == {
        "name": name, "ses_verified": True, "verification_status": "Success", "dkim_status": "Success",
    }


def test_mail_from_is_set_at_ses(server, moto, account):
    name = "mail-from-by-moto.example"
    account.post("/domains", {"name": name})
    answer = account.post(f"/domains/{name}/ses-verify", {"mail_from": "mail"})
    assert answer.status == 200 and len(answer.json["dns_records"]) == 6, answer
    assert answer.json["dns_records"][4]["value"] == f"10 feedback-smtp.{moto.environment()['AWS_REGION']}.amazonses.com"

    def at_ses():
        return moto.client("ses").get_identity_mail_from_domain_attributes(Identities=[name])["MailFromDomainAttributes"][name]

    assert at_ses()["MailFromDomain"] == f"mail.{name}" and at_ses()["BehaviorOnMXFailure"] == "UseDefaultValue"
    assert f"mail.{name}. 300 IN MX 10 feedback-smtp." in account.get(f"/domains/{name}/records.zone").body.decode()


def test_doctor_looks_at_the_account(server, moto):
    ses = moto.client("ses")

    def findings(**settings):
        code, checks = doctor(server, **settings)
        found = {check["check"]: (check["ok"], check["detail"]) for check in checks}
        assert code == (0 if all(ok for ok, _ in found.values()) else 1)
        return found

    bare = findings()
    assert bare["ses"] == (True, "takes 1000000 emails a day and 1000 a second, had 0 within a day")
    assert bare["ses events"][0] and "MARTLET_SES_CONFIGURATION_SET is not set" in bare["ses events"][1]
    assert "sns" not in bare, "topics are listed: none is pinned"

    unknown = findings(MARTLET_SES_CONFIGURATION_SET="nothing")
    assert not unknown["ses events"][0] and "ConfigurationSetDoesNotExist" in unknown["ses events"][1]
    ses.create_configuration_set(ConfigurationSet={"Name": "mail"})
    missing = findings(MARTLET_SES_CONFIGURATION_SET="mail")
    assert missing["ses events"] == (False, "mail does not publish send, reject, delivery, bounce, complaint, renderingFailure to an SNS topic of MARTLET_SNS_TOPIC_ARNS")

    topic = moto.client("sns").create_topic(Name="events")["TopicArn"]
    heard = ["send", "reject", "delivery", "bounce", "complaint", "renderingFailure", "open"]
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="mail",
        EventDestination={"Name": "to-martlet", "Enabled": True, "MatchingEventTypes": heard, "SNSDestination": {"TopicARN": topic}},
    )
    well = findings(MARTLET_SES_CONFIGURATION_SET="mail", MARTLET_SNS_TOPIC_ARNS=topic)
    assert well["ses events"] == (True, "mail publishes all that is needed to an SNS topic") and "sns" not in well
    foreign = findings(MARTLET_SES_CONFIGURATION_SET="mail", MARTLET_SNS_TOPIC_ARNS=f"{topic}-of-others")
    assert not foreign["ses events"][0] and "MARTLET_SNS_TOPIC_ARNS" in foreign["ses events"][1]


def test_doctor_without_credentials(server):
    code, checks = doctor(server, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_EC2_METADATA_DISABLED="true", HOME="/nonexistent")
    assert code == 1 and "CredentialsUnavailable" in next(check["detail"] for check in checks if check["check"] == "ses")


WORDS = ["offer", "Grüße", "日本語", "скидка", "🎉", "naïve", "x" * 70, "ﷺ", "a,b", '"quoted"', "semi;colon", "=?utf-8?q?no?=", "(comment)", "back\\slash"]


def varied(number):
    """The fields of the n-th email: from plain ASCII to what mail programs get wrong."""
    choose = random.Random(number)
    subject = " ".join(choose.choice(WORDS) for _ in range(choose.randint(1, 12)))
    alias = " ".join(choose.choice(WORDS) for _ in range(choose.randint(1, 4)))
    line = " ".join(choose.choice(WORDS) for _ in range(choose.choice([1, 5, 300])))
    text = "\n".join([line, ".", "..dots", "From here", "trailing space ", "=3D", line, "é" * choose.choice([1, 998, 3000])])
    if number % 3 == 0:
        text = f"<html><body><h1>{subject.replace('<', '')}</h1><p>{'<br>'.join(text.splitlines())}</p></body></html>"
    return {"subject": subject, "alias": alias, "text": text, "to": f"user+{number}@customer.example", "externalId": f"e{number}"}


@pytest.mark.timeout(240)
def test_five_hundred_emails(server, moto, account, domain):
    wanted, tally = {}, Tally()

    def submit(thread):
        for number in range(thread, EMAILS, 8):
            fields = varied(number)
            wanted[send(account, domain, **fields)["id"]] = fields
        return False

    Load(8, submit).__enter__().wait()
    eventually(lambda: len(moto.sent) >= EMAILS, within=120, every=0.2, what="500 emails are at SES")
    eventually(lambda: Counter(item["status"] for item in listed(account)) == {"SENT": EMAILS}, within=20, every=0.2)

    for message in moto.sent:
        arrived = parsed(message)
        fields = wanted.pop(arrived["X-Martlet-Id"])
        assert all(len(line) <= 998 for line in message.raw_data.encode().split(b"\r\n"))
        assert all(len(line) <= 998 for line in message.raw_data.encode().splitlines())
        assert arrived.defects == []
        assert arrived["Subject"] == fields["subject"]
        assert recipient_of(message) == (fields["alias"], fields["to"])
        assert len(arrived["To"].addresses) == 1
        assert arrived["From"].addresses[0].addr_spec == f"news@{domain}"
        assert parseaddr(message.source)[1] == f"news@{domain}" and {parseaddr(to)[1] for to in message.destinations} == {fields["to"]}
        assert arrived["Date"].datetime is not None and arrived["Message-ID"] and arrived["MIME-Version"] == "1.0"
        if fields["text"].startswith("<html>"):
            assert arrived.get_content_type() == "multipart/alternative"
            assert [piece.get_content_type() for piece in arrived.iter_parts()] == ["text/plain", "text/html"]
            assert same_text(part(arrived, "text/html"), fields["text"])
            plain = part(arrived, "text/plain")
            assert "<br>" not in plain and "trailing space" in plain
        else:
            assert arrived.get_content_type() == "text/plain"
            assert same_text(arrived.get_content(), fields["text"])
        assert arrived.get_content_charset() in (None, "utf-8", "us-ascii")
    assert wanted == {}


def test_copies_and_attachments(server, moto, account, domain):
    """SES gets one recipient at a time, and the whole message with each."""
    data = random.Random(3).randbytes(100_000)
    file = {"filename": "über.pdf", "content": base64.b64encode(data).decode()}
    fields = {"to": "a@customer.example", "cc": ["c@customer.example"], "bcc": ["b@customer.example"], "attachments": [file]}
    sent = send(account, domain, **fields)
    for id in [sent["id"], *(copy["id"] for copy in sent["copies"])]:
        reaches(account, id, "SENT")
    # Unlike SES, moto adds the addresses in the header to those that it is given.
    given = sorted(parseaddr(message.destinations[0])[1] for message in moto.sent)
    assert given == [f"{name}@customer.example" for name in "abc"]
    for message in moto.sent:
        arrived = parsed(message)
        assert (str(arrived["To"]), str(arrived["Cc"]), arrived["Bcc"]) == ("a@customer.example", "c@customer.example", None)
        assert "b@customer.example" not in message.raw_data
        assert [(part.get_filename(), part.get_content()) for part in arrived.iter_attachments()] == [("über.pdf", data)]


@pytest.mark.timeout(240)
def test_a_message_larger_than_version_1_took(start_server, moto):
    """SES takes 40 MB by version 2."""
    server = start_server(MARTLET_EMAILS_MAXIMUM_ATTACHMENT_BYTES="31457280", **moto.environment())
    account = server.account()
    domain = server.domain(account)
    data = random.Random(5).randbytes(27 << 20)
    file = {"filename": "large.zip", "content": base64.b64encode(data).decode()}
    sent = send(account, domain, to="a@customer.example", attachments=[file])
    reaches(account, sent["id"], "SENT", within=60)
    message = moto.sent[-1]
    assert 38_000_000 < len(message.raw_data) < 40 << 20
    assert [part.get_content() for part in parsed(message).iter_attachments()] == [data]
    files = [{"filename": f"{number}.zip", "content": base64.b64encode(bytes(15 << 20)).decode()} for number in range(2)]
    refused = account.post("/emails", email(domain, to="a@customer.example", attachments=files))
    assert refused.status == 413 and "the provider takes at most 41943040" in refused.json["meta"]["explain"], refused


def test_unsubscribe_link(start_server, moto):
    server = start_server(MARTLET_PUBLIC_URL="https://mail.martlet.example", **moto.environment())
    account = server.account()
    domain = server.domain(account)
    moto.reset()
    assert account.post("/emails?unsubscribeMsg=Leave%20us%20%26%20go", email(domain, text="<html><body><p>Hi</p></body></html>", to="u@c.example")).status == 202
    arrived = parsed(eventually(lambda: moto.sent, what="the email is at SES")[0])
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = arrived["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://mail.martlet.example/u/")
    html = part(arrived, "text/html")
    assert "Leave us &amp; go" in html and link in html and html.index(link) < html.index("</body>")


@pytest.mark.timeout(240)
def test_faults_lose_and_double_nothing(start_server, moto, figure):
    """A third of the attempts fails before SES sees them, each email at most twice."""
    choose = random.Random(7)
    faults = ["throttle", "unavailable", "failure", "gateway", DROP_BEFORE]

    def plan(_, attempt):
        return choose.choice(faults[:-1]) if attempt <= 2 and choose.random() < 0.35 else None

    with FaultProxy(moto.url, plan) as proxy:
        server = start_server(MARTLET_DELIVERY_RETRY_SECONDS="1", **moto.environment(proxy.url))
        account = server.account()
        domain = server.domain(account)
        moto.reset()
        ids = [send(account, domain, to=f"u{number}@customer.example")["id"] for number in range(200)]
        eventually(lambda: Counter(item["status"] for item in listed(account)) == {"SENT": 200}, within=120, every=0.5)
        figure(f"faults in front of SES: 200 emails, {sum(proxy.attempts.values())} attempts, {dict(proxy.faults)}")
        assert Counter(parsed(message)["X-Martlet-Id"] for message in moto.sent) == Counter(ids)
        again = [id for id in ids if proxy.attempts[id] > 1]
        assert again and all(account.get(f"/emails/{id}").data["attempts"] == proxy.attempts[id] for id in again[:10])


def test_rejected_for_good(start_server, moto):
    with FaultProxy(moto.url, lambda *_: "reject") as proxy:
        server = start_server(**moto.environment(proxy.url))
        account = server.account()
        data = reaches(account, send(account, server.domain(account), to="u@customer.example")["id"], "NOT_SENT")
        assert "not verified" in data["timeline"][-1]["explain"]
        assert proxy.attempts[data["id"]] == 1


@pytest.fixture(scope="module")
def broken(start_server, moto):
    """A server whose connection to SES breaks once per email after SES has taken it over."""
    with FaultProxy(moto.url, lambda _, attempt: DROP_AFTER if attempt == 1 else None) as proxy:
        server = start_server(
            MARTLET_DELIVERY_GRACE_SECONDS="3", MARTLET_DELIVERY_RETRY_SECONDS="1", MARTLET_SNS_VERIFY_SIGNATURES="false", **moto.environment(proxy.url)
        )
        yield server, proxy


def test_event_settles_a_broken_connection(broken, moto):
    """SES's own Send event arrives within the grace time: no second attempt."""
    server, proxy = broken
    account = server.account()
    domain = server.domain(account)
    id = send(account, domain, to="settled@customer.example")["id"]
    message = eventually(lambda: moto.sent, what="SES took the email over")[0]
    sns.believed(server, sns.event("Send", message.id, f"news@{domain}", "settled@customer.example", tags={"martlet-id": id}))
    reaches(account, id, "SENT")
    # A second email that no event settles is tried again after the grace time: by then the first would have been, too.
    other = send(account, domain, to="unsettled@customer.example")["id"]
    reaches(account, other, "SENT", within=15)
    assert (proxy.attempts[id], proxy.attempts[other]) == (1, 2)
    assert status_of(account, id) == "SENT"


def test_bounce_through_sns(server, moto, account, domain):
    """moto's SNS publishes a bounce of a real email to our webhook."""
    id = send(account, domain, to="gone@customer.example")["id"]
    message = eventually(lambda: moto.sent)[0]
    reaches(account, id, "SENT")
    topic = moto.client("sns").create_topic(Name="ses-events")["TopicArn"]
    assert topic == sns.TOPIC
    moto.client("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{server.url}/webhooks/ses")
    bounce = sns.bounce(message.id, f"news@{domain}", "gone@customer.example", shape="notificationType")
    moto.client("sns").publish(TopicArn=topic, Message=json.dumps(bounce))
    reaches(account, id, "BOUNCED_PERMANENT")
    assert server.outbound(domain)["bounce_count"] == 1
