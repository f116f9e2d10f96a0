import MailModel
import Testing

@testable import AmazonSES

private let address = EmailAddress(validated: "a+b/c@x.example")

@Suite(.timeLimit(.minutes(1))) struct SESClientSuppressionsTests {
    @Test func `adds an address to the list by a signed call`() async throws {
        let seen = Shared<Received?>(nil)
        try await withSES { request in
            seen.update { $0 = request }
            return .answer(200, "{}")
        } _: {
            try await $0.suppress(address, as: .complaint)
        }
        let request = try #require(seen.value)
        #expect(request.method == "PUT" && request.target == "/v2/email/suppression/addresses")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.body == #"{"EmailAddress":"a+b/c@x.example","Reason":"COMPLAINT"}"#)
        #expect(request.headers["authorization"]?.contains("/us-east-1/ses/aws4_request") == true)
    }

    @Test(arguments: [.answer(200, "{}"), .typed(404, "NotFoundException")] as [Reply])
    func `removes an address from the list, also when it is not on it`(_ reply: Reply) async throws {
        let target = Shared("")
        try await withSES { request in
            target.update { $0 = "\(request.method) \(request.target)" }
            return reply
        } _: {
            try await $0.unsuppress(address)
        }
        #expect(target.value == "DELETE /v2/email/suppression/addresses/a%2Bb%2Fc%40x.example")
    }

    @Test(
        arguments: [
            (.typed(429, "TooManyRequestsException"), .retry), (.typed(400, "BadRequestException:http://x/"), .permanent),
            (.answer(503), .retry),
            (.answer(404), .retry), (.typed(403, "InvalidSignatureException"), .paused), (.close, .unknown),
        ] as [(Reply, SESError.Outcome)])
    func `classifies a failure`(_ reply: Reply, _ outcome: SESError.Outcome) async throws {
        let error = try await withSES({ _ in reply }) { client in
            await #expect(throws: SESError.self) { try await client.unsuppress(address) }
        }
        // A DELETE has no body by whose first byte it could be seen that the request was sent.
        #expect(error?.outcome == (outcome == .unknown ? .retry : outcome))
    }
}
