import Synchronization

/// The memory that requests may hold together before they are answered, in bytes: their bodies, and what is made of them
/// (specification 13.5).
///
/// One address and one account get no more than half of what the others leave (``FairShares``), and callers that have not authenticated an
/// eighth of it all together. What does not fit is refused at once: a request that waited would hold what it has already.
package final class MemoryBudget: Sendable {
    /// Who holds memory.
    package struct Holder: Sendable, Hashable {
        /// The client's address, or the network that counts as one client.
        package var address: String
        /// The account, by a name of its own; `nil` for a caller that has not authenticated.
        package var account: String?

        /// - Parameters:
        ///   - address: the client's address, or the network that counts as one client.
        ///   - account: the account; `nil` for a caller that has not authenticated.
        package init(address: String, account: String?) {
            self.address = address
            self.account = account
        }
    }

    private struct State: Sendable {
        var addresses: FairShares<String>
        var accounts: FairShares<String>
        var anonymous: FairShares<String>

        mutating func take(_ bytes: Int, for holder: Holder) -> Bool {
            guard bytes <= addresses.available(to: holder.address) else { return false }
            let fits =
                if let account = holder.account { accounts.take(bytes, for: account) } else { anonymous.take(bytes, for: holder.address) }
            if fits { addresses.add(bytes, to: holder.address) }
            return fits
        }

        mutating func release(_ bytes: Int, of holder: Holder) {
            addresses.release(bytes, of: holder.address)
            if let account = holder.account {
                accounts.release(bytes, of: account)
            } else {
                anonymous.release(bytes, of: holder.address)
            }
        }
    }

    private let state: Mutex<State>

    /// - Parameter bytes: the memory of all requests together.
    package init(bytes: Int) {
        state = Mutex(
            State(
                addresses: FairShares(capacity: bytes), accounts: FairShares(capacity: bytes),
                anonymous: FairShares(capacity: max(1, bytes / 8))))
    }

    /// The bytes that are held at present.
    package var heldBytes: Int { state.withLock { $0.addresses.total } }

    fileprivate func take(_ bytes: Int, for holder: Holder) -> Bool {
        state.withLock { $0.take(bytes, for: holder) }
    }

    fileprivate func release(_ bytes: Int, of holder: Holder) {
        state.withLock { $0.release(bytes, of: holder) }
    }
}

/// The memory of one request, which grows while the request is read, and is given back by ``release()``, at the latest with
/// its last reference.
package final class MemoryReservation: Sendable {
    private struct State {
        var bytes = 0
        var isReleased = false
    }

    private let budget: MemoryBudget
    private let holder: MemoryBudget.Holder
    private let state = Mutex(State())

    /// A reservation of nothing yet.
    package init(of budget: MemoryBudget, for holder: MemoryBudget.Holder) {
        self.budget = budget
        self.holder = holder
    }

    deinit {
        release()
    }

    /// The bytes that are reserved.
    package var bytes: Int { state.withLock { $0.bytes } }

    /// Reserves further bytes.
    ///
    /// - Returns: false where the budget has no room for them; nothing has changed then.
    package func grow(by bytes: Int) -> Bool {
        state.withLock { state in
            guard !state.isReleased, budget.take(bytes, for: holder) else { return false }
            state.bytes += bytes
            return true
        }
    }

    /// Gives all bytes back.
    ///
    /// Nothing can be reserved afterwards.
    package func release() {
        let bytes = state.withLock { state in
            defer { state = State(isReleased: true) }
            return state.bytes
        }
        budget.release(bytes, of: holder)
    }
}
