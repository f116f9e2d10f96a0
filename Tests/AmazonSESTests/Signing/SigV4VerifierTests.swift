import Crypto
import Encoding
import MailModel
import Testing

@testable import AmazonSES

struct SigV4VerifierTests {
    private static let time = Timestamp.at("2015-08-30T12:36:00Z")
    private static let key = SigningKey(credentials: exampleCredentials, day: time.day, region: "us-east-1", service: "service")

    /// A request as it came in, with the signature of AWS's test suite.
    private static func request(_ vector: SuiteVector) -> SigV4Request {
        let names =
            (["host", "x-amz-date"] + vector.headers.map { $0.name.lowercased() } + (vector.token == nil ? [] : ["x-amz-security-token"]))
        let signed = Set(names).sorted().joined(separator: ";")
        let authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=\(signed), Signature=\(vector.signature)"
        let token = vector.token.map { [(name: "X-Amz-Security-Token", value: $0)] } ?? []
        return SigV4Request(
            method: vector.method, path: vector.path, query: vector.query,
            headers: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"), ("Authorization", authorization)]
                + vector.headers + token + [("User-Agent", "not signed")],
            body: Array(vector.body.utf8))
    }

    private static func check(_ request: SigV4Request, at now: Timestamp = time) throws(SigV4Fault) {
        try SigV4Verifier.check(request, try SigV4Authorization(request), with: key, at: now)
    }

    @Test(arguments: SuiteVector.all) func `accepts the signatures of AWS's test suite`(_ vector: SuiteVector) throws {
        let request = Self.request(vector)
        let authorization = try SigV4Authorization(request)
        #expect(authorization.accessKeyID == "AKIDEXAMPLE")
        #expect(authorization.region == "us-east-1")
        #expect(authorization.service == "service")
        #expect(authorization.signedAt == Self.time)
        try Self.check(request)
    }

    /// A change of a signed request.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout SigV4Request) -> Void

        init(_ name: String, _ apply: @escaping @Sendable (inout SigV4Request) -> Void) {
            (testDescription, self.apply) = (name, apply)
        }
    }

    private static let signed = SuiteVector(
        name: "form", method: "POST", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")

    @Test(arguments: [
        Change("method", { $0.method = "GET" }), Change("path", { $0.path = "/other" }), Change("query", { $0.query = "a=b" }),
        Change("body", { $0.body[0] ^= 1 }), Change("no body", { $0.body = [] }),
        Change("host", { $0.set("Host", "example.amazonaws.org") }),
        Change("a signed header", { $0.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8") }),
        Change("a signed header twice", { $0.headers.append(("Content-Type", "text/plain")) }),
        Change("no signed header", { $0.headers.removeAll { $0.name == "Content-Type" } }),
        Change("time", { $0.set("X-Amz-Date", "20150830T123601Z") }), Change("signature", { $0.edit("Signature=f", "Signature=e") }),
        Change("region", { $0.edit("us-east-1", "us-east-2") }),
        Change("order of headers", { $0.edit("content-type;host;x-amz-date", "host;content-type;x-amz-date") }),
        Change("repeated name", { $0.edit("content-type;host;x-amz-date", "content-type;host;host;x-amz-date") }),
        Change("unsigned payload", { $0.headers.append(("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")) }),
        Change("chunks", { $0.headers.append(("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) }),
        Change("another payload's hash", { $0.headers.append(("X-Amz-Content-Sha256", String(repeating: "0", count: 64))) }),
    ])
    func `refuses what was changed`(_ change: Change) throws {
        var request = Self.request(Self.signed)
        try Self.check(request)
        change.apply(&request)
        let fault = #expect(throws: SigV4Fault.self) {
            let authorization = try SigV4Authorization(request)
            let key = SigningKey(
                credentials: exampleCredentials, day: authorization.day, region: authorization.region, service: authorization.service)
            try SigV4Verifier.check(request, authorization, with: key, at: Self.time)
        }
        guard case .mismatch = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test func `the stated hash of the payload may be there`() throws {
        var request = Self.request(Self.signed)
        request.headers.append(("X-Amz-Content-Sha256", Hexadecimal.encode(SHA256.hash(data: request.body))))
        try Self.check(request)
    }

    @Test(arguments: [
        ("", SigV4Fault.missing), ("Bearer mk_1", .missing), ("AWS4-HMAC-SHA256", .missing),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", .missing),
    ])
    func `no signature of this kind`(_ header: String, _ fault: SigV4Fault) {
        var request = Self.request(Self.signed)
        request.set("Authorization", header)
        #expect(throws: fault) { try SigV4Authorization(request) }
        request.headers.removeAll { $0.name == "Authorization" }
        request.query = "X-Amz-Signature=0"
        #expect(throws: SigV4Fault.missing) { try SigV4Authorization(request) }
    }

    @Test(arguments: [
        ("Credential=", "Credentials="), ("Signature=", "Sig="), ("SignedHeaders=", "Headers="), ("/aws4_request", ""),
        ("20150830/", "20150229/"),
        ("20150830/", "20150831/"), ("AKIDEXAMPLE", ""), ("us-east-1", "a/b"), ("Signature=f", "Signature="),
        ("Signature=f", "Signature=g"),
        ("host;", ""), (";x-amz-date", ""), ("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 " + String(repeating: "x", count: 5000)),
    ])
    func `a signature that cannot be read`(_ part: String, _ replacement: String) {
        var request = Self.request(Self.signed)
        request.edit(part, replacement)
        expectIncomplete(request)
    }

    @Test(arguments: ["", "20150830T123600", "2015-08-30T12:36:00Z", "20150830T126000Z", "20150830X123600Z", "20150830T1236é"])
    func `a time that cannot be read`(_ time: String) {
        var request = Self.request(Self.signed)
        request.set("X-Amz-Date", time)
        expectIncomplete(request)
    }

    private func expectIncomplete(_ request: SigV4Request) {
        let fault = #expect(throws: SigV4Fault.self) { try SigV4Authorization(request) }
        guard case .incomplete? = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func `five minutes of difference`(_ seconds: Int, _ isAccepted: Bool) throws {
        let request = Self.request(Self.signed)
        let now = Self.time + .seconds(seconds)
        if isAccepted {
            try Self.check(request, at: now)
        } else {
            let fault = #expect(throws: SigV4Fault.self) { try Self.check(request, at: now) }
            guard case .expired(let text)? = fault else {
                Issue.record("\(String(describing: fault))")
                return
            }
            #expect(text.hasPrefix("Signature "))
        }
    }

    /// Who has no secret is not told whether the time is right.
    @Test func `the time is looked at last`() {
        var request = Self.request(Self.signed)
        request.body = []
        let fault = #expect(throws: SigV4Fault.self) { try Self.check(request, at: Self.time + .seconds(4000)) }
        guard case .mismatch? = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }
}

extension SigV4Request {
    fileprivate mutating func set(_ name: String, _ value: String) {
        headers.removeAll { $0.name == name }
        headers.append((name, value))
    }

    /// Edits the Authorization header.
    fileprivate mutating func edit(_ part: String, _ replacement: String) {
        let header = header("authorization") ?? ""
        set("Authorization", header.replacing(part, with: replacement, maxReplacements: 1))
    }
}
