import Feedback
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FeedbackServiceTests {
    struct Effect: Sendable {
        let event: TestEvent
        let status: EmailStatus
        var label: String?
        var bounces: Int64 = 0
        var complaints: Int64 = 0
        var isSuppressed = false
    }

    static let effects: [Effect] = [
        Effect(event: .send, status: .sent),
        Effect(event: .delivery, status: .delivered),
        Effect(event: .open, status: .open),
        Effect(event: .click, status: .click),
        Effect(event: .automatedOpen, status: .queued, label: "AUTOMATED_OPEN"),
        Effect(event: .automatedClick, status: .queued, label: "AUTOMATED_CLICK"),
        Effect(event: .delay, status: .queued, label: "DELIVERY_DELAY"),
        Effect(event: .reject, status: .notSent),
        Effect(event: TestEvent(type: "Rendering Failure", object: #""templateName":"t""#), status: .notSent),
        Effect(event: TestEvent(type: "Subscription", object: #""contactList":"l""#), status: .queued, label: "SUBSCRIPTION"),
        Effect(event: .bounce(), status: .bouncedPermanent, bounces: 1, isSuppressed: true),
        Effect(event: .bounce("Undetermined"), status: .bounced, bounces: 1),
        Effect(event: .bounce("Transient"), status: .bounced),
        Effect(event: .bounce(subType: "OnAccountSuppressionList"), status: .bouncedPermanent, isSuppressed: true),
        Effect(event: .complaint(), status: .complained, complaints: 1, isSuppressed: true),
        Effect(event: .complaint("not-spam"), status: .queued, label: "NOT_SPAM"),
    ]

    @Test(arguments: effects)
    func `each event has its effects`(effect: Effect) async throws {
        try await withFeedback { service, store, domain in
            let email = try await store.makeEmail(of: domain, messageID: "m-1")
            try await service.ingest(effect.event.bytes, receipt: "r-1")
            #expect(try await store.status(of: email) == effect.status)
            #expect(try await store.timeline(of: email).map(\.status) == ["QUEUED", effect.label ?? effect.status.rawValue])
            let counters = try await store.domain("example.com").counters
            #expect(counters.bounces == effect.bounces)
            #expect(counters.complaints == effect.complaints)
            #expect(try await store.isSuppressed("R@example.com", for: domain) == effect.isSuppressed)
            #expect(try await store.write { try $0.queue.nextDue() } == nil)
        }
    }

    /// Both the feedback of the identity and the events of the configuration set arrive, with `MessageId`s of their own.
    @Test(arguments: [TestEvent.bounce(), .complaint(), .bounce(of: ["a@example.com", "b@example.com"])], [true, false])
    func `an event that SES reports in both shapes counts once`(event: TestEvent, isKnown: Bool) async throws {
        try await withFeedback { service, store, domain in
            if isKnown { _ = try await store.makeEmail(of: domain, messageID: "m-1") }
            func counted() async throws -> [Int64] {
                let counters = try await store.domain("example.com").counters
                return [counters.bounces, counters.complaints]
            }
            var other = event
            other.shape = "notificationType"
            try await service.ingest(other.bytes, receipt: "r-1")
            let once = try await counted()
            #expect(once != [0, 0])
            try await service.ingest(event.bytes, receipt: "r-2")
            #expect(try await counted() == once)
            // Another message, and another event of the same message in one shape: both count.
            try await service.ingest(event.about("m-2").bytes, receipt: "r-3")
            #expect(try await counted() == once.map { 2 * $0 })
            try await service.ingest(other.bytes, receipt: "r-4")
            #expect(try await counted() == once.map { 2 * $0 })
            try await service.ingest(event.about("m-2").bytes, receipt: "r-5")
            #expect(try await counted() == once.map { 3 * $0 })
        }
    }

    @Test
    func `an email charged to no domain suppresses for its account and counts for no domain`() async throws {
        try await withFeedback { service, store, domain in
            let other = try await store.makeDomain("mail.example", account: "other", isVerified: false)
            let email = try await store.makeEmail(of: domain) {
                $0.domainID = nil
                $0.sender = EmailAddress(validated: "ann@mail.example")
            }
            var event = TestEvent.bounce().about("m-1", id: email.id)
            event.source = "ann@mail.example"
            try await service.ingest(event.bytes, receipt: nil)
            #expect(try await store.status(of: email) == .bouncedPermanent)
            #expect(try await store.isSuppressed("r@example.com", for: domain))
            #expect(try await !store.isSuppressed("r@example.com", for: other))
            #expect(try await store.domain("mail.example").counters.bounces == 0)
            #expect(try await store.domain("example.com").counters.bounces == 0)
        }
    }

    @Test
    func `the timeline has SES's details`() async throws {
        try await withFeedback { service, store, domain in
            let email = try await store.makeEmail(of: domain, messageID: "m-1")
            try await service.ingest(TestEvent.bounce().bytes, receipt: nil)
            let details = try await store.timeline(of: email).last?.details
            #expect(details == #"{"bounceType":"Permanent","bounceSubType":"General","diagnosticCode":"smtp; 550 r@example.com"}"#)
        }
    }

    @Test
    func `a repeated receipt changes nothing, also concurrently`() async throws {
        try await withFeedback { service, store, domain in
            let email = try await store.makeEmail(of: domain, messageID: "m-1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await service.ingest(TestEvent.bounce().bytes, receipt: "same") }
                }
                try await group.waitForAll()
            }
            #expect(try await store.domain("example.com").counters.bounces == 1)
            #expect(try await store.timeline(of: email).count == 2)
            // The capture transport repeats nothing and has no receipts.
            try await service.ingest(TestEvent.delivery.bytes, receipt: nil)
            try await service.ingest(TestEvent.delivery.bytes, receipt: nil)
            #expect(try await store.timeline(of: email).count == 4)
        }
    }

    @Test
    func `our id in a tag is trusted only with the domain of the sender`() async throws {
        try await withFeedback { service, store, domain in
            let foreign = try await store.makeDomain("foreign.example", account: "other")
            let email = try await store.makeEmail(of: domain)
            var forged = TestEvent.bounce().about("m-forged", id: email.id)
            forged.source = "evil@foreign.example"
            try await service.ingest(forged.bytes, receipt: "r-1")
            #expect(try await store.status(of: email) == .queued)
            #expect(try await store.isSuppressed("r@example.com", for: domain) == false)
            #expect(try await store.domain("foreign.example").counters.bounces == 1)
            #expect(try await store.isSuppressed("r@example.com", for: foreign))
            #expect(try await store.drainWaiting("m-forged") == 1)

            try await service.ingest(TestEvent.delivery.about("m-1", id: email.id).bytes, receipt: "r-2")
            #expect(try await store.status(of: email) == .delivered)
            #expect(try await store.read { try $0.sesMessages.find("m-1") } == email.id)
        }
    }

    @Test
    func `of several recipients only ours changes the email, all count`() async throws {
        try await withFeedback { service, store, domain in
            let email = try await store.makeEmail(of: domain, messageID: "m-1")
            var event = TestEvent.bounce(of: ["a@x.example", "b@x.example"])
            event.destinations = ["r@example.com", "a@x.example", "b@x.example"]
            try await service.ingest(event.bytes, receipt: "r-1")
            #expect(try await store.status(of: email) == .queued)
            #expect(try await store.timeline(of: email).count == 1)
            #expect(try await store.domain("example.com").counters.bounces == 2)
            #expect(try await store.isSuppressed("a@x.example", for: domain))
            #expect(try await !store.isSuppressed("r@example.com", for: domain))
            event = .bounce(of: ["b@x.example", "R@EXAMPLE.com"])
            event.destinations = ["r@example.com", "b@x.example"]
            try await service.ingest(event.bytes, receipt: "r-2")
            #expect(try await store.status(of: email) == .bouncedPermanent)
            #expect(try await store.timeline(of: email).last?.details?.contains("550 R@EXAMPLE.com") == true)
        }
    }

    @Test
    func `mail sent by other means counts for its domain, or the nearest domain above it`() async throws {
        try await withFeedback { service, store, domain in
            try await service.ingest(TestEvent.bounce().bytes, receipt: "r-1")
            var below = TestEvent.complaint(of: "c@x.example")
            below.source = "news@a.b.example.com"
            try await service.ingest(below.bytes, receipt: "r-2")
            let counters = try await store.domain("example.com").counters
            #expect((counters.bounces, counters.complaints) == (1, 1))
            #expect(try await store.isSuppressed("r@example.com", for: domain))
            #expect(try await store.isSuppressed("c@x.example", for: domain))
            _ = try await store.makeDomain("b.example.com")
            try await service.ingest(below.bytes, receipt: "r-3")
            #expect(try await store.domain("b.example.com").counters.complaints == 1)
            #expect(try await store.drainWaiting("m-1") == 3)
        }
    }

    @Test
    func `an event of an unknown domain is stored and changes nothing`() async throws {
        try await withFeedback { service, store, domain in
            var event = TestEvent.bounce()
            event.source = "x@notexample.com"
            try await service.ingest(event.bytes, receipt: "r-1")
            event.source = "no address"
            try await service.ingest(event.bytes, receipt: "r-2")
            try await service.ingest(TestEvent(type: "Novelty", object: "").bytes, receipt: "r-3")
            try await service.ingest(Array("{}".utf8), receipt: "r-4")
            #expect(try await store.domain("example.com").counters == domain.counters)
            #expect(try await store.drainWaiting("m-1") == 2)
        }
    }

    @Test
    func `simulator addresses are not suppressed, and SES's own do not count`() async throws {
        try await withFeedback { service, store, domain in
            for (address, bounces) in [("bounce+1@simulator.martlet.test", 1), ("bounce@simulator.amazonses.com", 1)] as [(String, Int64)] {
                let email = try await store.makeEmail(of: domain, to: address, messageID: address)
                var event = TestEvent.bounce(of: [address]).about(address)
                event.destinations = [address]
                try await service.ingest(event.bytes, receipt: address)
                #expect(try await store.status(of: email) == .bouncedPermanent)
                #expect(try await store.domain("example.com").counters.bounces == bounces)
                #expect(try await !store.isSuppressed(address, for: domain))
            }
        }
    }

    @Test
    func `a late bounce counts for the deleted domain, not for the name's new owner`() async throws {
        try await withFeedback { service, store, domain in
            _ = try await store.makeEmail(of: domain, messageID: "m-1")
            try await store.write { tx in
                guard var deleted = try tx.domains.find(domain.id) else { return }
                deleted.deletedAt = tx.now
                tx.domains.update(deleted)
            }
            _ = try await store.makeDomain("example.com", account: "other")
            try await service.ingest(TestEvent.bounce().bytes, receipt: "r-1")
            #expect(try await store.domain("example.com").counters.bounces == 0)
            #expect(try await store.write { try $0.domains.find(domain.id)?.counters.bounces } == 1)
        }
    }

    @Test(arguments: ["", "no JSON", "[]", #"{"eventType":"Bounce""#])
    func `an unreadable event is an error`(text: String) async throws {
        try await withFeedback { service, _, _ in
            await #expect(throws: FeedbackService.Unreadable.self) { try await service.ingest(Array(text.utf8), receipt: "r-1") }
        }
    }

    @Test
    func `a storage failure is thrown`() async throws {
        try await withFeedback { service, store, _ in
            try await store.close()
            await #expect(throws: (any Error).self) { try await service.ingest(TestEvent.bounce().bytes, receipt: "r-1") }
        }
    }

    enum KnownBy: CaseIterable { case tag, header, messageID, later }

    @Test(arguments: KnownBy.allCases)
    func `an unreadable address is replaced by our email's`(knownBy: KnownBy) async throws {
        try await withFeedback { service, store, domain in
            let email = try await store.makeEmail(of: domain, to: "ours@x.example", messageID: knownBy == .messageID ? "m-1" : nil)
            let id =
                switch knownBy {
                case .tag: #","tags":{"martlet-id":["\#(email.id)"]}"#
                case .header: #","headers":[{"name":"X-Martlet-Id","value":"\#(email.id)"}]"#
                case .messageID, .later: ""
                }
            // Without our id the source has to be readable.
            let source = knownBy == .later ? "sender@example.com" : "=?\\ud83d?="
            let text = """
                {"eventType":"Bounce","mail":{"messageId":"m-1","source":"\(source)","destination":["\\ud83d"]\(id)},
                "bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"\\ud83d@@","diagnosticCode":"550"}]}}
                """
            try await service.ingest(Array(text.utf8), receipt: "r")
            if knownBy == .later {
                try await store.write { tx in
                    try tx.sesMessages.insert("m-1", of: email.id)
                    try tx.unmatchedEvents.apply(messageID: "m-1", to: email.id)
                }
            }
            #expect(try await store.status(of: email) == .bouncedPermanent)
            #expect(try await store.isSuppressed("ours@x.example", for: domain))
            #expect(try await store.domain("example.com").counters.bounces == 1)
            #expect(try await store.timeline(of: email).last?.details == #"{"bounceType":"Permanent","diagnosticCode":"550"}"#)
        }
    }
}
