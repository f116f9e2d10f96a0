import Foundation
import Testing

@testable import MartletClient

/// The example of the specification of Standard Webhooks 1.0, as it is and changed.
struct WebhookVerifierTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let body = Array(#"{"test": 2432232314}"#.utf8)
    private static let headers = [
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ]
    private static let time = Date(timeIntervalSince1970: 1_614_265_330)

    private func failure(
        _ changes: [String: String] = [:], without missing: String? = nil, body: [UInt8] = body, secret: String = secret,
        after seconds: Double = 0
    ) -> WebhookVerifier.Failure? {
        do {
            try WebhookVerifier(secret: secret).verify(body: body, at: Self.time + seconds) { name in
                name == missing ? nil : changes[name] ?? Self.headers[name]
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func theServersIsBelieved() {
        #expect(failure() == nil)
        #expect(failure(after: 300) == nil)
        let two = "v1,AAAA " + (Self.headers["webhook-signature"] ?? "")
        #expect(failure(["webhook-signature": two]) == nil)
    }

    @Test(arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"])
    func aHeaderIsMissing(_ name: String) {
        #expect(failure(without: name) == .malformedHeader)
    }

    @Test(arguments: [
        ("webhook-id", "msg_other", WebhookVerifier.Failure.wrongSignature), ("webhook-timestamp", "1614265331", .wrongSignature),
        ("webhook-timestamp", "soon", .malformedHeader), ("webhook-timestamp", "9223372036854775807", .outOfTime),
        ("webhook-timestamp", "-9223372036854775808", .outOfTime), ("webhook-signature", "", .wrongSignature),
        ("webhook-signature", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", .wrongSignature),
        ("webhook-signature", "v1,", .wrongSignature),
        ("webhook-signature", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", .wrongSignature),
    ])
    func aChangedHeaderIsNotBelieved(_ name: String, _ value: String, expected: WebhookVerifier.Failure) {
        #expect(failure([name: value]) == expected)
    }

    @Test func othersAreNotBelieved() {
        #expect(failure(body: Array("{}".utf8)) == .wrongSignature)
        #expect(failure(secret: "whsec_AAAA") == .wrongSignature)
        #expect(failure(secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == .malformedSecret)
        #expect(failure(secret: "whsec_") == .malformedSecret)
        #expect(failure(after: 301) == .outOfTime)
        #expect(failure(after: -301) == .outOfTime)
    }
}
