import Crypto
import Encoding
package import MailModel

/// AWS Signature Version 4 in the `Authorization` header: a pure function of the request, the key and the time.
///
/// Source: AWS Identity and Access Management user guide, "Create a signed AWS API request".
enum SigV4Signer {
    /// Returns the headers to add to the request: `X-Amz-Date`, with temporary credentials `X-Amz-Security-Token`, and `Authorization`.
    ///
    /// - Parameters:
    ///   - key: the key of the day that `time` lies in.
    ///   - time: the present time. AWS refuses requests that differ from its own by more than five minutes.
    static func headers(signing request: SigV4Request, with key: SigningKey, at time: Timestamp) -> [(name: String, value: String)] {
        let dateTime = time.amazonDateTime
        var added = [(name: "X-Amz-Date", value: dateTime)]
        if let token = key.credentials.sessionToken {
            added.append(("X-Amz-Security-Token", token))
        }
        let headers = CanonicalHeaders(request.headers + added)
        let signature = key.signature(of: request.stringToSign(headers, at: dateTime, scope: key.scope))
        let credential = key.credentials.accessKeyID + "/" + key.scope
        added.append(
            ("Authorization", "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(headers.signed), Signature=\(signature)"))
        return added
    }
}

/// Headers in the form that is signed: names in lower case and sorted, values trimmed, those of one name joined by commas.
struct CanonicalHeaders {
    /// One line per header, each ended by a line feed.
    let lines: String
    /// The names, joined by semicolons.
    let signed: String

    init(_ headers: [(name: String, value: String)]) {
        // Those of one name stay in their order.
        let sorted = headers.enumerated().map { (name: $1.name.lowercased(), number: $0, value: Self.trimmed($1.value)) }
            .sorted { ($0.name, $0.number) < ($1.name, $1.number) }
        var (lines, signed) = ("", "")
        for (index, header) in sorted.enumerated() {
            if index > 0, sorted[index - 1].name == header.name {
                lines.removeLast()
                lines += ",\(header.value)\n"
                continue
            }
            lines += "\(header.name):\(header.value)\n"
            signed += signed.isEmpty ? header.name : ";" + header.name
        }
        (self.lines, self.signed) = (lines, signed)
    }

    /// The value with one blank between words, and none around them, which nearly all values have already.
    private static func trimmed(_ value: String) -> String {
        var wasBlank = true
        for byte in value.utf8 {
            let isBlank = byte == UInt8(ascii: " ")
            if isBlank, wasBlank { return value.split(separator: " ").joined(separator: " ") }
            wasBlank = isBlank
        }
        return wasBlank ? value.split(separator: " ").joined(separator: " ") : value
    }
}

/// The key that signs the requests of one day to one service in one region.
///
/// Deriving it takes four HMACs, so it is used for the whole day.
package struct SigningKey: Sendable {
    let credentials: AWSCredentials
    let day: CalendarDay
    /// `20150830/us-east-1/ses/aws4_request`.
    let scope: String
    private let key: SymmetricKey

    /// Derives the key.
    package init(credentials: AWSCredentials, day: CalendarDay, region: String, service: String) {
        self.credentials = credentials
        self.day = day
        let parts = [day.amazonDate, region, service, "aws4_request"]
        scope = parts.joined(separator: "/")
        key = parts.reduce(SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
    }

    func signature(of stringToSign: String) -> String {
        Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Array(stringToSign.utf8), using: key))
    }

    /// Whether a signature is that of a text; takes the same time for every signature.
    func isSignature(_ signature: [UInt8], of stringToSign: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: Array(stringToSign.utf8), using: key)
    }
}

extension CalendarDay {
    /// `20150830`, the date of a credential scope.
    fileprivate var amazonDate: String {
        let date = civil
        return date.year.digits(4) + date.month.digits(2) + date.day.digits(2)
    }
}

extension Timestamp {
    /// `20150830T123600Z`, the value of the `X-Amz-Date` header.
    var amazonDateTime: String {
        let seconds = (milliseconds - day.start.milliseconds) / 1000
        return day.amazonDate + "T" + (seconds / 3600).digits(2) + (seconds / 60 % 60).digits(2) + (seconds % 60).digits(2) + "Z"
    }
}

extension Int64 {
    /// The number in at least `width` digits.
    fileprivate func digits(_ width: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }
}
