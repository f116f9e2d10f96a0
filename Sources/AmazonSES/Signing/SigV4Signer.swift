import Crypto
import MailModel

/// AWS Signature Version 4 in the `Authorization` header: a pure function of the request, the key and the time.
///
/// Source: AWS Identity and Access Management user guide, "Create a signed AWS API request".
enum SigV4Signer {
    /// The headers to add to the request: `X-Amz-Date`, with temporary credentials `X-Amz-Security-Token`, and `Authorization`.
    ///
    /// - Parameters:
    ///   - key: the key of the day that `time` lies in.
    ///   - time: now. AWS refuses requests that are more than five minutes old or ahead.
    static func headers(signing request: SigV4Request, with key: SigningKey, at time: Timestamp) -> [(name: String, value: String)] {
        let dateTime = time.amazonDateTime
        var added = [(name: "X-Amz-Date", value: dateTime)]
        if let token = key.credentials.sessionToken {
            added.append(("X-Amz-Security-Token", token))
        }
        let headers = CanonicalHeaders(request.headers + added)
        let canonicalRequest = [
            request.method, request.canonicalPath, request.canonicalQuery, headers.lines, headers.signed,
            hexadecimal(SHA256.hash(data: request.body)),
        ].joined(separator: "\n")
        let requestHash = hexadecimal(SHA256.hash(data: Array(canonicalRequest.utf8)))
        let signature = key.signature(of: "AWS4-HMAC-SHA256\n\(dateTime)\n\(key.scope)\n\(requestHash)")
        let credential = key.credentials.accessKeyID + "/" + key.scope
        added.append(
            ("Authorization", "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(headers.signed), Signature=\(signature)"))
        return added
    }
}

/// Headers in the form that is signed: names in lower case and sorted, values trimmed, those of one name joined by commas.
private struct CanonicalHeaders {
    /// One line per header, each ended by a line feed.
    let lines: String
    /// The names, joined by semicolons.
    let signed: String

    init(_ headers: [(name: String, value: String)]) {
        var names: [String] = []
        var values: [String: String] = [:]
        for header in headers {
            let name = header.name.lowercased()
            let value = header.value.split(separator: " ").joined(separator: " ")
            if let earlier = values[name] {
                values[name] = earlier + "," + value
            } else {
                names.append(name)
                values[name] = value
            }
        }
        names.sort()
        lines = names.map { "\($0):\(values[$0] ?? "")\n" }.joined()
        signed = names.joined(separator: ";")
    }
}
