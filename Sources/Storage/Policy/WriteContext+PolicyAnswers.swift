import Database
import MailModel

extension WriteContext {
    /// How long into a day a mail server may still ask what it asked the day before: Postfix gives up within minutes.
    private static let overlap: Duration = .seconds(3600)

    /// What the policy daemon answered under this key yesterday, as long as somebody may ask again.
    package func yesterdaysPolicyAnswer(to key: [UInt8]) throws -> String? {
        guard now - now.day.start < Self.overlap else { return nil }
        return try policyAnswer(to: key, on: now.day.number - 1)
    }

    /// Keeps an answer, for the day that retention leaves it.
    ///
    /// - Returns: the answer that was kept under this key earlier today; it stays. `nil` where this one is kept.
    package func keepPolicyAnswer(_ answer: String, to key: [UInt8]) throws -> String? {
        let day = now.day.number
        let isNew = try transaction.execute(
            "INSERT INTO policy_instances (day, key, answer) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.integer(day), .blob(key), .text(answer)])
        return isNew == 1 ? nil : try policyAnswer(to: key, on: day)
    }

    private func policyAnswer(to key: [UInt8], on day: Int64) throws -> String? {
        try transaction.first(
            "SELECT answer FROM policy_instances WHERE day = ?1 AND key = ?2", [.integer(day), .blob(key)]
        ) { $0.text(0) }
    }
}
