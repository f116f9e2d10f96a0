import AmazonSES
import Logging
import MailModel
import Storage

/// The receiver of what a queue hands out (specification 4.7): the way of the webhook, with the queue's own access policy in place of a signature.
///
/// A message is deleted only after its event is durable. One that cannot be read is left to the queue, which hands it out again, and after some
/// attempts kept among the unmatched events, so that it is seen; but not where the queue has a dead-letter queue, which then gets it.
struct QueueReceiver: Sendable {
    let queue: any MessageQueue
    let feedback: FeedbackService
    /// After how many receipts a message that cannot be read is kept (`sqs.maximumReceives`).
    let maximumReceives: Int
    let status: QueueStatus
    let logger: Logger

    /// What became of a message.
    private enum Verdict: Sendable {
        case done
        /// It would fail again: why.
        case unreadable(String)
        /// It may work later: why.
        case failed(String)
    }

    /// How often a call that deletes is tried.
    ///
    /// What is not deleted comes again, and changes nothing then.
    private static let attempts = 3
    /// The longest a message that failed for our sake is hidden.
    private static let longestHiding = 60

    /// Takes in messages, all at once, so that they share commits.
    ///
    /// - Returns: false where the database did not take one: then nothing more should be received for a while.
    func receive(_ messages: [SQSMessage]) async -> Bool {
        let verdicts = await verdicts(on: messages)
        var (done, failed): ([SQSMessage], [SQSMessage]) = ([], [])
        for (message, verdict) in zip(messages, verdicts) {
            switch verdict {
            case .done: done.append(message)
            case .unreadable(let explanation):
                if await keep(message, explanation) { done.append(message) }
            case .failed(let explanation):
                leave(message, as: .failed)
                failed.append(message)
                logger.warning("Event from the queue not stored, trying again", metadata: metadata(message, explanation))
            }
        }
        await delete(done)
        await hide(failed)
        return failed.isEmpty
    }

    private func verdicts(on messages: [SQSMessage]) async -> [Verdict] {
        await withTaskGroup(of: (Int, Verdict).self) { group in
            for (position, message) in messages.enumerated() {
                group.addTask {
                    let verdict = await verdict(on: message)
                    return (position, verdict)
                }
            }
            var verdicts = [Verdict](repeating: .failed("not taken in"), count: messages.count)
            for await (position, verdict) in group { verdicts[position] = verdict }
            return verdicts
        }
    }

    private func verdict(on message: SQSMessage) async -> Verdict {
        do {
            switch try QueueBody(parsing: message.body) {
            case .trial: logger.info("SES is connected to the queue", metadata: ["sqs.queue": "\(queue.name)"])
            case .event(let event, let notification?): try await feedback.ingest(event, from: .sns(messageID: notification))
            case .event(let event, nil): try await feedback.ingest(event, from: .queue(messageID: message.id))
            }
            status.count(.ingested)
            return .done
        } catch let unreadable as QueueBody.Unreadable {
            return .unreadable(unreadable.explanation)
        } catch let unreadable as FeedbackService.Unreadable {
            return .unreadable(unreadable.explanation)
        } catch let error as StorageError where error.isTemporary {
            return .failed("\(error)")
        } catch is CancellationError {
            return .failed("the program stops")
        } catch {
            // A fault of this program at this one message.
            return .unreadable("The event could not be stored: \(error)")
        }
    }

    private func metadata(_ message: SQSMessage, _ reason: String) -> Logger.Metadata {
        [
            "sqs.queue": "\(queue.name)", "sqs.message": "\(message.id)", "sqs.receives": "\(message.receiveCount)",
            "sqs.reason": "\(reason.prefix(500))",
        ]
    }

    private func leave(_ message: SQSMessage, as outcome: QueueStatus.Outcome) {
        status.count(outcome)
        status.left(message.id, sentAt: message.sentAt)
    }
}

extension QueueReceiver {
    /// Keeps a message that cannot be read among the unmatched events, once it was received often enough.
    ///
    /// - Returns: whether it can be deleted.
    private func keep(_ message: SQSMessage, _ explanation: String) async -> Bool {
        guard message.receiveCount >= maximumReceives else {
            leave(message, as: .unreadable)
            logger.warning("Message of the queue cannot be read, trying again", metadata: metadata(message, explanation))
            return false
        }
        do {
            if let deadLetterQueue = try await queue.attributes().deadLetterQueue {
                leave(message, as: .unreadable)
                logger.error(
                    "Message of the queue cannot be read, it is left to the dead-letter queue",
                    metadata: metadata(message, explanation).merging(["sqs.deadLetterQueue": "\(deadLetterQueue)"]) { $1 })
                return false
            }
            try await feedback.keep(message.body, ofQueueMessage: message.id, because: explanation)
        } catch {
            leave(message, as: .failed)
            logger.error("Message that cannot be read could not be kept either", metadata: metadata(message, "\(error)"))
            return false
        }
        status.count(.kept)
        logger.error("Message of the queue cannot be read, it is kept among the unmatched events", metadata: metadata(message, explanation))
        return true
    }

    private func delete(_ messages: [SQSMessage]) async {
        guard !messages.isEmpty else { return }
        status.finished(messages.map(\.id), sentAt: messages.compactMap(\.sentAt))
        var rest = messages
        for attempt in 1...Self.attempts {
            do {
                let failed = Set(try await queue.delete(rest))
                rest = rest.filter { failed.contains($0.id) }
                if rest.isEmpty { return }
            } catch {
                logger.log(
                    level: attempt == Self.attempts ? .warning : .debug, "Messages could not be deleted from the queue",
                    metadata: ["sqs.queue": "\(queue.name)", "error": "\(error)"])
            }
        }
    }

    /// Hides messages that failed for our sake for a time that grows with their receipts, so that another node may have them soon.
    private func hide(_ messages: [SQSMessage]) async {
        guard let receives = messages.map(\.receiveCount).max() else { return }
        let seconds = min(Self.longestHiding, 1 << min(receives, 10))
        do {
            try await queue.hide(messages, for: .seconds(seconds))
        } catch {
            logger.debug("Messages could not be hidden", metadata: ["sqs.queue": "\(queue.name)", "error": "\(error)"])
        }
    }
}
