output "martlet_env" {
  description = "The lines for martlet.env."
  value = join("\n", [
    "MARTLET_TRANSPORT=ses",
    "AWS_REGION=${data.aws_region.current.name}",
    "MARTLET_SES_CONFIGURATION_SET=${aws_sesv2_configuration_set.main.configuration_set_name}",
    "MARTLET_SES_CONFIGURATION_SETS=shared:${var.name}${var.dedicated_pool == "" ? "" : ",dedicated:${var.name}-dedicated"}",
    var.delivery == "queue" ? "MARTLET_SQS_QUEUE_URLS=${aws_sqs_queue.events[0].url}" : "MARTLET_SNS_TOPIC_ARNS=${aws_sns_topic.events.arn}",
  ])
}

output "policy_arn" {
  description = "The policy to attach to the role or the user that Martlet runs as."
  value       = aws_iam_policy.server.arn
}

output "feedback_policy_arn" {
  description = "The policy to attach for the role feedback, too; null with the delivery webhook."
  value       = one(aws_iam_policy.feedback[*].arn)
}
