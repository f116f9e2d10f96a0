import Encoding

/// The parts of a request that are signed, exactly as they will be sent.
struct SigV4Request: Sendable {
    var method: String
    /// The path as sent, before any `?`.
    var path: String
    /// The query as sent, without its `?`.
    var query: String
    /// The headers to be signed, among them `Host`.
    ///
    /// The signer adds `X-Amz-Date` and the session token.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
}

extension SigV4Request {
    /// The path without `.`, `..` and empty segments, each segment percent-encoded.
    ///
    /// A path that is percent-encoded already is encoded once more, which is correct for every service but S3
    /// (AWS, "Create a signed AWS API request", step 1).
    var canonicalPath: String {
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
