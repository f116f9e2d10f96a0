import MailModel

/// The email of a notice: a pure function of the notice and the language.
struct NoticeMail: Sendable, Equatable {
    let subject: String
    let text: String

    init(_ stored: StoredNotice, in language: NoticeLanguage) {
        let words = NoticeWords.words(in: language)
        let values = Self.values(stored, words)
        let text = words.text(of: stored.notice)
        subject = Self.fill(text.subject, values)
        var lines = [Self.fill(text.sentence, values), ""]
        if stored.notice.hasReason { lines.append("\(words.reason): \(stored.notice.explanation)") }
        lines += ["\(words.time): \(stored.at)", "", Self.fill(words.closing, values), ""]
        self.text = lines.joined(separator: "\n")
    }

    private static func values(_ stored: StoredNotice, _ words: NoticeWords) -> [String: String] {
        var values = ["account": stored.accountReference]
        values["domain"] = stored.notice.domain?.description
        values["receiver"] = stored.notice.receiver
        guard let quota = stored.notice.quota else { return values }
        values["level"] = String(quota.level.rawValue)
        values["limit"] = String(quota.limit)
        values["sent"] = String(quota.sent)
        values["period"] = quota.period == .day ? words.day : words.month
        return values
    }

    /// Fills the placeholders in one pass, so that a value which has braces of its own stays as it is.
    private static func fill(_ text: String, _ values: [String: String]) -> String {
        var filled = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            filled += rest[..<open] + (values[name] ?? "")
            rest = rest[rest.index(after: close)...]
        }
        return filled + rest
    }
}

extension AccountNotice {
    /// Whether the explanation says more than the text of the kind.
    fileprivate var hasReason: Bool {
        switch event {
        case .accountWarning, .accountBlocked, .accountReviewed, .accountReputation, .domainSuspended, .domainReputation: true
        case .accountQuota, .domainQuota, .domainResumed, .domainVerified, .callbacksFailing: false
        }
    }
}
