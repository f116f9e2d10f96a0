import Concurrency
package import DNS
import Encoding
import MailModel

/// The texts that prove claims in the DNS: 128 random bits, so that no record is that of another account's claim by chance, or ahead of it.
enum OwnershipToken {
    /// Returns a new text, in hexadecimal.
    static func make() -> String {
        Hexadecimal.encode([UInt8].random(count: 16))
    }
}

/// Looks for the TXT records that prove claims on domains (specification 3.11).
package struct OwnershipProof: Sendable {
    /// The time for one record, with all attempts.
    static let patience = Duration.seconds(8)
    /// How often the DNS is asked where it does not answer.
    static let attempts = 3

    /// What the DNS says about a record.
    package enum Finding: Sendable, Equatable {
        /// It is there.
        case found
        /// It is not there, or another text is.
        case missing
        /// The DNS did not answer in time.
        case unanswered
    }

    typealias Ask = @Sendable (_ name: String) async -> DNSAnswer

    /// `nil`: every record is taken as found.
    private let ask: Ask?
    private let patience: Duration

    /// A proof that looks into the real DNS, never into a cache.
    package init(resolver: Resolver) {
        self.init { await resolver.answer(to: $0, .txt, isFresh: true) }
    }

    init(patience: Duration = patience, ask: @escaping Ask) {
        self.ask = ask
        self.patience = patience
    }

    private init() {
        ask = nil
        patience = Self.patience
    }

    /// The stand-in of the `capture` transport, which plays the DNS: every record is there.
    package static let simulated = OwnershipProof()

    /// Whether nothing is looked up.
    var isSimulated: Bool { ask == nil }

    /// Looks for a record, again where the DNS does not answer.
    func find(_ record: DomainOwnership.Record) async -> Finding {
        guard let ask else { return .found }
        let deadline = ContinuousClock.now + patience
        for _ in 0..<Self.attempts where !Task.isCancelled {
            let answer = try? await withTimeout(deadline - .now) { await ask(record.name) }
            switch answer {
            case .records(let records)?: return records.contains { $0.isText(record.value) } ? .found : .missing
            case .noData?, .noSuchName?, .failed(.invalidName)?: return .missing
            case .failed?: continue
            case nil: return .unanswered
            }
        }
        return .unanswered
    }
}

extension DNSRecord {
    fileprivate func isText(_ text: String) -> Bool {
        guard case .txt(let value) = self else { return false }
        return value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed().elementsEqual(text)
    }
}
