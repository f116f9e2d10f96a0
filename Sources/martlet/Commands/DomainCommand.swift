import ArgumentParser
import Encoding
import JSON

struct DomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "Create, show, verify, approve, suspend and resume domains.",
        discussion: "Through a running server. The master token sees the domains of all accounts.",
        subcommands: [Create.self, List.self, Show.self, Verify.self, Approve.self, Suspend.self, Resume.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a domain.")

        @OptionGroup var target: Target
        @Option(help: ArgumentHelp("The account that owns it; created on first use. For the master token.", valueName: "partner_ref"))
        var account: String?

        func run() async throws {
            var body: JSONObject = ["name": .string(target.name)]
            if let account { body["partner_ref"] = .string(account) }
            _ = try await target.server.client().post("/domains", body).successful(target.name)
            try await target.showOutbound()
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the domains, newest first.")

        @Option(help: "At most this many, 1 to 1000.")
        var limit = 1000

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let domains = try await server.client().get("/domains?limit=\(limit)").successful("Domains").elements
            Output.show(domains, asJSON: format.asJSON)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a domain's limits, counters and verification.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.showOutbound()
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask SES to verify a domain: prints the DNS records to set, and where it stands.",
            discussion: "Run it again after the records are set. Exit code 0 whether or not the domain is verified yet.")
        @OptionGroup var target: Target

        func run() async throws {
            let client = try target.server.client()
            let records = try await client.post("\(target.path)/ses-verify").successful(target.name).body["dns_records"]
            var status = try await client.get("\(target.path)/ses-status").successful(target.name).body
            if target.format.asJSON {
                status["dns_records"] = records
            } else {
                Output.show((records?.arrayValue ?? []).compactMap(\.objectValue), asJSON: false)
            }
            Output.show(status, asJSON: target.format.asJSON)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that a domain is its account's, without or against the DNS.",
            discussion: "For the master token. An account that had proven the name loses it.")
        @OptionGroup var target: Target
        @Option(
            help: ArgumentHelp(
                "The account whose claim is meant; without it the one in review, else the oldest claim.", valueName: "partner_ref"))
        var account: String?

        func run() async throws {
            let query = account.map { "?partner_ref=\(PercentEncoding.encode($0))" } ?? ""
            let answer = try await target.server.client().post("\(target.path)/approve\(query)").successful(target.name)
            Output.show(answer.body, asJSON: target.format.asJSON)
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a domain's outbound mail.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.set(status: "suspended")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended domain send again, judged by what it sends from now on.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.set(status: "active")
        }
    }

    /// The domain of a command, the server and the output.
    struct Target: ParsableArguments {
        @Argument(help: "The domain's name.")
        var name: String

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        var path: String { "/domains/\(PercentEncoding.encode(name))" }

        func showOutbound() async throws {
            Output.show(try await server.client().get("\(path)/outbound").successful(name).body, asJSON: format.asJSON)
        }

        func set(status: String) async throws {
            let answer = try await server.client().put("\(path)/outbound", ["outbound_status": .string(status)])
            Output.show(try answer.successful(name).body, asJSON: format.asJSON)
        }
    }
}
