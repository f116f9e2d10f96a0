package import MailModel
import X509

/// Decides whether a message is SNS's own, from a topic that is listened to, and recent (specification 4.1).
///
/// The checks stand in the contract's order: the cheap ones that strangers fail come first, and nothing is fetched for a foreign topic.
package struct SNSVerifier: Sendable {
    private let certificates: CertificateCache

    private static let maximumAge = Duration.seconds(3600)
    /// How far ahead of this machine's clock SNS's may be.
    private static let maximumLead = Duration.seconds(900)

    package init(certificates: any CertificateSource) {
        self.certificates = CertificateCache(source: certificates)
    }

    /// Returns when the message is to be believed.
    ///
    /// - Parameters:
    ///   - topics: which topics are listened to, as the configuration or the database has it now.
    ///   - now: the time that the message and the certificate are judged by.
    package func verify(_ message: SNSMessage, topics: TopicPolicy, at now: Timestamp) async throws(SNSRejection) {
        guard topics.admits(message) else { throw .topicNotAllowed }
        let seal = try SNSSignature(message)
        let certificate = try await certificate(at: seal.certificateURL)
        guard certificate.isValid(at: now) else { throw .forged("certificate not within its dates") }
        guard certificate.hasSigned(message.stringToSign, signature: seal.signature, with: seal.algorithm) else {
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

/// The parts of a message that prove where it comes from, each in a form that can be right.
private struct SNSSignature {
    let certificateURL: String
    let algorithm: Certificate.SignatureAlgorithm
    let signature: [UInt8]

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
        guard text.utf8.count <= 1024, let signature = try? Base64Text.decoded(text) else { throw .forged("signature no base64") }
        self.signature = signature
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
