package import MailModel
package import Storage
import Synchronization

/// A wall clock that stands still until a test moves it.
package final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// Creates a clock.
    ///
    /// It begins in the middle of a month and a day: 2026-06-15T12:00:00Z.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_781_524_800_000)) {
        time = Mutex(start)
    }

    /// The clock's time.
    package var now: Timestamp { time.withLock { $0 } }

    /// Moves the clock forward.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }

    /// Sets the clock, forward or back.
    package func set(_ newTime: Timestamp) {
        time.withLock { $0 = newTime }
    }
}

/// A monotonic clock that stands still until a test moves it.
package final class TestUptime: Sendable {
    private let time = Mutex(ContinuousClock.now)

    /// Creates a clock that begins at the present instant.
    package init() {}

    /// The clock's instant.
    package var now: ContinuousClock.Instant { time.withLock { $0 } }

    /// Moves the clock forward.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }
}

/// The clocks of a machine in a test: they stand still until they are moved, together or apart.
package final class TestMachine: Sendable {
    private let state: Mutex<(wall: Timestamp, monotonic: Int64)>

    /// Creates a machine that was started an hour ago.
    ///
    /// - Parameter wall: its wall clock; 2026-06-15T12:00:00Z unless given.
    package init(wall: Timestamp = Timestamp(milliseconds: 1_781_524_800_000)) {
        state = Mutex((wall, 3_600_000_000_000))
    }

    /// Both clocks, to be passed to a ``DatabaseClock``.
    package var clocks: MachineClocks {
        MachineClocks(wall: { self.state.withLock { $0.wall } }, monotonic: { self.state.withLock { $0.monotonic } })
    }

    /// The time of the wall clock.
    package var wall: Timestamp { state.withLock { $0.wall } }

    /// Moves both clocks forward, as time does.
    package func pass(_ duration: Duration) {
        state.withLock { ($0.wall, $0.monotonic) = ($0.wall + duration, $0.monotonic + duration.milliseconds * 1_000_000) }
    }

    /// Moves the wall clock alone, as an administrator does who sets it; back by a negative duration.
    package func setWall(by duration: Duration) {
        state.withLock { $0.wall = $0.wall + duration }
    }
}

extension MachineClocks {
    /// The clocks of this machine, with a wall clock that is off by `offset`.
    package static func system(offBy offset: Duration) -> MachineClocks {
        MachineClocks(wall: { system.wall() + offset }, monotonic: system.monotonic)
    }
}
