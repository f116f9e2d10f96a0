import Hummingbird
import MailModel
import Testing

@testable import Web

struct TrustedProxiesTests {
    private static let proxies = TrustedProxies(["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"].compactMap(IPNetwork.init))

    @Test(
        arguments: [
            // The client behind one proxy, and behind two.
            ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
            ("10.1.2.3", ["198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            ("::ffff:10.1.2.3", ["198.51.100.7"], "198.51.100.7"),
            ("2001:db8::1", ["2003::7"], "2003::7"),
            // What the client wrote itself is ignored.
            ("127.0.0.1", ["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", ["203.0.113.1", "198.51.100.7 , 10.0.0.1"], "198.51.100.7"),
            ("127.0.0.1", ["10.0.0.5,198.51.100.7"], "198.51.100.7"),
            // With ports, as some proxies write it.
            ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
            ("127.0.0.1", ["[2003::7]:4711"], "2003::7"),
            // All of them are trusted: the first is the client.
            ("127.0.0.1", ["10.0.0.5, 10.0.0.6"], "10.0.0.5"),
            // Nothing is believed behind an unreadable address.
            ("127.0.0.1", ["198.51.100.7, unknown"], nil),
            ("127.0.0.1", ["198.51.100.7, unknown, 10.0.0.5"], "10.0.0.5"),
            ("127.0.0.1", [], nil),
            ("127.0.0.1", [" ,"], nil),
            // Other peers are not believed.
            ("198.51.100.7", ["203.0.113.1"], nil),
            (nil, ["203.0.113.1"], nil),
        ] as [(String?, [String], String?)])
    func theLastUntrustedAddressIsTheClient(_ peer: String?, _ values: [String], _ client: String?) {
        var headers = HTTPFields()
        headers[values: .xForwardedFor] = values
        #expect(Self.proxies.client(behind: peer, headers) == client)
        #expect(TrustedProxies().client(behind: peer, headers) == nil)
    }
}
