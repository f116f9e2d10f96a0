import Database
package import MailModel

/// What determines by which configuration set and for which identity a domain's mail leaves.
package struct DomainRouting: Sendable, Equatable {
    /// The domain, which is the identity at SES.
    package var name: DomainName
    /// Its tier, which has a configuration set.
    package var tier: OutboundConfiguration.Tier
}

extension Domains {
    /// Returns what determines the route of a domain's mail, without a lock; `nil` for an unknown id.
    ///
    /// Deleted domains too: their last emails may still be in the queue.
    package func findRouting(_ id: Int64) throws -> DomainRouting? {
        try tx.sql.first("SELECT name, tier FROM domains WHERE id = ?1", [.integer(id)]) { row in
            DomainRouting(name: DomainName(validated: row.text(0)), tier: try row.choice(1))
        }
    }
}
