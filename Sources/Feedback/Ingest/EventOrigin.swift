import JSON
import MailModel

extension FeedbackService {
    /// The way that an event came, by which its repetitions are known (specification 4.3 and 4.7).
    package enum EventOrigin: Sendable, Equatable {
        /// From this program, which repeats nothing.
        case local
        /// In a message of SNS, with its `MessageId`: from the webhook or a queue.
        case sns(messageID: String)
        /// From a queue without an envelope of SNS, with the id of the queue's message.
        case queue(messageID: String)

        /// Returns the receipts of an event.
        ///
        /// It is a repetition where one of them is recorded already.
        ///
        /// One is of what the event says, the same on every way: an operator may have the same event in a queue and at the webhook, or in two queues,
        /// with and without an envelope.
        func receipts(of event: SESEvent) -> [String] {
            switch self {
            case .local: []
            case .sns(let messageID): [messageID] + (event.isUnmistakable ? event.contentReceipt.map { [$0] } ?? [] : [])
            case .queue(let messageID): [event.contentReceipt ?? Self.receipt(ofQueueMessage: messageID)]
            }
        }

        /// Returns the receipt of a message of SQS, for what has no receipt of its own.
        static func receipt(ofQueueMessage id: String) -> String {
            "sqs \(id.prefix(200))"
        }
    }
}

extension SESEvent {
    /// Whether two different events cannot have the same ``contentReceipt``: SES gave its own id of the event, or the time of it.
    fileprivate var isUnmistakable: Bool { feedbackID != nil || at != nil }

    /// The receipt of what the event says: the message, `feedbackId` or else the time, the recipients, and the link of a click, as scanners
    /// follow all links of a message at the same moment.
    ///
    /// `nil` where SES names no message.
    fileprivate var contentReceipt: String? {
        guard let base = receipt(in: shape) else { return nil }
        let moment = feedbackID.map { String($0.prefix(100)) } ?? at.map { String($0.milliseconds) } ?? "-"
        let link = words["link"]?.stringValue.map { " " + $0.prefix(300) } ?? ""
        return "event \(base) \(moment)\(link)"
    }

    private var feedbackID: String? { words["feedbackId"]?.stringValue }
}
