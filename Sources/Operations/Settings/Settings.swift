public import DNS
public import Logging
public import MailModel
public import SMTP
public import Storage

/// What an operator can choose: every setting of the program, read and checked once at the start (specification 14.1).
///
/// Names, defaults, ranges and meanings stand where each is read, in `Settings+Reading.swift`; `docs/configuration.md` lists them.
public struct Settings: Sendable, Equatable {
    public var http: HTTP
    /// Where the outside world reaches the server, without a slash at the end; `nil` when it does not.
    public var publicURL: String?
    /// `nil`: the token is kept in a file beside the database.
    public var masterToken: String?
    /// What Prometheus says to read the metrics; `nil`: the master token.
    public var metricsToken: String?
    public var database: DatabaseLocation
    /// This node's connections to a database server.
    public var databaseConnections: Int
    public var transport: Transport
    /// The relay of the transport `smtp`.
    public var smtp: SMTPServer?
    public var sesConfigurationSet: String?
    public var sns: SNS
    public var gate: Gate
    public var guillotine: Guillotine
    public var reputation: Reputation
    /// Soft bounces count for the bounce rate too.
    public var countTransient: Bool
    public var policy: Policy
    /// SES's own suppression list follows ours.
    public var syncsSuppressions: Bool
    public var resets: Resets
    /// Who starts the verification of a sender.
    public var senderApproval: SenderApproval
    public var delivery: Delivery
    public var callbacks: Callbacks
    public var domains: Domains
    /// The largest email without its attachments, in bytes.
    public var maximumEmailBytes: Int
    /// The attachments of an email in all, decoded, in bytes.
    public var maximumAttachmentBytes: Int
    /// How far ahead an email may be scheduled: emails are kept for longer.
    public var farthestSchedule: Duration
    public var recipients: Recipients
    public var retention: RetentionPeriods
    /// The name server to ask in place of the system's.
    public var nameserver: Nameserver?
    public var roles: Set<Role>
    public var log: Log
    /// What the owner of the configuration should know, though nothing is wrong with it.
    public var notes: [String] = []

    public struct HTTP: Sendable, Equatable {
        public var host: String
        public var port: Int
        /// Those whose `X-Forwarded-For` is believed.
        public var trustedProxies: [IPNetwork] = []
    }

    /// Where the data lies.
    public enum DatabaseLocation: Sendable, Equatable {
        /// A file of the embedded engine.
        case sqlite(path: String)
        /// A server, by a connection URI as libpq reads it. It may hold a password.
        case postgres(url: String)

        /// Where files that belong to the data lie.
        public var folder: String {
            switch self {
            case .sqlite(let path): PrivateFiles.folder(of: path)
            case .postgres: "var"
            }
        }
    }

    public enum Transport: String, Sendable, CaseIterable {
        /// A local mailbox and a stand-in for SES: nothing leaves the machine.
        case capture
        case ses
        /// A relay.
        case smtp
    }

    public struct SNS: Sendable, Equatable {
        /// The topics that are believed; empty: the first that confirms itself.
        public var topicARNs: [String]
        public var verifySignatures: Bool
    }

    /// The door for mail servers.
    public struct Policy: Sendable, Equatable {
        /// `nil`: there is none.
        public var listen: PolicyAddress?
        public var rules: PolicyRules
    }

    /// Who resets the counters at midnight UTC.
    public enum Resets: String, Sendable, CaseIterable {
        case builtin, external
    }

    public struct Delivery: Sendable, Equatable {
        /// How long an unknown outcome waits for SES's word before another attempt.
        public var grace: Duration
        /// How long a node may hold the emails it took.
        public var lease: Duration
        public var retry: RetrySchedule
        /// Calls to the provider at the same time.
        public var concurrency: Int
        /// Emails per second at the most, where that is less than SES allows.
        public var rate: Int?
        /// Bytes of memory that messages under way may take together.
        public var memory: Int
    }

    /// Where callbacks may lead.
    public struct Callbacks: Sendable, Equatable {
        /// Private and loopback addresses, by http too.
        public var allowPrivate: Bool
        public var allowHTTP: Bool
    }

    /// The limits of a new domain; 0 is unlimited.
    public struct Domains: Sendable, Equatable {
        public var dailyLimit: Int64
        public var monthlyLimit: Int64
    }

    /// What is done about recipients that look wrong.
    public struct Recipients: Sendable, Equatable {
        public var roleAddresses: RecipientCheck
        public var requireMX: RecipientCheck
        /// So many soft bounces in a row suppress an address; 0: none do.
        public var softBounceLimit: Int
    }

    /// What a node does. Every node is the same program.
    public enum Role: String, Sendable, CaseIterable {
        case http, delivery, callbacks, policy, scheduler
    }

    public struct Log: Sendable, Equatable {
        public var level: Logger.Level
        public var format: Format

        public enum Format: String, Sendable, CaseIterable {
            /// Text on a terminal, JSON anywhere else.
            case auto
            case json, text
        }
    }
}

extension Settings {
    /// Where this machine reaches the server.
    public var localURL: String {
        let host = ["0.0.0.0": "127.0.0.1", "::": "[::1]"][http.host] ?? (http.host.contains(":") ? "[\(http.host)]" : http.host)
        return "http://\(host):\(http.port)"
    }
}
