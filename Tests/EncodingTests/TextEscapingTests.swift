import Encoding
import Testing

struct TextEscapingTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("<a href=\"x\">'&'</a>", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"),
        ("&amp;", "&amp;amp;"), ("ü \u{1F426}\r\n", "ü \u{1F426}\r\n"), ("<\u{338}", "&lt;\u{338}"),
    ])
    func `HTML`(_ text: String, _ escaped: String) {
        #expect(HTMLEscaping.escape(text).unicodeScalars.elementsEqual(escaped.unicodeScalars))
    }

    /// RFC 4180 section 2, rules 5 to 7, and the other separators that readers guess.
    @Test(arguments: [
        ("", ""), ("a", "a"), (" a ", " a "), ("a,b", "\"a,b\""), ("a;b", "\"a;b\""), ("a\tb", "\"a\tb\""), ("a\"b", "\"a\"\"b\""),
        ("\"", "\"\"\"\""), ("a\r\nb", "\"a\r\nb\""), ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""), ("\"\u{301}", "\"\"\"\u{301}\""),
        ("=1+1", "'=1+1"), ("@a,b", "\"'@a,b\""), ("-5", "-5"), ("+1.5e3", "+1.5e3"), ("-a", "'-a"), ("ü", "ü"),
    ])
    func `a CSV cell is quoted where it has to be`(_ value: String, _ field: String) {
        #expect(CSVCell.encode(value).unicodeScalars.elementsEqual(field.unicodeScalars))
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+a@x", "'+a@x"), ("-a@x", "'-a@x"), ("@", "'@"), ("\t", "'\t"), ("\rx", "'\rx"), ("'=x", "''=x"),
        ("''=x", "'''=x"), ("'a", "'a"), ("-5", "-5"), ("'-5", "''-5"), ("a=b", "a=b"), ("", ""),
        // Behind what another program takes for a separator, behind spaces, full-width and mathematical signs.
        ("hi;=1+1", "hi;'=1+1"), ("a,@b|+c", "a,'@b|'+c"), ("a\t=b\r\n-c", "a\t'=b\r\n'-c"), ("\n=x", "'\n'=x"), (" =x", "' =x"),
        ("a; '=x", "a;' '=x"), ("\u{FF1D}1", "'\u{FF1D}1"), ("\u{FF0B}1", "'\u{FF0B}1"), ("\u{FF0D}1", "'\u{FF0D}1"),
        ("x;\u{FF20}1", "x;'\u{FF20}1"), ("\u{2212}1", "'\u{2212}1"), ("a;b,c|d\te", "a;b,c|d\te"), ("a;5-3", "a;5-3"),
    ])
    func `a CSV cell is no formula`(_ value: String, _ field: String) {
        #expect(CSVCell.protect(value) == field)
        #expect(CSVCell.unprotect(field) == value)
    }
}
