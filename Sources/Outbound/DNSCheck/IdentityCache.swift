import AmazonSES
import MailModel
import Synchronization

/// What SES lately said about the set-up of domains: it rarely changes, and a page that shows it is looked at again and again.
final class IdentityCache: Sendable {
    static let lifetime = Duration.seconds(60)
    private static let capacity = 1000

    private let answers = Mutex<[Int64: (identity: DomainIdentity, at: Timestamp)]>([:])

    func identity(of domainID: Int64, at now: Timestamp) -> DomainIdentity? {
        answers.withLock { answers in
            answers[domainID].flatMap { Self.isFresh($0.at, at: now) ? $0.identity : nil }
        }
    }

    func keep(_ identity: DomainIdentity, of domainID: Int64, at now: Timestamp) {
        answers.withLock { answers in
            if answers.count >= Self.capacity { answers = answers.filter { Self.isFresh($0.value.at, at: now) } }
            answers[domainID] = (identity, now)
        }
    }

    private static func isFresh(_ time: Timestamp, at now: Timestamp) -> Bool {
        time <= now && now - time < lifetime
    }
}
