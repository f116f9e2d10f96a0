import Database
import Synchronization

/// The work that a commit leaves to be done at once.
enum Wakeup: String, Sendable, CaseIterable {
    case emails, callbacks, notices
}

/// Wakes the workers of the queues after a commit: on this node, and on the others where the engine has notifications.
final class Wakeups: Sendable {
    /// The least time between two notifications; in between they are collected.
    private static let pause: Duration = .milliseconds(20)

    let emails = Signal()
    let callbacks = Signal()
    let notices = Signal()
    private let notifications: (any DatabaseNotifications)?
    /// The name by which a node recognises its own notifications.
    private let node = String(UInt64.random(in: .min ... .max), radix: 36)
    private let state = Mutex(State())

    private struct State {
        var waiting: Set<Wakeup> = []
        var isSending = false

        /// - Returns: whether the caller has to start sending.
        mutating func add(_ wakeups: Set<Wakeup>) -> Bool {
            waiting.formUnion(wakeups)
            defer { isSending = true }
            return !isSending
        }

        mutating func drain() -> Set<Wakeup> {
            isSending = !waiting.isEmpty
            defer { waiting = [] }
            return waiting
        }
    }

    init(_ notifications: (any DatabaseNotifications)?) {
        self.notifications = notifications
    }

    /// Wakes the workers of all nodes, after a commit.
    func announce(_ wakeups: Set<Wakeup>) {
        guard !wakeups.isEmpty else { return }
        wakeups.forEach(wake)
        guard let notifications, state.withLock({ $0.add(wakeups) }) else { return }
        // Unstructured: the commit's callers do not wait for it. It ends when there is nothing more to send.
        Task { await send(by: notifications) }
    }

    private func send(by notifications: any DatabaseNotifications) async {
        while true {
            let wakeups = state.withLock { $0.drain() }
            guard !wakeups.isEmpty else { return }
            let words = wakeups.map(\.rawValue).sorted().joined(separator: " ")
            // A lost notification is covered by the other nodes' polling.
            try? await notifications.send("\(node) \(words)")
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Wakes the workers by the notifications of other nodes, until cancelled.
    func listen() async {
        await notifications?.listen { [self] message in
            guard let message else { return Wakeup.allCases.forEach(wake) }
            let words = message.split(separator: " ")
            guard words.first.map(String.init) != node else { return }
            words.dropFirst().compactMap { Wakeup(rawValue: String($0)) }.forEach(wake)
        }
    }

    private func wake(_ wakeup: Wakeup) {
        switch wakeup {
        case .emails: emails.set()
        case .callbacks: callbacks.set()
        case .notices: notices.set()
        }
    }
}
