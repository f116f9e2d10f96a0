"""The infrastructure as files: applied to moto as far as that goes, checked by cfn-lint, and the same in Terraform as in CloudFormation."""

import json
import re
import subprocess
import sys
from pathlib import Path

import hcl2
from cfnlint.decode import decode

from martlet import sns
from martlet.aws import ACCOUNT
from martlet.emails import reaches, send
from martlet.programs import ROOT
from martlet.server import REGION
from martlet.wait import eventually

TEMPLATE = ROOT / "packaging" / "aws" / "martlet.yaml"
TERRAFORM = ROOT / "packaging" / "aws" / "terraform"
OURS = re.compile(r'"((?:ses|sqs):[A-Za-z]+)"')


def template():
    document, problems = decode(str(TEMPLATE))
    assert not problems
    return document


def plain(value):
    """What python-hcl2 read, without the quotes around texts."""
    if isinstance(value, dict):
        return {name.strip('"'): plain(inner) for name, inner in value.items() if name != "__is_block__"}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value


def terraform():
    """The blocks by kind and address: `resource`, `aws_sqs_queue.events`."""
    blocks = {}
    for path in sorted(TERRAFORM.glob("*.tf")):
        with path.open() as file:
            for kind, entries in plain(hcl2.load(file)).items():
                for entry in entries:
                    for name, inner in entry.items():
                        if kind in ("resource", "data"):
                            blocks.update({(kind, f"{name}.{second}"): block for second, block in inner.items()})
                        else:
                            blocks[kind, name] = inner
    return blocks


class Stack:
    """The template applied to moto: what its CloudFormation makes, and the policies and subscriptions, which it does not, by calls of their own. It has
    no configuration sets of CloudFormation either: those are left out."""

    APART = ("TopicPolicy", "QueuePolicy", "QueueSubscription", "WebhookSubscription")
    MISSING = ("ConfigurationSet", "Events", "DedicatedConfigurationSet", "DedicatedEvents")

    def __init__(self, moto, name, **parameters):
        self.moto, self.parameters = moto, {"Name": name, "Delivery": "queue", **parameters}
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        cloud = moto.client("cloudformation")
        cloud.create_stack(StackName=name, TemplateBody=self._text(), Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"])
        stack = cloud.describe_stacks(StackName=name)["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.made = {item.get("LogicalResourceId"): item.get("PhysicalResourceId") for item in cloud.describe_stack_resources(StackName=name)["StackResources"]}
        self.env = dict(line.split("=", 1) for line in self.outputs["MartletEnv"].splitlines())
        self._complete()

    def _text(self):
        text = TEMPLATE.read_text()
        for resource in self.APART + self.MISSING:
            text = re.sub(rf"^  {resource}:\n(?:    .*\n|\n)+", "", text, flags=re.MULTILINE)
        return text.replace("MARTLET_SES_CONFIGURATION_SET=${ConfigurationSet}", "MARTLET_SES_CONFIGURATION_SET=${Name}")

    def _complete(self):
        resources = template()["Resources"]
        sns_, sqs = self.moto.client("sns"), self.moto.client("sqs")
        for name in self.APART:
            used = {"UsesQueue": "queue", "UsesWebhook": "webhook"}.get(resources[name].get("Condition"))
            if used not in (None, self.parameters["Delivery"]):
                continue
            properties = self._resolved(resources[name]["Properties"])
            if name == "TopicPolicy":
                sns_.set_topic_attributes(TopicArn=properties["Topics"][0], AttributeName="Policy", AttributeValue=json.dumps(properties["PolicyDocument"]))
            elif name == "QueuePolicy":
                sqs.set_queue_attributes(QueueUrl=properties["Queues"][0], Attributes={"Policy": json.dumps(properties["PolicyDocument"])})
            else:
                sns_.subscribe(TopicArn=properties["TopicArn"], Protocol=properties["Protocol"], Endpoint=properties["Endpoint"])

    def _resolved(self, value):
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Ref"}:
            return self._named(value["Ref"])
        if set(value) == {"Fn::GetAtt"}:
            return f"arn:aws:sqs:{REGION}:{ACCOUNT}:" + self._named(value["Fn::GetAtt"][0]).rsplit("/", 1)[1]
        if set(value) == {"Fn::Sub"}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: self._named(found[1]), value["Fn::Sub"])
        return {name: self._resolved(inner) for name, inner in value.items()}

    def _named(self, name):
        pseudo = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
        return pseudo.get(name) or self.parameters.get(name) or self.made[name]


def test_template_passes_cfn_lint():
    done = subprocess.run([Path(sys.executable).parent / "cfn-lint", "--", TEMPLATE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_queue_made_by_the_template_serves_martlet(moto, start_server):
    """The lines of the output are a configuration: what is published to the topic comes through the queue."""
    stack = Stack(moto, "mail")
    settings = stack.env
    assert settings["AWS_REGION"] == REGION and settings["MARTLET_TRANSPORT"] == "ses" and settings["MARTLET_SES_CONFIGURATION_SET"] == "mail"
    url = settings["MARTLET_SQS_QUEUE_URLS"]
    assert url.endswith(f"/{ACCOUNT}/mail-ses-events")
    sqs = moto.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail-ses-events-dead"
    assert attributes["VisibilityTimeout"] == "60" and attributes["MessageRetentionPeriod"] == "1209600"
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:mail-ses-events"
    statement = json.loads(attributes["Policy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"} and statement["Condition"] == {"ArnEquals": {"aws:SourceArn": topic}}

    server = start_server(**{**moto.environment(), **settings, "MARTLET_SES_CONFIGURATION_SET": None})
    account = server.account()
    domain = server.domain(account)
    id = send(account, domain, to="gone@customer.example")["id"]
    message = eventually(lambda: moto.sent, what="SES took the email over")[0]
    moto.client("sns").publish(TopicArn=topic, Message=json.dumps(sns.bounce(message.id, f"news@{domain}", "gone@customer.example")))
    reaches(account, id, "BOUNCED_PERMANENT", within=20)


def test_policy_allows_what_martlet_calls_and_no_more(moto):
    iam, outputs = moto.client("iam"), Stack(moto, "rights").outputs
    statements = []
    for arn in (outputs["PolicyArn"], outputs["FeedbackPolicyArn"]):
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        statements += iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]["Statement"]
    allowed = {action for statement in statements for action in statement["Action"]}
    assert all(statement["Effect"] == "Allow" for statement in statements)
    text = "".join(path.read_text() for path in (ROOT / "Sources" / "AmazonSES").rglob("*.swift"))
    called = {f"ses:{name}" for name in re.findall(r'"((?:Get|Set|Verify|Delete|Send|Describe)[A-Z]\w+)"', text)}
    called = {action for action in called if "Queue" not in action and "Message" not in action and not action.endswith("Result")}
    called -= {"ses:SendQuota"}  # a member of an answer
    called |= {f"sqs:{name}" for name in re.findall(r'"((?:Receive|Delete|Change|Get)(?:Message|Queue)[A-Za-z]*?)(?:Batch)?"', text)}
    assert {"ses:GetSendQuota", "sqs:DeleteMessage", "sqs:ReceiveMessage"} <= called and called - allowed == set()
    # The calls of version 2, which have no names in a request.
    version_2 = {
        "SendEmail", "SendRawEmail", "GetAccount", "GetConfigurationSet", "CreateTenant", "GetTenant", "CreateTenantResourceAssociation",
        "GetReputationEntity", "PutSuppressedDestination", "DeleteSuppressedDestination",
    }
    assert allowed - called == {f"ses:{name}" for name in version_2}
    assert all("*" not in action for action in allowed)
    queue = next(statement for statement in statements if statement["Sid"] == "TakeEvents")
    assert queue["Resource"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:rights-ses-events"


def test_webhook_has_no_queue(moto):
    stack = Stack(moto, "hook", Delivery="webhook", WebhookURL="https://mail.martlet.example/webhooks/ses")
    topic = stack.env["MARTLET_SNS_TOPIC_ARNS"]
    assert topic == f"arn:aws:sns:{REGION}:{ACCOUNT}:hook-ses-events" and "MARTLET_SQS_QUEUE_URLS" not in stack.env
    assert not [url for url in moto.client("sqs").list_queues().get("QueueUrls", []) if "/hook" in url]
    assert "FeedbackPolicyArn" not in stack.outputs
    subscriptions = moto.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [(item["Protocol"], item["Endpoint"]) for item in subscriptions] == [("https", "https://mail.martlet.example/webhooks/ses")]


def test_terraform_is_the_same():
    resources, blocks = template()["Resources"], terraform()

    def types(names):
        return sorted(names)

    assert types(
        {
            "AWS::SNS::Topic": "aws_sns_topic", "AWS::SNS::TopicPolicy": "aws_sns_topic_policy", "AWS::SQS::Queue": "aws_sqs_queue",
            "AWS::SQS::QueuePolicy": "aws_sqs_queue_policy", "AWS::SNS::Subscription": "aws_sns_topic_subscription",
            "AWS::SES::ConfigurationSet": "aws_sesv2_configuration_set", "AWS::IAM::ManagedPolicy": "aws_iam_policy",
            "AWS::SES::ConfigurationSetEventDestination": "aws_sesv2_configuration_set_event_destination",
        }[resource["Type"]]
        for resource in resources.values()
    ) == types(name.split(".")[0] for kind, name in blocks if kind == "resource")

    queue, other = resources["Queue"]["Properties"], blocks["resource", "aws_sqs_queue.events"]
    assert queue["MessageRetentionPeriod"] == int(other["message_retention_seconds"])
    assert queue["VisibilityTimeout"] == int(other["visibility_timeout_seconds"])
    assert queue["ReceiveMessageWaitTimeSeconds"] == int(other["receive_wait_time_seconds"])
    assert f"maxReceiveCount = {queue['RedrivePolicy']['maxReceiveCount']}" in re.sub(r"[ :]+=?[ ]*", " = ", str(other["redrive_policy"])).replace('"', "")

    destinations = [resource["Properties"]["EventDestination"] for resource in resources.values() if resource["Type"].endswith("EventDestination")]
    events = {event.replace("_", "").lower() for event in blocks["locals", "events"]}
    assert all({event.lower() for event in destination["MatchingEventTypes"]} == events for destination in destinations)

    def actions(value):
        return sorted(set(OURS.findall(json.dumps(value))))

    policies = [resources[name] for name in ("Policy", "FeedbackPolicy", "QueuePolicy")]
    assert actions(policies) == actions([block for (kind, name), block in blocks.items() if name.startswith("aws_iam_policy_document")])
    lines = [re.match(r"[A-Z_]+=", line).group() for line in re.findall(r"[A-Z_]{6,}=[^\"'\n]*", TEMPLATE.read_text())]
    assert lines == [re.match(r"[A-Z_]+=", line).group() for line in re.findall(r"[A-Z_]{6,}=[^\"'\n]*", (TERRAFORM / "outputs.tf").read_text())]
    parameters = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in template()["Parameters"]}
    assert parameters == {name for kind, name in blocks if kind == "variable"}
