import AmazonSES
import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(1)))
struct SenderServiceTests {
    private let ses = FakeIdentities()
    private let clock = TestClock()
    private let ann = "ann@mail.example"

    private func service(_ store: Store, _ approval: SenderApproval = .automatic) -> SenderService {
        SenderService(store: store, identities: ses, approval: approval, logger: silent)
    }

    /// A key of an account with a domain, `name`.example.
    private func client(_ name: String, in store: Store) async throws -> Principal {
        let domain = try await store.makeDomain("\(name).example", account: name)
        return .client(of: domain)
    }

    private func status(of address: String, in store: Store) async throws -> Sender.Status? {
        try await store.read { try $0.senders.find(EmailAddress(validated: address))?.status }
    }

    @Test func `SES mails its link, and the poll finds that it was visited`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store), try await client("acme", in: store))
            #expect(try await service.request(ann, by: client).status == .pending)
            #expect(ses.calls == ["statuses \(ann)", "mail \(ann)"])
            #expect(try await service.list(by: client, after: nil, limit: 10).map(\.status) == [.pending])
            ses.answer(.success, for: ann)
            clock.advance(by: .seconds(5))
            #expect(try await service.list(by: client, after: nil, limit: 10).map(\.status) == [.verified])
            #expect(try await service.request(ann, by: client).status == .verified)
            #expect(ses.calls.count { $0.hasPrefix("mail") } == 1)
        }
    }

    @Test func `with approval by support SES is not asked before the master approves`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store, .support), try await client("acme", in: store))
            #expect(try await service.request(ann, by: client).status == .requested)
            #expect(try await service.list(by: client, after: nil, limit: 10).map(\.status) == [.requested])
            #expect(ses.calls.isEmpty)
            #expect(try await service.approve(ann, by: .master).status == .pending)
            #expect(try await service.approve(ann, by: .master).status == .pending)
            #expect(ses.calls == ["statuses \(ann)", "mail \(ann)"])
        }
    }

    /// SES verifies for the whole AWS account: an earlier verification proves nothing about the account that requests the address.
    @Test func `an address that SES has verified already waits for the master`() async throws {
        try await withStore(clock: clock) { store in
            ses.answer(.success, for: ann)
            let (service, client) = (service(store), try await client("acme", in: store))
            #expect(try await service.request(ann, by: client).status == .requested)
            _ = try await service.list(by: client, after: nil, limit: 10)
            #expect(try await status(of: ann, in: store) == .requested)
            #expect(try await service.approve(ann, by: .master).status == .verified)
            // The identity is the operator's own: it stays.
            try await service.delete(ann, by: client)
            #expect(!ses.calls.contains { $0.hasPrefix("delete") })
        }
    }

    @Test func `an address belongs to one account and is verified again for the next`() async throws {
        try await withStore(clock: clock) { store in
            let service = service(store)
            let (first, second) = (try await client("acme", in: store), try await client("other", in: store))
            _ = try await service.request(ann, by: first)
            ses.answer(.success, for: ann)
            #expect(try await refusal { try await service.request(ann, by: second) }?.kind == .conflict)
            #expect(try await refusal { try await service.delete(ann, by: second) }?.kind == .notFound)
            #expect(try await service.list(by: second, after: nil, limit: 10).isEmpty)
            try await service.delete(ann, by: first)
            #expect(ses.calls.last == "delete \(ann)")
            #expect(try await service.request(ann, by: second).status == .pending)
        }
    }

    @Test func `addresses of another account's verified domain are taken`() async throws {
        try await withStore(clock: clock) { store in
            let service = service(store)
            let (first, second) = (try await client("acme", in: store), try await client("other", in: store))
            #expect(try await refusal { try await service.request("x@acme.example", by: second) }?.kind == .conflict)
            #expect(try await service.request("x@acme.example", by: first).status == .pending)
            // An unverified domain gives no right to its addresses.
            _ = try await store.makeDomain("mail.example", account: "other", isVerified: false)
            #expect(try await service.request(ann, by: first).status == .pending)
        }
    }

    @Test(arguments: ["", "ann", "a@b", "Ann <ann@mail.example>"]) func `an invalid address is refused`(_ text: String) async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store), try await client("acme", in: store))
            #expect(try await refusal { try await service.request(text, by: client) }?.field == "email")
            #expect(try await refusal { try await service.delete(text, by: client) }?.kind == .notFound)
            #expect(ses.calls.isEmpty)
        }
    }

    @Test func `an error of SES changes nothing`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store), try await client("acme", in: store))
            ses.fail(.throttled)
            await #expect(throws: SESError.throttled) { try await service.request(ann, by: client) }
            #expect(try await status(of: ann, in: store) == nil)
            ses.fail(nil)
            _ = try await service.request(ann, by: client)
            ses.fail(.refused)
            await #expect(throws: SESError.refused) { try await service.delete(ann, by: client) }
            #expect(try await service.list(by: client, after: nil, limit: 10).map(\.status) == [.pending])
        }
    }

    @Test func `SES's link is mailed again after ten minutes, or when it has failed`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store), try await client("acme", in: store))
            for _ in 0..<5 { _ = try await service.request(ann, by: client) }
            #expect(ses.calls.count { $0.hasPrefix("mail") } == 1)
            clock.advance(by: .seconds(600))
            _ = try await service.request(ann, by: client)
            #expect(ses.calls.count { $0.hasPrefix("mail") } == 2)
            ses.answer(.failed, for: ann)
            #expect(try await service.list(by: client, after: nil, limit: 10).map(\.status) == [.failed])
            #expect(try await service.request(ann, by: client).status == .pending)
            #expect(ses.calls.count { $0.hasPrefix("mail") } == 3)
        }
    }

    @Test func `simultaneous requests share one call`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store), try await client("acme", in: store))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await service.request(ann, by: client) } }
                try await group.waitForAll()
            }
            #expect(try await service.list(by: client, after: nil, limit: 10).count == 1)
            #expect(ses.calls.count { $0.hasPrefix("mail") } <= 20)
        }
    }

    @Test func `pages continue behind an address`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store, .support), try await client("acme", in: store))
            for number in 1...5 { _ = try await service.request("a\(number)@mail.example", by: client) }
            let page = try await service.list(by: client, after: "a4@mail.example", limit: 2)
            #expect(page.map(\.address.localPart) == ["a3", "a2"])
            #expect(try await refusal { try await service.list(by: client, after: "x", limit: 2) }?.field == "after")
        }
    }

    struct Transition: Sendable {
        var before: Sender.Status
        var answer: SESVerification.Status
        var hours: Int64 = 0
        var after: Sender.Status
    }

    static let transitions = [
        Transition(before: .pending, answer: .success, after: .verified), Transition(before: .pending, answer: .pending, after: .pending),
        Transition(before: .pending, answer: .failed, after: .failed), Transition(before: .pending, answer: .notStarted, after: .pending),
        Transition(before: .pending, answer: .notStarted, hours: 24, after: .failed),
        Transition(before: .verified, answer: .notStarted, after: .failed),
        Transition(before: .verified, answer: .temporaryFailure, after: .verified),
        Transition(before: .verified, answer: .pending, after: .pending),
        Transition(before: .failed, answer: .success, after: .verified),
        Transition(before: .requested, answer: .success, after: .requested),
    ]

    @Test(arguments: transitions) func `the status of a sender after an answer of SES`(_ transition: Transition) {
        let start = clock.now
        var sender = Sender(id: 1, accountID: 1, address: EmailAddress(validated: ann), status: transition.before, createdAt: start)
        sender.requestedAt = start
        sender.update(transition.answer, at: start + .seconds(3600 * transition.hours))
        #expect(sender.status == transition.after)
    }

    @Test func `the poll checks all due senders in one call, and verified ones daily`() async throws {
        try await withStore(clock: clock) { store in
            let (service, client) = (service(store), try await client("acme", in: store))
            for number in 1...3 { _ = try await service.request("a\(number)@mail.example", by: client) }
            let asked = ses.calls.count
            ses.answer(.success, for: "a2@mail.example")
            let poller = VerificationPoller(
                store: store, service: VerificationService(store: store, identities: ses), senders: service,
                cleanup: IdentityCleanup(store: store, identities: ses, logger: silent), logger: silent
            ) { [clock] in clock.advance(by: $0) }
            try await poller.round()
            #expect(ses.calls[asked...] == ["statuses a1@mail.example a2@mail.example a3@mail.example"])
            #expect(try await status(of: "a2@mail.example", in: store) == .verified)
            ses.answer(nil, for: "a2@mail.example")
            clock.advance(by: .seconds(86_400 + 1))
            try await poller.round()
            #expect(try await status(of: "a2@mail.example", in: store) == .failed)
            #expect(try await status(of: "a1@mail.example", in: store) == .pending)
        }
    }
}
