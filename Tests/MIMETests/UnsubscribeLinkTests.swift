import MIME
import Testing

struct UnsubscribeLinkTests {
    private static let link = "<p><a href=\"https://m.example/u/t?a=1&amp;b=2\">Leave &lt;now&gt; &amp; &quot;ever&quot;</a></p>"

    @Test(arguments: [
        ("<html><body><p>x</p></body></html>", "<html><body><p>x</p>\(link)</body></html>"), ("<p>x</p>", "<p>x</p>\(link)"), ("", link),
        ("a</BODY >b", "a\(link)</BODY >b"), ("<!-- </body> -->é</body>", "<!-- </body> -->é\(link)</body>"),
    ])
    func `In HTML, before the end of the body`(html: String, expected: String) {
        #expect(UnsubscribeLink.append(url: "https://m.example/u/t?a=1&b=2", label: "Leave <now> & \"ever\"", toHTML: html) == expected)
    }

    @Test(arguments: [
        ("Hello", "Hello\n\nLeave us\nhttps://m.example\n"), ("Hello\n", "Hello\n\nLeave us\nhttps://m.example\n"),
        ("", "Leave us\nhttps://m.example\n"),
    ])
    func `In plain text, on lines of its own`(text: String, expected: String) {
        #expect(UnsubscribeLink.append(url: "https://m.example", label: "Leave\r\nus", toText: text) == expected)
    }
}
