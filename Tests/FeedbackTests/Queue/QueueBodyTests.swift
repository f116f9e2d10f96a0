import TestSupport
import Testing

@testable import Feedback

struct QueueBodyTests {
    private static let event = String(decoding: TestEvent.bounce().bytes, as: UTF8.self)

    static func envelope(_ message: String, type: String = "Notification", id: String = "id-1") -> String {
        let escaped = message.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return """
            {"Type":"\(type)","MessageId":"\(id)","TopicArn":"arn:aws:sns:us-east-1:123456789012:feedback","Message":"\(escaped)",\
            "Timestamp":"2026-06-15T12:00:00.000Z","SignatureVersion":"1","Signature":"x","SigningCertURL":"https://x.example/"}
            """
    }

    static func bridged(_ event: String) -> String {
        """
        {"version":"0","id":"7bf73129","detail-type":"Email Bounced","source":"aws.ses","account":"123456789012",\
        "time":"2026-06-15T12:00:00Z","region":"us-east-1","resources":["arn:aws:ses:us-east-1:123456789012:configuration-set/m"],\
        "detail":\(event)}
        """
    }

    @Test(
        arguments: [
            (event, nil), (envelope(event), "id-1"), (bridged(event), nil), (envelope(bridged(event)), "id-1"),
            (Samples.bounceNotification, nil), (envelope(Samples.bounceNotification, id: "id-2"), "id-2"),
        ] as [(String, String?)])
    func `finds the event in each of its envelopes`(body: String, notification: String?) throws {
        guard case .event(let event, let found) = try QueueBody(parsing: body) else {
            Issue.record("no event")
            return
        }
        #expect(found == notification)
        let original = body.contains("jane@example.com") ? Array(Samples.bounceNotification.utf8) : TestEvent.bounce().bytes
        #expect(try SESEvent(parsing: event) == SESEvent(parsing: original))
    }

    @Test(arguments: [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        envelope("Successfully validated SNS topic for Amazon SES event publishing."),
    ])
    func `SES's trial message is no event and no error`(body: String) throws {
        #expect(try QueueBody(parsing: body) == .trial)
    }

    @Test(arguments: [
        ("", "no JSON"), ("hello", "no JSON"), ("[]", "an array"), ("{}", "no event"), (#"{"Event":"s3:TestEvent"}"#, "no event"),
        (envelope(event, type: "SubscriptionConfirmation"), "SubscriptionConfirmation"), (envelope(event, id: ""), "no MessageId"),
        (envelope("hello"), "no JSON"), (envelope("{}"), "no event"), (bridged("{}"), "EventBridge"), (bridged("7"), "EventBridge"),
        (envelope(envelope(event)), "no event"), (String(repeating: " ", count: 3 << 20), "too long"),
    ])
    func `says why a message cannot be read`(body: String, reason: String) {
        let error = #expect(throws: QueueBody.Unreadable.self) { try QueueBody(parsing: body) }
        #expect(error?.explanation.contains(reason) == true, "\(error?.explanation ?? "")")
    }

    @Test func `mutations crash nothing, and what is found can be read`() throws {
        var generator = SeededGenerator(seed: 16)
        let samples = Samples.all.flatMap { [$0, Self.envelope($0), Self.bridged($0)] }.map { Array($0.utf8) }
        var found = 0
        for round in 0..<SeededGenerator.rounds {
            let mutant = samples[round % samples.count].mutated(times: 0...3, using: &generator)
            do throws(QueueBody.Unreadable) {
                guard case .event(let event, _) = try QueueBody(parsing: String(decoding: mutant, as: UTF8.self)) else { continue }
                found += 1
                if (try? SESEvent(parsing: event)) == nil { Issue.record("\(String(decoding: mutant, as: UTF8.self))") }
            } catch {
                if error.explanation.isEmpty { Issue.record("no explanation") }
            }
        }
        #expect(found > SeededGenerator.rounds / 5)
    }
}

struct PollBalanceTests {
    @Test func `full polls double the number under way, up to the most, and thin ones take one away`() {
        var balance = PollBalance(maximum: 24)
        #expect(balance.wanted == 1 && balance.limit == 10)
        let grown = (0..<6).map { _ in
            balance.received(10, of: 10)
            return balance.wanted
        }
        #expect(grown == [2, 4, 8, 16, 24, 24])
        balance.received(7, of: 10)
        #expect(balance.wanted == 24)
        balance.received(1, of: 10)
        balance.received(0, of: 10)
        #expect(balance.wanted == 22)
        for _ in 0..<30 { balance.received(0, of: 10) }
        #expect(balance.wanted == 1)
    }

    @Test func `a failure leaves one poll, and an answer that was too large is asked for in smaller parts`() {
        var balance = PollBalance(maximum: 24)
        for _ in 0..<3 { balance.received(10, of: 10) }
        balance.failed(isTooLarge: false)
        #expect(balance.wanted == 1 && balance.limit == 10)
        let limits = (0..<5).map { _ in
            balance.failed(isTooLarge: true)
            return balance.limit
        }
        #expect(limits == [5, 2, 1, 1, 1])
        balance.received(1, of: 1)
        #expect(balance.limit == 2 && balance.wanted == 2)
    }

    @Test func `waits double up to half a minute, and begin anew after a success`() {
        var backoff = Backoff()
        #expect((0..<7).map { _ in backoff.next().components.seconds } == [1, 2, 4, 8, 16, 30, 30])
        #expect(backoff.isWaiting)
        backoff.reset()
        #expect(!backoff.isWaiting && backoff.next() == .seconds(1))
    }
}
