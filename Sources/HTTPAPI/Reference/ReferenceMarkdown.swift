import Hummingbird
import MailModel
import Web

/// The reference as Markdown for tools that read texts, made from the operations like ``ReferencePage``: `/docs.md`, and `/llms.txt`, which
/// says what there is (llmstxt.org).
struct ReferenceMarkdown {
    private let operations: [Operation]
    private let callbacks: [CallbackDescription]
    private let components: [Component]

    init(_ openAPI: OpenAPI) {
        operations = openAPI.operations
        callbacks = openAPI.callbacks
        components = openAPI.components
    }

    private var groups: [OperationGroup] {
        OperationGroup.all.filter { group in operations.contains(where: group.contains) }
    }

    /// The whole reference.
    ///
    /// - Parameter base: the address of the server, without a slash at its end.
    func document(base: String) -> String {
        """
        # Martlet: API reference

        Address: `\(base)`. The same as OpenAPI 3.1: \(base)/openapi.json

        \(basics)

        \(groups.map { chapter($0, base: base) }.joined(separator: "\n"))
        ## What callbacks send

        A `POST` with one of these bodies, signed by the scheme of Standard Webhooks. Any 2xx within 15 seconds counts as taken.

        \(callbacks.map { "- \(SchemaMarkdown.type(of: $0.body.schema)): \($0.summary).\n" }.joined())
        Headers:

        \(SchemaMarkdown.list(CallbackDescription.headers))
        ## Codes of errors

        \(RefusalCode.allCases.map { "- `\($0.rawValue)`: \($0.remedy)\n" }.joined())
        ## Objects

        \(components.map(section(of:)).joined(separator: "\n"))
        """
    }

    /// The list of what there is.
    ///
    /// - Parameter base: the address of the server, without a slash at its end.
    func index(base: String) -> String {
        """
        # Martlet

        > Self-hosted outbound email on Amazon SES: an HTTP API to send emails, to manage domains and what they may send, and to follow what became of each.

        \(basics)

        ## Reference

        - [API reference](\(base)/docs.md): every operation, field, answer and code of errors, as Markdown
        - [OpenAPI](\(base)/openapi.json): the same in OpenAPI 3.1, for generators of clients
        - [API reference for people](\(base)/docs): the same as a page

        \(groups.map(list).joined(separator: "\n"))
        """
    }

    private var basics: String {
        ReferenceBasics.points.map { "- **\($0.title)**: \($0.text)" }.joined(separator: "\n")
    }

    private func list(_ group: OperationGroup) -> String {
        let lines = operations.filter(group.contains).map { "- `\($0.method.rawValue) \($0.path)`: \($0.documentation.summary)\n" }
        return "## \(group.title)\n\n\(group.introduction)\n\n\(lines.joined())"
    }

    private func chapter(_ group: OperationGroup, base: String) -> String {
        let sections = operations.filter(group.contains).map { section(of: $0, base: base) }
        return "## \(group.title)\n\n\(group.introduction)\n\n\(sections.joined(separator: "\n"))"
    }

    private func section(of component: Component) -> String {
        let members = SchemaMarkdown.members(of: component.schema)
        return "### \(component.name)\n\n\(members.isEmpty ? SchemaMarkdown.type(of: component.schema) + "\n" : members)"
    }

    private func section(of operation: Operation, base: String) -> String {
        let documentation = operation.documentation
        let answers = OperationObject(operation: operation).answers.map { answer in
            let forms = answer.content.map { "; `\($0.type)`, \(SchemaMarkdown.type(of: $0.schema))" }.joined()
            return "- \(answer.status.code): \(answer.description)\(answer.status.code < 400 ? forms : "")\n"
        }
        return [
            "### \(operation.method.rawValue) \(operation.path)\n\n\(documentation.summary). \(access(operation))\n",
            "```sh\n\(CurlLine(operation: operation).text(base: base))\n```\n",
            titled("Query", SchemaMarkdown.list(documentation.query)), titled("Headers", SchemaMarkdown.list(documentation.headers)),
            body(documentation.body), titled("Answers", answers.joined()),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func titled(_ title: String, _ list: String) -> String {
        list.isEmpty ? "" : "\(title):\n\n\(list)"
    }

    private func body(_ body: Documentation.Body?) -> String {
        guard let body else { return "" }
        return "Body: `\(body.contentType)`, \(SchemaMarkdown.type(of: body.schema))\(body.isRequired ? "" : "; may be left out")\n"
    }

    private func access(_ operation: Operation) -> String {
        switch operation.access {
        case .open: "Needs no token."
        case .action(let action):
            action.scope.map { "Needs a token with the scope `\($0.rawValue)`." } ?? "Needs the master token."
        case .metrics: "Needs the metrics token (`metrics.token`) or the master token."
        }
    }
}
