import Database
import MailModel
import TestSupport
import Testing

@testable import Feedback
@testable import Storage

/// Events that wait for the record of SES's id of their email.
@Suite(.timeLimit(.minutes(1)))
struct WaitingEventsTests {
    private static let rules = FeedbackRules(softBounceLimit: 1)

    /// SES's examples, and events of which a part cannot be read.
    static let payloads =
        Samples.all
        + [
            #"{"eventType":"Bounce","mail":{"destination":["\ud83d"]},"bounce":{"bouncedRecipients":[{"emailAddress":"@","status":"5.1.1"}]}}"#,
            #"{"eventType":"Complaint","mail":{"destination":["a@x.example"]},"complaint":{"complainedRecipients":["@","@@"]}}"#,
            #"{"eventType":"Bounce","bounce":{"bounceType":"Transient","bouncedRecipients":[{"emailAddress":"a@x.example"},{}]}}"#,
            #"{"eventType":"Delivery","delivery":{"processingTimeMillis":17,"smtpResponse":"250 \u2028 \"ok\"\\\n"}}"#,
        ]

    @Test(arguments: payloads)
    func `an effect is stored without loss`(payload: String) throws {
        let effect = try SESEvent(parsing: Array(payload.utf8)).effect(by: Self.rules)
        #expect(EventEffect(stored: effect.stored) == effect)
    }

    @Test(arguments: ["", "{}", "[]", "no JSON", #"{"kind":"NEW","status":"NEW","words":{},"recipients":[],"hasOneDestination":true}"#])
    func `a text that is no effect is unreadable`(text: String) {
        #expect(EventEffect(stored: text) == nil)
    }

    /// The effect is the same before and after the record, whether the event names the recipient or not.
    @Test(arguments: ["a@x.example", "r@x.example"])
    func `an event that waits has the same effect as one that comes later`(recipient: String) async throws {
        try await withStore { store in
            for (number, payload) in Self.payloads.enumerated() {
                let event = try SESEvent(parsing: Array(payload.utf8))
                let early = try await outcome(of: event, isEarly: true, to: recipient, "early\(number)", in: store)
                let late = try await outcome(of: event, isEarly: false, to: recipient, "late\(number)", in: store)
                #expect(early == late, "\(payload)")
            }
        }
    }

    /// Returns the state of an email, and of its account's suppression list, after an event that comes before or after the record of the email's id.
    private func outcome(
        of event: SESEvent, isEarly: Bool, to recipient: String, _ name: String, in store: Store
    ) async throws -> [String?] {
        let domain = try await store.makeDomain("\(name).example", account: name)
        let email = try await store.makeEmail(of: domain, to: recipient)
        let effect = event.effect(by: Self.rules)
        try await store.write { tx in
            if isEarly {
                try tx.unmatchedEvents.insert(messageID: name, kind: event.type, source: nil, payload: "{}", effect: effect)
            }
            try tx.queue.record(.sent(messageID: name), of: email.id, owner: "n")
            if !isEarly { try tx.emails.apply(effect, to: email.id) }
        }
        #expect(try await store.drainWaiting(name) == 0)
        let suppressions = try await store.read {
            try $0.suppressions.list(matching: SuppressionFilter(), of: domain.accountID, after: nil, limit: 10)
        }
        let timeline = try await store.timeline(of: email).flatMap { [$0.status, $0.explanation, $0.details] }
        return [try await store.status(of: email)?.rawValue] + timeline
            + suppressions.map { "\($0.entry.address) \($0.entry.reason)" }.sorted()
    }

    /// An earlier version stored no effect; one that cannot be read is decoded as none.
    @Test
    func `an event without a readable effect is applied by the job`() async throws {
        try await withFeedback(rules: Self.rules) { service, store, domain in
            let email = try await store.makeEmail(of: domain, to: "ours@x.example")
            let payloads = [
                String(decoding: TestEvent.delivery.bytes, as: UTF8.self), "no JSON",
                #"{"eventType":"Bounce","mail":{"destination":["@"]},"bounce":{"bounceType":"Permanent","bouncedRecipients":["@@"]}}"#,
            ]
            try await store.write { tx in
                for payload in payloads + payloads {
                    try tx.unmatchedEvents.insert(
                        messageID: payload == payloads[0] ? "other" : "m-1", kind: "Bounce", source: nil, payload: payload)
                }
            }
            let job = WaitingEventsJob(store: store, rules: service.rules, logger: silent)
            await job.round()
            #expect(try await store.status(of: email) == .queued)
            try await store.write { try $0.queue.record(.sent(messageID: "m-1"), of: email.id, owner: "n") }
            #expect(try await store.status(of: email) == .sent)
            #expect(try await store.read { try $0.unmatchedEvents.listUnread(limit: 10) } == ["m-1"])
            await job.round()
            #expect(try await store.status(of: email) == .bouncedPermanent)
            #expect(try await store.timeline(of: email).map(\.status) == ["QUEUED", "SENT", "BOUNCED_PERMANENT", "BOUNCED_PERMANENT"])
            #expect(try await store.isSuppressed("ours@x.example", for: domain))
            #expect(try await store.read { try $0.unmatchedEvents.listUnread(limit: 10) } == [])
            #expect(try await store.drainWaiting("m-1") == 0)
            #expect(try await store.drainWaiting("other") == 2)
        }
    }

    @Test
    func `an email that cannot be read holds up no other one's events`() async throws {
        try await withFeedback(rules: Self.rules) { service, store, domain in
            let unreadable = try await store.makeEmail(of: domain, to: "first@x.example")
            let email = try await store.makeEmail(of: domain, to: "ours@x.example")
            try await store.write { tx in
                for (messageID, email) in [("m-1", unreadable), ("m-2", email)] {
                    try tx.unmatchedEvents.insert(
                        messageID: messageID, kind: "Delivery", source: nil,
                        payload: String(decoding: TestEvent.delivery.bytes, as: UTF8.self))
                    try tx.queue.record(.sent(messageID: messageID), of: email.id, owner: "n")
                }
                try tx.sql.execute("UPDATE emails SET status = 'NONE OF OURS' WHERE id = ?1", [.id(unreadable.id)])
            }
            #expect(await WaitingEventsJob(store: store, rules: service.rules, logger: silent).round() > .zero)
            #expect(try await store.status(of: email) == .delivered)
            #expect(try await store.read { try $0.unmatchedEvents.listUnread(limit: 10) } == ["m-1"])
        }
    }
}
