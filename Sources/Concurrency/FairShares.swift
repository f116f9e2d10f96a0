/// A capacity that many holders share: each may have half of what the others leave, so that one alone never has all.
///
/// The first holder gets up to a half, a second one half of the rest, and so on; as long as anything is free, each newcomer gets some.
/// What a holder has already is not taken away from it.
package struct FairShares<Holder: Hashable> {
    /// What all holders together may have.
    package let capacity: Int
    /// What all holders have at present.
    package private(set) var total = 0
    private var held: [Holder: Int] = [:]

    /// Shares of which nothing is taken.
    ///
    /// - Parameter capacity: what all holders together may have, at least 1.
    package init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// The holders that may take nothing at present, of those that have something.
    package var exhausted: [Holder] { held.keys.filter { available(to: $0) == 0 } }

    /// What a holder has at present.
    package func held(by holder: Holder) -> Int {
        held[holder] ?? 0
    }

    /// What a holder may take now, in addition to what it has.
    package func available(to holder: Holder) -> Int {
        let own = held(by: holder)
        let left = capacity - (total - own)
        return max(0, min((left + 1) / 2 - own, capacity - total))
    }

    /// Takes an amount for a holder, or nothing where that is more than it may take.
    ///
    /// - Returns: whether it was taken.
    package mutating func take(_ amount: Int, for holder: Holder) -> Bool {
        guard amount <= available(to: holder) else { return false }
        add(amount, to: holder)
        return true
    }

    /// Adds an amount to what a holder has, whatever its share.
    package mutating func add(_ amount: Int, to holder: Holder) {
        guard amount > 0 else { return }
        held[holder, default: 0] += amount
        total += amount
    }

    /// Gives an amount back that a holder has taken.
    package mutating func release(_ amount: Int, of holder: Holder) {
        guard amount > 0 else { return }
        let rest = held(by: holder) - amount
        held[holder] = rest > 0 ? rest : nil
        total -= amount
    }
}

extension FairShares: Sendable where Holder: Sendable {}

/// For whom a task works: what is scarce is shared by it (``FairShares``), wherever in the program it is asked for.
///
/// Interfaces set it for each request that they have authenticated. Tasks that a task starts inherit it.
package enum Caller {
    /// The account or the operator, by a name of its own; `program` for what the program does by itself.
    @TaskLocal package static var current = "program"
}
