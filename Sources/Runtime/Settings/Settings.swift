package import AmazonSES
package import DNS
package import Logging
package import MailModel
package import SMTP
package import Storage

/// The settings of the program, read and checked once at the start (specification 14.1).
///
/// Names, defaults, ranges and meanings are in `Settings+Reading.swift`; `docs/configuration.md` lists them.
package struct Settings: Sendable, Equatable {
    /// The HTTP server.
    package var http: HTTP
    /// The URL at which recipients and SNS reach the server, without a slash at the end; `nil` where they do not.
    package var publicURL: String?
    /// The operator's token; `nil` for one that is stored in a file beside the database.
    package var masterToken: String?
    /// The key that seals the secrets of access keys, of 32 bytes; `nil` for one that is stored in a file beside a SQLite database.
    package var secretsKey: [UInt8]?
    /// The token with which Prometheus reads the metrics; `nil` for the master token.
    package var metricsToken: String?
    /// The distributed tracing.
    package var tracing: Tracing
    /// The location of the data.
    package var database: DatabaseLocation
    /// The number of this node's connections to a PostgreSQL server.
    package var databaseConnections: Int
    /// The transport that emails are sent with (specification 6.1).
    package var transport: Transport
    /// The relay of the transport `smtp`.
    package var smtp: SMTPServer?
    /// The SES configuration sets that emails are sent with (specification 6.1).
    package var configurationSets: ConfigurationSets
    /// The tenants at SES that emails are sent with (specification 6.7).
    package var tenants: TenantSettings
    /// The calls for identities per second that SES allows.
    package var sesControlRate: Int
    /// The messages of SNS that are accepted.
    package var sns: SNS
    /// The queues that events of SES are taken from.
    package var sqs: SQS
    /// The settings of the gate (specification 3.3).
    package var gate: Gate
    /// The settings of the guillotine (specification 3.9).
    package var guillotine: Guillotine
    /// The limits of an account's bounce and complaint rates (specification 8.1).
    package var reputation: Reputation
    /// Whether soft bounces count for the bounce rate (specification 4.4).
    package var countTransient: Bool
    /// The policy daemon (specification 11).
    package var policy: Policy
    /// The server of submission by SMTP.
    package var submission: Submission
    /// Whether changes of the suppression list are copied to SES's own list.
    package var syncsSuppressions: Bool
    /// The distributed tracing (specification 14.7).
    package struct Tracing: Sendable, Equatable {
        /// The collector's URL without `/v1/traces`; `nil`: nothing is traced.
        package var endpoint: String?
        /// The part of the traces that begin here which is recorded, from 0 to 1.
        package var ratio: Double
    }

    /// The server of submission by SMTP (specification 15).
    package struct Submission: Sendable, Equatable {
        /// The address to listen on; `nil` for none.
        package var listen: SubmissionAddress?
        /// The path of the certificate; `nil`: there is no TLS.
        package var certificate: String?
        /// The path of its key.
        package var key: String?
        /// Whether messages get a `Received` field.
        package var addsReceived: Bool
        /// How long a message is known by its `Message-ID`.
        package var repetitionWindow: Duration
    }

    /// What resets the counters at midnight UTC (specification 3.6).
    package var resets: Resets
    /// Who starts the verification of a sender (specification 9.5).
    package var senderApproval: SenderApproval
    /// The delivery of emails.
    package var delivery: Delivery
    /// Who sends the notices of accounts, and who gets them all (specification 7.3).
    package var notices: NoticeSettings
    /// The addresses that callbacks may be sent to.
    package var callbacks: Callbacks
    /// The limits of new domains.
    package var domains: Domains
    /// The largest email without its attachments, in bytes.
    package var maximumEmailBytes: Int
    /// The largest total of an email's attachments, decoded, in bytes.
    package var maximumAttachmentBytes: Int
    /// The most bytes of the texts of a batch that are made of templates and variables.
    package var maximumBatchBytes: Int
    /// How far ahead an email may be scheduled.
    ///
    /// Emails are kept for longer.
    package var farthestSchedule: Duration
    /// The checks of recipients (specification 9.3).
    package var recipients: Recipients
    /// The retention periods of each kind of data (specification 12.3).
    package var retention: RetentionPeriods
    /// The name server that is asked; `nil` for the system's.
    package var nameserver: Nameserver?
    /// The roles of this node (specification 14.3); at least one.
    package var roles: Set<Role>
    /// The log.
    package var log: Log
    /// Notes for the operator about settings that are accepted, a sentence each.
    package var notes: [String] = []

    /// The settings of the HTTP server.
    package struct HTTP: Sendable, Equatable {
        /// The IP address or host name to listen on.
        package var host: String
        /// The TCP port to listen on.
        package var port: Int
        /// The proxies whose `X-Forwarded-For` is trusted.
        package var trustedProxies: [IPNetwork] = []
        /// The most open connections.
        package var maxConnections = 4096
        /// The memory for what requests hold before they are answered, in megabytes.
        package var bodyMegabytes = 256
    }

    /// The location of the data (specification 12.1).
    package enum DatabaseLocation: Sendable, Equatable {
        /// A SQLite file.
        case sqlite(path: String)
        /// A PostgreSQL server, by a connection URI as libpq reads it. It may contain a password.
        case postgres(url: String)

        /// The folder for files that belong to the data.
        package var folder: String {
            switch self {
            case .sqlite(let path): PrivateFiles.folder(of: path)
            case .postgres: "var"
            }
        }
    }

    /// The way in which emails are sent (specification 6.1).
    package enum Transport: String, Sendable, CaseIterable {
        /// Messages stay in the database, and a stand-in answers for SES.
        case capture
        /// Amazon SES.
        case ses
        /// A relay, by SMTP.
        case smtp
    }

    /// The messages of SNS that are accepted (specification 4.1).
    package struct SNS: Sendable, Equatable {
        /// The topics whose messages are accepted; empty for the first one that confirms itself.
        package var topicARNs: [String]
        /// Whether signatures are verified; without that only on a loopback address.
        package var verifySignatures: Bool
    }

    /// The queues that events of SES are taken from (specification 4.7).
    package struct SQS: Sendable, Equatable {
        /// The queues; empty where events come by the webhook.
        package var queueURLs: [SQSQueueURL]
        /// After how many receipts a message that cannot be read is kept among the unmatched events.
        package var maximumReceives: Int
    }

    /// The policy daemon (specification 11).
    package struct Policy: Sendable, Equatable {
        /// The address to listen on; `nil` for no policy daemon.
        package var listen: PolicyAddress?
        /// The rules by which requests are charged and answered.
        package var rules: PolicyRules
    }

    /// What resets the counters at midnight UTC (specification 3.6).
    package enum Resets: String, Sendable, CaseIterable {
        /// The scheduler of this program.
        case builtin
        /// The operator's own calls of the API.
        case external
    }

    /// The delivery of emails (specification 6).
    package struct Delivery: Sendable, Equatable {
        /// How long an attempt with an unknown outcome waits for SES's event before the next attempt.
        package var grace: Duration
        /// How long the lease of a node on its claimed emails lasts.
        package var lease: Duration
        /// The times of further attempts.
        package var retry: RetrySchedule
        /// How often an email is sent again after a soft bounce; 0 for never.
        package var softBounceRetries: Int
        /// The largest number of concurrent calls to the provider.
        package var concurrency: Int
        /// The largest number of emails per second, where that is less than SES allows; `nil` for SES's limit.
        package var rate: Int?
        /// The memory for the messages under way together, in bytes.
        package var memory: Int
    }

    /// The addresses that callbacks may be sent to (specification 7.2).
    package struct Callbacks: Sendable, Equatable {
        /// Whether private, shared and loopback addresses are allowed, also by http.
        package var allowPrivate: Bool
        /// Whether public addresses are allowed by http.
        package var allowHTTP: Bool
    }

    /// The limits of a new domain, and whose it is (specification 3.2, 3.11).
    package struct Domains: Sendable, Equatable {
        /// Emails per day; 0 for no limit.
        package var dailyLimit: Int64
        /// Emails per month; 0 for no limit.
        package var monthlyLimit: Int64
        /// How claims on domains are proven, and how many there may be (specification 3.11, 3.12).
        package var ownership = OwnershipRules()
    }

    /// The checks of recipients (specification 9).
    package struct Recipients: Sendable, Equatable {
        /// The check for role addresses such as postmaster@.
        package var roleAddresses: RecipientCheck
        /// The check for domains that accept no mail.
        package var requireMX: RecipientCheck
        /// The number of consecutive soft bounces that suppress an address; 0 for off.
        package var softBounceLimit: Int
    }

    /// A task of a node (specification 14.3).
    ///
    /// Every node is the same program.
    package enum Role: String, Sendable, CaseIterable {
        /// Answers HTTP requests.
        case http
        /// Sends emails.
        case delivery
        /// Sends callbacks.
        case callbacks
        /// Answers policy requests of mail servers.
        case policy
        /// Takes messages by SMTP.
        case submission
        /// Takes the events of SES out of queues.
        case feedback
        /// Runs the periodic jobs.
        case scheduler
    }

    /// The settings of the log.
    package struct Log: Sendable, Equatable {
        /// The least severe level that is written.
        package var level: Logger.Level
        /// The format of lines as it is configured; see ``format(onTerminal:)``.
        var format: Format

        /// A format of lines.
        enum Format: String, Sendable, CaseIterable {
            /// Text on a terminal, JSON anywhere else.
            case auto
            case json, text
        }
    }
}

extension Settings {
    /// The URL at which this machine reaches the server, without a slash at the end.
    package var localURL: String {
        let host = ["0.0.0.0": "127.0.0.1", "::": "[::1]"][http.host] ?? (http.host.contains(":") ? "[\(http.host)]" : http.host)
        return "http://\(host):\(http.port)"
    }
}
