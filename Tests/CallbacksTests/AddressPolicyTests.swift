import MailModel
import Testing

@testable import Callbacks

/// Server-side request forgery: addresses in all their forms that must not be connected to.
struct AddressPolicyTests {
    static let forbidden = [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        // Other forms of IPv4 addresses.
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0", "0x0", "0xA9FEA9FE", "2852039166",
        "::", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
        "2001:10::1", "2001:20::1", "2001:2::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "4000::1",
        "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ffff::1",
    ]

    @Test(arguments: forbidden)
    func otherThanPublicAddressesAreRefused(_ literal: String) throws {
        let address = try #require(IPAddress(literal: literal))
        #expect(AddressPolicy().refusal(of: address) != nil)
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2606:4700::1111", "2a00:1450:4001::200e", "2003::1", "2400::1", "2001:200::1", "2001:4860:4860::8888",
    ])
    func publicAddressesAreAllowed(_ literal: String) throws {
        let address = try #require(IPAddress(literal: literal))
        #expect(AddressPolicy().refusal(of: address) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("10.1.2.3", true), ("172.20.0.1", true), ("192.168.1.1", true), ("100.64.1.1", true), ("::1", true),
        ("fd00::1", true), ("169.254.169.254", false), ("fe80::1", false), ("::ffff:127.0.0.1", false), ("224.0.0.1", false),
        ("0.0.0.0", false), ("2002:7f00:1::", false), ("64:ff9b::7f00:1", false),
    ])
    func privateNetworksCanBeAllowed(_ literal: String, _ isAllowed: Bool) throws {
        let address = try #require(IPAddress(literal: literal))
        #expect((AddressPolicy(allowsPrivate: true).refusal(of: address) == nil) == isAllowed)
    }

    @Test(arguments: ["example.com", "localhost", "1.2.3.4.example", "a.1", "0x7g", "::g", "1.2.3.4.5"])
    func namesAreNotReadAsAddresses(_ host: String) {
        #expect(IPAddress(literal: host) == nil)
    }

    @Test(arguments: [
        ("https://hooks.example/x", false, false, true), ("http://hooks.example/x", false, false, false),
        ("http://hooks.example/x", false, true, true), ("http://hooks.example/x", true, false, true),
        ("https://127.0.0.1/", false, true, false), ("https://[::1]/", false, false, false), ("https://[::1]/", true, false, true),
        ("https://0x7f.1/", false, false, false), ("https://1.1.1.1/", false, false, true),
    ])
    func urlsAreCheckedBeforeTheNameIsResolved(_ text: String, _ allowsPrivate: Bool, _ allowsHTTP: Bool, _ isAllowed: Bool) throws {
        let url = try #require(WebURL(text))
        #expect((AddressPolicy(allowsPrivate: allowsPrivate, allowsHTTP: allowsHTTP).refusal(of: url) == nil) == isAllowed)
    }
}
