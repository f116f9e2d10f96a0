import Encoding
package import MailModel

/// The signature of a request that came in, as its `Authorization` and `X-Amz-Date` headers state it.
///
/// Source: AWS Identity and Access Management user guide, "Create a signed AWS API request", step 6.
package struct SigV4Authorization: Sendable, Equatable {
    /// The id of the access key.
    package let accessKeyID: String
    /// The day of the credential scope.
    package let day: CalendarDay
    /// The region of the credential scope.
    package let region: String
    /// The service of the credential scope, such as `ses`.
    package let service: String
    /// The time at which the request was signed.
    package let signedAt: Timestamp
    /// The value of `X-Amz-Date`.
    let dateTime: String
    /// The names of the signed headers in lower case, as they are listed.
    let signedHeaders: [String]
    let signature: [UInt8]

    /// The longest `Authorization` header that is read, in bytes.
    private static let maximumLength = 4096
    private static let algorithm = "AWS4-HMAC-SHA256"

    /// Reads the signature of a request.
    ///
    /// - Throws: ``SigV4Fault`` for a request without a signature in its header, for one that cannot be read, and for one that does not cover
    ///   `host` and `x-amz-date`.
    package init(_ request: SigV4Request) throws(SigV4Fault) {
        guard let header = request.header("authorization") else { throw .missing }
        guard header.utf8.count <= Self.maximumLength else { throw .incomplete("Authorization header is too long.") }
        guard header.hasPrefix(Self.algorithm + " ") else { throw .missing }
        let parts = Self.parts(of: header.dropFirst(Self.algorithm.utf8.count))
        let scope = try Self.part("Credential", of: parts).split(separator: "/", omittingEmptySubsequences: false)
        guard scope.count == 5, scope.allSatisfy({ !$0.isEmpty }), scope[4] == "aws4_request", let day = CalendarDay(amazonDate: scope[1])
        else { throw .incomplete("Credential must be of the form <access key id>/<date>/<region>/<service>/aws4_request.") }
        guard let signature = Self.signature(try Self.part("Signature", of: parts)) else {
            throw .incomplete("Signature must be 64 hexadecimal digits.")
        }
        signedHeaders = try Self.part("SignedHeaders", of: parts).split(separator: ";").map(String.init)
        guard signedHeaders.contains("host"), signedHeaders.contains("x-amz-date") else {
            throw .incomplete("'host' and 'x-amz-date' must be among the SignedHeaders.")
        }
        guard let dateTime = request.header("x-amz-date"), let signedAt = Timestamp(amazonDateTime: dateTime) else {
            throw .incomplete("X-Amz-Date must be a time of the form YYYYMMDD'T'HHMMSS'Z'.")
        }
        guard signedAt.day == day else { throw .incomplete("The date of Credential is not that of X-Amz-Date.") }
        (accessKeyID, region, service) = (String(scope[0]), String(scope[2]), String(scope[3]))
        (self.day, self.signedAt, self.dateTime, self.signature) = (day, signedAt, dateTime, signature)
    }

    /// `name=value`, with commas between them.
    private static func parts(of text: Substring) -> [Substring: Substring] {
        let pairs = text.split(separator: ",").compactMap { part -> (Substring, Substring)? in
            let sides = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return sides.count == 2 ? (sides[0], sides[1]) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func part(_ name: Substring, of parts: [Substring: Substring]) throws(SigV4Fault) -> Substring {
        guard let value = parts[name], !value.isEmpty else { throw .incomplete("Authorization header requires '\(name)' parameter.") }
        return value
    }

    private static func signature(_ digits: Substring) -> [UInt8]? {
        guard digits.utf8.count == 64 else { return nil }
        var digits = digits
        return digits.withUTF8(Hexadecimal.decode)
    }
}

/// Why a request is not believed to be signed by the holder of an access key.
package enum SigV4Fault: Error, Equatable, Sendable {
    /// There is no signature in the header.
    case missing
    /// The signature cannot be read, or does not cover what it has to: a sentence.
    case incomplete(String)
    /// The signature is not that of the request: a sentence.
    case mismatch(String)
    /// The request was signed too long ago, or too far ahead: a sentence.
    case expired(String)
}

extension SigV4Request {
    /// Returns the value of a header; of several their values, joined by commas.
    ///
    /// - Parameter name: in lower case.
    package func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }
}

extension CalendarDay {
    /// Reads `20150830`.
    fileprivate init?(amazonDate text: Substring) {
        guard text.utf8.count == 8 else { return nil }
        let year = text.prefix(4), month = text.dropFirst(4).prefix(2), day = text.dropFirst(6)
        self.init(date: "\(year)-\(month)-\(day)")
    }
}

extension Timestamp {
    /// Reads `20150830T123600Z`.
    fileprivate init?(amazonDateTime text: String) {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ $0 < 0x80 }), let day = CalendarDay(amazonDate: text.prefix(8)) else {
            return nil
        }
        let time = text.dropFirst(8)
        guard time.first == "T", time.last == "Z" else { return nil }
        let digits = time.dropFirst().dropLast()
        self.init(rfc3339: "\(day.date)T\(digits.prefix(2)):\(digits.dropFirst(2).prefix(2)):\(digits.dropFirst(4))Z")
    }
}
