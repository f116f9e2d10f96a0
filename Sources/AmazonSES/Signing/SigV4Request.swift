import Crypto
import Encoding

/// The parts of a request that are signed, exactly as they are sent.
package struct SigV4Request: Sendable {
    /// The method, in capitals.
    package var method: String
    /// The path as sent, before any `?`.
    package var path: String
    /// The query as sent, without its `?`.
    package var query: String
    /// The headers, among them `Host`: of a request to be signed those to be signed, of one that came in all.
    ///
    /// The signer adds `X-Amz-Date` and the session token.
    package var headers: [(name: String, value: String)]
    /// The whole body.
    package var body: [UInt8]

    /// A request of these parts.
    package init(method: String, path: String, query: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

extension SigV4Request {
    /// Returns the text that the signature is made of.
    ///
    /// - Parameters:
    ///   - headers: those that are signed.
    ///   - dateTime: the value of `X-Amz-Date`.
    ///   - scope: day, region and service: `20150830/us-east-1/ses/aws4_request`.
    func stringToSign(_ headers: CanonicalHeaders, at dateTime: String, scope: String) -> String {
        let canonicalRequest = [
            method, canonicalPath, canonicalQuery, headers.lines, headers.signed, Hexadecimal.encode(SHA256.hash(data: body)),
        ].joined(separator: "\n")
        return "AWS4-HMAC-SHA256\n\(dateTime)\n\(scope)\n\(Hexadecimal.encode(SHA256.hash(data: Array(canonicalRequest.utf8))))"
    }
}

extension SigV4Request {
    /// The path without `.`, `..` and empty segments, each segment percent-encoded.
    ///
    /// A path that is percent-encoded already is encoded once more, which is correct for every service but S3
    /// (AWS, "Create a signed AWS API request", step 1).
    var canonicalPath: String {
        isCanonical ? path : normalizedPath
    }

    /// Whether the path has nothing to normalize or encode, as those of most calls.
    private var isCanonical: Bool {
        var last: UInt8 = 0
        for byte in path.utf8 {
            let isSlash = byte == UInt8(ascii: "/")
            let isOfSegment = PercentEncoding.isUnreserved(byte) && byte != UInt8(ascii: ".")
            guard isSlash ? last != byte : isOfSegment else { return false }
            last = byte
        }
        return path.utf8.first == UInt8(ascii: "/")
    }

    private var normalizedPath: String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") {
            switch segment {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        let normalized = "/" + segments.joined(separator: "/") + (path.hasSuffix("/") && !segments.isEmpty ? "/" : "")
        return PercentEncoding.encode(normalized) { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }
    }

    /// The parameters sorted by name and value, each with an equals sign.
    var canonicalQuery: String {
        var parameters: [(name: String, value: String)] = query.split(separator: "&").map { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        parameters.sort { $0 < $1 }
        return parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}
