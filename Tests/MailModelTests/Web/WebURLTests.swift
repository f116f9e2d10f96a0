import Testing

@testable import MailModel

struct WebURLTests {
    @Test(arguments: [
        ("https://sns.us-east-1.amazonaws.com/a.pem", "https://sns.us-east-1.amazonaws.com/a.pem"),
        ("https://SNS.us-east-1.amazonaws.com", "https://sns.us-east-1.amazonaws.com/"),
        ("http://127.0.0.1:5000?x=1", "http://127.0.0.1:5000/?x=1"), ("https://h:443/", "https://h/"), ("http://h:80/", "http://h/"),
        ("http://[::1]:8080/p", "http://[::1]:8080/p"), ("http://[fd00:ec2::23]/p", "http://[fd00:ec2::23]/p"),
    ])
    func `reads`(_ text: String, _ normalized: String) {
        #expect(WebURL(text)?.description == normalized)
    }

    @Test(arguments: [
        "", "https", "https://", "https:///p", "ftp://h/", "HTTPS://h/", "//h/", "https://u@h/", "https://u:p@h/", "https://h:/",
        "https://h:0/",
        "https://h:65536/", "https://h:1x/", "https://h/#f", "https://h\\@evil/", "https://h/a b", "https://h/\u{0}", "https://h/\r\nX: y",
        "https://hé/",
        "https://[::1/", "https://[]/", "https://[h]/", "https://[::1]x/", "https://a_b/", "https://h%2e/", "https://h/ü",
    ])
    func `refuses`(_ text: String) {
        #expect(WebURL(text) == nil)
    }

    @Test(arguments: [
        ("http://localhost/", true), ("http://127.0.0.1/", true), ("http://127.1.2.3:1/", true), ("http://[::1]/", true),
        ("http://127.0.0.1.evil.test/", false),
        ("http://127.1/", false), ("http://127.0.0.01/", false), ("http://10.0.0.1/", false), ("http://localhost.evil.test/", false),
    ])
    func `knows this machine`(_ text: String, _ isLoopback: Bool) {
        #expect(WebURL(text)?.isLoopback == isLoopback)
    }
}
