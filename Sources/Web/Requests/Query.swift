import Hummingbird
import MailModel

/// The parameters behind the question mark, decoded; none occurs twice.
package struct Query {
    private var items: [(name: String, value: String)] = []

    /// - Parameter text: what stands behind the question mark, as it came.
    package init(_ text: String) throws(APIError) {
        for item in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(parts.count == 2 ? parts[1] : "", plusIsSpace: true)
            else { throw APIError(.badRequest, "The query is not valid percent-encoded UTF-8") }
            guard self[name] == nil else { throw .invalid(Fields.shown(name), "the query parameter is given twice") }
            items.append((name, value))
        }
    }

    package init() {}

    package subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Refuses parameters nobody reads: a filter with a typing error would quietly filter nothing.
    package func check(against known: [String]) throws(APIError) {
        for item in items where !known.contains(item.name) {
            let expected = known.isEmpty ? "none is expected" : "expected \(known.joined(separator: ", "))"
            throw .invalid(Fields.shown(item.name), "unknown query parameter, \(expected)")
        }
    }

    /// A parameter of another form than text.
    ///
    /// - Parameters:
    ///   - expected: what it has to be, for the message.
    ///   - read: `nil` where it is something else.
    package func value<Value>(_ name: String, _ expected: @autoclosure () -> String, _ read: (String) -> Value?) throws(APIError) -> Value?
    {
        guard let text = self[name] else { return nil }
        guard let value = read(text) else { throw .invalid(name, "expected \(expected())") }
        return value
    }

    /// One of a set of words.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(APIError) -> Choice? {
        try value(name, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))", Choice.init(rawValue:))
    }

    /// `limit` of a list: 1 to 1,000, 100 when it is not given.
    package func limit() throws(APIError) -> Int {
        try value("limit", "a whole number from 1 to 1000") { text in
            Int(text).flatMap { (1...1000).contains($0) ? $0 : nil }
        } ?? 100
    }

    /// `after` of a list whose items have numbers for ids: the id of the last item of the page before.
    package func after() throws(APIError) -> Int64? {
        try value("after", "the id of an item of the list") { text in Int64(text).flatMap { $0 > 0 ? $0 : nil } }
    }
}
