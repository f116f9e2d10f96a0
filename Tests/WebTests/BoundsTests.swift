import Hummingbird
import MailModel
import Testing

@testable import Web

/// What bounds the work and the connections of clients.
struct BoundsTests {
    @Test func `a form has at most 100 parameters`() throws {
        let names = (0..<100).map { "n\($0)=\($0)" }
        let query = try Query(names.joined(separator: "&"))
        #expect(query["n0"] == "0" && query["n99"] == "99" && query["n100"] == nil)
        let error = #expect(throws: APIError.self) { try Query((names + ["more="]).joined(separator: "&")) }
        #expect(error?.status.code == 422 && error?.message.contains("100") ?? false)
        #expect(throws: APIError.self) { try Query(String(repeating: "a&", count: 30_000)) }
        #expect(try Query(String(repeating: "&", count: 60_000) + "a=1")["a"] == "1", "empty ones are none")
    }

    @Test(arguments: [
        ("a=1&b=2", ["a": "1", "b": "2"]), ("a", ["a": ""]), ("a=b=c&", ["a": "b=c"]), ("=x", ["": "x"]), ("a+b=%26%3D", ["a b": "&="]),
        ("a=\u{301}&b=\u{301}x", ["a": "\u{301}", "b": "\u{301}x"]),
    ])
    func `parameters`(text: String, expected: [String: String]) throws {
        let query = try Query(text)
        for (name, value) in expected { #expect(query[name] == value) }
    }

    @Test func `a parameter is given once`() {
        let error = #expect(throws: APIError.self) { try Query("a=1&b=2&%61=3") }
        #expect(error?.message.hasPrefix("a: ") ?? false)
    }

    @Test func `one address has half of the connections that others leave`() {
        let limit = ConnectionLimit(8, proxies: TrustedProxies([IPNetwork(.v4(0x0A00_0000), length: 8)]))
        let held = (0..<4).compactMap { _ in limit.enter(from: "192.0.2.1") }
        #expect(held.count == 4 && limit.enter(from: "192.0.2.1") == nil)
        #expect(limit.enter(from: "192.0.2.2") != nil, "another one has half of the rest")
        for address in ["10.1.2.3", "127.0.0.1", "::1"] { #expect(limit.enter(from: address) != nil, "many clients, or this machine") }
        for address in ["10.1.2.3", "127.0.0.1", "192.0.2.3", nil] { #expect(limit.enter(from: address) == nil, "all are taken") }
        for holder in held { limit.leave(holder) }
        #expect(limit.count == 4 && limit.enter(from: "192.0.2.1") != nil)
    }

    @Test func `a customer of IPv6 has a network of addresses`() {
        let limit = ConnectionLimit(8, proxies: TrustedProxies())
        #expect((0..<8).compactMap { limit.enter(from: "2001:db8::\($0)") }.count == 4)
        #expect(limit.enter(from: "2001:db8:0:1::1") != nil)
    }
}
