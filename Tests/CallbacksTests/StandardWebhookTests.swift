import Foundation
import MailModel
import Testing

@testable import Callbacks

struct StandardWebhookTests {
    /// The example of the scheme's reference libraries.
    @Test func theSignatureIsThatOfTheReferenceLibraries() throws {
        let key = try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = StandardWebhook.signature(
            of: Array(#"{"test": 2432232314}"#.utf8), id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, key: Array(key))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func everyValidSecretIsSignedWith() {
        let start = Timestamp(milliseconds: 1_781_524_800_000)
        let secret = CallbackSecret(value: [1], createdAt: start, previous: [2], previousExpiresAt: start + .seconds(10))
        #expect(secret.keys(at: start + .seconds(9)) == [[1], [2]])
        #expect(secret.keys(at: start + .seconds(10)) == [[1]])
        let id = CallbackID(at: start)
        let headers = StandardWebhook.headers(id: id, at: start, body: [3], keys: secret.keys(at: start))
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers[0].value == id.description && headers[1].value == "1781524800")
        #expect(headers[2].value.split(separator: " ").count == 2)
        #expect(headers[2].value.split(separator: " ").allSatisfy { $0.hasPrefix("v1,") })
    }

    @Test func secretsAreShownInTheFormOfTheLibraries() {
        #expect(CallbackSecret.shown([0, 1, 2]) == "whsec_AAEC")
        #expect(CallbackSecret.random().count == 32)
        #expect(CallbackSecret.random() != CallbackSecret.random())
    }
}
