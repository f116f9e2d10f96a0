import MailModel
import Outbound

/// The DNS records of a domain in one table: what each is for, its expected and found values, and what to do.
struct DNSModel: Sendable {
    struct Record: Sendable {
        let title: String
        /// What the record does, in a sentence.
        let purpose: String
        let state: Badge
        let advice: String?
        let type: String
        let host: CopyButton
        let expected: CopyButton?
        let seen: [String]
        let lookups: String?
        /// Whether mail is sent as well without it.
        let isOptional: Bool
    }

    let name: String
    let domainHref: String
    let checkHref: String
    let state: Badge
    let hint: String
    let verifyAction: String?
    let verifyText: String
    let records: [Record]
    let checkedAt: TimestampView
    /// All records that are to be set, a line each, to be copied.
    let all: String?
    /// The path of the zone file, once the records are known.
    let zone: String?
    let isSimulated: Bool

    /// - Parameter isSimulated: whether there is no SES: what it would say of its records is made up.
    init(_ domain: SendingDomain, _ check: DNSCheck, isSimulated: Bool, _ request: DashboardRequest) {
        let path = "/dashboard/domains/\(domain.name)"
        name = domain.name.description
        domainHref = request.link(path)
        checkHref = request.link("\(path)/dns")
        state = domain.ownership.badge ?? domain.verification.badge
        hint = domain.ownership.hint ?? domain.verification.hint
        verifyAction = request.may(.domainsVerify) && !domain.verification.isVerified ? request.link("\(path)/verify") : nil
        verifyText = domain.verification.requestedAt == nil ? "Request verification" : "Check with Amazon SES"
        let isRequested = domain.verification.requestedAt != nil
        records = check.records.map {
            Record($0, hasMailFrom: domain.verification.mailFrom != nil, isSimulated: isSimulated && isRequested)
        }
        checkedAt = TimestampView(check.checkedAt)
        let lines = check.records.compactMap { record in record.expected.map { "\(record.name)\t\(record.type)\t\($0)" } }
        all = lines.isEmpty ? nil : lines.joined(separator: "\n")
        zone = isRequested ? request.link("\(path)/records.zone") : nil
        self.isSimulated = isSimulated
    }
}

extension DNSModel.Record {
    fileprivate init(_ record: RecordCheck, hasMailFrom: Bool, isSimulated: Bool) {
        title = record.purpose.title
        purpose = record.purpose.sentence
        isOptional = record.purpose.isOptional(hasMailFrom: hasMailFrom)
        let simulated = isSimulated && record.purpose.isOfSES && record.state != .found
        state = simulated ? Badge("Simulated", .neutral) : record.state.badge(isOptional: isOptional)
        advice = simulated ? nil : record.advice
        type = record.type
        host = CopyButton(text: record.name, name: "the name of \(record.purpose.title)")
        expected = record.expected.map { CopyButton(text: $0, name: "the value of \(record.purpose.title)") }
        seen = record.seen
        lookups = record.lookups.map { "SPF: \($0) of at most 10 lookups" }
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
        case .mailFromSPF: "SPF of the bounce address"
        case .dmarc: "DMARC policy"
        case .mx: "Incoming mail"
        case .redirect: "Tracking links"
        }
    }

    /// What the record does.
    fileprivate var sentence: String {
        switch self {
        case .verification: "Proves to Amazon SES that the domain is yours."
        case .ownership: "Proves that the domain belongs to your account."
        case .dkim: "Publishes the key with which receivers check the signature of your emails."
        case .spf: "Says which servers may send for the domain."
        case .mailFrom: "Sends bounces to Amazon SES, with an envelope sender of your own domain."
        case .mailFromSPF: "Says that Amazon SES may send for the envelope sender's domain."
        case .dmarc: "Says what receivers do with mail that fails SPF and DKIM, and who gets their reports."
        case .mx: "Receives the replies to your emails."
        case .redirect: "Leads the links by which opens and clicks are counted to Amazon SES."
        }
    }

    /// Whether Amazon SES looks for the record.
    fileprivate var isOfSES: Bool {
        switch self {
        case .verification, .dkim, .mailFrom, .mailFromSPF: true
        case .ownership, .spf, .dmarc, .mx, .redirect: false
        }
    }

    fileprivate func isOptional(hasMailFrom: Bool) -> Bool {
        switch self {
        case .mailFrom, .mailFromSPF: !hasMailFrom
        case .mx, .redirect: true
        case .verification, .ownership, .dkim, .spf, .dmarc: false
        }
    }
}

extension RecordCheck.State {
    /// - Parameter isOptional: whether nothing is wrong without the record.
    fileprivate func badge(isOptional: Bool) -> Badge {
        switch self {
        case .found: Badge("Found", .good)
        case .missing: isOptional ? Badge("Optional", .neutral) : Badge("Missing", .warning)
        case .different: Badge("Different", .bad)
        case .unknown: Badge("No answer", .neutral)
        }
    }
}
