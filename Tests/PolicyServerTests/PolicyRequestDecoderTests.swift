import NIOCore
import NIOTestUtils
import PolicyServer
import Testing

struct PolicyRequestDecoderTests {
    private static let requests = [
        PolicyRequest.sample(),
        .sample { ($0.sender, $0.saslUsername) = ("", "a=b@shop.example") },
        .sample { ($0.protocolState, $0.recipientCount, $0.instance) = ("END-OF-MESSAGE", 50, "") },
    ]

    /// Feeds the decoder byte by byte, all in one piece, and several requests at once.
    @Test func theDecoderPassesTheVerifierOfNIO() throws {
        try ByteToMessageDecoderVerifier.verifyDecoder(
            stringInputOutputPairs: Self.requests.map { ($0.encoded, [$0]) }, decoderFactory: { PolicyRequestDecoder() })
    }

    @Test func requestsAreDecodedHoweverTheyAreSplit() throws {
        let bytes = Array(Self.requests.map(\.encoded).joined().utf8)
        for offset in 0...bytes.count {
            #expect(try decoded([Array(bytes[..<offset]), Array(bytes[offset...])]) == Self.requests)
        }
    }

    @Test func unknownAttributesAndCarriageReturnsAreIgnored() throws {
        let text = "request=smtpd_access_policy\r\nfuture=1\r\nsender=a@b.example\r\nx=\r\n\r\n"
        #expect(try decoded([Array(text.utf8)]).map(\.sender) == ["a@b.example"])
    }

    @Test func invalidUTF8IsReplaced() throws {
        let bytes = Array("request=smtpd_access_policy\nsender=".utf8) + [0xFF, 0x00] + Array("@b.example\n\n".utf8)
        #expect(try decoded([bytes]).map(\.sender) == ["\u{FFFD}\u{0}@b.example"])
    }

    @Test(arguments: [
        ("\n", PolicyFault.otherRequest), ("request=junk\n\n", .otherRequest), ("sender=a@b.example\n\n", .otherRequest),
        ("request\n", .notAnAttribute), ("=value\n", .notAnAttribute), ("GET / HTTP/1.1\r\n", .notAnAttribute),
        ("recipient_count=-1\n", .malformedCount), ("recipient_count=99999999999999999999\n", .malformedCount),
        ("recipient_count=\n", .malformedCount),
        (String(repeating: "a", count: 8193), .lineTooLong), ("a=" + String(repeating: "b", count: 8191) + "\n", .lineTooLong),
        (String(repeating: "a=\n", count: 257), .tooManyAttributes),
        (String(repeating: "a=" + String(repeating: "b", count: 8000) + "\n", count: 9), .requestTooLong),
    ])
    func malformedRequestsAreRefused(text: String, fault: PolicyFault) {
        #expect(throws: fault) { try decoded([Array(text.utf8)]) }
    }

    @Test func requestsAtTheLimitsAreDecoded() throws {
        let line = "a=" + String(repeating: "b", count: 8190) + "\n"
        let attributes = "request=smtpd_access_policy\n" + String(repeating: "a=\n", count: 255)
        #expect(try decoded([Array(("request=smtpd_access_policy\n" + line + "\n" + attributes + "\n").utf8)]).count == 2)
    }
}

/// Feeds pieces to one decoder, as a connection does.
func decoded(_ pieces: [[UInt8]]) throws -> [PolicyRequest] {
    let processor = NIOSingleStepByteToMessageProcessor(PolicyRequestDecoder())
    var requests: [PolicyRequest] = []
    for piece in pieces {
        try processor.process(buffer: ByteBuffer(bytes: piece)) { requests.append($0) }
    }
    return requests
}
