"""Clients of Amazon SES, not of our making, whose endpoint is the server under test."""

import json
import os
import subprocess
import tempfile

import boto3
from botocore.config import Config

from .server import REGION

AWS_CLI = os.environ.get("AWS_CLI", "/usr/bin/aws")
"""Debian's."""


class AccessKey:
    """A key of an account with an access key, and the clients that sign with it."""

    def __init__(self, server, account, **options):
        self.server = server
        answer = server.master.post("/api-keys", {"partner_ref": account.ref, "name": "sdk", "aws": True, **options})
        assert answer.status == 201, answer
        self.json = answer.json
        self.id = answer.json["aws_access_key_id"]
        self.secret = answer.json["aws_secret_access_key"]

    def client(self, service, retries=0, **options):
        """A client of boto3: `ses` or `sesv2`."""
        config = Config(retries={"max_attempts": retries}, **options.pop("config", {}))
        return boto3.client(service, **{**self.parameters, "config": config, **options})

    @property
    def parameters(self):
        return {
            "endpoint_url": self.server.url,
            "region_name": REGION,
            "aws_access_key_id": self.id,
            "aws_secret_access_key": self.secret,
        }

    def cli(self, *command):
        """Runs the `aws` command: its exit code, what it has printed, and what it complains of."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": tempfile.gettempdir(),
            "AWS_ACCESS_KEY_ID": self.id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        done = subprocess.run(
            [AWS_CLI, "--endpoint-url", self.server.url, "--output", "json", *command], env=environment, capture_output=True, text=True, timeout=120
        )
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr


def configure_django():
    """Settings that are enough for backends that are made by hand."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()


def django_ses(key, **options):
    """A connection of django-ses."""
    configure_django()
    from django_ses import SESBackend

    return SESBackend(
        aws_access_key=key.id,
        aws_secret_key=key.secret,
        aws_region_name=REGION,
        aws_region_endpoint=key.server.url,
        aws_config=Config(retries={"max_attempts": 0}),
        **options,
    )


def anymail(key):
    """A connection of django-anymail for Amazon SES."""
    configure_django()
    from anymail.backends.amazon_ses import EmailBackend

    return EmailBackend(client_params={**key.parameters, "config": Config(retries={"max_attempts": 0})})
