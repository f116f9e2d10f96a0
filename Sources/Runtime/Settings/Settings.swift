package import DNS
package import Logging
package import MailModel
package import SMTP
package import Storage

/// What an operator can choose: every setting of the program, read and checked once at the start (specification 14.1).
///
/// Names, defaults, ranges and meanings stand where each is read, in `Settings+Reading.swift`; `docs/configuration.md` lists them.
package struct Settings: Sendable, Equatable {
    package var http: HTTP
    /// Where the outside world reaches the server, without a slash at the end; `nil` when it does not.
    package var publicURL: String?
    /// `nil`: the token is kept in a file beside the database.
    package var masterToken: String?
    /// What Prometheus says to read the metrics; `nil`: the master token.
    package var metricsToken: String?
    package var database: DatabaseLocation
    /// This node's connections to a database server.
    package var databaseConnections: Int
    package var transport: Transport
    /// The relay of the transport `smtp`.
    package var smtp: SMTPServer?
    package var sesConfigurationSet: String?
    package var sns: SNS
    package var gate: Gate
    package var guillotine: Guillotine
    package var reputation: Reputation
    /// Soft bounces count for the bounce rate too.
    package var countTransient: Bool
    package var policy: Policy
    /// SES's own suppression list follows ours.
    package var syncsSuppressions: Bool
    package var resets: Resets
    /// Who starts the verification of a sender.
    package var senderApproval: SenderApproval
    package var delivery: Delivery
    package var callbacks: Callbacks
    package var domains: Domains
    /// The largest email without its attachments, in bytes.
    package var maximumEmailBytes: Int
    /// The attachments of an email in all, decoded, in bytes.
    package var maximumAttachmentBytes: Int
    /// How far ahead an email may be scheduled: emails are kept for longer.
    package var farthestSchedule: Duration
    package var recipients: Recipients
    package var retention: RetentionPeriods
    /// The name server to ask in place of the system's.
    package var nameserver: Nameserver?
    package var roles: Set<Role>
    package var log: Log
    /// What the owner of the configuration should know, though nothing is wrong with it.
    package var notes: [String] = []

    package struct HTTP: Sendable, Equatable {
        package var host: String
        package var port: Int
        /// Those whose `X-Forwarded-For` is believed.
        package var trustedProxies: [IPNetwork] = []
    }

    /// Where the data lies.
    package enum DatabaseLocation: Sendable, Equatable {
        /// A file of the embedded engine.
        case sqlite(path: String)
        /// A server, by a connection URI as libpq reads it. It may hold a password.
        case postgres(url: String)

        /// Where files that belong to the data lie.
        package var folder: String {
            switch self {
            case .sqlite(let path): PrivateFiles.folder(of: path)
            case .postgres: "var"
            }
        }
    }

    package enum Transport: String, Sendable, CaseIterable {
        /// A local mailbox and a stand-in for SES: nothing leaves the machine.
        case capture
        case ses
        /// A relay.
        case smtp
    }

    package struct SNS: Sendable, Equatable {
        /// The topics that are believed; empty: the first that confirms itself.
        package var topicARNs: [String]
        package var verifySignatures: Bool
    }

    /// The door for mail servers.
    package struct Policy: Sendable, Equatable {
        /// `nil`: there is none.
        package var listen: PolicyAddress?
        package var rules: PolicyRules
    }

    /// Who resets the counters at midnight UTC.
    package enum Resets: String, Sendable, CaseIterable {
        case builtin, external
    }

    package struct Delivery: Sendable, Equatable {
        /// How long an unknown outcome waits for SES's word before another attempt.
        package var grace: Duration
        /// How long a node may hold the emails it took.
        package var lease: Duration
        package var retry: RetrySchedule
        /// Calls to the provider at the same time.
        package var concurrency: Int
        /// Emails per second at the most, where that is less than SES allows.
        package var rate: Int?
        /// Bytes of memory that messages under way may take together.
        package var memory: Int
    }

    /// Where callbacks may lead.
    package struct Callbacks: Sendable, Equatable {
        /// Private and loopback addresses, by http too.
        package var allowPrivate: Bool
        package var allowHTTP: Bool
    }

    /// The limits of a new domain; 0 is unlimited.
    package struct Domains: Sendable, Equatable {
        package var dailyLimit: Int64
        package var monthlyLimit: Int64
    }

    /// What is done about recipients that look wrong.
    package struct Recipients: Sendable, Equatable {
        package var roleAddresses: RecipientCheck
        package var requireMX: RecipientCheck
        /// So many soft bounces in a row suppress an address; 0: none do.
        package var softBounceLimit: Int
    }

    /// What a node does. Every node is the same program.
    package enum Role: String, Sendable, CaseIterable {
        case http, delivery, callbacks, policy, scheduler
    }

    package struct Log: Sendable, Equatable {
        package var level: Logger.Level
        package var format: Format

        package enum Format: String, Sendable, CaseIterable {
            /// Text on a terminal, JSON anywhere else.
            case auto
            case json, text
        }
    }
}

extension Settings {
    /// Where this machine reaches the server.
    package var localURL: String {
        let host = ["0.0.0.0": "127.0.0.1", "::": "[::1]"][http.host] ?? (http.host.contains(":") ? "[\(http.host)]" : http.host)
        return "http://\(host):\(http.port)"
    }
}
