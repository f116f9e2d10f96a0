import Encoding
import Hummingbird
import MailModel

/// The parameters of a query, decoded; none occurs twice. Also the fields of a form.
package struct Query {
    private var items: [(name: String, value: String)] = []

    /// - Parameter text: the query without the question mark, encoded.
    /// - Throws: ``APIError`` 400 for invalid percent-encoding, 422 for a parameter that is given twice.
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

    /// A query without parameters.
    package init() {}

    /// The value of a parameter; `nil` where it is not given.
    package subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Refuses unknown parameters: a misspelt filter would otherwise filter nothing.
    ///
    /// - Throws: ``APIError`` 422.
    package func check(against known: [String]) throws(APIError) {
        for item in items where !known.contains(item.name) {
            let expected = known.isEmpty ? "none is expected" : "expected \(known.joined(separator: ", "))"
            throw .invalid(Fields.shown(item.name), "unknown query parameter, \(expected)")
        }
    }

    /// Returns a parameter as a value of another type; `nil` where it is not given.
    ///
    /// - Parameters:
    ///   - expected: the expected form, for the message.
    ///   - read: returns `nil` for a text of another form.
    /// - Throws: ``APIError`` 422 for a text of another form.
    package func value<Value>(_ name: String, _ expected: @autoclosure () -> String, _ read: (String) -> Value?) throws(APIError) -> Value?
    {
        guard let text = self[name] else { return nil }
        guard let value = read(text) else { throw .invalid(name, "expected \(expected())") }
        return value
    }

    /// Returns a parameter as a value of an enumeration; `nil` where it is not given.
    ///
    /// - Throws: ``APIError`` 422 for any other word.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(APIError) -> Choice? {
        try value(name, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))", Choice.init(rawValue:))
    }

    /// Returns `limit` of a list: 1 to 1,000; 100 where it is not given.
    package func limit() throws(APIError) -> Int {
        try value("limit", "a whole number from 1 to 1000") { text in
            Int(text).flatMap { (1...1000).contains($0) ? $0 : nil }
        } ?? 100
    }

    /// Returns `after` of a list whose items have numeric ids: the id of the last item of the page before.
    package func after() throws(APIError) -> Int64? {
        try value("after", "the id of an item of the list") { text in Int64(text).flatMap { $0 > 0 ? $0 : nil } }
    }
}
