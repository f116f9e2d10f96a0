import FoundationEssentials
import MailModel
import SwiftASN1
import X509

/// What is needed of a certificate that SNS signs with: the key, parsed once, and when it counts.
struct SigningCertificate: Sendable {
    private let key: Certificate.PublicKey
    private let validFrom: Timestamp
    private let validUntil: Timestamp

    /// `nil` for what is no PEM document with an X.509 certificate.
    init?(pem: [UInt8]) {
        guard let certificate = try? Certificate(pemEncoded: String(decoding: pem, as: UTF8.self)) else { return nil }
        key = certificate.publicKey
        validFrom = Timestamp(certificate.notValidBefore)
        validUntil = Timestamp(certificate.notValidAfter)
    }

    func isValid(at time: Timestamp) -> Bool {
        validFrom <= time && time <= validUntil
    }

    /// RSA with PKCS #1 v1.5 padding; a key of another kind makes no valid signature.
    func hasSigned(_ text: String, signature: [UInt8], with algorithm: Certificate.SignatureAlgorithm) -> Bool {
        key.isValidSignature(signature, for: Array(text.utf8), signatureAlgorithm: algorithm)
    }
}
