import Encoding

/// The responses of a client to the challenges of `AUTH` (RFC 4954).
enum SASLResponse {
    /// Returns the bytes of a line in base64; `nil` for anything else.
    static func decode(_ line: [UInt8]) -> [UInt8]? {
        guard let text = String(validating: line, as: UTF8.self) else { return nil }
        return try? Base64.decode(text)
    }

    /// Returns the password in a response of the mechanism PLAIN (RFC 4616 section 2): whom to act for, the user name, the password, with NUL
    /// between them.
    ///
    /// Any name is taken: the key says whose it is.
    static func password(ofPlain response: [UInt8]) -> [UInt8]? {
        let parts = response.split(separator: 0, omittingEmptySubsequences: false)
        return parts.count == 3 ? Array(parts[2]) : nil
    }
}
