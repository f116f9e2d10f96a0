import Encoding
import Hummingbird
import MailModel

/// The parameters of a query, decoded; none occurs twice, and their number is bounded.
///
/// Also the fields of a form.
package struct Query {
    /// The most parameters that are read.
    package static let maximumCount = 100

    /// In their order.
    private var names: [String] = []
    private var values: [String: String] = [:]

    /// - Parameter text: the query without the question mark, encoded.
    /// - Throws: ``APIError`` 400 for invalid percent-encoding, 422 for a parameter that is given twice, and for more than
    ///   ``maximumCount`` of them.
    package init(_ text: String) throws(APIError) {
        let items = text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: Self.maximumCount, omittingEmptySubsequences: true)
        guard items.count <= Self.maximumCount else {
            throw APIError(.unprocessableContent, code: .tooLarge, "expected at most \(Self.maximumCount) parameters")
        }
        for item in items {
            let end = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            guard let name = PercentEncoding.decode(Substring(item[..<end]), plusIsSpace: true),
                let value = PercentEncoding.decode(Substring(item[end...].dropFirst()), plusIsSpace: true)
            else { throw APIError(.badRequest, "The query is not valid percent-encoded UTF-8") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid(Fields.shown(name), "the query parameter is given twice")
            }
            names.append(name)
        }
    }

    /// A query without parameters.
    package init() {}

    /// The value of a parameter; `nil` where it is not given.
    package subscript(name: String) -> String? {
        values[name]
    }

    /// Returns what follows a beginning in the names of the parameters that have it: the values of ticked boxes, `pick.7`.
    package func names(after beginning: String) -> [String] {
        names.filter { $0.hasPrefix(beginning) }.map { String($0.dropFirst(beginning.count)) }
    }

    /// Refuses unknown parameters: a misspelt filter would otherwise filter nothing.
    ///
    /// - Throws: one ``APIError`` 422 that names all of them.
    package func check(against known: [String]) throws(APIError) {
        let expected = known.isEmpty ? "none is expected" : "expected \(known.joined(separator: ", "))"
        var refusal: Refusal?
        for name in names where !known.contains(name) {
            let other = Refusal.invalid(Fields.shown(name), code: .unknownField, "unknown query parameter, \(expected)")
            if refusal == nil { refusal = other } else { refusal?.furtherFaults += other.faults }
        }
        if let refusal { throw APIError(refusal) }
    }

    /// Returns the query, encoded, with another value of a parameter, which is the last one.
    package func replacing(_ name: String, with value: String) -> String {
        let kept = names.filter { $0 != name }.map { ($0, values[$0] ?? "") }
        return (kept + [(name, value)]).map { "\(PercentEncoding.encode($0))=\(PercentEncoding.encode($1))" }.joined(separator: "&")
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
