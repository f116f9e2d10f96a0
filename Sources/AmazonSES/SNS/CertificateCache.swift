import Synchronization

/// Certificates by URL, each fetched and parsed once; concurrent callers share a fetch.
final class CertificateCache: Sendable {
    private let source: any CertificateSource
    private let kept = Mutex<[String: SigningCertificate]>([:])
    private let flight = SingleFlight<String, Result<SigningCertificate, CertificateFailure>>()

    /// SNS has one certificate per region for about a year; more than a few at once is somebody playing with URLs.
    private static let capacity = 32
    private static let maximumFetches = 8

    init(source: any CertificateSource) {
        self.source = source
    }

    func certificate(at url: String) async throws(CertificateFailure) -> SigningCertificate {
        if let certificate = kept.withLock({ $0[url] }) { return certificate }
        // Whoever posts forgeries with ever new URLs makes no more connections than these.
        guard flight.count < Self.maximumFetches else { throw .unavailable }
        return try await flight.run(url) { await self.fetch(url) }.get()
    }

    private func fetch(_ url: String) async -> Result<SigningCertificate, CertificateFailure> {
        if let certificate = kept.withLock({ $0[url] }) { return .success(certificate) }
        do {
            guard let certificate = SigningCertificate(pem: try await source.certificate(at: url)) else { return .failure(.refused) }
            kept.withLock { kept in
                if kept.count >= Self.capacity { kept.removeAll() }
                kept[url] = certificate
            }
            return .success(certificate)
        } catch {
            return .failure(error)
        }
    }
}
