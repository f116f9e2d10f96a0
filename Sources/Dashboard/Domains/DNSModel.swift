import MailModel
import Outbound

/// The DNS records of a domain: expected and found values, and what to do.
struct DNSModel: Sendable {
    struct Record: Sendable {
        let title: String
        let state: Badge
        let advice: String?
        let type: String
        let host: CopyButton
        let expected: CopyButton?
        let seen: [String]
        let lookups: String?
    }

    let name: String
    let domainHref: String
    let checkHref: String
    let state: Badge
    let hint: String
    let verifyAction: String?
    let verifyText: String
    let records: [Record]
    let checkedAt: String

    init(_ domain: SendingDomain, _ check: DNSCheck, _ request: DashboardRequest) {
        let path = "/dashboard/domains/\(domain.name)"
        name = domain.name.description
        domainHref = request.link(path)
        checkHref = request.link("\(path)/dns")
        state = domain.ownership.badge ?? domain.verification.badge
        hint = domain.ownership.hint ?? domain.verification.hint
        verifyAction = request.may(.domainsVerify) && !domain.verification.isVerified ? request.link("\(path)/verify") : nil
        verifyText = domain.verification.requestedAt == nil ? "Start verification" : "Ask SES now"
        records = check.records.map(Record.init)
        checkedAt = Format.time(check.checkedAt)
    }
}

extension DNSModel.Record {
    fileprivate init(_ record: RecordCheck) {
        title = record.purpose.title
        state = record.state.badge
        advice = record.advice
        type = record.type
        host = CopyButton(text: record.name, name: "the name of \(record.purpose.title)")
        expected = record.expected.map { CopyButton(text: $0, name: "the value of \(record.purpose.title)") }
        seen = record.seen
        lookups = record.lookups.map { "\($0) of 10 that a receiver makes at the most" }
    }
}

extension RecordCheck.Purpose {
    fileprivate var title: String {
        switch self {
        case .verification: "Ownership"
        case .ownership: "Ownership by your account"
        case .dkim: "DKIM signature"
        case .spf: "SPF policy"
        case .mailFrom: "Bounce address (MAIL FROM)"
        case .mailFromSPF: "SPF policy of the bounce address"
        case .dmarc: "DMARC policy"
        case .mx: "Incoming mail"
        case .redirect: "Links of opens and clicks"
        }
    }
}

extension RecordCheck.State {
    fileprivate var badge: Badge {
        switch self {
        case .found: Badge("Found", .good)
        case .missing: Badge("Missing", .warning)
        case .different: Badge("Different", .bad)
        case .unknown: Badge("No answer", .neutral)
        }
    }
}
