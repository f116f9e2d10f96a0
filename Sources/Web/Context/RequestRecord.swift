package import MailModel
import Synchronization

/// What the access log tells of a request, filled in by whoever finds it out.
package final class RequestRecord: Sendable {
    private let number = UInt64.random(in: 0...UInt64.max)
    private let principal = Mutex<Principal?>(nil)
    private let noted = Mutex<(any Error)?>(nil)

    /// Names the request in logs, and in the answer as `transactionId`: random, so that it tells nobody how many came in between.
    package var id: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    package func identify(_ principal: Principal) {
        self.principal.withLock { $0 = principal }
    }

    /// Notes a fault of ours in a part of a request that is answered all the same; the first one is logged.
    package func note(fault: any Error) {
        noted.withLock { $0 = $0 ?? fault }
    }

    var fault: (any Error)? { noted.withLock { $0 } }

    /// The account's reference, `master`, or `-` for nobody.
    package var account: String {
        switch principal.withLock({ $0 }) {
        case .master?: "master"
        case .client(let key)?: key.account.reference
        case nil: "-"
        }
    }
}
