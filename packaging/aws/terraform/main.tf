# What Martlet needs in an AWS account; ../martlet.yaml is the same for CloudFormation, and docs/aws.md says how to use it.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  uses_queue = var.delivery == "queue" ? 1 : 0
  has_pool   = var.dedicated_pool == "" ? 0 : 1
  ses        = "arn:${data.aws_partition.current.partition}:ses:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  events     = ["SEND", "REJECT", "DELIVERY", "BOUNCE", "COMPLAINT", "OPEN", "CLICK", "RENDERING_FAILURE", "DELIVERY_DELAY", "SUBSCRIPTION"]
}

resource "aws_sns_topic" "events" {
  name = "${var.name}-ses-events"
  # SHA-256 in place of SHA-1.
  signature_version = 2
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "ConfigurationSetsPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.events.arn]

    principals {
      type        = "Service"
      identifiers = ["ses.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "AWS:SourceArn"
      values   = ["${local.ses}:configuration-set/${var.name}*"]
    }
  }
}

resource "aws_sns_topic_policy" "events" {
  arn    = aws_sns_topic.events.arn
  policy = data.aws_iam_policy_document.topic.json
}

# What Martlet could not read ends here, for somebody to look at.
resource "aws_sqs_queue" "dead" {
  count                     = local.uses_queue
  name                      = "${var.name}-ses-events-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "events" {
  count                      = local.uses_queue
  name                       = "${var.name}-ses-events"
  message_retention_seconds  = 1209600
  receive_wait_time_seconds  = 20
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = true
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead[0].arn, maxReceiveCount = 10 })
}

# Martlet believes what is in the queue: only the topic may put something there.
data "aws_iam_policy_document" "queue" {
  count = local.uses_queue

  statement {
    sid       = "TopicSends"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events[0].arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.events.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  count     = local.uses_queue
  queue_url = aws_sqs_queue.events[0].url
  policy    = data.aws_iam_policy_document.queue[0].json
}

resource "aws_sns_topic_subscription" "queue" {
  count     = local.uses_queue
  topic_arn = aws_sns_topic.events.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.events[0].arn
  # With SNS's envelope an event has an id of SNS beside SES's own.
  raw_message_delivery = false
}

resource "aws_sns_topic_subscription" "webhook" {
  count     = 1 - local.uses_queue
  topic_arn = aws_sns_topic.events.arn
  protocol  = "https"
  endpoint  = var.webhook_url
  # A raw message has no signature.
  raw_message_delivery   = false
  endpoint_auto_confirms = true
}

resource "aws_sesv2_configuration_set" "main" {
  configuration_set_name = var.name

  reputation_options {
    reputation_metrics_enabled = true
  }
}

resource "aws_sesv2_configuration_set_event_destination" "main" {
  configuration_set_name = aws_sesv2_configuration_set.main.configuration_set_name
  event_destination_name = "martlet"
  depends_on             = [aws_sns_topic_policy.events]

  event_destination {
    enabled              = true
    matching_event_types = local.events

    sns_destination {
      topic_arn = aws_sns_topic.events.arn
    }
  }
}

resource "aws_sesv2_configuration_set" "dedicated" {
  count                  = local.has_pool
  configuration_set_name = "${var.name}-dedicated"

  reputation_options {
    reputation_metrics_enabled = true
  }

  delivery_options {
    sending_pool_name = var.dedicated_pool
  }
}

resource "aws_sesv2_configuration_set_event_destination" "dedicated" {
  count                  = local.has_pool
  configuration_set_name = aws_sesv2_configuration_set.dedicated[0].configuration_set_name
  event_destination_name = "martlet"
  depends_on             = [aws_sns_topic_policy.events]

  event_destination {
    enabled              = true
    matching_event_types = local.events

    sns_destination {
      topic_arn = aws_sns_topic.events.arn
    }
  }
}

# Attach it to the role or the user that Martlet runs as.
data "aws_iam_policy_document" "server" {
  statement {
    sid       = "Send"
    actions   = ["ses:SendRawEmail", "ses:SendEmail"]
    resources = ["${local.ses}:identity/*", "${local.ses}:configuration-set/${var.name}*", "${local.ses}:tenant/*"]
  }

  # These know no resources.
  statement {
    sid = "Account"
    actions = [
      "ses:GetAccount",
      "ses:GetSendQuota",
      "ses:GetConfigurationSet",
      "ses:CreateTenant",
      "ses:GetTenant",
      "ses:CreateTenantResourceAssociation",
      "ses:GetReputationEntity",
      "ses:DescribeConfigurationSet",
      "ses:VerifyDomainIdentity",
      "ses:VerifyDomainDkim",
      "ses:SetIdentityMailFromDomain",
      "ses:VerifyEmailIdentity",
      "ses:DeleteIdentity",
      "ses:GetIdentityVerificationAttributes",
      "ses:GetIdentityDkimAttributes",
      "ses:GetIdentityMailFromDomainAttributes",
      "ses:PutSuppressedDestination",
      "ses:DeleteSuppressedDestination",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "server" {
  name        = "${var.name}-server"
  description = "What Martlet does at SES."
  policy      = data.aws_iam_policy_document.server.json
}

# For the nodes with the role feedback, beside the other one.
data "aws_iam_policy_document" "feedback" {
  count = local.uses_queue

  statement {
    sid       = "TakeEvents"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.events[0].arn]
  }
}

resource "aws_iam_policy" "feedback" {
  count       = local.uses_queue
  name        = "${var.name}-feedback"
  description = "What Martlet does with its queue."
  policy      = data.aws_iam_policy_document.feedback[0].json
}
