import Glibc
import MailModel
import TestSupport
import Testing

struct IPAddressTests {
    @Test(
        arguments: [
            ("192.0.2.1", .v4(0xC000_0201)), ("0.0.0.0", .v4(0)), ("255.255.255.255", .v4(.max)),
            ("::", .v6(0)), ("::1", .v6(1)), ("2001:db8::", .v6(0x2001_0db8 << 96)), ("2001:DB8:0:0:0:0:0:1", .v6(0x2001_0db8 << 96 | 1)),
            ("::ffff:192.0.2.1", .v6(0xFFFF_C000_0201)), ("1:2:3:4:5:6:7::", .v6(0x0001_0002_0003_0004_0005_0006_0007_0000)),
        ] as [(String, IPAddress)])
    func addressesAreRead(_ text: String, _ address: IPAddress) {
        #expect(IPAddress(text) == address)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.+4", "1.2.3.4 ", "0x7f.0.0.1", "localhost", ":", ":::", "1::2::3",
        "12345::",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "+1::", "g::", "fe80::1%eth0", "1.2.3.4::", "[::1]", "::1.2.3",
    ])
    func whatIsNoAddressIsNotRead(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    /// As the C library reads them, whatever it is.
    @Test func mutationsAreReadAsTheCLibraryReadsThem() {
        var generator = SeededGenerator(seed: 11)
        let samples = ["192.0.2.1", "2001:db8::1:0", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8", "fe80::", "::"]
        let letters = Array("0123456789abcdefAF:.:.g".utf8)
        for round in 0..<SeededGenerator.rounds {
            var text = Array(samples[round % samples.count].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let letter = letters[Int.random(in: 0..<letters.count, using: &generator)]
                let place = Int.random(in: 0...text.count, using: &generator)
                if place < text.count, Bool.random(using: &generator) { text[place] = letter } else { text.insert(letter, at: place) }
            }
            let host = String(decoding: text, as: UTF8.self)
            #expect(IPAddress(host) == byCLibrary(host), "\(host)")
        }
    }

    private func byCLibrary(_ text: String) -> IPAddress? {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            if inet_pton(AF_INET, text, base) == 1 { return IPAddress(bytes: buffer.prefix(4)) }
            return inet_pton(AF_INET6, text, base) == 1 ? IPAddress(bytes: buffer) : nil
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false), ("::1", "::1", true),
        ("::1/128", "::2", false),
    ])
    func aNetworkHasTheAddressesThatBeginAsItDoes(_ network: String, _ address: String, _ isIn: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(#require(IPAddress(address))) == isIn)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.1/8", "::1/64", "::/129", "example.com/8", "10/8",
    ])
    func whatIsNoNetworkIsNotRead(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.0.0/16", true), ("10.0.0.0/8", "10.0.0.0/8", true), ("10.0.0.0/8", "10.0.0.0/7", false),
        ("10.0.0.0/8", "11.0.0.0/16", false), ("0.0.0.0/0", "::1", false), ("2001:db8::/32", "2001:db8::1", true),
        ("::/0", "2001:db8::/32", true),
    ])
    func aNetworkHasTheNetworksWhoseAddressesItHas(_ network: String, _ other: String, _ isIn: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(#require(IPNetwork(other))) == isIn)
    }

    /// The examples of RFC 5952 section 4, and addresses without a run of zeros.
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::ABCD", "2001:db8::abcd"), ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"), ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
    ])
    func anAddressIsWrittenInItsShortestForm(_ text: String, _ written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        #expect(IPAddress(written) == address)
        #expect(IPNetwork(text)?.description == written)
    }
}
