import ArgumentParser
import JSON
import NIOCore
import Runtime

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who changed what, when and from where, newest first.",
        discussion: "Through a running server. The master token sees all accounts; a key with the scope manage its own.")

    @Option(help: "Only changes of master, system, key or user, or of one key or person: key:7.")
    var actor: String?

    @Option(help: "Only this action, such as domain.suspend, or all of a kind of target: domain.")
    var action: String?

    @Option(help: "Only changes of this, such as domain:shop.example or recipient:jane@customer.example.")
    var target: String?

    @Option(help: "From this date (UTC) or RFC 3339 time on.")
    var since: String?

    @Option(help: "Up to and with this date (UTC), or before this RFC 3339 time.")
    var until: String?

    @Option(help: ArgumentHelp("Only changes of this account, for the master token.", valueName: "partner_ref"))
    var account: String?

    @Option(help: "At most this many, 1 to 1000.")
    var limit = 100

    @Flag(help: "Print all matching rows as CSV.")
    var csv = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let client = try server.client()
        let filters = ["actor": actor, "action": action, "target": target, "since": since, "until": until, "partner_ref": account]
        if csv {
            return try await client.download("/audit".with(query: filters), accept: "text/csv") { piece in
                StandardStream.output.write(Array(piece.readableBytesView))
            }
        }
        let path = "/audit".with(query: filters.merging(["limit": String(limit)]) { first, _ in first })
        let entries = try await client.get(path).successful("Audit").elements
        Output.show(format.asJSON ? entries : entries.map(Self.row), asJSON: format.asJSON)
    }

    /// A row that fits on a screen.
    ///
    /// All of it is in the JSON output.
    private static func row(_ entry: JSONObject) -> JSONObject {
        let actor = entry["actor"]?.objectValue
        let name = actor?["name"]?.stringValue ?? "-"
        return [
            "at": entry["at"] ?? .null,
            "actor": .string(actor?["id"]?.integerValue.map { "\(name) (\(actor?["kind"]?.stringValue ?? "-"):\($0))" } ?? name),
            "address": entry["address"] ?? .null, "action": entry["action"] ?? .null, "target": entry["target"] ?? .null,
            "account": entry["partner_ref"] ?? .null, "before": entry["before"] ?? .null, "after": entry["after"] ?? .null,
        ]
    }
}
