import Mustache

/// What a page looks like, without the layout around it.
///
/// Values are escaped; what would not be escaped (`{{{x}}}`, `{{&x}}`) is refused by a test. In a debug build a value that the model does not have
/// stands out as `⟦name⟧`, and a test looks for it on every page. What may be missing stands in a section: `{{#note}}{{.}}{{/note}}`.
///
/// A name is a member of the object it stands in, and of no other: mustache itself would go on looking in those around it, and show the
/// page's note where a row has none. What is further out is named in full: `page.…`, `layout.…`.
struct Template: Sendable {
    private let template: MustacheTemplate?
    /// What is wrong with its text; a test sees to it that nothing is.
    let fault: String?

    /// - Parameter text: of the file, as it is built into the program.
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
    ///   - model: its members are what the template names.
    ///   - layout: what stands around it; a template gets at it as `layout.…`.
    func render(_ model: any Sendable, in layout: Layout) -> String {
        template?.render(["layout": layout, "page": model] as [String: Any], library: Parts.library) ?? ""
    }

    /// A part of pages.
    static func part(_ text: [UInt8]) -> MustacheTemplate? {
        Template(String(decoding: text, as: UTF8.self)).template
    }

    /// Binds every name to the object it stands in, and makes values that are missing visible, in debug builds.
    private static func bound(_ text: String) -> String {
        text.replacing(/\{\{([#^\/]?)\s*([A-Za-z][\w.]*)\s*\}\}/) { tag in
            let name = isGlobal(tag.2) ? String(tag.2) : "." + tag.2
            return tag.1.isEmpty ? variable(name) : "{{\(tag.1)\(name)}}"
        }
    }

    /// What is not a member of the object at hand: the whole layout or page, and the block that the layout has room for.
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
