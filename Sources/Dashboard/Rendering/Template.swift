import Mustache

/// The template of a page, without the layout around it.
///
/// Values are escaped; a test refuses tags that are not (`{{{x}}}`, `{{&x}}`). In debug builds a value that the model does not have is
/// rendered as `⟦name⟧`, which a test looks for on every page. Optional values are in a section: `{{#note}}{{.}}{{/note}}`.
///
/// A name is a member of the innermost object only: mustache itself would continue in the outer ones, and show the page's note where a row
/// has none. Members of outer objects are named in full: `page.…`, `layout.…`.
struct Template: Sendable {
    private let template: MustacheTemplate?
    /// The syntax error of its text; a test checks that there is none.
    let fault: String?

    /// - Parameter text: the file, which is embedded in the program.
    init(_ text: [UInt8]) {
        self.init("{{<layout}}{{$content}}{{#page}}\n" + String(decoding: text, as: UTF8.self) + "{{/page}}{{/content}}{{/layout}}\n")
    }

    private init(_ text: String) {
        do {
            template = try MustacheTemplate(string: Self.bound(text))
            fault = nil
        } catch {
            template = nil
            fault = "\(error)"
        }
    }

    /// - Parameters:
    ///   - model: a struct with the values that the template names.
    ///   - layout: the frame, which a template names as `layout.…`.
    func render(_ model: any Sendable, in layout: Layout) -> String {
        template?.render(["layout": layout, "page": model] as [String: Any], library: Parts.library) ?? ""
    }

    /// The template of a part; `nil` where it is malformed.
    static func part(_ text: [UInt8]) -> MustacheTemplate? {
        Template(String(decoding: text, as: UTF8.self)).template
    }

    /// Binds every name to the innermost object, and makes missing values visible in debug builds.
    private static func bound(_ text: String) -> String {
        text.replacing(/\{\{([#^\/]?)\s*([A-Za-z][\w.]*)\s*\}\}/) { tag in
            let name = isGlobal(tag.2) ? String(tag.2) : "." + tag.2
            return tag.1.isEmpty ? variable(name) : "{{\(tag.1)\(name)}}"
        }
    }

    /// Whether a name is not a member of the innermost object: the layout, the page, or the block that the layout contains.
    private static func isGlobal(_ name: Substring) -> Bool {
        name == "content" || ["layout", "page"].contains(name.prefix { $0 != "." })
    }

    private static func variable(_ name: String) -> String {
        #if DEBUG
            "{{#\(name)}}{{.}}{{/\(name)}}{{^\(name)}}⟦\(name)⟧{{/\(name)}}"
        #else
            "{{\(name)}}"
        #endif
    }
}
