import Hummingbird
import MailModel
import Web

/// The section of one operation in the reference.
struct ReferenceSection {
    let operation: Operation

    private var object: OperationObject { OperationObject(operation: operation) }
    private var documentation: Documentation { operation.documentation }

    /// The entry in the table of contents.
    var link: HTML {
        "<li><a href=\"#\(object.operationID)\">\(title)</a></li>"
    }

    /// - Parameter base: the address of the server, without a slash at its end.
    func content(base: String) -> HTML {
        """
        <section class="operation" id="\(object.operationID)">
        <h3><a href="#\(object.operationID)">\(title)</a></h3>
        <p>\(SchemaList.sentence(documentation.summary)).</p>
        <p class="access">\(access)</p>
        <div class="code"><pre><code>\(CurlLine(operation: operation).text(base: base))</code></pre>\
        <button type="button" hidden data-copy aria-label="Copy the curl line of \(operation.method.rawValue) \(operation.path)">Copy</button></div>
        \(parameters("Query", documentation.query))\(parameters("Headers", documentation.headers))\(body)\(answers)
        </section>

        """
    }

    private var title: HTML {
        """
        <span class="method method-\(operation.method.rawValue.lowercased())">\(operation.method.rawValue)</span> \
        <code>\(operation.path)</code>
        """
    }

    private var access: HTML {
        switch operation.access {
        case .open: "Needs no token."
        case .action(let action):
            if let scope = action.scope {
                "Needs a token with the scope <code>\(scope.rawValue)</code>."
            } else {
                "Needs the <b>master token</b>."
            }
        case .metrics: "Needs the <b>metrics token</b> (<code>metrics.token</code>) or the master token."
        }
    }

    private func parameters(_ title: String, _ parameters: [Documentation.Parameter]) -> HTML {
        guard !parameters.isEmpty else { return "" }
        return "<h4>\(title)</h4>\(Self.list(parameters))"
    }

    /// The list of query parameters or header fields.
    static func list(_ parameters: [Documentation.Parameter]) -> HTML {
        let items = parameters.map { parameter in
            """
            <li>\(SchemaList.head(parameter.name, parameter.schema, isRequired: parameter.isRequired))\
            <p>\(SchemaList.sentence(parameter.description))</p></li>
            """ as HTML
        }
        return "<ul class=\"fields\">\(items.joined())</ul>"
    }

    private var body: HTML {
        guard let body = documentation.body else { return "" }
        return """
            <h4>Body</h4><p><code>\(body.contentType)</code>, \(SchemaList.type(of: body.schema))\(body.isRequired ? "" : "; may be left out")</p>\
            \(SchemaList.expanded(body.schema))
            """
    }

    private var answers: HTML {
        let answers = object.answers
        let successes = answers.filter { $0.status.code < 400 }
        let errors = answers.filter { $0.status.code >= 400 }.sorted { $0.status.code < $1.status.code }
        return """
            <h4>Answers</h4><ul class="answers">\(successes.map(answer).joined())</ul>\
            <details><summary>Errors<span class="visually-hidden"> of \(operation.method.rawValue) \(operation.path)</span></summary>\
            <ul class="answers">\(errors.map(answer).joined())</ul></details>
            """
    }

    private func answer(_ answer: Documentation.Answer) -> HTML {
        let forms = answer.content.map { type, schema in
            "<p><code>\(type)</code>, \(SchemaList.type(of: schema))</p>\(SchemaList.members(of: schema))" as HTML
        }
        // All errors have one form, which the page explains once.
        let isError = answer.status.code >= 400
        return """
            <li><b class="status">\(String(answer.status.code))</b> \(SchemaList.sentence(answer.description))\
            \(isError ? "" : forms.joined())</li>
            """
    }
}
