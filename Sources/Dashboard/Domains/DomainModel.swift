import MailModel
import Reports
import Storage

/// One domain.
struct DomainModel: Sendable {
    struct Notice: Sendable {
        let tone: String
        let text: String
    }

    /// The settings that the operator may change besides the limits.
    struct Settings: Sendable {
        let action: String
        let tiers: [Choice]
        let enforcements: [Choice]
        let warmups: [Choice]
        let dailyCeiling: Int64
        let monthlyCeiling: Int64
        let spike: String
    }

    struct Limits: Sendable {
        let action: String
        let daily: Int64
        let monthly: Int64
        /// What the customer may set.
        let ceilings: String?
    }

    /// The form for the default name in `From`.
    struct FromName: Sendable {
        let action: String
        let name: String
    }

    let name: String
    /// For those who may change it.
    let fromName: FromName?
    let listHref: String
    let dnsHref: String
    let state: Badge
    let owner: String
    let ownerHref: String?
    let created: String
    let notices: [Notice]
    let daily: Quota
    let monthly: Quota
    let bounces: Gauge
    let complaints: String
    let chart: Chart?
    let verification: Badge
    let verificationHint: String
    let limits: Limits?
    let settings: Settings?
    let facts: [Fact]
    let suspend: Confirmation?
    let resume: Confirmation?
    let approve: Confirmation?
    let delete: Confirmation?
    /// The path of the form for a test email, for those who may send.
    let testAction: String?

    struct Fact: Sendable {
        let name: String
        let value: String
    }

    init(
        _ domain: SendingDomain, owner: Account?, _ report: EmailReport?, _ guillotine: Guillotine, _ pauses: [SendingPause],
        _ request: DashboardRequest
    ) {
        let path = "/dashboard/domains/\(domain.name)"
        let mayControl = request.may(.domainsControl)
        name = domain.name.description
        listHref = request.link("/dashboard/domains")
        dnsHref = request.link("\(path)/dns")
        state = domain.badge
        self.owner = owner?.reference ?? ""
        ownerHref = request.may(.accountsRead) ? owner.map { "/dashboard/accounts/\($0.id)" } : nil
        created = Format.time(domain.createdAt)
        notices = Self.notices(domain, request) + pauses.map { Self.notice($0, request) }
        daily = Quota("Today", domain.counters.sentToday, of: domain.outbound.dailyLimit)
        monthly = Quota("This month", domain.counters.sentThisMonth, of: domain.outbound.monthlyLimit)
        bounces = Gauge(
            "Bounce rate this month", domain.counters.bounceRate, warning: nil, limit: guillotine.bouncePercent,
            legend: "Above \(guillotine.bouncePercent) % the domain is suspended by itself.")
        complaints = Format.share(domain.counters.complaintRate)
        chart = report.map { .sent($0) }
        verification = domain.ownership.badge ?? domain.verification.badge
        verificationHint = domain.ownership.hint ?? domain.verification.hint
        limits =
            request.may(.domainsLimits)
            ? Limits(
                action: request.link("\(path)/limits"), daily: domain.outbound.dailyLimit, monthly: domain.outbound.monthlyLimit,
                ceilings: mayControl ? nil : domain.outbound.ceilings) : nil
        settings = mayControl ? Settings(domain.outbound, action: request.link("\(path)/settings")) : nil
        let mayRename = request.may(.domainsUpdate)
        fromName = mayRename ? FromName(action: request.link("\(path)/name"), name: domain.fromName ?? "") : nil
        facts =
            (mayControl ? [] : Self.facts(domain.outbound))
            + (mayRename ? [] : domain.fromName.map { [Fact(name: "Name in From", value: $0)] } ?? [])
        let isActive = domain.outbound.status == .active
        suspend = mayControl && isActive ? .suspending(domain, request.link("\(path)/suspend")) : nil
        resume = mayControl && !isActive ? .resuming(domain, request.link("\(path)/resume")) : nil
        testAction = request.may(.emailsSend) ? request.link("\(path)/test") : nil
        approve = request.may(.domainsApprove) && !domain.ownership.isProven ? .approving(domain, owner, request) : nil
        delete = request.may(.domainsDelete) ? .deleting(domain, request.link("\(path)/delete")) : nil
    }

    private static func notices(_ domain: SendingDomain, _ request: DashboardRequest) -> [Notice] {
        var notices: [Notice] = []
        if domain.outbound.status == .suspended {
            let since = domain.outbound.suspendedAt.map { " \(Format.age(of: $0, at: request.now))" } ?? ""
            let reason = domain.outbound.suspendedReason ?? "no reason is known"
            let next = request.may(.domainsControl) ? "" : " Ask the operator to let it go on once the cause is gone."
            notices.append(Notice(tone: Tone.bad.rawValue, text: "Suspended\(since): \(reason).\(next)"))
        }
        if domain.ownership.state == .review {
            notices.append(Notice(tone: Tone.warning.rawValue, text: "\(domain.ownership.hint ?? "") Until then nothing is sent."))
        }
        if domain.accountStatus == .blocked {
            notices.append(Notice(tone: Tone.bad.rawValue, text: "The account is blocked: nothing of its domains is sent."))
        }
        return notices
    }

    /// What the provider has paused; its words are for the operator, who can do something about it.
    private static func notice(_ pause: SendingPause, _ request: DashboardRequest) -> Notice {
        let since = Format.age(of: pause.since, at: request.now)
        let reason = request.may(.domainsControl) ? " It says: \(pause.reason)" : ""
        let what = "Amazon SES takes no mail of the \(pause.scope) (\(since))"
        let text = "\(what): the domain's mail waits, and one message every 30 s tries again.\(reason)"
        return Notice(tone: Tone.bad.rawValue, text: text)
    }

    private static func facts(_ outbound: OutboundConfiguration) -> [Fact] {
        [
            Fact(name: "Tier", value: outbound.tier.rawValue), Fact(name: "At a limit", value: outbound.enforcement.words),
            Fact(name: "Warm-up", value: outbound.warmupProfile.name),
        ]
    }
}

extension DomainModel.Settings {
    init(_ outbound: OutboundConfiguration, action: String) {
        self.action = action
        tiers = OutboundConfiguration.Tier.allCases.map {
            Choice(value: $0.rawValue, text: $0.rawValue.asTitle, isChosen: $0 == outbound.tier)
        }
        enforcements = OutboundConfiguration.Enforcement.allCases.map {
            Choice(value: $0.rawValue, text: $0.words, isChosen: $0 == outbound.enforcement)
        }
        warmups = WarmupProfile.all.map { Choice(value: $0.name, text: $0.words, isChosen: $0 == outbound.warmupProfile) }
        dailyCeiling = outbound.dailyCeiling
        monthlyCeiling = outbound.monthlyCeiling
        spike = outbound.spikeMaxMultiplier == 0 ? "0" : "\(outbound.spikeMaxMultiplier)"
    }
}

extension OutboundConfiguration {
    /// What the operator allows the customer to set, in a sentence; `nil` where that is not limited.
    fileprivate var ceilings: String? {
        let limits = [(dailyCeiling, "a day"), (monthlyCeiling, "a month")].filter { $0.0 > 0 }
        guard !limits.isEmpty else { return nil }
        return "The operator allows up to \(limits.map { "\(Format.count($0.0)) \($0.1)" }.joined(separator: " and "))."
    }
}

extension OutboundConfiguration.Enforcement {
    var words: String {
        switch self {
        case .soft: "Soft: goes on, and the overage is billed"
        case .hard: "Hard: is refused"
        }
    }
}

extension WarmupProfile {
    fileprivate var words: String {
        days == 0
            ? "None" : "\(name.asTitle): \(Format.count(firstDay)) on the first day, \(growthPercent) % of the day before, \(days) days"
    }
}

extension Confirmation {
    fileprivate static func suspending(_ domain: SendingDomain, _ action: String) -> Confirmation {
        Confirmation(
            title: "Suspend…", text: "Nothing of \(domain.name) is sent until you let it go on. The account reads your reason.",
            button: "Suspend domain", action: action, isDangerous: true, reason: Reason(id: "suspend-reason", label: "Reason"))
    }

    fileprivate static func resuming(_ domain: SendingDomain, _ action: String) -> Confirmation {
        Confirmation(
            title: "Resume…",
            text: "\(domain.name) sends again. It is judged by what it sends from now on, so that one late bounce does not stop it.",
            button: "Resume domain", action: action, reason: Reason(id: "resume-reason", label: "Reason, for the log", isRequired: false))
    }

    /// - Parameter owner: the account that claims the domain; others may claim it too.
    static func approving(_ domain: SendingDomain, _ owner: Account?, _ request: DashboardRequest) -> Confirmation {
        Confirmation(
            title: "Approve…",
            text:
                "\(domain.name) is taken to be \(owner.map { "\($0.reference)'s" } ?? "its account's"). An account that had proven the name loses it.",
            button: "Approve domain", action: "/dashboard/domains/\(domain.name)/approve",
            hidden: owner.map { [Hidden(name: "partner_ref", value: $0.reference)] } ?? [])
    }

    fileprivate static func deleting(_ domain: SendingDomain, _ action: String) -> Confirmation {
        Confirmation(
            title: "Delete…",
            text:
                "\(domain.name) sends no more, and its name is free again. What it has sent stays for bills and reports, and comes back with its limits when you create it again.",
            button: "Delete domain", action: action, isDangerous: true)
    }
}

extension DomainOwnership {
    /// How far the claim is proven, in a word; `nil` where it is, and where SES's verification says it.
    var badge: Badge? {
        switch state {
        case .review: Badge("In review", .warning)
        case .pending: isContested ? Badge("Not proven", .warning) : nil
        case .proven: nil
        }
    }

    /// What is to be done about it; `nil` where nothing is.
    var hint: String? {
        switch state {
        case .review: "The operator decides whose the domain is: another account has proven it too, or gave it up while it was suspended."
        case .pending:
            isContested
                ? "Amazon SES knows this domain already, or another account had it: a TXT record of its own proves that it is yours." : nil
        case .proven: nil
        }
    }
}

extension SESVerification {
    var badge: Badge {
        if isVerified { return Badge("Verified", .good) }
        guard requestedAt != nil else { return Badge("Not started", .neutral) }
        return identity == .failed || dkim == .failed ? Badge("Failed", .bad) : Badge("Waiting for the DNS", .warning)
    }

    var hint: String {
        if isVerified { return "Amazon SES has found the records and signs mail of this domain." }
        guard requestedAt != nil else { return "Amazon SES sends for a domain once its owner has put records into its DNS. Begin here." }
        return "Amazon SES looks for the records now and then, which takes from minutes to a day. Until then nothing is sent."
    }
}
