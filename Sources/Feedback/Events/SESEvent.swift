import JSON
import MailModel

/// What SES says happened to a message, in either of its shapes: identity feedback (`notificationType`) or the event of a
/// configuration set (`eventType`); the objects inside are the same.
///
/// Source: Amazon SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS" and
/// "Amazon SNS notification contents for Amazon SES".
struct SESEvent: Sendable, Equatable {
    /// The shape in which SES reported it.
    let shape: Shape
    /// The type as SES wrote it.
    let type: String
    let kind: Kind
    var mail: Mail
    /// Whom it happened to.
    ///
    /// Empty where SES does not say: opens, clicks, rejects.
    var recipients: [Recipient]
    /// When it happened; `nil` when SES gave no time that can be read.
    let at: Timestamp?
    /// What SES said about the event, as far as the timeline shows it.
    let words: JSONObject

    enum Shape: String, Sendable, CaseIterable {
        case identityFeedback, configurationSet
    }

    enum Kind: Sendable, Equatable {
        case send, delivery, reject, deliveryDelay, renderingFailure, subscription
        case open(by: Opener)
        case click(by: Opener)
        case bounce(Bounce)
        case complaint(Complaint)
        /// A type that this version does not know.
        case other
    }

    /// Who opened a message or followed its link, as SES takes it (`isBotEvent`).
    enum Opener: Sendable, Equatable {
        case person
        /// A scanner or a proxy, before or instead of the recipient: no sign that anybody has read the message.
        case machine
    }

    /// The message that it happened to: `mail`.
    struct Mail: Sendable, Equatable {
        /// SES's own id.
        let messageID: String?
        /// Our id, as the message's SES tag or header says.
        ///
        /// Anybody who sends through the same SES account can write one.
        let claimedID: EmailID?
        let source: EmailAddress?
        /// The domain of the source, also where its local part cannot be read.
        let sourceDomain: DomainName?
        var destinations: [Recipient]
        /// When SES took the message.
        let sentAt: Timestamp?
    }

    struct Recipient: Sendable, Equatable {
        /// `nil` when SES's text is no address.
        var address: EmailAddress?
        /// `diagnosticCode` and the like.
        var words = JSONObject()
    }
}
