import Crypto
import Encoding
package import MailModel

/// The signature scheme of Standard Webhooks 1.0, symmetric (`v1`).
///
/// Receivers compute the HMAC-SHA256 of `id.timestamp.body` with the account's secret, and compare. While a secret is being replaced the
/// callback has a signature by each of the two, of which one has to match.
enum StandardWebhook {
    /// Returns the headers that sign a callback.
    ///
    /// - Parameters:
    ///   - time: the time of this attempt: receivers refuse a callback that is older than a few minutes.
    ///   - keys: the bytes of every secret that is valid.
    static func headers(id: CallbackID, at time: Timestamp, body: [UInt8], keys: [[UInt8]]) -> [(name: String, value: String)] {
        let seconds = time.milliseconds / 1000
        let signatures = keys.map { signature(of: body, id: id.description, seconds: seconds, key: $0) }
        return [
            ("webhook-id", id.description), ("webhook-timestamp", String(seconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// Returns one signature: the version and the Base64 of the HMAC.
    static func signature(of body: [UInt8], id: String, seconds: Int64, key: [UInt8]) -> String {
        let signed = Array("\(id).\(seconds).".utf8) + body
        return "v1," + Base64.encode(Array(HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))))
    }
}

extension CallbackSecret {
    /// Returns a key in the form that receivers' libraries accept: `whsec_` and Base64.
    package static func shown(_ key: [UInt8]) -> String {
        "whsec_" + Base64.encode(key)
    }
}
