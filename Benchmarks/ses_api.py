"""SendEmail of SES's API beside POST /emails, in turns: what signatures, forms and XML cost."""

import os
import random
from urllib.parse import urlencode

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from bench import HTTP_ONLY, costed, directory, median
from martlet.server import REGION, Server

CALLS = 5_000
"""How many different calls are signed; a signature is good for five minutes."""


def sign(path, server, key, domain):
    """Writes signed calls to a file, as wrk's script reads them."""
    credentials = botocore.credentials.Credentials(key["aws_access_key_id"], key["aws_secret_access_key"])
    signer = botocore.auth.SigV4Auth(credentials, "ses", REGION)
    with open(path, "w") as file:
        for _ in range(CALLS):
            body = urlencode(
                {
                    "Action": "SendEmail",
                    "Version": "2010-12-01",
                    "Source": f"news@{domain}",
                    "Destination.ToAddresses.member.1": f"user{random.randrange(10**9):09}@customer.example",
                    "Message.Subject.Data": "EliPackage Promo",
                    "Message.Body.Text.Data": "we have a new offer this week",
                    "Tags.member.1.Name": "campaign",
                    "Tags.member.1.Value": str(random.randrange(100)),
                }
            )
            request = botocore.awsrequest.AWSRequest(
                "POST", f"{server.url}/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
            )
            signer.add_auth(request)
            file.write(f"{request.headers['X-Amz-Date']}\n{request.headers['Authorization']}\n{body}\n")


def measure(table, seconds, rounds):
    server = Server(directory(), **HTTP_ONLY).start()
    signed = os.path.join(directory(), "signed")
    emails, calls = [], []
    try:
        account = server.account()
        domain = server.domain(account)
        key = server.master.post("/api-keys", {"partner_ref": account.ref, "aws": True}).json
        for _ in range(rounds):
            emails.append(costed(server, "/emails", seconds, "emails.lua", TOKEN=account.token, DOMAIN=domain))
            sign(signed, server, key, domain)
            calls.append(costed(server, "/", seconds, "signed.lua", SIGNED=signed, SIGNED_HOST=f"127.0.0.1:{server.port}"))
    finally:
        server.stop()
    reference = median(emails)
    table.add_load("POST /emails", reference)
    table.add_load("SendEmail of SES's API, signed", median(calls), reference, 0.6)
