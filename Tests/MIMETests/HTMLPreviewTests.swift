import MIME
import TestSupport
import Testing

struct HTMLPreviewTests {
    @Test(arguments: [
        ("<p align=center>Hi <b>you</b></p>", "<p align=\"center\">Hi <b>you</b></p>"),
        ("<script>alert(1)</script>a", "a"), ("<SCRIPT src=//x></SCRIPT>a", "a"), ("a<script>alert(1)", "a"),
        ("<p onclick=\"alert(1)\" style=\"color:red\">a</p>", "<p style=\"color:red\">a</p>"),
        ("<p style=\"background:url(https://x)\">a</p>", "<p>a</p>"), ("<p style=\"background:\\75rl(x)\">a</p>", "<p>a</p>"),
        ("<a href=\"https://x.example/?a=1&amp;b\">a</a>", "<a title=\"https://x.example/?a=1&amp;b\">a</a>"),
        ("<a href=\"javascript:alert(1)\">a</a>", "<a>a</a>"), ("<a href=x target=_top>a</a>", "<a>a</a>"),
        ("<img src=https://x/p.gif alt='A \"logo\"'>", "<span class=\"martlet-image\">A &quot;logo&quot;</span>"),
        ("<img src=data:image/png;base64,AAAA onerror=alert(1)>", "<img src=\"data:image/png;base64,AAAA\" alt=\"\">"),
        ("<img src='data:image/svg+xml,<svg onload=alert(1)>'>", "<span class=\"martlet-image\">image</span>"),
        ("<iframe src=//x></iframe><object data=x></object><embed src=x>a", "a"),
        ("<form action=//x><input name=a><button>b</button></form>", "b"),
        ("<meta http-equiv=refresh content='0;url=//x'><base href=//x><link rel=stylesheet href=//x>a", "a"),
        ("<svg><script>alert(1)</script></svg>a", "a"), ("<style>p{color:red}</style>a", "<style>p{color:red}</style>a"),
        ("<style>@import '//x';</style>a", "a"), ("<style>p{background:URL(//x)}</style>a", "a"),
        ("<style></style/><img src=x onerror=alert(1)>", "<style></style><span class=\"martlet-image\">image</span>"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("<b\u{0}onclick=x>a", "a"),
        ("<title><img src=x></title>a", "a"), ("<body background=//x onload=alert(1)>a", "a"),
        ("<table background=//x><tr><td>a</table>", "<table><tr><td>a</table>"),
    ])
    func `only attributes of appearance are kept`(html: String, shown: String) {
        #expect(HTMLPreview.harmless(html) == shown)
    }

    /// Every tag and every attribute of the output is an allowed one.
    @Test func `any input gives only allowed tags and attributes`() {
        let seed = Array(
            "<p style=\"a\" onclick='b'>x</p><img src=\"data:image/png;base64,AA\" alt=<b> onerror=c><a href=\"https://x\">y</a><style>p{}</style>"
                .utf8)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let shown = HTMLPreview.harmless(
                String(decoding: seed.mutated(times: 1...12, using: &generator), as: UTF8.self))
            for tag in shown.matches(of: /<(?!\/)([^ >]*)([^>]*)>/) {
                #expect(tag.1.wholeMatch(of: /[a-z0-9]+/) != nil)
                for attribute in tag.2.matches(of: /\ ([a-z]+)="[^"<>]*"/) {
                    #expect(!attribute.1.hasPrefix("on") && attribute.1 != "href")
                }
                #expect(tag.2.replacing(/\ [a-z]+="[^"<>]*"/, with: "") == "")
            }
        }
    }
}
