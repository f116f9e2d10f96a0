import Hummingbird

/// The curl line of an operation, with realistic values.
///
/// The token is in the variable `TOKEN`, so that it does not get into the shell's history or a screenshot.
struct CurlLine {
    let operation: Operation

    /// - Parameter base: the address of the server, without a slash at its end.
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

    /// The URL, in quotes where it has a query, which has special characters of shells.
    private func url(_ base: String) -> String {
        target.contains("?") ? "'" + base + target + "'" : base + target
    }
}
