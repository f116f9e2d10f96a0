"""SNS messages around SES events, unsigned: for servers with `MARTLET_SNS_VERIFY_SIGNATURES=false`."""

import json
import uuid
from datetime import datetime, timezone

from .server import REGION

TOPIC = f"arn:aws:sns:{REGION}:123456789012:ses-events"


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def envelope(message, message_id=None, kind="Notification", **fields):
    return {
        "Type": kind,
        "MessageId": message_id or str(uuid.uuid4()),
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": now(),
        "SignatureVersion": "1",
        "Signature": "AAAA",
        "SigningCertURL": f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem",
        "UnsubscribeURL": f"https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe",
        **fields,
    }


def post(server, message, message_id=None, **fields):
    """Posts an event as SNS would, in its text/plain."""
    body = json.dumps(envelope(message, message_id, **fields))
    return server.client(None).post("/webhooks/ses", body, Content_Type="text/plain; charset=UTF-8")


def believed(server, message, message_id=None, **fields):
    answer = post(server, message, message_id, **fields)
    assert answer.status == 200, answer
    return answer


def event(kind, message_id, source, recipient, details=None, shape="eventType", tags=None):
    """A SES event; `details` extend the inner object (`bounce`, `complaint`, …)."""
    key = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}.get(kind, kind.lower())
    mail = {"timestamp": now(), "messageId": message_id, "source": source, "destination": [recipient], "sendingAccountId": "123456789012"}
    if tags:
        mail["tags"] = {name: [value] for name, value in tags.items()}
        mail["headers"] = [{"name": "X-Martlet-Id", "value": value} for value in tags.values()]
    return {shape: kind, "mail": mail, key: {"timestamp": now(), **_inner(kind, recipient), **(details or {})}}


def bounce(message_id, source, *recipients, type="Permanent", subtype="General", shape="eventType"):
    details = {
        "bounceType": type,
        "bounceSubType": subtype,
        "bouncedRecipients": [{"emailAddress": address, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no such user"} for address in recipients],
    }
    return event("Bounce", message_id, source, recipients[0], details, shape)


def complaint(message_id, source, recipient, feedback="abuse", shape="eventType"):
    return event("Complaint", message_id, source, recipient, {"complaintFeedbackType": feedback}, shape)


def _inner(kind, recipient):
    return {
        "Complaint": {"complainedRecipients": [{"emailAddress": recipient}], "feedbackId": str(uuid.uuid4())},
        "Delivery": {"recipients": [recipient], "processingTimeMillis": 100, "smtpResponse": "250 ok"},
        "Reject": {"reason": "Bad content"},
        "Open": {"ipAddress": "192.0.2.1", "userAgent": "Mozilla/5.0"},
        "Click": {"ipAddress": "192.0.2.1", "userAgent": "Mozilla/5.0", "link": "https://shop.example/", "linkTags": None},
        "Rendering Failure": {"templateName": "offer", "errorMessage": "Attribute 'name' is not present"},
        "DeliveryDelay": {"delayType": "MailboxFull", "delayedRecipients": [{"emailAddress": recipient, "status": "4.2.2"}]},
        "Bounce": {"feedbackId": str(uuid.uuid4())},
    }.get(kind, {})
