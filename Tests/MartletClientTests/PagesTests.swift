import NIOHTTP1
import Testing

@testable import MartletClient

/// Lists, page by page.
struct PagesTests {
    @Test(arguments: [
        ("<https://m.example/domains?limit=2&after=17>; rel=\"next\"", "17"), ("</domains?after=17&limit=2>; rel=\"next\"", "17"),
        ("<https://m.example/domains?limit=2>; rel=\"next\"", nil), ("<https://m.example/domains?after=17>; rel=\"prev\"", nil), ("", nil),
    ])
    func positions(_ link: String, after: String?) {
        #expect(MartletAPI.position(in: link) == after)
    }

    /// A page may be empty and not the last; each is fetched once, when it is needed.
    @Test func pagesFollowOneAnother() async throws {
        let pages: [String?: ([Int], String?)] = [nil: ([1, 2], "a"), "a": ([], "b"), "b": ([3], nil)]
        let list = Pages<Int> { after in pages[after] ?? ([], nil) }
        var items: [Int] = []
        for try await item in list { items.append(item) }
        #expect(items == [1, 2, 3])
    }

    @Test func anErrorEndsTheList() async {
        struct Broken: Error {}
        let list = Pages<Int> { after in
            guard after == nil else { throw Broken() }
            return ([1], "a")
        }
        var iterator = list.makeAsyncIterator()
        #expect(await (try? iterator.next()) == 1)
        await #expect(throws: Broken.self) { try await iterator.next() }
    }

    @Test func parametersAreEncoded() {
        let request = ClientRequest(.GET, "/emails", query: [("to", "a+b@c.example"), ("from", nil), ("tag", "x&y=z")])
        #expect(request.path == "/emails?to=a%2Bb%40c.example&tag=x%26y%3Dz")
    }
}
