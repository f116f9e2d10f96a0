import Testing

@testable import AmazonSES

@Suite(.timeLimit(.minutes(1))) struct HTTPCertificateSourceTests {
    private func fetch(_ reply: Reply, timeout: Duration = .seconds(5)) async throws -> Result<[UInt8], CertificateFailure> {
        try await withServer {
            $0.target == "/a.pem" ? reply : .answer(200, "redirected")
        } _: { url in
            try await withHTTPClient { http in
                do {
                    let certificate = try await HTTPCertificateSource(http: http, timeout: timeout).certificate(at: url + "/a.pem")
                    return .success(certificate)
                } catch {
                    return .failure(error as? CertificateFailure ?? .refused)
                }
            }
        }
    }

    @Test func `returns the document that the host serves`() async throws {
        #expect(try await fetch(.answer(200, "pem")) == .success(Array("pem".utf8)))
    }

    @Test(arguments: [
        (Reply.redirect("/b.pem"), CertificateFailure.refused), (.answer(404), .refused), (.answer(403), .refused),
        (.answer(204), .refused),
        (.answer(200, String(repeating: "x", count: 16 * 1024 + 1)), .refused), (.answer(500), .unavailable), (.answer(503), .unavailable),
        (.answer(429), .unavailable), (.close, .unavailable), (.hang, .unavailable),
    ])
    func `distinguishes a refused certificate from an unavailable host`(_ reply: Reply, _ failure: CertificateFailure) async throws {
        #expect(try await fetch(reply, timeout: reply.patience) == .failure(failure))
    }

    @Test func `an unreachable host is unavailable`() async throws {
        await #expect(throws: CertificateFailure.unavailable) {
            try await withHTTPClient(connectTimeout: .milliseconds(500)) {
                try await HTTPCertificateSource(http: $0).certificate(at: "http://127.0.0.1:1/a.pem")
            }
        }
    }
}
