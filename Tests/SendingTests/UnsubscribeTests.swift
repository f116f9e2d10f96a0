import MailModel
import Sending
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UnsubscribeTests {
    private let links = UnsubscribeLinks(secret: Array(repeating: 7, count: 32), base: "https://mail.example")
    private let start = TestClock().now

    private func token(of id: EmailID) -> String {
        String(links.url(for: id).dropFirst("https://mail.example/u/".count))
    }

    @Test func `a token leads to its email`() {
        let id = EmailID(at: start)
        #expect(links.verify(token(of: id), at: start) == .valid(id))
        #expect(links.url(for: id).utf8.count < 120)
    }

    @Test func `a token expires`() {
        let id = EmailID(at: start)
        #expect(links.verify(token(of: id), at: start + UnsubscribeLinks.lifetime) == .valid(id))
        #expect(links.verify(token(of: id), at: start + UnsubscribeLinks.lifetime + .milliseconds(1)) == .expired)
    }

    @Test func `forged and malformed tokens are not accepted`() {
        let id = EmailID(at: start)
        let token = token(of: id)
        let foreign = UnsubscribeLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")
        #expect(foreign.verify(token, at: start) == nil)
        for index in token.indices {
            var forged = token
            forged.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            #expect(links.verify(forged, at: start) == nil)
        }
        // The two unused bits of the last character must be zero.
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" where last != token.last {
            #expect(links.verify(token.dropLast() + String(last), at: start) == nil)
        }
        for garbage in ["", "x", String(repeating: "A", count: 43), String(repeating: "A", count: 10_000), "../../etc", "\u{1F426}"] {
            #expect(links.verify(garbage, at: start) == nil)
        }
    }

    /// An email to a reader, and the service.
    private func withEmail(
        clock: TestClock = TestClock(), _ body: (UnsubscribeService, Store, Email, _ token: String) async throws -> Void
    ) async throws {
        try await withStore(clock: clock) { store in
            _ = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate())
            let request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "t", subject: "s")
            let email = try await submission.accept(request, by: .master).email
            try await body(UnsubscribeService(store: store, links: links), store, email, token(of: email.id))
        }
    }

    private func isSuppressed(_ store: Store, _ email: Email, for sender: String = "news@shop.example") async throws -> Bool {
        try await store.read {
            try $0.suppressions.isSuppressed(email.recipient, accountID: email.accountID, sender: EmailAddress(validated: sender))
        }
    }

    private func invitation(_ email: Email, _ unsubscribed: SuppressionEntry.Scope?) -> UnsubscribeService.Invitation {
        .init(sender: email.sender, recipient: email.recipient, unsubscribed: unsubscribed)
    }

    private func events(_ store: Store, _ email: Email) async throws -> [String] {
        try await store.read { try $0.timeline.list(of: email) }.map(\.status)
    }

    @Test func `GET changes nothing and POST suppresses for the sender only`() async throws {
        try await withEmail { service, store, email, token async throws in
            #expect(try await service.status(of: token) == .invitation(invitation(email, nil)))
            #expect(try await !isSuppressed(store, email))
            for _ in 0..<2 { #expect(try await service.unsubscribe(token: token) == .invitation(invitation(email, .sender))) }
            #expect(try await isSuppressed(store, email))
            #expect(try await !isSuppressed(store, email, for: "billing@shop.example"))
            #expect(try await service.status(of: token) == .invitation(invitation(email, .sender)))
            // One entry in the timeline, and no change of the status.
            #expect(try await events(store, email) == ["QUEUED", "UNSUBSCRIBED"])
            #expect(try await store.read { try $0.emails.find(email.id)?.status } == .queued)
        }
    }

    @Test func `unsubscribing from all senders of the account`() async throws {
        try await withEmail { service, store, email, token async throws in
            #expect(try await service.unsubscribe(token: token, from: .account) == .invitation(invitation(email, .account)))
            #expect(try await isSuppressed(store, email, for: "billing@shop.example"))
            #expect(try await service.resubscribe(token: token) == .resubscribed(invitation(email, nil)))
            #expect(try await !isSuppressed(store, email, for: "billing@shop.example"))
            #expect(try await events(store, email) == ["QUEUED", "UNSUBSCRIBED", "RESUBSCRIBED"])
        }
    }

    @Test(arguments: SuppressionReason.allCases, [SuppressionEntry.Scope.account, .sender])
    func `subscribing again deletes no other suppression`(reason: SuppressionReason, scope: SuppressionEntry.Scope) async throws {
        try await withEmail { service, store, email, token async throws in
            let entry = SuppressionEntry(address: email.recipient, sender: scope == .sender ? email.sender : nil, reason: reason)
            let other = SuppressionEntry(
                address: email.recipient, sender: EmailAddress(validated: "other@shop.example"), reason: .unsubscribe)
            try await store.write { tx in
                for entry in [entry, other] { try tx.suppressions.insert(entry, accountID: email.accountID, source: .api) }
            }
            #expect(try await service.resubscribe(token: token) == .resubscribed(invitation(email, nil)))
            #expect(try await isSuppressed(store, email) == (reason != .unsubscribe))
            #expect(try await isSuppressed(store, email, for: "other@shop.example"))
        }
    }

    @Test func `forged and expired tokens change nothing`() async throws {
        let clock = TestClock()
        try await withEmail(clock: clock) { service, store, email, token async throws in
            let forged = String(token.dropLast(4)) + "AAAA"
            #expect(try await service.unsubscribe(token: forged) == .unknown)
            // A valid token of an email that does not exist.
            #expect(try await service.unsubscribe(token: self.token(of: EmailID(at: clock.now))) == .unknown)
            clock.advance(by: UnsubscribeLinks.lifetime + .seconds(1))
            #expect(try await service.unsubscribe(token: token) == .expired)
            #expect(try await service.unsubscribe(token: token, from: .account) == .expired)
            #expect(try await service.resubscribe(token: token) == .expired)
            #expect(try await service.status(of: token) == .expired)
            #expect(try await !isSuppressed(store, email))
            #expect(try await events(store, email) == ["QUEUED"])
        }
    }
}
