import Crypto
import Encoding
package import MailModel

/// Verifies requests that are signed by AWS Signature Version 4: a pure function of the request, the key and the time.
///
/// The payload is hashed here, so that a signature always covers the body; a payload that is not signed, or signed in chunks, is refused.
package enum SigV4Verifier {
    /// How far the time of a signature may be off.
    package static let tolerance = Duration.seconds(300)

    /// Checks a signature.
    ///
    /// - Parameters:
    ///   - key: of the day, region and service that the signature names.
    ///   - now: the present time.
    /// - Throws: ``SigV4Fault``: `expired` only for a signature that is the holder's.
    package static func check(
        _ request: SigV4Request, _ authorization: SigV4Authorization, with key: SigningKey, at now: Timestamp
    ) throws(SigV4Fault) {
        try checkPayload(of: request)
        let signed = Set(authorization.signedHeaders)
        let headers = CanonicalHeaders(request.headers.filter { signed.contains($0.name.lowercased()) })
        let text = request.stringToSign(headers, at: authorization.dateTime, scope: key.scope)
        // The list as it was sent is signed too.
        guard headers.signed == authorization.signedHeaders.joined(separator: ";"), key.isSignature(authorization.signature, of: text)
        else {
            throw .mismatch(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
            )
        }
        try checkTime(of: authorization, at: now)
    }

    /// `X-Amz-Content-Sha256`, which only some clients send, has to be the hash of the body.
    private static func checkPayload(of request: SigV4Request) throws(SigV4Fault) {
        guard let stated = request.header("x-amz-content-sha256") else { return }
        guard !stated.hasPrefix("STREAMING-"), stated != "UNSIGNED-PAYLOAD" else {
            throw .mismatch("The payload has to be signed as a whole: \(stated.prefix(64)) is not supported.")
        }
        guard stated.lowercased() == Hexadecimal.encode(SHA256.hash(data: request.body)) else {
            throw .mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.")
        }
    }

    private static func checkTime(of authorization: SigV4Authorization, at now: Timestamp) throws(SigV4Fault) {
        let (signedAt, text) = (authorization.signedAt, authorization.dateTime)
        if signedAt + tolerance < now {
            throw .expired(
                "Signature expired: \(text) is now earlier than \((now - tolerance).amazonDateTime) (\(now.amazonDateTime) - 5 min.)")
        }
        if signedAt > now + tolerance {
            throw .expired(
                "Signature not yet current: \(text) is still later than \((now + tolerance).amazonDateTime) (\(now.amazonDateTime) + 5 min.)"
            )
        }
    }
}
