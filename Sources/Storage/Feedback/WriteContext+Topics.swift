import Database

extension ReadContext {
    /// The SNS topic that feedback is believed from when the configuration lists none: the first that was pinned.
    package func pinnedTopic() throws -> String? {
        try transaction.first("SELECT arn FROM sns_topics ORDER BY pinned_at, arn LIMIT 1") { $0.text(0) }
    }
}

extension WriteContext {
    /// Pins a topic, unless there is one already.
    ///
    /// - Returns: the topic that is pinned then.
    package func pinTopic(_ arn: String) throws -> String {
        if let pinned = try pinnedTopic() { return pinned }
        try transaction.execute(
            "INSERT INTO sns_topics (arn, pinned_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING", [.text(arn), .timestamp(now)])
        return arn
    }
}
