import ArgumentParser
import Encoding
import JSON
import Runtime

struct EmailsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emails", abstract: "Find emails, and see what became of them.",
        discussion: "Through a running server. The master token sees all accounts; a key its own.", subcommands: [Find.self, Show.self])

    struct Find: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Where is my email? By an address, an id, SES's id, a domain or a campaign; refused sends too.")

        @Argument(help: "An address or its beginning, an email's id, SES's id, a domain, an account or a campaign.")
        var text: String

        @Option(help: ArgumentHelp("Only emails of this account, for the master token.", valueName: "partner_ref"))
        var account: String?

        @Option(help: "At most this many, 1 to 1000.")
        var limit = 20

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let client = try server.client()
            let found = try await client.get("/search".with(query: ["q": text, "userName": account])).successful("Search").items
            let exact = found.count == 1 ? found.first : nil
            let kind = exact?["kind"]?.stringValue
            if kind == "email", let id = exact?["name"]?.stringValue {
                return try await EmailView(client: client, format: format).show(id)
            }
            guard kind == "address" || kind == "campaign", let name = exact?["name"]?.stringValue else {
                return Output.show(found, asJSON: format.asJSON)
            }
            var query: [String: String?] = ["userName": account, "limit": String(limit)]
            query[kind == "address" ? "to" : "externalId"] = name
            let emails = try await client.get("/emails".with(query: query)).successful("Emails").items
            var rows = emails.map(Self.row)
            if kind == "address" {
                rows += try await client.get("/refusals".with(query: query)).successful("Refused sends").items.map(Self.refused)
            }
            let newest = rows.sorted { ($0["at"]?.stringValue ?? "") > ($1["at"]?.stringValue ?? "") }
            Output.show(newest, asJSON: format.asJSON)
        }

        private static func row(_ email: JSONObject) -> JSONObject {
            [
                "at": email["createdAt"] ?? .null, "status": email["status"] ?? .null, "to": email["to"] ?? .null,
                "subject": email["subject"] ?? .null, "id": email["id"] ?? .null,
            ]
        }

        /// A refused send: its reason in place of the subject.
        private static func refused(_ refusal: JSONObject) -> JSONObject {
            [
                "at": refusal["at"] ?? .null, "status": .string("refused: \(refusal["code"]?.stringValue ?? "")"),
                "to": refusal["to"] ?? .null, "subject": refusal["explain"] ?? .null, "id": .null,
            ]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "An email and what happened to it.")

        @Argument(help: "The id of the email.")
        var id: String

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            try await EmailView(client: try server.client(), format: format).show(id)
        }
    }
}

/// Prints an email: its data, then its timeline.
private struct EmailView {
    let client: APIClient
    let format: FormatOptions

    func show(_ id: String) async throws {
        let email = try await client.get("/emails/\(PercentEncoding.encode(id))").successful("Email").data ?? JSONObject()
        if format.asJSON { return Output.show(email, asJSON: true) }
        var head = JSONObject()
        for name in ["id", "status", "to", "from", "subject", "userName", "createdAt"] { head[name] = email[name] ?? .null }
        Output.show(head, asJSON: false)
        let timeline = (email["timeline"]?.arrayValue ?? []).compactMap(\.objectValue)
        let rows = timeline.map { entry -> JSONObject in
            ["at": entry["at"] ?? .null, "status": entry["status"] ?? .null, "explain": entry["explain"] ?? .null]
        }
        Output.show(rows, asJSON: false)
    }
}

extension APIClient.Answer {
    /// The items of a list in an envelope.
    fileprivate var items: [JSONObject] { (body["data"]?.arrayValue ?? []).compactMap(\.objectValue) }
}
