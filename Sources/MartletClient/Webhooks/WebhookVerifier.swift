import Crypto
public import FoundationEssentials

/// Verifies that a callback comes from the server (Standard Webhooks 1.0).
///
/// ```swift
/// let verifier = try WebhookVerifier(secret: "whsec_…")
/// let change = try verifier.emailCallback(body: bytes) { request.headers[$0] }
/// ```
///
/// A callback may come again, also after it was taken: drop ids (`webhook-id`) that you have seen.
public struct WebhookVerifier: Sendable {
    /// Why a callback is not believed.
    public enum Failure: Error, Sendable, Equatable {
        /// The secret is not `whsec_` and Base64.
        case malformedSecret
        /// A header field is missing, or not what it should be.
        case malformedHeader
        /// It is older than the tolerance, or as far in the future.
        case outOfTime
        /// No signature fits.
        case wrongSignature
    }

    private let key: SymmetricKey
    private let tolerance: Duration

    /// Creates a verifier.
    ///
    /// - Parameters:
    ///   - secret: the account's callback secret, with its `whsec_`.
    ///   - tolerance: how far the time of a callback may be from now.
    /// - Throws: ``Failure/malformedSecret``.
    public init(secret: String, tolerance: Duration = .seconds(300)) throws(Failure) {
        guard secret.hasPrefix("whsec_"), let bytes = Data(base64Encoded: String(secret.dropFirst(6))), !bytes.isEmpty else {
            throw .malformedSecret
        }
        key = SymmetricKey(data: bytes)
        self.tolerance = tolerance
    }

    /// Returns without an error when the callback is the server's.
    ///
    /// - Parameters:
    ///   - body: the body as it came.
    ///   - now: the present time.
    ///   - header: returns the value of a header field by its name in lower case.
    public func verify(body: some Sequence<UInt8>, at now: Date = Date(), header: (String) -> String?) throws(Failure) {
        guard let id = header("webhook-id"), let time = header("webhook-timestamp"), let signatures = header("webhook-signature"),
            let seconds = Int64(time)
        else { throw .malformedHeader }
        // Kept within what arithmetic can hold: a stranger says the number.
        guard abs(Double(seconds) - now.timeIntervalSince1970) <= Double(tolerance.components.seconds) else { throw .outOfTime }
        let signed = Data("\(id).\(time).".utf8) + Data(body)
        let isValid = signatures.split(separator: " ").prefix(8).contains { signature in
            guard signature.hasPrefix("v1,"), let code = Data(base64Encoded: String(signature.dropFirst(3))) else { return false }
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key)
        }
        guard isValid else { throw .wrongSignature }
    }

    /// Returns what a callback about an email says.
    ///
    /// - Throws: ``Failure``; `DecodingError` for a callback about the whole account.
    public func emailCallback(body: [UInt8], at now: Date = Date(), header: (String) -> String?) throws -> EmailCallback {
        try verify(body: body, at: now, header: header)
        return try ClientCoding.decode(EmailCallback.self, from: body)
    }
}

/// A change of an email's status, as a callback tells it.
public struct EmailCallback: Decodable, Sendable {
    /// The id of the email.
    public let id: String
    /// The id of the event, the same for all URLs that are called.
    public let eventID: String
    /// The status that the email has now.
    public let status: EmailStatus
    /// The status before; `nil` for the first.
    public let previousStatus: EmailStatus?
    /// The sender.
    public let from: String
    /// The recipient.
    public let to: String
    /// The subject.
    public let subject: String
    /// The identifier of the campaign.
    public let externalID: String?
    /// The identifier of the recipient.
    public let clientID: String?
    /// Why, in a sentence.
    public let explanation: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case eventID = "eventId"
        case status, previousStatus, from, to, subject
        case externalID = "externalId"
        case clientID = "clientId"
        case explanation = "explain"
    }
}
