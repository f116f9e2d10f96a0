import Database
import MailModel

extension WriteContext {
    /// What the policy daemon answered under this key, today or yesterday.
    ///
    /// On a database of many nodes read the domain first: its lock keeps two nodes from answering the same question at once.
    public func policyAnswer(to key: [UInt8]) throws -> String? {
        try transaction.first(
            "SELECT answer FROM policy_instances WHERE day IN (?1, ?2) AND key = ?3",
            [.integer(now.day.number), .integer(now.day.number - 1), .blob(key)]
        ) { $0.text(0) }
    }

    /// Keeps an answer, for the day that retention leaves it.
    ///
    /// - Parameter key: unknown to ``policyAnswer(to:)`` in the same transaction.
    public func keepPolicyAnswer(_ answer: String, to key: [UInt8]) throws {
        try transaction.execute(
            "INSERT INTO policy_instances (day, key, answer) VALUES (?1, ?2, ?3)", [.integer(now.day.number), .blob(key), .text(answer)])
    }
}
