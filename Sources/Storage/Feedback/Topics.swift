import Database

extension ReadableTransaction {
    /// The SNS topics that were pinned.
    package var topics: Topics<Self> { Topics(tx: self) }
}

/// The SNS topic that feedback is accepted from where `sns.topicARNs` lists none: the first whose signed confirmation arrived
/// (specification 4.1).
package struct Topics<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Topics {
    /// Returns the ARN of the pinned topic; `nil` while there is none.
    package func pinned() throws -> String? {
        // Rows of an earlier version have no place.
        try tx.sql.first("SELECT arn FROM sns_topics ORDER BY COALESCE(place, 2), pinned_at, arn LIMIT 1") { $0.text(0) }
    }
}

extension Topics where Tx == Transaction {
    /// Pins a topic by its ARN, unless one is pinned already.
    ///
    /// - Returns: the ARN of the pinned topic.
    package func pin(_ arn: String) throws -> String {
        if let pinned = try pinned() { return pinned }
        // There is one place: where another node pins a topic at this moment, the statement waits for it, and then inserts nothing.
        try tx.sql.execute(
            "INSERT INTO sns_topics (arn, pinned_at, place) VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING", [.text(arn), .timestamp(tx.now)])
        return try pinned() ?? arn
    }
}
