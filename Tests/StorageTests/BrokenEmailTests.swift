import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Rows of the queue that cannot be read do not hold up the others.
@Suite(.timeLimit(.minutes(1)))
struct BrokenEmailTests {
    private let clock = TestClock()
    private let rules = EmailClaimRules(owner: "node", lease: .seconds(60), grace: .zero, limit: 64)

    private func accept(_ count: Int, bytes: Int = 1, copyOf origin: EmailID? = nil, in store: Store, domain: SendingDomain) async throws
        -> [EmailID]
    {
        defer { clock.advance(by: .milliseconds(1)) }
        let text = String(decoding: [UInt8](repeating: UInt8(ascii: "t"), count: bytes), as: UTF8.self)
        return try await store.write { [clock] tx in
            try (0..<count).map { number in
                let email = Email.test(of: domain, at: clock.now) { email in
                    email.recipient = EmailAddress(validated: "r\(number)@customer.example")
                    email.content = EmailContent(subject: "s", text: text, tags: ["news"])
                    email.copyOf = origin.map { CopyOrigin(id: $0, kind: .cc) }
                }
                try tx.emails.insert(email, dueAt: clock.now)
                return email.id
            }
        }
    }

    private func claim(in store: Store) async throws -> EmailClaim {
        try await store.write { [rules] tx in try tx.queue.claim(rules) }
    }

    private func postpone(in store: Store) async throws -> String? {
        try await store.write { tx in try tx.queue.postponeOldest() }
    }

    private enum Damage: String, CaseIterable {
        case extras, noContent, status, work
    }

    private func damage(_ ids: [EmailID], _ damage: Damage, in store: Store) async throws {
        let statement =
            switch damage {
            case .extras: "UPDATE email_contents SET extras = '{' WHERE id = ?1"
            case .noContent: "DELETE FROM email_contents WHERE id = ?1"
            case .status: "UPDATE emails SET status = 'TOMORROW' WHERE id = ?1"
            case .work: "UPDATE emails SET work = 'tomorrow' WHERE id = ?1"
            }
        try await store.database.write { transaction in
            for id in ids { try transaction.execute(statement, [.id(id)]) }
        }
    }

    @Test(arguments: Damage.allCases)
    private func aDamagedRowDoesNotHoldUpOthers(_ kind: Damage) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            // As many as one claim takes, and older than the others.
            let broken = try await accept(64, in: store, domain: domain)
            let sound = try await accept(3, in: store, domain: domain)
            try await damage(broken, kind, in: store)
            let first = try await claim(in: store)
            #expect(first.emails.isEmpty)
            #expect(Set(first.unreadable.map(\.id)) == Set(broken.map(\.description)))
            let second = try await claim(in: store)
            #expect(Set(second.emails.map(\.email.id)) == Set(sound) && second.unreadable.isEmpty)
            switch kind {
            case .extras, .noContent:
                #expect(first.unreadable.allSatisfy { $0.consequence == .ended })
                for id in broken { #expect(try await store.write { try $0.emails.findForUpdate(id) }?.status == .notSent) }
            case .status, .work:
                #expect(first.unreadable.allSatisfy { $0.consequence == .postponed })
            }
            // Nothing else is due.
            #expect(try await claim(in: store).unreadable.isEmpty)
        }
    }

    @Test func aCopyWithoutTheTextOfItsOriginIsNotSentEmpty() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let origin = try await accept(1, in: store, domain: domain)[0]
            let copies = try await accept(2, copyOf: origin, in: store, domain: domain)
            try await damage([origin], .noContent, in: store)
            let claim = try await claim(in: store)
            #expect(claim.emails.isEmpty)
            #expect(Set(claim.unreadable.map(\.id)) == Set(([origin] + copies).map(\.description)))
        }
    }

    @Test func largeTextsAreReadWhenTheMessageIsComposed() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let bytes = EmailClaimRules.largestContentRead + 1
            let origin = try await accept(1, bytes: bytes, in: store, domain: domain)[0]
            _ = try await accept(1, bytes: bytes, copyOf: origin, in: store, domain: domain)
            _ = try await accept(1, bytes: bytes - 1, in: store, domain: domain)
            let claim = try await claim(in: store)
            #expect(claim.emails.map(\.textsAreLeft) == [true, true, false])
            #expect(claim.emails.map(\.contentBytes) == [bytes, bytes, bytes - 1])
            #expect(claim.emails.map(\.email.content.text.count) == [0, 0, bytes - 1])
            for claimed in claim.emails {
                #expect(try await store.read { try $0.emails.completed(claimed) }.email.content.text.count == claimed.contentBytes)
            }
            try await damage([origin], .noContent, in: store)
            for claimed in claim.emails.prefix(2) {
                await #expect(throws: StorageError.self) { try await store.read { try $0.emails.completed(claimed) } }
            }
        }
    }

    /// As stored by a version that recorded no size.
    @Test func anEmailWithoutASizeIsReadWhole() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            _ = try await accept(1, bytes: 1_000_000, in: store, domain: domain)
            _ = try await store.database.write { try $0.execute("UPDATE emails SET content_bytes = NULL") }
            let claim = try await claim(in: store)
            #expect(claim.emails.map(\.contentBytes) == [1_000_000])
            #expect(claim.emails.map(\.textsAreLeft) == [false])
        }
    }

    @Test func theOldestDueEmailCanBePostponed() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let ids = try await accept(1, in: store, domain: domain) + accept(1, in: store, domain: domain)
            #expect(try await postpone(in: store) == ids[0].description)
            let left = try await claim(in: store)
            #expect(left.emails.map(\.email.id) == [ids[1]])
            #expect(try await postpone(in: store) == nil)
        }
    }
}
