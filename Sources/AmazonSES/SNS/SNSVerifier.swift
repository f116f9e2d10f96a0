import Encoding
package import MailModel
import X509

/// Verifies that a message is from SNS, of an accepted topic, and recent (specification 4.1).
///
/// Cheap checks come first, in the order of the specification. Nothing is fetched for a foreign topic.
package struct SNSVerifier: Sendable {
    private let certificates: CertificateCache

    private static let maximumAge = Duration.seconds(3600)
    /// How far SNS's clock may be ahead of this machine's.
    private static let maximumLead = Duration.seconds(900)

    /// Creates a verifier.
    package init(certificates: any CertificateSource) {
        self.certificates = CertificateCache(source: certificates)
    }

    /// Returns normally when the message is authentic.
    ///
    /// - Parameters:
    ///   - topics: the accepted topics, by the configuration or the database.
    ///   - now: the time by which the age of the message and the validity of the certificate are checked.
    package func verify(_ message: SNSMessage, topics: TopicPolicy, at now: Timestamp) async throws(SNSRejection) {
        guard topics.admits(message) else { throw .topicNotAllowed }
        let signature = try SNSSignature(message)
        let certificate = try await certificate(at: signature.certificateURL)
        guard certificate.isValid(at: now) else { throw .forged("certificate not within its dates") }
        guard certificate.hasSigned(message.stringToSign, signature: signature.bytes, with: signature.algorithm) else {
            throw .forged("signature wrong")
        }
        guard message.sentAt >= now - Self.maximumAge else { throw .forged("timestamp too old") }
        guard message.sentAt <= now + Self.maximumLead else { throw .forged("timestamp in the future") }
    }

    private func certificate(at url: String) async throws(SNSRejection) -> SigningCertificate {
        do {
            return try await certificates.certificate(at: url)
        } catch {
            switch error {
            case .unavailable: throw .unavailable("certificate host does not answer")
            case .refused: throw .forged("no certificate at the URL")
            }
        }
    }
}

/// The signature of a message, with valid URL, version and encoding.
private struct SNSSignature {
    let certificateURL: String
    let algorithm: Certificate.SignatureAlgorithm
    let bytes: [UInt8]

    init(_ message: SNSMessage) throws(SNSRejection) {
        guard let url = message.signingCertURL else { throw .malformed("SigningCertURL is missing") }
        guard let version = message.signatureVersion else { throw .malformed("SignatureVersion is missing") }
        guard let text = message.signature else { throw .malformed("Signature is missing") }
        guard let certificate = WebURL(url), certificate.isSNS(of: message.topic), certificate.isSigningCertificate else {
            throw .forged("SigningCertURL not of SNS")
        }
        certificateURL = certificate.description
        switch version {
        case "1": algorithm = .sha1WithRSAEncryption
        case "2": algorithm = .sha256WithRSAEncryption
        default: throw .forged("SignatureVersion unknown")
        }
        guard text.utf8.count <= 1024, let bytes = try? Base64.decode(text) else { throw .forged("signature no base64") }
        self.bytes = bytes
    }
}

extension WebURL {
    /// `/SimpleNotificationService-<letters and digits>.pem`, and no query.
    fileprivate var isSigningCertificate: Bool {
        let (prefix, suffix) = ("/SimpleNotificationService-", ".pem")
        guard query == nil, path.hasPrefix(prefix), path.hasSuffix(suffix) else { return false }
        let name = path.dropFirst(prefix.count).dropLast(suffix.count)
        return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber }
    }
}

/// Why a message is rejected.
package struct SNSRejection: Error, Equatable, CustomStringConvertible {
    /// The class of a rejection, by which SNS is answered.
    package enum Kind: Sendable, Equatable {
        /// A field is missing (400).
        case malformed
        /// Not of an accepted topic, not from SNS, or too old (403). SNS does not repeat it.
        case forged
        /// The message could not be verified, because the host of the certificate did not answer (503). SNS repeats it.
        case unavailable
    }

    /// The class.
    package let kind: Kind
    /// A constant phrase for logs and metrics, without content of the message.
    package let description: String

    /// The status to answer SNS with.
    package var httpStatus: Int {
        switch kind {
        case .malformed: 400
        case .forged: 403
        case .unavailable: 503
        }
    }

    /// The topic is not accepted.
    package static let topicNotAllowed = forged("topic not allowed")

    static func malformed(_ reason: String) -> SNSRejection { .init(kind: .malformed, description: reason) }
    static func forged(_ reason: String) -> SNSRejection { .init(kind: .forged, description: reason) }
    static func unavailable(_ reason: String) -> SNSRejection { .init(kind: .unavailable, description: reason) }
}
