import JSON
package import MailModel

/// A message that SNS posts to an HTTP endpoint.
///
/// Source: Amazon SNS developer guide, "Parsing Amazon SNS message formats".
package struct SNSMessage: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    package let kind: Kind
    /// The same for every delivery of one message: what duplicates are known by.
    package let messageID: String
    package let topic: TopicARN
    /// For a notification of SES: a JSON document, or a plain sentence when a topic is set up.
    package let message: String
    package let subject: String?
    package let sentAt: Timestamp
    /// Where a subscription is confirmed. Not to be visited before it is checked: see ``SubscriptionConfirmer``.
    package let subscribeURL: String?

    /// `Timestamp` as written, because the signature covers the text.
    let timestamp: String
    let token: String?
    let signatureVersion: String?
    let signature: String?
    let signingCertURL: String?

    /// Why a body is no message of SNS: what is missing or wrong.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads the body of the request. Its content type says `text/plain`, it is JSON.
    package init(parsing body: some Collection<UInt8>) throws(Malformed) {
        guard case .object(let fields)? = try? JSONValue.parseLeniently(body) else {
            throw Malformed(description: "the body is no JSON object")
        }
        let reader = FieldReader(fields: fields)
        guard let kind = Kind(rawValue: try reader.required("Type")) else { throw Malformed(description: "Type is unknown") }
        self.kind = kind
        messageID = try reader.required("MessageId")
        guard let topic = TopicARN(try reader.required("TopicArn")) else { throw Malformed(description: "TopicArn is no ARN of a topic") }
        self.topic = topic
        message = try reader.required("Message")
        subject = try reader.optional("Subject")
        timestamp = try reader.required("Timestamp")
        guard let sentAt = Timestamp(rfc3339: timestamp) else { throw Malformed(description: "Timestamp is no time") }
        self.sentAt = sentAt
        subscribeURL = kind == .notification ? nil : try reader.required("SubscribeURL")
        token = kind == .notification ? nil : try reader.required("Token")
        signatureVersion = try reader.optional("SignatureVersion")
        signature = try reader.optional("Signature")
        signingCertURL = try reader.optional("SigningCertURL")
    }
}

extension SNSMessage {
    /// What the signature covers: name and value of each field that the message has, in the order of their names, each ended by a line
    /// feed.
    ///
    /// Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages".
    var stringToSign: String {
        let fields: [(String, String?)] =
            switch kind {
            case .notification:
                [
                    ("Message", message), ("MessageId", messageID), ("Subject", subject), ("Timestamp", timestamp),
                    ("TopicArn", topic.description),
                    ("Type", kind.rawValue),
                ]
            case .subscriptionConfirmation, .unsubscribeConfirmation:
                [
                    ("Message", message), ("MessageId", messageID), ("SubscribeURL", subscribeURL), ("Timestamp", timestamp),
                    ("Token", token),
                    ("TopicArn", topic.description), ("Type", kind.rawValue),
                ]
            }
        return fields.reduce(into: "") { text, field in
            guard let value = field.1 else { return }
            text += field.0 + "\n" + value + "\n"
        }
    }
}

private struct FieldReader {
    let fields: JSONObject

    func required(_ name: String) throws(SNSMessage.Malformed) -> String {
        guard let value = try optional(name) else { throw .init(description: "\(name) is missing") }
        return value
    }

    /// `null` is as good as absent: SNS sends no `Subject` where there is none, other senders of its format say `null`.
    func optional(_ name: String) throws(SNSMessage.Malformed) -> String? {
        switch fields[name] {
        case nil, .null: return nil
        case .string(let value): return value
        default: throw .init(description: "\(name) is no string")
        }
    }
}
