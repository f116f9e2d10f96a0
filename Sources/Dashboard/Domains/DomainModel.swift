import MailModel
import Reports

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
        let spike: String
    }

    struct Limits: Sendable {
        let action: String
        let daily: Int64
        let monthly: Int64
    }

    let name: String
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
    let delete: Confirmation?
    /// The path of the form for a test email, for those who may send.
    let testAction: String?

    struct Fact: Sendable {
        let name: String
        let value: String
    }

    init(_ domain: SendingDomain, owner: Account?, _ report: EmailReport?, _ guillotine: Guillotine, _ request: DashboardRequest) {
        let path = "/dashboard/domains/\(domain.name)"
        let isMaster = request.principal.isMaster
        let mayChange = request.allows(.manage)
        name = domain.name.description
        listHref = request.link("/dashboard/domains")
        dnsHref = request.link("\(path)/dns")
        state = domain.badge
        self.owner = owner?.reference ?? ""
        ownerHref = isMaster ? owner.map { "/dashboard/accounts/\($0.id)" } : nil
        created = Format.time(domain.createdAt)
        notices = Self.notices(domain, request)
        daily = Quota("Today", domain.counters.sentToday, of: domain.outbound.dailyLimit)
        monthly = Quota("This month", domain.counters.sentThisMonth, of: domain.outbound.monthlyLimit)
        bounces = Gauge(
            "Bounce rate this month", domain.counters.bounceRate, warning: nil, limit: guillotine.bouncePercent,
            legend: "Above \(guillotine.bouncePercent) % the domain is suspended by itself.")
        complaints = Format.share(domain.counters.complaintRate)
        chart = report.map { .sent($0) }
        verification = domain.verification.badge
        verificationHint = domain.verification.hint
        limits =
            mayChange
            ? Limits(action: request.link("\(path)/limits"), daily: domain.outbound.dailyLimit, monthly: domain.outbound.monthlyLimit) : nil
        settings = isMaster ? Settings(domain.outbound, action: request.link("\(path)/settings")) : nil
        facts = isMaster ? [] : Self.facts(domain.outbound)
        let isActive = domain.outbound.status == .active
        suspend = isMaster && isActive ? .suspending(domain, request.link("\(path)/suspend")) : nil
        resume = isMaster && !isActive ? .resuming(domain, request.link("\(path)/resume")) : nil
        testAction = request.allows(.send) ? request.link("\(path)/test") : nil
        delete = mayChange ? .deleting(domain, request.link("\(path)/delete")) : nil
    }

    private static func notices(_ domain: SendingDomain, _ request: DashboardRequest) -> [Notice] {
        var notices: [Notice] = []
        if domain.outbound.status == .suspended {
            let since = domain.outbound.suspendedAt.map { " \(Format.age(of: $0, at: request.now))" } ?? ""
            let reason = domain.outbound.suspendedReason ?? "no reason is known"
            let next = request.principal.isMaster ? "" : " Ask the operator to let it go on once the cause is gone."
            notices.append(Notice(tone: Tone.bad.rawValue, text: "Suspended\(since): \(reason).\(next)"))
        }
        if domain.accountStatus == .blocked {
            notices.append(Notice(tone: Tone.bad.rawValue, text: "The account is blocked: nothing of its domains is sent."))
        }
        return notices
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
        spike = outbound.spikeMaxMultiplier == 0 ? "0" : "\(outbound.spikeMaxMultiplier)"
    }
}

extension OutboundConfiguration.Enforcement {
    fileprivate var words: String {
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

    fileprivate static func deleting(_ domain: SendingDomain, _ action: String) -> Confirmation {
        Confirmation(
            title: "Delete…",
            text: "\(domain.name) sends no more, and its name is free again. What it has sent stays for bills and reports.",
            button: "Delete domain", action: action, isDangerous: true)
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
