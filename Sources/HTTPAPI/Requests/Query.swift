import Hummingbird
import MailModel

/// The parameters behind the question mark, decoded; none occurs twice.
struct Query {
    private var items: [(name: String, value: String)] = []

    /// - Parameter text: what stands behind the question mark, as it came.
    init(_ text: String) throws(APIError) {
        for item in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(parts.count == 2 ? parts[1] : "", plusIsSpace: true)
            else { throw APIError(.badRequest, "The query is not valid percent-encoded UTF-8") }
            guard self[name] == nil else { throw .invalid(Fields.shown(name), "the query parameter is given twice") }
            items.append((name, value))
        }
    }

    init() {}

    subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Refuses parameters nobody reads: a filter with a typing error would quietly filter nothing.
    func check(against known: [String]) throws(APIError) {
        for item in items where !known.contains(item.name) {
            let expected = known.isEmpty ? "none is expected" : "expected \(known.joined(separator: ", "))"
            throw .invalid(Fields.shown(item.name), "unknown query parameter, \(expected)")
        }
    }

    /// `limit` of a list: 1 to 1,000, 100 when it is not given.
    func limit() throws(APIError) -> Int {
        guard let text = self["limit"] else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw .invalid("limit", "expected a whole number from 1 to 1000")
        }
        return limit
    }

    /// `after` of a list whose items have numbers for ids: the id of the last item of the page before.
    func after() throws(APIError) -> Int64? {
        guard let text = self["after"] else { return nil }
        guard let id = Int64(text), id > 0 else { throw .invalid("after", "expected the id of an item of the list") }
        return id
    }
}
