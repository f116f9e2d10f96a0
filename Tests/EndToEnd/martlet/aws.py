"""moto's HTTP server as SES and SNS, in this process, so that what it took over can be read."""

import json
import logging

import boto3
from moto.moto_api import state_manager  # noqa: F401  (loads moto before the server thread does)
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends
from moto.sesv2 import urls as sesv2_urls
from moto.sesv2.responses import SESV2Response
from moto.sns.models import sns_backends

from .programs import free_port
from .server import AWS, REGION
from .sns import TOPIC

ACCOUNT = "123456789012"

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def get_account(response):
    """moto itself knows no GetAccount: this one is out of the sandbox."""
    quota = {"Max24HourSend": 1_000_000.0, "MaxSendRate": 1_000.0, "SentLast24Hours": float(len(ses_backends[ACCOUNT][REGION].sent_messages))}
    return json.dumps({"SendingEnabled": True, "ProductionAccessEnabled": True, "EnforcementStatus": "HEALTHY", "SendQuota": quota})


SESV2Response.get_account = get_account
sesv2_urls.url_paths["{0}/v2/email/account$"] = SESV2Response.dispatch


class Moto:
    def __init__(self):
        self.port = free_port()
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)

    def start(self):
        self.reset()  # all servers of a process share what they know
        self._server.start()
        return self

    def stop(self):
        self._server.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self, endpoint=None):
        """Settings of a server that uses this SES, or a proxy in front of it."""
        return {
            "MARTLET_TRANSPORT": "ses",
            "MARTLET_SNS_TOPIC_ARNS": TOPIC,
            "MARTLET_SES_CONTROL_RATE": "1000",
            "AWS_ENDPOINT_URL": endpoint or self.url,
            **AWS,
        }

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
        )

    @property
    def sent(self):
        """The messages that SES took over, oldest first; each has `id`, `source`, `destinations` and `raw_data`."""
        return list(ses_backends[ACCOUNT][REGION].sent_messages)

    def reset(self):
        ses_backends[ACCOUNT][REGION].sent_messages.clear()
        sns_backends[ACCOUNT][REGION].topics.clear()
        sns_backends[ACCOUNT][REGION].subscriptions.clear()
