import MIME
package import MailModel
package import Storage
import Synchronization

/// The latest refused sends of each account, for those who want to know why (specification 5.13).
///
/// A refusal costs an entry in memory; what is there is written in bulk by ``RefusalRecorder``, so that a flood of refusals is a bounded number of rows. What
/// a node has not written when it is killed is lost.
package final class RefusalLog: Sendable {
    /// The most refusals that are written in one step.
    private static let rowsPerStep = 500

    private let store: Store
    private let pending = Mutex(PendingRefusals(perAccount: Store.keptRefusals))
    private let sequence = Atomic<Int64>(0)

    /// Creates the log of a node.
    package init(store: Store) {
        self.store = store
    }

    /// Records the refusal of a request by a service; nothing where the fault is not the sender's.
    func record(_ refusal: Refusal, of request: EmailRequest, by principal: Principal) {
        record(
            status: refusal.kind.httpStatus, refusal.code, refusal.description, recipient: request.to, sender: request.from, by: principal)
    }

    /// Records the refusal of a raw message; nothing where the fault is not the sender's.
    func record(_ refusal: Refusal, of raw: RawSubmission, by principal: Principal) {
        let header = try? RawMessage(raw.message)
        record(
            status: refusal.kind.httpStatus, refusal.code, refusal.description, recipient: raw.recipients.first,
            sender: raw.from ?? header?.values(of: "from").first, by: principal)
    }

    /// Records the refusal of a request, which may be one that could not be read as an email; nothing where the fault is not the sender's.
    ///
    /// - Parameters:
    ///   - status: the HTTP status that answers it.
    ///   - recipient: what the request has as the recipient, valid or not; `nil` for none.
    ///   - sender: what it has as the sender.
    package func record(
        status: Int, _ code: RefusalCode, _ explanation: String, recipient: String?, sender: String?, by principal: Principal
    ) {
        guard (400..<500).contains(status) else { return }
        let id = RefusalID(at: store.now, sequence: sequence.wrappingAdd(1, ordering: .relaxed).newValue)
        let refused = RefusedSend(
            id: id, by: principal, recipient: recipient.map(Self.stored), sender: sender.map(Self.stored), httpStatus: status, code: code,
            explanation: explanation)
        pending.withLock { $0.add(refused) }
    }

    /// An address in the form in which emails have it; a text that is none as it is.
    private static func stored(_ text: String) -> String {
        (try? MailboxSyntax.parse(text).address.description) ?? text
    }

    /// Writes what was recorded.
    ///
    /// - Throws: an error of the storage; what is not written yet is kept then, as far as there is room.
    package func flush() async throws {
        let refusals = pending.withLock { $0.drain() }
        var rest = refusals.sorted { $0.id.uuid < $1.id.uuid }[...]
        do {
            while !rest.isEmpty {
                try await store.insert(Array(rest.prefix(Self.rowsPerStep)))
                rest = rest.dropFirst(Self.rowsPerStep)
            }
        } catch {
            pending.withLock { for refusal in rest { $0.add(refusal) } }
            throw error
        }
    }

    /// A refusal with the reference of its account.
    package struct Found: Sendable, Equatable {
        /// The refusal.
        package let refusal: RefusedSend
        /// The reference of the account; `nil` for the operator's own.
        package let userName: String?
    }

    /// Returns a page of refusals, newest first, those of this node from a moment ago included.
    ///
    /// - Parameters:
    ///   - account: the account that the master asks for; `nil` for all.
    ///   - recipient: only refusals of emails to this one, in any case, among the latest 10,000; `nil` for all.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(
        by principal: Principal, of account: Int64? = nil, to recipient: String? = nil, after: RefusalID?, limit: Int
    ) async throws -> [Found] {
        // The list is also right where that fails, and lacks the last seconds.
        try? await flush()
        return try await store.read { tx in
            let owner = principal.accountID ?? account
            let refusals =
                try recipient.map { try tx.refusals.list(to: $0, of: owner, after: after, limit: limit) }
                ?? tx.refusals.list(of: owner, after: after, limit: limit)
            let references = try tx.accounts.references(Set(refusals.compactMap(\.accountID)))
            return refusals.map { Found(refusal: $0, userName: $0.accountID.flatMap { references[$0] }) }
        }
    }
}
