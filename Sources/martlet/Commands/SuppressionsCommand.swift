import ArgumentParser
import JSON
import NIOCore
import Runtime

struct SuppressionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressions", abstract: "The addresses that must not be mailed: import, export, add, list, remove.",
        discussion: "Through a running server. With the master token, --account says whose list is meant.",
        subcommands: [Import.self, Export.self, Add.self, List.self, Remove.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the entries of a CSV file into the list.",
            discussion: """
                The first line names the columns: address, and any of scope, sender, reason, note; a file without such a line has them in
                this order, or an address and a reason. Columns as other services name them (email, type, …) are taken too, and others are
                passed over and named. Commas, semicolons or tabs. Files of any length. Exit code 1 when there were lines that are no entries; the others are taken in.
                """)

        @Argument(help: "The file; `-` for standard input.")
        var file: String

        @OptionGroup var target: ListTarget

        func run() async throws {
            let client = try target.server.client()
            let bar = ProgressBar(total: try FileBody(path: file, didRead: { _ in }).length)
            let body = try FileBody(path: file, didRead: bar.add)
            defer { bar.finish() }
            let answer = try await client.upload(target.path("/suppressions/import"), body, type: "text/csv").successful("Import")
            bar.finish()
            try report(answer.data ?? JSONObject())
        }

        private func report(_ data: JSONObject) throws {
            let rejected = data["rejectedCount"]?.integerValue ?? 0
            if target.format.asJSON {
                Output.show(data, asJSON: true)
            } else {
                Output.show(
                    ["imported": data["imported"] ?? .null, "duplicates": data["duplicates"] ?? .null, "rejected": .integer(rejected)],
                    asJSON: false)
                let ignored = (data["ignoredColumns"]?.arrayValue ?? []).compactMap(\.stringValue)
                if !ignored.isEmpty { Output.complain("columns passed over: \(ignored.joined(separator: ", "))") }
                for line in data["rejected"]?.arrayValue?.prefix(20) ?? [] {
                    let number = line.objectValue?["line"]?.integerValue ?? 0
                    Output.complain("line \(number): \(line.objectValue?["explain"]?.stringValue ?? "")")
                }
            }
            guard rejected == 0 else { throw CommandFailure("\(rejected) lines are no entries") }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the list as CSV, in the form that an import takes.")
        @OptionGroup var target: ListTarget

        func run() async throws {
            try await target.server.client().download(target.path("/suppressions"), accept: "text/csv") { piece in
                StandardStream.output.write(Array(piece.readableBytesView))
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Suppress an address.")

        @Argument(help: "The address.")
        var address: String

        @Option(help: "Only for this sender of the account; for all when not given.")
        var sender: String?

        @Option(help: "manual, unsubscribe, complaint or hard_bounce.")
        var reason: String?

        @Option(help: "A note for yourself.")
        var note: String?

        @OptionGroup var target: ListTarget

        func run() async throws {
            let values = ["address": address, "sender": sender, "reason": reason, "note": note, "userName": target.account]
            var body = JSONObject()
            for (name, value) in values { if let value { body[name] = .string(value) } }
            let answer = try await target.server.client().post("/suppressions", body).successful("Add")
            Output.show(answer.data ?? JSONObject(), asJSON: target.format.asJSON)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List entries, newest first.")

        @Option(help: "Only this address.")
        var address: String?

        @Option(help: "At most this many, 1 to 1000.")
        var limit = 100

        @OptionGroup var target: ListTarget

        func run() async throws {
            let path = target.path("/suppressions", ["address": address, "limit": String(limit)])
            let answer = try await target.server.client().get(path).successful("List")
            let columns = ["id", "userName", "address", "sender", "reason", "note", "createdAt"]
            let rows = (answer.body["data"]?.arrayValue ?? []).compactMap(\.objectValue).map { entry in
                columns.reduce(into: JSONObject()) { $0[$1] = entry[$1] ?? .null }
            }
            Output.show(rows, asJSON: target.format.asJSON)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an entry off the list.")

        @Argument(help: "The entry's id, as `martlet suppressions list` shows it.")
        var id: Int64

        @OptionGroup var server: ServerOptions

        func run() async throws {
            _ = try await server.client().delete("/suppressions/\(id)").successful("Remove")
        }
    }

    /// The options for the account of a list, the server and the output.
    struct ListTarget: ParsableArguments {
        @Option(help: ArgumentHelp("The account whose list is meant, for the master token.", valueName: "partner_ref"))
        var account: String?

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func path(_ path: String, _ query: [String: String?] = [:]) -> String {
            path.with(query: query.merging(["userName": account]) { first, _ in first })
        }
    }
}
