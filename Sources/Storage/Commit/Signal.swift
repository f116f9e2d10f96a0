import Synchronization

/// Wakes one waiting task. A signal that comes while nobody waits is kept, once.
package final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func set() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isSet = state.waiter == nil
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for the signal, or for the time to pass. One task at a time may wait.
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
