import MailModel

/// The refusals of a node that are not written yet: the latest of each account, and so many in all.
struct PendingRefusals {
    /// The most refusals in all, some megabytes: twenty accounts whose every request is refused.
    static let most = 20_000

    private let perAccount: Int
    private let most: Int
    private var accounts: [Int64?: Latest] = [:]
    private(set) var count = 0

    init(perAccount: Int, most: Int = Self.most) {
        self.perAccount = perAccount
        self.most = most
    }

    /// Adds a refusal in the place of the account's oldest one, where it has as many as there may be.
    ///
    /// Where there are so many in all, a further one is left out.
    mutating func add(_ refusal: RefusedSend) {
        var latest = accounts.removeValue(forKey: refusal.accountID) ?? Latest(capacity: perAccount)
        count += latest.add(refusal, isFull: count >= most)
        accounts[refusal.accountID] = latest
    }

    /// Removes all refusals, and returns them.
    mutating func drain() -> [RefusedSend] {
        defer { (accounts, count) = ([:], 0) }
        return accounts.values.flatMap(\.refusals)
    }

    /// The latest refusals of an account, in no order.
    private struct Latest {
        private(set) var refusals: [RefusedSend] = []
        private let capacity: Int
        private var oldest = 0

        init(capacity: Int) {
            self.capacity = capacity
        }

        /// - Parameter isFull: whether there are as many of all accounts as there may be.
        /// - Returns: by how many there are more now.
        mutating func add(_ refusal: RefusedSend, isFull: Bool) -> Int {
            if refusals.count < capacity, !isFull {
                refusals.append(refusal)
                return 1
            }
            guard !refusals.isEmpty else { return 0 }
            oldest %= refusals.count
            refusals[oldest] = refusal
            oldest += 1
            return 0
        }
    }
}
