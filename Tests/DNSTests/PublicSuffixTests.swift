import DNS
import MailModel
import Testing

struct PublicSuffixTests {
    @Test(arguments: [
        ("com.br", true), ("co.uk", true), ("github.io", true), ("xn--p1ai.example", false), ("shop.example", false),
        ("example.com", false),
        ("shop.com.br", false), ("city.kawasaki.jp", false), ("other.kawasaki.jp", true),
    ])
    func `A public suffix is one of the system's list`(name: String, isSuffix: Bool) {
        #expect(PublicSuffixes.system.contains(DomainName(validated: name)) == isSuffix)
    }
}
