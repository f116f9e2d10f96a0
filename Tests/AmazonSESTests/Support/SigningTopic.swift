import AmazonSES
import Crypto
import CryptoExtras
import FoundationEssentials
import JSON
import MailModel
import SwiftASN1
import Synchronization
import X509

/// Simulates SNS: a key, a certificate that is served at SNS's URL, and messages signed with it.
struct SigningTopic: Sendable {
    static let now = Timestamp.at("2026-06-15T12:00:00Z")
    static let arn = "arn:aws:sns:us-east-1:123456789012:feedback"
    static let certificateURL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
    static let subscribeURL =
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:feedback&Token=t0ken"

    let key: _RSA.Signing.PrivateKey

    init() throws {
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// The key of all tests that need only one, as generating a key is slow.
    static let shared = Result { try SigningTopic() }

    /// - Parameter validity: seconds before and after ``now``.
    func certificate(validity: ClosedRange<Double> = -86_400...86_400) throws -> [UInt8] {
        let name = try DistinguishedName { CommonName("sns.amazonaws.com") }
        let now = Date(timeIntervalSince1970: Double(Self.now.milliseconds) / 1000)
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: now + validity.lowerBound,
            notValidAfter: now + validity.upperBound, issuer: name, subject: name, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: .init(),
            issuerPrivateKey: .init(key))
        return Array(try certificate.serializeAsPEM().pemString.utf8)
    }

    static let notification = [
        "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": arn, "Message": "{\"a\":\"ü\\n\"}\nline",
        "Timestamp": "2026-06-15T11:59:30.123Z", "SignatureVersion": "2", "SigningCertURL": certificateURL,
    ]

    static let confirmation = notification.merging(["Type": "SubscriptionConfirmation", "Token": "t0ken", "SubscribeURL": subscribeURL]) {
        $1
    }

    /// The fields with a signature by the developer guide, made without the code under test.
    func signed(_ fields: [String: String]) throws -> [String: String] {
        let names =
            fields["Type"] == "Notification"
            ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        let text = Data(names.map { name in fields[name].map { "\(name)\n\($0)\n" } ?? "" }.joined().utf8)
        let signature =
            fields["SignatureVersion"] == "1"
            ? try key.signature(for: Insecure.SHA1.hash(data: text), padding: .insecurePKCS1v1_5)
            : try key.signature(for: SHA256.hash(data: text), padding: .insecurePKCS1v1_5)
        return fields.merging(["Signature": signature.rawRepresentation.base64EncodedString()]) { $1 }
    }
}

/// The body of a request from SNS.
func body(_ fields: [String: String]) throws -> [UInt8] {
    Array(try JSONEncoder().encode(fields))
}

/// Returns the same document for any URL, and counts its calls.
final class FixedCertificates: CertificateSource {
    private let answer: Result<[UInt8], CertificateFailure>
    private let during: @Sendable () async -> Void
    let asked = Shared<[String]>([])

    init(_ answer: Result<[UInt8], CertificateFailure>, during: @escaping @Sendable () async -> Void = {}) {
        self.answer = answer
        self.during = during
    }

    func certificate(at url: String) async throws(CertificateFailure) -> [UInt8] {
        asked.update { $0.append(url) }
        await during()
        return try answer.get()
    }
}
