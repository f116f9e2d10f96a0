import AmazonSES
import MailModel

/// The checks of a domain's records: each of them knows the expected value, queries the DNS, and compares.
struct DomainRecords: Sendable {
    let domain: DomainName
    /// The set-up of the domain at SES; `nil` where SES did not answer.
    let identity: DomainIdentity?
    /// Whether SES was ever asked to verify the domain.
    let isRequested: Bool
    /// The MAIL FROM domain that was set through this program; `nil` for none.
    let ownMailFrom: DomainName?
    /// SES's server for a MAIL FROM domain.
    let feedbackServer: String
    let lookup: RecordLookup

    func verification() async -> RecordCheck {
        let check = RecordCheck(.verification, "TXT", "_amazonses.\(domain)", expected: identity?.verificationToken)
        guard let expected = check.expected else { return withoutSES(check) }
        guard let texts = await lookup.texts(check.name) else { return check.unanswered() }
        if texts.contains(expected) { return check.found(texts) }
        if texts.isEmpty { return check.missing("Add this TXT record: by it SES knows that the domain is yours.") }
        if texts.contains(where: { Self.isNearly($0, expected) }) {
            return check.different(texts, "One of the records is nearly the expected value: correct it, without quotes and blanks.")
        }
        return check.different(texts, "Add a TXT record with the expected value; others may stay.")
    }

    /// The check of the record that proves whose the domain is; none where that is not needed.
    func ownership(_ record: DomainOwnership.Record?) async -> [RecordCheck] {
        guard let record else { return [] }
        let check = RecordCheck(.ownership, "TXT", record.name, expected: record.value)
        guard let texts = await lookup.texts(check.name) else { return [check.unanswered()] }
        if texts.contains(record.value) { return [check.found(texts)] }
        guard !texts.isEmpty else { return [check.missing("Add this TXT record: it proves that the domain is your account's.")] }
        let isNearlyOne = texts.contains { Self.isNearly($0, record.value) }
        return [
            check.different(
                texts,
                isNearlyOne
                    ? "One of the records is nearly the expected value: correct it, without quotes and blanks."
                    : "Add a TXT record with the expected value; others may stay.")
        ]
    }

    /// Whether two values differ only by mistakes of copying: quotes, blanks, case, the padding at the end.
    private static func isNearly(_ text: String, _ expected: String) -> Bool {
        let texts = [text, expected].map { $0.lowercased().filter { !$0.isWhitespace && !"\"'“”„\\=".contains($0) } }
        return texts[0].hasSuffix(texts[1])
    }

    /// One check for each DKIM token; a single check without a token in its name where there are none yet.
    func dkim() async -> [RecordCheck] {
        guard let identity, !identity.dkimTokens.isEmpty else { return [withoutSES(RecordCheck(.dkim, "CNAME", "*._domainkey.\(domain)"))] }
        return await withTaskGroup(of: (Int, RecordCheck).self) { group in
            for (index, token) in identity.dkimTokens.enumerated() { group.addTask { (index, await dkim(token)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func dkim(_ token: String) async -> RecordCheck {
        let expected = "\(token).dkim.amazonses.com"
        let check = RecordCheck(.dkim, "CNAME", "\(token)._domainkey.\(domain)", expected: expected)
        guard let aliases = await lookup.aliases(check.name) else { return check.unanswered() }
        if aliases == [expected.lowercased()] { return check.found(aliases) }
        if aliases.isEmpty { return check.missing("Add this CNAME record: through it receivers find the key of SES's signature.") }
        return check.different(aliases, "Let the CNAME record lead to the expected name.")
    }

    private func withoutSES(_ check: RecordCheck) -> RecordCheck {
        guard identity != nil || !isRequested else { return check.unknown("SES did not say what it expects: try again in a minute.") }
        return check.missing("Call POST /domains/\(domain)/ses-verify first: SES then says what to put here.")
    }

    func spf() async -> RecordCheck {
        let check = RecordCheck(.spf, "TXT", domain.description, expected: MailFrom.policy)
        guard let texts = await lookup.texts(check.name) else { return check.unanswered() }
        return await evaluate(texts, check, missing: "Add this TXT record: it says that SES may send for the domain.")
    }

    /// The MAIL FROM domain: what was set here, or else at SES.
    private var setMailFrom: DomainName? { ownMailFrom ?? identity?.mailFrom }
    /// The MAIL FROM domain, or a usual one where none is set.
    private var mailFrom: String { setMailFrom?.description ?? "mail.\(domain)" }

    func mailFromExchange() async -> RecordCheck {
        let check = RecordCheck(.mailFrom, "MX", mailFrom, expected: "10 \(feedbackServer)")
        guard let exchanges = await lookup.exchanges(check.name) else { return check.unanswered() }
        let seen = exchanges.map { "\($0.preference) \($0.exchange.isEmpty ? "." : $0.exchange)" }
        if exchanges.isEmpty { return check.missing(mailFromAdvice) }
        // SES requires this record to be the only one.
        if exchanges.count == 1, Self.isFeedbackServer(exchanges[0].exchange) {
            guard setMailFrom != nil else {
                return identity == nil
                    ? check.found(seen)
                    : check.found(seen, "The record is there: call ses-verify with mail_from to use \(mailFrom) as the MAIL FROM domain.")
            }
            guard exchanges[0].exchange == feedbackServer else {
                return check.different(seen, "This is the server of another region: SES expects \(feedbackServer).")
            }
            return check.found(seen)
        }
        return check.different(
            seen, "A MAIL FROM domain has one MX record, that of SES: take the others away, or choose a name without any.")
    }

    private var mailFromAdvice: String {
        setMailFrom == nil
            ? """
            Optional. Without it SES uses an envelope sender of its own, and DMARC is satisfied by DKIM alone. To change that call ses-verify with \
            mail_from, such as {"mail_from": "mail"}, and add this record.
            """ : "Add this MX record: SES expects it for the MAIL FROM domain that is set."
    }

    private static func isFeedbackServer(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "feedback-smtp" && !parts[1].isEmpty && parts[2] == "amazonses" && parts[3] == "com"
    }

    func mailFromPolicy() async -> RecordCheck {
        let check = RecordCheck(.mailFromSPF, "TXT", mailFrom, expected: MailFrom.policy)
        guard let texts = await lookup.texts(check.name) else { return check.unanswered() }
        return await evaluate(
            texts, check, missing: setMailFrom == nil ? mailFromAdvice : "Add this TXT record for the MAIL FROM domain.")
    }

    func exchange() async -> RecordCheck {
        let check = RecordCheck(.mx, "MX", domain.description)
        guard let exchanges = await lookup.exchanges(check.name) else { return check.unanswered() }
        let seen = exchanges.map { "\($0.preference) \($0.exchange.isEmpty ? "." : $0.exchange)" }
        if exchanges.isEmpty {
            return check.missing("Answers to your mail have nowhere to go: add an MX record, or send from a domain that takes mail.")
        }
        if exchanges.allSatisfy(\.exchange.isEmpty) {
            return check.different(
                seen, "The domain says that it takes no mail (RFC 7505): some receivers refuse mail that cannot be answered.")
        }
        return check.found(seen)
    }
}

extension DomainRecords {
    /// Evaluates the TXT records of a name as a receiver does (RFC 7208 section 4.5).
    private func evaluate(_ texts: [String], _ check: RecordCheck, missing: String) async -> RecordCheck {
        let policies = texts.filter(SPFRecord.isOne)
        guard let text = policies.first else {
            let near = texts.filter(SPFRecord.isNearlyOne)
            guard near.isEmpty else {
                return check.different(
                    near, "Receivers do not take this for a policy: correct it, it has to begin with “v=spf1” and a blank.")
            }
            return check.missing(missing)
        }
        guard policies.count == 1 else {
            return check.different(policies, "Put the policies together into one: receivers take more than one for an error.")
        }
        do throws(SPFRecord.Malformed) {
            return await evaluate(try SPFRecord(parsing: text), text, check)
        } catch {
            return check.different(policies, "The policy is not valid: \(error). Correct it: receivers take it for an error.")
        }
    }

    private func evaluate(_ record: SPFRecord, _ text: String, _ check: RecordCheck) async -> RecordCheck {
        var check = check
        let tree = await SPFTree.evaluate(record, with: lookup)
        check.lookups = tree.lookups
        if let fault = tree.fault { return check.different([text], "The policy is not valid: \(fault).") }
        if tree.allowsEveryone || record.directives.contains(.init(.pass, .all)) {
            return check.different([text], "The policy lets everybody send for the domain: take +all away, and end it with ~all or -all.")
        }
        if tree.verdict == .pass { return check.found([text]) }
        if tree.isIncomplete { return check.unanswered() }
        if let include = tree.powerlessInclude {
            return check.different(
                [text],
                "“\(include)” does not authorise SES: only an include without a qualifier, or with +, does. Take the first character away.")
        }
        return check.different([text], "Add include:\(SPFTree.amazon) to the policy, before its last term.")
    }
}
