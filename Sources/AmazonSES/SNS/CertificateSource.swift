/// Fetches the certificates that SNS signs with.
///
/// A protocol, so that tests can sign. No setting replaces SNS's own host.
package protocol CertificateSource: Sendable {
    /// Returns the PEM document at a URL, which the caller has checked. The document is trusted because of its host.
    func certificate(at url: String) async throws(CertificateFailure) -> [UInt8]
}

/// Why there is no certificate.
package enum CertificateFailure: Error, Equatable {
    /// The host does not answer, or with a temporary error: try again later.
    case unavailable
    /// The host answers with something other than a certificate: a redirect, "not found", a document that is too large.
    case refused
}

/// Fetches certificates over HTTPS, without redirects.
package struct HTTPCertificateSource: CertificateSource {
    private let http: AWSHTTPClient
    private let timeout: Duration

    /// The largest document; SNS's certificates have about 2 KiB.
    private static let maximumBytes = 16 * 1024

    /// Creates a source.
    ///
    /// - Parameter timeout: for the whole fetch. SNS waits 15 s for the answer to its message.
    package init(http: AWSHTTPClient, timeout: Duration = .seconds(5)) {
        self.http = http
        self.timeout = timeout
    }

    /// Fetches a document.
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
