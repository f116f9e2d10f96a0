import AmazonSES
import DNS
import Encoding
import Logging
import MailModel
import SMTP
import Storage

extension Settings {
    /// Reads all settings (specification 14.1).
    ///
    /// - Throws: ``SettingsError`` with all problems: malformed values, unknown names, combinations that are refused (``SettingsRule``).
    package static func read(_ source: SettingsSource) throws(SettingsError) -> Settings {
        var reader = SettingsReader(source)
        var settings = Settings(&reader)
        let names = source.judge(SettingNames(known: reader.descriptions))
        var problems = names.problems + reader.problems
        settings.notes = names.notes
        for finding in SettingsRule.all.compactMap({ $0.finding(settings) }) {
            switch finding {
            case .problem(let problem): problems.append(problem)
            case .note(let note): settings.notes.append(note)
            }
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return settings
    }

    /// The descriptions of all settings, in the order of the documentation.
    static let descriptions: [SettingDescription] = {
        var reader = SettingsReader(SettingsSource(environment: [:]))
        _ = Settings(&reader)
        return reader.descriptions
    }()

    /// The settings without any environment or file.
    static let defaults: Settings = {
        var reader = SettingsReader(SettingsSource(environment: [:]))
        return Settings(&reader)
    }()

    init(_ reader: inout SettingsReader) {
        http = HTTP(&reader)
        publicURL = reader.optional(
            "public.url", expected: "an http or https URL without query, such as https://mail.example.com",
            "Where recipients and SNS reach this server: links in emails begin with it.", parse: Self.baseURL)
        masterToken = reader.token(
            "master.token",
            "The operator's token. Without one, a token is generated and kept in `master-token` beside the database (in `var` where that is a server), mode 0600."
        )
        secretsKey = reader.optional(
            "secrets.key", expected: "32 bytes in base64, as `openssl rand -base64 32` makes them", isSecret: true,
            "What seals the secrets of access keys in the database, the same on every node. With SQLite one is generated and kept in `secrets-key` beside the database, mode 0600, where none is given; with PostgreSQL there are no access keys without it. It is no part of a backup."
        ) { text in (try? Base64.decode(text)).flatMap { $0.count == 32 ? $0 : nil } }
        metricsToken = reader.token(
            "metrics.token",
            "What Prometheus says (`Authorization: Bearer`) to read `GET /metrics`, and may do nothing else with. Without one, the master token is needed for that."
        )
        tracing = Tracing(&reader)
        database = DatabaseLocation(&reader)
        databaseConnections = reader.integer(
            "database.connections", default: 8, in: 2...200, "Connections of this node to a PostgreSQL server; SQLite has its own.")
        transport = reader.choice(
            "transport", default: .capture,
            "How emails leave: `capture` keeps them in a local mailbox and answers for SES, `ses` sends through Amazon SES, `smtp` by a relay."
        )
        smtp = reader.optional(
            "smtp.url", expected: "smtp://USER:PASSWORD@HOST:PORT (STARTTLS), the same with ?tls=off, or smtps://…", isSecret: true,
            "The relay of `transport` `smtp`. Ports are 587, 25 with `?tls=off` and 465 with `smtps` where none is given; what is special in user and password is percent-encoded.",
            parse: SMTPServer.init)
        configurationSets = ConfigurationSets(&reader)
        tenants = TenantSettings(&reader)
        sesControlRate = reader.integer(
            "ses.controlRate", default: 1, in: 1...1000,
            "Calls per second that SES allows for identities (verification of domains and senders, and their status). More of them wait for their turn, in turn for the accounts; beyond 40 of them the answer is 503 with `Retry-After`."
        )
        sns = SNS(&reader)
        sqs = SQS(&reader)
        gate = Gate()
        gate.requireVerified = reader.flag(
            "gate.requireVerified", default: true, "Refuse emails of domains that SES has not verified, whatever their enforcement.")
        gate.allowsSubdomains = reader.flag(
            "gate.subdomains", default: true,
            "Let addresses below a proven domain send: their mail counts for the nearest proven domain above. The policy daemon does the same, unless `policy.parentDomain` is `false`."
        )
        guillotine = Guillotine(&reader)
        reputation = Reputation(&reader)
        countTransient = reader.flag("reputation.countTransient", default: false, "Count soft bounces for the bounce rate too.")
        syncsSuppressions = reader.flag(
            "suppressions.syncSES", default: false,
            "Let SES's own suppression list follow when an address is taken off this one that SES's feedback has put there. What is entered or imported never reaches SES's list, which holds for the whole AWS account."
        )
        policy = Policy(&reader)
        policy.rules.usesParentDomain = policy.rules.usesParentDomain && gate.allowsSubdomains
        submission = Submission(&reader)
        resets = reader.choice(
            "resets.mode", default: .builtin,
            "Who resets the counters at midnight UTC: `builtin` this program, once however many nodes run, `external` your cron job by `POST /outbound/reset-daily` and `…-monthly`."
        )
        senderApproval = reader.choice(
            "senders.approval", default: .automatic,
            "Who starts the verification of a single address to send from: `automatic` the request itself, `support` the master by `POST /senders/{email}/approve`."
        )
        delivery = Delivery(&reader)
        callbacks = Callbacks(&reader)
        notices = NoticeSettings(&reader)
        domains = Domains(&reader)
        maximumEmailBytes = reader.integer(
            "emails.maximumBytes", default: 10_485_760, in: 1024...41_943_040,
            "The largest email as it is requested, without the content of its attachments, in bytes; also the largest batch.")
        maximumAttachmentBytes = reader.integer(
            "emails.maximumAttachmentBytes", default: 10_485_760, in: 0...31_457_280,
            "The attachments of an email in all, decoded, in bytes; 0 takes none. With `transport` `ses` the whole message, encoded, may have 40 MB: SES takes no larger ones."
        )
        maximumBatchBytes = reader.integer(
            "emails.maximumBatchBytes", default: 33_554_432, in: 1_048_576...1_073_741_824,
            "The texts of a batch in all that are made of templates and variables, in bytes; emails beyond that are refused, each on its own."
        )
        let scheduleDays = reader.integer(
            "emails.maximumScheduleDays", default: 30, in: 1...365,
            "How many days ahead `sendAt` of an email may be; where `retention.emailsDays` is set, two days less than that at the most.")
        recipients = Recipients(&reader)
        retention = RetentionPeriods()
        let emailDays = reader.integer(
            "retention.emailsDays", default: 0, in: 0...36_500,
            "How many days emails are kept, with all that belongs to them: 2 at least; 0 keeps them for good. From a PostgreSQL server they go by whole months."
        )
        if emailDays > 0 { retention.emails = .seconds(emailDays * 86_400) }
        let contentsDays = reader.integer(
            "retention.contentsDays", default: 0, in: 0...36_500,
            "How many days texts and attachments of emails are kept, where that is less than the emails; 0 keeps them as long as those.")
        if contentsDays > 0 { retention.contents = .seconds(contentsDays * 86_400) }
        let auditDays = reader.integer(
            "retention.auditDays", default: 400, in: 1...36_500,
            "How many days the audit log is kept. From a PostgreSQL server it goes by whole months.")
        retention.audit = .seconds(auditDays * 86_400)
        // Events arrive up to days after an email was sent, and need its row.
        let daysBefore = emailDays > 0 ? max(0, emailDays - 2) : scheduleDays
        farthestSchedule = .seconds(min(scheduleDays, daysBefore) * 86_400)
        nameserver = reader.optional(
            "dns.nameserver", expected: "an IPv4 address, with or without a port, such as 192.0.2.1:53",
            "The name server to ask in place of those in /etc/resolv.conf.", parse: Nameserver.init)
        roles = Set(
            reader.list(
                "roles", default: Role.allCases, shown: Role.allCases.map(\.rawValue).joined(separator: ","),
                expected: "http, delivery, callbacks, policy, submission, feedback and scheduler, separated by commas",
                "What this node does: `http` answers requests, `delivery` sends, `callbacks` tells customers what happens, `policy` answers mail servers where `policy.listen` is set, `submission` takes messages by SMTP where `submission.listen` is set, `feedback` takes events out of `sqs.queueURLs`, `scheduler` resets counters and polls SES for verification.",
                parse: Role.init))
        log = Log(&reader)
    }

    /// Returns an absolute http or https URL to which paths can be appended, without the slash at its end; `nil` for any other text.
    fileprivate static func baseURL(_ text: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        let isPlain = rest.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"?#@\\\"<>".utf8.contains($0) }
        guard isPlain, !host.isEmpty, !host.hasPrefix(":") else { return nil }
        return scheme + (rest.hasSuffix("/") ? rest.dropLast() : rest)
    }
}

extension Settings.Tracing {
    init(_ reader: inout SettingsReader) {
        endpoint = reader.optional(
            "tracing.otlpEndpoint", expected: "an http or https URL, such as http://127.0.0.1:4318",
            "The OpenTelemetry collector that spans are sent to, by OTLP over HTTP (JSON), at `/v1/traces` below it. Without one nothing is traced.",
            parse: Settings.baseURL)
        let percent = reader.integer(
            "tracing.samplePercent", default: 10, in: 0...100,
            "The part of the requests without a `traceparent` that is traced, in percent; one that has it says so itself.")
        ratio = Double(percent) / 100
    }
}

extension Settings.HTTP {
    init(_ reader: inout SettingsReader) {
        host = reader.text(
            "http.host", default: "127.0.0.1", expected: "an IP address or a host name",
            "The address to listen on; `0.0.0.0` for all. There is no TLS: put a proxy in front."
        ) { !$0.isEmpty && $0.utf8.allSatisfy { byte in (0x21...0x7E).contains(byte) && !"/@[]?#".utf8.contains(byte) } }
        port = reader.integer("http.port", default: 8080, in: 1...65535, "The TCP port to listen on.")
        trustedProxies = reader.list(
            "http.trustedProxies", default: [], shown: nil,
            expected: "IP addresses and networks such as 127.0.0.1 or 10.0.0.0/8, separated by commas",
            "The proxies in front. Whom they name in `X-Forwarded-For` counts as the client, where failed logins are counted and an opt-in is proved.",
            parse: IPNetwork.init)
        maxConnections = reader.integer(
            "http.maxConnections", default: 4096, in: 16...1_000_000,
            "Open connections at the most; a further one is closed at once, and one address has at most half of what the others leave. Descriptors are kept back for the database, deliveries, callbacks and the policy daemon: where the limit of open files is too low for both, there are fewer connections, and the log says so."
        )
        bodyMegabytes = reader.integer(
            "http.bodyMegabytes", default: 256, in: 32...65_536,
            "Memory for what all requests hold before they are answered: bodies, and what is made of them. One account and one address have at most half of what the others leave, callers without a token together an eighth; beyond that the answer is 503 with `Retry-After`. At least six times the largest request."
        )
    }
}

extension Settings.DatabaseLocation {
    init(_ reader: inout SettingsReader) {
        // Secret, because a URL may hold a password.
        self = reader.value(
            "database.url", default: .sqlite(path: "var/martlet.sqlite"), shown: "sqlite:var/martlet.sqlite",
            expected: "sqlite:PATH, or postgres://USER@HOST:PORT,HOST:PORT/DATABASE with options as libpq knows them", isSecret: true,
            "Where the data lies: `sqlite:` and the path of a file, which is made with its folder when it does not exist; or the URL of a PostgreSQL server or cluster, for many nodes."
        ) { text in
            if ["postgres://", "postgresql://"].contains(where: { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }) {
                return text.utf8.contains(0) ? nil : .postgres(url: text)
            }
            guard text.hasPrefix("sqlite:") else { return nil }
            let path = String(text.dropFirst("sqlite:".count))
            return path.isEmpty || path.hasPrefix(":") || path.hasPrefix("//") || path.hasSuffix("/") ? nil : .sqlite(path: path)
        }
    }
}

extension Guillotine {
    init(_ reader: inout SettingsReader) {
        self.init()
        bouncePercent = reader.value(
            "guillotine.bouncePercent", default: bouncePercent, shown: bouncePercent.description,
            expected: "a percentage from 0 to 100 with at most six decimals, such as 2.5",
            "A domain is suspended when its bounce rate of the month is above this.", parse: Percent.init)
        minimumSent = Int64(
            reader.integer(
                "guillotine.minimumSent", default: Int(minimumSent), in: 0...1_000_000_000,
                "Domains that sent fewer emails than this in the month are not judged."))
    }
}

extension Settings.Policy {
    init(_ reader: inout SettingsReader) {
        listen = reader.optional(
            "policy.listen", expected: "an address and port such as 127.0.0.1:10040, or unix: and an absolute path",
            "Where mail servers ask whether a message may go (Postfix's policy delegation protocol). Without it there is no policy daemon. Nobody is asked for a token there: listen where only mail servers reach it.",
            parse: PolicyAddress.init)
        rules = PolicyRules()
        rules.onError = reader.choice(
            "policy.onError", default: rules.onError,
            "What mail servers are told when the database does not answer: `defer` to try again later, `dunno` to go on, uncounted.")
        rules.domain = reader.choice(
            "policy.domain", default: rules.domain,
            "Whose mail it is: `sender` that of the envelope sender's domain (of the login's for bounces), and a login of another account is refused; `sasl` that of the login's domain."
        )
        rules.count = reader.choice(
            "policy.count", default: rules.count,
            "What a message counts for: `recipients` their number, once at DATA or END-OF-MESSAGE, `messages` 1 there, `rcpt` 1 at each RCPT."
        )
        rules.unknownDomain = reader.choice(
            "policy.unknownDomain", default: rules.unknownDomain,
            "What becomes of mail of a domain that is not known here: `dunno` lets it pass uncounted, `reject`, `defer`.")
        rules.usesParentDomain = reader.flag(
            "policy.parentDomain", default: rules.usesParentDomain,
            "Count mail of a subdomain that is not known here for the nearest domain above it that is; not with `gate.subdomains` = `false`."
        )
    }
}

extension Settings.Submission {
    init(_ reader: inout SettingsReader) {
        listen = reader.optional(
            "submission.listen", expected: "an address and port such as 0.0.0.0:587 (STARTTLS), or smtps://0.0.0.0:465",
            "Where messages are taken by SMTP. The password is an API key; it is taken under TLS only, or from this machine. With `smtps://` TLS begins with the first byte. Without it nothing is taken by SMTP.",
            parse: SubmissionAddress.init)
        certificate = reader.optional(
            "submission.certificate", expected: "the path of a file in PEM",
            "The certificate of `submission.listen`, with those above it. It is read again when the file changes, and on SIGHUP.",
            parse: Self.path)
        key = reader.optional(
            "submission.key", expected: "the path of a file in PEM", "The private key of `submission.certificate`.", parse: Self.path)
        addsReceived = reader.flag(
            "submission.received", default: false,
            "Add a `Received` field to messages, which shows every recipient the address of the program that sent them.")
        repetitionWindow = .seconds(
            reader.integer(
                "submission.dedupeSeconds", default: 600, in: 0...3_600,
                "How long a message with the same `Message-ID` from the same key to the same recipient is answered as accepted and not sent again: clients repeat a message whose answer was lost. 0 sends every one."
            ))
    }

    private static func path(_ text: String) -> String? { text.isEmpty ? nil : text }
}

extension Reputation {
    init(_ reader: inout SettingsReader) {
        self.init()
        minimumSent = Int64(
            reader.integer(
                "reputation.minimumSent", default: Int(minimumSent), in: 0...1_000_000_000,
                "Accounts that sent fewer emails than this in 30 days are neither warned nor blocked for their rates."))
    }
}

extension Settings.Delivery {
    init(_ reader: inout SettingsReader) {
        grace = reader.seconds(
            "delivery.graceSeconds", default: 120, in: 0...86_400,
            "How long an attempt with unknown outcome waits for SES's own word before the email is sent again.")
        lease = reader.seconds(
            "delivery.leaseSeconds", default: 60, in: 1...86_400,
            "How long a node may hold the emails it took; after that another takes them over.")
        retry = RetrySchedule()
        retry.firstDelay = reader.seconds(
            "delivery.retrySeconds", default: 5, in: 1...3600,
            "The wait after a first failed attempt; each further wait is three times as long, up to an hour.")
        let hours = reader.integer(
            "delivery.maximumAgeHours", default: 24, in: 1...336,
            "No attempt is made later than this after acceptance: the email is `EXHAUSTED`.")
        retry.maximumAge = .seconds(hours * 3600)
        softBounceRetries = reader.integer(
            "delivery.retrySoftBounces", default: 0, in: 0...10,
            "How often an email is sent again after a soft bounce (a full mailbox, a server out of order), at the times of other retries; 0 is off. Messages that a server refuses for their size or content are not."
        )
        concurrency = reader.integer("delivery.concurrency", default: 512, in: 1...2000, "Calls to the provider at the same time.")
        rate = reader.optional(
            "delivery.rate", expected: "a whole number from 1 to 100000",
            "Emails per second at the most, where that is to be less than SES allows."
        ) { Int($0).flatMap { (1...100_000).contains($0) ? $0 : nil } }
        let megabytes = reader.integer(
            "delivery.memoryMegabytes", default: 128, in: 32...65_536,
            "Memory for the messages under way together; what finds none waits. A message takes up to six times the size of its texts and attachments."
        )
        memory = megabytes << 20
    }
}

extension Settings.Callbacks {
    init(_ reader: inout SettingsReader) {
        allowPrivate = reader.flag(
            "callbacks.allowPrivate", default: false,
            "Call private, shared and loopback addresses too, and by http: for receivers in one's own network, and for development.")
        allowHTTP = reader.flag("callbacks.allowHTTP", default: false, "Call public addresses by plain http too.")
    }
}

extension NoticeSettings {
    init(_ reader: inout SettingsReader) {
        self.init()
        sender = reader.optional(
            "notices.from", expected: "an email address",
            "The sender of notices: warnings, blocks, suspensions and quotas, mailed to the contacts of accounts. SES has to have verified it or its domain. Without one, accounts are told by callbacks and on the dashboard alone."
        ) { try? EmailAddress($0) }
        operators = reader.list(
            "notices.to", default: [], shown: nil, expected: "email addresses, separated by commas",
            "The operator's addresses, which are mailed the notices of all accounts, in English."
        ) { try? EmailAddress($0) }
        operatorEvents = reader.list(
            "notices.events", default: [], shown: nil,
            expected: "some of \(AccountNotice.Event.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas",
            "The kinds of notices that `notices.to` gets, such as `account.blocked,domain.suspended`; all without it.",
            parse: AccountNotice.Event.init)
    }
}

extension Settings.Domains {
    init(_ reader: inout SettingsReader) {
        let range = 0...1_000_000_000_000
        dailyLimit = Int64(
            reader.integer("domains.dailyLimit", default: 0, in: range, "The limit of a new domain in emails per day; 0 is unlimited."))
        monthlyLimit = Int64(
            reader.integer("domains.monthlyLimit", default: 0, in: range, "The limit of a new domain in emails per month; 0 is unlimited."))
        ownership = OwnershipRules(&reader)
    }
}

extension OwnershipRules {
    init(_ reader: inout SettingsReader) {
        self.init()
        proof = reader.choice(
            "domains.ownership", default: proof,
            "How a client proves that a domain is its own: `auto` by SES's verification, and by a TXT record `_martlet.<domain>` where SES held the identity already or another account the name; `always` by that record; `off` by SES's verification alone. What the master makes is believed. With `transport` `smtp` nothing else proves it: use `always`."
        )
        maximumPending = reader.integer(
            "domains.maximumPending", default: maximumPending, in: 1...1_000_000,
            "The most domains of an account that are not proven yet; further ones are refused to clients.")
        claimDays = reader.integer(
            "domains.claimDays", default: claimDays, in: 1...3650, "After how many days a claim that is not proven lapses.")
    }
}

extension Settings.Recipients {
    init(_ reader: inout SettingsReader) {
        roleAddresses = reader.value(
            "recipients.roleAddresses", default: .off, shown: "allow", expected: "one of allow, warn, refuse",
            "Emails to role addresses such as postmaster@, abuse@ or noc@: `warn` says so in the answer, `refuse` refuses them as `BAD_TO`."
        ) { $0 == "allow" ? .off : $0 == "off" ? nil : RecipientCheck(rawValue: $0) }
        requireMX = reader.choice(
            "recipients.requireMX", default: .off,
            "Emails to domains that take no mail, by their MX records or else their addresses: `warn` says so in the answer, `refuse` refuses them as `BAD_TO`. Where the DNS does not answer, they pass."
        )
        softBounceLimit = reader.integer(
            "recipients.softBounceLimit", default: 0, in: 0...100,
            "So many soft bounces in a row within 30 days suppress an address for the account, until an email is delivered; 0 is off.")
    }
}

extension Settings.Log {
    init(_ reader: inout SettingsReader) {
        level = reader.choice("log.level", default: .info, "The least severe messages that are logged.")
        format = reader.choice(
            "log.format", default: .auto, "How messages are written to stderr: `auto` is text on a terminal and JSON lines elsewhere.")
    }
}
