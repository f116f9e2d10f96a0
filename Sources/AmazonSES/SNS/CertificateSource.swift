/// Fetches the certificates that SNS signs with.
///
/// A protocol, so that tests can sign: SNS's own host cannot be stood in for in any other way, and no setting does it.
package protocol CertificateSource: Sendable {
    /// The PEM document at a URL. The URL was checked before; what comes is not trusted for anything but being what that host serves.
    func certificate(at url: String) async throws(CertificateFailure) -> [UInt8]
}

/// Why there is no certificate.
package enum CertificateFailure: Error, Equatable {
    /// The host does not answer, or says that it has trouble: try again later.
    case unavailable
    /// The host answers with something else than a certificate: a redirect, "not found", too much.
    case refused
}

/// Fetches certificates over HTTPS, without redirects.
package struct HTTPCertificateSource: CertificateSource {
    private let http: AWSHTTPClient
    private let timeout: Duration

    /// SNS's certificates have about 2 KiB.
    private static let maximumBytes = 16 * 1024

    /// - Parameter timeout: for the whole fetch. SNS itself waits 15 s for the answer to its message.
    package init(http: AWSHTTPClient, timeout: Duration = .seconds(5)) {
        self.http = http
        self.timeout = timeout
    }

    package func certificate(at url: String) async throws(CertificateFailure) -> [UInt8] {
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(OutgoingRequest(url: url), timeout: timeout, maximumBytes: Self.maximumBytes)
        } catch {
            throw error.isTooLarge ? .refused : .unavailable
        }
        guard answer.status < 500, answer.status != 429 else { throw .unavailable }
        guard answer.status == 200 else { throw .refused }
        return answer.body
    }
}
