"""The API of SES, spoken by clients of Amazon's and of others: boto3, the `aws` command, django-ses, django-anymail."""

import email.message
import email.policy
import json
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore.exceptions import ClientError

from martlet import ses_clients
from martlet.emails import listed
from martlet.receiver import Receiver
from martlet.ses_clients import AccessKey
from martlet.wait import eventually

SIMULATOR = "simulator.martlet.test"


@pytest.fixture(scope="module")
def server(start_server):
    return start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")


@pytest.fixture
def key(server, account, domain):
    """The key comes behind the domain, which is its account's."""
    key = AccessKey(server, account)
    key.account, key.domain = account, domain
    return key


def sender(key, name="news"):
    return f"{name}@{key.domain}"


def mime(key, to="eva@reader.example", name="news"):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender(key, name)
    message["To"] = to
    message["Subject"] = "A message of its own"
    message.set_content("Hello")
    return message


# Every client as a function that sends one email and gives its id.


def by_boto3_ses(key, sender):
    return key.client("ses").send_email(
        Source=sender,
        Destination={"ToAddresses": ["eva@reader.example"]},
        Message={"Subject": {"Data": "Hällo"}, "Body": {"Text": {"Data": "Hi"}, "Html": {"Data": "<p>Hi</p>"}}},
    )["MessageId"]


def by_boto3_ses_raw(key, sender):
    message = mime(key)
    message.replace_header("From", sender)
    return key.client("ses").send_raw_email(RawMessage={"Data": message.as_bytes()})["MessageId"]


def by_boto3_sesv2(key, sender):
    return key.client("sesv2").send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": ["eva@reader.example"]},
        Content={"Simple": {"Subject": {"Data": "Hällo"}, "Body": {"Html": {"Data": "<p>Hi</p>"}}}},
    )["MessageId"]


def by_boto3_sesv2_raw(key, sender):
    message = mime(key)
    return key.client("sesv2").send_email(FromEmailAddress=sender, Content={"Raw": {"Data": message.as_bytes()}})["MessageId"]


class CommandFailed(Exception):
    pass


def by_aws_ses(key, sender):
    code, answer, complaint = key.cli(
        "ses", "send-email", "--from", sender, "--to", "eva@reader.example", "--subject", "Hello", "--text", "Hi"
    )
    if code != 0:
        raise CommandFailed(code, complaint)
    return answer["MessageId"]


def by_aws_sesv2(key, sender):
    content = json.dumps({"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi"}}}})
    code, answer, complaint = key.cli(
        "sesv2", "send-email", "--from-email-address", sender, "--destination", "ToAddresses=eva@reader.example", "--content", content
    )
    if code != 0:
        raise CommandFailed(code, complaint)
    return answer["MessageId"]


def django_message(connection, sender):
    from django.core.mail import EmailMultiAlternatives

    message = EmailMultiAlternatives("Hällo", "Hi", sender, ["Eva Ü <eva@reader.example>"], connection=connection)
    message.attach_alternative("<p>Hi</p>", "text/html")
    return message


def by_django_ses(key, sender, **options):
    message = django_message(ses_clients.django_ses(key, **options), sender)
    assert message.send() == 1
    return message.extra_headers["message_id"]


def by_django_ses_v2(key, sender):
    return by_django_ses(key, sender, use_ses_v2=True)


def by_anymail(key, sender):
    message = django_message(ses_clients.anymail(key), sender)
    assert message.send() == 1
    return message.anymail_status.message_id


CLIENTS = [
    by_boto3_ses,
    by_boto3_ses_raw,
    by_boto3_sesv2,
    by_boto3_sesv2_raw,
    by_aws_ses,
    by_aws_sesv2,
    by_django_ses,
    by_django_ses_v2,
    by_anymail,
]
VERSION_1 = {by_boto3_ses, by_boto3_ses_raw, by_aws_ses, by_django_ses}


def refusal(send, key, sender):
    """The client's own exception, and the code of SES that it knows."""
    try:
        send(key, sender)
    except ClientError as error:
        return error.response["Error"]["Code"], error
    except CommandFailed as error:
        code, complaint = error.args
        assert code == 254, error  # what the command says for an error of the service
        return complaint.split("(")[1].split(")")[0], error
    except Exception as error:
        from anymail.exceptions import AnymailAPIError

        assert isinstance(error, AnymailAPIError), error
        return error.response["Error"]["Code"], error
    raise AssertionError("not refused")


@pytest.mark.parametrize("send", CLIENTS, ids=lambda send: send.__name__)
class TestClients:
    def test_sends(self, key, send):
        id = send(key, sender(key))
        found = eventually(lambda: self._delivered(key, id), what="the email is delivered")
        assert found["to"] == "eva@reader.example" and found["from"] == sender(key)
        assert found["operator"] == "sdk" and found["userName"] == key.account.ref
        assert [item["id"] for item in listed(key.account)] == [id]
        assert [entry["status"] for entry in found["timeline"]][-3:] == ["DEQUEUED", "SENT", "DELIVERED"]

    def test_is_refused_for_quota(self, server, key, send):
        assert server.master.put(f"/domains/{key.domain}/outbound", {"outbound_daily_limit": 1}).status == 200
        send(key, sender(key))
        code, error = refusal(send, key, sender(key))
        assert code == ("Throttling" if send in VERSION_1 else "LimitExceededException")
        assert "Daily message quota exceeded." in str(error)
        assert len(listed(key.account)) == 1

    def test_is_refused_for_suspension(self, server, key, send):
        assert server.master.put(f"/domains/{key.domain}/outbound", {"outbound_status": "suspended"}).status == 200
        code, _ = refusal(send, key, sender(key))
        assert code == ("AccountSendingPausedException" if send in VERSION_1 else "SendingPausedException")
        assert listed(key.account) == []

    def test_is_refused_for_a_foreign_sender(self, server, key, send):
        foreign = server.domain(server.account())
        code, error = refusal(send, key, f"news@{foreign}")
        assert code == "MessageRejected"
        assert "Email address is not verified" in str(error)
        assert listed(key.account) == []

    @staticmethod
    def _delivered(key, id):
        answer = key.account.get(f"/emails/{id}")
        assert answer.status == 200, answer
        return answer.data if answer.data["status"] == "DELIVERED" else None


class TestBoto3:
    def test_blocked_account(self, server, key):
        assert server.master.post(f"/accounts/{key.account.ref}/review", {"decision": "block", "note": "tests"}).status == 200
        ses, sesv2 = key.client("ses"), key.client("sesv2")
        with pytest.raises(ses.exceptions.AccountSendingPausedException):
            ses.send_email(Source=sender(key), Destination={"ToAddresses": ["a@b.example"]}, Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}})
        with pytest.raises(sesv2.exceptions.SendingPausedException):
            sesv2.send_email(
                FromEmailAddress=sender(key),
                Destination={"ToAddresses": ["a@b.example"]},
                Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
            )
        account = sesv2.get_account()
        assert account["SendingEnabled"] is False and account["EnforcementStatus"] == "SHUTDOWN"
        assert ses.get_account_sending_enabled()["Enabled"] is False

    def test_recipients_tags_and_replies(self, key):
        answer = key.client("sesv2").send_email(
            FromEmailAddress=f'"The Shop, Ltd" <{sender(key)}>',
            Destination={"ToAddresses": ["Eva <eva@reader.example>", "two@reader.example"], "CcAddresses": ["cc@reader.example"], "BccAddresses": ["bcc@reader.example"]},
            ReplyToAddresses=[f"help@{key.domain}"],
            EmailTags=[{"Name": "campaign", "Value": "may"}],
            ConfigurationSetName="unknown-set",
            Content={
                "Simple": {
                    "Subject": {"Data": "Hello"},
                    "Body": {"Text": {"Data": "Hi"}},
                    "Headers": [{"Name": "X-Order", "Value": "7"}],
                    "Attachments": [{"FileName": "a.txt", "RawContent": b"content", "ContentType": "text/plain"}],
                }
            },
        )
        assert answer["ResponseMetadata"]["RequestId"]
        emails = {item["to"]: item for item in listed(key.account)}
        assert set(emails) == {"eva@reader.example", "two@reader.example", "cc@reader.example", "bcc@reader.example"}
        assert emails["eva@reader.example"]["id"] == answer["MessageId"]
        assert {item["copyOf"] for item in emails.values() if "copyOf" in item} == {answer["MessageId"]}
        assert len(key.account.get("/emails?tag=campaign%3Dmay").data) >= 1
        source = key.account.get(f"/emails/{answer['MessageId']}/source").body.decode()
        assert 'From: "The Shop, Ltd" <' in source and "Reply-To: help@" in source and "X-Order: 7" in source
        assert "bcc@reader.example" not in source and "a.txt" in source

    def test_bulk_and_templates(self, key):
        created = key.account.post("/templates", {"name": "welcome", "subject": "Hi {{name}}", "text": "Code {{code}}"})
        assert created.status == 201, created
        ses, sesv2 = key.client("ses"), key.client("sesv2")
        one = ses.send_templated_email(
            Source=sender(key), Destination={"ToAddresses": ["one@reader.example"]}, Template="welcome", TemplateData='{"name": "One", "code": 1}'
        )
        assert key.account.get(f"/emails/{one['MessageId']}").data["subject"] == "Hi One"
        with pytest.raises(ses.exceptions.TemplateDoesNotExistException):
            ses.send_templated_email(
                Source=sender(key), Destination={"ToAddresses": ["one@reader.example"]}, Template="unknown", TemplateData="{}"
            )
        with pytest.raises(sesv2.exceptions.NotFoundException):
            sesv2.send_email(
                FromEmailAddress=sender(key),
                Destination={"ToAddresses": ["one@reader.example"]},
                Content={"Template": {"TemplateName": "unknown", "TemplateData": "{}"}},
            )
        bulk = ses.send_bulk_templated_email(
            Source=sender(key),
            Template="welcome",
            DefaultTemplateData='{"code": 0}',
            Destinations=[
                {"Destination": {"ToAddresses": [f"d{number}@reader.example"]}, "ReplacementTemplateData": json.dumps({"name": f"D{number}"})}
                for number in range(49)
            ]
            + [{"Destination": {"ToAddresses": ["bad"]}, "ReplacementTemplateData": "{}"}],
        )
        assert [item["Status"] for item in bulk["Status"]] == ["Success"] * 49 + ["InvalidParameterValue"]
        assert key.account.get(f"/emails/{bulk['Status'][7]['MessageId']}").data["subject"] == "Hi D7"
        entries = sesv2.send_bulk_email(
            FromEmailAddress=sender(key),
            DefaultContent={"Template": {"TemplateName": "welcome", "TemplateData": '{"code": 0}'}},
            BulkEmailEntries=[
                {
                    "Destination": {"ToAddresses": [f"e{number}@reader.example"]},
                    "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"name": f"E{number}"})}},
                }
                for number in range(50)
            ],
        )["BulkEmailEntryResults"]
        assert [item["Status"] for item in entries] == ["SUCCESS"] * 50
        assert key.account.get(f"/emails/{entries[9]['MessageId']}").data["subject"] == "Hi E9"

    def test_bulk_meets_the_quota(self, server, key):
        assert key.account.post("/templates", {"name": "t", "subject": "s", "text": "t"}).status == 201
        assert server.master.put(f"/domains/{key.domain}/outbound", {"outbound_daily_limit": 3}).status == 200
        entries = key.client("sesv2").send_bulk_email(
            FromEmailAddress=sender(key),
            DefaultContent={"Template": {"TemplateName": "t", "TemplateData": "{}"}},
            BulkEmailEntries=[{"Destination": {"ToAddresses": [f"e{number}@reader.example"]}} for number in range(5)],
        )["BulkEmailEntryResults"]
        assert [item["Status"] for item in entries] == ["SUCCESS"] * 3 + ["ACCOUNT_DAILY_QUOTA_EXCEEDED"] * 2

    def test_quota(self, server, key):
        ses, sesv2 = key.client("ses"), key.client("sesv2")
        assert ses.get_send_quota()["Max24HourSend"] == -1
        assert server.master.put(f"/accounts/{key.account.ref}/limits", {"daily_limit": 100}).status == 200
        by_boto3_ses(key, sender(key))
        quota = ses.get_send_quota()
        assert (quota["Max24HourSend"], quota["SentLast24Hours"]) == (100, 1)
        assert sesv2.get_account()["SendQuota"]["Max24HourSend"] == 100

    def test_identities(self, key):
        ses, sesv2 = key.client("ses"), key.client("sesv2")
        name = f"second-{key.domain}"
        assert ses.verify_domain_identity(Domain=name)["VerificationToken"]
        assert len(ses.verify_domain_dkim(Domain=name)["DkimTokens"]) == 3
        eventually(
            lambda: ses.get_identity_verification_attributes(Identities=[name])["VerificationAttributes"][name]["VerificationStatus"] == "Success"
        )
        assert ses.get_identity_dkim_attributes(Identities=[name])["DkimAttributes"][name]["DkimVerificationStatus"] == "Success"
        assert ses.get_identity_verification_attributes(Identities=["amazon.com"])["VerificationAttributes"] == {}
        pages = [page["Identities"] for page in ses.get_paginator("list_identities").paginate(PaginationConfig={"PageSize": 1})]
        assert {name, key.domain} <= {identity for page in pages for identity in page}
        third = f"third-{key.domain}"
        made = sesv2.create_email_identity(EmailIdentity=third)
        assert made["IdentityType"] == "DOMAIN" and len(made["DkimAttributes"]["Tokens"]) == 3
        with pytest.raises(sesv2.exceptions.AlreadyExistsException):
            sesv2.create_email_identity(EmailIdentity=third)
        assert sesv2.get_email_identity(EmailIdentity=third)["VerifiedForSendingStatus"] is True
        assert key.account.get(f"/domains/{third}").status == 200
        sesv2.delete_email_identity(EmailIdentity=third)
        with pytest.raises(sesv2.exceptions.NotFoundException):
            sesv2.get_email_identity(EmailIdentity=third)

    def test_suppressed_destinations(self, key):
        sesv2 = key.client("sesv2")
        sesv2.put_suppressed_destination(EmailAddress="gone@reader.example", Reason="BOUNCE")
        found = sesv2.get_suppressed_destination(EmailAddress="gone@reader.example")["SuppressedDestination"]
        assert found["Reason"] == "BOUNCE" and abs(found["LastUpdateTime"].timestamp() - time.time()) < 60
        assert [item["EmailAddress"] for item in sesv2.list_suppressed_destinations(Reasons=["BOUNCE"])["SuppressedDestinationSummaries"]] == [
            "gone@reader.example"
        ]
        id = sesv2.send_email(
            FromEmailAddress=sender(key),
            Destination={"ToAddresses": ["gone@reader.example"]},
            Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        )["MessageId"]
        assert key.account.get(f"/emails/{id}").data["status"] == "BLACKLISTED"
        sesv2.delete_suppressed_destination(EmailAddress="gone@reader.example")
        with pytest.raises(sesv2.exceptions.NotFoundException):
            sesv2.delete_suppressed_destination(EmailAddress="gone@reader.example")

    def test_what_is_not_supported(self, key):
        with pytest.raises(ClientError) as error:
            key.client("ses").list_receipt_rule_sets()
        assert error.value.response["Error"]["Code"] == "InvalidAction"
        with pytest.raises(ClientError) as error:
            key.client("sesv2").list_contact_lists()
        assert error.value.response["Error"]["Code"] == "UnknownOperationException"
        assert error.value.response["ResponseMetadata"]["RequestId"]


class TestSignatures:
    @pytest.fixture
    def server(self, start_server):
        """One for each test: what fails here is throttled."""
        return start_server()

    def test_wrong_secret_and_unknown_key(self, server, key):
        for service, call in [("ses", "get_send_quota"), ("sesv2", "get_account")]:
            with pytest.raises(ClientError) as error:
                getattr(key.client(service, aws_secret_access_key="wrong"), call)()
            assert error.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
            with pytest.raises(ClientError) as error:
                getattr(key.client(service, aws_access_key_id="AKIAIOSFODNN7EXAMPLE"), call)()
            assert error.value.response["Error"]["Code"] == "InvalidClientTokenId"

    @pytest.mark.parametrize("age, code", [(0, None), (299, None), (330, "RequestExpired"), (-330, "RequestExpired")])
    def test_old_and_early_requests(self, key, monkeypatch, age, code):
        self._sign_at(monkeypatch, time.time() - age)
        client = key.client("ses")
        if code is None:
            client.get_send_quota()
        else:
            with pytest.raises(ClientError) as error:
                client.get_send_quota()
            assert error.value.response["Error"]["Code"] == code

    @staticmethod
    def _sign_at(monkeypatch, at):
        import datetime

        present = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: present.replace(tzinfo=None), raising=False)

    def test_presigned_and_unsigned_requests(self, server, key):
        credentials = botocore.credentials.Credentials(key.id, key.secret)
        request = botocore.awsrequest.AWSRequest("GET", f"{server.url}/v2/email/account")
        botocore.auth.SigV4QueryAuth(credentials, "ses", "eu-west-1").add_auth(request)
        answer = server.client(None).get(request.url.removeprefix(server.url))
        assert answer.status == 403 and answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationToken"
        answer = server.client(None).post("/", "Action=GetSendQuota", Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 403 and b"<Code>MissingAuthenticationToken</Code>" in answer.body

    def test_the_token_of_a_key_is_no_signature_and_the_id_no_token(self, server, key):
        assert server.client(key.json["token"]).get("/v2/email/account").status == 403
        assert server.client(key.json["token"]).get("/emails").status == 200
        key.client("ses").get_send_quota()
        for token in [key.id, key.secret]:
            assert server.client(token).get("/emails").status == 401

    def test_scopes_and_bounds(self, server, account, domain):
        reader = AccessKey(server, account, scopes=["read"])
        reader.client("ses").get_send_quota()
        reader.domain = domain
        with pytest.raises(ClientError) as error:
            by_boto3_ses(reader, f"a@{domain}")
        assert error.value.response["Error"]["Code"] == "AccessDenied"
        bound = AccessKey(server, account, domains=["other.example"])
        bound.domain = domain
        with pytest.raises(ClientError) as error:
            by_boto3_ses(bound, f"a@{domain}")
        assert error.value.response["Error"]["Code"] == "MessageRejected"
        away = AccessKey(server, account, allowed_ips=["203.0.113.1"])
        with pytest.raises(ClientError) as error:
            away.client("sesv2").get_account()
        assert error.value.response["Error"]["Code"] == "AccessDeniedException"
        slow = AccessKey(server, account, rate_limit=1).client("ses")
        with pytest.raises(ClientError) as error:
            for _ in range(5):
                slow.get_send_quota()
        assert error.value.response["Error"]["Code"] == "Throttling"

    def test_rotation_revocation_and_silence(self, server, account):
        key = AccessKey(server, account)
        listed = server.master.get(f"/api-keys?limit=1000").json
        entry = next(item for item in listed if item["id"] == key.json["id"])
        assert entry["aws_access_key_id"] == key.id and "aws_secret_access_key" not in entry
        rotated = server.master.post(f"/api-keys/{key.json['id']}/rotate", {"overlap_seconds": 60}).json
        assert rotated["aws_access_key_id"] != key.id and rotated["aws_secret_access_key"]
        key.client("ses").get_send_quota()
        new = key.client("ses", aws_access_key_id=rotated["aws_access_key_id"], aws_secret_access_key=rotated["aws_secret_access_key"])
        new.get_send_quota()
        assert server.master.put(f"/api-keys/{key.json['id']}", {"active": False}).status == 200
        with pytest.raises(ClientError) as error:
            new.get_send_quota()
        assert error.value.response["Error"]["Code"] == "InvalidClientTokenId"
        audit = server.master.get(f"/audit?target=key:{key.json['id']}").body.decode()
        assert key.id in audit and rotated["aws_access_key_id"] in audit
        for secret in [key.secret, rotated["aws_secret_access_key"]]:
            assert secret not in audit and secret not in server.log

    def test_secrets_survive_a_restart_and_are_no_part_of_the_database(self, start_server):
        server = start_server(MARTLET_SECRETS_KEY="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        key = AccessKey(server, server.account())
        server.stop()
        server.start()
        key.client("ses").get_send_quota()
        server.stop()
        server.start(MARTLET_SECRETS_KEY="ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=")
        with pytest.raises(ClientError) as error:
            key.client("ses").get_send_quota()
        assert error.value.response["Error"]["Code"] == "InternalFailure"
        assert "secrets.key" in server.log and key.secret not in server.log


class TestEvents:
    """An endpoint of the kind `ses` gets events as handlers of SES know them."""

    def test_events(self, server, key):
        with Receiver() as receiver:
            created = key.account.post("/callback-endpoints", {"url": receiver.url("/ses"), "kind": "ses"})
            assert created.status == 201 and created.data["kind"] == "ses", created
            id = key.client("sesv2").send_email(
                FromEmailAddress=sender(key),
                Destination={"ToAddresses": [f"bounce@{SIMULATOR}"], "CcAddresses": [f"complaint@{SIMULATOR}", "eva@reader.example"]},
                EmailTags=[{"Name": "campaign", "Value": "may"}],
                Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi"}}}},
            )["MessageId"]

            def events():
                return {(told.json["eventType"], told.json["mail"]["destination"][0].split("@")[0]): told.json for told in receiver.told}

            wanted = {("Send", "bounce"), ("Bounce", "bounce"), ("Send", "complaint"), ("Complaint", "complaint"), ("Send", "eva"), ("Delivery", "eva")}
            eventually(lambda: wanted <= set(events()), what="all events")
            found = events()
            assert {event["mail"]["messageId"] for event in found.values()} == {id}
            assert all(event["mail"]["tags"] == {"campaign": ["may"]} for event in found.values())
            bounce = found["Bounce", "bounce"]["bounce"]
            assert bounce["bounceType"] == "Permanent" and bounce["feedbackId"] and bounce["timestamp"]
            assert bounce["bouncedRecipients"][0]["emailAddress"] == f"bounce@{SIMULATOR}"
            assert found["Complaint", "complaint"]["complaint"]["complainedRecipients"] == [{"emailAddress": f"complaint@{SIMULATOR}"}]
            assert found["Delivery", "eva"]["delivery"]["recipients"] == ["eva@reader.example"]
            assert not [told for told in receiver.told if "eventType" not in told.json]

    def test_django_anymail_reads_them(self, key):
        """Its handler of bounces, fed with our event."""
        ses_clients.configure_django()
        from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView

        with Receiver() as receiver:
            assert key.account.post("/callback-endpoints", {"url": receiver.url("/ses"), "kind": "ses", "events": ["BOUNCED_PERMANENT"]}).status == 201
            id = key.client("ses").send_email(
                Source=sender(key), Destination={"ToAddresses": [f"bounce@{SIMULATOR}"]}, Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
            )["MessageId"]
            told = eventually(lambda: receiver.told[:1], what="the bounce")[0]
        view = AmazonSESTrackingWebhookView.__new__(AmazonSESTrackingWebhookView)
        events = view.esp_to_anymail_events(told.json, {"Type": "Notification", "Message": told.body.decode(), "MessageId": "x"})
        assert [(event.event_type, event.recipient, event.message_id) for event in events] == [("bounced", f"bounce@{SIMULATOR}", id)]
