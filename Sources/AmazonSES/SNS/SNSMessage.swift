import JSON
package import MailModel

/// A message that SNS posts to an HTTP endpoint.
///
/// Source: Amazon SNS developer guide, "Parsing Amazon SNS message formats".
package struct SNSMessage: Sendable, Equatable {
    /// The type of a message; the raw value is SNS's name of it.
    package enum Kind: String, Sendable {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    /// The type.
    package let kind: Kind
    /// The id, the same for every delivery of one message, by which duplicates are recognised.
    package let messageID: String
    /// The topic.
    package let topic: TopicARN
    /// The content.
    ///
    /// For a notification of SES: a JSON document, or a sentence when a topic is set up.
    package let message: String
    /// The subject; `nil` where there is none.
    package let subject: String?
    /// When SNS sent it.
    package let sentAt: Timestamp
    /// The URL that confirms a subscription.
    ///
    /// It must be checked before it is fetched: see ``SubscriptionConfirmer``.
    package let subscribeURL: String?

    /// `Timestamp` as written, because the signature covers the text.
    let timestamp: String
    let token: String?
    let signatureVersion: String?
    let signature: String?
    let signingCertURL: String?

    /// Why a body is not a message of SNS.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        /// What is missing or wrong.
        package let description: String
    }

    /// Parses the body of a request: JSON, although its content type is `text/plain`.
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
    /// The signed text: name and value of each field of the message, sorted by name, each followed by a line feed.
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

    /// `null` counts as absent: SNS omits a `Subject` that does not exist, other senders of its format write `null`.
    func optional(_ name: String) throws(SNSMessage.Malformed) -> String? {
        switch fields[name] {
        case nil, .null: return nil
        case .string(let value): return value
        default: throw .init(description: "\(name) is no string")
        }
    }
}
