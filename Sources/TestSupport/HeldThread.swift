import Dispatch

/// Holds a thread until a test lets it go.
public final class HeldThread: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    public init() {}

    public func wait() { semaphore.wait() }
    public func letGo() { semaphore.signal() }
}
