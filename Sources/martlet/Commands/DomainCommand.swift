import ArgumentParser
import JSON
import MailModel
import Outbound
import Runtime
import Storage

struct DomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "Make, show, verify, suspend and resume domains.",
        discussion: "Works on the database; a server may be running.",
        subcommands: [Create.self, List.self, Show.self, Verify.self, Suspend.self, Resume.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a domain.")

        @OptionGroup var target: Target
        @Option(help: ArgumentHelp("The account that owns it; made on first use.", valueName: "partner_ref"))
        var account: String?

        func run() async throws {
            try await target.show { try await $0.create(name: target.name, partnerReference: account, by: .master) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the domains, newest first.")

        @Option(help: "At most this many.")
        var limit = 1000

        @OptionGroup var configuration: ConfigurationOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let domains = try await useDomains(configuration) { try await $0.list(by: .master, after: nil, limit: max(1, limit)) }
            Output.show(domains.map { format.asJSON ? row($0) : shortRow($0) }, asJSON: format.asJSON)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a domain's limits, counters and verification.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.show { try await $0.find(target.name, by: .master) }
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a domain's outbound mail.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.set(.suspended)
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended domain send again, judged by what it sends from now on.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.set(.active)
        }
    }

    /// The domain that a command is about.
    struct Target: ParsableArguments {
        @Argument(help: "The domain's name.")
        var name: String

        @OptionGroup var configuration: ConfigurationOptions
        @OptionGroup var format: FormatOptions

        func show(_ body: (DomainService) async throws -> SendingDomain) async throws {
            Output.show(row(try await useDomains(configuration, body)), asJSON: format.asJSON)
        }

        func set(_ status: OutboundConfiguration.Status) async throws {
            var changes = OutboundChanges()
            changes.status = status
            try await show { [changes] in try await $0.update(name, changes, by: .master) }
        }
    }
}

private func useDomains<Value>(_ configuration: ConfigurationOptions, _ body: (DomainService) async throws -> Value) async throws -> Value {
    let settings = try configuration.settings()
    return try await OpenStore.use(settings) { try await body(DomainService(store: $0, settings: settings)) }
}

private func row(_ domain: SendingDomain) -> JSONObject {
    [
        "name": .string(domain.name.description), "ses_verified": .bool(domain.verification.isVerified),
        "outbound_status": .string(domain.outbound.status.rawValue), "suspended_reason": .text(domain.outbound.suspendedReason),
        "outbound_enforcement": .string(domain.outbound.enforcement.rawValue), "outbound_daily_limit": .integer(domain.outbound.dailyLimit),
        "outbound_monthly_limit": .integer(domain.outbound.monthlyLimit), "outbound_sent_today": .integer(domain.counters.sentToday),
        "outbound_sent_month": .integer(domain.counters.sentThisMonth), "bounce_count": .integer(domain.counters.bounces),
        "complaint_count": .integer(domain.counters.complaints), "bounce_rate": .real(domain.counters.bounceRate.percent),
        "complaint_rate": .real(domain.counters.complaintRate.percent), "created_at": .string(domain.createdAt.description),
    ]
}

/// What fits into a line of a terminal.
private func shortRow(_ domain: SendingDomain) -> JSONObject {
    let shown = ["name", "ses_verified", "outbound_status", "outbound_sent_today", "outbound_sent_month", "bounce_rate", "complaint_rate"]
    let row = row(domain)
    return shown.reduce(into: JSONObject()) { $0[$1] = row[$1] }
}
