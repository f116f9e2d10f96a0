import Synchronization

/// A signal that wakes one waiting task.
///
/// One that is set while no task waits is stored, once.
package final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// A signal that is not set.
    package init() {}

    /// Wakes the waiting task, or the next one that waits.
    package func set() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isSet = state.waiter == nil
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for the signal, or for the time to pass.
    ///
    /// One task at a time may wait.
    package func wait(atMost time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                await withCheckedContinuation { continuation in
                    let isSet = state.withLock { state in
                        if !state.isSet { state.waiter = continuation }
                        defer { state.isSet = false }
                        return state.isSet
                    }
                    if isSet { continuation.resume() }
                }
            }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
            releaseWaiter()
        }
    }

    private func releaseWaiter() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
