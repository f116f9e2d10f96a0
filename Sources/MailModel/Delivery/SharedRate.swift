/// How nodes divide what the provider allows all of them together.
///
/// Shares are whole messages per second, so that what the nodes round up never adds up to more than the rate.
package struct SharedRate: Sendable, Equatable {
    /// Messages per second, all nodes together.
    package var total: Double

    package init(_ total: Double) {
        // Whole, but for the rates below one that a single node has to itself.
        self.total = total < 1 ? max(0, total) : min(total, 1_000_000).rounded(.down)
    }

    /// What a node should have.
    ///
    /// - Parameters:
    ///   - rank: of the node among the live ones, from 0: the first ones get what does not divide evenly.
    ///   - nodes: how many there are, at least 1.
    package func part(rank: Int, of nodes: Int) -> Double {
        guard total >= 1 else { return rank == 0 ? total : 0 }
        let whole = Int(total)
        return Double(whole / nodes + (rank < whole % nodes ? 1 : 0))
    }

    /// What a node may have at once: its part, as far as the others have let go of it.
    ///
    /// - Parameter held: what the other live nodes have at present.
    package func grant(rank: Int, of nodes: Int, held: Double) -> Double {
        max(0, min(part(rank: rank, of: nodes), total - held))
    }
}
