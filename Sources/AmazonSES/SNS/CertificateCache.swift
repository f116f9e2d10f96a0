import Concurrency
import FoundationEssentials
import MailModel
import SwiftASN1
import Synchronization
import X509

/// The certificates by URL, each fetched and parsed once.
///
/// Concurrent callers share a fetch.
final class CertificateCache: Sendable {
    private let source: any CertificateSource
    /// SNS uses one certificate per region for about a year, so more than a few URLs at the same time are forged.
    private let cached = Mutex(BoundedCache<String, SigningCertificate>(capacity: 32))
    private let flight = SingleFlight<String, Result<SigningCertificate, CertificateFailure>>()

    private static let maximumFetches = 8

    init(source: any CertificateSource) {
        self.source = source
    }

    func certificate(at url: String) async throws(CertificateFailure) -> SigningCertificate {
        if let certificate = cached.withLock({ $0[url] }) { return certificate }
        // Forged messages with ever new URLs open no more connections than these.
        guard flight.count < Self.maximumFetches else { throw .unavailable }
        return try await flight.run(url) { await self.fetch(url) }.get()
    }

    private func fetch(_ url: String) async -> Result<SigningCertificate, CertificateFailure> {
        if let certificate = cached.withLock({ $0[url] }) { return .success(certificate) }
        do {
            guard let certificate = SigningCertificate(pem: try await source.certificate(at: url)) else { return .failure(.refused) }
            cached.withLock { $0.insert(certificate, for: url) }
            return .success(certificate)
        } catch {
            return .failure(error)
        }
    }
}

/// A certificate that SNS signs with: its key and its validity.
struct SigningCertificate: Sendable {
    private let key: Certificate.PublicKey
    private let validFrom: Timestamp
    private let validUntil: Timestamp

    /// Parses a PEM document; `nil` where it has no X.509 certificate.
    init?(pem: [UInt8]) {
        guard let certificate = try? Certificate(pemEncoded: String(decoding: pem, as: UTF8.self)) else { return nil }
        key = certificate.publicKey
        validFrom = Timestamp(certificate.notValidBefore)
        validUntil = Timestamp(certificate.notValidAfter)
    }

    func isValid(at time: Timestamp) -> Bool {
        validFrom <= time && time <= validUntil
    }

    /// Verifies a signature by RSA with PKCS #1 v1.5 padding.
    ///
    /// With a key of another kind no signature is valid.
    func hasSigned(_ text: String, signature: [UInt8], with algorithm: Certificate.SignatureAlgorithm) -> Bool {
        key.isValidSignature(signature, for: Array(text.utf8), signatureAlgorithm: algorithm)
    }
}
