import Hummingbird
import MailModel
import Web

/// The reference of the API for people, made from the operations like `/openapi.json`.
struct ReferencePage {
    private let operations: [Operation]
    private let callbacks: [CallbackDescription]
    private let components: [Component]

    init(_ openAPI: OpenAPI) {
        operations = openAPI.operations
        callbacks = openAPI.callbacks
        components = openAPI.components
    }

    /// The whole page.
    ///
    /// - Parameter base: the address of the server, without a slash at its end.
    func document(base: String) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>API reference - Martlet</title><link rel="icon" href="data:,">
        <link rel="stylesheet" href="\(ReferenceAssets.style.path)"><script type="module" src="\(ReferenceAssets.script.path)"></script></head>
        <body><a class="skip" href="#main">To the content</a>
        <header class="top"><b>Martlet</b><a href="/dashboard">Dashboard</a><a href="/openapi.json">openapi.json</a></header>
        <div class="columns">
        \(content(base: base))
        </div></body></html>

        """
    }

    /// Nothing from other servers, no script but our own file, in no frame.
    static let headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy:
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    ]

    private func content(base: String) -> HTML {
        """
        <nav class="contents" aria-label="Operations">\(contents)</nav>
        <main id="main">
        <h1>API reference</h1>
        \(introduction)
        \(groups.map { chapter($0, base: base) }.joined())
        \(received)
        \(codes)
        <section><h2 id="schemas">Objects</h2>
        <p>The bodies of requests, answers and callbacks, by name.</p>
        \(components.map(section(of:)).joined())</section>
        </main>
        """
    }

    private var groups: [OperationGroup] {
        OperationGroup.all.filter { group in operations.contains(where: group.contains) }
    }

    private func sections(of group: OperationGroup) -> [ReferenceSection] {
        operations.filter(group.contains).map { ReferenceSection(operation: $0) }
    }

    private var contents: HTML {
        """
        <ul><li><a href="#basics">Basics</a></li>\
        \(groups.map(entry).joined())\
        <li><a href="#what-callbacks-send">What callbacks send</a></li>\
        <li><a href="#codes">Codes of errors</a></li>\
        <li><a href="#schemas">Objects</a></li></ul>
        """
    }

    private func entry(_ group: OperationGroup) -> HTML {
        "<li><a href=\"#\(group.anchor)\">\(group.title)</a><ul>\(sections(of: group).map(\.link).joined())</ul></li>"
    }

    private func chapter(_ group: OperationGroup, base: String) -> HTML {
        """
        <section><h2 id="\(group.anchor)">\(group.title)</h2>
        <p>\(group.introduction)</p>
        \(sections(of: group).map { $0.content(base: base) }.joined())</section>
        """
    }

    /// The codes of errors, with what to do about each.
    private var codes: HTML {
        let rows = RefusalCode.allCases.map { code in
            "<tr><th scope=\"row\"><code>\(code.rawValue)</code></th><td>\(SchemaList.sentence(code.remedy))</td></tr>" as HTML
        }
        return """
            <section><h2 id="codes">Codes of errors</h2>
            <p>What programs decide by: a code stays as it is, while sentences may be reworded. An error about fields lists every faulty one in \
            <code>errors</code>, with a code of its own.</p>
            <table><thead><tr><th scope="col">Code</th><th scope="col">What to do</th></tr></thead><tbody>\(rows.joined())</tbody></table></section>

            """
    }

    private func section(of component: Component) -> HTML {
        """
        <section class="component" id="schema-\(component.name)"><h3><a href="#schema-\(component.name)">\(component.name)</a></h3>\
        \(SchemaList.content(of: component.schema))</section>

        """
    }

    /// The calls that a customer's server receives.
    private var received: HTML {
        let bodies = callbacks.map { "<li>\(SchemaList.type(of: $0.body.schema)): \($0.summary).</li>" as HTML }
        return """
            <section><h2 id="what-callbacks-send">What callbacks send</h2>
            <p>A <code>POST</code> with one of these bodies, signed by the scheme of Standard Webhooks. \
            Any 2xx within 15 seconds counts as taken.</p>
            <ul>\(bodies.joined())</ul>
            <h3>Headers</h3>\(ReferenceSection.list(CallbackDescription.headers))</section>

            """
    }

    private var introduction: HTML {
        """
        <p>Every operation of this server. The same for tools: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1), \
        and as Markdown <a href="/docs.md">docs.md</a>, which <a href="/llms.txt">llms.txt</a> is an index of.</p>
        <p>The lines for <code>curl</code> can be pasted as they are, once the token is in a variable:</p>
        <div class="code"><pre><code>TOKEN='your token'</code></pre></div>
        <h2 id="basics">Basics</h2>
        <ul>\(points.joined())</ul>
        """
    }

    private var points: [HTML] {
        ReferenceBasics.points.map { "<li><b>\($0.title)</b>: \(SchemaList.sentence($0.text))</li>" }
    }
}
