import MailModel
import Sending
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UnsubscribeTests {
    private let links = UnsubscribeLinks(secret: Array(repeating: 7, count: 32), base: "https://mail.example")

    private func token(of id: EmailID) -> String {
        String(links.url(for: id).dropFirst("https://mail.example/u/".count))
    }

    @Test func aTokenLeadsBackToItsEmail() {
        let id = EmailID(at: Timestamp(milliseconds: 1_781_524_800_000))
        #expect(links.email(of: token(of: id)) == id)
        #expect(links.url(for: id).utf8.count < 120)
    }

    @Test func noOtherTokenDoes() {
        let id = EmailID(at: Timestamp(milliseconds: 1_781_524_800_000))
        let token = token(of: id)
        let foreign = UnsubscribeLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")
        #expect(foreign.email(of: token) == nil)
        for index in token.indices {
            var forged = token
            forged.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            // The last character holds two bits that mean nothing; any change of meaning is seen.
            if let found = links.email(of: forged) { #expect(found == id && index == token.indices.last) }
        }
        for garbage in ["", "x", String(repeating: "A", count: 43), String(repeating: "A", count: 10_000), "../../etc", "\u{1F426}"] {
            #expect(links.email(of: garbage) == nil)
        }
    }

    @Test func lookingChangesNothingAndPostingSuppressesForTheSenderOnly() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate(), didQueue: {})
            let request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "t", subject: "s")
            let email = try await submission.accept(request, by: .master).email
            let service = UnsubscribeService(store: store, links: links)
            let suppressed: @Sendable (String) async throws -> Bool = { sender in
                try await store.read {
                    try $0.isSuppressed(email.recipient, accountID: domain.accountID, sender: EmailAddress(validated: sender))
                }
            }
            #expect(try await service.invitation(token: token(of: email.id))?.sender == email.sender)
            #expect(try await !suppressed("news@shop.example"))
            for _ in 0..<2 { #expect(try await service.unsubscribe(token: token(of: email.id))?.recipient == email.recipient) }
            #expect(try await suppressed("news@shop.example"))
            #expect(try await !suppressed("billing@shop.example"))
            #expect(try await submission.accept(request, by: .master).email.status == .blacklisted)
        }
    }
}
