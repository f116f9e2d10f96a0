import Hummingbird

/// The call of an operation as a line for a shell, with values that could be real.
///
/// The token stands in the variable `TOKEN`, so that it gets into no history and no screenshot.
struct CurlLine {
    let operation: Operation

    /// - Parameter base: where the server answers, without a slash at its end.
    func text(base: String) -> String {
        (["curl" + method + " " + url(base)] + arguments).joined(separator: " \\\n  ")
    }

    private var documentation: Documentation { operation.documentation }

    private var method: String {
        switch operation.method {
        case .get: ""
        case .post where documentation.body != nil: ""
        default: " -X " + operation.method.rawValue
        }
    }

    private var target: String {
        let required = documentation.query.filter(\.isRequired).map { $0.name + "=" + ($0.example ?? "…") }
        return path + (required.isEmpty ? "" : "?" + required.joined(separator: "&"))
    }

    private var path: String {
        operation.path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.first == "{" ? example(ofParameter: segment.dropFirst().dropLast()) : String(segment)
        }.joined(separator: "/")
    }

    private var arguments: [String] {
        var arguments: [String] = []
        if operation.access != .open { arguments.append(#"-H "Authorization: Bearer $TOKEN""#) }
        guard let body = documentation.body, let example = body.example else { return arguments }
        if body.contentType == "application/json" { return arguments + ["--json '\(example)'"] }
        return arguments + ["-H 'Content-Type: \(body.contentType)'", "--data-binary '\(example)'"]
    }

    private func example(ofParameter name: Substring) -> String {
        switch name {
        case "name": "shop.example"
        case "ref": "acme"
        case "email": "ann@partner.example"
        case "externalId": "spring-offer"
        case "token": "TOKEN-OF-THE-LINK"
        default: Self.familiesWithUUIDs.contains { operation.path.hasPrefix($0) } ? "0199a2b4-7c3e-7d11-9a52-6f1c2e8b4d07" : "1"
        }
    }

    private static let familiesWithUUIDs = ["/emails", "/subscriptions", "/callback-deliveries"]

    /// In quotes, where a shell would read more into a query than there is.
    private func url(_ base: String) -> String {
        target.contains("?") ? "'" + base + target + "'" : base + target
    }
}
