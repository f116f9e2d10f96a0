import NIOHTTP1

/// The items of a list, fetched page by page as they are asked for.
public struct Pages<Item: Sendable>: AsyncSequence, Sendable {
    /// Returns a page and where the next one begins, `nil` behind the last.
    typealias Fetch = @Sendable (_ after: String?) async throws -> (items: [Item], next: String?)

    let fetch: Fetch

    /// Fetches the next page when the items of the one before are used up.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let fetch: Fetch
        private var items: ArraySlice<Item> = []
        private var after: String?
        private var isOver = false

        init(fetch: @escaping Fetch) {
            self.fetch = fetch
        }

        /// The next item; `nil` at the end.
        ///
        /// - Throws: ``ServerRefusal``, or an error of the HTTP client.
        public mutating func next() async throws -> Item? {
            // A page may be empty and not the last.
            while items.isEmpty {
                guard !isOver else { return nil }
                let page = try await fetch(after)
                (items, after, isOver) = (page.items[...], page.next, page.next == nil)
            }
            return items.popFirst()
        }
    }

    /// Begins at the first page.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(fetch: fetch)
    }
}

extension MartletAPI {
    /// A list in envelopes: `meta.next` is the position of the next page.
    func pages<Item: Decodable & Sendable>(_ path: String, query: [(name: String, value: String?)]) -> Pages<Item> {
        Pages { after in
            let page = try await call(.GET, path, query: query + [("after", after)], as: Envelope<[Item]>.self)
            return (page.data, page.meta.next)
        }
    }

    /// A list as a bare array: the header `Link` leads to the next page.
    func barePages<Item: Decodable & Sendable>(_ path: String, query: [(name: String, value: String?)]) -> Pages<Item> {
        Pages { after in
            let response = try await perform(ClientRequest(.GET, path, query: query + [("after", after)]))
            let items = try response.decoded(as: [Item].self)
            return (items, Self.position(in: response.headers.first(name: "Link")))
        }
    }

    /// The value of `after` in `<…?after=X>; rel="next"` (RFC 8288).
    static func position(in link: String?) -> String? {
        guard let link, link.contains("rel=\"next\""), let match = link.firstMatch(of: /[?&]after=([^&>]*)/) else { return nil }
        return String(match.1)
    }
}
