import MIME
import TestSupport
import Testing

struct HTMLTextTests {
    @Test(
        arguments: [
            "<p>Hello</p>", "a<br/>b", "a<br>b", "<!DOCTYPE html>", "<!doctype html><x>", "<!-- x -->", "x</div>",
            "<a href=\"https://example.com\">x</a>", "<H1>X</H1>",
            "1 < 2 but <b>3</b>", "<td\nclass=x>", "<blockquote>", "<user@example.com> <i>x</i>", "<p", "<p>", "<<b>",
        ].filter { $0 != "<p" })
    func `A text with a tag is HTML`(text: String) {
        #expect(HTMLText.isHTML(text))
    }

    @Test(arguments: [
        "", "Hello", "a < b", "a < b > c", "<user@example.com>", "<https://example.com/p>", "<your name>", "<3", "a<b", "<p", "<", ">",
        "</", "</>", "<>", "< p>", "<pp>", "<!>", "<p@x>", "</ p>",
        "-> <- <->", "<b", "List<String>", "<?xml?>", "<p\u{E9}>",
    ])
    func `A text without a tag is not HTML`(text: String) {
        #expect(!HTMLText.isHTML(text))
    }

    @Test(arguments: [
        ("", ""), ("Hello", "Hello"), ("<p>Hello</p><p>World</p>", "Hello\n\nWorld"), ("a<br>b<br/>c", "a\nb\nc"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"), ("  a \n\t b  ", "a b"), ("a<b>b</b> <i>c</i>", "ab c"),
        ("<h1>Title</h1>text", "Title\n\ntext"),
        ("<html><head><title>T</title><style>p{a:b}</style></head><body><p>x</p></body></html>", "x"),
        ("a<script>if (1<2) alert('</p>')</script>b", "ab"), ("a<STYLE>x</Style >b", "ab"), ("a<!-- <p>hidden</p> -->b", "ab"),
        ("<!DOCTYPE html><p>x", "x"),
        ("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"), ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ul><li><p>a</p></li></ul>", "- a"), ("<li>a", "- a"), ("x<hr>y", "x\n\n---\n\ny"),
        ("<a href=\"https://example.com/?a=1&amp;b=2\">here</a>.", "here (https://example.com/?a=1&b=2)."),
        ("<a href='https://example.com'>https://example.com</a>", "https://example.com"),
        ("<a href=https://example.com>x</a>", "x (https://example.com)"),
        ("<a href=\"mailto:a@example.com?subject=x\">a@example.com</a>", "a@example.com"), ("<a href=\"tel:+123\">call</a>", "call (+123)"),
        ("<a href=\"#top\">up</a> <a href=\"javascript:x()\">js</a> <a name=x>y</a>", "up js y"),
        ("<a href=\"https://example.com\"><img src=x></a>", "https://example.com"),
        ("<a href=\"https://example.com\"><img src=x alt=\"Logo &amp; more\"></a>", "Logo & more (https://example.com)"),
        ("<a href=\"https://a.example\">a<a href=\"https://b.example\">b", "a (https://a.example)b (https://b.example)"),
        ("<a href=\"https://a.example\"><div>Button</div></a>next", "Button (https://a.example)\nnext"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"), ("<pre>a\n  b\n</pre>", "a\n  b"),
        ("&lt;p&gt; &amp;amp; &quot;&apos;&#39;&#x41;&#x1F600;&nbsp;&euro;&uuml;&Uuml;&copy;", "<p> &amp; \"''A😀 €üÜ©"),
        ("&#150;&#0;&#xD800;&#99999999;&#1114112;", "–\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("&unknown; & &; &#; &#x; &#zz; &amp &averyveryverylongname;", "&unknown; & &; &#; &#x; &#zz; &amp &averyveryverylongname;"),
        ("1 < 2 > 1", "1 < 2 > 1"), ("a <", "a <"), ("a <b", "a <b"), ("a </", "a </"), ("a <>b", "a <>b"), ("a<3", "a<3"), ("<p", "<p"),
        ("<a href=\"https://example.com>x</a> y", "x (https://example.com) y"), ("a<!-- b", "a<!-- b"), ("a<!-- b>c", "a"),
        ("<p title='>'>x</p>", "x"),
        ("Grüße <b>日本語</b> 😀", "Grüße 日本語 😀"), ("a\0b\u{1}c", "abc"), ("<img alt='x'>", "x"), ("<p/>a<p />b", "a\n\nb"),
    ])
    func `Plain text of HTML`(html: String, text: String) {
        #expect(HTMLText.plainText(from: html) == text)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "<", "<a", "<a ", "<a href=\"", "<a href=\">", "&", "&#", "<!--", "<!-- -->", "<script>", "<ul>", "<ul><li>", "</ul>", "<p>",
            "\"", "'<a b='", "=", "<a =", "</", "<a href=x>", "<pre>\n",
        ])
    func `A megabyte of garbage takes linear time`(piece: String) {
        _ = HTMLText.plainText(from: String(repeating: piece, count: 1_000_000 / piece.utf8.count))
        _ = HTMLText.isHTML(String(repeating: piece, count: 1_000_000 / piece.utf8.count))
    }

    @Test func `Random garbage does not crash`() {
        var generator = SeededGenerator(seed: 11)
        let pieces = [
            "<", ">", "/", "a", "p", " ", "=", "\"", "'", "&", ";", "#", "x", "!--", "-->", "<a href=", "https://e.example", "<li>",
            "</ul>", "<ol>", "script", "é", "\n", "<pre>", "<br>", "&amp;", "\0",
        ]
        for _ in 0..<50_000 {
            let html = (0..<Int.random(in: 0...20, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            _ = HTMLText.plainText(from: html)
            _ = HTMLText.isHTML(html)
        }
    }
}
