import AmazonSES
import MailModel

// The settings of Amazon's services, read as those in `Settings+Reading.swift`.

extension ConfigurationSets {
    init(_ reader: inout SettingsReader) {
        let common = reader.optional(
            "ses.configurationSet", expected: "1 to 64 letters, digits, - and _",
            "The SES configuration set that emails are sent with. It has to publish its events to an SNS topic."
        ) { Self.isName($0) ? $0 : nil }
        let byTier = reader.optional(
            "ses.configurationSets", expected: "tiers with the names of sets, such as shared:mail,dedicated:mail-dedicated",
            "The configuration sets of the tiers: the `outbound_tier` of an email's domain picks its set, on which a pool of dedicated addresses may hang. A tier without one has `ses.configurationSet`. Each has to publish its events to an SNS topic.",
            parse: Self.tiers)
        self.init(common: common, byTier: byTier ?? [:])
    }
}

extension TenantSettings {
    init(_ reader: inout SettingsReader) {
        self.init()
        mode = reader.choice(
            "ses.tenants", default: .off,
            "Tenants of SES, each with a reputation of its own, which SES pauses alone: `account` makes one for each account that sends, `domain` one for each domain, `off` none. They cost (docs/aws.md)."
        )
        limit = reader.integer(
            "ses.tenantLimit", default: limit, in: 1...1_000_000,
            "The most tenants that are made: SES allows 10,000 in a region. Mail beyond that leaves without one.")
    }
}

extension Settings.SNS {
    init(_ reader: inout SettingsReader) {
        topicARNs = reader.list(
            "sns.topicARNs", default: [], shown: nil,
            expected: "topic ARNs such as arn:aws:sns:eu-west-1:123456789012:ses-events, separated by commas",
            "The SNS topics whose messages are believed; required with `transport` `ses`, unless `sqs.queueURLs` is set. With the other transports and without any: the first topic whose signed confirmation arrives.",
            parse: Self.topicARN)
        verifySignatures = reader.flag(
            "sns.verifySignatures", default: true,
            "Check the signatures of SNS messages. `false` is for local development and only allowed while listening on loopback.")
    }

    /// Returns a text of the form `arn:PARTITION:sns:REGION:ACCOUNT:NAME`; `nil` for any other.
    private static func topicARN(_ text: String) -> String? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "sns" else { return nil }
        let isAccount = parts[4].count == 12 && parts[4].allSatisfy { $0.isASCII && $0.isNumber }
        return isAccount && !parts[3].isEmpty && !parts[5].isEmpty ? text : nil
    }
}

extension Settings.SQS {
    init(_ reader: inout SettingsReader) {
        queueURLs = reader.list(
            "sqs.queueURLs", default: [], shown: nil,
            expected: "queue URLs such as https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events, separated by commas",
            "The queues of Amazon SQS that role `feedback` takes the events of SES from, in place of the webhook, which then refuses all. What is in a queue is believed: its access policy has to let only SES's topic write.",
            parse: SQSQueueURL.init)
        maximumReceives = reader.integer(
            "sqs.maximumReceives", default: 5, in: 1...1000,
            "A message that cannot be read is received so often, and then kept among the unmatched events; not where the queue has a dead-letter queue."
        )
    }
}
