import AmazonSES
import MailModel

extension DomainRecords {
    private static let mostDMARCNames = 5

    /// Checks the domain's record, or else that of the nearest parent that has one (RFC 7489 section 6.6.3).
    ///
    /// A malformed record is reported where it is found, although receivers ignore it.
    func dmarc() async -> RecordCheck {
        var check = RecordCheck(.dmarc, "TXT", "_dmarc.\(domain)", expected: "v=DMARC1; p=none; rua=mailto:dmarc@\(domain)")
        var name: DomainName? = domain
        for _ in 0..<Self.mostDMARCNames {
            guard let candidate = name else { break }
            guard let texts = await lookup.texts("_dmarc.\(candidate)") else { return check.unanswered() }
            let records = texts.filter(DMARCRecord.isOne)
            let near = texts.filter(DMARCRecord.isNearlyOne)
            if !records.isEmpty || !near.isEmpty {
                check.name = "_dmarc.\(candidate)"
                return evaluate(records.isEmpty ? near : records, isInherited: candidate != domain, check)
            }
            name = candidate.parent
        }
        return check.missing(
            "Add this TXT record: Gmail, Yahoo and Outlook ask bulk senders for one. Begin with p=none, read the reports, then be stricter."
        )
    }

    private func evaluate(_ records: [String], isInherited: Bool, _ check: RecordCheck) -> RecordCheck {
        guard let text = records.first, records.count == 1 else {
            return check.different(records, "Leave one of the records: receivers ignore more than one.")
        }
        do throws(DMARCRecord.Malformed) {
            return evaluate(try DMARCRecord(parsing: text), text, isInherited, check)
        } catch {
            return check.different(records, "Correct the record: \(error).")
        }
    }

    private func evaluate(_ record: DMARCRecord, _ text: String, _ isInherited: Bool, _ check: RecordCheck) -> RecordCheck {
        var check = check
        let policy = isInherited ? record.subdomainPolicy ?? record.policy : record.policy
        check.dmarc = .init(
            // SES signs with the domain itself.
            policy: policy, isDKIMAligned: true,
            isSPFAligned: identity?.mailFrom.map { $0 == domain || record.spfAlignment == .relaxed && $0.isWithin(domain) } ?? false)
        return check.found([text], Self.advice(record, policy))
    }

    private static func advice(_ record: DMARCRecord, _ policy: DMARCRecord.Policy) -> String? {
        var words: [String] = []
        if !record.ignored.isEmpty {
            words.append("Correct the record, receivers take defaults: \(record.ignored.joined(separator: "; ")).")
        }
        if policy == .none { words.append("p=none only watches: when the reports show nothing strange, go on to quarantine or reject.") }
        if record.reports.isEmpty { words.append("Without rua nobody is told who sends in the domain's name.") }
        if record.percent < 100 { words.append("pct=\(record.percent) leaves the rest of the messages unprotected.") }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
