import MailModel
import Sending
import Storage
import TestSupport
import Testing

/// `cc` and `bcc`: each recipient is an email of its own, and all are accepted together or none (specification 5.5).
@Suite(.timeLimit(.minutes(1)))
struct CopiesTests {
    private func request(_ change: (inout EmailRequest) -> Void = { _ in }) -> EmailRequest {
        var request = EmailRequest(to: "to@example.org", from: "news@shop.example", text: "<p>hello</p>", subject: "Hi")
        request.cc = ["Carl@example.org"]
        request.bcc = ["bea@example.org"]
        change(&request)
        return request
    }

    private func sentToday(_ store: Store) async throws -> Int64? {
        try await store.read { try $0.domains.find(named: DomainName(validated: "shop.example"))?.counters.sentToday }
    }

    @Test func `each recipient is an email of its own`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let acceptance = try await Submission(store: store, gate: Gate()).accept(
                request {
                    $0.tags = ["t"]
                    $0.replyTo = ["desk@shop.example"]
                    $0.attachments = [.init(filename: "a.txt", content: "Zm9v")]
                }, by: .master)
            let copies = try #require(acceptance.email.content.recipients?.copies)
            #expect(copies.map(\.kind) == [.cc, .bcc])
            #expect(acceptance.copies == [copies[0].id: .queued, copies[1].id: .queued])
            for (copy, address) in zip(copies, ["Carl@example.org", "bea@example.org"]) {
                let email = try #require(try await store.read { try $0.emails.find(copy.id) })
                #expect(email.recipient.description == address)
                #expect(email.copyOf == CopyOrigin(id: acceptance.email.id, kind: copy.kind))
                #expect(email.content == acceptance.email.content)
                #expect(try await store.read { try $0.emails.attachments(of: email) } == [Array("foo".utf8)])
            }
            let rows = try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 10).emails }
            #expect(rows.count == 3)
            #expect(Set(rows.compactMap(\.copyOf?.kind)) == [.cc, .bcc])
            #expect(try await sentToday(store) == 3)
            #expect(try await store.write { try TestClaim().run(in: $0) }.count == 3)
        }
    }

    /// All recipients count together, also where the limit has place for some of them.
    @Test(arguments: [2, 3, 7, 9] as [Int64]) func `a hard limit accepts all recipients or none`(_ limit: Int64) async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = limit }
            let submission = Submission(store: store, gate: Gate())
            let request = request()
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { (try? await submission.accept(request, by: .master)) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(accepted == Int(limit / 3))
            #expect(try await sentToday(store) == limit / 3 * 3)
            #expect(
                try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 100).emails }.count
                    == accepted * 3)
            let refusal = await #expect(throws: Refusal.self) { try await submission.accept(request, by: .master) }
            #expect(refusal?.kind == .quota)
            #expect(refusal?.explanation.contains("3 recipients") == true)
        }
    }

    @Test func `a suppressed copy does not stop the others`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = 2 }
            try await store.write {
                try $0.suppressions.insert(
                    EmailAddress(validated: "carl@example.org"), accountID: domain.accountID, reason: .manual, note: nil)
            }
            let acceptance = try await Submission(store: store, gate: Gate()).accept(request(), by: .master)
            #expect(acceptance.email.status == .queued)
            let copies = try #require(acceptance.email.content.recipients?.copies)
            #expect(acceptance.copies == [copies[0].id: .blacklisted, copies[1].id: .queued])
            #expect(acceptance.note?.hasPrefix("cc[0]: ") == true)
            #expect(try await sentToday(store) == 2)
        }
    }

    @Test func `an idempotency key returns the copies too`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate())
            let keyed = request {
                $0.idempotencyKey = "once"
                $0.fingerprint = [1]
            }
            let first = try await submission.accept(keyed, by: .master)
            let again = try await submission.accept(keyed, by: .master)
            #expect(again.email == first.email)
            #expect(again.copies == first.copies)
            #expect(try await sentToday(store) == 3)
        }
    }

    @Test func `cancelling an email cancels its copies`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate())
            let email = try await submission.accept(request { $0.sendAt = (store.now + .seconds(3600)).description }, by: .master).email
            #expect(email.status == .scheduled)
            let copies = email.ownCopies
            #expect(try await submission.cancel(copies[1].id, by: .master) == .cancelled)
            #expect(try await store.read { try $0.emails.statuses(of: copies) } == [copies[0].id: .scheduled, copies[1].id: .cancelled])
            #expect(try await submission.cancel(email.id, by: .master) == .cancelled)
            #expect(try await store.read { try $0.emails.statuses(of: copies) } == [copies[0].id: .cancelled, copies[1].id: .cancelled])
            #expect(try await sentToday(store) == 0)
        }
    }

    @Test func `a batch counts copies in its order`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = 64 }
            let many = request { request in request.bcc = (0..<48).map { "b\($0)@example.org" } }
            let single = request {
                $0.cc = []
                $0.bcc = []
            }
            let outcomes = await Submission(store: store, gate: Gate()).accept([many, many, request(), many, single], by: .master)
            #expect(outcomes.map { (try? $0.get()) != nil } == [true, false, true, false, true])
            #expect(try await sentToday(store) == 54)
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var field: String?
        var kind = Refusal.Kind.invalid
        var change: @Sendable (inout EmailRequest) -> Void
        var testDescription: String { field ?? "\(kind)" }
    }

    fileprivate static func attachment(
        _ field: String, _ filename: String = "a.txt", content: String = "Zm9v", type: String? = nil, id: String? = nil
    ) -> Refused {
        Refused(field: "attachments[0].\(field)") {
            $0.attachments = [.init(filename: filename, content: content, contentType: type, contentID: id)]
        }
    }

    static let refused: [Refused] = [
        Refused(field: "cc[0]") { $0.cc = ["nobody"] },
        Refused(field: "bcc[1]") { $0.bcc = ["a@example.org", "a@example.org\r\nX: y"] },
        Refused(field: "cc[0]") { $0.cc = ["TO@example.org"] },
        Refused(field: "bcc[0]") { $0.bcc = ["carl@example.org"] },
        Refused(field: "bcc") { request in request.bcc = (0..<49).map { "b\($0)@example.org" } },
        attachment("filename", ""), attachment("filename", ".."), attachment("filename", "../a.txt"), attachment("filename", "a\\b.txt"),
        attachment("filename", "a\r\nX: y.txt"), attachment("filename", "a\u{0}.txt"),
        attachment("filename", String(repeating: "x", count: 256)),
        attachment("filename", "run.exe"), attachment("filename", "run.JS"), attachment("filename", "run.bat. "),
        attachment("content", content: "Zm9"), attachment("content", content: "Zm9v\n"), attachment("content", content: "Zm-_"),
        attachment("contentType", type: "pdf"), attachment("contentType", type: "text/plain\r\nX: y"), attachment("contentType", type: ""),
        attachment("contentType", type: "message/rfc822"), attachment("contentType", type: "text/plain; x"),
        attachment("contentId", id: ""), attachment("contentId", id: "a b"), attachment("contentId", id: "<a>"),
        Refused(field: "attachments[1].contentId") {
            $0.attachments = Array(repeating: .init(filename: "a.png", content: "Zm9v", contentID: "i"), count: 2)
        },
        Refused(field: "attachments") { $0.attachments = Array(repeating: .init(filename: "a.png", content: "Zm9v"), count: 51) },
        Refused(field: "attachments", kind: .tooLarge) {
            $0.attachments = Array(repeating: .init(filename: "a.png", content: String(repeating: "AAAA", count: 20)), count: 2)
        },
        Refused(kind: .tooLarge) { $0.text = String(repeating: "x", count: 301) },
    ]

    @Test(arguments: refused) func `a refusal names the invalid field`(_ refused: Refused) async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            var limits = SubmissionLimits()
            limits.attachmentBytes = 119
            limits.messageBytes = 300
            let submission = Submission(store: store, gate: Gate(), limits: limits)
            let refusal = await #expect(throws: Refusal.self) {
                try await submission.accept(request(refused.change), by: .master)
            }
            #expect(refusal?.field == refused.field)
            #expect(refusal?.kind == refused.kind)
            if let field = refused.field, refused.kind == .invalid, !["bcc", "attachments"].contains(field) {
                #expect(refusal?.explanation.hasPrefix(field) == true, "\(refusal?.explanation ?? "")")
            }
            #expect(try await sentToday(store) == 0)
            #expect(try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 10).emails }.isEmpty)
        }
    }
}
